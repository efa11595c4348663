package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Rows;
import java.util.Arrays;

/**
 * The memory of one fully connected layer, its outputs padded to whole panels, and what both ways to multiply share: loops over
 * the elements of a block of rows and outputs.
 */
abstract class DenseLayer implements Dense.Tape {
    final Gemm gemm;
    final Workers workers;
    private final Elements elements;
    final Dense.Shape shape;
    final int maxRows;
    /** O padded. */
    final int outputs;
    /** [O] where each output's row of weights begins; negative for padding. */
    final int[] weightRows;
    /** Rows B of the batch. */
    int rows;

    /** [O, I] and [O]: the caller's parameters, and the direction's or null. */
    float[] weights;

    int weightsAt;
    float[] direction;
    int directionAt;
    private final float[] bias;
    private final float[] directionBias;

    /** [B, I] x and R{x}, the caller's. */
    final Matrix input = new Matrix();

    final Matrix movedInput = new Matrix();
    /** [B, O] s, ds, da. */
    final Matrix s;

    private final Matrix cotangents;
    final Matrix a;
    /** [B, O] R{s} and R{da}; null until tangents are asked for. */
    Matrix movedS;

    Matrix movedA;
    /** [B, O] and [B, I] the caller's, of the sweep at hand. */
    private final Matrix callers = new Matrix();

    final Matrix inputCotangent = new Matrix();
    /** [O, I] and [O] the caller's, where gradients add up; null: not wanted. */
    private float[] gradient;

    private int gradientAt;
    final Matrix gradientWeights = new Matrix();
    private final float[] sums;

    private final Workers.Part forward = this::forward;
    private final Workers.Part backward = this::backward;
    private final Workers.Part tangentForward = this::tangentForward;
    private final Workers.Part tangentBackward = this::tangentBackward;

    DenseLayer(final Lanes lanes, final Workers workers, final Dense.Shape shape, final int maxRows) {
        gemm = lanes.gemm();
        elements = lanes.elements();
        this.workers = workers;
        this.shape = shape;
        this.maxRows = maxRows;
        outputs = gemm.padded(shape.output());
        weightRows = new int[outputs];
        Arrays.setAll(weightRows, o -> o < shape.output() ? o * shape.input() : -1);
        bias = new float[outputs];
        directionBias = new float[outputs];
        s = new Matrix(maxRows, outputs);
        cotangents = new Matrix(maxRows, outputs);
        a = new Matrix(maxRows, outputs);
        sums = new float[outputs];
    }

    /** A part's work in each sweep. */
    abstract void forward(int part, int parts);

    abstract void backward(int part, int parts);

    abstract void tangentForward(int part, int parts);

    abstract void tangentBackward(int part, int parts);

    @Override
    public Dense.Shape shape() {
        return shape;
    }

    /** A new batch. */
    void begin(final int batch) {
        rows = batch;
    }

    /** A sweep backwards is done. */
    void end() {}

    /** Room for the tangents' sweeps. */
    void prepareTangents() {
        if (movedS == null) {
            movedS = new Matrix(maxRows, outputs);
            movedA = new Matrix(maxRows, outputs);
        }
    }

    void use(final Reals reals) {
        weights = HostFloats.array(reals);
        weightsAt = HostFloats.offset(reals);
    }

    /** @param reals null: zero */
    void useDirection(final Reals reals) {
        direction = reals == null ? null : HostFloats.array(reals);
        directionAt = reals == null ? 0 : HostFloats.offset(reals);
    }

    /** @param reals null: no gradient is wanted */
    void accumulateIn(final Reals reals) {
        gradient = reals == null ? null : HostFloats.array(reals);
        if (reals != null) {
            gradientAt = HostFloats.offset(reals);
            gradientWeights.show(gradient, gradientAt, shape.input());
        }
    }

    final boolean gradientWanted() {
        return gradient != null;
    }

    /** The caller's rows of outputs or of their cotangents. */
    final void show(final Rows outputRows) {
        callers.show(outputRows);
    }

    final void runForward(final int parts) {
        workers.run(forward, parts);
    }

    final void runBackward(final int parts) {
        workers.run(backward, parts);
    }

    final void runTangentForward(final int parts) {
        workers.run(tangentForward, parts);
    }

    final void runTangentBackward(final int parts) {
        workers.run(tangentBackward, parts);
    }

