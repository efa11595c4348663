package borep.cuda;

import borep.device.Counter;
import borep.device.Ints;
import borep.device.Reals;
import borep.device.Ring;
import borep.device.Schedule;
import borep.kernel.Batch;
import borep.kernel.Dense;
import borep.kernel.Kernels;
import borep.kernel.Loss;
import borep.kernel.Packing;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;
import borep.kernel.Store;
import borep.kernel.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** One call of everything that takes operands, kernel by kernel, for tests that spoil one operand at a time. */
final class KernelCalls {
    /** As many rows as every tape is made for. */
    static final int ROWS = 3;

    private static final int W = 4;
    private static final int MOST = 1000;
    private static final Recurrent.Shape CELL = new Recurrent.Shape(Recurrent.Cell.TANH_RNN, W, W, false);
    private static final Dense.Shape LAYER = new Dense.Shape(W, W, true);
    private static final SparseRows MATRIX = new SparseRows(W, new int[] {0, 1, 1, 2}, new int[] {2, 0}, new float[2]);
    private static final Batch.Stream STREAM = new Batch.Stream(1, 2, 3);
    private static final Loss.Regulariser KIND = Loss.Regulariser.SQUARED;

    private KernelCalls() {}

    /** A device, and memory and tapes made with it while it is open. */
    static final class Own {
        final CudaDevice device;
        final Kernels kernels;
        final CudaProducts products;
        private final Reals reals;
        private final Ints ints;
        private final Counter counter;
        private final Ring ring;
        private final Recurrent.Tape recurrent;
        private final Dense.Tape dense;
        private final Pooling.Tape pooling;
        private final Loss.Tape loss;
        private final SparseMatrix matrix;

        Own(final CudaDevice device) {
            this.device = device;
            kernels = device.kernels();
            products = device.products();
            reals = device.reals(MOST);
            ints = device.ints(MOST);
            counter = device.counter();
            ring = device.ring(W, 2);
            recurrent = kernels.recurrent().tape(CELL, ROWS, ROWS);
            dense = kernels.dense().tape(LAYER, ROWS);
            kernels.dense()
                    .forward(dense, ROWS, device.reals(LAYER.parameters()), Rows.of(reals, W), Rows.of(reals, W));
            pooling = kernels.pooling().tape(Pooling.Mode.MEAN, W, ROWS);
            loss = kernels.loss().tape(ROWS, W);
            kernels.loss().forward(loss, ROWS, Rows.of(reals, W), ints, device.reals(ROWS));
            matrix = kernels.sparse().matrix(MATRIX);
        }
    }

    /** The operands of one call, in the order in which it takes them: of one device but for one, and one view may be short of a row. */
    static final class Operands {
        private final Own own;
        private final Own other;
        private final int foreign;
        private final int small;
        private int taken;
        private int views;

        /**
         * @param foreign which operand the other device has made; negative: none
         * @param small   which view lacks a row; negative: none
         */
        Operands(final Own own, final Own other, final int foreign, final int small) {
            this.own = own;
            this.other = other;
            this.foreign = foreign;
            this.small = small;
        }

        /** How many the call has taken. */
        int taken() {
            return taken;
        }

        /** How many of them are views that must hold all rows. */
        int views() {
            return views;
        }

        private Own next() {
            return taken++ == foreign ? other : own;
        }

        private Reals reals(final int size) {
            return next().reals.slice(0, size);
        }

        private Ints ints(final int size) {
            return next().ints.slice(0, size);
        }

        private Rows rows(final int width) {
            return Rows.of(reals((views++ == small ? ROWS - 1 : ROWS) * width), width);
        }

        /** Packed rows: how many there must be the device alone knows. */
        private Rows packed() {
            return Rows.of(reals(W), W);
        }

        private Packing packing() {
            return new Packing(ints(3), ints(ROWS), ints(ROWS), ints(2), ints(3));
        }

