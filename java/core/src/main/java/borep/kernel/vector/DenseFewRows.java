package borep.kernel.vector;

import borep.kernel.Dense;
import borep.kernel.vector.Gemm.Factor;
import borep.kernel.vector.Gemm.Outer;

/**
 * A layer for {@link FewRows#MOST} rows at most. Packed weights would cost more than they save, so the rows are packed, once for all
 * pieces, and the weights are read where they lie. Pieces are outputs, and inputs for their cotangents.
 */
final class DenseFewRows extends DenseLayer {
    private final FewRows few;
    /** x and R{x} turned, for products with rows of weights. */
    private final float[] turnedInput;

    private float[] turnedMovedInput;
    /** da and R{da}, packed as left sides. */
    private final float[] packedA;

    private float[] packedMovedA;
    /** x, and R{x} below it where it moves, packed as right side. */
    private float[] packedInput;

    private final Outer byInput;
    private Outer byMovedCotangents;
    /** [2 B, O] R{da} and da, and [2 B, I] x and R{x}: both outer products in one pass over the gradient. */
    private Matrix bothA;

    private final Matrix bothInputs = new Matrix();
    private Outer byBothInputs;

    private final Workers.Phase turnInput = this::turnInput;
    private final Workers.Phase multiply = this::multiply;
    private final Workers.Phase prepareCotangents = this::prepareCotangents;
    private final Workers.Phase multiplyCotangents = this::multiplyCotangents;
    private final Workers.Phase turnMovedInput = this::turnMovedInput;
    private final Workers.Phase multiplyTangents = this::multiplyTangents;
    private final Workers.Phase prepareMovedCotangents = this::prepareMovedCotangents;
    private final Workers.Phase multiplyMovedCotangents = this::multiplyMovedCotangents;

    DenseFewRows(final Lanes lanes, final Workers workers, final Dense.Shape shape, final int maxRows) {
        super(lanes, workers, shape, maxRows);
        few = new FewRows(gemm);
        turnedInput = turned();
        packedA = packed();
        packedInput = new float[maxRows * gemm.padded(shape.input())];
        byInput = new Outer(a, new Factor(input, gradientWeights, weightRows));
    }

    private float[] turned() {
        return new float[few.vectors(maxRows) * gemm.lanes * shape.input()];
    }

    private float[] packed() {
        return new float[gemm.packedRows(maxRows) * outputs];
    }

    @Override
    void prepareTangents() {
        if (movedS != null) {
            return;
        }
        super.prepareTangents();
        turnedMovedInput = turned();
        packedMovedA = packed();
        packedInput = new float[2 * maxRows * gemm.padded(shape.input())];
        byMovedCotangents = new Outer(movedA, new Factor(input, gradientWeights, weightRows));
        bothA = new Matrix(2 * maxRows, outputs);
        bothInputs.show(new Matrix(2 * maxRows, shape.input()));
        byBothInputs = new Outer(bothA, new Factor(bothInputs, gradientWeights, weightRows));
    }

    @Override
    void forward(final int part, final int parts) {
        workers.phase(turnInput, part, parts);
        workers.phase(multiply, part, parts);
    }

    private void turnInput(final int piece, final int pieces, final Workspace workspace) {
        readBias(piece, pieces);
        few.turn(input, rows, input(piece, pieces), input(piece + 1, pieces), turnedInput);
    }

    private void multiply(final int piece, final int pieces, final Workspace workspace) {
        multiply(input, turnedInput, weights, weightsAt, s, false, piece, pieces, workspace);
        activate(0, rows, output(piece, pieces), output(piece + 1, pieces));
    }

    /** out (=|+=) rows · valuesᵀ for a piece of the outputs. */
    private void multiply(
            final Matrix left,
            final float[] turned,
            final float[] values,
            final int at,
            final Matrix out,
            final boolean add,
            final int piece,
            final int pieces,
            final Workspace workspace) {
        few.multiplyTransposed(
                left,
                turned,
                rows,
                values,
                at,
                weightRows,
                realOutput(piece, pieces),
                realOutput(piece + 1, pieces),
                out,
                add,
                workspace);
    }

    @Override
    void backward(final int part, final int parts) {
        workers.phase(prepareCotangents, part, parts);
        workers.phase(multiplyCotangents, part, parts);
    }

    private void prepareCotangents(final int piece, final int pieces, final Workspace workspace) {
        cotangent(0, rows, output(piece, pieces), output(piece + 1, pieces));
        if (inputCotangent.isShown()) {
            pack(a, packedA, piece, pieces);
        }
        if (gradientWanted()) {
            packRight(byInput, rows, piece, pieces);
        }
    }

