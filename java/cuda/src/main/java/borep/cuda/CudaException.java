package borep.cuda;

/** A CUDA call failed: out of memory, a lost device, a kernel that could not run. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    CudaException(final int status, final String message) {
        super(message);
        this.status = status;
    }

    /** borep_status of the call (native/include/borep.h). */
    public int status() {
        return status;
    }
}
