package borep.cuda;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import borep.device.Counter;
import borep.device.Ints;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Batch;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Arguments that C takes by pointer, in off-heap memory that is filled anew for every call: the structs of {@code borep.h},
 * field by field. Every kernel family has its own, so one call's arguments never meet another's.
 */
final class Structs {
    private static final long ROWS_BYTES = 16;
    private static final long VECTOR_BYTES = 16;
    private static final int MOST_ROWS = 8;
    private static final long OTHER_BYTES = 64;
    private static final long PRODUCT_BYTES = 88;
    private static final long SWEEP_OPTIONS_BYTES = 24;
    private static final long LAUNCH_BYTES = 32;
    private static final long ARGUMENT_BYTES = 16;
    private static final long STATISTICS_BYTES = 56;

    private final CudaDevice device;
    private final MemorySegment rows;
    private final MemorySegment packing;
    private final MemorySegment first;
    private final MemorySegment second;
    private final MemorySegment product;
    /** [1] where a function writes a handle. */
    private final MemorySegment handle;

    private int used;

    /** @param device whose calls they are: memory of another one is refused */
    Structs(final CudaDevice device, final Arena arena) {
        this.device = device;
        rows = arena.allocate(ROWS_BYTES * MOST_ROWS, 8);
        packing = arena.allocate(OTHER_BYTES, 8);
        first = arena.allocate(OTHER_BYTES, 8);
        second = arena.allocate(OTHER_BYTES, 8);
        product = arena.allocate(PRODUCT_BYTES, 8);
        handle = arena.allocate(JAVA_LONG);
    }

    /** Begins the arguments of a call. */
    Structs begin() {
        used = 0;
        return this;
    }

    /** borep_rows of a view; 0 for null. */
    long rows(final Rows view) {
        if (view == null) {
            return 0;
        }
        final long at = ROWS_BYTES * used++;
        set(rows, at, view);
        return rows.address() + at;
    }

    private void set(final MemorySegment to, final long at, final Rows view) {
        to.set(JAVA_LONG, at, CudaReals.address(device, view.values()) + (long) Float.BYTES * view.column());
        to.set(JAVA_INT, at + 8, view.width());
        to.set(JAVA_INT, at + 12, view.stride());
    }

    /** borep_rows of a dense matrix with rows of {@code width}. */
    long rows(final Reals matrix, final int width) {
        final long at = ROWS_BYTES * used++;
        rows.set(JAVA_LONG, at, CudaReals.address(device, matrix));
        rows.set(JAVA_INT, at + 8, width);
        rows.set(JAVA_INT, at + 12, width);
        return rows.address() + at;
    }

    /** borep_packing. */
    long packing(final Packing p) {
        requireAtLeast("shape", p.shape().size(), 3);
        requireAtLeast("lengths", p.lengths().size(), p.order().size());
        requireAtLeast("stepStarts", p.stepStarts().size(), p.stepSizes().size() + 1);
        packing.set(JAVA_LONG, 0, address(p.shape()));
        packing.set(JAVA_LONG, 8, address(p.order()));
        packing.set(JAVA_LONG, 16, address(p.lengths()));
        packing.set(JAVA_LONG, 24, address(p.stepSizes()));
        packing.set(JAVA_LONG, 32, address(p.stepStarts()));
        packing.set(JAVA_INT, 40, p.order().size());
        packing.set(JAVA_INT, 44, p.stepSizes().size());
        return packing.address();
    }

    /** borep_vector, one for each. */
    static MemorySegment vectors(final Arena arena, final CudaDevice device, final List<Reals> all) {
        final MemorySegment vectors = arena.allocate(VECTOR_BYTES * all.size(), 8);
        for (int i = 0; i < all.size(); i++) {
            vectors.set(JAVA_LONG, VECTOR_BYTES * i, CudaReals.address(device, all.get(i)));
            vectors.set(JAVA_INT, VECTOR_BYTES * i + 8, all.get(i).size());
        }
        return vectors;
    }

    /** borep_sweep_options that fix no geometry. */
    static MemorySegment sweepOptions(final Arena arena, final CudaDevice.Sweeps sweeps) {
        final MemorySegment options = arena.allocate(SWEEP_OPTIONS_BYTES, 4);
        options.set(JAVA_INT, 0, (int) SWEEP_OPTIONS_BYTES);
        options.set(JAVA_INT, 4, sweeps.ordinal());
        return options;
    }

    /** borep_product. */
    long product(final CudaProducts.Product p) {
        product.set(JAVA_INT, 0, (int) PRODUCT_BYTES);
        product.set(JAVA_INT, 4, p.form().ordinal());
        set(product, 8, p.a());
        set(product, 24, p.b());
        set(product, 40, p.c());
        product.set(JAVA_INT, 80, p.rows());
        product.set(JAVA_INT, 84, p.accumulate() ? 1 : 0);
        return product.address();
    }

    /** borep_recurrent_shape. */
    long shape(final Recurrent.Shape shape) {
        first.set(JAVA_INT, 0, shape.cell() == Recurrent.Cell.LSTM ? 0 : 1);
        first.set(JAVA_INT, 4, shape.input());
        first.set(JAVA_INT, 8, shape.hidden());
        first.set(JAVA_INT, 12, shape.reverse() ? 1 : 0);
        return first.address();
    }

    /** borep_schedule. */
    long schedule(final Schedule schedule) {
        first.set(
                JAVA_INT,
                0,
                switch (schedule.kind()) {
                    case CONSTANT -> 0;
                    case STEP -> 1;
                    case POWER -> 2;
                });
        first.set(JAVA_DOUBLE, 8, schedule.initial());
        first.set(JAVA_LONG, 16, schedule.period());
        first.set(JAVA_DOUBLE, 24, schedule.factor());
        return first.address();
    }

