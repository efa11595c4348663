package borep.data;

import com.fasterxml.jackson.core.JsonToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * LEAF's federated layout (Caldas et al. 2018): {@code {"users": [...], "user_data": {USER: {"x": [...], "y":
 * [...]}}}}, a file, a folder of files, or a folder with {@code train/} and {@code test/}, which are then the split.
 *
 * <p>An x is a plain string, or a list of fields as in Sentiment140: there the text is field 4 (option {@code field}).
 * The domain is the user, or the list's field that the option {@code domain} numbers, counted from 0.
 */
final class LeafJson implements Format {
    private static final int TWEET = 4;

    @Override
    public String name() {
        return "leaf";
    }

    @Override
    public String summary() {
        return "LEAF JSON (users, user_data: x, y), file or folder with train/ and test/; field= and domain= number"
                + " fields of a list x";
    }

    @Override
    public List<String> options() {
        return List.of("field", "domain");
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        if (glimpse.isFolder()) {
            return holdsJson(glimpse.path()) || holdsJson(glimpse.path().resolve("train"));
        }
        return glimpse.first() == '{' && (glimpse.mentions("users") || glimpse.mentions("user_data"));
    }

    @Override
    public void read(final Path path, final Options options, final CorpusBuilder corpus) {
        final Fields fields = new Fields(
                options.count("field", TWEET), options.get("domain") == null ? -1 : options.count("domain", 0));
        readTree(path, null, fields, options, corpus);
    }

    private static boolean holdsJson(final Path folder) {
        return Files.isDirectory(folder)
                && Glimpse.list(folder).stream()
                        .anyMatch(file -> Glimpse.plain(file).endsWith(".json"));
    }

    private static void readTree(
            final Path path, final Part part, final Fields fields, final Options options, final CorpusBuilder corpus) {
        if (!Files.isDirectory(path)) {
            readFile(path, part, fields, options, corpus);
            return;
        }
        for (final Path child : Glimpse.list(path)) {
            if (Files.isDirectory(child)) {
                readTree(child, Part.named(Glimpse.plain(child)), fields, options, corpus);
            } else if (Glimpse.plain(child).endsWith(".json")) {
                readFile(child, part, fields, options, corpus);
            }
        }
    }

    private static void readFile(
            final Path path, final Part part, final Fields fields, final Options options, final CorpusBuilder corpus) {
        boolean isFound = false;
        try (JsonSource json = new JsonSource(TextReader.open(path, options.encoding()), path.toString())) {
            json.expect(JsonToken.START_OBJECT, "an object with users and user_data");
            while (json.next() != JsonToken.END_OBJECT) {
                final String name = json.text();
                final JsonToken value = json.next();
                if (name.equals("user_data") && value == JsonToken.START_OBJECT) {
                    isFound = true;
                    while (json.next() != JsonToken.END_OBJECT) {
                        readUser(json, path.toString(), part, fields, corpus);
                    }
                } else if (value.isStructStart()) {
                    json.skip();
                }
            }
            if (!isFound) {
                throw json.error("field \"user_data\": is missing; LEAF files hold users and user_data");
            }
        }
    }

    private static void readUser(
            final JsonSource json,
            final String file,
            final Part part,
            final Fields fields,
            final CorpusBuilder corpus) {
        final String user = json.text();
        final List<Example> texts = new ArrayList<>();
        final List<String> labels = new ArrayList<>();
        json.expect(JsonToken.START_OBJECT, "an object with x and y");
        while (json.next() != JsonToken.END_OBJECT) {
            final String name = json.text();
            final JsonToken value = json.next();
            if (name.equals("x") && value == JsonToken.START_ARRAY) {
                while (json.next() != JsonToken.END_ARRAY) {
                    texts.add(fields.read(json, file, user));
                }
            } else if (name.equals("y") && value == JsonToken.START_ARRAY) {
                while (json.next() != JsonToken.END_ARRAY) {
                    if (json.token().isStructStart()) {
                        throw json.error(json.describe() + ": must be a label; correct y of user " + user);
                    }
                    labels.add(json.text());
                }
            } else if (value.isStructStart()) {
                json.skip();
            }
        }
        if (texts.size() != labels.size()) {
            throw json.error("user " + user + ": x has " + texts.size() + " texts, y has " + labels.size()
                    + " labels; they must be equally many");
        }
        for (int i = 0; i < texts.size(); i++) {
            final Example text = texts.get(i);
            corpus.add(new Example(text.text(), null, labels.get(i), text.domain(), text.origin()), part);
        }
    }

    /** Which fields of a list hold text and domain; domain -1 is the user. */
    private record Fields(int text, int domain) {
        /** Reads one x; its label comes later. */
        Example read(final JsonSource json, final String file, final String user) {
            final String origin = file + ":" + json.line();
            if (json.token() == JsonToken.VALUE_STRING) {
                return new Example(json.text(), null, null, user, origin);
            }
            if (json.token() != JsonToken.START_ARRAY) {
                throw json.error(json.describe() + ": must be a text or a list of fields; correct x of user " + user);
            }
            final List<String> values = new ArrayList<>();
            while (json.next() != JsonToken.END_ARRAY) {
                if (json.token().isStructStart()) {
                    json.skip();
                    values.add("");
                } else {
                    values.add(json.text());
                }
            }
            if (Math.max(text, domain) >= values.size()) {
                throw json.error("x of user " + user + ": has " + values.size() + " fields, the text is field " + text
                        + (domain < 0 ? "" : " and the domain field " + domain)
                        + " (counted from 0); choose with field=" + (domain < 0 ? "" : " and domain="));
            }
            return new Example(values.get(text), null, null, domain < 0 ? user : values.get(domain), origin);
        }
    }
}
