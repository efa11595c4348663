package borep.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What {@code native/include/borep.h} declares, read from its text: every line of it has one of a few forms. */
final class Header {
    static final Path PATH =
            Path.of("../../native/include/borep.h").toAbsolutePath().normalize();

    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);
    private static final Pattern PROTOTYPE = Pattern.compile(
            "^(int32_t|const char \\*|borep_status |void )\\s*(borep_\\w+)\\(([^)]*)\\);", Pattern.MULTILINE);
    private static final Pattern STRUCT = Pattern.compile("typedef struct \\{([^}]*)\\} (\\w+);");
    private static final Pattern ENUM = Pattern.compile("typedef BOREP_ENUM \\{[^}]*\\} (\\w+);");
    private static final Pattern FIELD = Pattern.compile("(\\w+) (\\w+)(?:\\[(\\d+)\\])?;");

    private final String text;
    private final List<String> enums;

    Header() {
        try {
            text = COMMENT.matcher(Files.readString(PATH)).replaceAll("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        enums = ENUM.matcher(text).results().map(m -> m.group(1)).toList();
    }

    /** How Java calls each function. */
    Map<String, FunctionDescriptor> functions() {
        final Map<String, FunctionDescriptor> functions = new LinkedHashMap<>();
        for (final MatchResult m : PROTOTYPE.matcher(text).results().toList()) {
            final MemoryLayout[] parameters = Arrays.stream(m.group(3).split(","))
                    .map(String::strip)
                    .filter(parameter -> !parameter.equals("void"))
                    .map(parameter -> layout(parameter
                            .substring(0, parameter.lastIndexOf(parameter.contains("*") ? '*' : ' ') + 1)
                            .strip()))
                    .toArray(MemoryLayout[]::new);
            functions.put(
                    m.group(2),
                    switch (m.group(1).strip()) {
                        case "void" -> FunctionDescriptor.ofVoid(parameters);
                        case "const char *" -> FunctionDescriptor.of(ValueLayout.ADDRESS, parameters);
                        default -> FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters);
                    });
        }
        return functions;
    }

    /** Pointers and addresses are longs on Java's side. */
    private MemoryLayout layout(final String type) {
        if (type.endsWith("*")) {
            return ValueLayout.JAVA_LONG;
        }
        return switch (type) {
            case "uint64_t", "int64_t", "borep_address" -> ValueLayout.JAVA_LONG;
            case "int32_t", "uint32_t" -> ValueLayout.JAVA_INT;
            case "double" -> ValueLayout.JAVA_DOUBLE;
            default -> {
                if (enums.contains(type)) {
                    yield ValueLayout.JAVA_INT;
                }
                throw new AssertionError("borep.h has a parameter of type " + type + ", which this test does not know");
            }
        };
    }

    /** The fields of each struct, elements of arrays and fields of structs within one by one: {@code grid[2]}, {@code a.width}. */
    Map<String, List<String>> structs() {
        final Map<String, List<String>> structs = new LinkedHashMap<>();
        for (final MatchResult m : STRUCT.matcher(text).results().toList()) {
            final List<String> fields = new ArrayList<>();
            for (final MatchResult field : FIELD.matcher(m.group(1)).results().toList()) {
                if (structs.containsKey(field.group(1))) {
                    structs.get(field.group(1)).forEach(inner -> fields.add(field.group(2) + "." + inner));
                } else if (field.group(3) == null) {
                    fields.add(field.group(2));
                } else {
                    for (int i = 0; i < Integer.parseInt(field.group(3)); i++) {
                        fields.add(field.group(2) + "[" + i + "]");
                    }
                }
            }
            structs.put(m.group(2), fields);
        }
        return structs;
    }
}
