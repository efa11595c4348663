package borep.kernel.reference;

import static borep.kernel.reference.Access.add;
import static borep.kernel.reference.Access.get;
import static borep.kernel.reference.Access.require;
import static borep.kernel.reference.Access.set;
import static borep.kernel.reference.Access.sigmoid;

import borep.device.Reals;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import java.util.Arrays;

/**
 * The four sweeps of {@link Recurrent}, row by row. With bars for cotangents and R{·} for the derivative along the direction V
 * (a direction's blocks are V_ih, V_hh, v):
 *
 * <pre>
 * forward            a = W_ih x + b_ih + W_hh h⁻ + b_hh            (h⁻, c⁻: state of the step before)
 *   LSTM             c = f c⁻ + i g,  τ = tanh c,  h = o τ
 * tangent forward    R{a} = V_ih x + V_hh h⁻ + v + W_ih R{x} + W_hh R{h⁻}
 *   LSTM             R{c} = R{f} c⁻ + f R{c⁻} + R{i} g + i R{g},  R{τ} = (1 − τ²) R{c},  R{h} = R{o} τ + o R{τ}
 * backward           u = h̄,  q = c̄ + u o (1 − τ²)
 *   LSTM             ā = (q g i', q c⁻ f', q i g', u τ o'),  c̄⁻ = q f,  h̄⁻ = W_hhᵀ ā
 *   tanh RNN         ā = u (1 − h²)
 * tangent backward   the derivative of backward, term by term; R{h̄⁻} = W_hhᵀ R{ā} + V_hhᵀ ā
 * </pre>
 */
final class ReferenceRecurrent implements Recurrent {
    /** Everything is kept by row: [R, G·H] for gates, [R, H] for states. */
    private static final class Memory implements Tape {
        private final Shape shape;
        private final int maxRows;
        private Packing packing;
        private int steps;
        private int rows;
        private Rows input;
        private Rows inputTangent;

        private final double[][] gates;
        private final double[][] cell;
        private final double[][] hidden;
        private final double[][] gateTangents;
        private final double[][] cellTangents;
        private final double[][] hiddenTangents;
        /** ā and R{ā}; u and q of the backward sweep; h̄ and c̄ (or their tangents) that travel backwards. */
        private final double[][] gateCotangents;

        private final double[][] gateCotangentTangents;
        private final double[][] u;
        private final double[][] q;
        private final double[][] hiddenCotangents;
        private final double[][] cellCotangents;

        Memory(final Shape shape, final int maxRows) {
            this.shape = shape;
            this.maxRows = maxRows;
            gates = new double[maxRows][shape.gateRows()];
            gateTangents = new double[maxRows][shape.gateRows()];
            gateCotangents = new double[maxRows][shape.gateRows()];
            gateCotangentTangents = new double[maxRows][shape.gateRows()];
            cell = new double[maxRows][shape.hidden()];
            hidden = new double[maxRows][shape.hidden()];
            cellTangents = new double[maxRows][shape.hidden()];
            hiddenTangents = new double[maxRows][shape.hidden()];
            u = new double[maxRows][shape.hidden()];
            q = new double[maxRows][shape.hidden()];
            hiddenCotangents = new double[maxRows][shape.hidden()];
            cellCotangents = new double[maxRows][shape.hidden()];
        }

        @Override
        public Shape shape() {
            return shape;
        }

        /** The step that is computed at place {@code k} of the order of reading. */
        private int step(final int k) {
            return shape.reverse() ? steps - 1 - k : k;
        }

        private int row(final int step, final int rank) {
            return get(packing.stepStarts(), step) + rank;
        }

        private int ranks(final int step) {
            return get(packing.stepSizes(), step);
        }

        /** The row of the same sample one step before in the order of reading; −1 at a sequence's beginning. */
        private int before(final int step, final int rank) {
            if (!shape.reverse()) {
                return step == 0 ? -1 : row(step - 1, rank);
            }
            return step + 1 < steps && rank < ranks(step + 1) ? row(step + 1, rank) : -1;
        }

        private void clearCotangents() {
            for (int row = 0; row < rows; row++) {
                Arrays.fill(hiddenCotangents[row], 0);
                Arrays.fill(cellCotangents[row], 0);
            }
        }
    }

    @Override
    public Tape tape(final Shape shape, final int maxRows, final int maxBatch) {
        return new Memory(shape, maxRows);
    }

