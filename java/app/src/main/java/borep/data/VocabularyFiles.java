package borep.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The files of a {@link Vocabulary} in a run's folder: {@code vocabulary.txt}, its words, and {@code vocabulary.json}, how texts are cut. */
final class VocabularyFiles {
    private VocabularyFiles() {}

    /** What vocabulary.json holds. */
    private record Settings(Tokeniser tokeniser, UnknownWords unknownWords) {}

    static void write(final Vocabulary vocabulary, final Path folder) {
        try {
            final String settings = new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(new Settings(vocabulary.tokeniser(), vocabulary.unknownWords()));
            Files.writeString(folder.resolve("vocabulary.txt"), String.join("\n", vocabulary.words()) + "\n");
            Files.writeString(folder.resolve("vocabulary.json"), settings + "\n");
        } catch (final IOException failure) {
            throw new DataException(
                    folder + ": vocabulary: cannot be written: " + DataException.reason(failure)
                            + "; give a folder that can be written to",
                    failure);
        }
    }

    static Vocabulary read(final Path folder) {
        final Path list = folder.resolve("vocabulary.txt");
        final Path settingsFile = folder.resolve("vocabulary.json");
        final List<String> words = new ArrayList<>();
        try (Lines lines = new Lines(list, StandardCharsets.UTF_8)) {
            final Set<String> seen = new HashSet<>();
            for (String word = lines.next(); word != null; word = lines.next()) {
                if (word.isEmpty() || !seen.add(word)) {
                    throw lines.error("word \"" + word + "\": " + (word.isEmpty() ? "is empty" : "is listed twice")
                            + "; restore the file from the run");
                }
                words.add(word);
            }
        }
        if (words.size() <= Vocabulary.FIRST_WORD
                || !words.subList(0, Vocabulary.FIRST_WORD).equals(List.of(Vocabulary.UNKNOWN, Vocabulary.NUMBER))) {
            throw DataException.at(
                    list.toString(),
                    1,
                    "vocabulary: must begin with " + Vocabulary.UNKNOWN + " and " + Vocabulary.NUMBER
                            + "; restore the file from the run");
        }
        try (TextReader reader = TextReader.open(settingsFile)) {
            final Settings settings = new ObjectMapper().readValue(reader, Settings.class);
            return new Vocabulary(settings.tokeniser(), settings.unknownWords(), words);
        } catch (final JsonProcessingException broken) {
            throw new DataException(
                    settingsFile + ":"
                            + (broken.getLocation() == null
                                    ? 1
                                    : broken.getLocation().getLineNr())
                            + ": settings: "
                            + broken.getOriginalMessage().lines().findFirst().orElse("are malformed")
                            + "; restore the file from the run",
                    broken);
        } catch (final IOException failure) {
            throw TextReader.unreadable(settingsFile.toString(), 1, failure);
        }
    }
}
