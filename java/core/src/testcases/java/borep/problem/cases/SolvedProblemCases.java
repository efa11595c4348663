package borep.problem.cases;

import borep.device.Device;
import borep.problem.Cosh;
import borep.problem.Quadratic;
import borep.problem.Quartic;
import borep.problem.SolvedProblem;
import borep.problem.UniformlyConvex;
import java.util.List;

/** The problems with known solutions, small, by name: every one on every device is held against its formulas. */
public final class SolvedProblemCases {
    private static final double[][] DIAGONAL = {{1, 0}, {0, 4}};
    private static final double[][] FULL = {{2, .5, .1}, {.5, 1, -.2}, {.1, -.2, 1.5}};

    private SolvedProblemCases() {}

    /**
     * A problem and a point where all its formulas hold.
     *
     * @param name    for messages
     * @param problem with its starting point
     * @param x       upper variable
     */
    public record Case(String name, SolvedProblem problem, double... x) {}

    /** The golden instance of algorithms.md §21.1. */
    public static Quadratic golden(final Device device) {
        return quadratic(device, 0);
    }

    private static Quadratic quadratic(final Device device, final double kappa) {
        return new Quadratic(
                device,
                new Quadratic.Data(
                        new double[][] {{2, .5}, {.5, 1}},
                        new double[][] {{1, 0}, {.5, -1}},
                        new double[] {.1, -.2},
                        new double[][] {{1, .5}, {0, 1}},
                        new double[] {1, -1},
                        .1,
                        kappa,
                        new double[] {1, 2}));
    }

    /** All of them. */
    public static List<Case> all(final Device device) {
        return List.of(
                new Case("quadratic", golden(device), .3, -.7),
                new Case("quadratic with growth", quadratic(device, .7), .3, -.7),
                new Case("cosh", new Cosh(device, DIAGONAL, .5, new double[] {10, -8}), 1.3, -.8),
                new Case("cosh, full matrix", new Cosh(device, FULL, .9, new double[] {3, 2, 1}), .4, -1.1, .2),
                new Case("quartic", new Quartic(device, FULL, .6, new double[] {3, 2, 1}), 1.4, -1.1, .2),
                new Case("uniformly convex, p = 2", new UniformlyConvex(device, 2, 1), .7),
                new Case("uniformly convex, p = 4", new UniformlyConvex(device, 4, 1, .5), .9, 1.1),
                new Case("uniformly convex, p = 8", new UniformlyConvex(device, 8, 1), -1.2));
    }
}
