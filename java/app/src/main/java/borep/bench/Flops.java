package borep.bench;

import borep.kernel.Recurrent;

/**
 * Multiplications and additions of one recurrent layer's matrix products, exact for sequences of any lengths; element-wise
 * work is left out (below 1 % from 128 hidden units on).
 *
 * <p>A product with the inputs costs u = 2·G·H·I·R, one with the hidden states v = 2·G·H·H·(R − S): h_{-1} = 0, so the first
 * step of each of the S sequences that are not empty has no such product. With that the sweeps are
 *
 * <pre>
 *   forward           W_ih x u, W_hh h v
 *   backward          δ W_hh v;  gradient: δᵀx u, δᵀh v;  below: δ W_ih u
 *   tangent forward   W_hh R{h} v;  direction: V_ih x u, V_hh h v;  from below: W_ih R{x} u
 *   tangent backward  R{δ} W_hh v;  direction: δ V_hh v;  gradient: R{δ}ᵀx u, R{δ}ᵀh v, δᵀR{h} v, from below δᵀR{x} u;
 *                     below: R{δ} W_ih u, direction δ V_ih u
 * </pre>
 *
 * @param layer  sizes
 * @param rows   R, sum of the lengths
 * @param linked R − S, rows that have a predecessor
 */
record Flops(Recurrent.Shape layer, long rows, long linked) {
    /** For sequences of these lengths. */
    static Flops of(final Recurrent.Shape layer, final int[] lengths) {
        long rows = 0;
        long linked = 0;
        for (final int length : lengths) {
            rows += length;
            linked += Math.max(length - 1, 0);
        }
        return new Flops(layer, rows, linked);
    }

    /** One product with the inputs, u. */
    long input() {
        return 2L * layer.gateRows() * layer.input() * rows;
    }

    /** One product with the hidden states, v. */
    long hidden() {
        return 2L * layer.gateRows() * layer.hidden() * linked;
    }

    long forward() {
        return input() + hidden();
    }

    /**
     * @param gradient whether the parameters' gradient is wanted
     * @param below    whether the inputs' cotangents are wanted
     */
    long backward(final boolean gradient, final boolean below) {
        return hidden() + (gradient ? input() + hidden() : 0) + (below ? input() : 0);
    }

    /**
     * @param direction whether the parameters have a direction
     * @param fromBelow whether the inputs have tangents
     */
    long tangentForward(final boolean direction, final boolean fromBelow) {
        return hidden() + (direction ? input() + hidden() : 0) + (fromBelow ? input() : 0);
    }

    /** As the three above. */
    long tangentBackward(
            final boolean direction, final boolean fromBelow, final boolean gradient, final boolean below) {
        long flops = hidden() + (direction ? hidden() : 0);
        if (gradient) {
            flops += input() + 2 * hidden() + (fromBelow ? input() : 0);
        }
        if (below) {
            flops += input() + (direction ? input() : 0);
        }
        return flops;
    }
}