    private void pack(final Matrix source, final float[] packed, final int piece, final int pieces) {
        final int from = output(piece, pieces);
        gemm.packLeft(source, 0, rows, from, output(piece + 1, pieces), packed, 0, outputs, from);
    }

    private void packRight(final Outer outer, final int depth, final int piece, final int pieces) {
        final int from = inputPanel(piece, pieces);
        final int to = inputPanel(piece + 1, pieces);
        gemm.packOuterRight(outer.factors()[0], 0, depth, 0, depth, from, to, packedInput, 0);
    }

    private void multiplyCotangents(final int piece, final int pieces, final Workspace workspace) {
        if (gradientWanted()) {
            accumulate(byInput, rows, piece, pieces, workspace);
            addBias(a, piece, pieces);
        }
        if (inputCotangent.isShown()) {
            multiplyToInput(packedA, weights, weightsAt, piece, pieces, workspace);
        }
    }

    private void accumulate(
            final Outer outer, final int depth, final int piece, final int pieces, final Workspace workspace) {
        gemm.outerBlock(outer, 0, depth, packedInput, 0, output(piece, pieces), output(piece + 1, pieces), workspace);
    }

    /** dx += cotangents · values for a piece of the inputs. */
    private void multiplyToInput(
            final float[] packed,
            final float[] values,
            final int at,
            final int piece,
            final int pieces,
            final Workspace workspace) {
        few.multiply(
                packed,
                outputs,
                rows,
                values,
                at,
                shape.input(),
                shape.output(),
                input(piece, pieces),
                input(piece + 1, pieces),
                inputCotangent,
                workspace);
    }

    @Override
    void tangentForward(final int part, final int parts) {
        workers.phase(turnMovedInput, part, parts);
        workers.phase(multiplyTangents, part, parts);
    }

    private void turnMovedInput(final int piece, final int pieces, final Workspace workspace) {
        readDirectionBias(piece, pieces);
        if (movedInput.isShown()) {
            few.turn(movedInput, rows, input(piece, pieces), input(piece + 1, pieces), turnedMovedInput);
        }
    }

    private void multiplyTangents(final int piece, final int pieces, final Workspace workspace) {
        if (direction != null) {
            multiply(input, turnedInput, direction, directionAt, movedS, false, piece, pieces, workspace);
        } else {
            movedS.clear(0, rows, output(piece, pieces), output(piece + 1, pieces));
        }
        if (movedInput.isShown()) {
            multiply(movedInput, turnedMovedInput, weights, weightsAt, movedS, true, piece, pieces, workspace);
        }
        tangent(0, rows, output(piece, pieces), output(piece + 1, pieces));
    }

    @Override
    void tangentBackward(final int part, final int parts) {
        workers.phase(prepareMovedCotangents, part, parts);
        workers.phase(multiplyMovedCotangents, part, parts);
    }

    private void prepareMovedCotangents(final int piece, final int pieces, final Workspace workspace) {
        final int from = output(piece, pieces);
        final int to = output(piece + 1, pieces);
        cotangentTangent(0, rows, from, to);
        if (inputCotangent.isShown()) {
            pack(movedA, packedMovedA, piece, pieces);
            if (direction != null) {
                pack(a, packedA, piece, pieces);
            }
        }
        if (gradientWanted() && movedInput.isShown()) {
            stack(movedA, a, bothA, from, to);
            stack(input, movedInput, bothInputs, input(piece, pieces), input(piece + 1, pieces));
            packRight(byBothInputs, 2 * rows, piece, pieces);
        } else if (gradientWanted()) {
            packRight(byMovedCotangents, rows, piece, pieces);
        }
    }

    /** Puts columns [from, to) of one matrix's rows above another's. */
    private void stack(final Matrix upper, final Matrix lower, final Matrix both, final int from, final int to) {
        for (int r = 0; r < rows; r++) {
            System.arraycopy(upper.values, upper.row(r) + from, both.values, both.row(r) + from, to - from);
            System.arraycopy(lower.values, lower.row(r) + from, both.values, both.row(rows + r) + from, to - from);
        }
    }

    private void multiplyMovedCotangents(final int piece, final int pieces, final Workspace workspace) {
        if (gradientWanted()) {
            final boolean moving = movedInput.isShown();
            accumulate(moving ? byBothInputs : byMovedCotangents, moving ? 2 * rows : rows, piece, pieces, workspace);
            addBias(movedA, piece, pieces);
        }
        if (inputCotangent.isShown()) {
            multiplyToInput(packedMovedA, weights, weightsAt, piece, pieces, workspace);
            if (direction != null) {
                multiplyToInput(packedA, direction, directionAt, piece, pieces, workspace);
            }
        }
    }
}
