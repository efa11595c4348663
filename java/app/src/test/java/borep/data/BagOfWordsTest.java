package borep.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts as samples of numbers, and how samples are split. */
class BagOfWordsTest {
    @TempDir
    private Path temp;

    @Test
    void countsWordsOfSeveralTexts() {
        final Folder folder = new Folder(temp);
        folder.write("a.csv", "text,label", "The cat the cat saw,pets", "the dog,pets", "A cat,other");
        final Samples samples = folder.samples("a.csv");
        assertEquals(List.of("cat", "the"), samples.features()); // the others occur in one text only
        assertArrayEquals(new int[] {0, 2, 3, 4}, samples.rows().starts());
        assertArrayEquals(new int[] {0, 1, 1, 0}, samples.rows().places());
        final float half = (float) Math.sqrt(0.5);
        assertArrayEquals(new float[] {half, half, 1, 1}, samples.rows().values(), 1e-7f);
        assertEquals("The cat the cat saw", samples.texts().getFirst());
        folder.write("b.csv", "text,label", "x,good", "y,bad");
        folder.refusesSamples(
                "b.csv", "b.csv: words: none occurs in 2 texts, so there is nothing to learn from; give more texts");
    }

    private static Samples embedded() {
        return DataSpec.parse("glosses").loadSamples();
    }

    @Test
    void splitsByClassAndLeavesOut() {
        final Samples samples = embedded();
        final Split.Fractions fractions = new Split.Fractions(0.5, 0.25, 0.25);
        final Split split = Split.ofSamples(samples, fractions, 0, 1);
        assertEquals(
                List.of(4000, 2000, 2000),
                List.of(split.train().length, split.validation().length, split.test().length));
        final int[] counts = new int[samples.classes().size()];
        for (final int place : split.validation()) {
            counts[samples.labels()[place]]++;
        }
        for (int c = 0; c < counts.length; c++) {
            final int known = c;
            final double all = java.util.Arrays.stream(samples.labels())
                    .filter(label -> label == known)
                    .count();
            assertEquals(0.25 * all, counts[c], 1);
        }
        final Split few = Split.ofSamples(samples, fractions, 300, 1);
        assertEquals(List.of(200, 100, 2000), List.of(few.train().length, few.validation().length, few.test().length));
        assertArrayEquals(split.test(), few.test());
        assertEquals(
                false,
                java.util.Arrays.equals(
                        split.train(), Split.ofSamples(samples, fractions, 0, 2).train()));
    }

    @Test
    void keepsAGivenTestPart() {
        final Folder folder = new Folder(temp);
        folder.write("a", "+1 1:1", "-1 2:1", "+1 1:1", "-1 2:1");
        folder.write("t", "+1 1:1");
        folder.mistake(
                "t: label \"1\": is the only class of all 1 samples; classification needs at least 2",
                () -> folder.samples("t"));
        folder.write("t", "+1 1:1", "-1 1:2");
        final Split split = Split.ofSamples(
                folder.samples("a").withTest(folder.samples("t")), new Split.Fractions(0.4, 0.4, 0.2), 0, 1);
        assertEquals(2, split.train().length);
        assertEquals(2, split.validation().length);
        assertArrayEquals(new int[] {4, 5}, split.test());
        folder.mistake(
                "a: samples: 4 are too few for the split: the validation part (1 %) got none; give more",
                () -> Split.ofSamples(folder.samples("a"), new Split.Fractions(0.5, 0.01, 0.49), 0, 1));
    }
}