    @Override
    public void forward(
            final Tape tape, final Packing packing, final Reals weights, final Rows input, final Rows output) {
        final Memory m = (Memory) tape;
        m.packing = packing;
        m.steps = get(packing.shape(), Packing.STEPS);
        m.rows = get(packing.shape(), Packing.ROWS);
        m.input = input;
        if (m.rows > m.maxRows) {
            throw new IllegalArgumentException("a batch of " + m.rows + " rows, the tape holds " + m.maxRows);
        }
        require("weights", weights, m.shape.parameters());
        require("input", input, m.rows, m.shape.input());
        require("output", output, m.rows, m.shape.hidden());
        for (int k = 0; k < m.steps; k++) {
            final int step = m.step(k);
            for (int rank = 0; rank < m.ranks(step); rank++) {
                final int row = m.row(step, rank);
                final int before = m.before(step, rank);
                for (int j = 0; j < m.shape.gateRows(); j++) {
                    m.gates[row][j] = get(weights, m.shape.biasIh() + j)
                            + get(weights, m.shape.biasHh() + j)
                            + product(weights, 0, m.shape.input(), j, input, row)
                            + recurrent(weights, m.shape, j, before < 0 ? null : m.hidden[before]);
                }
                activate(m, row, before);
                for (int unit = 0; unit < m.shape.hidden(); unit++) {
                    set(output, row, unit, m.hidden[row][unit]);
                }
            }
        }
    }

