package borep.report;

import static borep.report.Markup.escape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A configuration of any depth as tables that fold, and as flat keys. */
final class ConfigTable {
    private ConfigTable() {}

    /** Plain values first, then one folding table for each nested object. */
    static String html(final JsonNode config) {
        final StringBuilder plain = new StringBuilder();
        final StringBuilder nested = new StringBuilder();
        config.properties().forEach(entry -> {
            final JsonNode value = entry.getValue();
            if (isNested(value)) {
                final String size = value.size() + (value.size() == 1 ? " entry" : " entries");
                nested.append("<details><summary>%s <small>%s</small></summary>\n%s</details>\n"
                        .formatted(escape(entry.getKey()), size, html(named(value))));
            } else {
                plain.append("<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n"
                        .formatted(escape(entry.getKey()), escape(text(value))));
            }
        });
        return (plain.isEmpty() ? "" : "<table class=\"config\"><tbody>\n" + plain + "</tbody></table>\n") + nested;
    }

    /** Every plain value under its path: {@code data.noise} and so on, in order. */
    static Map<String, String> flat(final JsonNode config) {
        final Map<String, String> found = new LinkedHashMap<>();
        flatten("", config, found);
        return found;
    }

    private static void flatten(final String path, final JsonNode node, final Map<String, String> found) {
        node.properties().forEach(entry -> {
            final String key = path + entry.getKey();
            if (isNested(entry.getValue())) {
                flatten(key + ".", named(entry.getValue()), found);
            } else {
                found.put(key, text(entry.getValue()));
            }
        });
    }

    private static boolean isNested(final JsonNode value) {
        return value.isObject() && !value.isEmpty()
                || value.isArray() && value.valueStream().anyMatch(JsonNode::isContainerNode);
    }

    /** An array of objects as an object whose keys are positions. */
    private static JsonNode named(final JsonNode node) {
        if (node.isObject()) {
            return node;
        }
        final ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < node.size(); i++) {
            object.set(Integer.toString(i), node.get(i));
        }
        return object;
    }

    private static String text(final JsonNode value) {
        if (value.isArray()) {
            return value.isEmpty()
                    ? "none"
                    : value.valueStream().map(JsonNode::asText).collect(Collectors.joining(", "));
        }
        return value.isNull() || value.isObject() ? "none" : value.asText();
    }
}
