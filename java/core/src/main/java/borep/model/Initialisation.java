package borep.model;

import borep.device.Philox;
import borep.device.Reals;

/** Starting values of parameters: PyTorch's default, uniform in ±1/√fan, from counters of the seed. */
public final class Initialisation {
    /** Purpose of these random choices, apart from every choice of an iteration. */
    private static final int PURPOSE = 0x494E4954;

    private Initialisation() {}

    /**
     * Overwrites {@code values}, laid out as {@code parameters} says, from the seed; host to device.
     *
     * @param values written [parameters]
     */
    public static void uniform(final Parameters parameters, final long seed, final Reals values) {
        final double[] host = new double[parameters.size()];
        for (final Parameters.Entry entry : parameters.entries()) {
            final double bound = 1 / Math.sqrt(entry.fan());
            for (int i = entry.offset(); i < entry.offset() + entry.size(); i++) {
                host[i] = (2 * Philox.uniform(seed, 0, PURPOSE, i) - 1) * bound;
            }
        }
        values.set(host);
    }
}
