package borep.kernel.vector;

import borep.device.Counter;
import borep.device.HostFloats;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Elimination;
import borep.kernel.Store;
import borep.kernel.Update;
import java.util.Arrays;

/**
 * Vector operations in blocks of 4096 floats. Cores share the blocks; sums are kept per block in float64 and added in
 * the order of the blocks, so that neither the number of threads nor their timing shows in a result.
 */
final class VectorUpdate implements Update {
    static final int BLOCK = 4096;
    /** Blocks for which another core is worth the hand-off: 32 Ki floats take some microseconds. */
    static final int GRAIN = 8;

    private final Elements elements;
    private final Workers workers;
    private final Chains chains;
    private final Pass pass = new Pass();
    private final Elimination elimination = new Elimination();

    VectorUpdate(final Lanes lanes, final Workers workers) {
        this.elements = lanes.elements();
        this.workers = workers;
        this.chains = new Chains(lanes, workers);
    }

    private enum Operation {
        FILL,
        COPY,
        SCALE,
        /** COPY, then SCALE */
        SCALED,
        AXPY,
        AVERAGE,
        MULTIPLY,
        DIVIDE,
        ADAM,
        DOT,
        DISTANCE,
        SHRINK,
        /** AVERAGE, and the square of the result */
        MOMENTUM
    }

    /** One operation over the blocks of its vectors. */
    private final class Pass implements Workers.Part {
        private Operation operation;
        private float factor;
        private float[] a;
        private int aAt;
        private float[] b;
        private int bAt;
        private float[] out;
        private int outAt;
        private int size;
        private double[] sums = new double[0];

        /** Of ADAM: v and the constants of this step. */
        private float[] second;

        private int secondAt;
        private float keepFirst;
        private float keepSecond;
        private float step;
        private float scale;
        private float epsilon;

        private Pass over(final Operation next, final double scalar, final Reals result) {
            operation = next;
            factor = (float) scalar;
            out = HostFloats.array(result);
            outAt = HostFloats.offset(result);
            size = result.size();
            return this;
        }

        private Pass with(final Reals first) {
            Shapes.exactly("a", first, size);
            a = HostFloats.array(first);
            aAt = HostFloats.offset(first);
            return this;
        }

        private Pass and(final Reals second) {
            Shapes.exactly("b", second, size);
            b = HostFloats.array(second);
            bAt = HostFloats.offset(second);
            return this;
        }

        private void run() {
            workers.run(this, workers.partsFor(blocks(), GRAIN));
        }

        private double sum() {
            if (sums.length < blocks()) {
                sums = new double[blocks()];
            }
            run();
            double sum = 0;
            for (int block = 0; block < blocks(); block++) {
                sum += sums[block];
            }
            return sum;
        }

        private int blocks() {
            return (size + BLOCK - 1) / BLOCK;
        }

        @Override
        public void run(final int part, final int parts) {
            final int end = (int) ((long) blocks() * (part + 1) / parts);
            for (int block = (int) ((long) blocks() * part / parts); block < end; block++) {
                run(block, block * BLOCK, Math.min(BLOCK, size - block * BLOCK));
            }
        }

        private void run(final int block, final int from, final int count) {
            final int o = outAt + from;
            switch (operation) {
                case FILL -> Arrays.fill(out, o, o + count, factor);
                case COPY -> System.arraycopy(a, aAt + from, out, o, count);
                case SCALE -> elements.scale(factor, out, o, count);
                case SCALED -> {
                    System.arraycopy(a, aAt + from, out, o, count);
                    elements.scale(factor, out, o, count);
                }
                case AXPY -> elements.axpy(factor, a, aAt + from, out, o, count);
                case AVERAGE -> elements.average(factor, a, aAt + from, out, o, count);
                case MULTIPLY -> elements.multiply(a, aAt + from, b, bAt + from, out, o, count);
                case DIVIDE -> divide(from, count);
                case ADAM -> adam(from, count);
                case DOT -> sums[block] = elements.dot(a, aAt + from, out, o, count);
                case DISTANCE -> sums[block] = elements.distance(a, aAt + from, out, o, count);
                case SHRINK -> elements.shrink(factor, a, aAt + from, out, o, count);
                case MOMENTUM -> {
                    elements.average(factor, a, aAt + from, out, o, count);
                    sums[block] = elements.dot(out, o, out, o, count);
                }
            }
        }

        /** A plain loop, which the compiler turns into vectors by itself. */
        private void divide(final int from, final int count) {
            for (int i = from; i < from + count; i++) {
                final float divisor = b[bAt + i];
                out[outAt + i] = divisor == 0 ? 0 : a[aAt + i] / divisor;
            }
        }

        /** d in a, m in b, v in second, x in out; a plain loop like divide's. */
        private void adam(final int from, final int count) {
            for (int i = from; i < from + count; i++) {
                final float d = a[aAt + i];
                final float m = keepFirst * b[bAt + i] + (1 - keepFirst) * d;
                final float v = keepSecond * second[secondAt + i] + (1 - keepSecond) * d * d;
                b[bAt + i] = m;
                second[secondAt + i] = v;
                out[outAt + i] += step * m / ((float) Math.sqrt(scale * v) + epsilon);
            }
        }
    }

    @Override
    public void divide(final Reals a, final Reals b, final Reals out) {
        pass.over(Operation.DIVIDE, 0, out).with(a).and(b).run();
    }