        private Pooling.Pair pair() {
            return new Pooling.Pair(rows(W), rows(W));
        }
    }

    /** @param name family and method */
    record Call(String name, BiConsumer<Own, Operands> call) {}

    static List<Call> all() {
        final List<Call> all = new ArrayList<>();
        recurrent(all);
        dense(all);
        pooling(all);
        loss(all);
        update(all);
        batch(all);
        sparse(all);
        device(all);
        return all;
    }

    private static void add(final List<Call> all, final String name, final BiConsumer<Own, Operands> call) {
        all.add(new Call(name, call));
    }

    // spotless:off
    private static void recurrent(final List<Call> all) {
        final int n = CELL.parameters();
        add(all, "recurrent.tape", (d, o) -> d.kernels.recurrent().tape(CELL, ROWS, ROWS));
        add(all, "recurrent.forward", (d, o) -> d.kernels.recurrent().forward(
                o.next().recurrent, o.packing(), o.reals(n), o.rows(W), o.rows(W)));
        add(all, "recurrent.backward", (d, o) -> d.kernels.recurrent().backward(
                o.next().recurrent, o.reals(n), o.rows(W), o.reals(n), o.rows(W)));
        add(all, "recurrent.tangentForward", (d, o) -> d.kernels.recurrent().tangentForward(
                o.next().recurrent, o.reals(n), o.reals(n), o.rows(W), o.rows(W)));
        add(all, "recurrent.tangentBackward", (d, o) -> d.kernels.recurrent().tangentBackward(
                o.next().recurrent, o.reals(n), o.reals(n), o.rows(W), o.reals(n), o.rows(W)));
        add(all, "recurrent.forwardAlong", (d, o) -> d.kernels.recurrent().forwardAlong(
                o.next().recurrent, o.packing(), o.reals(n), o.reals(n), o.rows(W), o.rows(W), o.rows(W), o.rows(W)));
        add(all, "recurrent.backwardAlong", (d, o) -> d.kernels.recurrent().backwardAlong(
                o.next().recurrent, o.reals(n), o.reals(n), o.rows(W), o.rows(W), o.reals(n), o.reals(n), o.rows(W), o.rows(W)));
    }

    private static void dense(final List<Call> all) {
        final int n = LAYER.parameters();
        add(all, "dense.tape", (d, o) -> d.kernels.dense().tape(LAYER, ROWS));
        add(all, "dense.forward", (d, o) -> d.kernels.dense().forward(o.next().dense, ROWS, o.reals(n), o.rows(W), o.rows(W)));
        add(all, "dense.backward", (d, o) -> d.kernels.dense().backward(
                o.next().dense, o.reals(n), o.rows(W), o.reals(n), o.rows(W)));
        add(all, "dense.tangentForward", (d, o) -> d.kernels.dense().tangentForward(
                o.next().dense, o.reals(n), o.reals(n), o.rows(W), o.rows(W)));
        add(all, "dense.tangentBackward", (d, o) -> d.kernels.dense().tangentBackward(
                o.next().dense, o.reals(n), o.reals(n), o.rows(W), o.reals(n), o.rows(W)));
    }

    private static void pooling(final List<Call> all) {
        add(all, "pooling.tape", (d, o) -> d.kernels.pooling().tape(Pooling.Mode.MAX, W, ROWS));
        add(all, "pooling.forward", (d, o) -> d.kernels.pooling().forward(o.next().pooling, o.packing(), o.packed(), o.rows(W)));
        add(all, "pooling.backward", (d, o) -> d.kernels.pooling().backward(o.next().pooling, o.rows(W), o.packed()));
        add(all, "pooling.tangentForward", (d, o) -> d.kernels.pooling().tangentForward(o.next().pooling, o.packed(), o.rows(W)));
        add(all, "pooling.pairForward", (d, o) -> d.kernels.pooling().pairForward(ROWS, o.pair(), o.rows(4 * W)));
        add(all, "pooling.pairBackward", (d, o) -> d.kernels.pooling().pairBackward(ROWS, o.pair(), o.rows(4 * W), o.pair()));
        add(all, "pooling.pairTangentForward", (d, o) -> d.kernels.pooling().pairTangentForward(
                ROWS, o.pair(), o.pair(), o.rows(4 * W)));
        add(all, "pooling.pairTangentBackward", (d, o) -> d.kernels.pooling().pairTangentBackward(
                ROWS, o.pair(), o.pair(), o.rows(4 * W), o.rows(4 * W), o.pair()));
    }

