package borep.kernel.vector;

import borep.kernel.Dense;
import borep.kernel.vector.Gemm.Factor;
import borep.kernel.vector.Gemm.Outer;
import borep.kernel.vector.Gemm.Product;

/** A layer for many rows: its weights are packed once a sweep. Pieces are panels of weights, then rows. */
final class DenseManyRows extends DenseLayer {
    private final OuterProducts products;
    /** Wᵀ and W, packed by forward and by the first sweep after it that wants cotangents of the input. */
    private final Panels byOutput;

    private final Panels byInput;
    private boolean packedByInput;
    private final Product product;
    private final Product toInput;
    private final Outer outer;

    /** The same of the direction V. */
    private Panels directionByOutput;

    private Panels directionByInput;
    private Product productByDirection;
    private Product movedProduct;
    private Product movedProductAlone;
    private Product movedToInput;
    private Product toInputByDirection;
    private Outer movedOuter;
    private Outer outerByMovedInput;

    private final Workers.Phase pack = this::pack;
    private final Workers.Phase multiply = this::multiply;
    private final Workers.Phase prepareCotangents = this::prepareCotangents;
    private final Workers.Phase addBias = this::addBias;
    private final Workers.Phase multiplyToInput = this::multiplyToInput;
    private final Workers.Phase packDirection = this::packDirection;
    private final Workers.Phase multiplyTangents = this::multiplyTangents;
    private final Workers.Phase prepareMovedCotangents = this::prepareMovedCotangents;
    private final Workers.Phase addMovedBias = this::addMovedBias;
    private final Workers.Phase multiplyMovedToInput = this::multiplyMovedToInput;

    DenseManyRows(final Lanes lanes, final Workers workers, final Dense.Shape shape, final int maxRows) {
        super(lanes, workers, shape, maxRows);
        products = new OuterProducts(gemm, workers);
        products.reserve(gemm.padded(shape.input()));
        byOutput = new Panels(gemm, shape.input(), outputs);
        byInput = new Panels(gemm, outputs, shape.input());
        product = new Product(input, byOutput, s, false);
        toInput = new Product(a, byInput, inputCotangent, true);
        outer = new Outer(a, new Factor(input, gradientWeights, weightRows));
    }

    @Override
    void begin(final int batch) {
        super.begin(batch);
        packedByInput = false;
    }

    @Override
    void prepareTangents() {
        if (movedS != null) {
            return;
        }
        super.prepareTangents();
        directionByOutput = new Panels(gemm, shape.input(), outputs);
        directionByInput = new Panels(gemm, outputs, shape.input());
        productByDirection = new Product(input, directionByOutput, movedS, false);
        movedProduct = new Product(movedInput, byOutput, movedS, true);
        movedProductAlone = new Product(movedInput, byOutput, movedS, false);
        movedToInput = new Product(movedA, byInput, inputCotangent, true);
        toInputByDirection = new Product(a, directionByInput, inputCotangent, true);
        movedOuter = new Outer(movedA, new Factor(input, gradientWeights, weightRows));
        outerByMovedInput = new Outer(a, new Factor(movedInput, gradientWeights, weightRows));
    }

    /** First row of a piece; pieces are whole tiles. */
    private int row(final int piece, final int pieces) {
        final int tiles = (rows + gemm.tileRows - 1) / gemm.tileRows;
        return Math.min(rows, tiles * piece / pieces * gemm.tileRows);
    }

    /** The rows of a piece of a product. */
    private void multiply(final Product rowsByWeights, final int piece, final int pieces, final Workspace workspace) {
        final int panels = rowsByWeights.right().count;
        gemm.multiply(rowsByWeights, row(piece, pieces), row(piece + 1, pieces), 0, panels, workspace);
    }

    @Override
    void forward(final int part, final int parts) {
        workers.phase(pack, part, parts);
        workers.phase(multiply, part, parts);
    }

    private void pack(final int piece, final int pieces, final Workspace workspace) {
        readBias(piece, pieces);
        packTransposed(weights, weightsAt, byOutput, piece, pieces);
    }