    @Override
    public void adam(
            final double keepFirst,
            final double keepSecond,
            final Reals d,
            final Reals m,
            final Reals v,
            final Reals step,
            final Counter counter,
            final double epsilon,
            final Reals x) {
        pass.over(Operation.ADAM, 0, x).with(d).and(m);
        Shapes.exactly("v", v, x.size());
        pass.second = HostFloats.array(v);
        pass.secondAt = HostFloats.offset(v);
        pass.keepFirst = (float) keepFirst;
        pass.keepSecond = (float) keepSecond;
        final double k = counter.get() + 1.0;
        pass.step = (float) (-first(step) / (1 - Math.pow(keepFirst, k)));
        pass.scale = (float) (1 / (1 - Math.pow(keepSecond, k)));
        pass.epsilon = (float) epsilon;
        pass.run();
    }

    /** In float64 on the caller's core: a handful of numbers. */
    @Override
    public void solve(final Reals matrix, final Reals rhs, final Reals out) {
        final int n = Elimination.requireSizes(matrix.size(), rhs.size(), out.size());
        for (int i = 0; i < n * n; i++) {
            elimination.matrix()[i] = HostFloats.array(matrix)[HostFloats.offset(matrix) + i];
        }
        for (int i = 0; i < n; i++) {
            elimination.unknowns()[i] = HostFloats.array(rhs)[HostFloats.offset(rhs) + i];
        }
        elimination.solve(n);
        for (int i = 0; i < n; i++) {
            HostFloats.array(out)[HostFloats.offset(out) + i] =
                    (float) elimination.unknowns()[i];
        }
    }

    @Override
    public void fill(final Reals out, final double value) {
        pass.over(Operation.FILL, value, out).run();
    }

    @Override
    public void copy(final Reals a, final Reals out) {
        pass.over(Operation.COPY, 0, out).with(a).run();
    }

    @Override
    public void scale(final double factor, final Reals out) {
        pass.over(Operation.SCALE, factor, out).run();
    }

    /** out (=|+=) factor · a. */
    void scaled(final double factor, final Reals a, final Reals out, final Store store) {
        pass.over(store == Store.WRITE ? Operation.SCALED : Operation.AXPY, factor, out)
                .with(a)
                .run();
    }

    @Override
    public void axpy(final double factor, final Reals a, final Reals out) {
        pass.over(Operation.AXPY, factor, out).with(a).run();
    }

    @Override
    public void axpy(final double factor, final Reals scalar, final Reals a, final Reals out) {
        axpy(factor * first(scalar), a, out);
    }

    @Override
    public void average(final double keep, final Reals a, final Reals out) {
        pass.over(Operation.AVERAGE, keep, out).with(a).run();
    }

    @Override
    public void multiply(final Reals a, final Reals b, final Reals out) {
        pass.over(Operation.MULTIPLY, 0, out).with(a).and(b).run();
    }

    /** In float64 number by number: these functions belong to small closed-form problems. */
    @Override
    public void apply(final Function function, final Reals a, final Reals out) {
        Shapes.exactly("a", a, out.size());
        final float[] from = HostFloats.array(a);
        final float[] to = HostFloats.array(out);
        for (int i = 0; i < out.size(); i++) {
            final double value = from[HostFloats.offset(a) + i];
            to[HostFloats.offset(out) + i] = (float)
                    switch (function) {
                        case SIN -> Math.sin(value);
                        case COS -> Math.cos(value);
                        case SINH -> Math.sinh(value);
                        case COSH -> Math.cosh(value);
                        case EXP -> Math.exp(value);
                        case SIGMOID -> 1 / (1 + Math.exp(-value));
                        case POSITIVE -> Math.max(value, 0);
                        case LOG -> Math.log(value);
                    };
        }
    }

    @Override
    public void dot(final Reals a, final Reals b, final Reals value) {
        put(value, dot(a, b));
    }

    /** ⟨a, b⟩ before it is rounded to the device's precision. */
    double dot(final Reals a, final Reals b) {
        return pass.over(Operation.DOT, 0, b).with(a).sum();
    }

    /** Several operations in one pass. */
    Chains chains() {
        return chains;
    }

    @Override
    public void residualStep(final Reals b, final Reals r, final Reals step, final Reals z, final Reals norm) {
        put(norm, Math.sqrt(chains.residual(b, first(step), z, r)));
    }

    @Override
    public void norm(final Reals a, final Reals value) {
        put(value, Math.sqrt(dot(a, a)));
    }

    @Override
    public void projectBall(final Reals centre, final double radius, final Reals u) {
        if (radius == Double.POSITIVE_INFINITY) {
            return; // without reading either vector
        }
        final double distance =
                Math.sqrt(pass.over(Operation.DISTANCE, 0, u).with(centre).sum());
        if (distance > radius) {
            pass.over(Operation.SHRINK, radius / distance, u).with(centre).run();
        }
    }

    @Override
    public void normalisedMomentum(
            final double keep,
            final Reals d,
            final Reals m,
            final Reals step,
            final double guard,
            final Reals x,
            final Reals norm) {
        final double length =
                Math.sqrt(pass.over(Operation.MOMENTUM, keep, m).with(d).sum());
        put(norm, length);
        if (length != 0) { // 0 / (0 + guard) moves nothing, whatever the guard
            axpy(-first(step) / (length + guard), m, x);
        }
    }

    @Override
    public void schedule(final Schedule schedule, final Counter counter, final Reals value) {
        put(value, schedule.at(counter.get()));
    }

    /** The first number of a vector. */
    static float first(final Reals scalar) {
        Shapes.atLeast("scalar", scalar, 1);
        return HostFloats.array(scalar)[HostFloats.offset(scalar)];
    }

    private static void put(final Reals value, final double number) {
        Shapes.atLeast("value", value, 1);
        HostFloats.array(value)[HostFloats.offset(value)] = (float) number;
    }
}
