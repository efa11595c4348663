package borep.solver.cases;

import borep.device.Device;
import borep.kernel.Loss;
import borep.problem.BilevelProblem;
import borep.problem.TextProblem;
import borep.problem.cases.ProblemCases;
import java.util.List;

/** Small random problems that every solver takes, but for those that are made for some. */
public final class SuitedProblems {
    private SuitedProblems() {}

    /** Of the text problems, those that this solver does not refuse. */
    public static List<TextProblem> texts(final Device device, final String solver) {
        return ProblemCases.problems(device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, 3).stream()
                .filter(problem -> takes(solver, problem))
                .toList();
    }

    /** One problem with encoder gradients and all: hyper-cleaning, for nearly everybody. */
    public static BilevelProblem of(final Device device, final String solver) {
        final List<TextProblem> texts = texts(device, solver);
        return texts.get(Math.min(1, texts.size() - 1));
    }

    private static boolean takes(final String solver, final BilevelProblem problem) {
        return switch (solver) {
            case "ian-sgd", "nsgd" -> problem.upperSeesX();
            case "maml" -> problem.upperSize() == problem.lowerSize();
            default -> true;
        };
    }
}
