package borep.device;

/**
 * A step size as a function of the iteration, in closed form so that a device can evaluate it from its own counter.
 *
 * @param kind    the form
 * @param initial value at iteration 0, positive and finite
 * @param period  STEP: iterations between two drops, at least 1; otherwise unused
 * @param factor  STEP: the factor of a drop, in (0, 1]; POWER: the exponent, at least 0; otherwise unused
 */
public record Schedule(Kind kind, double initial, long period, double factor) {
    /** The forms of a schedule. */
    public enum Kind {
        /** initial */
        CONSTANT,
        /** initial · factor^⌊k / period⌋ */
        STEP,
        /** initial / (k + 1)^factor */
        POWER
    }

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Schedule {
        if (!(initial > 0) || Double.isInfinite(initial)) {
            throw new IllegalArgumentException("step size " + initial + ": must be positive and finite");
        }
        if (kind == Kind.STEP && (period < 1 || !(factor > 0 && factor <= 1))) {
            throw new IllegalArgumentException(
                    "schedule step:" + period + ":" + factor + ": the period must be at least 1, the factor in (0, 1]");
        }
        if (kind == Kind.POWER && !(factor >= 0)) {
            throw new IllegalArgumentException("schedule power:" + factor + ": the exponent must not be negative");
        }
    }

    /**
     * The same step size for ever.
     *
     * @throws IllegalArgumentException unless it is positive and finite
     */
    public static Schedule constant(final double value) {
        return new Schedule(Kind.CONSTANT, value, 1, 1);
    }

    /**
     * Reads {@code 0.1}, {@code 0.1/step:100:0.5} (times 0.5 every 100 iterations) or {@code 0.1/power:0.5} (divided by
     * (k + 1)^0.5).
     *
     * @throws IllegalArgumentException naming the text and the three forms, or the value that is out of its range
     */
    public static Schedule parse(final String text) {
        final String[] parts = text.trim().split("[/:]");
        try {
            final double initial = Double.parseDouble(parts[0]);
            if (parts.length == 1) {
                return constant(initial);
            }
            if (parts.length == 4 && parts[1].equals("step")) {
                return new Schedule(Kind.STEP, initial, Long.parseLong(parts[2]), Double.parseDouble(parts[3]));
            }
            if (parts.length == 3 && parts[1].equals("power")) {
                return new Schedule(Kind.POWER, initial, 1, Double.parseDouble(parts[2]));
            }
        } catch (NumberFormatException e) {
            // falls through to the one message for every malformed text
        }
        throw new IllegalArgumentException("step size '" + text + "': write 0.1, 0.1/step:100:0.5 or 0.1/power:0.5");
    }

    /** The step size at iteration {@code k}, counted from 0. */
    public double at(final long k) {
        return switch (kind) {
            case CONSTANT -> initial;
            case STEP -> initial * Math.pow(factor, (double) (k / period));
            case POWER -> initial / Math.pow(k + 1.0, factor);
        };
    }

    /** The text {@link #parse} reads. */
    @Override
    public String toString() {
        return switch (kind) {
            case CONSTANT -> Double.toString(initial);
            case STEP -> initial + "/step:" + period + ":" + factor;
            case POWER -> initial + "/power:" + factor;
        };
    }
}