    private static void loss(final List<Call> all) {
        add(all, "loss.tape", (d, o) -> d.kernels.loss().tape(ROWS, W));
        add(all, "loss.forward", (d, o) -> d.kernels.loss().forward(
                o.next().loss, ROWS, o.rows(W), o.ints(ROWS), o.reals(ROWS)));
        add(all, "loss.backward", (d, o) -> d.kernels.loss().backward(o.next().loss, o.reals(ROWS), o.rows(W)));
        add(all, "loss.tangentForward", (d, o) -> d.kernels.loss().tangentForward(o.next().loss, o.rows(W), o.reals(ROWS)));
        add(all, "loss.tangentBackward", (d, o) -> d.kernels.loss().tangentBackward(
                o.next().loss, o.reals(ROWS), o.rows(W), o.rows(W)));
        add(all, "loss.predict", (d, o) -> d.kernels.loss().predict(ROWS, o.rows(W), o.ints(ROWS)));
        add(all, "loss.sampleWeights", (d, o) -> d.kernels.loss().sampleWeights(o.reals(9), o.ints(ROWS), 1, o.reals(ROWS)));
        add(all, "loss.sampleWeightsBackward", (d, o) -> d.kernels.loss().sampleWeightsBackward(
                o.reals(9), o.ints(ROWS), 1, o.reals(ROWS), o.reals(9)));
        add(all, "loss.regularise", (d, o) -> d.kernels.loss().regularise(KIND, 1, o.reals(1), o.reals(9), o.reals(1)));
        add(all, "loss.regulariserGradient", (d, o) -> d.kernels.loss().regulariserGradient(
                KIND, 1, o.reals(1), o.reals(9), o.reals(9), Store.ADD));
        add(all, "loss.regulariserHessianVector", (d, o) -> d.kernels.loss().regulariserHessianVector(
                KIND, 1, o.reals(1), o.reals(9), o.reals(9), o.reals(9), Store.WRITE));
        add(all, "loss.regulariserMixed", (d, o) -> d.kernels.loss().regulariserMixed(KIND, 1, o.reals(9), o.reals(9), o.reals(1)));
    }

