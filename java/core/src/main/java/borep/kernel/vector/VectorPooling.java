package borep.kernel.vector;

import borep.device.HostInts;
import borep.device.Ints;
import borep.kernel.Packing;
import borep.kernel.Pooling;
import borep.kernel.Rows;
import java.util.Arrays;

/** Pooling rank by rank, whole rows at a time; a part of a sweep owns some of the samples. */
final class VectorPooling implements Pooling {
    /** Numbers read for which another core is worth the hand-off. */
    private static final long GRAIN = 32_768;

    private static final int NONE = -1;

    private final Elements elements;
    private final Workers workers;
    private final Pairs pairs = new Pairs();

    VectorPooling(final Lanes lanes, final Workers workers) {
        this.elements = lanes.elements();
        this.workers = workers;
    }

    @Override
    public Tape tape(final Mode mode, final int width, final int maxBatch) {
        return new Layer(mode, width, maxBatch);
    }

    private final class Layer implements Tape {
        private final Mode mode;
        private final int width;
        private final int maxBatch;
        /** [B, width] row that won each maximum; by rank. */
        private final int[] winners;

        private final Matrix from = new Matrix();
        private final Matrix to = new Matrix();
        private final Workers.Part forward = this::forward;
        private final Workers.Part backward = this::backward;
        private final Workers.Part tangentForward = this::tangentForward;
        private Packing packing;
        private int samples;
        private int steps;
        private int rows;

        Layer(final Mode mode, final int width, final int maxBatch) {
            this.mode = mode;
            this.width = width;
            this.maxBatch = maxBatch;
            winners = new int[Math.multiplyExact(maxBatch, width)];
        }

        @Override
        public Mode mode() {
            return mode;
        }

        private void follow(final Packing next) {
            packing = next;
            samples = get(next.shape(), Packing.SAMPLES);
            steps = get(next.shape(), Packing.STEPS);
            rows = get(next.shape(), Packing.ROWS);
            Shapes.batch("samples", samples, maxBatch);
        }

        private void run(final Workers.Part part) {
            workers.run(part, Math.min(Math.max(1, samples), workers.partsFor((long) rows * width, GRAIN)));
        }

        private int sample(final int rank) {
            return get(packing.order(), rank);
        }

        private int length(final int rank) {
            return get(packing.lengths(), sample(rank));
        }

        private int row(final int step, final int rank) {
            return get(packing.stepStarts(), step) + rank;
        }

        /** Ranks are dealt out in turns: their lengths shrink. */
        private void forward(final int part, final int parts) {
            for (int rank = part; rank < samples; rank += parts) {
                if (mode == Mode.MAX || mode == Mode.MAX_PADDED) {
                    maximum(rank, to.row(sample(rank)));
                } else {
                    gather(rank, to.row(sample(rank)));
                }
            }
        }

        private void maximum(final int rank, final int at) {
            final int length = length(rank);
            final boolean padded = mode == Mode.MAX_PADDED && length < steps;
            final int first = rank * width;
            final float[] best = to.values;
            if (length == 0) {
                Arrays.fill(best, at, at + width, 0);
                Arrays.fill(winners, first, first + width, NONE);
                return;
            }
            System.arraycopy(from.values, from.row(row(0, rank)), best, at, width);
            Arrays.fill(winners, first, first + width, row(0, rank));
            for (int step = 1; step < length; step++) {
                final int row = row(step, rank);
                elements.maximum(from.values, from.row(row), row, best, at, winners, first, width);
            }
            for (int c = 0; padded && c < width; c++) {
                if (best[at + c] < 0) {
                    winners[first + c] = NONE;
                    best[at + c] = 0;
                }
            }
        }

        private void tangentForward(final int part, final int parts) {
            for (int rank = part; rank < samples; rank += parts) {
                gather(rank, to.row(sample(rank)));
            }
        }

        private void gather(final int rank, final int at) {
            final int length = length(rank);
            switch (mode) {
                case MAX, MAX_PADDED -> {
                    for (int c = 0; c < width; c++) {
                        final int row = winners[rank * width + c];
                        to.values[at + c] = row == NONE ? 0 : from.values[from.row(row) + c];
                    }
                }
                case MEAN -> {
                    Arrays.fill(to.values, at, at + width, 0);
                    for (int step = 0; step < length; step++) {
                        elements.axpy(1, from.values, from.row(row(step, rank)), to.values, at, width);
                    }
                    elements.scale(1f / Math.max(1, length), to.values, at, width);
                }
                case LAST -> {
                    if (length == 0) {
                        Arrays.fill(to.values, at, at + width, 0);
                    } else {
                        System.arraycopy(from.values, from.row(row(length - 1, rank)), to.values, at, width);
                    }
                }
            }
        }

        private void backward(final int part, final int parts) {
            for (int rank = part; rank < samples; rank += parts) {
                final int length = length(rank);
                final int at = from.row(sample(rank));
                switch (mode) {
                    case MAX, MAX_PADDED -> {
                        for (int c = 0; c < width; c++) {
                            final int row = winners[rank * width + c];
                            if (row != NONE) {
                                to.values[to.row(row) + c] += from.values[at + c];
                            }
                        }
                    }
                    case MEAN -> {
                        for (int step = 0; step < length; step++) {
                            elements.axpy(1f / length, from.values, at, to.values, to.row(row(step, rank)), width);
                        }
                    }
                    case LAST -> {
                        if (length > 0) {
                            elements.axpy(1, from.values, at, to.values, to.row(row(length - 1, rank)), width);
                        }
                    }
                }
            }
        }
    }

