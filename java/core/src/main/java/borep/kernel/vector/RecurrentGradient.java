package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.Reals;
import borep.kernel.Recurrent;
import borep.kernel.vector.Gemm.Factor;
import borep.kernel.vector.Gemm.Outer;

/** Where a layer's gradients, or their tangents, add up: the caller's memory, seen as two matrices and two vectors. */
final class RecurrentGradient {
    private final RecurrentTape tape;
    private final OuterProducts products;
    private final Matrix inputWeights = new Matrix();
    private final Matrix hiddenWeights = new Matrix();
    /** [G·U] sums over the rows. */
    private final float[] sums;

    private float[] values;
    private int at;

    RecurrentGradient(final RecurrentTape tape, final Workers workers) {
        this.tape = tape;
        products = new OuterProducts(tape.gemm, workers);
        sums = new float[tape.gateCount * tape.units];
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

    /**
     * dW_ih += gatesᵀ inputs and dW_hh += gatesᵀ states, as products to {@link #accumulate}.
     *
     * @param withBias whether {@link #accumulateBias} follows
     */
    Outer weights(final Matrix gates, final Matrix inputs, final Matrix states, final boolean withBias) {
        return new Outer(
                gates,
                withBias ? sums : null,
                new Factor(inputs, inputWeights, tape.inputRows),
                new Factor(states, hiddenWeights, tape.hiddenRows));
    }

    /** dW_hh += gatesᵀ states. */
    Outer hiddenWeights(final Matrix gates, final Matrix states) {
        return new Outer(gates, new Factor(states, hiddenWeights, tape.hiddenRows));
    }

    /** A part's work on weight gradients. */
    void accumulate(final Outer outer, final int part, final int parts) {
        products.accumulate(outer, tape.walk.rows(), tape.gateCount * tape.gemm.panel, part, parts);
    }

    /** A part's work on db_ih and db_hh += Σ gates over the rows, which the products of {@link #weights} have added up. */
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
