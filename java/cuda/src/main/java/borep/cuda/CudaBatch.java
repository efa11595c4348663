package borep.cuda;

import static borep.cuda.Structs.requireAtLeast;

import borep.device.Counter;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Batch;
import borep.kernel.Packing;
import borep.kernel.Rows;
import borep.kernel.Sequences;

/** {@link Batch} by {@code native/src/kernels/batch.cu}: draws the same samples as the host does. */
final class CudaBatch implements Batch {
    private final CudaDevice device;
    private final CudaBindings bindings;
    private final Structs structs;

    CudaBatch(final CudaDevice device) {
        this.device = device;
        bindings = device.bindings();
        structs = device.newStructs();
    }

    @Override
    public void draw(
            final Stream stream,
            final Counter step,
            final int population,
            final boolean replacement,
            final Ints indices) {
        try {
            bindings.check((int) bindings.batchDraw.invokeExact(
                    device.context(),
                    structs.begin().stream(stream),
                    structs.address(step),
                    population,
                    replacement ? 1 : 0,
                    structs.address(indices),
                    indices.size()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void drawTask(
            final Stream stream,
            final Counter step,
            final Tasks tasks,
            final boolean balanced,
            final int skip,
            final Ints indices) {
        try {
            bindings.check((int) bindings.batchDrawTask.invokeExact(
                    device.context(),
                    structs.begin().stream(stream),
                    structs.address(step),
                    structs.tasks(tasks),
                    balanced ? 1 : 0,
                    skip,
                    structs.address(indices),
                    indices.size()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void normal(final Stream stream, final Counter step, final Reals out) {
        try {
            bindings.check((int) bindings.batchNormal.invokeExact(
                    device.context(),
                    structs.begin().stream(stream),
                    structs.address(step),
                    structs.address(out),
                    out.size()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void gather(final Ints indices, final Ints table, final Ints out) {
        requireAtLeast("out", out.size(), indices.size());
        try {
            bindings.check((int) bindings.batchGather.invokeExact(
                    device.context(),
                    structs.address(indices),
                    indices.size(),
                    structs.address(table),
                    table.size(),
                    structs.address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void pack(final Sequences sequences, final Ints indices, final Packing packing, final Rows rows) {
        structs.begin();
        try {
            bindings.check((int) bindings.batchPack.invokeExact(
                    device.context(),
                    structs.sequences(sequences),
                    structs.address(indices),
                    indices.size(),
                    structs.packing(packing),
                    structs.rows(rows),
                    rows.capacity()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
