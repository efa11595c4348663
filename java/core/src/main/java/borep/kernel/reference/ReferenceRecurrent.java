package borep.kernel.reference;

import static borep.kernel.reference.Access.add;
import static borep.kernel.reference.Access.get;
import static borep.kernel.reference.Access.require;
import static borep.kernel.reference.Access.requireOptional;
import static borep.kernel.reference.Access.set;

import borep.device.Reals;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;

/**
 * The four sweeps of {@link Recurrent}, row by row; what a cell does to a row is in {@link LstmEquations} and {@link
 * TanhRnnEquations}. Bars are cotangents, R{·} the derivative along the direction V (v = v_ih + v_hh), h⁻ the state of the
 * step read before, Σ runs over rows:
 *
 * <pre>
 * forward            a = W_ih x + b_ih + W_hh h⁻ + b_hh
 * tangent forward    R{a} = V_ih x + V_hh h⁻ + v + W_ih R{x} + W_hh R{h⁻}
 * backward           u = ȳ + h̄;  h̄⁻ = W_hhᵀ ā
 *                    W̄_ih += Σ ā xᵀ,  W̄_hh += Σ ā h⁻ᵀ,  b̄ += Σ ā,  x̄ += W_ihᵀ ā
 * tangent backward   R{u} = R{ȳ} + R{h̄};  R{h̄⁻} = W_hhᵀ R{ā} + V_hhᵀ ā
 *                    R{W̄_ih} += Σ R{ā} xᵀ + ā R{x}ᵀ,  R{W̄_hh} += Σ R{ā} h⁻ᵀ + ā R{h⁻}ᵀ,  R{b̄} += Σ R{ā}
 *                    R{x̄} += W_ihᵀ R{ā} + V_ihᵀ ā
 * </pre>
 */
final class ReferenceRecurrent implements Recurrent {
    @Override
    public Tape tape(final Shape shape, final int maxRows, final int maxBatch) {
        return new RecurrentTape(shape, maxRows, maxBatch);
    }

    @Override
    public void forward(
            final Tape tape, final Packing packing, final Reals weights, final Rows input, final Rows output) {
        final RecurrentTape t = (RecurrentTape) tape;
        final Shape shape = t.shape;
        t.follow(packing);
        require("weights", weights, shape.parameters());
        require("input", input, t.rows, shape.input());
        require("output", output, t.rows, shape.hidden());
        t.input = input;
        for (int place = 0; place < t.rows; place++) {
            final int row = t.reading[place];
            final int before = t.before[row];
            for (int j = 0; j < shape.gateRows(); j++) {
                t.gates[row][j] = biases(weights, shape, j)
                        + timesInput(weights, shape, j, input, row)
                        + timesHidden(weights, shape, j, t.hidden[before]);
            }
            t.cellEquations.forward(row, before);
            copy(t.hidden[row], output, row);
        }
    }

