package borep.device;

import borep.kernel.reference.ReferenceDevice;
import borep.kernel.vector.VectorDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;

/**
 * Chooses the device of a run. A device asked for by name is had or the reason why not is an error; otherwise the
 * first of cuda, vector and scalar that can be had is taken, and why those before it cannot is kept.
 */
public final class Devices {
    /** Names that can be asked for, in the order in which they are tried; {@code reference} is only had by name. */
    public static final List<String> NAMES = List.of("cuda", "vector", "scalar", "reference");

    private static final String DEVICE_PROPERTY = "borep.device";
    private static final String DEVICE_VARIABLE = "BOREP_DEVICE";
    private static final String THREADS_VARIABLE = "BOREP_THREADS";

    private final UnaryOperator<String> properties;
    private final UnaryOperator<String> environment;
    private final Iterable<DeviceProvider> providers;

    /** For tests: a chooser in another environment. */
    Devices(
            final UnaryOperator<String> properties,
            final UnaryOperator<String> environment,
            final Iterable<DeviceProvider> providers) {
        this.properties = properties;
        this.environment = environment;
        this.providers = providers;
    }

    /**
     * Why a device cannot be had.
     *
     * @param name   of the device
     * @param reason one sentence with cause and cure
     */
    public record Refusal(String name, String reason) {}

    /**
     * The outcome of choosing.
     *
     * @param device   open; the caller closes it
     * @param asked    who asked for it by name, for example {@code BOREP_DEVICE}; null: chosen automatically
     * @param refusals the candidates before it
     */
    public record Choice(Device device, String asked, List<Refusal> refusals) {
        /** What runs and why, in one line. */
        public String line() {
            final StringBuilder line = new StringBuilder(device.name() + ": " + device.description());
            if (asked != null) {
                line.append(", asked for by ").append(asked);
            }
            for (final Refusal refusal : refusals) {
                line.append("; not ").append(refusal.name()).append(": ").append(refusal.reason());
            }
            return line.toString();
        }
    }

    private static Devices here() {
        return new Devices(System::getProperty, System::getenv, ServiceLoader.load(DeviceProvider.class));
    }

    /**
     * Opens the device of a run on {@link #threads()} threads.
     *
     * @param name one of {@link #NAMES}, or for example {@code cuda:0}; null: {@code -Dborep.device}, else {@code
     *             BOREP_DEVICE}, else automatic
     * @throws DeviceUnavailable        if the device asked for cannot be had
     * @throws IllegalArgumentException if there is no device of this name, listing those there are; or as {@link #threads()}
     */
    public static Choice choose(final String name) {
        return choose(name, threads());
    }

    /** As {@link #choose(String)} on {@code threads} threads, at least 1. */
    public static Choice choose(final String name, final int threads) {
        return here().pick(name, threads);
    }

    /**
     * Host threads of a run: {@code BOREP_THREADS}, else one per available processor.
     *
     * @throws IllegalArgumentException if the variable is no whole number of at least 1
     */
    public static int threads() {
        return here().threadCount();
    }

    /** One line per device: what it is, or why it cannot be had; the one chosen automatically is marked. */
    public static List<String> explain() {
        return here().explanation(threads());
    }

    Choice pick(final String name, final int threads) {
        if (name != null) {
            return new Choice(open(name, threads, "device"), "name", List.of());
        }
        if (isSet(properties.apply(DEVICE_PROPERTY))) {
            final String asked = "-D" + DEVICE_PROPERTY;
            return new Choice(open(properties.apply(DEVICE_PROPERTY), threads, asked), asked, List.of());
        }
        if (isSet(environment.apply(DEVICE_VARIABLE))) {
            return new Choice(
                    open(environment.apply(DEVICE_VARIABLE), threads, DEVICE_VARIABLE), DEVICE_VARIABLE, List.of());
        }
        final List<Refusal> refusals = new ArrayList<>();
        for (final String candidate : List.of("cuda", "vector")) {
            try {
                return new Choice(open(candidate, threads, candidate), null, List.copyOf(refusals));
            } catch (DeviceUnavailable e) {
                refusals.add(new Refusal(candidate, e.getMessage()));
            }
        }
        return new Choice(VectorDevice.withScalars(threads), null, List.copyOf(refusals));
    }

    int threadCount() {
        final String text = environment.apply(THREADS_VARIABLE);
        if (!isSet(text)) {
            return Runtime.getRuntime().availableProcessors();
        }
        try {
            final int threads = Integer.parseInt(text.trim());
            if (threads >= 1) {
                return threads;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message for every useless value
        }
        throw new IllegalArgumentException(THREADS_VARIABLE + " '" + text + "': must be a whole number of at least 1");
    }

    List<String> explanation(final int threads) {
        final List<String> lines = new ArrayList<>();
        boolean chosen = false;
        for (final String name : NAMES) {
            try (Device device = open(name, threads, name)) {
                final boolean automatic = !chosen && !name.equals("reference");
                chosen |= automatic;
                lines.add((automatic ? "* " : "  ") + device.name() + ": " + device.description());
            } catch (DeviceUnavailable e) {
                lines.add("  " + name + ": not available, " + e.getMessage());
            }
        }
        return lines;
    }

    private static boolean isSet(final String text) {
        return text != null && !text.isBlank();
    }

    private Device open(final String name, final int threads, final String source) {
        return switch (name) {
            case "vector" -> VectorDevice.withVectors(threads);
            case "scalar" -> VectorDevice.withScalars(threads);
            case "reference" -> new ReferenceDevice();
            default -> provided(name, threads, source);
        };
    }

    private Device provided(final String name, final int threads, final String source) {
        for (final DeviceProvider provider : providers) {
            if (provider.offers(name)) {
                return provider.open(name, threads);
            }
        }
        if (name.equals("cuda") || name.startsWith("cuda:")) {
            throw new DeviceUnavailable(
                    "the module borep.cuda is not on the module path: add the directory that holds it");
        }
        throw new IllegalArgumentException(source + " '" + name + "': must be one of " + String.join(", ", NAMES));
    }
}