    private static int get(final Ints ints, final int i) {
        return HostInts.array(ints)[HostInts.offset(ints) + i];
    }

    @Override
    public void forward(final Tape tape, final Packing packing, final Rows rows, final Rows features) {
        final Layer layer = (Layer) tape;
        layer.follow(packing);
        Shapes.rows("rows", rows, layer.rows, layer.width);
        Shapes.rows("features", features, layer.samples, layer.width);
        layer.from.show(rows);
        layer.to.show(features);
        layer.run(layer.forward);
    }

    @Override
    public void backward(final Tape tape, final Rows featureCotangents, final Rows rowCotangents) {
        final Layer layer = (Layer) tape;
        Shapes.rows("featureCotangents", featureCotangents, layer.samples, layer.width);
        Shapes.rows("rowCotangents", rowCotangents, layer.rows, layer.width);
        layer.from.show(featureCotangents);
        layer.to.show(rowCotangents);
        layer.run(layer.backward);
    }

    @Override
    public void tangentForward(final Tape tape, final Rows rowTangents, final Rows featureTangents) {
        final Layer layer = (Layer) tape;
        Shapes.rows("rowTangents", rowTangents, layer.rows, layer.width);
        Shapes.rows("featureTangents", featureTangents, layer.samples, layer.width);
        layer.from.show(rowTangents);
        layer.to.show(featureTangents);
        layer.run(layer.tangentForward);
    }

    /** The views of a pair's call. */
    private static final class Pairs {
        private final Matrix u = new Matrix();
        private final Matrix v = new Matrix();
        private final Matrix ru = new Matrix();
        private final Matrix rv = new Matrix();
        private final Matrix features = new Matrix();
    }

    private static int checked(final int rows, final Pair values, final String name, final Rows features) {
        final int width = values.u().width();
        Shapes.rows("u", values.u(), rows, width);
        Shapes.rows("v", values.v(), rows, width);
        Shapes.rows(name, features, rows, 4 * width);
        return width;
    }

    private void show(final Pair values, final Pair others, final Rows features) {
        pairs.u.show(values.u());
        pairs.v.show(values.v());
        pairs.ru.show(others.u());
        pairs.rv.show(others.v());
        pairs.features.show(features);
    }

    @Override
    public void pairForward(final int rows, final Pair values, final Rows features) {
        final int width = checked(rows, values, "features", features);
        show(values, values, features);
        for (int b = 0; b < rows; b++) {
            final int at = pairs.features.row(b);
            final float[] out = pairs.features.values;
            for (int c = 0; c < width; c++) {
                final float u = pairs.u.values[pairs.u.row(b) + c];
                final float v = pairs.v.values[pairs.v.row(b) + c];
                out[at + c] = u;
                out[at + width + c] = v;
                out[at + 2 * width + c] = Math.abs(u - v);
                out[at + 3 * width + c] = u * v;
            }
        }
    }

    @Override
    public void pairBackward(final int rows, final Pair values, final Rows featureCotangents, final Pair cotangents) {
        final int width = checked(rows, values, "featureCotangents", featureCotangents);
        checked(rows, cotangents, "featureCotangents", featureCotangents);
        show(values, cotangents, featureCotangents);
        for (int b = 0; b < rows; b++) {
            final int at = pairs.features.row(b);
            final float[] in = pairs.features.values;
            for (int c = 0; c < width; c++) {
                final float u = pairs.u.values[pairs.u.row(b) + c];
                final float v = pairs.v.values[pairs.v.row(b) + c];
                final float distance = Math.signum(u - v) * in[at + 2 * width + c];
                final float product = in[at + 3 * width + c];
                pairs.ru.values[pairs.ru.row(b) + c] += in[at + c] + distance + v * product;
                pairs.rv.values[pairs.rv.row(b) + c] += in[at + width + c] - distance + u * product;
            }
        }
    }

    @Override
    public void pairTangentForward(final int rows, final Pair values, final Pair tangents, final Rows featureTangents) {
        final int width = checked(rows, values, "featureTangents", featureTangents);
        checked(rows, tangents, "featureTangents", featureTangents);
        show(values, tangents, featureTangents);
        for (int b = 0; b < rows; b++) {
            final int at = pairs.features.row(b);
            final float[] out = pairs.features.values;
            for (int c = 0; c < width; c++) {
                final float u = pairs.u.values[pairs.u.row(b) + c];
                final float v = pairs.v.values[pairs.v.row(b) + c];
                final float ru = pairs.ru.values[pairs.ru.row(b) + c];
                final float rv = pairs.rv.values[pairs.rv.row(b) + c];
                out[at + c] = ru;
                out[at + width + c] = rv;
                out[at + 2 * width + c] = Math.signum(u - v) * (ru - rv);
                out[at + 3 * width + c] = ru * v + u * rv;
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
        final int width = checked(rows, tangents, "featureCotangents", featureCotangents);
        pairBackward(rows, values, featureCotangentTangents, cotangentTangents);
        show(tangents, cotangentTangents, featureCotangents);
        for (int b = 0; b < rows; b++) { // only u ⊙ v has a second derivative
            final int at = pairs.features.row(b) + 3 * width;
            for (int c = 0; c < width; c++) {
                final float product = pairs.features.values[at + c];
                pairs.ru.values[pairs.ru.row(b) + c] += pairs.v.values[pairs.v.row(b) + c] * product;
                pairs.rv.values[pairs.rv.row(b) + c] += pairs.u.values[pairs.u.row(b) + c] * product;
            }
        }
    }
}
