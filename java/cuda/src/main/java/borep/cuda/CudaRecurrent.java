package borep.cuda;

import static borep.cuda.Structs.require;
import static borep.cuda.Structs.requireOptional;

import borep.device.Reals;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@link Recurrent} by {@code native/src/kernels/recurrent.cu} and the files beside it. How many rows a batch has only the device knows: views
 * must hold as many as the tape was made for.
 */
final class CudaRecurrent implements Recurrent {
    private static final int TEXT_BYTES = 512;

    /** borep_sweep, in its order. */
    enum Sweep {
        FORWARD,
        TANGENT_FORWARD,
        BACKWARD,
        TANGENT_BACKWARD,
        FORWARD_ALONG,
        BACKWARD_ALONG
    }

    private final CudaDevice device;
    private final CudaBindings bindings;
    private final Structs structs;

    CudaRecurrent(final CudaDevice device) {
        this.device = device;
        bindings = device.bindings();
        structs = device.newStructs();
    }

    /** A tape in device memory, freed with the device. */
    private record Memory(CudaDevice device, Shape shape, int maxRows, long handle) implements Tape {}

    @Override
    public Tape tape(final Shape shape, final int maxRows, final int maxBatch) {
        try {
            bindings.check((int) bindings.recurrentTapeCreate.invokeExact(
                    device.context(), structs.begin().shape(shape), maxRows, maxBatch, structs.handleSlot()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
        return new Memory(device, shape, maxRows, structs.handle());
    }

    private Memory own(final Tape tape) {
        device.requireOpen();
        if (tape instanceof Memory m && m.device == device) {
            return m;
        }
        throw device.foreign("tape");
    }

    @Override
    public void forward(
            final Tape tape, final Packing packing, final Reals weights, final Rows input, final Rows output) {
        final Memory m = own(tape);
        require("weights", weights, m.shape.parameters());
        require("input", input, m.maxRows, m.shape.input());
        require("output", output, m.maxRows, m.shape.hidden());
        structs.begin();
        try {
            bindings.check((int) bindings.recurrentForward.invokeExact(
                    m.handle,
                    structs.packing(packing),
                    structs.address(weights),
                    structs.rows(input),
                    structs.rows(output)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
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
        require("outputCotangent", outputCotangent, m.maxRows, m.shape.hidden());
        requireOptional("gradient", gradient, m.shape.parameters());
        requireOptional("inputCotangent", inputCotangent, m.maxRows, m.shape.input());
        structs.begin();
        try {
            bindings.check((int) bindings.recurrentBackward.invokeExact(
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
        requireOptional("inputTangent", inputTangent, m.maxRows, m.shape.input());
        require("outputTangent", outputTangent, m.maxRows, m.shape.hidden());
        structs.begin();
        try {
            bindings.check((int) bindings.recurrentTangentForward.invokeExact(
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
        require("outputCotangentTangent", outputCotangentTangent, m.maxRows, m.shape.hidden());
        requireOptional("gradientTangent", gradientTangent, m.shape.parameters());
        requireOptional("inputCotangentTangent", inputCotangentTangent, m.maxRows, m.shape.input());
        structs.begin();
        try {
            bindings.check((int) bindings.recurrentTangentBackward.invokeExact(
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

    @Override
    public void forwardAlong(
            final Tape tape,
            final Packing packing,
            final Reals weights,
            final Reals direction,
            final Rows input,
            final Rows inputTangent,
            final Rows output,
            final Rows outputTangent) {
        final Memory m = own(tape);
        require("weights", weights, m.shape.parameters());
        requireOptional("direction", direction, m.shape.parameters());
        require("input", input, m.maxRows, m.shape.input());
        requireOptional("inputTangent", inputTangent, m.maxRows, m.shape.input());
        require("output", output, m.maxRows, m.shape.hidden());
        require("outputTangent", outputTangent, m.maxRows, m.shape.hidden());
        structs.begin();
        try {
            bindings.check((int) bindings.recurrentForwardAlong.invokeExact(
                    m.handle,
                    structs.packing(packing),
                    structs.address(weights),
                    structs.address(direction),
                    structs.rows(input),
                    structs.rows(inputTangent),
                    structs.rows(output),
                    structs.rows(outputTangent)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void backwardAlong(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows outputCotangent,
            final Rows outputCotangentTangent,
            final Reals gradient,
            final Reals gradientTangent,
            final Rows inputCotangent,
            final Rows inputCotangentTangent) {
        final Memory m = own(tape);
        require("weights", weights, m.shape.parameters());
        requireOptional("direction", direction, m.shape.parameters());
        require("outputCotangent", outputCotangent, m.maxRows, m.shape.hidden());
        require("outputCotangentTangent", outputCotangentTangent, m.maxRows, m.shape.hidden());
        requireOptional("gradient", gradient, m.shape.parameters());
        requireOptional("gradientTangent", gradientTangent, m.shape.parameters());
        requireOptional("inputCotangent", inputCotangent, m.maxRows, m.shape.input());
        requireOptional("inputCotangentTangent", inputCotangentTangent, m.maxRows, m.shape.input());
        structs.begin();
        try {
            bindings.check((int) bindings.recurrentBackwardAlong.invokeExact(
                    m.handle,
                    structs.address(weights),
                    structs.address(direction),
                    structs.rows(outputCotangent),
                    structs.rows(outputCotangentTangent),
                    structs.address(gradient),
                    structs.address(gradientTangent),
                    structs.rows(inputCotangent),
                    structs.rows(inputCotangentTangent)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    /** How a sweep over a tape runs, and why: one line. */
    String describe(final Tape tape, final Sweep sweep) {
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment text = call.allocate(TEXT_BYTES);
            bindings.check((int) bindings.recurrentDescribe.invokeExact(
                    own(tape).handle, sweep.ordinal(), text.address(), TEXT_BYTES));
            return text.getString(0);
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
