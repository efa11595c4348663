package borep.cuda;

/** Makes code that a device can load of a CUDA C source; {@link Nvrtc} is the one for GPUs. */
@FunctionalInterface
public interface KernelCompiler {
    /**
     * Compiles a source that holds one or more {@code extern "C" __global__} functions.
     *
     * @param device where it will run
     * @param source CUDA C++
     * @param name   the kernel that will be taken out of it
     * @return a PTX text with its zero byte, a cubin or a fatbin
     * @throws IllegalArgumentException with what the compiler says, if the source is wrong
     * @throws IllegalStateException    with cause and cure, if there is no compiler
     */
    byte[] compile(CudaDevice device, String source, String name);
}