    /** borep_stream. */
    long stream(final Batch.Stream stream) {
        first.set(JAVA_LONG, 0, stream.seed());
        first.set(JAVA_INT, 8, stream.purpose());
        first.set(JAVA_INT, 12, stream.lane());
        return first.address();
    }

    /** borep_tasks. */
    long tasks(final Batch.Tasks tasks) {
        second.set(JAVA_LONG, 0, address(tasks.members()));
        second.set(JAVA_LONG, 8, address(tasks.starts()));
        second.set(JAVA_INT, 16, tasks.members().size());
        second.set(JAVA_INT, 20, tasks.domains());
        second.set(JAVA_INT, 24, tasks.classes());
        return second.address();
    }

    /** borep_sequences. */
    long sequences(final Sequences sequences) {
        requireAtLeast("starts", sequences.starts().size(), sequences.count());
        second.set(JAVA_LONG, 0, address(sequences.tokens()));
        second.set(JAVA_LONG, 8, address(sequences.starts()));
        second.set(JAVA_LONG, 16, address(sequences.lengths()));
        second.set(JAVA_LONG, 24, CudaReals.address(device, sequences.table()));
        second.set(JAVA_INT, 32, sequences.count());
        second.set(JAVA_INT, 36, sequences.width());
        return second.address();
    }

    /** borep_sparse. */
    long sparse(final CudaSparse.Numbers a) {
        second.set(JAVA_LONG, 0, address(a.starts()));
        second.set(JAVA_LONG, 8, address(a.places()));
        second.set(JAVA_LONG, 16, CudaReals.address(device, a.values()));
        second.set(JAVA_INT, 24, a.rows());
        second.set(JAVA_INT, 28, a.columns());
        return second.address();
    }

    /** borep_launch. */
    static MemorySegment launch(final Arena arena, final UserKernel.Size size) {
        final MemorySegment launch = arena.allocate(LAUNCH_BYTES, 4);
        for (int i = 0; i < 3; i++) {
            launch.setAtIndex(JAVA_INT, i, size.blocks()[i]);
            launch.setAtIndex(JAVA_INT, 3 + i, size.threads()[i]);
        }
        launch.set(JAVA_INT, 24, size.sharedBytes());
        return launch;
    }

    /** borep_argument, one for each. */
    static MemorySegment arguments(final Arena arena, final List<UserKernel.Argument> all) {
        final MemorySegment arguments = arena.allocate(ARGUMENT_BYTES * all.size(), 8);
        for (int i = 0; i < all.size(); i++) {
            arguments.set(JAVA_LONG, ARGUMENT_BYTES * i, all.get(i).bits());
            arguments.set(JAVA_INT, ARGUMENT_BYTES * i + 8, all.get(i).bytes());
        }
        return arguments;
    }

    /** borep_statistics, to be filled. */
    static MemorySegment newStatistics(final Arena arena) {
        final MemorySegment counts = arena.allocate(STATISTICS_BYTES, 8);
        counts.set(JAVA_INT, 0, (int) STATISTICS_BYTES);
        return counts;
    }

    /** What borep_statistics holds. */
    static CudaDevice.Statistics statistics(final MemorySegment counts) {
        return new CudaDevice.Statistics(
                counts.get(JAVA_LONG, 8),
                counts.get(JAVA_LONG, 16),
                counts.get(JAVA_LONG, 24),
                counts.get(JAVA_LONG, 32),
                counts.get(JAVA_LONG, 40),
                counts.get(JAVA_LONG, 48));
    }

    /** Where a function writes a handle or an address. */
    long handleSlot() {
        return handle.address();
    }

    /** The handle it wrote. */
    long handle() {
        return handle.get(JAVA_LONG, 0);
    }

    /**
     * @throws IllegalArgumentException if the view holds fewer rows or other columns than a kernel will touch
     */
    static void require(final String name, final Rows view, final int rowCount, final int width) {
        if (view.width() != width || view.capacity() < rowCount) {
            throw new IllegalArgumentException(name + " has " + view.capacity() + " rows of " + view.width()
                    + " numbers, needs " + rowCount + " of " + width);
        }
    }

    /** As {@link #require(String, Rows, int, int)}; null is allowed. */
    static void requireOptional(final String name, final Rows view, final int rowCount, final int width) {
        if (view != null) {
            require(name, view, rowCount, width);
        }
    }

    /**
     * @throws IllegalArgumentException "gradient has 40 numbers, needs 60"
     */
    static void require(final String name, final Reals vector, final int size) {
        if (vector.size() != size) {
            throw new IllegalArgumentException(name + " has " + vector.size() + " numbers, needs " + size);
        }
    }

    /** As {@link #require(String, Reals, int)}; null is allowed. */
    static void requireOptional(final String name, final Reals vector, final int size) {
        if (vector != null) {
            require(name, vector, size);
        }
    }

    /**
     * @throws IllegalArgumentException "losses has 40 numbers, needs at least 60"
     */
    static void requireAtLeast(final String name, final int has, final int needs) {
        if (has < needs) {
            throw new IllegalArgumentException(name + " has " + has + " numbers, needs at least " + needs);
        }
    }

    /** The address of a vector of this device; 0 for null. */
    long address(final Reals vector) {
        return vector == null ? 0 : CudaReals.address(device, vector);
    }

    /** The address of integers of this device. */
    long address(final Ints ints) {
        return CudaInts.address(device, ints);
    }

    /** The address of a counter of this device. */
    long address(final Counter counter) {
        return CudaCounter.address(device, counter);
    }
}
