package borep.solver;

import java.util.Arrays;

/**
 * The weights by which neighbours average: W with W_ij the weight that agent i gives to what agent j says, 0 where they do not speak.
 * Doubly stochastic, so that averaging keeps the mean, and with a spectral gap, so that it reaches it.
 */
final class MixingMatrix {
    private static final double ROUNDING = 1e-6; // of weights written by hand
    /** ‖W − 11ᵀ/n‖ from here on counts as 1: what agents disagree on would stay. */
    private static final double NO_GAP = 1 - 1e-9;

    private final double[][] weights;

    private MixingMatrix(final double[][] weights) {
        this.weights = weights;
    }

    /**
     * @param text   {@code ring} (½ itself, ¼ each neighbour), {@code complete} (1/n everybody), or the rows, for example
     *               {@code 0.5,0.5;0.5,0.5}
     * @param agents n
     * @throws IllegalArgumentException with one sentence if it is no n × n doubly stochastic matrix with a spectral gap
     */
    static MixingMatrix parse(final String text, final int agents) {
        final double[][] weights = new double[agents][agents];
        switch (text) {
            case "complete" -> Arrays.stream(weights).forEach(row -> Arrays.fill(row, 1.0 / agents));
            case "ring" -> {
                for (int i = 0;
                        i < agents;
                        i++) { // with one or two agents neighbours coincide and their weights add up
                    weights[i][i] += .5;
                    weights[i][(i + 1) % agents] += .25;
                    weights[i][(i + agents - 1) % agents] += .25;
                }
            }
            default -> read(text, weights);
        }
        final MixingMatrix matrix = new MixingMatrix(weights);
        matrix.requireDoublyStochastic();
        matrix.requireGap();
        return matrix;
    }

    private static void read(final String text, final double[][] weights) {
        final String[] rows = text.split(";", -1);
        if (rows.length != weights.length) {
            throw new IllegalArgumentException(
                    "mixing '" + text + "': has " + rows.length + " rows; write ring, complete, or " + weights.length
                            + " rows of as many weights, one for each agent, such as 0.5,0.5;0.5,0.5");
        }
        for (int i = 0; i < rows.length; i++) {
            final String[] numbers = rows[i].split(",", -1);
            if (numbers.length != weights.length) {
                throw new IllegalArgumentException(
                        "mixing row '" + rows[i] + "': must have " + weights.length + " weights, one for each agent");
            }
            for (int j = 0; j < numbers.length; j++) {
                try {
                    weights[i][j] = Double.parseDouble(numbers[j].trim());
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException("mixing weight '" + numbers[j] + "': must be a number");
                }
            }
        }
    }

    private void requireDoublyStochastic() {
        for (int i = 0; i < weights.length; i++) {
            double row = 0;
            double column = 0;
            for (int j = 0; j < weights.length; j++) {
                if (!(weights[i][j] >= 0)) {
                    throw new IllegalArgumentException(
                            "mixing weight " + weights[i][j] + " of agent " + i + ": must not be negative");
                }
                row += weights[i][j];
                column += weights[j][i];
            }
            requireOne("row", i, row);
            requireOne("column", i, column);
        }
    }

    private static void requireOne(final String what, final int number, final double sum) {
        if (!(Math.abs(sum - 1) <= ROUNDING)) {
            throw new IllegalArgumentException("mixing " + what + " " + number + ": sums to " + sum
                    + "; rows and columns must sum to 1, or the agents' mean would not be kept");
        }
    }

    private void requireGap() {
        if (contraction() >= NO_GAP) {
            throw new IllegalArgumentException(
                    "mixing: averaging again and again does not bring all agents together (‖W − 11ᵀ/n‖ is "
                            + (float) contraction()
                            + ", must be below 1); connect all, and give each a weight for itself");
        }
    }

    /** ρ = ‖W − 11ᵀ/n‖, the factor by which disagreement shrinks in a round; by squaring (MMᵀ) again and again. */
    double contraction() {
        final int n = weights.length;
        double[][] power = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = 0; k < n; k++) {
                    power[i][j] += (weights[i][k] - 1.0 / n) * (weights[j][k] - 1.0 / n);
                }
            }
        }
        double logarithm = 0; // of the norm, per factor MMᵀ
        double share = 1;
        for (int squaring = 0; squaring < 50; squaring++) {
            final double norm = Math.sqrt(Arrays.stream(power)
                    .flatMapToDouble(Arrays::stream)
                    .map(v -> v * v)
                    .sum());
            if (norm == 0) {
                return 0;
            }
            logarithm += share * Math.log(norm);
            share /= 2;
            power = square(power, 1 / norm);
        }
        return Math.exp(logarithm / 2);
    }

    private static double[][] square(final double[][] a, final double factor) {
        final double[][] out = new double[a.length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                for (int k = 0; k < a.length; k++) {
                    out[i][j] += factor * a[i][k] * factor * a[k][j];
                }
            }
        }
        return out;
    }

    int agents() {
        return weights.length;
    }

    double weight(final int i, final int j) {
        return weights[i][j];
    }
}
