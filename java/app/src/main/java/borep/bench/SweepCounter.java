package borep.bench;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Guard;
import borep.device.Ints;
import borep.device.Program;
import borep.device.Reals;
import borep.device.Ring;
import borep.kernel.Dense;
import borep.kernel.Kernels;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import java.util.List;

/**
 * A device that counts what runs on it: sweeps of recurrent layers, and the multiplications and additions of all matrix
 * products. It adds some 100 ns to a call that takes 100 µs, so the work it counts may be timed on it.
 */
final class SweepCounter implements Device {
    private final Device device;
    private final Kernels kernels;
    private final Counts counts = new Counts();

    /** Sweeps of one layer each, and FLOPs, since the beginning or the last {@link #clear}. */
    static final class Counts {
        private long forward;
        private long backward;
        private long tangentForward;
        private long tangentBackward;
        private long flops;

        long forward() {
            return forward;
        }

        long backward() {
            return backward;
        }

        long tangentForward() {
            return tangentForward;
        }

        long tangentBackward() {
            return tangentBackward;
        }

        long flops() {
            return flops;
        }

        void clear() {
            forward = 0;
            backward = 0;
            tangentForward = 0;
            tangentBackward = 0;
            flops = 0;
        }
    }

    SweepCounter(final Device device) {
        this.device = device;
        final Kernels inner = device.kernels();
        kernels = new Kernels(
                new CountedRecurrent(inner.recurrent()),
                new CountedDense(inner.dense()),
                inner.pooling(),
                inner.loss(),
                inner.update(),
                inner.batch(),
                inner.sparse());
    }

