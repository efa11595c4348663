package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Kernels;
import borep.kernel.Rows;

/** u ↦ M u + b and v ↦ Mᵀ v of a small dense matrix, on any device: the matrix of a closed-form problem. */
final class LinearMap {
    private final Kernels kernels;
    private final Dense.Tape tape;
    private final Reals weights;
    private final Reals input;
    private final Reals output;
    private final Rows inputRow;
    private final Rows outputRow;

    /** The matrix with these rows, b = 0; at least one row and column. */
    LinearMap(final Device device, final double[][] matrix) {
        this(device, matrix.length, matrix[0].length, device.reals(size(matrix.length, matrix[0].length)));
        weights.set(weights(matrix, new double[matrix.length]));
        weightsChanged();
    }

    /**
     * A map whose matrix changes.
     *
     * @param weights [{@link #size}] M row by row, then b, as {@link #weights(double[][], double[])} lays them out
     */
    LinearMap(final Device device, final int out, final int in, final Reals weights) {
        kernels = device.kernels();
        tape = kernels.dense().tape(new Dense.Shape(in, out, false), 1);
        this.weights = weights;
        input = device.reals(in);
        output = device.reals(out);
        inputRow = Rows.of(input, in);
        outputRow = Rows.of(output, out);
    }

    /** How many numbers M and b are. */
    static int size(final int out, final int in) {
        return out * (in + 1);
    }

    /** M and b one after the other. */
    static double[] weights(final double[][] matrix, final double[] offset) {
        final int in = matrix[0].length;
        final double[] flat = new double[size(matrix.length, in)];
        for (int row = 0; row < matrix.length; row++) {
            System.arraycopy(matrix[row], 0, flat, row * in, in);
        }
        System.arraycopy(offset, 0, flat, matrix.length * in, matrix.length);
        return flat;
    }

    /** Call it after the weights have changed: {@link #transpose} uses what a forward pass makes of them. */
    void weightsChanged() {
        kernels.dense().forward(tape, 1, weights, inputRow, outputRow);
    }

    /** out = M u + b. */
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
