package borep.cuda;

import static borep.cuda.Structs.require;
import static borep.cuda.Structs.requireAtLeast;

import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Rows;
import borep.kernel.Store;

/** {@link Loss} by {@code native/src/kernels/loss.cu}. Labels and indices out of range are reported by the next wait. */
final class CudaLoss implements Loss {
    private final CudaDevice device;
    private final CudaBindings bindings;
    private final Structs structs;

    CudaLoss(final CudaDevice device) {
        this.device = device;
        bindings = device.bindings();
        structs = device.newStructs();
    }

    /** A tape in device memory, freed with the device. */
    private static final class Memory implements Tape {
        private final CudaDevice device;
        private final int classes;
        private final long handle;
        private int rows;

        Memory(final CudaDevice device, final int classes, final long handle) {
            this.device = device;
            this.classes = classes;
            this.handle = handle;
        }

        @Override
        public int classes() {
            return classes;
        }
    }

    @Override
    public Tape tape(final int maxRows, final int classes) {
        try {
            bindings.check((int)
                    bindings.lossTapeCreate.invokeExact(device.context(), maxRows, classes, structs.handleSlot()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
        return new Memory(device, classes, structs.handle());
    }

    private Memory own(final Tape tape) {
        device.requireOpen();
        if (tape instanceof Memory m && m.device == device) {
            return m;
        }
        throw device.foreign("tape");
    }

    @Override
    public void forward(final Tape tape, final int rows, final Rows logits, final Ints labels, final Reals losses) {
        final Memory m = own(tape);
        require("logits", logits, rows, m.classes);
        requireAtLeast("labels", labels.size(), rows);
        requireAtLeast("losses", losses.size(), rows);
        try {
            bindings.check((int) bindings.lossForward.invokeExact(
                    m.handle, rows, structs.begin().rows(logits), structs.address(labels), structs.address(losses)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
        m.rows = rows;
    }

    @Override
    public void backward(final Tape tape, final Reals weights, final Rows logitsCotangents) {
        final Memory m = own(tape);
        requireAtLeast("weights", weights.size(), m.rows);
        require("logitsCotangents", logitsCotangents, m.rows, m.classes);
        try {
            bindings.check((int) bindings.lossBackward.invokeExact(
                    m.handle, structs.address(weights), structs.begin().rows(logitsCotangents)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void tangentForward(final Tape tape, final Rows logitsTangents, final Reals lossTangents) {
        final Memory m = own(tape);
        require("logitsTangents", logitsTangents, m.rows, m.classes);
        requireAtLeast("lossTangents", lossTangents.size(), m.rows);
        try {
            bindings.check((int) bindings.lossTangentForward.invokeExact(
                    m.handle, structs.begin().rows(logitsTangents), structs.address(lossTangents)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void tangentBackward(
            final Tape tape, final Reals weights, final Rows logitsTangents, final Rows logitsCotangentTangents) {
        final Memory m = own(tape);
        requireAtLeast("weights", weights.size(), m.rows);
        require("logitsTangents", logitsTangents, m.rows, m.classes);
        require("logitsCotangentTangents", logitsCotangentTangents, m.rows, m.classes);
        structs.begin();
        try {
            bindings.check((int) bindings.lossTangentBackward.invokeExact(
                    m.handle,
                    structs.address(weights),
                    structs.rows(logitsTangents),
                    structs.rows(logitsCotangentTangents)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void predict(final int rows, final Rows logits, final Ints predictions) {
        require("logits", logits, rows, logits.width());
        requireAtLeast("predictions", predictions.size(), rows);
        try {
            bindings.check((int) bindings.lossPredict.invokeExact(
                    device.context(), rows, structs.begin().rows(logits), structs.address(predictions)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void sampleWeights(final Reals x, final Ints indices, final double scale, final Reals weights) {
        requireAtLeast("weights", weights.size(), indices.size());
        try {
            bindings.check((int) bindings.lossSampleWeights.invokeExact(
                    device.context(),
                    structs.address(x),
                    x.size(),
                    structs.address(indices),
                    indices.size(),
                    scale,
                    structs.address(weights)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void sampleWeightsBackward(
            final Reals x, final Ints indices, final double scale, final Reals values, final Reals out) {
        requireAtLeast("values", values.size(), indices.size());
        require("out", out, x.size());
        try {
            bindings.check((int) bindings.lossSampleWeightsBackward.invokeExact(
                    device.context(),
                    structs.address(x),
                    x.size(),
                    structs.address(indices),
                    indices.size(),
                    scale,
                    structs.address(values),
                    structs.address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    private static int code(final Regulariser kind) {
        return switch (kind) {
            case SQUARED -> 0;
            case NORM -> 1;
        };
    }

    private static int code(final Store store) {
        return switch (store) {
            case WRITE -> 0;
            case ADD -> 1;
        };
    }

    @Override
    public void regularise(
            final Regulariser kind, final double factor, final Reals coefficient, final Reals y, final Reals value) {
        requireAtLeast("coefficient", coefficient.size(), 1);
        requireAtLeast("value", value.size(), 1);
        try {
            bindings.check((int) bindings.lossRegularise.invokeExact(
                    device.context(),
                    code(kind),
                    factor,
                    structs.address(coefficient),
                    structs.address(y),
                    y.size(),
                    structs.address(value)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void regulariserGradient(
            final Regulariser kind,
            final double factor,
            final Reals coefficient,
            final Reals y,
            final Reals gradient,
            final Store store) {
        requireAtLeast("coefficient", coefficient.size(), 1);
        require("gradient", gradient, y.size());
        try {
            bindings.check((int) bindings.lossRegulariserGradient.invokeExact(
                    device.context(),
                    code(kind),
                    factor,
                    structs.address(coefficient),
                    structs.address(y),
                    y.size(),
                    structs.address(gradient),
                    code(store)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void regulariserHessianVector(
            final Regulariser kind,
            final double factor,
            final Reals coefficient,
            final Reals y,
            final Reals z,
            final Reals product,
            final Store store) {
        requireAtLeast("coefficient", coefficient.size(), 1);
        require("z", z, y.size());
        require("product", product, y.size());
        try {
            bindings.check((int) bindings.lossRegulariserHessianVector.invokeExact(
                    device.context(),
                    code(kind),
                    factor,
                    structs.address(coefficient),
                    structs.address(y),
                    structs.address(z),
                    y.size(),
                    structs.address(product),
                    code(store)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void regulariserMixed(
            final Regulariser kind, final double factor, final Reals y, final Reals z, final Reals value) {
        require("z", z, y.size());
        requireAtLeast("value", value.size(), 1);
        try {
            bindings.check((int) bindings.lossRegulariserMixed.invokeExact(
                    device.context(),
                    code(kind),
                    factor,
                    structs.address(y),
                    structs.address(z),
                    y.size(),
                    structs.address(value)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
