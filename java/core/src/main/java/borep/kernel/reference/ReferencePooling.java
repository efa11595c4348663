package borep.kernel.reference;

import static borep.kernel.reference.Access.add;
import static borep.kernel.reference.Access.get;
import static borep.kernel.reference.Access.require;
import static borep.kernel.reference.Access.requireBatch;
import static borep.kernel.reference.Access.set;

import borep.kernel.Packing;
import borep.kernel.Pooling;
import borep.kernel.Rows;

/**
 * {@link Pooling} sample by sample, s_c for feature c of a sample with rows y_t, t < length:
 *
 * <pre>
 * MAX, MAX_PADDED   s_c = y_{w(c), c}, w(c) the step that won, kept so that the other sweeps are linear maps; 0 if none
 * MEAN              s_c = Σ_t y_{t, c} / length
 * LAST              s_c = y_{length − 1, c}
 * tangent forward   the same map of R{y};  backward its transpose
 * pairs             (u, v, |u − v|, u ⊙ v), derivative (R{u}, R{v}, sign(u − v) ⊙ (R{u} − R{v}), R{u} ⊙ v + u ⊙ R{v})
 * </pre>
 */
final class ReferencePooling implements Pooling {
    /** No row won: the sequence is empty, or a padded zero is the maximum. */
    private static final int NONE = -1;

    private static final class Memory implements Tape {
        private final Mode mode;
        private final int width;
        private final int[] rankOf;
        /** [B, width] row that won each maximum. */
        private final int[][] winner;

        private Packing packing;
        private int samples;

        Memory(final Mode mode, final int width, final int maxBatch) {
            this.mode = mode;
            this.width = width;
            rankOf = new int[maxBatch];
            winner = new int[maxBatch][width];
        }

        @Override
        public Mode mode() {
            return mode;
        }

        private int rows() {
            return get(packing.shape(), Packing.ROWS);
        }

        private int length(final int sample) {
            return get(packing.lengths(), sample);
        }

        private int row(final int step, final int sample) {
            return get(packing.stepStarts(), step) + rankOf[sample];
        }
    }

    @Override
    public Tape tape(final Mode mode, final int width, final int maxBatch) {
        return new Memory(mode, width, maxBatch);
    }

    @Override
    public void forward(final Tape tape, final Packing packing, final Rows rows, final Rows features) {
        final Memory m = (Memory) tape;
        m.packing = packing;
        m.samples = get(packing.shape(), Packing.SAMPLES);
        requireBatch("samples", m.samples, m.rankOf.length);
        require("rows", rows, m.rows(), m.width);
        require("features", features, m.samples, m.width);
        for (int rank = 0; rank < m.samples; rank++) {
            m.rankOf[get(packing.order(), rank)] = rank;
        }
        if (m.mode == Mode.MAX || m.mode == Mode.MAX_PADDED) {
            chooseWinners(m, rows);
        }
        pool(m, rows, features);
    }

    /** Which row of each sample is the largest in each column: the first one, a NaN before anything; none if padding is larger. */
    private static void chooseWinners(final Memory m, final Rows rows) {
        final int steps = get(m.packing.shape(), Packing.STEPS);
        for (int sample = 0; sample < m.samples; sample++) {
            final boolean padded = m.mode == Mode.MAX_PADDED && m.length(sample) < steps;
            for (int c = 0; c < m.width; c++) {
                int winner = NONE;
                double largest = 0;
                for (int step = 0; step < m.length(sample); step++) {
                    final double value = get(rows, m.row(step, sample), c);
                    if (winner == NONE || value > largest || Double.isNaN(value) && !Double.isNaN(largest)) {
                        largest = value;
                        winner = m.row(step, sample);
                    }
                }
                m.winner[sample][c] = padded && largest < 0 ? NONE : winner;
            }
        }
    }

    @Override
    public void tangentForward(final Tape tape, final Rows rowTangents, final Rows featureTangents) {
        final Memory m = (Memory) tape;
        require("rowTangents", rowTangents, m.rows(), m.width);
        require("featureTangents", featureTangents, m.samples, m.width);
        pool(m, rowTangents, featureTangents);
    }

    /** [B, H] the pooled rows of every sample; values and tangents are pooled alike, by the winners of the values. */
    private static void pool(final Memory m, final Rows rows, final Rows features) {
        for (int sample = 0; sample < m.samples; sample++) {
            for (int c = 0; c < m.width; c++) {
                set(features, sample, c, pool(m, rows, sample, c));
            }
        }
    }

