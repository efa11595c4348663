package borep.data;

import com.fasterxml.jackson.core.JsonToken;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A JSON list of objects {@code {"text": ..., "label": ..., "domain": ...}}: how the reference experiments keep Amazon
 * reviews.
 */
final class ReviewList implements Format {
    @Override
    public String name() {
        return "reviews";
    }

    @Override
    public String summary() {
        return "JSON list of {text, label, domain}; other field names with text=, pair=, label=, domain=";
    }

    @Override
    public List<String> options() {
        return List.of("text", "pair", "label", "domain", "split");
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        return glimpse.first() == '[';
    }

    @Override
    public void read(final Path path, final Options options, final CorpusBuilder corpus) {
        final Columns columns = Columns.of(options);
        try (JsonSource json = new JsonSource(TextReader.open(path, options.encoding()), path.toString())) {
            json.expect(JsonToken.START_ARRAY, "a list of objects");
            while (json.next() != JsonToken.END_ARRAY) {
                if (json.token() != JsonToken.START_OBJECT) {
                    throw json.error(json.describe()
                            + ": must be an object such as {\"text\": ..., \"label\": ...}; correct it");
                }
                final long line = json.line();
                final Map<String, String> fields = json.scalars();
                columns.add(path.toString(), line, fields, corpus);
            }
        }
    }
}