    private void packTransposed(
            final float[] values, final int at, final Panels panels, final int piece, final int pieces) {
        final int from = output(piece, pieces) / gemm.panel;
        gemm.packTransposed(values, at, weightRows, panels, from, output(piece + 1, pieces) / gemm.panel);
    }

    private void multiply(final int piece, final int pieces, final Workspace workspace) {
        multiply(product, piece, pieces, workspace);
        activate(row(piece, pieces), row(piece + 1, pieces), 0, outputs);
    }

    @Override
    void backward(final int part, final int parts) {
        workers.phase(prepareCotangents, part, parts);
        if (gradientWanted()) {
            products.accumulate(outer, rows, gemm.panel, part, parts);
            workers.phase(addBias, part, parts);
        }
        if (inputCotangent.isShown()) {
            workers.phase(multiplyToInput, part, parts);
        }
    }

    private void prepareCotangents(final int piece, final int pieces, final Workspace workspace) {
        cotangent(row(piece, pieces), row(piece + 1, pieces), 0, outputs);
        if (inputCotangent.isShown() && !packedByInput) {
            packRows(weights, weightsAt, byInput, piece, pieces);
        }
    }

    private void packRows(final float[] values, final int at, final Panels panels, final int piece, final int pieces) {
        final int from = inputPanel(piece, pieces);
        gemm.packRows(values, at, weightRows, shape.input(), panels, from, inputPanel(piece + 1, pieces));
    }

    private void addBias(final int piece, final int pieces, final Workspace workspace) {
        addBias(a, piece, pieces);
    }

    private void multiplyToInput(final int piece, final int pieces, final Workspace workspace) {
        multiply(toInput, piece, pieces, workspace);
    }

    @Override
    void end() {
        packedByInput |= inputCotangent.isShown();
    }

    @Override
    void tangentForward(final int part, final int parts) {
        workers.phase(packDirection, part, parts);
        workers.phase(multiplyTangents, part, parts);
    }

    private void packDirection(final int piece, final int pieces, final Workspace workspace) {
        readDirectionBias(piece, pieces);
        if (direction != null) {
            packTransposed(direction, directionAt, directionByOutput, piece, pieces);
        }
    }

    private void multiplyTangents(final int piece, final int pieces, final Workspace workspace) {
        final int from = row(piece, pieces);
        final int to = row(piece + 1, pieces);
        if (direction != null) {
            multiply(productByDirection, piece, pieces, workspace);
        }
        if (movedInput.isShown()) {
            multiply(direction != null ? movedProduct : movedProductAlone, piece, pieces, workspace);
        } else if (direction == null) {
            movedS.clear(from, to, 0, outputs);
        }
        tangent(from, to, 0, outputs);
    }

    @Override
    void tangentBackward(final int part, final int parts) {
        workers.phase(prepareMovedCotangents, part, parts);
        if (gradientWanted()) {
            products.accumulate(movedOuter, rows, gemm.panel, part, parts);
            if (movedInput.isShown()) {
                products.accumulate(outerByMovedInput, rows, gemm.panel, part, parts);
            }
            workers.phase(addMovedBias, part, parts);
        }
        if (inputCotangent.isShown()) {
            workers.phase(multiplyMovedToInput, part, parts);
        }
    }

    private void prepareMovedCotangents(final int piece, final int pieces, final Workspace workspace) {
        cotangentTangent(row(piece, pieces), row(piece + 1, pieces), 0, outputs);
        if (inputCotangent.isShown() && !packedByInput) {
            packRows(weights, weightsAt, byInput, piece, pieces);
        }
        if (inputCotangent.isShown() && direction != null) {
            packRows(direction, directionAt, directionByInput, piece, pieces);
        }
    }

    private void addMovedBias(final int piece, final int pieces, final Workspace workspace) {
        addBias(movedA, piece, pieces);
    }

    private void multiplyMovedToInput(final int piece, final int pieces, final Workspace workspace) {
        multiply(movedToInput, piece, pieces, workspace);
        if (direction != null) {
            multiply(toInputByDirection, piece, pieces, workspace);
        }
    }
}
