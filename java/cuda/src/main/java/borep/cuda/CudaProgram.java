package borep.cuda;

import borep.device.Program;
import java.util.List;

/** A recorded CUDA graph. */
final class CudaProgram implements Program {
    private final CudaDevice device;
    private final long handle;
    /** One entry for every advance among the recorded calls. */
    private final CudaCounter[] advances;

    CudaProgram(final CudaDevice device, final long handle, final List<CudaCounter> advances) {
        this.device = device;
        this.handle = handle;
        this.advances = advances.toArray(CudaCounter[]::new);
    }

    @Override
    public void run() {
        device.run(handle);
        for (final CudaCounter counter : advances) {
            counter.advanced();
        }
    }
}
