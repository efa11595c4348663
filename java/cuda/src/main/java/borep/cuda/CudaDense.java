package borep.cuda;

import static borep.cuda.Structs.require;
import static borep.cuda.Structs.requireOptional;

import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Rows;

/** {@link Dense} by {@code native/src/kernels/dense.cu}. */
final class CudaDense implements Dense {
    private final CudaDevice device;
    private final CudaBindings bindings;
    private final Structs structs;

    CudaDense(final CudaDevice device) {
        this.device = device;
        bindings = device.bindings();
        structs = device.newStructs();
    }

    /** A tape in device memory, freed with the device. */
    private static final class Memory implements Tape {
        private final CudaDevice device;
        private final Shape shape;
        private final long handle;
        private int rows;

        Memory(final CudaDevice device, final Shape shape, final long handle) {
            this.device = device;
            this.shape = shape;
            this.handle = handle;
        }

        @Override
        public Shape shape() {
            return shape;
        }
    }

    @Override
    public Tape tape(final Shape shape, final int maxRows) {
        try {
            bindings.check((int) bindings.denseTapeCreate.invokeExact(
                    device.context(),
                    shape.input(),
                    shape.output(),
                    shape.tanh() ? 1 : 0,
                    maxRows,
                    structs.handleSlot()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
        return new Memory(device, shape, structs.handle());
    }

    private Memory own(final Tape tape) {
        device.requireOpen();
        if (tape instanceof Memory m && m.device == device) {
            return m;
        }
        throw device.foreign("tape");
    }

    @Override
    public void forward(final Tape tape, final int rows, final Reals weights, final Rows input, final Rows output) {
        final Memory m = own(tape);
        require("weights", weights, m.shape.parameters());
        require("input", input, rows, m.shape.input());
        require("output", output, rows, m.shape.output());
        structs.begin();
        try {
            bindings.check((int) bindings.denseForward.invokeExact(
                    m.handle, rows, structs.address(weights), structs.rows(input), structs.rows(output)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
        m.rows = rows;
    }

    @Override
    public void backward(
            final Tape tape,
            final Reals weights,
            final Rows outputCotangent,
            final Reals gradient,
            final Rows inputCotangent) {
        final Memory m = own(tape);
        require("weights", weights, m.shape.parameters());
        require("outputCotangent", outputCotangent, m.rows, m.shape.output());
        requireOptional("gradient", gradient, m.shape.parameters());
        requireOptional("inputCotangent", inputCotangent, m.rows, m.shape.input());
        structs.begin();
        try {
            bindings.check((int) bindings.denseBackward.invokeExact(
                    m.handle,
                    structs.address(weights),
                    structs.rows(outputCotangent),
                    structs.address(gradient),
                    structs.rows(inputCotangent)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void tangentForward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows inputTangent,
            final Rows outputTangent) {
        final Memory m = own(tape);
        require("weights", weights, m.shape.parameters());
        requireOptional("direction", direction, m.shape.parameters());
        requireOptional("inputTangent", inputTangent, m.rows, m.shape.input());
        require("outputTangent", outputTangent, m.rows, m.shape.output());
        structs.begin();
        try {
            bindings.check((int) bindings.denseTangentForward.invokeExact(
                    m.handle,
                    structs.address(weights),
                    structs.address(direction),
                    structs.rows(inputTangent),
                    structs.rows(outputTangent)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void tangentBackward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows outputCotangentTangent,
            final Reals gradientTangent,
            final Rows inputCotangentTangent) {
        final Memory m = own(tape);
        require("weights", weights, m.shape.parameters());
        requireOptional("direction", direction, m.shape.parameters());
        require("outputCotangentTangent", outputCotangentTangent, m.rows, m.shape.output());
        requireOptional("gradientTangent", gradientTangent, m.shape.parameters());
        requireOptional("inputCotangentTangent", inputCotangentTangent, m.rows, m.shape.input());
        structs.begin();
        try {
            bindings.check((int) bindings.denseTangentBackward.invokeExact(
                    m.handle,
                    structs.address(weights),
                    structs.address(direction),
                    structs.rows(outputCotangentTangent),
                    structs.address(gradientTangent),
                    structs.rows(inputCotangentTangent)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
