package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.Reals;
import borep.kernel.Recurrent;
import borep.kernel.vector.Gemm.Factor;
import borep.kernel.vector.Gemm.Outer;

/** Where a layer's gradients, or their tangents, add up: the caller's memory, seen as two matrices and two vectors. */
final class RecurrentGradient {
    private final RecurrentTape tape;
    private final Workers workers;
    private final OuterProducts products;
    /** Gates' cotangents, or their tangents, whose products with the layer's inputs and states are the gradient. */
    private final Matrix gates;

    private final Outer byRows;
    private final Outer byStates;
    private final Outer byDistinctRows;
    private final Workers.Phase sumDistinct = this::sumDistinct;
    private final Matrix inputWeights = new Matrix();
    private final Matrix hiddenWeights = new Matrix();
    /** [G·U] sums over the rows. */
    private final float[] sums;

    private float[] values;
    private int at;

    /** @param gates [R, G·U] what {@link #accumulate(int, int)} multiplies with inputs and states */
    RecurrentGradient(final RecurrentTape tape, final Matrix gates, final Workers workers) {
        this.tape = tape;
        this.workers = workers;
        this.gates = gates;
        products = new OuterProducts(tape.gemm, workers);
        sums = new float[tape.gateCount * tape.units];
        final DistinctRows distinct = tape.distinct;
        byRows = new Outer(gates, sums, byInputs(tape.input), byStates(tape.before));
        byStates = new Outer(gates, sums, byStates(tape.before));
        byDistinctRows = distinct == null ? null : new Outer(distinct.gates, byInputs(distinct.input));
    }

    /** The caller's memory; null: not wanted. */
    void use(final Reals reals) {
        if (reals == null) {
            values = null;
            return;
        }
        final Recurrent.Shape shape = tape.shape;
        values = HostFloats.array(reals);
        at = HostFloats.offset(reals);
        inputWeights.show(values, at, shape.input());
        hiddenWeights.show(values, at + shape.weightHh(), shape.hidden());
    }

    boolean wanted() {
        return values != null;
    }

    /** The right side of dW_ih += gatesᵀ inputs. */
    Factor byInputs(final Matrix inputs) {
        return new Factor(inputs, inputWeights, tape.inputRows);
    }

    /** The right side of dW_hh += gatesᵀ states. */
    Factor byStates(final Matrix states) {
        return new Factor(states, hiddenWeights, tape.hiddenRows);
    }

    /** A part's work on dW_ih and dW_hh by the layer's own gates, inputs and states; {@link #accumulateBias} follows. */
    void accumulate(final int part, final int parts) {
        if (tape.byDistinctRows()) {
            workers.phase(sumDistinct, part, parts);
            accumulate(byStates, part, parts);
            accumulate(byDistinctRows, tape.distinct.count(), part, parts);
        } else {
            accumulate(byRows, part, parts);
        }
    }

    private void sumDistinct(final int piece, final int pieces, final Workspace workspace) {
        tape.distinct.sum(gates, piece, pieces);
    }

    /** A part's work on products over all rows. */
    void accumulate(final Outer outer, final int part, final int parts) {
        accumulate(outer, tape.walk.rows(), part, parts);
    }

    private void accumulate(final Outer outer, final int depth, final int part, final int parts) {
        products.accumulate(outer, depth, tape.gateCount * tape.gemm.panel, part, parts);
    }

    /** A part's work on db_ih and db_hh += Σ gates over the rows, which {@link #accumulate(int, int)} has added up. */
    void accumulateBias(final int part, final int parts) {
        final Recurrent.Shape shape = tape.shape;
        final int first = tape.gateCount * tape.unit(part, parts);
        final int last = tape.gateCount * tape.unit(part + 1, parts);
        for (int column = first; column < last; column++) {
            final int row = tape.gateRows[column];
            if (row >= 0) {
                values[at + shape.biasIh() + row] += sums[column];
                values[at + shape.biasHh() + row] += sums[column];
            }
        }
    }
}