    /** The counts so far; they go on changing. */
    Counts counts() {
        return counts;
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public int realBytes() {
        return device.realBytes();
    }

    @Override
    public int productBits() {
        return device.productBits();
    }

    @Override
    public Reals reals(final int size) {
        return device.reals(size);
    }

    @Override
    public Ints ints(final int size) {
        return device.ints(size);
    }

    @Override
    public Counter counter() {
        return device.counter();
    }

    @Override
    public Ring ring(final int width, final int capacity) {
        return device.ring(width, capacity);
    }

    @Override
    public Guard guard(final Counter counter, final Ring ring, final Reals values, final List<Reals> state) {
        return device.guard(counter, ring, values, state);
    }

    @Override
    public Program record(final Runnable calls) {
        return device.record(calls);
    }

    @Override
    public void close() {
        device.close();
    }

    private static final class RecurrentTape implements Recurrent.Tape {
        private final Recurrent.Tape inner;
        private Flops flops;
        private boolean direction;
        private boolean fromBelow;

        RecurrentTape(final Recurrent.Tape inner) {
            this.inner = inner;
        }

        @Override
        public Recurrent.Shape shape() {
            return inner.shape();
        }
    }

    private final class CountedRecurrent implements Recurrent {
        private final Recurrent inner;

        CountedRecurrent(final Recurrent inner) {
            this.inner = inner;
        }

        @Override
        public Tape tape(final Shape shape, final int maxRows, final int maxBatch) {
            return new RecurrentTape(inner.tape(shape, maxRows, maxBatch));
        }

        @Override
        public void forward(
                final Tape tape, final Packing packing, final Reals weights, final Rows input, final Rows output) {
            inner.forward(countForward(tape, packing), packing, weights, input, output);
        }

        private Tape countForward(final Tape tape, final Packing packing) {
            final RecurrentTape own = (RecurrentTape) tape;
            final int[] shape = packing.shape().toArray();
            final int rows = shape[Packing.ROWS];
            final int sequences = shape[Packing.STEPS] == 0
                    ? 0
                    : packing.stepSizes().slice(0, 1).toArray()[0];
            own.flops = new Flops(tape.shape(), rows, rows - sequences);
            counts.forward++;
            counts.flops += own.flops.forward();
            return own.inner;
        }

        @Override
        public void backward(
                final Tape tape,
                final Reals weights,
                final Rows outputCotangent,
                final Reals gradient,
                final Rows inputCotangent) {
            final Tape own = countBackward(tape, gradient, inputCotangent);
            inner.backward(own, weights, outputCotangent, gradient, inputCotangent);
        }

        private Tape countBackward(final Tape tape, final Reals gradient, final Rows inputCotangent) {
            final RecurrentTape own = (RecurrentTape) tape;
            counts.backward++;
            counts.flops += own.flops.backward(gradient != null, inputCotangent != null);
            return own.inner;
        }

        @Override
        public void tangentForward(
                final Tape tape,
                final Reals weights,
                final Reals direction,
                final Rows inputTangent,
                final Rows outputTangent) {
            final Tape own = countTangentForward(tape, direction, inputTangent);
            inner.tangentForward(own, weights, direction, inputTangent, outputTangent);
        }

        private Tape countTangentForward(final Tape tape, final Reals direction, final Rows inputTangent) {
            final RecurrentTape own = (RecurrentTape) tape;
            own.direction = direction != null;
            own.fromBelow = inputTangent != null;
            counts.tangentForward++;
            counts.flops += own.flops.tangentForward(own.direction, own.fromBelow);
            return own.inner;
        }

        @Override
        public void tangentBackward(
                final Tape tape,
                final Reals weights,
                final Reals direction,
                final Rows outputCotangentTangent,
                final Reals gradientTangent,
                final Rows inputCotangentTangent) {
            inner.tangentBackward(
                    countTangentBackward(tape, gradientTangent, inputCotangentTangent),
                    weights,
                    direction,
                    outputCotangentTangent,
                    gradientTangent,
                    inputCotangentTangent);
        }

        private Tape countTangentBackward(
                final Tape tape, final Reals gradientTangent, final Rows inputCotangentTangent) {
            final RecurrentTape own = (RecurrentTape) tape;
            counts.tangentBackward++;
            counts.flops += own.flops.tangentBackward(
                    own.direction, own.fromBelow, gradientTangent != null, inputCotangentTangent != null);
            return own.inner;
        }

        @Override
        public void forwardAlong(
                final Tape tape,
                final Packing packing,
                final Reals weights,
                final Reals direction,
                final Rows input,
                final Rows inputTangent,
                final Rows output,
                final Rows outputTangent) {
            countForward(tape, packing);
            final Tape own = countTangentForward(tape, direction, inputTangent);
            inner.forwardAlong(own, packing, weights, direction, input, inputTangent, output, outputTangent);
        }

        @Override
        public void backwardAlong(
                final Tape tape,
                final Reals weights,
                final Reals direction,
                final Rows outputCotangent,
                final Rows outputCotangentTangent,
                final Reals gradient,
                final Reals gradientTangent,
                final Rows inputCotangent,
                final Rows inputCotangentTangent) {
            countBackward(tape, gradient, inputCotangent);
            inner.backwardAlong(
                    countTangentBackward(tape, gradientTangent, inputCotangentTangent),
                    weights,
                    direction,
                    outputCotangent,
                    outputCotangentTangent,
                    gradient,
                    gradientTangent,
                    inputCotangent,
                    inputCotangentTangent);
        }
    }

    private static final class DenseTape implements Dense.Tape {
        private final Dense.Tape inner;
        private long product;
        private boolean direction;
        private boolean fromBelow;

        DenseTape(final Dense.Tape inner) {
            this.inner = inner;
        }

        @Override
        public Dense.Shape shape() {
            return inner.shape();
        }
    }

    /** One product W x of B rows costs p = 2·B·I·O; which products a sweep has is {@link Dense}'s own documentation. */
    private final class CountedDense implements Dense {
        private final Dense inner;

        CountedDense(final Dense inner) {
            this.inner = inner;
        }

        @Override
        public Tape tape(final Shape shape, final int maxRows) {
            return new DenseTape(inner.tape(shape, maxRows));
        }

        @Override
        public void forward(final Tape tape, final int rows, final Reals weights, final Rows input, final Rows output) {
            final DenseTape own = (DenseTape) tape;
            own.product = 2L * rows * tape.shape().input() * tape.shape().output();
            counts.flops += own.product;
            inner.forward(own.inner, rows, weights, input, output);
        }

        @Override
        public void backward(
                final Tape tape,
                final Reals weights,
                final Rows outputCotangent,
                final Reals gradient,
                final Rows inputCotangent) {
            final DenseTape own = (DenseTape) tape;
            counts.flops += (count(gradient) + count(inputCotangent)) * own.product;
            inner.backward(own.inner, weights, outputCotangent, gradient, inputCotangent);
        }

        @Override
        public void tangentForward(
                final Tape tape,
                final Reals weights,
                final Reals direction,
                final Rows inputTangent,
                final Rows outputTangent) {
            final DenseTape own = (DenseTape) tape;
            own.direction = direction != null;
            own.fromBelow = inputTangent != null;
            counts.flops += (count(direction) + count(inputTangent)) * own.product;
            inner.tangentForward(own.inner, weights, direction, inputTangent, outputTangent);
        }

        @Override
        public void tangentBackward(
                final Tape tape,
                final Reals weights,
                final Reals direction,
                final Rows outputCotangentTangent,
                final Reals gradientTangent,
                final Rows inputCotangentTangent) {
            final DenseTape own = (DenseTape) tape;
            counts.flops += count(gradientTangent) * (own.fromBelow ? 2 : 1) * own.product;
            counts.flops += count(inputCotangentTangent) * (own.direction ? 2 : 1) * own.product;
            inner.tangentBackward(
                    own.inner, weights, direction, outputCotangentTangent, gradientTangent, inputCotangentTangent);
        }

        private static long count(final Object wanted) {
            return wanted == null ? 0 : 1;
        }
    }
}
