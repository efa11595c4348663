package borep.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Devices;
import borep.kernel.Recurrent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sweeps that whole iterations need: what the problems' structure saves stays saved. */
class IterationBenchTest {
    private static final int LAYERS = 2;
    private static final int PERIODS = 3;

    /**
     * Sweeps through the two-layer encoder per period of I iterations, counted by hand.
     *
     * <ul>
     *   <li>hyper-representation, I = 2, N = 3: the steps of y encode their support set once together, and the iteration
     *       goes on with it; an iteration encodes its own support set and its query set; ∇_x f and the mixed term are one backward; no
     *       tangents
     *   <li>hyperparameter, I = 3, N = 3: 3 steps of y of 2 sweeps; an iteration's product has 4, its ∇_y f 2, its mixed term none
     *   <li>hyper-cleaning, I = 2, N = 10: 10 steps of y of 2 sweeps; an iteration's product has 4, its ∇_y f 2, its mixed term a
     *       forward and a tangent forward
     * </ul>
     */
    @ParameterizedTest
    @CsvSource({
        "HYPER_REPRESENTATION, false, 4, 2, 0, 0",
        "HYPERPARAMETER, false, 9, 9, 3, 3",
        "HYPER_CLEANING, false, 16, 14, 4, 2",
        "HYPER_CLEANING, true, 16, 14, 4, 2",
        "HYPERPARAMETER, true, 9, 9, 3, 3"
    })
    void sweepsOfOnePeriod(
            final IterationBench.Kind kind,
            final boolean paper,
            final long forward,
            final long backward,
            final long tangentForward,
            final long tangentBackward) {
        try (Device device = Devices.choose("vector", 1).device()) {
            final IterationBench bench = new IterationBench(
                    device, new IterationBench.Size(kind, Recurrent.Cell.LSTM, 4, 3, 5, paper), 1, true);
            bench.period();
            bench.clear();
            for (int period = 0; period < PERIODS; period++) {
                bench.period();
            }
            bench.requireFinite();
            final SweepCounter.Counts sweeps = bench.sweeps();
            assertEquals(PERIODS * LAYERS * forward, sweeps.forward(), "forward");
            assertEquals(PERIODS * LAYERS * backward, sweeps.backward(), "backward");
            assertEquals(PERIODS * LAYERS * tangentForward, sweeps.tangentForward(), "tangent forward");
            assertEquals(PERIODS * LAYERS * tangentBackward, sweeps.tangentBackward(), "tangent backward");
        }
    }

    @ParameterizedTest
    @CsvSource({"HYPER_REPRESENTATION, 3, 2", "HYPERPARAMETER, 3, 3", "HYPER_CLEANING, 10, 2"})
    void oraclesOfOnePeriod(final IterationBench.Kind kind, final int lowerSteps, final int iterations) {
        try (Device device = Devices.choose("vector", 1).device()) {
            final IterationBench bench = new IterationBench(
                    device, new IterationBench.Size(kind, Recurrent.Cell.TANH_RNN, 4, 3, 5, false), 1, true);
            bench.period();
            assertEquals(iterations, bench.iterations());
            assertEquals(lowerSteps, bench.calls().lowerGradientY());
            assertEquals(iterations, bench.calls().hessianVectorProducts());
            assertEquals(iterations, bench.calls().mixedProducts());
            assertEquals(iterations, bench.calls().upperGradientX());
            assertEquals(iterations, bench.calls().upperGradientY());
        }
    }
}
