package borep.problem;

import borep.device.Reals;

/**
 * {@link CountingProblem} of a decision process. What compares with the oracles of other problems counts as these: P v with ∇_y g (a
 * Bellman backup), Pᵀ u with ∇²_yy g·z (a step of the adjoint), ∇_x ⟨r_x, u⟩ with ∇²_xy g·z, judging a policy with ∇_x f and ∇_y f.
 */
final class CountingProcess extends CountingProblem implements ForwardingProcess {
    private final DecisionProcess process;

    CountingProcess(final DecisionProcess process) {
        super(process);
        this.process = process;
    }

    @Override
    public DecisionProcess process() {
        return process;
    }

    @Override
    public void judge(final Reals x, final Reals policy, final FirstOrder out) {
        countUpper(out);
        process.judge(x, policy, out);
    }

    @Override
    public void rewardGradient(final Reals x, final Reals u, final Reals out) {
        count(0, 0, 1);
        process.rewardGradient(x, u, out);
    }

    @Override
    public void expect(final Reals v, final Reals out) {
        count(1, 0, 0);
        process.expect(v, out);
    }

    @Override
    public void arrive(final Reals u, final Reals out) {
        count(0, 1, 0);
        process.arrive(u, out);
    }
}
