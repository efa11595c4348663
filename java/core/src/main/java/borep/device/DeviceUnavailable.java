package borep.device;

/**
 * Says why a device cannot be had here, in one sentence with cause and cure. The only exception that makes {@link Devices}
 * try the next candidate; everything else propagates.
 */
public final class DeviceUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A refusal with its reason, for example "the module jdk.incubator.vector is missing: add --add-modules jdk.incubator.vector". */
    public DeviceUnavailable(final String reason) {
        super(reason);
    }
}