    /** Column c of one sample; 0 for one without a step. */
    private static double pool(final Memory m, final Rows rows, final int sample, final int c) {
        final int length = m.length(sample);
        if (length == 0) {
            return 0;
        }
        return switch (m.mode) {
            case MAX, MAX_PADDED -> m.winner[sample][c] == NONE ? 0 : get(rows, m.winner[sample][c], c);
            case LAST -> get(rows, m.row(length - 1, sample), c);
            case MEAN -> {
                double sum = 0;
                for (int step = 0; step < length; step++) {
                    sum += get(rows, m.row(step, sample), c);
                }
                yield sum / length;
            }
        };
    }

    @Override
    public void backward(final Tape tape, final Rows featureCotangents, final Rows rowCotangents) {
        final Memory m = (Memory) tape;
        require("featureCotangents", featureCotangents, m.samples, m.width);
        require("rowCotangents", rowCotangents, m.rows(), m.width);
        for (int sample = 0; sample < m.samples; sample++) {
            final int length = m.length(sample);
            for (int c = 0; c < m.width && length > 0; c++) {
                final double cotangent = get(featureCotangents, sample, c);
                switch (m.mode) {
                    case MAX, MAX_PADDED -> {
                        if (m.winner[sample][c] != NONE) {
                            add(rowCotangents, m.winner[sample][c], c, cotangent);
                        }
                    }
                    case LAST -> add(rowCotangents, m.row(length - 1, sample), c, cotangent);
                    case MEAN -> {
                        for (int step = 0; step < length; step++) {
                            add(rowCotangents, m.row(step, sample), c, cotangent / length);
                        }
                    }
                }
            }
        }
    }

    @Override
    public void pairForward(final int rows, final Pair values, final Rows features) {
        final int width = values.u().width();
        requirePair(rows, values, "features", features);
        for (int b = 0; b < rows; b++) {
            for (int c = 0; c < width; c++) {
                final double u = get(values.u(), b, c);
                final double v = get(values.v(), b, c);
                set(features, b, c, u);
                set(features, b, width + c, v);
                set(features, b, 2 * width + c, Math.abs(u - v));
                set(features, b, 3 * width + c, u * v);
            }
        }
    }

    @Override
    public void pairTangentForward(final int rows, final Pair values, final Pair tangents, final Rows featureTangents) {
        final int width = values.u().width();
        requirePair(rows, values, "featureTangents", featureTangents);
        requireHalves(rows, tangents, width);
        for (int b = 0; b < rows; b++) {
            for (int c = 0; c < width; c++) {
                final double u = get(values.u(), b, c);
                final double v = get(values.v(), b, c);
                final double ru = get(tangents.u(), b, c);
                final double rv = get(tangents.v(), b, c);
                set(featureTangents, b, c, ru);
                set(featureTangents, b, width + c, rv);
                set(featureTangents, b, 2 * width + c, Math.signum(u - v) * (ru - rv));
                set(featureTangents, b, 3 * width + c, ru * v + u * rv);
            }
        }
    }

    @Override
    public void pairBackward(final int rows, final Pair values, final Rows featureCotangents, final Pair cotangents) {
        final int width = values.u().width();
        requirePair(rows, values, "featureCotangents", featureCotangents);
        requireHalves(rows, cotangents, width);
        for (int b = 0; b < rows; b++) {
            for (int c = 0; c < width; c++) {
                final double u = get(values.u(), b, c);
                final double v = get(values.v(), b, c);
                final double distance = Math.signum(u - v) * get(featureCotangents, b, 2 * width + c);
                final double product = get(featureCotangents, b, 3 * width + c);
                add(cotangents.u(), b, c, get(featureCotangents, b, c) + distance + v * product);
                add(cotangents.v(), b, c, get(featureCotangents, b, width + c) - distance + u * product);
            }
        }
    }

    @Override
    public void pairTangentBackward(
            final int rows,
            final Pair values,
            final Pair tangents,
            final Rows featureCotangents,
            final Rows featureCotangentTangents,
            final Pair cotangentTangents) {
        final int width = values.u().width();
        requirePair(rows, values, "featureCotangents", featureCotangents);
        requireHalves(rows, tangents, width);
        pairBackward(rows, values, featureCotangentTangents, cotangentTangents);
        for (int b = 0; b < rows; b++) {
            for (int c = 0; c < width; c++) { // only u ⊙ v has a second derivative
                final double product = get(featureCotangents, b, 3 * width + c);
                add(cotangentTangents.u(), b, c, get(tangents.v(), b, c) * product);
                add(cotangentTangents.v(), b, c, get(tangents.u(), b, c) * product);
            }
        }
    }

    /** Both halves as wide as each other, and features four times as wide. */
    private static void requirePair(final int rows, final Pair values, final String name, final Rows features) {
        requireHalves(rows, values, values.u().width());
        require(name, features, rows, 4 * values.u().width());
    }

    private static void requireHalves(final int rows, final Pair pair, final int width) {
        require("u", pair.u(), rows, width);
        require("v", pair.v(), rows, width);
    }
}
