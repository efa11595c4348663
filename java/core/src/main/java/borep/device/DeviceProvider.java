package borep.device;

/** Offers a device of another module to {@link Devices}, which finds it with {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
    /** Whether this provider is the one to ask for a device of this name, for example {@code cuda:1}. */
    boolean offers(String name);

    /**
     * Opens the device, having proved that it works.
     *
     * @param name    as {@link #offers} accepted it
     * @param threads host threads it may use, at least 1
     * @throws DeviceUnavailable        with cause and cure
     * @throws IllegalArgumentException if the name is malformed
     */
    Device open(String name, int threads);
}
