package borep.cuda;

import static borep.cuda.Structs.address;
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
    private final CudaBindings bindings;
    private final long context;
    private final Structs structs;

    CudaBatch(final CudaDevice device) {
        bindings = device.bindings();
        context = device.context();
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
                    context,
                    structs.begin().stream(stream),
                    CudaCounter.address(step),
                    population,
                    replacement ? 1 : 0,
                    address(indices),
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
                    context,
                    structs.begin().stream(stream),
                    CudaCounter.address(step),
                    structs.tasks(tasks),
                    balanced ? 1 : 0,
                    skip,
                    address(indices),
                    indices.size()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void normal(final Stream stream, final Counter step, final Reals out) {
        try {
            bindings.check((int) bindings.batchNormal.invokeExact(
                    context, structs.begin().stream(stream), CudaCounter.address(step), address(out), out.size()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void gather(final Ints indices, final Ints table, final Ints out) {
        requireAtLeast("out", out.size(), indices.size());
        try {
            bindings.check((int) bindings.batchGather.invokeExact(
                    context, address(indices), indices.size(), address(table), table.size(), address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void pack(final Sequences sequences, final Ints indices, final Packing packing, final Rows rows) {
        structs.begin();
        try {
            bindings.check((int) bindings.batchPack.invokeExact(
                    context,
                    structs.sequences(sequences),
                    address(indices),
                    indices.size(),
                    structs.packing(packing),
                    structs.rows(rows),
                    rows.capacity()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
