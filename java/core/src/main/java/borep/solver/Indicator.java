package borep.solver;

import borep.device.Reals;
import borep.kernel.Update;

/** Decisions without the host: 1 where a number is positive and 0 elsewhere, to multiply steps with. */
final class Indicator {
    private final Update update;
    private final Reals one;
    /** Twice this takes every positive number, the smallest one too, far beyond 1, and is a number of the device itself. */
    private final double large;

    Indicator(final Loop loop) {
        update = loop.update;
        one = loop.scalar();
        update.fill(one, 1);
        large = loop.device.realBytes() == Float.BYTES ? 0x1p100 : 0x1p600;
    }

    /** out [1] = 1 if a [1] &gt; 0, ∞ too, else 0, NaN for NaN; {@code out} may be {@code a}. */
    void isPositive(final Reals a, final Reals out) {
        update.apply(Update.Function.POSITIVE, a, out);
        update.scale(large, out);
        update.scale(-large, out);
        update.apply(Update.Function.EXP, out, out); // 0 or 1, where a / a would be NaN for ∞
        update.scale(-1, out);
        update.axpy(1, one, out);
    }
}
