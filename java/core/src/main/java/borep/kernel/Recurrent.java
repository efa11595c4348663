package borep.kernel;

import borep.device.Reals;

/**
 * One direction of one recurrent layer in four sweeps (docs/sweeps.md): forward, backward, and the derivative of both along
 * a direction, which gives Hessian-vector products (Pearlmutter, Fast exact multiplication by the Hessian, 1994).
 *
 * <p>All matrices of rows are packed as {@link Packing} says. Parameters lie as in PyTorch: {@code weightIh} [G·H, I],
 * {@code weightHh} [G·H, H], {@code biasIh} [G·H], {@code biasHh} [G·H] one after the other, with G = 4 gates in the order
 * i, f, g, o for the LSTM and G = 1 for the tanh RNN. A reversed layer reads each sequence from its last step to its first.
 */
public interface Recurrent {
    /** The recurrence. */
    enum Cell {
        /** i, f, o = σ(a), g = tanh(a), c_t = f·c_{t-1} + i·g, h_t = o·tanh(c_t) (Hochreiter, Schmidhuber 1997). */
        LSTM(4),
        /** h_t = tanh(a_t) (Elman 1990). */
        TANH_RNN(1);

        private final int gates;

        Cell(final int gates) {
            this.gates = gates;
        }

        /** Number of gates G. */
        public int gates() {
            return gates;
        }
    }

    /**
     * Sizes of one direction of one layer.
     *
     * @param cell    the recurrence
     * @param input   I, numbers per input row, at least 1
     * @param hidden  H, at least 1
     * @param reverse whether sequences are read from their end
     */
    record Shape(Cell cell, int input, int hidden, boolean reverse) {
        /** Checks the sizes. */
        public Shape {
            if (input < 1) {
                throw new IllegalArgumentException("input size " + input + ": must be at least 1");
            }
            if (hidden < 1) {
                throw new IllegalArgumentException("hidden size " + hidden + ": must be at least 1");
            }
        }

        /** G·H, the rows of both weight matrices. */
        public int gateRows() {
            return cell.gates() * hidden;
        }

        /** Where weightHh begins among the parameters. */
        public int weightHh() {
            return gateRows() * input;
        }

        /** Where biasIh begins. */
        public int biasIh() {
            return weightHh() + gateRows() * hidden;
        }

        /** Where biasHh begins. */
        public int biasHh() {
            return biasIh() + gateRows();
        }

        /** Number of parameters. */
        public int parameters() {
            return biasHh() + gateRows();
        }
    }

    /** What one sweep leaves for the next; made by the kernel, its layout is the kernel's own. */
    interface Tape {
        /** The layer it was made for. */
        Shape shape();
    }

    /**
     * Memory for the sweeps of one layer over batches of up to these sizes.
     *
     * @param maxRows  most rows R of a batch
     * @param maxBatch most samples B of a batch
     */
    Tape tape(Shape shape, int maxRows, int maxBatch);

    /**
     * a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh, then the cell; h_{-1} = c_{-1} = 0.
     *
     * @param tape    written
     * @param packing read; must stay unchanged until the last sweep over this tape
     * @param weights read   [{@link Shape#parameters}]
     * @param input   read   [R, I]; must stay unchanged until the last sweep over this tape
     * @param output  written [R, H] hidden states
     */
    void forward(Tape tape, Packing packing, Reals weights, Rows input, Rows output);

    /**
     * Cotangents of parameters and inputs from those of the hidden states. May be called again with other cotangents after
     * one {@code forward}.
     *
     * @param tape            read as forward left it; written: the gates' cotangents
     * @param weights         read as in forward
     * @param outputCotangent read [R, H]
     * @param gradient        accumulated [parameters]; null: not wanted
     * @param inputCotangent  accumulated [R, I]; null: not wanted
     */
    void backward(Tape tape, Reals weights, Rows outputCotangent, Reals gradient, Rows inputCotangent);

    /**
     * R{a_t} = V_ih x_t + v_ih + V_hh h_{t-1} + v_hh + W_ih R{x_t} + W_hh R{h_{t-1}}: the derivative of forward.
     *
     * @param tape          read as forward left it; written: the gates' tangents
     * @param weights       read as in forward
     * @param direction     read [parameters], laid out like the parameters; null: zero
     * @param inputTangent  read [R, I]; null: zero; must stay unchanged until tangentBackward
     * @param outputTangent written [R, H]
     */
    void tangentForward(Tape tape, Reals weights, Reals direction, Rows inputTangent, Rows outputTangent);

    /**
     * The derivative of backward: needs {@code backward} and {@code tangentForward} on this tape before, with the cotangents
     * whose tangents are given here.
     *
     * @param tape                   read
     * @param weights                read as in forward
     * @param direction              read as in tangentForward
     * @param outputCotangentTangent read [R, H]
     * @param gradientTangent        accumulated [parameters]; null: not wanted
     * @param inputCotangentTangent  accumulated [R, I]; null: not wanted
     */
    void tangentBackward(
            Tape tape,
            Reals weights,
            Reals direction,
            Rows outputCotangentTangent,
            Reals gradientTangent,
            Rows inputCotangentTangent);

    /**
     * {@link #forward}, then {@link #tangentForward}: for whoever needs both, so that a device may carry values and tangents
     * through the steps together. Parameters as there.
     */
    default void forwardAlong(
            final Tape tape,
            final Packing packing,
            final Reals weights,
            final Reals direction,
            final Rows input,
            final Rows inputTangent,
            final Rows output,
            final Rows outputTangent) {
        forward(tape, packing, weights, input, output);
        tangentForward(tape, weights, direction, inputTangent, outputTangent);
    }

    /** {@link #backward}, then {@link #tangentBackward}; needs {@code forward} and {@code tangentForward} before. */
    default void backwardAlong(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows outputCotangent,
            final Rows outputCotangentTangent,
            final Reals gradient,
            final Reals gradientTangent,
            final Rows inputCotangent,
            final Rows inputCotangentTangent) {
        backward(tape, weights, outputCotangent, gradient, inputCotangent);
        tangentBackward(tape, weights, direction, outputCotangentTangent, gradientTangent, inputCotangentTangent);
    }
}