    @Override
    public void tangentForward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows inputTangent,
            final Rows outputTangent) {
        final RecurrentTape t = (RecurrentTape) tape;
        final Shape shape = t.shape;
        require("weights", weights, shape.parameters());
        requireOptional("direction", direction, shape.parameters());
        requireOptional("inputTangent", inputTangent, t.rows, shape.input());
        require("outputTangent", outputTangent, t.rows, shape.hidden());
        t.beginTangentForward();
        t.inputTangent = inputTangent;
        for (int place = 0; place < t.rows; place++) {
            final int row = t.reading[place];
            final int before = t.before[row];
            for (int j = 0; j < shape.gateRows(); j++) {
                double ra = timesHidden(weights, shape, j, t.hiddenTangents[before]);
                if (direction != null) {
                    ra += biases(direction, shape, j)
                            + timesInput(direction, shape, j, t.input, row)
                            + timesHidden(direction, shape, j, t.hidden[before]);
                }
                if (inputTangent != null) {
                    ra += timesInput(weights, shape, j, inputTangent, row);
                }
                t.gateTangents[row][j] = ra;
            }
            t.cellEquations.tangentForward(row, before);
            copy(t.hiddenTangents[row], outputTangent, row);
        }
    }

    @Override
    public void backward(
            final Tape tape,
            final Reals weights,
            final Rows outputCotangent,
            final Reals gradient,
            final Rows inputCotangent) {
        final RecurrentTape t = (RecurrentTape) tape;
        require("weights", weights, t.shape.parameters());
        require("outputCotangent", outputCotangent, t.rows, t.shape.hidden());
        requireOptional("gradient", gradient, t.shape.parameters());
        requireOptional("inputCotangent", inputCotangent, t.rows, t.shape.input());
        t.beginBackward();
        for (int place = t.rows - 1; place >= 0; place--) {
            final int row = t.reading[place];
            final int before = t.before[row];
            for (int unit = 0; unit < t.shape.hidden(); unit++) {
                t.u[row][unit] = get(outputCotangent, row, unit) + t.hiddenCarry[row][unit];
            }
            t.cellEquations.backward(row, before);
            addToHidden(weights, t.shape, t.gateCotangents[row], t.hiddenCarry[before]);
        }
        if (gradient != null) {
            addProducts(t, t.gateCotangents, t.input, t.hidden, gradient);
            addBiases(t, t.gateCotangents, gradient);
        }
        if (inputCotangent != null) {
            addToInput(t, weights, t.gateCotangents, inputCotangent);
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
        final RecurrentTape t = (RecurrentTape) tape;
        require("weights", weights, t.shape.parameters());
        requireOptional("direction", direction, t.shape.parameters());
        require("outputCotangentTangent", outputCotangentTangent, t.rows, t.shape.hidden());
        requireOptional("gradientTangent", gradientTangent, t.shape.parameters());
        requireOptional("inputCotangentTangent", inputCotangentTangent, t.rows, t.shape.input());
        t.beginTangentBackward();
        for (int place = t.rows - 1; place >= 0; place--) {
            final int row = t.reading[place];
            final int before = t.before[row];
            for (int unit = 0; unit < t.shape.hidden(); unit++) {
                t.hiddenCarry[row][unit] += get(outputCotangentTangent, row, unit);
            }
            t.cellEquations.tangentBackward(row, before);
            addToHidden(weights, t.shape, t.gateCotangentTangents[row], t.hiddenCarry[before]);
            if (direction != null) {
                addToHidden(direction, t.shape, t.gateCotangents[row], t.hiddenCarry[before]);
            }
        }
        if (gradientTangent != null) {
            addProducts(t, t.gateCotangentTangents, t.input, t.hidden, gradientTangent);
            addBiases(t, t.gateCotangentTangents, gradientTangent);
            addProducts(t, t.gateCotangents, t.inputTangent, t.hiddenTangents, gradientTangent);
        }
        if (inputCotangentTangent != null) {
            addToInput(t, weights, t.gateCotangentTangents, inputCotangentTangent);
            if (direction != null) {
                addToInput(t, direction, t.gateCotangents, inputCotangentTangent);
            }
        }
    }

    /** out[row, :] = values. */
    private static void copy(final double[] values, final Rows out, final int row) {
        for (int unit = 0; unit < values.length; unit++) {
            set(out, row, unit, values[unit]);
        }
    }

    /** b_ih[j] + b_hh[j]. */
    private static double biases(final Reals weights, final Shape shape, final int j) {
        return get(weights, shape.biasIh() + j) + get(weights, shape.biasHh() + j);
    }

    /** W_ih[j, :] x[row, :]. */
    private static double timesInput(final Reals weights, final Shape shape, final int j, final Rows x, final int row) {
        double sum = 0;
        for (int k = 0; k < shape.input(); k++) {
            sum += get(weights, j * shape.input() + k) * get(x, row, k);
        }
        return sum;
    }

    /** W_hh[j, :] h[:]. */
    private static double timesHidden(final Reals weights, final Shape shape, final int j, final double[] h) {
        double sum = 0;
        for (int k = 0; k < shape.hidden(); k++) {
            sum += get(weights, shape.weightHh() + j * shape.hidden() + k) * h[k];
        }
        return sum;
    }

    /** out[:] += W_hhᵀ a[:]. */
    private static void addToHidden(final Reals weights, final Shape shape, final double[] a, final double[] out) {
        for (int j = 0; j < shape.gateRows(); j++) {
            for (int k = 0; k < shape.hidden(); k++) {
                out[k] += get(weights, shape.weightHh() + j * shape.hidden() + k) * a[j];
            }
        }
    }

    /** out[row, :] += W_ihᵀ a[row, :]. */
    private static void addToInput(final RecurrentTape t, final Reals weights, final double[][] a, final Rows out) {
        for (int row = 0; row < t.rows; row++) {
            for (int j = 0; j < t.shape.gateRows(); j++) {
                for (int k = 0; k < t.shape.input(); k++) {
                    add(out, row, k, get(weights, j * t.shape.input() + k) * a[row][j]);
                }
            }
        }
    }

    /** The gradient of W_ih += Σ a xᵀ, that of W_hh += Σ a h⁻ᵀ; no x is zero. */
    private static void addProducts(
            final RecurrentTape t, final double[][] a, final Rows x, final double[][] h, final Reals gradient) {
        final Shape shape = t.shape;
        for (int row = 0; row < t.rows; row++) {
            final double[] hiddenBefore = h[t.before[row]];
            for (int j = 0; j < shape.gateRows(); j++) {
                for (int k = 0; x != null && k < shape.input(); k++) {
                    add(gradient, j * shape.input() + k, a[row][j] * get(x, row, k));
                }
                for (int k = 0; k < shape.hidden(); k++) {
                    add(gradient, shape.weightHh() + j * shape.hidden() + k, a[row][j] * hiddenBefore[k]);
                }
            }
        }
    }

    /** The gradients of b_ih and b_hh += Σ a. */
    private static void addBiases(final RecurrentTape t, final double[][] a, final Reals gradient) {
        for (int row = 0; row < t.rows; row++) {
            for (int j = 0; j < t.shape.gateRows(); j++) {
                add(gradient, t.shape.biasIh() + j, a[row][j]);
                add(gradient, t.shape.biasHh() + j, a[row][j]);
            }
        }
    }
}
