package borep.problem;

import borep.device.Reals;

/** Another decision process, passed on as it is: what decorators begin with, beside {@link ForwardingProblem}. */
public interface ForwardingProcess extends DecisionProcess {
    /** The other process. */
    DecisionProcess process();

    @Override
    default int states() {
        return process().states();
    }

    @Override
    default int actions() {
        return process().actions();
    }

    @Override
    default double discount() {
        return process().discount();
    }

    @Override
    default double temperature() {
        return process().temperature();
    }

    @Override
    default void judge(final Reals x, final Reals policy, final FirstOrder out) {
        process().judge(x, policy, out);
    }

    @Override
    default void reward(final Reals x, final Reals out) {
        process().reward(x, out);
    }

    @Override
    default void rewardGradient(final Reals x, final Reals u, final Reals out) {
        process().rewardGradient(x, u, out);
    }

    @Override
    default void expect(final Reals v, final Reals out) {
        process().expect(v, out);
    }

    @Override
    default void arrive(final Reals u, final Reals out) {
        process().arrive(u, out);
    }

    @Override
    default void sum(final Reals u, final Reals out) {
        process().sum(u, out);
    }

    @Override
    default void spread(final Reals v, final Reals out) {
        process().spread(v, out);
    }

    @Override
    default void soften(final Reals q, final Reals policy, final Reals values) {
        process().soften(q, policy, values);
    }
}
