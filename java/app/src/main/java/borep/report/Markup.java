package borep.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The few things every part of a page needs: escaping, the page around the parts, numbers in attributes. */
final class Markup {
    private static final Pattern FIGURES = Pattern.compile("[−]?\\d[\\d,.]*\\d\u00a0%|\\d\u00a0%");

    private Markup() {}

    /** {@code text} safe between tags and inside quoted attributes; characters that XML forbids become U+FFFD. */
    static String escape(final String text) {
        final StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
            }
        });
        return out.toString();
    }

    private static boolean isAllowed(final int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || c >= 0x20 && c < 0xD800
                || c >= 0xE000 && c < 0xFFFE
                || c > 0xFFFF;
    }

    /** Escapes {@code sentence} and sets its percentages in bold. */
    static String emphasised(final String sentence) {
        return FIGURES.matcher(escape(sentence)).replaceAll("<strong>$0</strong>");
    }

    /** A coordinate with at most two decimals; by hand, since a page has tens of thousands and formatters are slow. */
    static String coordinate(final double value) {
        final long hundredths = Math.round(value * 100);
        final long rest = Math.abs(hundredths % 100);
        final String whole = (hundredths < 0 ? "-" : "") + Math.abs(hundredths / 100);
        if (rest == 0) {
            return whole;
        }
        return rest % 10 == 0 ? whole + "." + rest / 10 : whole + (rest < 10 ? ".0" : ".") + rest;
    }

    /** A position in [0, 1] as an SVG length in per cent. */
    static String percent(final double position) {
        return coordinate(100 * position) + "%";
    }

    /** A whole page; well-formed as XML as well as HTML. */
    static String page(final String title, final String body) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>%s</title>
                <style>
                %s%s</style>
                </head>
                <body>
                <main>
                %s</main>
                </body>
                </html>
                """.formatted(escape(title), resource("chart.css"), resource("report.css"), body);
    }

    /** A text that comes with the program. */
    static String resource(final String name) {
        try (InputStream in = Markup.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource borep/report/" + name + " is missing from this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("resource borep/report/" + name, unreadable);
        }
    }
}
