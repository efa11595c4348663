package borep.cuda;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.lwjgl.PointerBuffer;
import org.lwjgl.cuda.NVRTC;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

/**
 * Compiles CUDA C++ at run time for one device's architecture, by NVIDIA's NVRTC through LWJGL.
 *
 * <p>Needs {@code org.lwjgl:lwjgl-cuda} and {@code org.lwjgl:lwjgl} with its natives on the module path, and NVRTC itself ({@code
 * libnvrtc.so} and {@code libnvrtc-builtins.so} of a CUDA toolkit, which LWJGL looks for). Nobody else needs any of them.
 */
public final class Nvrtc implements KernelCompiler {
    private static final String BINDING =
            "NVRTC: its binding is missing; add org.lwjgl:lwjgl-cuda and org.lwjgl:lwjgl with its natives"
                    + " (classifier natives-linux) to the module path";
    private static final String LIBRARY =
            "NVRTC: libnvrtc.so and libnvrtc-builtins.so cannot be loaded; install the CUDA toolkit, or name"
                    + " its folder with -Dorg.lwjgl.cuda.toolkit.path=FOLDER";

    private final List<String> options;

    /** @param options further options of the compiler, for example {@code --use_fast_math} */
    public Nvrtc(final String... options) {
        this.options = List.of(options);
    }

    @Override
    public byte[] compile(final CudaDevice device, final String source, final String name) {
        return compile(device.architecture(), source, name);
    }

    /** @param architecture for example 90 for sm_90 */
    byte[] compile(final int architecture, final String source, final String name) {
        try {
            return compiled(architecture, source, name);
        } catch (LinkageError e) {
            throw new IllegalStateException(isBindingMissing() ? BINDING : LIBRARY, e);
        }
    }

    private static boolean isBindingMissing() {
        try {
            Class.forName("org.lwjgl.cuda.NVRTC", false, Nvrtc.class.getClassLoader());
            Class.forName("org.lwjgl.system.Library"); // loads the binding's own native part
            return false;
        } catch (ClassNotFoundException | LinkageError e) {
            return true;
        }
    }

    private byte[] compiled(final int architecture, final String source, final String name) {
        final List<String> all = new ArrayList<>(options);
        all.add("--gpu-architecture=sm_" + architecture);
        try (MemoryStack stack = MemoryStack.stackPush()) {
            final PointerBuffer program = stack.mallocPointer(1);
            check(NVRTC.nvrtcCreateProgram(program, source, name + ".cu", null, null));
            try {
                final PointerBuffer words = stack.mallocPointer(all.size());
                for (final String option : all) {
                    words.put(stack.UTF8(option));
                }
                final int result = NVRTC.nvrtcCompileProgram(program.get(0), words.flip());
                if (result != NVRTC.NVRTC_SUCCESS) {
                    throw new IllegalArgumentException("kernel " + name + ": " + NVRTC.nvrtcGetErrorString(result)
                            + "\n" + log(stack, program.get(0)));
                }
                return code(stack, program.get(0));
            } finally {
                NVRTC.nvrtcDestroyProgram(program);
            }
        }
    }

    private static byte[] code(final MemoryStack stack, final long program) {
        final PointerBuffer size = stack.mallocPointer(1);
        check(NVRTC.nvrtcGetCUBINSize(program, size));
        final byte[] code = new byte[Math.toIntExact(size.get(0))];
        final ByteBuffer copy = MemoryUtil.memAlloc(code.length);
        try {
            check(NVRTC.nvrtcGetCUBIN(program, copy));
            copy.get(code);
            return code;
        } finally {
            MemoryUtil.memFree(copy);
        }
    }

    private static String log(final MemoryStack stack, final long program) {
        final PointerBuffer size = stack.mallocPointer(1);
        check(NVRTC.nvrtcGetProgramLogSize(program, size));
        final ByteBuffer text = MemoryUtil.memAlloc(Math.toIntExact(size.get(0)));
        try {
            check(NVRTC.nvrtcGetProgramLog(program, text));
            return MemoryUtil.memUTF8(text).replace("\0", "").strip();
        } finally {
            MemoryUtil.memFree(text);
        }
    }

    private static void check(final int result) {
        if (result != NVRTC.NVRTC_SUCCESS) {
            throw new IllegalStateException("NVRTC: " + NVRTC.nvrtcGetErrorString(result));
        }
    }
}
