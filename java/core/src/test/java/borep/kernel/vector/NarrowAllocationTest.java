package borep.kernel.vector;

import org.junit.jupiter.api.Test;

/** {@link AllocationTest} with narrower vectors: where a JVM has seen two widths, its compiler may put vectors on the heap. */
class NarrowAllocationTest {
    @Test
    void steadyStepsAllocateNothing() throws ReflectiveOperationException {
        AllocationTest.check(Twin.narrower());
    }
}
