package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.Reals;
import borep.kernel.Recurrent;
import java.util.Arrays;

/**
 * The memory of one recurrent layer's sweeps: R rows, B samples, G gates, I inputs and H hidden units, padded to U
 * units in whole panels. Padded units have zero weights, so they stay 0 in every sweep and no loop over units has a
 * remainder.
 */
final class RecurrentTape implements Recurrent.Tape {
    final Recurrent.Shape shape;
    final Gemm gemm;
    final Walk walk;
    final int maxRows;
    final int maxBatch;
    /** G. */
    final int gateCount;
    /** U. */
    final int units;
    /** Whether the caller's rows have no padding, so that they are read and written where they lie. */
    final boolean inPlace;
    /** [U] what a row without a neighbour in time reads instead. */
    final float[] zeros;
    /** [G·U] row of the weight matrices behind each column of gates; negative for padding. */
    final int[] gateRows;
    /** [G·U] where each gate's row begins in weightIh and weightHh; negative for padding. */
    final int[] inputRows;

    final int[] hiddenRows;

    /** The caller's parameters. */
    float[] weights;

    int weightsAt;
    /** [G·U] b_ih + b_hh. */
    final float[] bias;
    /** W_ihᵀ and W_hhᵀ, packed by forward. */
    final Panels inputByGate;

    final Panels hiddenByGate;
    /** W_hh, packed by the first backward after forward, and W_ih, the same if cotangents of the input are wanted. */
    final Panels gateByHidden;

    Panels gateByInput;
    boolean hiddenWeightsPacked;
    boolean inputWeightsPacked;
    /** The pieces of the time steps of the sweep at hand. */
    private final Share[] shares;

    /** [shares + 1] first sample of each piece, where pieces are samples. */
    private final int[] begins;

    private int shareCount;
    private boolean bySample;
    /** Two turns of a packed left side: while one is read in a product, the next step's is written. */
    final float[][] turns;

    /** [R, I] the caller's input. */
    final Matrix input = new Matrix();
    /** [R, G·U] products, then gates. */
    final Matrix gates;
    /** [R, U] c and tanh c; null for the tanh RNN. */
    final float[] cells;

    final float[] squashed;
    /** [R, U] h of the step before, 0 where there is none. */
    final Matrix before;
    /** [R, U] h: the caller's rows, or memory with padding that is copied to them. */
    final Matrix output = new Matrix();
    /** [R, U] cotangents of h from the caller, in place or padded. */
    final Matrix outputCotangent = new Matrix();
    /** [R, G·U] cotangents of the gates' arguments. */
    final Matrix gateCotangents;
    /** [R, U] u and q. */
    final float[] hiddenCotangents;

    final float[] cellCotangents;
    /** [B, U] cotangents of h and c, handed from one step to the one taken before it. */
    final Matrix hiddenCarry;

    final float[] cellCarry;
    /** Which rows of the input are the same; null where that is not worth knowing. */
    final DistinctRows distinct;
    /** The second order; null until it is first asked for, so that first-order methods never pay for it. */
    RecurrentTangents tangents;

    RecurrentTape(
            final Gemm gemm, final Recurrent.Shape shape, final int maxRows, final int maxBatch, final int threads) {
        this.gemm = gemm;
        this.shape = shape;
        this.maxRows = maxRows;
        this.maxBatch = maxBatch;
        walk = new Walk(shape.reverse(), maxRows);
        gateCount = shape.cell().gates();
        units = gemm.padded(shape.hidden());
        inPlace = units == shape.hidden();
        zeros = new float[units];
        final int width = gateCount * units;
        gateRows = gateRows();
        inputRows = scaled(gateRows, shape.input());
        hiddenRows = scaled(gateRows, shape.hidden());
        bias = new float[width];
        inputByGate = new Panels(gemm, shape.input(), width);
        hiddenByGate = new Panels(gemm, shape.hidden(), width);
        gateByHidden = new Panels(gemm, width, units);
        final int mostTurned = gemm.packedRows(maxBatch) + Workers.pieces(threads) * gemm.packedRows(gemm.tileRows);
        turns = new float[2][Math.multiplyExact(mostTurned, width)];
        shares = new Share[Workers.pieces(threads)];
        Arrays.setAll(shares, share -> new Share());
        begins = new int[shares.length + 1];
        final boolean lstm = shape.cell() == Recurrent.Cell.LSTM;
        final int states = Math.multiplyExact(maxRows, units);
        gates = new Matrix(maxRows, width);
        cells = lstm ? new float[states] : null;
        squashed = lstm ? new float[states] : null;
        before = new Matrix(maxRows, units);
        gateCotangents = new Matrix(maxRows, width);
        hiddenCotangents = new float[states];
        cellCotangents = lstm ? new float[states] : null;
        hiddenCarry = new Matrix(maxBatch, units);
        cellCarry = lstm ? new float[maxBatch * units] : null;
        if (!inPlace) {
            output.show(new Matrix(maxRows, units));
            outputCotangent.show(new Matrix(maxRows, units));
        }
        distinct = DistinctRows.of(this);
    }

