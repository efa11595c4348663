package borep.solver;

import borep.device.Schedule;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;

/**
 * Reads and writes the settings records of solvers as flat name-value texts: {@code eta=0.1/power:0.5},
 * {@code refinement.epochs=3}. A component that is a record is entered with a dot, unless it is {@link Inline}.
 */
public final class Hyperparameters {
    /** A record whose settings stand beside those of the record around it, without a prefix. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.RECORD_COMPONENT)
    public @interface Inline {}

    private Hyperparameters() {}

    /**
     * The settings with some values replaced.
     *
     * @param values texts by name, those of {@link #describe}
     * @throws IllegalArgumentException for an unknown name (lists the known ones) or an unreadable or forbidden value
     */
    public static <R extends Record> R with(final R settings, final Map<String, String> values) {
        final Map<String, String> known = describe(settings);
        for (final String name : values.keySet()) {
            if (!known.containsKey(name)) {
                throw new IllegalArgumentException("setting '" + name + "': unknown; known are "
                        + String.join(", ", new TreeSet<>(known.keySet())));
            }
        }
        return rebuild(settings, "", values);
    }

    /** Every value as a text by its name, in the records' order; {@link #with} reads these texts back. */
    public static SequencedMap<String, String> describe(final Record settings) {
        final SequencedMap<String, String> values = new LinkedHashMap<>();
        describe(settings, "", values);
        return values;
    }

    private static void describe(final Record settings, final String prefix, final Map<String, String> values) {
        for (final RecordComponent component : settings.getClass().getRecordComponents()) {
            final Object value = value(settings, component);
            if (isNested(value)) {
                describe((Record) value, prefix + inner(component), values);
            } else {
                values.put(prefix + component.getName(), text(value));
            }
        }
    }

    private static String text(final Object value) {
        return value instanceof Enum<?> constant
                ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
                : value.toString();
    }

    private static boolean isNested(final Object value) {
        return value instanceof Record && !(value instanceof Schedule);
    }

    private static String inner(final RecordComponent component) {
        return component.isAnnotationPresent(Inline.class) ? "" : component.getName() + ".";
    }

    private static <R extends Record> R rebuild(
            final R settings, final String prefix, final Map<String, String> values) {
        final RecordComponent[] components = settings.getClass().getRecordComponents();
        final Class<?>[] types = new Class<?>[components.length];
        final Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            final String name = prefix + components[i].getName();
            final Object old = value(settings, components[i]);
            types[i] = components[i].getType();
            if (isNested(old)) {
                arguments[i] = rebuild((Record) old, prefix + inner(components[i]), values);
            } else {
                arguments[i] = values.containsKey(name) ? parse(name, values.get(name), types[i]) : old;
            }
        }
        try {
            @SuppressWarnings("unchecked")
            final R rebuilt =
                    (R) settings.getClass().getDeclaredConstructor(types).newInstance(arguments);
            return rebuilt;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException rule) {
                throw rule; // a rule of the record, already one sentence
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object value(final Record settings, final RecordComponent component) {
        try {
            return component.getAccessor().invoke(settings);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object parse(final String name, final String text, final Class<?> type) {
        if (type == Schedule.class) {
            return Schedule.parse(text);
        }
        if (type == String.class) {
            return text;
        }
        try {
            if (type == double.class) {
                return Double.valueOf(text);
            }
            if (type == int.class) {
                return Integer.valueOf(text);
            }
            if (type == long.class) {
                return Long.valueOf(text);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    name + " '" + text + "': must be a" + (type == double.class ? "" : " whole") + " number");
        }
        if (type == boolean.class) {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException(name + " '" + text + "': must be true or false");
            }
            return Boolean.valueOf(text);
        }
        if (type.isEnum()) {
            final TreeSet<String> known = new TreeSet<>();
            for (final Object constant : type.getEnumConstants()) {
                if (text(constant).equals(text)) {
                    return constant;
                }
                known.add(text(constant));
            }
            throw new IllegalArgumentException(name + " '" + text + "': must be one of " + String.join(", ", known));
        }
        throw new IllegalStateException("a setting of type " + type + " cannot be read");
    }
}
