package borep.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import borep.device.Counter;
import borep.device.Ints;
import borep.device.Reals;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A CUDA kernel that a user brings along, for an oracle that borep's own kernels do not cover: compiled from a source text, launched in one
 * order with everything else on the device, and recorded into the same programs. docs/nvrtc.md has an example.
 *
 * <p>The device owns it. Numbers that change from step to step must come from device memory, as in every recorded call; whatever else is
 * passed keeps the value that it had when the program was recorded.
 */
public final class UserKernel {
    private static final int THREADS = 256;

    private final CudaDevice device;
    private final String name;
    private final long handle;

    private UserKernel(final CudaDevice device, final String name, final long handle) {
        this.device = device;
        this.name = name;
        this.handle = handle;
    }

    /**
     * How large a launch is.
     *
     * @param blocks      [3] of the grid, each at least 1
     * @param threads     [3] of a block, 1024 at most
     * @param sharedBytes dynamic shared memory of a block, 48 KiB at most
     */
    public record Size(int[] blocks, int[] threads, int sharedBytes) {
        /** Copies what may change. */
        public Size {
            if (blocks.length != 3 || threads.length != 3) {
                throw new IllegalArgumentException(
                        "size of a launch: needs three extents of the grid and three of a block");
            }
            blocks = blocks.clone();
            threads = threads.clone();
        }

        /** One thread for each of {@code count} elements, and some more that must look at their number. */
        public static Size of(final int count) {
            return new Size(new int[] {Math.max(1, Math.ceilDiv(count, THREADS)), 1, 1}, new int[] {THREADS, 1, 1}, 0);
        }

        @Override
        public int[] blocks() {
            return blocks.clone();
        }

        @Override
        public int[] threads() {
            return threads.clone();
        }
    }

    /** One argument as C takes it. */
    record Argument(long bits, int bytes) {
        /** @throws IllegalArgumentException for what no kernel can take, or not one of this device */
        static Argument of(final CudaDevice device, final int place, final Object value) {
            return switch (value) {
                case Reals reals -> new Argument(CudaReals.address(device, reals), Long.BYTES);
                case Ints ints -> new Argument(CudaInts.address(device, ints), Long.BYTES);
                case Counter counter -> new Argument(CudaCounter.address(device, counter), Long.BYTES);
                case Integer number -> new Argument(Integer.toUnsignedLong(number), Integer.BYTES);
                case Long number -> new Argument(number, Long.BYTES);
                case Float number -> new Argument(Integer.toUnsignedLong(Float.floatToRawIntBits(number)), Float.BYTES);
                case Double number -> new Argument(Double.doubleToRawLongBits(number), Double.BYTES);
                case null, default ->
                    throw new IllegalArgumentException("argument " + place
                            + " of a kernel: must be Reals, Ints, Counter," + " int, long, float or double");
            };
        }
    }

    /**
     * Compiles a source with NVRTC.
     *
     * @param source CUDA C++ that declares {@code extern "C" __global__ void name(...)}
     * @throws IllegalArgumentException with what the compiler says
     * @throws IllegalStateException    if NVRTC or its binding is missing, with the remedy
     */
    public static UserKernel compile(final CudaDevice device, final String source, final String name) {
        return compile(device, source, name, new Nvrtc());
    }

    /** As {@link #compile(CudaDevice, String, String)}, with another compiler. */
    public static UserKernel compile(
            final CudaDevice device, final String source, final String name, final KernelCompiler compiler) {
        return load(device, compiler.compile(device, source, name), name);
    }

    /**
     * Takes a kernel out of compiled code.
     *
     * @param code a PTX text with its zero byte, a cubin or a fatbin
     * @param name unmangled, that is declared {@code extern "C"}
     * @throws IllegalArgumentException if the code cannot be loaded or holds no such kernel
     */
    public static UserKernel load(final CudaDevice device, final byte[] code, final String name) {
        final CudaBindings bindings = device.bindings();
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment image = call.allocateFrom(JAVA_BYTE, code);
            final MemorySegment text = call.allocateFrom(name);
            final MemorySegment out = call.allocate(Long.BYTES, Long.BYTES);
            bindings.check((int)
                    bindings.kernelLoad.invokeExact(device.context(), image.address(), text.address(), out.address()));
            return new UserKernel(device, name, out.get(JAVA_LONG, 0));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    /** The name it was found by. */
    public String name() {
        return name;
    }

    /**
     * Launches one thread for each of {@code count} elements, in blocks of 256; threads past the last element must do nothing.
     *
     * @param arguments as {@link #launch(Size, Object...)}
     */
    public void launch(final int count, final Object... arguments) {
        launch(Size.of(count), arguments);
    }

    /**
     * Enqueues or records a launch.
     *
     * @param arguments the parameters in order: {@link Reals}, {@link Ints} and {@link Counter} of this device as {@code float *}, {@code int
     *                  *} and {@code long long *}; {@code int}, {@code long}, {@code float} and {@code double} as themselves
     * @throws IllegalArgumentException if number or sizes of the arguments are not those of the kernel's parameters
     */
    public void launch(final Size size, final Object... arguments) {
        device.requireOpen();
        final List<Argument> bits = new ArrayList<>(arguments.length);
        for (int place = 0; place < arguments.length; place++) {
            bits.add(Argument.of(device, place, arguments[place]));
        }
        final CudaBindings bindings = device.bindings();
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment launch = Structs.launch(call, size);
            final MemorySegment values = Structs.arguments(call, bits);
            bindings.check((int)
                    bindings.kernelLaunch.invokeExact(handle, launch.address(), values.address(), arguments.length));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
