package borep.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A measured piece of work, for people and for programs.
 *
 * @param time          of a repeat
 * @param units         how many pieces of work a repeat was
 * @param flops         of one piece, 0: not counted
 * @param peak          GFLOP/s of the device, NaN: not measured
 * @param present       GFLOP/s that all threads reached right after the last repeat, in the loop that {@code peak} is measured with
 * @param threads       of the device
 * @param shape         what was measured, as it stands in the JSON
 * @param liveMegabytes data, parameters, tapes and everything else that was alive after the last repeat, in 10⁶ bytes; NaN: not known
 */
public record Measurement(
        Stopwatch.Result time,
        int units,
        long flops,
        double peak,
        double present,
        int threads,
        ObjectNode shape,
        double liveMegabytes) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Below this share of the peak threads have no cores of their own: two on one core reach half. */
    private static final double SHARED = 0.65;

    private double median() {
        return time.medianMillis() / units;
    }

    private double gflops() {
        return flops / median() * 1e-6;
    }

    /** One line of text. */
    public String text() {
        return String.format(
                Locale.ROOT,
                "%.3f ms (median of %d, quartiles %.3f … %.3f)%s%s",
                median(),
                time.repeats(),
                time.quartileMillis()[0] / units,
                time.quartileMillis()[1] / units,
                flops == 0 ? "" : String.format(Locale.ROOT, ", %.1f GFLOP/s", gflops()),
                Double.isNaN(peak) ? "" : String.format(Locale.ROOT, ", %.0f %% of the peak", 100 * gflops() / peak));
    }

    /** A sentence of doubt, or nothing: whether the threads had a core each when the measurement ended. */
    public Optional<String> doubt() {
        return present / peak < SHARED
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "borep: after the measurement all threads together reached %.0f %% of the peak in a loop of fused multiply-adds: two of"
                                + " them share a core, or neighbours are busy; measure again (docs/performance.md, Neighbours)",
                        100 * present / peak))
                : Optional.empty();
    }

    /** One object; what is not known is null. */
    public ObjectNode json() {
        final ObjectNode line = MAPPER.createObjectNode();
        line.put("medianMillis", round(median())).put("decileMillis", round(time.decileMillis() / units));
        line.set(
                "quartileMillis",
                MAPPER.valueToTree(Arrays.stream(time.quartileMillis())
                        .map(millis -> round(millis / units))
                        .toArray()));
        put(line, "gflops", flops == 0 ? Double.NaN : gflops());
        line.put("flops", flops == 0 ? null : flops);
        put(line, "peakShare", gflops() / peak);
        put(line, "peakGflops", peak);
        put(line, "presentGflops", present);
        put(line, "liveMegabytes", liveMegabytes);
        line.put("threads", threads).put("repeats", time.repeats());
        line.put("warmUpSeconds", round(time.warmUpSeconds()));
        put(line, "stealShare", time.stealShare().orElse(Double.NaN));
        line.set("shape", shape);
        return line;
    }

    private static void put(final ObjectNode line, final String name, final double value) {
        if (Double.isNaN(value)) {
            line.putNull(name);
        } else {
            line.put(name, round(value));
        }
    }

    /** Four decimals are more than a measurement has. */
    public static double round(final double value) {
        return Math.rint(value * 1e4) / 1e4;
    }
}
