package borep.solver.cases;

import borep.device.Device;
import borep.kernel.Loss;
import borep.problem.BilevelProblem;
import borep.problem.MdpTables;
import borep.problem.TabularMdp;
import borep.problem.cases.ProblemCases;
import java.util.ArrayList;
import java.util.List;

/** Small random problems for every solver: text problems for nearly all, those that it is made for otherwise. */
public final class SuitedProblems {
    private SuitedProblems() {}

    /** All that this solver does not refuse. */
    public static List<BilevelProblem> all(final Device device, final String solver) {
        final List<BilevelProblem> problems = new ArrayList<>(
                ProblemCases.problems(device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, 3));
        problems.removeIf(problem -> switch (solver) {
            case "ian-sgd", "nsgd" -> !problem.upperSeesX();
            case "maml" -> problem.upperSize() != problem.lowerSize();
            case "m-sobirl", "sobirl" -> true;
            default -> false;
        });
        return problems.isEmpty()
                ? List.of(new TabularMdp(device, MdpTables.imitation(5, 3, 4, .6, .5, 3)))
                : problems;
    }

    /** One of them: hyper-cleaning, for nearly everybody. */
    public static BilevelProblem of(final Device device, final String solver) {
        final List<BilevelProblem> problems = all(device, solver);
        return problems.get(Math.min(1, problems.size() - 1));
    }
}
