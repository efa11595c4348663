package borep.problem.cases;

import borep.device.Reals;
import borep.problem.DecisionProcess;
import borep.problem.FirstOrder;

/** {@link SpoiledProblem} of a decision process: what judges policies can be spoiled too. */
final class SpoiledProcess extends SpoiledProblem implements DecisionProcess {
    private final DecisionProcess process;

    SpoiledProcess(final DecisionProcess process) {
        super(process);
        this.process = process;
    }

    @Override
    public int states() {
        return process.states();
    }

    @Override
    public int actions() {
        return process.actions();
    }

    @Override
    public double discount() {
        return process.discount();
    }

    @Override
    public double temperature() {
        return process.temperature();
    }

    @Override
    public void judge(final Reals x, final Reals policy, final FirstOrder out) {
        process.judge(x, policy, out);
        spoil(out);
    }

    @Override
    public void reward(final Reals x, final Reals out) {
        process.reward(x, out);
    }

    @Override
    public void rewardGradient(final Reals x, final Reals u, final Reals out) {
        process.rewardGradient(x, u, out);
    }

    @Override
    public void expect(final Reals v, final Reals out) {
        process.expect(v, out);
    }

    @Override
    public void arrive(final Reals u, final Reals out) {
        process.arrive(u, out);
    }

    @Override
    public void sum(final Reals u, final Reals out) {
        process.sum(u, out);
    }

    @Override
    public void spread(final Reals v, final Reals out) {
        process.spread(v, out);
    }

    @Override
    public void soften(final Reals q, final Reals policy, final Reals values) {
        process.soften(q, policy, values);
    }
}
