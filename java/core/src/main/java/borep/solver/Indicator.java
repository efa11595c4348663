package borep.solver;

import borep.device.Reals;
import borep.kernel.Update;

/** Decisions without the host: 1 where a number is positive and 0 elsewhere, to multiply steps with. */
final class Indicator {
    private final Update update;
    private final Reals positive;

    Indicator(final Loop loop) {
        update = loop.update;
        positive = loop.scalar();
    }

    /** out [1] = 1 if a [1] &gt; 0, else 0; {@code out} may be {@code a}. */
    void isPositive(final Reals a, final Reals out) {
        update.apply(Update.Function.POSITIVE, a, out);
        update.copy(out, positive);
        update.divide(positive, out, out);
    }
}
