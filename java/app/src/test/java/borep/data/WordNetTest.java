package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordNetTest {
    @Test
    void readsFieldsFramesAndInstances(@TempDir final Path temp) throws IOException {
        final Path jar = temp.resolve("wordnet.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("net/sf/extjwnl/data/wordnet/wn31/data.verb"));
            zip.write(("  1 This software and database is being provided to you\n"
                            + "00001740 29 v 02 breathe 0 respire 1 002 * 00005041 v 0000 @ 00004227 v 0103 02 + 02 00 + 08 01 |"
                            + " draw air into, and expel out of, the lungs; \"I can breathe better\"; \"The patient is respiring\""
                            + "  \n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            zip.putNextEntry(new ZipEntry("net/sf/extjwnl/data/wordnet/wn31/data.noun"));
            zip.write("09189411 17 n 01 Aegean 0 001 @i 09426788 n 0000 | an arm of the Mediterranean;  \n"
                    .getBytes(StandardCharsets.ISO_8859_1));
        }
        assertEquals(
                List.of(new WordNet.Synset(
                        29, "breathe", false, Set.of(2, 8), "draw air into, and expel out of, the lungs")),
                WordNet.read(jar, "verb"));
        assertEquals(
                List.of(new WordNet.Synset(17, "Aegean", true, Set.of(), "an arm of the Mediterranean")),
                WordNet.read(jar, "noun"));
    }
}