    /** Column (block, gate, lane) of the gates belongs to row gate · H + block · lanes + lane of the weights. */
    private int[] gateRows() {
        final int[] rows = new int[gateCount * units];
        for (int column = 0; column < rows.length; column++) {
            final int block = column / (gateCount * gemm.lanes);
            final int gate = column / gemm.lanes % gateCount;
            final int unit = block * gemm.lanes + column % gemm.lanes;
            rows[column] = unit < shape.hidden() ? gate * shape.hidden() + unit : -1;
        }
        return rows;
    }

    private static int[] scaled(final int[] rows, final int stride) {
        final int[] scaled = new int[rows.length];
        Arrays.setAll(scaled, i -> rows[i] < 0 ? -1 : rows[i] * stride);
        return scaled;
    }

    @Override
    public Recurrent.Shape shape() {
        return shape;
    }

    /** Whether the pieces of a step are samples; otherwise they are units. */
    boolean bySample() {
        return bySample;
    }

    /** Number of pieces of a step, since the last {@link #divide}. */
    int shares() {
        return shareCount;
    }

    /** A piece of a step. */
    Share share(final int piece) {
        return shares[piece];
    }

    /**
     * Divides the time steps of a sweep. By units each piece reads its own slice of the weights only, but all parts meet
     * after every step; by samples they need not meet, but each reads all weights.
     */
    void divide(final int pieces, final boolean samples) {
        bySample = samples;
        shareCount = pieces;
        if (samples) {
            walk.share(pieces, begins);
        }
        int turned = 0;
        for (int piece = 0; piece < pieces; piece++) {
            final Share share = shares[piece];
            share.fromUnit = samples ? 0 : unit(piece, pieces);
            share.toUnit = samples ? units : unit(piece + 1, pieces);
            share.fromSample = samples ? begins[piece] : 0;
            share.toSample = samples ? begins[piece + 1] : maxBatch;
            share.turnRow = samples ? turned : 0;
            turned += gemm.packedRows(share.toSample - share.fromSample);
        }
    }

    /** First unit of a piece; pieces are whole panels. */
    int unit(final int piece, final int pieces) {
        return units / gemm.panel * piece / pieces * gemm.panel;
    }

    /** The rows of a piece of a product over all rows of the batch. */
    void multiplyRows(final Gemm.Product product, final int piece, final int pieces, final Workspace workspace) {
        gemm.multiply(product, row(piece, pieces), row(piece + 1, pieces), 0, product.right().count, workspace);
    }

    /** First row of a piece of the batch. */
    int row(final int piece, final int pieces) {
        return gemm.firstRow(walk.rows(), piece, pieces);
    }

    /** Whether products with the input, and with what flows back to its weights, go by its distinct rows. */
    boolean byDistinctRows() {
        return distinct != null && distinct.pay();
    }

    /** Forward begins: what was packed for the sweeps of the last one is old. */
    void forget() {
        hiddenWeightsPacked = false;
        inputWeightsPacked = false;
    }

    /** The caller's parameters. */
    void use(final Reals reals) {
        weights = HostFloats.array(reals);
        weightsAt = HostFloats.offset(reals);
    }

    /** W_ihᵀ, W_hhᵀ and the bias of some units, read by forward and the tangents' sweeps. */
    void packForward(final int from, final int to) {
        pack(weights, weightsAt, inputByGate, hiddenByGate, bias, from, to);
    }

    /** The same of any vector laid out like the parameters. */
    void pack(
            final float[] values,
            final int at,
            final Panels byInput,
            final Panels byHidden,
            final float[] sums,
            final int from,
            final int to) {
        final int fromPanel = from * gateCount / gemm.panel;
        final int toPanel = to * gateCount / gemm.panel;
        gemm.packTransposed(values, at, inputRows, byInput, fromPanel, toPanel);
        gemm.packTransposed(values, at + shape.weightHh(), hiddenRows, byHidden, fromPanel, toPanel);
        for (int column = from * gateCount; column < to * gateCount; column++) {
            final int row = gateRows[column];
            sums[column] = row < 0 ? 0 : values[at + shape.biasIh() + row] + values[at + shape.biasHh() + row];
        }
    }

