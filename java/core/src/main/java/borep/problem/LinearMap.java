package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Kernels;
import borep.kernel.Rows;

/** u ↦ M u and v ↦ Mᵀ v of a small dense matrix, on any device: the matrix of a closed-form problem. */
final class LinearMap {
    private final Kernels kernels;
    private final Dense.Tape tape;
    private final Reals weights;
    private final Reals input;
    private final Reals output;
    private final Rows inputRow;
    private final Rows outputRow;

    /** The matrix with these rows; at least one row and column. */
    LinearMap(final Device device, final double[][] matrix) {
        final int out = matrix.length;
        final int in = matrix[0].length;
        kernels = device.kernels();
        tape = kernels.dense().tape(new Dense.Shape(in, out, false), 1);
        weights = device.reals(out * (in + 1));
        final double[] flat = new double[out * (in + 1)];
        for (int row = 0; row < out; row++) {
            System.arraycopy(matrix[row], 0, flat, row * in, in);
        }
        weights.set(flat);
        input = device.reals(in);
        output = device.reals(out);
        inputRow = Rows.of(input, in);
        outputRow = Rows.of(output, out);
        kernels.dense()
                .forward(tape, 1, weights, inputRow, outputRow); // backward needs a forward pass; a linear map any one
    }

    /** out = M u. */
    void apply(final Reals u, final Reals out) {
        kernels.update().copy(u, input);
        kernels.dense().forward(tape, 1, weights, inputRow, outputRow);
        kernels.update().copy(output, out);
    }

    /** out = Mᵀ v. */
    void transpose(final Reals v, final Reals out) {
        kernels.update().copy(v, output);
        kernels.update().fill(input, 0);
        kernels.dense().backward(tape, weights, outputRow, null, inputRow);
        kernels.update().copy(input, out);
    }
}
