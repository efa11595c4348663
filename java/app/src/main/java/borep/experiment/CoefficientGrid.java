package borep.experiment;

import borep.solver.Solver;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** What a search without gradients does: a whole training with each of several fixed coefficients, the best by its validation loss. */
final class CoefficientGrid {
    private final double[] coefficients;

    CoefficientGrid(final double... coefficients) {
        this.coefficients = coefficients;
    }

    int size() {
        return coefficients.length;
    }

    /**
     * A phase for each.
     *
     * @param fixed makes the training with a coefficient
     * @param steps of each
     * @param judge numbers for the traces, {@code validationLoss} and {@code testAccuracy} among them
     */
    List<Phase> phases(final DoubleFunction<Solver> fixed, final int steps, final Phase.Evaluation judge) {
        final List<Phase> phases = new ArrayList<>();
        for (int i = 0; i < coefficients.length; i++) {
            final double coefficient = coefficients[i];
            phases.add(new Phase(
                    String.format(Locale.ROOT, "coefficient %.0e", coefficient),
                    trace(i),
                    () -> fixed.apply(coefficient),
                    steps,
                    judge));
        }
        return phases;
    }

    private static String trace(final int i) {
        return "grid-" + (i + 1) + ".jsonl";
    }

    /** Writes grid.jsonl, a line for each, and the best one's numbers into the summary. */
    void finish(final RunDirectory directory, final ObjectNode summary) {
        final StringBuilder lines = new StringBuilder();
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < coefficients.length; i++) {
            final List<JsonNode> trace = directory.readTrace(trace(i));
            final double loss = RunLoop.last(trace, "validationLoss");
            final double testLoss = RunLoop.last(trace, "testLoss");
            final double accuracy = RunLoop.last(trace, "testAccuracy");
            final ObjectNode line = RunDirectory.LINE.createObjectNode();
            line.put("coefficient", coefficients[i]);
            line.put("validationLoss", loss);
            line.put("testLoss", testLoss);
            line.put("testAccuracy", accuracy);
            lines.append(line).append('\n');
            if (loss < best) {
                best = loss;
                summary.put("bestGridCoefficient", coefficients[i]);
                summary.put("bestGridValidationLoss", loss);
                summary.put("bestGridTestLoss", testLoss);
                summary.put("bestGridAccuracy", accuracy);
            }
        }
        directory.writeText("grid.jsonl", lines.toString());
    }
}
