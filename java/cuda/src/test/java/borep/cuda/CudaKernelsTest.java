package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.kernel.Recurrent;
import borep.kernel.cases.Agreement;
import borep.kernel.cases.KernelCases;
import borep.kernel.reference.ReferenceDevice;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every CUDA kernel, from Java through the C ABI, against the reference. */
class CudaKernelsTest {
    private static final long SEED = Long.getLong("borep.seed", 20_240_607L);
    private static final int CASES = 102;
    private static final int RECURRENT_CASES = 46;

    @Test
    void everyCaseAgreesWithTheReference() {
        final List<KernelCases.Case> all = KernelCases.all(SEED);
        try (Device cuda = Emulated.open();
                Device reference = new ReferenceDevice()) {
            for (final KernelCases.Case c : all) {
                Agreement.check(c, c.run().apply(reference), c.run().apply(cuda));
            }
        }
        assertEquals(CASES, all.size());
    }

    @ParameterizedTest
    @EnumSource(names = {"STEPWISE", "PERSISTENT", "CLUSTERED"})
    void recurrentCasesAgreeInEveryWay(final CudaDevice.Sweeps sweeps) {
        int compared = 0;
        int refused = 0;
        try (CudaDevice cuda = Emulated.open();
                Device reference = new ReferenceDevice()) {
            cuda.setSweeps(sweeps);
            for (final KernelCases.Case c : KernelCases.all(SEED)) {
                if (c.name().startsWith("recurrent")) {
                    try {
                        Agreement.check(c, c.run().apply(reference), c.run().apply(cuda));
                        compared++;
                    } catch (final IllegalArgumentException e) { // clusters are for small layers
                        assertEquals(CudaDevice.Sweeps.CLUSTERED, sweeps, e.getMessage());
                        assertTrue(e.getMessage().contains("have no thread for each unit and sample"), e.getMessage());
                        refused++;
                    }
                }
            }
        }
        assertEquals(RECURRENT_CASES, compared + refused);
        assertTrue(compared > 2 * refused, compared + " compared, " + refused + " refused");
    }

    @Test
    void sweepsSayHowTheyRun() {
        try (CudaDevice cuda = Emulated.open()) {
            final CudaRecurrent recurrent = (CudaRecurrent) cuda.kernels().recurrent();
            final Recurrent.Tape tape = recurrent.tape(new Recurrent.Shape(Recurrent.Cell.LSTM, 3, 8, false), 20, 4);
            final String chosen = recurrent.describe(tape, CudaRecurrent.Sweep.BACKWARD_ALONG);
            assertTrue(chosen.startsWith("in clusters: "), chosen);
            cuda.setSweeps(CudaDevice.Sweeps.PERSISTENT);
            final String cooperative = recurrent.describe(tape, CudaRecurrent.Sweep.BACKWARD_ALONG);
            assertTrue(cooperative.startsWith("persistent: "), cooperative);
            cuda.setSweeps(CudaDevice.Sweeps.STEPWISE);
            assertEquals("step by step: asked for", recurrent.describe(tape, CudaRecurrent.Sweep.FORWARD));
        }
    }

    @Test
    void repetitionChangesNoBit() {
        try (Device first = Emulated.open();
                Device second = Emulated.open()) {
            for (final KernelCases.Case c : KernelCases.all(SEED)) {
                final Map<String, double[]> expected = c.run().apply(first);
                final Map<String, double[]> actual = c.run().apply(second);
                expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), c.name() + ", " + name));
            }
        }
    }
}
