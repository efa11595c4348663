package borep.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Rows;
import java.util.Arrays;

/**
 * A layer of either family as a function of one vector, its parameters followed by its input, in four sweeps. Matrices lie
 * inside wider ones whose other columns nobody may touch, and what a sweep must write is NaN before: both are checked
 * after every call.
 */
final class Layer {
    private static final int COLUMN = 2;
    private static final int SPARE = 3;
    private static final double GUARD = -7.25;

    /** The sweeps of one family over a tape it keeps. */
    interface Kernel {
        void forward(Reals weights, Rows input, Rows output);

        void backward(Reals weights, Rows outputCotangent, Reals gradient, Rows inputCotangent);

        void tangentForward(Reals weights, Reals direction, Rows inputTangent, Rows outputTangent);

        void tangentBackward(
                Reals weights, Reals direction, Rows outputCotangentTangent, Reals gradientTangent, Rows inputTangent);
    }

    /** Which of a pair, of parameters and input, a sweep gets; the other is null. */
    enum Part {
        BOTH,
        PARAMETERS,
        INPUT,
        NEITHER;

        boolean parameters() {
            return this == BOTH || this == PARAMETERS;
        }

        boolean input() {
            return this == BOTH || this == INPUT;
        }
    }

    private final Device device;
    private final Kernel kernel;
    private final int parameters;
    private final int rows;
    private final int input;
    private final int output;

    private Reals weights;
    private Rows x;
    /** Kept from tangentForward: the kernel reads it again in tangentBackward. */
    private Reals direction;

    private Rows inputTangent;

    Layer(
            final Device device,
            final Kernel kernel,
            final int parameters,
            final int rows,
            final int input,
            final int output) {
        this.device = device;
        this.kernel = kernel;
        this.parameters = parameters;
        this.rows = rows;
        this.input = input;
        this.output = output;
    }

    /** Numbers of a point: parameters, then [R, I]. */
    int pointSize() {
        return parameters + rows * input;
    }

    /** Numbers of the output [R, O]. */
    int outputSize() {
        return rows * output;
    }

    int parameters() {
        return parameters;
    }

    double[] forward(final double[] point) {
        weights = vector(Arrays.copyOf(point, parameters));
        x = matrix(Arrays.copyOfRange(point, parameters, point.length), input);
        final Rows y = unwritten();
        kernel.forward(weights, x, y);
        assertArrayEquals(Arrays.copyOf(point, parameters), weights.toDoubles());
        return numbers(y);
    }

    double[] tangentForward(final double[] along) {
        return tangentForward(along, Part.BOTH);
    }

    double[] tangentForward(final double[] along, final Part part) {
        direction = part.parameters() ? vector(Arrays.copyOf(along, parameters)) : null;
        inputTangent = part.input() ? matrix(Arrays.copyOfRange(along, parameters, along.length), input) : null;
        final Rows tangent = unwritten();
        kernel.tangentForward(weights, direction, inputTangent, tangent);
        return numbers(tangent);
    }

    double[] backward(final double[] cotangent) {
        return backward(cotangent, Part.BOTH, new double[pointSize()]);
    }

    /** Returns what was accumulated into {@code start}; of a part that was not wanted, what was there. */
    double[] backward(final double[] cotangent, final Part wanted, final double[] start) {
        final Reals gradient = vector(Arrays.copyOf(start, parameters));
        final Rows toInput = matrix(Arrays.copyOfRange(start, parameters, start.length), input);
        kernel.backward(
                weights,
                matrix(cotangent, output),
                wanted.parameters() ? gradient : null,
                wanted.input() ? toInput : null);
        return joined(gradient, toInput);
    }

    double[] tangentBackward(final double[] cotangentTangent) {
        return tangentBackward(cotangentTangent, Part.BOTH, new double[pointSize()]);
    }

    double[] tangentBackward(final double[] cotangentTangent, final Part wanted, final double[] start) {
        final Reals gradient = vector(Arrays.copyOf(start, parameters));
        final Rows toInput = matrix(Arrays.copyOfRange(start, parameters, start.length), input);
        kernel.tangentBackward(
                weights,
                direction,
                matrix(cotangentTangent, output),
                wanted.parameters() ? gradient : null,
                wanted.input() ? toInput : null);
        return joined(gradient, toInput);
    }

    private double[] joined(final Reals gradient, final Rows toInput) {
        final double[] joined = Arrays.copyOf(gradient.toDoubles(), pointSize());
        System.arraycopy(numbers(toInput), 0, joined, parameters, rows * input);
        return joined;
    }

    private Reals vector(final double[] values) {
        final Reals reals = device.reals(values.length);
        reals.set(values);
        return reals;
    }

    private Rows unwritten() {
        final double[] nothing = new double[outputSize()];
        Arrays.fill(nothing, Double.NaN);
        return matrix(nothing, output);
    }

    private Rows matrix(final double[] values, final int width) {
        final int stride = width + SPARE;
        final double[] memory = new double[rows * stride + COLUMN];
        Arrays.fill(memory, GUARD);
        for (int i = 0; i < values.length; i++) {
            memory[i / width * stride + COLUMN + i % width] = values[i];
        }
        return new Rows(vector(memory), width, stride, COLUMN);
    }

    /** The numbers of a matrix, whose surroundings must be untouched. */
    private double[] numbers(final Rows matrix) {
        final double[] memory = matrix.values().toDoubles();
        final double[] values = new double[rows * matrix.width()];
        int next = 0;
        for (int i = 0; i < memory.length; i++) {
            final int column = i % matrix.stride() - COLUMN;
            if (column >= 0 && column < matrix.width() && i / matrix.stride() < rows) {
                values[next++] = memory[i];
            } else {
                assertEquals(GUARD, memory[i], "element " + i + " beside the rows was written");
            }
        }
        assertEquals(values.length, next);
        return values;
    }
}
