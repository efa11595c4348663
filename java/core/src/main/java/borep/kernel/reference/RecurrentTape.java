package borep.kernel.reference;

import static borep.kernel.reference.Access.get;

import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import java.util.Arrays;

/**
 * What the sweeps of one layer keep, by packed row: [R + 1, G·H] for gates, [R + 1, H] for states. The last row is the state
 * before a sequence's first step: zeros that every sweep reads, cotangents that nobody wants.
 */
final class RecurrentTape implements Recurrent.Tape {
    final Recurrent.Shape shape;
    final CellEquations cellEquations;
    private final int maxRows;
    private final int maxBatch;

    /** R. */
    int rows;
    /** [R] all rows in the order in which a layer reads them; backward sweeps run through it from its end. */
    final int[] reading;
    /** [R] the row of the same sample that is read before; {@code maxRows} where its sequence begins. */
    final int[] before;
    /** [R, I] the caller's. */
    Rows input;
    /** [R, I] the caller's; null: zero. */
    Rows inputTangent;

    /** i, f, g, o of the LSTM; h of the tanh RNN. */
    final double[][] gates;
    /** c; unused by the tanh RNN. */
    final double[][] cell;
    /** h. */
    final double[][] hidden;

    /** R{gates}. */
    final double[][] gateTangents;
    /** R{c}. */
    final double[][] cellTangents;
    /** R{h}. */
    final double[][] hiddenTangents;

    /** ā, the cotangents of the gates before their activation. */
    final double[][] gateCotangents;
    /** R{ā}. */
    final double[][] gateCotangentTangents;
    /** u, the whole cotangent of h, as backward left it for tangentBackward. */
    final double[][] u;
    /** q, the whole cotangent of c, as backward left it. */
    final double[][] q;
    /** h̄, or R{h̄}, of the backward sweep under way: what the steps read later have handed down. */
    final double[][] hiddenCarry;
    /** c̄, or R{c̄}, likewise. */
    final double[][] cellCarry;

    private boolean hasCotangents;
    private boolean hasTangents;

    RecurrentTape(final Recurrent.Shape shape, final int maxRows, final int maxBatch) {
        this.shape = shape;
        this.maxRows = maxRows;
        this.maxBatch = maxBatch;
        reading = new int[maxRows];
        before = new int[maxRows];
        gates = new double[maxRows + 1][shape.gateRows()];
        cell = new double[maxRows + 1][shape.hidden()];
        hidden = new double[maxRows + 1][shape.hidden()];
        gateTangents = new double[maxRows + 1][shape.gateRows()];
        cellTangents = new double[maxRows + 1][shape.hidden()];
        hiddenTangents = new double[maxRows + 1][shape.hidden()];
        gateCotangents = new double[maxRows + 1][shape.gateRows()];
        gateCotangentTangents = new double[maxRows + 1][shape.gateRows()];
        u = new double[maxRows + 1][shape.hidden()];
        q = new double[maxRows + 1][shape.hidden()];
        hiddenCarry = new double[maxRows + 1][shape.hidden()];
        cellCarry = new double[maxRows + 1][shape.hidden()];
        cellEquations = shape.cell() == Recurrent.Cell.LSTM ? new LstmEquations(this) : new TanhRnnEquations(this);
    }

    @Override
    public Recurrent.Shape shape() {
        return shape;
    }

    /** Forward begins: takes over the order of a batch's rows; nothing of the batch before is left. */
    void follow(final Packing packing) {
        final int steps = get(packing.shape(), Packing.STEPS);
        final int samples = get(packing.shape(), Packing.SAMPLES);
        final int batchRows = get(packing.shape(), Packing.ROWS);
        if (batchRows > maxRows || samples > maxBatch) {
            throw new IllegalArgumentException("a batch of " + samples + " samples and " + batchRows
                    + " rows: the tape was made for " + maxBatch + " and " + maxRows);
        }
        rows = batchRows;
        hasCotangents = false;
        hasTangents = false;
        int place = 0;
        for (int k = 0; k < steps; k++) {
            final int step = shape.reverse() ? steps - 1 - k : k;
            final int stepBefore = shape.reverse() ? step + 1 : step - 1;
            // reversed, a sequence that ends at this step was not in the one read before
            final int continued = k == 0 ? 0 : get(packing.stepSizes(), stepBefore);
            for (int rank = 0; rank < get(packing.stepSizes(), step); rank++) {
                final int row = get(packing.stepStarts(), step) + rank;
                reading[place++] = row;
                before[row] = rank < continued ? get(packing.stepStarts(), stepBefore) + rank : maxRows;
            }
        }
    }

    /** Backward begins. */
    void beginBackward() {
        hasCotangents = true;
        clearCarries();
    }

    /** Tangent forward begins. */
    void beginTangentForward() {
        hasTangents = true;
    }

    /**
     * Tangent backward begins.
     *
     * @throws IllegalStateException if one of the sweeps it differentiates has not run
     */
    void beginTangentBackward() {
        Access.requireSweeps(hasCotangents, hasTangents);
        clearCarries();
    }

    /** Nothing comes back from behind the last step. */
    private void clearCarries() {
        for (int row = 0; row <= maxRows; row++) {
            Arrays.fill(hiddenCarry[row], 0);
            Arrays.fill(cellCarry[row], 0);
        }
    }
}
