package borep.device;

/** Offers a device of another module to {@link Devices}, which finds it with {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
    /** The device's name, for example {@code cuda}. */
    String name();

    /**
     * Opens the device, having proved that it works.
     *
     * @param threads host threads it may use, at least 1
     * @throws DeviceUnavailable with cause and cure
     */
    Device open(int threads);
}
