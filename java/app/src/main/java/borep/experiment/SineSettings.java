package borep.experiment;

/**
 * What {@link borep.problem.Cosh} and {@link borep.problem.Quartic} are set by.
 *
 * @param start    x0, numbers separated by commas
 * @param diagonal A, as many positive numbers
 * @param coupling s in (0, 1)
 * @param sigma    σ, standard deviation of the noise of all oracles
 */
public record SineSettings(String start, String diagonal, double coupling, double sigma) {
    /** From far out, with a lower level of condition 4. */
    static final SineSettings DEFAULT = new SineSettings("10,-8", "1,4", .5, 0);

    /** Checks the ranges. */
    public SineSettings {
        final double[] entries = Numbers.parse("diagonal", diagonal);
        if (entries.length != Numbers.parse("start", start).length) {
            throw new IllegalArgumentException(
                    "diagonal " + diagonal + ": must have as many numbers as start (" + start + ")");
        }
        for (final double entry : entries) {
            if (!(entry > 0)) {
                throw new IllegalArgumentException("diagonal " + diagonal + ": every number must be positive");
            }
        }
        if (!(coupling > 0 && coupling < 1)) {
            throw new IllegalArgumentException("coupling " + coupling + ": must lie in (0, 1)");
        }
        RunSettings.atLeast("sigma", sigma, 0);
    }

    double[] x0() {
        return Numbers.parse("start", start);
    }

    double[][] matrix() {
        final double[] entries = Numbers.parse("diagonal", diagonal);
        final double[][] matrix = new double[entries.length][entries.length];
        for (int i = 0; i < entries.length; i++) {
            matrix[i][i] = entries[i];
        }
        return matrix;
    }
}