    private static void update(final List<Call> all) {
        final Schedule schedule = new Schedule(Schedule.Kind.POWER, 1, 1, 1);
        add(all, "update.fill", (d, o) -> d.kernels.update().fill(o.reals(9), 1));
        add(all, "update.copy", (d, o) -> d.kernels.update().copy(o.reals(9), o.reals(9)));
        add(all, "update.scale", (d, o) -> d.kernels.update().scale(2, o.reals(9)));
        add(all, "update.axpy", (d, o) -> d.kernels.update().axpy(2, o.reals(9), o.reals(9)));
        add(all, "update.axpy", (d, o) -> d.kernels.update().axpy(2, o.reals(1), o.reals(9), o.reals(9)));
        add(all, "update.average", (d, o) -> d.kernels.update().average(.5, o.reals(9), o.reals(9)));
        add(all, "update.multiply", (d, o) -> d.kernels.update().multiply(o.reals(9), o.reals(9), o.reals(9)));
        add(all, "update.divide", (d, o) -> d.kernels.update().divide(o.reals(9), o.reals(9), o.reals(9)));
        add(all, "update.apply", (d, o) -> d.kernels.update().apply(Update.Function.SIN, o.reals(9), o.reals(9)));
        add(all, "update.dot", (d, o) -> d.kernels.update().dot(o.reals(9), o.reals(9), o.reals(1)));
        add(all, "update.norm", (d, o) -> d.kernels.update().norm(o.reals(9), o.reals(1)));
        add(all, "update.projectBall", (d, o) -> d.kernels.update().projectBall(o.reals(9), 1, o.reals(9)));
        add(all, "update.residualStep", (d, o) -> d.kernels.update().residualStep(
                o.reals(9), o.reals(9), o.reals(1), o.reals(9), o.reals(1)));
        add(all, "update.normalisedMomentum", (d, o) -> d.kernels.update().normalisedMomentum(
                .5, o.reals(9), o.reals(9), o.reals(1), 0, o.reals(9), o.reals(1)));
        add(all, "update.adam", (d, o) -> d.kernels.update().adam(
                .5, .5, o.reals(9), o.reals(9), o.reals(9), o.reals(1), o.next().counter, 1, o.reals(9)));
        add(all, "update.solve", (d, o) -> d.kernels.update().solve(o.reals(9), o.reals(3), o.reals(3)));
        add(all, "update.schedule", (d, o) -> d.kernels.update().schedule(schedule, o.next().counter, o.reals(1)));
    }

    private static void batch(final List<Call> all) {
        add(all, "batch.draw", (d, o) -> d.kernels.batch().draw(STREAM, o.next().counter, 9, true, o.ints(ROWS)));
        add(all, "batch.drawTask", (d, o) -> d.kernels.batch().drawTask(
                STREAM, o.next().counter, new Batch.Tasks(o.ints(9), o.ints(5), 2), true, 0, o.ints(ROWS)));
        add(all, "batch.normal", (d, o) -> d.kernels.batch().normal(STREAM, o.next().counter, o.reals(9)));
        add(all, "batch.gather", (d, o) -> d.kernels.batch().gather(o.ints(ROWS), o.ints(9), o.ints(ROWS)));
        add(all, "batch.pack", (d, o) -> d.kernels.batch().pack(
                new Sequences(o.ints(9), o.ints(ROWS), o.ints(ROWS), o.reals(9 * W), W), o.ints(ROWS), o.packing(), o.packed()));
    }

    private static void sparse(final List<Call> all) {
        add(all, "sparse.matrix", (d, o) -> d.kernels.sparse().matrix(MATRIX));
        add(all, "sparse.multiply", (d, o) -> d.kernels.sparse().multiply(
                o.next().matrix, o.ints(ROWS), o.reals(W * W), o.rows(W)));
        add(all, "sparse.multiplyTransposed", (d, o) -> d.kernels.sparse().multiplyTransposed(
                o.next().matrix, o.ints(ROWS), o.rows(W), o.reals(W * W)));
    }

    private static void device(final List<Call> all) {
        add(all, "whole matrix", (d, o) -> d.kernels.sparse().multiply(o.next().matrix, null, o.reals(W * W), o.rows(W)));
        add(all, "whole matrix transposed", (d, o) -> d.kernels.sparse().multiplyTransposed(
                o.next().matrix, null, o.rows(W), o.reals(W * W)));
        add(all, "how a sweep runs", (d, o) -> ((CudaRecurrent) d.kernels.recurrent()).describe(
                o.next().recurrent, CudaRecurrent.Sweep.FORWARD));
        add(all, "product", (d, o) -> d.products.multiply(new CudaProducts.Product(
                CudaProducts.Form.OUTER, ROWS, o.rows(W), o.rows(W), Rows.of(o.reals(W * W), W), false)));
        add(all, "record of a ring", (d, o) -> d.ring.append(o.reals(W)));
        add(all, "guard", (d, o) -> d.device.guard(o.next().counter, o.next().ring, o.reals(W), List.of(o.reals(9), o.reals(9))));
    }
    // spotless:on
}
