package borep.problem.cases;

import borep.device.Device;
import borep.problem.AucMinMax;
import borep.problem.Cosh;
import borep.problem.DecentralisedQuadratic;
import borep.problem.LinearRecurrence;
import borep.problem.LogSumExp;
import borep.problem.MdpTables;
import borep.problem.PhaseRetrieval;
import borep.problem.Quadratic;
import borep.problem.Quartic;
import borep.problem.RidgeSelection;
import borep.problem.SolvedProblem;
import borep.problem.TabularMdp;
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

    /** The worked instance, whose tables the tests print. */
    public static Quadratic golden(final Device device) {
        return new Quadratic(device, Quadratic.Data.worked(0));
    }

    private static RidgeSelection ridge(final Device device, final boolean shared) {
        return new RidgeSelection(device, RidgeSelection.Data.random(12, 7, 4, .6, shared, 0, 3));
    }

    private static LogSumExp logSumExp(final Device device, final int n, final double condition) {
        return new LogSumExp(device, LogSumExp.Data.random(n, .5, condition, 9));
    }

    private static AucMinMax auc(final Device device) {
        return new AucMinMax(device, AucMinMax.Data.random(40, 3, .3, 1, 2));
    }

    private static DecentralisedQuadratic agents(final Device device) {
        final List<Quadratic.Data> agents = List.of(
                Quadratic.Data.random(3, 4, 5, .2, 0, 1),
                Quadratic.Data.random(3, 4, 9, .4, 0, 2),
                Quadratic.Data.random(3, 4, 2, .1, 0, 3));
        return new DecentralisedQuadratic(device, agents, 0, 1);
    }

    private static PhaseRetrieval phases(final Device device, final double noise) {
        return new PhaseRetrieval(device, new PhaseRetrieval.Settings(30, 3, 30, noise, 4), 5);
    }

    /** All of them. */
    public static List<Case> all(final Device device) {
        return List.of(
                new Case("quadratic", golden(device), .3, -.7),
                new Case("quadratic with growth", new Quadratic(device, Quadratic.Data.worked(.7)), .3, -.7),
                new Case("cosh", new Cosh(device, DIAGONAL, .5, new double[] {10, -8}), 1.3, -.8),
                new Case("cosh, full matrix", new Cosh(device, FULL, .9, new double[] {3, 2, 1}), .4, -1.1, .2),
                new Case("quartic", new Quartic(device, FULL, .6, new double[] {3, 2, 1}), 1.4, -1.1, .2),
                new Case("uniformly convex, p = 2", new UniformlyConvex(device, 2, 1), .7),
                new Case("uniformly convex, p = 4", new UniformlyConvex(device, 4, 1, .5), .9, 1.1),
                new Case("uniformly convex, p = 8", new UniformlyConvex(device, 8, 1), -1.2),
                new Case("random quadratic", new Quadratic(device, Quadratic.Data.random(3, 5, 20, .2, 0, 4)), .3, -.7, 1),
                new Case("ridge", ridge(device, false), -1, .5, -2, 0),
                new Case("ridge, one coefficient", ridge(device, true), -1),
                new Case("linear recurrence", new LinearRecurrence(device, 5, 2, .8, .1, 1.2), .9),
                new Case("linear recurrence, one step", new LinearRecurrence(device, 1, 2, .8, .1, 1.2), -.6),
                new Case("log-sum-exp", logSumExp(device, 6, 40), .4, -1, .7, 2, -.3, 1.1),
                new Case("log-sum-exp, one coordinate", logSumExp(device, 1, 1), .4),
                new Case("decentralised quadratic", agents(device), .3, -.7, 1),
                new Case("phase retrieval", phases(device, 0), .4, -.7, 1.1),
                new Case("phase retrieval, noise", phases(device, .3), .4, -.7, 1.1),
                new Case("mdp, imitation", new TabularMdp(device, MdpTables.imitation(4, 3, 3, .9, .3, 5)), .4, -.7, 1.1),
                new Case("mdp, published", new TabularMdp(device, MdpTables.published(4, 3, 3, .5, 1, 5)), .4, -.7, 1.1),
                new Case("mdp, one action", new TabularMdp(device, MdpTables.published(2, 1, 2, .5, 1, 5)), .4, -.7),
                new Case("auc", auc(device), .3, -.2, .1, .8, -.4));
    }
}
