package borep.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Devices;
import borep.kernel.Recurrent;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlopsTest {
    private static final long SEED = 5;

    /** Two operations for every number that a product of the naive recurrence multiplies, one sequence and step at a time. */
    private static long bruteForce(
            final RecurrentBench.Size size, final RecurrentBench.Pass pass, final int[] lengths) {
        long flops = 0;
        for (final int length : lengths) {
            for (int t = 0; t < length; t++) {
                for (int layer = 0; layer < size.layers(); layer++) {
                    final int inputs = layer == 0 ? size.input() : size.hidden();
                    final int gates = size.cell().gates() * size.hidden();
                    final long inputProduct = 2L * gates * inputs;
                    final long hiddenProduct = t == 0 ? 0 : 2L * gates * size.hidden();
                    flops += inputProduct * inputProducts(pass, layer > 0) + hiddenProduct * hiddenProducts(pass);
                }
            }
        }
        return flops;
    }

    /** Products with W_ih or V_ih, or into their gradients: docs/sweeps.md, counted by hand. */
    private static int inputProducts(final RecurrentBench.Pass pass, final boolean above) {
        return switch (pass) {
            case FORWARD -> 1;
            case GRADIENT -> above ? 3 : 2;
            case HVP -> above ? 9 : 4;
        };
    }

    private static int hiddenProducts(final RecurrentBench.Pass pass) {
        return switch (pass) {
            case FORWARD -> 1;
            case GRADIENT -> 3;
            case HVP -> 9;
        };
    }

    @ParameterizedTest
    @CsvSource({
        "LSTM, 1, 7, 4, 9, 5, true",
        "LSTM, 3, 3, 5, 6, 4, false",
        "TANH_RNN, 2, 6, 3, 8, 7, true",
        "TANH_RNN, 1, 2, 2, 1, 3, false"
    })
    void formulaAndCounterAgreeWithCountingEveryStep(
            final Recurrent.Cell cell,
            final int layers,
            final int input,
            final int hidden,
            final int steps,
            final int batch,
            final boolean ragged) {
        final RecurrentBench.Size size = new RecurrentBench.Size(cell, layers, input, hidden, steps, batch, ragged, 0);
        final int[] lengths = RandomTexts.lengths(batch, steps, ragged, SEED);
        try (Device device = Devices.choose("reference", 1).device()) {
            final SweepCounter counter = new SweepCounter(device);
            final RecurrentBench bench = new RecurrentBench(counter, size, SEED);
            for (final RecurrentBench.Pass pass : RecurrentBench.Pass.values()) {
                counter.counts().clear();
                bench.run(pass);
                final long expected = bruteForce(size, pass, lengths);
                assertEquals(expected, bench.flops(pass), () -> "formula of " + pass + " " + size);
                assertEquals(expected, counter.counts().flops(), () -> "counter of " + pass + " " + size);
            }
        }
    }

    @Test
    void sequencesWithoutStepsCostNothing() {
        final Recurrent.Shape layer = new Recurrent.Shape(Recurrent.Cell.LSTM, 3, 2, false);
        assertEquals(Flops.of(layer, new int[] {4, 1}), Flops.of(layer, new int[] {0, 4, 0, 1}));
        assertEquals(
                2L * 8 * 3 * 5 + 2L * 8 * 2 * 3,
                Flops.of(layer, new int[] {4, 1}).forward());
    }

    @Test
    void raggedLengthsReachTheirBoundsAndNoFurther() {
        final int[] lengths = RandomTexts.lengths(500, 9, true, SEED);
        assertEquals(9, lengths[0]);
        assertEquals(5, IntStream.of(lengths).min().orElseThrow());
        assertEquals(9, IntStream.of(lengths).max().orElseThrow());
    }
}
