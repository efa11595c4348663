package borep.report;

import java.util.ArrayList;
import java.util.List;

/** One axis: a range, where a value lies on it, and round numbers to write beside it. */
final class Axis {
    private static final int TICKS = 6;

    /** A value with its text. */
    record Tick(double value, String text) {}

    private final boolean logarithmic;
    private final double low;
    private final double high;
    private final List<Tick> ticks;

    private Axis(final boolean logarithmic, final double low, final double high, final List<Tick> ticks) {
        this.logarithmic = logarithmic;
        this.low = low;
        this.high = high;
        this.ticks = List.copyOf(ticks);
    }

    /** From {@code low} to {@code high} exactly, for steps and times. */
    static Axis exact(final double low, final double high, final Unit unit) {
        final double top = high > low ? high : low + 1;
        return new Axis(false, low, top, linearTicks(low, top, unit));
    }

    /** Widened to round numbers at both ends, so that the curves keep clear of the frame. */
    static Axis rounded(final double low, final double high, final Unit unit) {
        final double margin = high > low ? (high - low) * 0.03 : Math.max(Math.abs(low) * 0.1, 1e-3);
        final double floor = low >= 0 ? Math.max(0, low - margin) : low - margin;
        final double ceiling = unit == Unit.SHARE && high <= 1 ? Math.min(1, high + margin) : high + margin;
        final double gap = gap(floor, ceiling) / 2; // half a gap: whole ones would waste up to a third of the height
        final double from = Math.floor(floor / gap + 1e-9) * gap;
        final double to = Math.ceil(ceiling / gap - 1e-9) * gap;
        return new Axis(false, from, to, linearTicks(from, to, unit));
    }

    /** Counts that grow from zero both ways, {@code down} downwards and {@code up} upwards, written without a sign. */
    static Axis mirrored(final double down, final double up) {
        final double gap = Math.max(1, gap(-down, Math.max(up, 1 - down)));
        final double from = -Math.ceil(down / gap - 1e-9) * gap;
        final double to = Math.max(gap, Math.ceil(up / gap - 1e-9) * gap);
        final List<Tick> unsigned = linearTicks(from, to, Unit.COUNT).stream()
                .map(tick -> new Tick(tick.value(), Unit.COUNT.format(Math.abs(tick.value()))))
                .toList();
        return new Axis(false, from, to, unsigned);
    }

    /** A logarithmic axis over positive values. */
    static Axis logarithmic(final double low, final double high) {
        if (!(low > 0) || !(high >= low)) {
            throw new IllegalArgumentException("range " + low + " to " + high + ": must be positive and rising");
        }
        final double margin = high > low ? Math.pow(high / low, 0.04) : 2;
        return new Axis(true, low / margin, high * margin, logarithmicTicks(low / margin, high * margin));
    }

    /** 0 at the low end, 1 at the high end; NaN where a value has no place (not finite, or log axis and ≤ 0). */
    double position(final double value) {
        if (!Double.isFinite(value) || logarithmic && value <= 0) {
            return Double.NaN;
        }
        return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    /** The value at {@code position} in [0, 1]. */
    double value(final double position) {
        return logarithmic ? low * Math.pow(high / low, position) : low + position * (high - low);
    }

    boolean isLogarithmic() {
        return logarithmic;
    }

    List<Tick> ticks() {
        return ticks;
    }

    private static double gap(final double low, final double high) {
        final double raw = (high - low) / TICKS;
        final double power = Math.pow(10, Math.floor(Math.log10(raw)));
        final double lead = raw / power;
        return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
    }

    private static List<Tick> linearTicks(final double low, final double high, final Unit unit) {
        final double gap = unit == Unit.COUNT ? Math.max(1, gap(low, high)) : gap(low, high);
        final List<Tick> found = new ArrayList<>();
        for (long k = (long) Math.ceil(low / gap - 1e-9); k * gap <= high + gap * 1e-9; k++) {
            found.add(new Tick(k * gap, unit.tick(k * gap, gap)));
        }
        return found;
    }

    private static List<Tick> logarithmicTicks(final double low, final double high) {
        final int from = (int) Math.ceil(Math.log10(low) - 1e-9);
        final int to = (int) Math.floor(Math.log10(high) + 1e-9);
        final List<Tick> found = new ArrayList<>();
        if (to - from >= 2) {
            final int stride = (to - from) / TICKS + 1;
            for (int e = from; e <= to; e += stride) {
                found.add(new Tick(Math.pow(10, e), Unit.powerOfTen(e)));
            }
            return found;
        }
        for (int e = from - 1; e <= to; e++) { // less than three powers of ten: 1, 2 and 5 of each
            for (final int lead : new int[] {1, 2, 5}) {
                final double value = lead * Math.pow(10, e);
                if (value >= low && value <= high) {
                    found.add(new Tick(value, Unit.NUMBER.format(value)));
                }
            }
        }
        return found.size() >= 2 ? found : linearTicks(low, high, Unit.NUMBER);
    }
}