    /** W_hh for units [from, to), unless a sweep since forward has packed it. */
    void packHiddenWeights(final int from, final int to) {
        if (!hiddenWeightsPacked) {
            packRows(weights, weightsAt, gateByHidden, from, to);
        }
    }

    /** W_hh, or the matrix in its place of another vector, for units [from, to). */
    void packRows(final float[] values, final int at, final Panels packed, final int from, final int to) {
        gemm.packRows(
                values, at + shape.weightHh(), hiddenRows, shape.hidden(), packed, from / gemm.panel, to / gemm.panel);
    }

    /** Makes room for W_ih in the layout that carries gates' cotangents to the input. */
    void prepareInputCotangents() {
        if (gateByInput == null) {
            gateByInput = new Panels(gemm, gateCount * units, shape.input());
        }
    }

    /** A part of W_ih, unless a sweep since forward has packed it. */
    void packInputWeights(final int part, final int parts) {
        if (!inputWeightsPacked) {
            packInputRows(weights, weightsAt, gateByInput, part, parts);
        }
    }

    /** A part of W_ih, or of the matrix in its place of another vector; null: nothing. */
    void packInputRows(final float[] values, final int at, final Panels packed, final int part, final int parts) {
        if (values != null) {
            gemm.packRows(
                    values,
                    at,
                    inputRows,
                    shape.input(),
                    packed,
                    packed.count * part / parts,
                    packed.count * (part + 1) / parts);
        }
    }

    /** Packs a share of the states before the step taken at a place, for {@link #multiplyBefore}. */
    void handBefore(final int place, final Matrix states, final Share share) {
        if (place < walk.steps()) {
            final int step = walk.step(place);
            final int rows = share.end(walk.continued(step));
            final int first = share.first(rows);
            gemm.packLeft(
                    states,
                    walk.start(step) + first,
                    rows - first,
                    share.fromUnit,
                    Math.min(share.toUnit, shape.hidden()),
                    turns[place & 1],
                    share.turnRow * shape.hidden(),
                    shape.hidden(),
                    share.fromUnit);
        }
    }

    /** out += states before · W_hhᵀ for the gates of a share in the step taken at a place. */
    void multiplyBefore(final int place, final Matrix out, final Share share, final Workspace workspace) {
        final int step = walk.step(place);
        final int rows = share.end(walk.continued(step));
        final int first = share.first(rows);
        gemm.multiplyPacked(
                turns[place & 1],
                share.turnRow * shape.hidden(),
                rows - first,
                hiddenByGate,
                share.fromUnit * gateCount / gemm.panel,
                share.toUnit * gateCount / gemm.panel,
                out,
                walk.start(step) + first,
                true,
                workspace);
    }

    /** Packs a share of the gates of the continued rows of a step, for {@link #multiplyCotangents}. */
    void handCotangents(final int place, final Matrix gateRows, final Share share) {
        final int step = walk.step(place);
        final int rows = share.end(walk.continued(step));
        final int first = share.first(rows);
        gemm.packLeft(
                gateRows,
                walk.start(step) + first,
                rows - first,
                share.fromUnit * gateCount,
                share.toUnit * gateCount,
                turns[place & 1],
                share.turnRow * gateCount * units,
                gateCount * units,
                share.fromUnit * gateCount);
    }

    /** out[row + r, :] (=|+=) gates · W_hh for the continued rows r of a share in the step taken at a place. */
    void multiplyCotangents(
            final int place,
            final Matrix out,
            final int row,
            final boolean add,
            final Share share,
            final Workspace workspace) {
        if (place == walk.steps()) {
            return;
        }
        final int rows = share.end(walk.continued(walk.step(place)));
        final int first = share.first(rows);
        gemm.multiplyPacked(
                turns[place & 1],
                share.turnRow * gateCount * units,
                rows - first,
                gateByHidden,
                share.fromUnit / gemm.panel,
                share.toUnit / gemm.panel,
                out,
                row + first,
                add,
                workspace);
    }

    /** Clears h of the step before where there is none. */
    void clearBefore(final Matrix states, final int from, final int to) {
        for (int t = 0; t < walk.steps(); t++) {
            for (int r = walk.continued(t); r < walk.size(t); r++) {
                final int at = states.row(walk.start(t) + r);
                Arrays.fill(states.values, at + from, at + to, 0);
            }
        }
    }

    /** Copies units [from, to) of all rows from the padded side to the caller's or back; padding is left alone. */
    void copyUnits(final Matrix source, final Matrix target, final int from, final int to) {
        final int end = Math.min(to, shape.hidden());
        for (int r = 0; r < walk.rows() && from < end; r++) {
            System.arraycopy(source.values, source.row(r) + from, target.values, target.row(r) + from, end - from);
        }
    }
}
