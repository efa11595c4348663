package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Counter;
import borep.device.Device;
import borep.device.DeviceUnavailable;
import borep.device.Guard;
import borep.device.Ints;
import borep.device.Program;
import borep.device.Reals;
import borep.device.Ring;
import borep.kernel.Loss;
import borep.kernel.cases.KernelCases;
import borep.problem.TextProblem;
import borep.problem.cases.ProblemCases;
import borep.solver.Solver;
import borep.solver.Solvers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever the CUDA runtime has handed out it gets back: after every use, and wherever a call in between fails. */
class CudaLeakTest {
    private static final int OUT_OF_MEMORY = 2;
    /** More calls than any of these scenarios makes. */
    private static final int MOST_CALLS = 10_000;

    private Ledger ledger;
    private Map<String, Long> before;

    @BeforeEach
    void count() {
        ledger = Ledger.open();
        before = ledger.live();
    }

    @AfterEach
    void nothingIsLeft() {
        ledger.hasFailed();
        assertEquals(before, ledger.live());
    }

    @Test
    void everythingIsGivenBackAfterEveryKernel() {
        for (final KernelCases.Case c : KernelCases.all(1)) {
            try (Device device = Emulated.open()) {
                assertFalse(c.run().apply(device).isEmpty(), c.name());
                assertTrue(ledger.live().getOrDefault("memory", 0L) > before.getOrDefault("memory", 0L), c.name());
            }
            assertEquals(before, ledger.live(), c.name());
        }
    }

    /** Rings, guards, counters, programs, loops of programs: what a run makes. */
    @Test
    void everythingIsGivenBackAfterARun() {
        for (final GraphMode mode : new GraphMode[] {GraphMode.EAGER, GraphMode.PHASE, new GraphMode(3)}) {
            try (CudaDevice device = Emulated.open()) {
                device.setGraphs(mode);
                run(device);
                final Map<String, Long> live = ledger.live();
                assertTrue(live.get("pinned") >= 1, "a ring is pinned memory");
                assertEquals(!mode.equals(GraphMode.EAGER), live.containsKey("executable"), mode + " makes graphs");
            }
            assertEquals(before, ledger.live(), mode.toString());
        }
    }

    private static void run(final CudaDevice device) {
        final TextProblem problem = ProblemCases.problems(
                        device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, 3)
                .get(1);
        final Solver solver = Solvers.create("bo-rep", problem, Map.of(), 3);
        solver.initialise();
        for (int k = 0; k < 7; k++) {
            solver.step();
        }
        device.flush();
        solver.metrics().requireFinite(6);
    }

    /** Opens again and again, and lets a later call fail each time, until none is left to fail. */
    @Test
    void aDeviceThatFailsToOpenLeavesNothing() {
        final int calls = failEverywhere(number -> new CudaProvider().open("cuda-emulated", number));
        assertTrue(calls >= 20, calls + " calls can fail");
    }

    @Test
    void nothingIsLeftWhereverARunFails() {
        final int calls = failEverywhere(number -> {
            final CudaDevice device = Emulated.open();
            try {
                device.setGraphs(new GraphMode(3));
                final Reals values = device.reals(4);
                final Program program = device.record(() -> {
                    device.reals(2);
                    device.kernels().update().fill(values, number);
                });
                program.run();
                program.run();
                device.ring(4, 2).append(values);
                device.synchronise();
                return device;
            } catch (RuntimeException e) {
                device.close();
                throw e;
            }
        });
        assertTrue(calls >= 50, calls + " calls can fail");
    }

    /** How many calls `open` makes that can fail, having let each fail once. */
    private int failEverywhere(final Function<Integer, Device> open) {
        Emulated.library();
        for (int call = 0; call < MOST_CALLS; call++) {
            ledger.fail(null, call, OUT_OF_MEMORY);
            try {
                open.apply(1).close();
                if (!ledger.hasFailed()) {
                    return call;
                }
            } catch (DeviceUnavailable | CudaException e) {
                assertTrue(ledger.hasFailed(), () -> "nothing was to fail: " + e.getMessage());
                assertTrue(e.getMessage().contains("memory"), e.getMessage());
            }
            assertEquals(before, ledger.live(), "after call " + call + " has failed");
        }
        throw new AssertionError("there is no end of calls that can fail");
    }

