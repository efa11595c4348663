package borep.report;

import static borep.report.Markup.escape;
import static borep.report.Markup.percent;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The key figures of a run: a name, a large number, a remark each. */
final class Tiles {
    private final Run run;
    private final StringBuilder html = new StringBuilder();

    private Tiles(final Run run) {
        this.run = run;
    }

    /** All figures the run has numbers for, as HTML. */
    static String html(final Run run) {
        final Tiles tiles = new Tiles(run);
        tiles.cleaning();
        tiles.share("Test accuracy", "accuracy", run.problem().endsWith("cleaning") ? "" : run.solver(), "accent");
        tiles.judged();
        tiles.share("Without meta-learning", "accuracyDirect", "the same network trained directly", "");
        tiles.bestOfGrid();
        final double plain = run.result("aucCrossEntropy");
        if (!Double.isNaN(plain)) {
            tiles.tile("With cross-entropy", run.criterion().format(plain), "the same network", "");
        }
        final double learned = Headline.learnedCoefficient(run);
        if (!Double.isNaN(learned)) {
            tiles.tile("Coefficient", Unit.NUMBER.format(learned), "learned", "");
        }
        tiles.time();
        return tiles.html.isEmpty() ? "" : "<dl class=\"tiles\">\n" + tiles.html + "</dl>\n";
    }

    private void cleaning() {
        final double without = run.result("accuracyWithoutCleaning");
        final double best = run.result("accuracyWithoutCleaningBest");
        final double cleaned = run.result("accuracyCleaned");
        final double ceiling = run.result("accuracyCleanLabels");
        share(
                "Without cleaning",
                "accuracyWithoutCleaning",
                Double.isNaN(best) ? "trained on the noisy labels" : "best moment " + Unit.SHARE.format(best),
                "");
        final double gain = cleaned - without;
        share(
                "With " + run.solver(),
                "accuracyCleaned",
                Double.isNaN(gain) ? "" : (gain < 0 ? "−" : "+") + Headline.points(Math.abs(gain)),
                "accent");
        share("Clean labels", "accuracyCleanLabels", "the ceiling", "");
        if (ceiling > without) {
            final double closed = gain / (ceiling - without);
            tile(
                    "Gap closed",
                    Unit.SHARE.format(closed),
                    "of the way from noisy to clean labels",
                    "",
                    "<span class=\"meter\" aria-hidden=\"true\"><span style=\"width:%s\"></span></span>"
                            .formatted(percent(Math.clamp(closed, 0, 1))));
        }
        final double called = Headline.called(run);
        share(
                "Truly mislabelled",
                "flippedPrecision",
                Double.isFinite(called)
                        ? "of the " + Unit.COUNT.format(called) + " lowest weights"
                        : "of the lowest weights",
                "");
        final double flipped = run.result("flippedTotal");
        share(
                "Flips found",
                "flippedRecall",
                "of all " + (Double.isNaN(flipped) ? "" : Unit.COUNT.format(flipped) + " ") + "flipped labels",
                "");
    }

    /** What the run is judged by, where it is no accuracy: those are in the summary. */
    private void judged() {
        final Criterion criterion = run.criterion();
        if (!criterion.equals(Criterion.TEST_ACCURACY) && !Double.isNaN(run.judged())) {
            tile(criterion.title(), criterion.format(run.judged()), run.solver(), "accent");
        }
    }

    private void bestOfGrid() {
        final double best = run.result(RunFigures.bestGridKey(run.criterion()));
        if (!Double.isNaN(best)) {
            tile("Best of the grid", run.criterion().format(best), "coefficient held fixed", "");
        }
    }

    private void time() {
        final double seconds = run.seconds();
        final double steps = run.steps();
        if (!Double.isNaN(seconds)) {
            tile(
                    "Time",
                    Unit.SECONDS.format(seconds),
                    Double.isNaN(steps) ? "" : Unit.COUNT.format(steps) + " steps",
                    "");
        }
    }

    private void share(final String name, final String key, final String remark, final String look) {
        final double value = run.result(key);
        if (!Double.isNaN(value)) {
            tile(name, Unit.SHARE.format(value), remark, look);
        }
    }

    private void tile(final String name, final String number, final String remark, final String look) {
        tile(name, number, remark, look, "");
    }

    private void tile(
            final String name, final String number, final String remark, final String look, final String extra) {
        html.append("""
                <div class="tile %s"><dt>%s</dt><dd><b>%s</b>%s<span>%s</span></dd></div>
                """.formatted(look, escape(name), escape(number), extra, escape(remark)));
    }

    /** What was run on what, in one line of plain words; empty parts are left out. */
    static List<String> facts(final Run run) {
        final List<String> facts = new ArrayList<>();
        final JsonNode data = run.config().path("data");
        final JsonNode network = run.config().path("network");
        text(facts, "", data.path("name"), "");
        if (data.path("train").isNumber()) {
            facts.add("%s training, %s validation, %s test samples"
                    .formatted(count(data.path("train")), count(data.path("validation")), count(data.path("test"))));
        }
        if (data.path("classes").size() > 0) {
            facts.add(data.path("classes").size() + " classes");
        }
        if (data.path("noise").isNumber() && data.path("noise").doubleValue() > 0) {
            facts.add(Unit.SHARE.format(data.path("noise").doubleValue()) + " of the training labels flipped");
        }
        if (network.path("cell").isTextual()) {
            final int layers = network.path("layers").asInt(1);
            facts.add("%s%s, %d layer%s of %d"
                    .formatted(
                            network.path("bidirectional").asBoolean() ? "bidirectional " : "",
                            network.path("cell").asText(),
                            layers,
                            layers == 1 ? "" : "s",
                            network.path("hidden").asInt()));
        }
        text(facts, "device ", run.config().path("device"), "");
        text(facts, "seed ", run.config().path("seed"), "");
        return facts;
    }

    private static void text(final List<String> facts, final String before, final JsonNode value, final String after) {
        if (value.isValueNode() && !value.isNull()) {
            facts.add(before + value.asText() + after);
        }
    }

    private static String count(final JsonNode number) {
        return Unit.COUNT.format(number.asDouble());
    }
}
