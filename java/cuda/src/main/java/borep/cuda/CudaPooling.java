package borep.cuda;

import static borep.cuda.Structs.require;

import borep.kernel.Packing;
import borep.kernel.Pooling;
import borep.kernel.Rows;

/**
 * {@link Pooling} by {@code native/src/kernels/pooling.cu}. How many rows a batch has only the device knows: packed rows are checked for
 * their width here.
 */
final class CudaPooling implements Pooling {
    private final CudaDevice device;
    private final CudaBindings bindings;
    private final Structs structs;

    CudaPooling(final CudaDevice device) {
        this.device = device;
        bindings = device.bindings();
        structs = device.newStructs();
    }

    /** A tape in device memory, freed with the device. */
    private record Memory(CudaDevice device, Mode mode, int width, int maxBatch, long handle) implements Tape {}

    @Override
    public Tape tape(final Mode mode, final int width, final int maxBatch) {
        final int code = switch (mode) {
            case MAX -> 0;
            case MAX_PADDED -> 1;
            case MEAN -> 2;
            case LAST -> 3;
        };
        try {
            bindings.check((int) bindings.poolingTapeCreate.invokeExact(
                    device.context(), code, width, maxBatch, structs.handleSlot()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
        return new Memory(device, mode, width, maxBatch, structs.handle());
    }

    private Memory own(final Tape tape) {
        device.requireOpen();
        if (tape instanceof Memory m && m.device == device) {
            return m;
        }
        throw device.foreign("tape");
    }

    @Override
    public void forward(final Tape tape, final Packing packing, final Rows rows, final Rows features) {
        final Memory m = own(tape);
        require("rows", rows, 0, m.width);
        require("features", features, m.maxBatch, m.width);
        structs.begin();
        try {
            bindings.check((int) bindings.poolingForward.invokeExact(
                    m.handle, structs.packing(packing), structs.rows(rows), structs.rows(features)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void backward(final Tape tape, final Rows featureCotangents, final Rows rowCotangents) {
        final Memory m = own(tape);
        require("featureCotangents", featureCotangents, m.maxBatch, m.width);
        require("rowCotangents", rowCotangents, 0, m.width);
        structs.begin();
        try {
            bindings.check((int) bindings.poolingBackward.invokeExact(
                    m.handle, structs.rows(featureCotangents), structs.rows(rowCotangents)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void tangentForward(final Tape tape, final Rows rowTangents, final Rows featureTangents) {
        final Memory m = own(tape);
        require("rowTangents", rowTangents, 0, m.width);
        require("featureTangents", featureTangents, m.maxBatch, m.width);
        structs.begin();
        try {
            bindings.check((int) bindings.poolingTangentForward.invokeExact(
                    m.handle, structs.rows(rowTangents), structs.rows(featureTangents)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void pairForward(final int rows, final Pair values, final Rows features) {
        requirePair(rows, values);
        require("features", features, rows, 4 * values.u().width());
        structs.begin();
        try {
            bindings.check((int) bindings.poolingPairForward.invokeExact(
                    device.context(),
                    rows,
                    structs.rows(values.u()),
                    structs.rows(values.v()),
                    structs.rows(features)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void pairBackward(final int rows, final Pair values, final Rows featureCotangents, final Pair cotangents) {
        requirePair(rows, values);
        requirePair(rows, cotangents);
        require("featureCotangents", featureCotangents, rows, 4 * values.u().width());
        structs.begin();
        try {
            bindings.check((int) bindings.poolingPairBackward.invokeExact(
                    device.context(),
                    rows,
                    structs.rows(values.u()),
                    structs.rows(values.v()),
                    structs.rows(featureCotangents),
                    structs.rows(cotangents.u()),
                    structs.rows(cotangents.v())));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void pairTangentForward(final int rows, final Pair values, final Pair tangents, final Rows featureTangents) {
        requirePair(rows, values);
        requirePair(rows, tangents);
        require("featureTangents", featureTangents, rows, 4 * values.u().width());
        structs.begin();
        try {
            bindings.check((int) bindings.poolingPairTangentForward.invokeExact(
                    device.context(),
                    rows,
                    structs.rows(values.u()),
                    structs.rows(values.v()),
                    structs.rows(tangents.u()),
                    structs.rows(tangents.v()),
                    structs.rows(featureTangents)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
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
        requirePair(rows, values);
        requirePair(rows, tangents);
        requirePair(rows, cotangentTangents);
        require("featureCotangents", featureCotangents, rows, 4 * values.u().width());
        require(
                "featureCotangentTangents",
                featureCotangentTangents,
                rows,
                4 * values.u().width());
        structs.begin();
        try {
            bindings.check((int) bindings.poolingPairTangentBackward.invokeExact(
                    device.context(),
                    rows,
                    structs.rows(values.u()),
                    structs.rows(values.v()),
                    structs.rows(tangents.u()),
                    structs.rows(tangents.v()),
                    structs.rows(featureCotangents),
                    structs.rows(featureCotangentTangents),
                    structs.rows(cotangentTangents.u()),
                    structs.rows(cotangentTangents.v())));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    private static void requirePair(final int rows, final Pair pair) {
        require("u", pair.u(), rows, pair.u().width());
        require("v", pair.v(), rows, pair.u().width());
    }
}
