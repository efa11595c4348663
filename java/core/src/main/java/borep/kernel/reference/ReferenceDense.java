package borep.kernel.reference;

import static borep.kernel.reference.Access.add;
import static borep.kernel.reference.Access.get;
import static borep.kernel.reference.Access.require;
import static borep.kernel.reference.Access.requireBatch;
import static borep.kernel.reference.Access.requireOptional;
import static borep.kernel.reference.Access.requireSweeps;
import static borep.kernel.reference.Access.set;

import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Rows;

/**
 * The four sweeps of {@link Dense}:
 *
 * <pre>
 * forward            s = φ(W x + b)
 * backward           ā = φ'(a) s̄;  W̄ += āᵀ x,  b̄ += Σ ā,  x̄ += ā W
 * tangent forward    R{s} = φ'(a) (V x + v + W R{x})
 * tangent backward   R{ā} = φ'(a) R{s̄} − 2 s R{s} s̄;  R{W̄} += R{ā}ᵀ x + āᵀ R{x},  R{b̄} += Σ R{ā},  R{x̄} += R{ā} W + ā V
 * </pre>
 */
final class ReferenceDense implements Dense {
    /** [B, O] outputs, their tangents and cotangents, and the cotangents before φ. */
    private static final class Memory implements Tape {
        private final Shape shape;
        private final double[][] s;
        private final double[][] tangents;
        private final double[][] cotangents;
        private final double[][] a;
        private int rows;
        private Rows input;
        private Rows inputTangent;
        private boolean hasCotangents;
        private boolean hasTangents;

        Memory(final Shape shape, final int maxRows) {
            this.shape = shape;
            s = new double[maxRows][shape.output()];
            tangents = new double[maxRows][shape.output()];
            cotangents = new double[maxRows][shape.output()];
            a = new double[maxRows][shape.output()];
        }

        @Override
        public Shape shape() {
            return shape;
        }

        /** φ'(a) from s = φ(a). */
        private double slope(final int row, final int o) {
            return shape.tanh() ? 1 - s[row][o] * s[row][o] : 1;
        }
    }

    @Override
    public Tape tape(final Shape shape, final int maxRows) {
        return new Memory(shape, maxRows);
    }

    @Override
    public void forward(final Tape tape, final int rows, final Reals weights, final Rows input, final Rows output) {
        final Memory m = (Memory) tape;
        final Shape shape = m.shape;
        requireBatch("rows", rows, m.s.length);
        require("weights", weights, shape.parameters());
        require("input", input, rows, shape.input());
        require("output", output, rows, shape.output());
        m.rows = rows;
        m.input = input;
        m.hasCotangents = false;
        m.hasTangents = false;
        for (int row = 0; row < rows; row++) {
            for (int o = 0; o < shape.output(); o++) {
                final double a = bias(weights, shape, o) + product(weights, shape, o, input, row);
                m.s[row][o] = shape.tanh() ? Math.tanh(a) : a;
                set(output, row, o, m.s[row][o]);
            }
        }
    }

    @Override
    public void backward(
            final Tape tape,
            final Reals weights,
            final Rows outputCotangent,
            final Reals gradient,
            final Rows inputCotangent) {
        final Memory m = (Memory) tape;
        require("weights", weights, m.shape.parameters());
        require("outputCotangent", outputCotangent, m.rows, m.shape.output());
        requireOptional("gradient", gradient, m.shape.parameters());
        requireOptional("inputCotangent", inputCotangent, m.rows, m.shape.input());
        m.hasCotangents = true;
        for (int row = 0; row < m.rows; row++) {
            for (int o = 0; o < m.shape.output(); o++) {
                m.cotangents[row][o] = get(outputCotangent, row, o);
                m.a[row][o] = m.slope(row, o) * m.cotangents[row][o];
                toWeights(m.shape, o, m.a[row][o], m.input, row, gradient, true);
                toInput(m.shape, o, m.a[row][o], weights, inputCotangent, row);
            }
        }
    }

    @Override
    public void tangentForward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows inputTangent,
            final Rows outputTangent) {
        final Memory m = (Memory) tape;
        require("weights", weights, m.shape.parameters());
        requireOptional("direction", direction, m.shape.parameters());
        requireOptional("inputTangent", inputTangent, m.rows, m.shape.input());
        require("outputTangent", outputTangent, m.rows, m.shape.output());
        m.hasTangents = true;
        m.inputTangent = inputTangent;
        for (int row = 0; row < m.rows; row++) {
            for (int o = 0; o < m.shape.output(); o++) {
                double a = 0;
                if (direction != null) {
                    a += bias(direction, m.shape, o) + product(direction, m.shape, o, m.input, row);
                }
                if (inputTangent != null) {
                    a += product(weights, m.shape, o, inputTangent, row);
                }
                m.tangents[row][o] = m.slope(row, o) * a;
                set(outputTangent, row, o, m.tangents[row][o]);
            }
        }
    }

    @Override
    public void tangentBackward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows outputCotangentTangent,
            final Reals gradientTangent,
            final Rows inputCotangentTangent) {
        final Memory m = (Memory) tape;
        requireSweeps(m.hasCotangents, m.hasTangents);
        require("weights", weights, m.shape.parameters());
        requireOptional("direction", direction, m.shape.parameters());
        require("outputCotangentTangent", outputCotangentTangent, m.rows, m.shape.output());
        requireOptional("gradientTangent", gradientTangent, m.shape.parameters());
        requireOptional("inputCotangentTangent", inputCotangentTangent, m.rows, m.shape.input());
        for (int row = 0; row < m.rows; row++) {
            for (int o = 0; o < m.shape.output(); o++) {
                double ra = m.slope(row, o) * get(outputCotangentTangent, row, o);
                if (m.shape.tanh()) {
                    ra -= 2 * m.s[row][o] * m.tangents[row][o] * m.cotangents[row][o];
                }
                toWeights(m.shape, o, ra, m.input, row, gradientTangent, true);
                if (m.inputTangent != null) {
                    toWeights(m.shape, o, m.a[row][o], m.inputTangent, row, gradientTangent, false);
                }
                toInput(m.shape, o, ra, weights, inputCotangentTangent, row);
                if (direction != null) {
                    toInput(m.shape, o, m.a[row][o], direction, inputCotangentTangent, row);
                }
            }
        }
    }

    /** b[o]. */
    private static double bias(final Reals weights, final Shape shape, final int o) {
        return get(weights, shape.output() * shape.input() + o);
    }

    /** Σ_k W[o, k] x[row, k]. */
    private static double product(final Reals weights, final Shape shape, final int o, final Rows x, final int row) {
        double sum = 0;
        for (int k = 0; k < shape.input(); k++) {
            sum += get(weights, o * shape.input() + k) * get(x, row, k);
        }
        return sum;
    }

    /** gradient of W[o, :] += a x[row, :], of b[o] += a. */
    private static void toWeights(
            final Shape shape,
            final int o,
            final double a,
            final Rows x,
            final int row,
            final Reals gradient,
            final boolean bias) {
        if (gradient == null) {
            return;
        }
        for (int k = 0; k < shape.input(); k++) {
            add(gradient, o * shape.input() + k, a * get(x, row, k));
        }
        if (bias) {
            add(gradient, shape.output() * shape.input() + o, a);
        }
    }

    /** out[row, :] += a W[o, :]. */
    private static void toInput(
            final Shape shape, final int o, final double a, final Reals weights, final Rows out, final int row) {
        if (out == null) {
            return;
        }
        for (int k = 0; k < shape.input(); k++) {
            add(out, row, k, a * get(weights, o * shape.input() + k));
        }
    }
}
