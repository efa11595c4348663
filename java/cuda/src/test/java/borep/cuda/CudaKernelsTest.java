package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.kernel.cases.Agreement;
import borep.kernel.cases.KernelCases;
import borep.kernel.reference.ReferenceDevice;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every CUDA kernel, from Java through the C ABI, against the reference. */
class CudaKernelsTest {
    private static final long SEED = Long.getLong("borep.seed", 20_240_607L);
    private static final int CASES = 94;

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