    private static void activate(final Memory m, final int row, final int before) {
        final int size = m.shape.hidden();
        final double[] a = m.gates[row];
        for (int unit = 0; unit < size; unit++) {
            if (m.shape.cell() == Cell.TANH_RNN) {
                a[unit] = Math.tanh(a[unit]);
                m.hidden[row][unit] = a[unit];
                continue;
            }
            final double i = sigmoid(a[unit]);
            final double f = sigmoid(a[size + unit]);
            final double g = Math.tanh(a[2 * size + unit]);
            final double o = sigmoid(a[3 * size + unit]);
            a[unit] = i;
            a[size + unit] = f;
            a[2 * size + unit] = g;
            a[3 * size + unit] = o;
            m.cell[row][unit] = f * (before < 0 ? 0 : m.cell[before][unit]) + i * g;
            m.hidden[row][unit] = o * Math.tanh(m.cell[row][unit]);
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
        final Shape shape = m.shape;
        m.inputTangent = inputTangent;
        require("outputTangent", outputTangent, m.rows, shape.hidden());
        for (int k = 0; k < m.steps; k++) {
            final int step = m.step(k);
            for (int rank = 0; rank < m.ranks(step); rank++) {
                final int row = m.row(step, rank);
                final int before = m.before(step, rank);
                for (int j = 0; j < shape.gateRows(); j++) {
                    double a = recurrent(weights, shape, j, before < 0 ? null : m.hiddenTangents[before]);
                    if (direction != null) {
                        a += get(direction, shape.biasIh() + j)
                                + get(direction, shape.biasHh() + j)
                                + product(direction, 0, shape.input(), j, m.input, row)
                                + recurrent(direction, shape, j, before < 0 ? null : m.hidden[before]);
                    }
                    if (inputTangent != null) {
                        a += product(weights, 0, shape.input(), j, inputTangent, row);
                    }
                    m.gateTangents[row][j] = a;
                }
                activateTangent(m, row, before);
                for (int unit = 0; unit < shape.hidden(); unit++) {
                    set(outputTangent, row, unit, m.hiddenTangents[row][unit]);
                }
            }
        }
    }

    private static void activateTangent(final Memory m, final int row, final int before) {
        final int size = m.shape.hidden();
        final double[] gate = m.gates[row];
        final double[] r = m.gateTangents[row];
        for (int unit = 0; unit < size; unit++) {
            if (m.shape.cell() == Cell.TANH_RNN) {
                r[unit] *= 1 - gate[unit] * gate[unit];
                m.hiddenTangents[row][unit] = r[unit];
                continue;
            }
            final double i = gate[unit];
            final double f = gate[size + unit];
            final double g = gate[2 * size + unit];
            final double o = gate[3 * size + unit];
            r[unit] *= i * (1 - i);
            r[size + unit] *= f * (1 - f);
            r[2 * size + unit] *= 1 - g * g;
            r[3 * size + unit] *= o * (1 - o);
            final double tau = Math.tanh(m.cell[row][unit]);
            double c = r[unit] * g + i * r[2 * size + unit];
            if (before >= 0) {
                c += r[size + unit] * m.cell[before][unit] + f * m.cellTangents[before][unit];
            }
            m.cellTangents[row][unit] = c;
            m.hiddenTangents[row][unit] = r[3 * size + unit] * tau + o * (1 - tau * tau) * c;
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
        require("outputCotangent", outputCotangent, m.rows, m.shape.hidden());
        m.clearCotangents();
        for (int k = m.steps - 1; k >= 0; k--) {
            final int step = m.step(k);
            for (int rank = 0; rank < m.ranks(step); rank++) {
                final int row = m.row(step, rank);
                final int before = m.before(step, rank);
                for (int unit = 0; unit < m.shape.hidden(); unit++) {
                    m.u[row][unit] = get(outputCotangent, row, unit) + m.hiddenCotangents[row][unit];
                }
                differentiate(m, row, before);
                if (before >= 0) {
                    transposed(weights, m.shape, m.gateCotangents[row], m.hiddenCotangents[before]);
                }
            }
        }
        if (gradient != null) {
            require("gradient", gradient, m.shape.parameters());
            accumulate(m, gradient, m.gateCotangents, m.input, m.hidden, true);
        }
        if (inputCotangent != null) {
            require("inputCotangent", inputCotangent, m.rows, m.shape.input());
            toInput(m, weights, m.gateCotangents, inputCotangent);
        }
    }

    private static void differentiate(final Memory m, final int row, final int before) {
        final int size = m.shape.hidden();
        final double[] gate = m.gates[row];
        final double[] a = m.gateCotangents[row];
        for (int unit = 0; unit < size; unit++) {
            final double u = m.u[row][unit];
            if (m.shape.cell() == Cell.TANH_RNN) {
                a[unit] = u * (1 - gate[unit] * gate[unit]);
                continue;
            }
            final double i = gate[unit];
            final double f = gate[size + unit];
            final double g = gate[2 * size + unit];
            final double o = gate[3 * size + unit];
            final double tau = Math.tanh(m.cell[row][unit]);
            final double cellBefore = before < 0 ? 0 : m.cell[before][unit];
            final double q = m.cellCotangents[row][unit] + u * o * (1 - tau * tau);
            m.q[row][unit] = q;
            a[unit] = q * g * i * (1 - i);
            a[size + unit] = q * cellBefore * f * (1 - f);
            a[2 * size + unit] = q * i * (1 - g * g);
            a[3 * size + unit] = u * tau * o * (1 - o);
            if (before >= 0) {
                m.cellCotangents[before][unit] = q * f;
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
        require("outputCotangentTangent", outputCotangentTangent, m.rows, m.shape.hidden());
        m.clearCotangents();
        for (int k = m.steps - 1; k >= 0; k--) {
            final int step = m.step(k);
            for (int rank = 0; rank < m.ranks(step); rank++) {
                final int row = m.row(step, rank);
                final int before = m.before(step, rank);
                for (int unit = 0; unit < m.shape.hidden(); unit++) {
                    m.hiddenCotangents[row][unit] += get(outputCotangentTangent, row, unit);
                }
                differentiateTangent(m, row, before);
                if (before >= 0) {
                    transposed(weights, m.shape, m.gateCotangentTangents[row], m.hiddenCotangents[before]);
                    if (direction != null) {
                        transposed(direction, m.shape, m.gateCotangents[row], m.hiddenCotangents[before]);
                    }
                }
            }
        }
        if (gradientTangent != null) {
            require("gradientTangent", gradientTangent, m.shape.parameters());
            accumulate(m, gradientTangent, m.gateCotangentTangents, m.input, m.hidden, true);
            accumulate(m, gradientTangent, m.gateCotangents, m.inputTangent, m.hiddenTangents, false);
        }
        if (inputCotangentTangent != null) {
            require("inputCotangentTangent", inputCotangentTangent, m.rows, m.shape.input());
            toInput(m, weights, m.gateCotangentTangents, inputCotangentTangent);
            if (direction != null) {
                toInput(m, direction, m.gateCotangents, inputCotangentTangent);
            }
        }
    }

    private static void differentiateTangent(final Memory m, final int row, final int before) {
        final int size = m.shape.hidden();
        final double[] gate = m.gates[row];
        final double[] r = m.gateTangents[row];
        final double[] ra = m.gateCotangentTangents[row];
        for (int unit = 0; unit < size; unit++) {
            final double u = m.u[row][unit];
            final double ru = m.hiddenCotangents[row][unit];
            if (m.shape.cell() == Cell.TANH_RNN) {
                ra[unit] = ru * (1 - gate[unit] * gate[unit]) - 2 * u * gate[unit] * r[unit];
                continue;
            }
            final double i = gate[unit];
            final double f = gate[size + unit];
            final double g = gate[2 * size + unit];
            final double o = gate[3 * size + unit];
            final double ri = r[unit];
            final double rf = r[size + unit];
            final double rg = r[2 * size + unit];
            final double ro = r[3 * size + unit];
            final double tau = Math.tanh(m.cell[row][unit]);
            final double rTau = (1 - tau * tau) * m.cellTangents[row][unit];
            final double c = before < 0 ? 0 : m.cell[before][unit];
            final double rc = before < 0 ? 0 : m.cellTangents[before][unit];
            final double q = m.q[row][unit];
            final double rq =
                    m.cellCotangents[row][unit] + (ru * o + u * ro) * (1 - tau * tau) - 2 * u * o * tau * rTau;
            ra[unit] = (rq * g + q * rg) * i * (1 - i) + q * g * (1 - 2 * i) * ri;
            ra[size + unit] = (rq * c + q * rc) * f * (1 - f) + q * c * (1 - 2 * f) * rf;
            ra[2 * size + unit] = (rq * i + q * ri) * (1 - g * g) - 2 * q * i * g * rg;
            ra[3 * size + unit] = (ru * tau + u * rTau) * o * (1 - o) + u * tau * (1 - 2 * o) * ro;
            if (before >= 0) {
                m.cellCotangents[before][unit] = rq * f + q * rf;
            }
        }
    }

    /** Σ_k matrix[j, k] rows[row, k] for a matrix [·, columns] that begins at {@code begin}. */
    private static double product(
            final Reals matrix, final int begin, final int columns, final int j, final Rows rows, final int row) {
        double sum = 0;
        for (int k = 0; k < columns; k++) {
            sum += get(matrix, begin + j * columns + k) * get(rows, row, k);
        }
        return sum;
    }

    /** Σ_k weightHh[j, k] h[k]; 0 for no h. */
    private static double recurrent(final Reals weights, final Shape shape, final int j, final double[] h) {
        double sum = 0;
        for (int k = 0; h != null && k < shape.hidden(); k++) {
            sum += get(weights, shape.weightHh() + j * shape.hidden() + k) * h[k];
        }
        return sum;
    }

    /** out[k] += Σ_j weightHh[j, k] a[j]. */
    private static void transposed(final Reals weights, final Shape shape, final double[] a, final double[] out) {
        for (int j = 0; j < shape.gateRows(); j++) {
            for (int k = 0; k < shape.hidden(); k++) {
                out[k] += get(weights, shape.weightHh() + j * shape.hidden() + k) * a[j];
            }
        }
    }

    /** Weight gradients Σ_rows a ⊗ x, Σ_rows a ⊗ h⁻ and, if wanted, the biases' Σ_rows a. */
    private static void accumulate(
            final Memory m,
            final Reals gradient,
            final double[][] a,
            final Rows x,
            final double[][] h,
            final boolean biases) {
        final Shape shape = m.shape;
        for (int step = 0; step < m.steps; step++) {
            for (int rank = 0; rank < m.ranks(step); rank++) {
                final int row = m.row(step, rank);
                final int before = m.before(step, rank);
                for (int j = 0; j < shape.gateRows(); j++) {
                    for (int k = 0; x != null && k < shape.input(); k++) {
                        add(gradient, j * shape.input() + k, a[row][j] * get(x, row, k));
                    }
                    for (int k = 0; before >= 0 && k < shape.hidden(); k++) {
                        add(gradient, shape.weightHh() + j * shape.hidden() + k, a[row][j] * h[before][k]);
                    }
                    if (biases) {
                        add(gradient, shape.biasIh() + j, a[row][j]);
                        add(gradient, shape.biasHh() + j, a[row][j]);
                    }
                }
            }
        }
    }

    /** out[row, k] += Σ_j weightIh[j, k] a[row][j]. */
    private static void toInput(final Memory m, final Reals weights, final double[][] a, final Rows out) {
        for (int row = 0; row < m.rows; row++) {
            for (int j = 0; j < m.shape.gateRows(); j++) {
                for (int k = 0; k < m.shape.input(); k++) {
                    add(out, row, k, get(weights, j * m.shape.input() + k) * a[row][j]);
                }
            }
        }
    }
}
