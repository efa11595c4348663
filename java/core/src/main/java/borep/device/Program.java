package borep.device;

/** A recorded sequence of kernel calls, replayed as a whole. Host devices simply call it again; CUDA launches a graph. */
@FunctionalInterface
public interface Program {
    /** Enqueues the recorded calls once. */
    void run();
}