    /** A failed allocation is no lasting damage: what fits still comes, and works. */
    @Test
    void theDeviceGoesOnAfterAFailedAllocation() {
        try (CudaDevice device = Emulated.open()) {
            final CudaDevice.Statistics had = device.statistics();
            ledger.fail("cudaMalloc", 0, OUT_OF_MEMORY);
            final CudaException refusal = assertThrows(CudaException.class, () -> device.reals(1 << 20));
            assertEquals(
                    "out of device memory: 4 MiB more than the 0 MiB in use do not fit; take a smaller batch or network",
                    refusal.getMessage());
            ledger.fail("cudaMemsetAsync", 0, OUT_OF_MEMORY);
            assertThrows(CudaException.class, () -> device.reals(1 << 20));
            assertEquals(had, device.statistics());
            final Reals vector = device.reals(3);
            device.kernels().update().fill(vector, 2);
            assertEquals(2, vector.get(2));
        }
    }

    /** A ring is two pieces of memory: where the second cannot be had, the first is given back at once. */
    @Test
    void aRingThatFailsHalfWayLeavesNothing() {
        try (CudaDevice device = Emulated.open()) {
            final CudaDevice.Statistics had = device.statistics();
            final Map<String, Long> live = ledger.live();
            ledger.fail("cudaHostAlloc", 0, OUT_OF_MEMORY);
            assertThrows(CudaException.class, () -> device.ring(4, 2));
            assertTrue(ledger.hasFailed(), "a ring takes pinned memory");
            assertEquals(live, ledger.live());
            assertEquals(had, device.statistics());
        }
    }

    @Test
    void useAfterCloseIsRefused() {
        final CudaDevice device = Emulated.open();
        final Reals vector = device.reals(3);
        final Program program = device.record(() -> device.kernels().update().fill(vector, 1));
        final Ring ring = device.ring(3, 2);
        final Counter counter = device.counter();
        final Guard guard = device.guard(counter, ring, vector, List.of(vector));
        final Ints whole = device.ints(1);
        device.close();
        for (final Runnable use : new Runnable[] {
            () -> device.reals(1),
            () -> vector.get(0),
            () -> vector.set(new float[3]),
            device::kernels,
            program::run,
            () -> device.record(() -> {}),
            device::synchronise,
            device::flush,
            device::stream,
            device::description,
            device::statistics,
            () -> device.ring(1, 1),
            device::architecture,
            device::precision,
            () -> device.useStream(0),
            () -> device.setPrecision(CudaDevice.Precision.FP32),
            () -> device.setGemm(CudaDevice.Gemm.OWN),
            () -> device.setSweeps(CudaDevice.Sweeps.STEPWISE),
            () -> device.setGraphs(GraphMode.EAGER),
            () -> device.guard(counter, ring, vector, List.of(vector)),
            () -> ring.append(vector),
            ring::isClosed,
            guard::begin,
            guard::end,
            () -> guard.record(() -> {}),
            counter::advance,
            () -> counter.set(1),
            whole::toArray,
            () -> JCudaInterop.pointer(vector),
            () -> JCudaInterop.pointer(whole),
            () -> UserKernel.load(device, new byte[1], "kernel")
        }) {
            assertEquals(
                    "device cuda-emulated: is closed",
                    assertThrows(IllegalStateException.class, use::run).getMessage());
        }
    }

    /** Who closes second finds nothing to do. */
    @Test
    void twoThreadsMayCloseAtOnce() throws Exception {
        for (int repetition = 0; repetition < 100; repetition++) {
            final CudaDevice device = Emulated.open();
            final AtomicInteger there = new AtomicInteger();
            final Callable<Void> close = () -> {
                there.incrementAndGet();
                while (there.get() < 2) {
                    Thread.onSpinWait(); // a barrier would wake them one after the other
                }
                device.close();
                return null;
            };
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                for (final Future<Void> closed : threads.invokeAll(List.of(close, close))) {
                    closed.get();
                }
            }
        }
    }
}
