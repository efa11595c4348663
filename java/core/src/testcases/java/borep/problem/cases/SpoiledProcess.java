package borep.problem.cases;

import borep.device.Reals;
import borep.problem.DecisionProcess;
import borep.problem.FirstOrder;
import borep.problem.ForwardingProcess;

/** {@link SpoiledProblem} of a decision process: what judges policies can be spoiled too. */
final class SpoiledProcess extends SpoiledProblem implements ForwardingProcess {
    private final DecisionProcess process;

    SpoiledProcess(final DecisionProcess process) {
        super(process);
        this.process = process;
    }

    @Override
    public DecisionProcess process() {
        return process;
    }

    @Override
    public void judge(final Reals x, final Reals policy, final FirstOrder out) {
        process.judge(x, policy, out);
        spoil(out);
    }
}