    /** First output of a piece; pieces are whole panels. */
    final int output(final int piece, final int pieces) {
        return outputs / gemm.panel * piece / pieces * gemm.panel;
    }

    /** The same, without padding. */
    final int realOutput(final int piece, final int pieces) {
        return Math.min(output(piece, pieces), shape.output());
    }

    /** First panel of inputs of a piece. */
    final int inputPanel(final int piece, final int pieces) {
        return gemm.padded(shape.input()) / gemm.panel * piece / pieces;
    }

    /** First input of a piece. */
    final int input(final int piece, final int pieces) {
        return Math.min(inputPanel(piece, pieces) * gemm.panel, shape.input());
    }

    /** b of a piece of the outputs. */
    final void readBias(final int piece, final int pieces) {
        read(weights, weightsAt, bias, piece, pieces);
    }

    /** v of a piece of the outputs. */
    final void readDirectionBias(final int piece, final int pieces) {
        if (direction == null) {
            Arrays.fill(directionBias, output(piece, pieces), output(piece + 1, pieces), 0);
        } else {
            read(direction, directionAt, directionBias, piece, pieces);
        }
    }

    private void read(final float[] values, final int at, final float[] target, final int piece, final int pieces) {
        final int from = realOutput(piece, pieces);
        final int count = realOutput(piece + 1, pieces) - from;
        System.arraycopy(values, at + shape.output() * shape.input() + from, target, from, count);
    }

    /** s = φ(product + b) in a block, and to the caller. */
    final void activate(final int fromRow, final int toRow, final int from, final int to) {
        for (int r = fromRow; r < toRow; r++) {
            elements.activate(shape.tanh(), bias, from, s.values, s.row(r) + from, to - from);
        }
        copyOut(s, fromRow, toRow, from, to);
    }

    /** da = φ'(a)·ds in a block. */
    final void cotangent(final int fromRow, final int toRow, final int from, final int to) {
        copyIn(shape.tanh() ? cotangents : a, fromRow, toRow, from, to);
        for (int r = fromRow; r < toRow && shape.tanh(); r++) {
            final int at = s.row(r) + from;
            elements.cotangent(s.values, at, cotangents.values, at, a.values, at, to - from);
        }
    }

    /** R{s} = φ'(a)·(product + v) in a block, and to the caller. */
    final void tangent(final int fromRow, final int toRow, final int from, final int to) {
        for (int r = fromRow; r < toRow; r++) {
            final int at = s.row(r) + from;
            if (shape.tanh()) {
                elements.tangent(s.values, at, directionBias, from, movedS.values, at, to - from);
            } else {
                elements.activate(false, directionBias, from, movedS.values, at, to - from);
            }
        }
        copyOut(movedS, fromRow, toRow, from, to);
    }

    /** R{da} = φ'(a)·R{ds} − 2 s R{s} ds in a block. */
    final void cotangentTangent(final int fromRow, final int toRow, final int from, final int to) {
        copyIn(movedA, fromRow, toRow, from, to);
        for (int r = fromRow; r < toRow && shape.tanh(); r++) {
            final int at = s.row(r) + from;
            elements.cotangent(s.values, at, movedA.values, at, movedA.values, at, to - from);
            elements.curvature(s.values, movedS.values, cotangents.values, movedA.values, at, to - from);
        }
    }

    /** db += Σ da for a piece of the outputs, or the same of R{da}. */
    final void addBias(final Matrix cotangent, final int piece, final int pieces) {
        final int end = realOutput(piece + 1, pieces);
        elements.sumRows(cotangent, rows, output(piece, pieces), output(piece + 1, pieces), sums);
        for (int o = realOutput(piece, pieces); o < end; o++) {
            gradient[gradientAt + shape.output() * shape.input() + o] += sums[o];
        }
    }

    private void copyOut(final Matrix source, final int fromRow, final int toRow, final int from, final int to) {
        final int count = Math.min(to, shape.output()) - from;
        for (int r = fromRow; r < toRow && count > 0; r++) {
            System.arraycopy(source.values, source.row(r) + from, callers.values, callers.row(r) + from, count);
        }
    }

    private void copyIn(final Matrix target, final int fromRow, final int toRow, final int from, final int to) {
        final int count = Math.min(to, shape.output()) - from;
        for (int r = fromRow; r < toRow && count > 0; r++) {
            System.arraycopy(callers.values, callers.row(r) + from, target.values, target.row(r) + from, count);
        }
    }
}
