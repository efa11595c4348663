package borep.kernel.vector;

import borep.kernel.vector.Gemm.Product;
import java.util.Arrays;

/**
 * The distinct rows of a layer's input. Words come again in a batch of texts, of 50 sentences' words every second one, of 512
 * sentences' four in five: W_ih meets each distinct row once, and in dW_ih it meets the sum of the gates' cotangents of all rows
 * like it. Forward results keep their bits, as each row of a product adds its terms in one order wherever it lies.
 *
 * <p>Rows are told apart by a few of their numbers, then compared whole. Where two that those numbers took for the same are not,
 * the batch is multiplied row by row.
 */
final class DistinctRows {
    /** Weights of W_ih from which a product saved is worth the search. */
    private static final int FEWEST_WEIGHTS = 1 << 14;
    /** Numbers of a row that its key is made of, next to each other, and up to how many it is all of them. */
    private static final int SAMPLES = 8;

    private static final int FEW = 32;
    /** Of 8 rows so many may be distinct for the rest to pay. */
    private static final int MOST_OF_EIGHT = 7;

    private final RecurrentTape tape;
    private final int most;
    private final long[] keys;
    /** [2^n] 1 + the number of a distinct row, by its key; 0: free. */
    private final int[] table;
    /** [R] the distinct row that each row is. */
    private final int[] distinctOf;
    /** [distinct + 1] where each distinct row's rows begin in {@link #rowsOf}, and [R] these, ascending. */
    private final int[] begins;

    private final int[] rowsOf;
    private int count;
    private boolean enough;
    private volatile boolean mistaken;

    /** [distinct, I]. */
    final Matrix input = new Matrix();
    /** [distinct, G·U] products of forward sweeps, sums of backward ones: read in the phase after they are written. */
    final Matrix gates = new Matrix();

    private DistinctRows(final RecurrentTape tape) {
        this.tape = tape;
        most = tape.maxRows * MOST_OF_EIGHT / 8;
        keys = new long[tape.maxRows];
        table = new int[tableSize(tape.maxRows)];
        distinctOf = new int[tape.maxRows];
        begins = new int[tape.maxRows + 1];
        rowsOf = new int[tape.maxRows];
    }

    /** For a tape whose layer multiplies so much that rows are worth comparing; null for others. */
    static DistinctRows of(final RecurrentTape tape) {
        return (long) tape.shape.gateRows() * tape.shape.input() < FEWEST_WEIGHTS ? null : new DistinctRows(tape);
    }

    /** A power of two, at most half of it taken. */
    private static int tableSize(final int rows) {
        return Integer.highestOneBit(Math.max(1, rows)) << 2;
    }

    /** First: keys of a piece of the rows. */
    void key(final int piece, final int pieces) {
        final Matrix rows = tape.input;
        final int width = tape.shape.input();
        final int samples = width <= FEW ? width : SAMPLES;
        final int first = (width - samples) / 2;
        final int to = tape.row(piece + 1, pieces);
        for (int r = tape.row(piece, pieces); r < to; r++) {
            final int at = rows.row(r) + first;
            long key = 0;
            for (int i = 0; i < samples; i++) {
                key = key * 0x9E3779B97F4A7C15L + Float.floatToRawIntBits(rows.values[at + i]);
            }
            keys[r] = (key ^ key >>> 32) * 0x9E3779B97F4A7C15L;
        }
    }

    /** Second, by one part: numbers the distinct keys in the order in which they appear. */
    void group() {
        final int rows = tape.walk.rows();
        final int size = tableSize(rows);
        final int shift = Long.SIZE - Integer.numberOfTrailingZeros(size);
        Arrays.fill(table, 0, size, 0);
        count = 0;
        for (int r = 0; r < rows; r++) {
            int place = (int) (keys[r] >>> shift);
            while (table[place] != 0 && keys[r] != keys[begins[table[place] - 1]]) {
                place = place + 1 & size - 1;
            }
            if (table[place] == 0) {
                begins[count] = r; // for now the first row of each
                table[place] = ++count;
            }
            distinctOf[r] = table[place] - 1;
        }
        enough = 8L * count <= (long) MOST_OF_EIGHT * rows && rows > 0;
        mistaken = false;
        if (enough) {
            list(rows);
        }
    }

