package borep.kernel;

import borep.device.Reals;

/**
 * One fully connected layer s = φ(W x + b) in four sweeps, φ = tanh or none. Parameters as in PyTorch's {@code nn.Linear}:
 * weight [O, I], then bias [O].
 */
public interface Dense {
    /**
     * Sizes of a layer.
     *
     * @param input  I, at least 1
     * @param output O, at least 1
     * @param tanh   whether tanh follows
     */
    record Shape(int input, int output, boolean tanh) {
        /** Checks the sizes. */
        public Shape {
            if (input < 1 || output < 1) {
                throw new IllegalArgumentException(
                        "layer " + input + " -> " + output + ": both sizes must be at least 1");
            }
        }

        /** Number of parameters. */
        public int parameters() {
            return output * (input + 1);
        }
    }

    /** What one sweep leaves for the next. */
    interface Tape {
        /** The layer it was made for. */
        Shape shape();
    }

    /** Memory for the sweeps of one layer over up to {@code maxRows} rows. */
    Tape tape(Shape shape, int maxRows);

    /**
     * s = φ(W x + b).
     *
     * @param tape    written
     * @param rows    number of rows B of this batch
     * @param weights read    [parameters]
     * @param input   read    [B, I]; must stay unchanged until the last sweep over this tape
     * @param output  written [B, O]
     */
    void forward(Tape tape, int rows, Reals weights, Rows input, Rows output);

    /**
     * da = φ'(a)·ds; dW += daᵀ x, db += Σ da, dx += da W.
     *
     * @param tape            read; written: da
     * @param weights         read
     * @param outputCotangent read        [B, O]
     * @param gradient        accumulated [parameters]; null: not wanted
     * @param inputCotangent  accumulated [B, I]; null: not wanted
     */
    void backward(Tape tape, Reals weights, Rows outputCotangent, Reals gradient, Rows inputCotangent);

    /**
     * R{s} = φ'(a)·(V x + v + W R{x}).
     *
     * @param tape          read; written: R{s}
     * @param weights       read
     * @param direction     read [parameters]; null: zero
     * @param inputTangent  read [B, I]; null: zero; must stay unchanged until tangentBackward
     * @param outputTangent written [B, O]
     */
    void tangentForward(Tape tape, Reals weights, Reals direction, Rows inputTangent, Rows outputTangent);

    /**
     * R{da} = φ'(a)·R{ds} − 2 s R{s} ds (tanh); R{dW} += R{da}ᵀ x + daᵀ R{x}, R{db} += Σ R{da}, R{dx} += R{da} W + da V.
     * Needs {@code backward} and {@code tangentForward} on this tape before.
     *
     * @param tape                   read
     * @param weights                read
     * @param direction              read [parameters]; null: zero
     * @param outputCotangentTangent read        [B, O]
     * @param gradientTangent        accumulated [parameters]; null: not wanted
     * @param inputCotangentTangent  accumulated [B, I]; null: not wanted
     */
    void tangentBackward(
            Tape tape,
            Reals weights,
            Reals direction,
            Rows outputCotangentTangent,
            Reals gradientTangent,
            Rows inputCotangentTangent);
}
