package borep.experiment;

import borep.data.DataException;
import borep.device.Devices;

/** The device that a command line asks for. */
public final class ChosenDevice {
    private ChosenDevice() {}

    /**
     * Opens it.
     *
     * @param name    {@code auto} or a device's name
     * @param threads host threads; 0 for as many as the machine has
     * @throws DataException for a name that no device has
     */
    public static Devices.Choice open(final String name, final int threads) {
        if (threads < 0) {
            throw new DataException("threads " + threads + ": must be at least 1, or 0 for all cores");
        }
        try {
            return Devices.choose(name.equals("auto") ? null : name, threads == 0 ? Devices.threads() : threads);
        } catch (IllegalArgumentException e) {
            throw new DataException(e.getMessage() + (e.getMessage().startsWith("device ") ? ", or auto" : ""));
        }
    }
}