    /** Lists the rows of each distinct row, by counting. */
    private void list(final int rows) {
        Arrays.fill(begins, 0, count + 1, 0);
        for (int r = 0; r < rows; r++) {
            begins[distinctOf[r]]++;
        }
        int end = 0;
        for (int d = 0; d < count; d++) {
            end += begins[d];
            begins[d] = end;
        }
        begins[count] = rows;
        for (int r = rows - 1; r >= 0; r--) {
            rowsOf[--begins[distinctOf[r]]] = r;
        }
        if (!input.isShown()) {
            input.show(new Matrix(most, tape.shape.input()));
            gates.show(new Matrix(most, tape.gateCount * tape.units));
        }
    }

    /** Whether {@link #group} found so many rows alike that the next phase is {@link #gather}. */
    boolean areFew() {
        return enough;
    }

    /** Third: copies a piece of the distinct rows, and looks whether those like them are so in every number. */
    void gather(final int piece, final int pieces) {
        final Matrix rows = tape.input;
        final int width = tape.shape.input();
        final int to = begin(piece + 1, pieces);
        for (int d = begin(piece, pieces); d < to; d++) {
            final int first = rows.row(rowsOf[begins[d]]);
            for (int i = begins[d] + 1; i < begins[d + 1]; i++) {
                final int other = rows.row(rowsOf[i]);
                if (!Arrays.equals(rows.values, first, first + width, rows.values, other, other + width)) {
                    mistaken = true;
                }
            }
            System.arraycopy(rows.values, first, input.values, input.row(d), width);
        }
    }

    /** First distinct row of a piece; pieces have about as many rows of the batch. */
    private int begin(final int piece, final int pieces) {
        final int row = (int) ((long) tape.walk.rows() * piece / pieces);
        final int found = Arrays.binarySearch(begins, 0, count + 1, row);
        return found < 0 ? -found - 1 : found;
    }

    /** Whether products take the distinct rows, from {@link #gather} on to the next forward sweep. */
    boolean pay() {
        return enough && !mistaken;
    }

    /** Number of distinct rows. */
    int count() {
        return count;
    }

    /** A piece of a product with the distinct rows. */
    void multiply(final Product product, final int piece, final int pieces, final Workspace workspace) {
        final Gemm gemm = tape.gemm;
        gemm.multiply(
                product,
                gemm.firstRow(count, piece, pieces),
                gemm.firstRow(count, piece + 1, pieces),
                0,
                product.right().count,
                workspace);
    }

    /** out[r, :] = gates[distinct row of r, :] for a piece of the rows. */
    void spread(final Matrix out, final int piece, final int pieces) {
        final int to = tape.row(piece + 1, pieces);
        for (int r = tape.row(piece, pieces); r < to; r++) {
            System.arraycopy(gates.values, gates.row(distinctOf[r]), out.values, out.row(r), gates.width);
        }
    }

    /** gates[d, :] = Σ in[r, :] over the rows r that are distinct row d, for a piece of these. */
    void sum(final Matrix in, final int piece, final int pieces) {
        final int panel = tape.gemm.panel;
        final int to = begin(piece + 1, pieces);
        for (int d = begin(piece, pieces); d < to; d++) {
            final int at = gates.row(d);
            System.arraycopy(in.values, in.row(rowsOf[begins[d]]), gates.values, at, gates.width);
            for (int i = begins[d] + 1; i < begins[d + 1]; i++) {
                final int row = in.row(rowsOf[i]);
                for (int c = 0; c < gates.width; c += panel) {
                    tape.gemm.addPanel(in.values, row + c, gates.values, at + c);
                }
            }
        }
    }
}
