package borep.kernel.vector;

import borep.device.Counter;
import borep.device.Device;
import borep.device.DeviceUnavailable;
import borep.device.Guard;
import borep.device.HostCounter;
import borep.device.HostFloats;
import borep.device.HostGuard;
import borep.device.HostInts;
import borep.device.HostRing;
import borep.device.Ints;
import borep.device.Program;
import borep.device.Reals;
import borep.device.Ring;
import borep.kernel.Kernels;
import java.util.List;

/** The host's cores in float32, with vectors or, where the Vector API is missing, number by number. */
public final class VectorDevice implements Device {
    private static final String MODULE = "jdk.incubator.vector";

    private final String name;
    private final Lanes lanes;
    private final Workers workers;
    private final Kernels kernels;

    private VectorDevice(final String name, final Lanes lanes, final int threads) {
        this.name = name;
        this.lanes = lanes;
        workers = new Workers(threads, lanes.gemm());
        final VectorUpdate update = new VectorUpdate(lanes, workers);
        kernels = new Kernels(
                new VectorRecurrent(lanes, workers),
                new VectorDense(lanes, workers),
                new VectorPooling(lanes, workers),
                new VectorLoss(update),
                update,
                new VectorBatch(),
                new VectorSparse(lanes, workers));
    }

    /**
     * The device {@code vector}.
     *
     * @param threads cores to use, the caller's among them, at least 1
     * @throws DeviceUnavailable if the Vector API is not part of this run, naming the flag that adds it
     */
    public static VectorDevice withVectors(final int threads) {
        // the class is looked up without being initialised: nothing of the Vector API may run before this answers
        try {
            Class.forName("jdk.incubator.vector.FloatVector", false, VectorDevice.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new DeviceUnavailable(
                    "the module " + MODULE + " is not part of this run: start java with --add-modules " + MODULE);
        }
        return new VectorDevice("vector", Lanes.vectors(), threads);
    }

    /** The device {@code scalar}, to be had everywhere. */
    public static VectorDevice withScalars(final int threads) {
        return new VectorDevice("scalar", Lanes.scalars(), threads);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return lanes.description() + ", " + workers.threads() + (workers.threads() == 1 ? " thread" : " threads");
    }

    @Override
    public int realBytes() {
        return Float.BYTES;
    }

    @Override
    public Reals reals(final int size) {
        return new HostFloats(size);
    }

    @Override
    public Ints ints(final int size) {
        return new HostInts(size);
    }

    @Override
    public Counter counter() {
        return new HostCounter();
    }

    @Override
    public Ring ring(final int width, final int capacity) {
        return new HostRing(width, capacity);
    }

    @Override
    public Guard guard(final Counter counter, final Ring ring, final Reals values, final List<Reals> state) {
        return new HostGuard(this, counter, ring, values, state);
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public Program record(final Runnable calls) {
        return calls::run;
    }

    @Override
    public void close() {
        workers.close();
    }
}
