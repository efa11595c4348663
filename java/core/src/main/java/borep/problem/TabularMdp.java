package borep.problem;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Rows;
import java.util.Optional;

/**
 * A {@link DecisionProcess} given as {@link MdpTables}: r_x = R x + ½ (xᵀMx) c, f = ½ρ ‖x‖² + ½ ‖π − π̂‖². Deterministic.
 *
 * <p>The oracles, with δ = Q − r_x − γ P V(Q), Π the average over actions by π and J = I − γ P Π:
 *
 * <pre>
 *   ∇_Q g = Jᵀδ,                                          ∇_x g = −∇_x ⟨r_x, δ⟩
 *   ∇²_QQ g·z = JᵀJz − (γ/τ) (Pᵀδ) ⊙ π ⊙ (z − Πz),        ∇²_xQ g·z = −∇_x ⟨r_x, Jz⟩
 *   ∇_Q f = (1/τ) π ⊙ (∇_π f − Π ∇_π f)
 * </pre>
 */
public final class TabularMdp extends VectorProblem implements DecisionProcess {
    private final MdpTables tables;
    private final ExactMdp exact;
    private final LinearMap transitions;
    private final LinearMap features;
    private final LinearMap form;
    /** [S, S·A] sum over actions, and first action. */
    private final LinearMap total;

    private final LinearMap first;
    private final Reals coefficients;
    private final Reals target;
    /** V and π come from softmax cross-entropy with the first action as everybody's label. */
    private final Loss loss;

    private final Loss.Tape tape;
    private final Ints labels;
    private final Rows logits;
    private final Rows cotangents;
    private final Reals losses;
    private final Reals ones;
    private final Reals labelled;
    private final Reals policy;
    private final Reals values;
    private final Reals delta;
    private final Reals pairs;
    private final Reals averaged;
    private final Reals along;
    private final Reals byPolicy;
    private final Reals states;
    private final Reals upper;
    private final Reals scalar;

    /** The process of these tables; y starts at 0. */
    public TabularMdp(final Device device, final MdpTables tables) {
        super(device, tables.x0(), tables.transitions().length);
        this.tables = tables;
        exact = new ExactMdp(tables);
        final int s = tables.states();
        final int a = tables.actions();
        transitions = new LinearMap(device, tables.transitions());
        features = new LinearMap(device, tables.features());
        form = tables.form() == null ? null : new LinearMap(device, tables.form());
        final double[][] sums = new double[s][s * a];
        final double[][] firsts = new double[s][s * a];
        for (int pair = 0; pair < s * a; pair++) {
            sums[pair / a][pair] = 1;
            firsts[pair / a][pair] = pair % a == 0 ? 1 : 0;
        }
        total = new LinearMap(device, sums);
        first = new LinearMap(device, firsts);
        coefficients = reals(tables.coefficients());
        target = reals(tables.target());
        loss = device.kernels().loss();
        tape = loss.tape(s, a);
        labels = device.ints(s);
        logits = Rows.of(device.reals(s * a), a);
        cotangents = Rows.of(device.reals(s * a), a);
        losses = device.reals(s);
        ones = device.reals(s);
        update.fill(ones, 1);
        labelled = device.reals(s * a);
        first.transpose(ones, labelled);
        policy = device.reals(s * a);
        values = device.reals(s);
        delta = device.reals(s * a);
        pairs = device.reals(s * a);
        averaged = device.reals(s * a);
        along = device.reals(s * a);
        byPolicy = device.reals(s * a);
        states = device.reals(s);
        upper = device.reals(tables.x0().length);
        scalar = device.reals(1);
    }

    @Override
    public int states() {
        return tables.states();
    }

    @Override
    public int actions() {
        return tables.actions();
    }

    @Override
    public double discount() {
        return tables.discount();
    }

    @Override
    public double temperature() {
        return tables.temperature();
    }

    @Override
    public boolean upperSeesX() {
        return tables.rho() > 0;
    }

    @Override
    public void judge(final Reals x, final Reals at, final FirstOrder out) {
        judge(x, at, out.value(), out.gradientX());
        if (out.gradientY() != null) {
            misfit(at, out.gradientY());
        }
    }

    private void judge(final Reals x, final Reals at, final Reals value, final Reals gradientX) {
        if (value != null) {
            misfit(at, pairs);
            update.dot(pairs, pairs, value);
            update.dot(x, x, scalar);
            update.axpy(tables.rho(), scalar, value);
            update.scale(0.5, value);
        }
        if (gradientX != null) {
            update.copy(x, gradientX);
            update.scale(tables.rho(), gradientX);
        }
    }

    /** π − π̂, which is ∇_π f. */
    private void misfit(final Reals at, final Reals out) {
        update.copy(at, out);
        update.axpy(-1, target, out);
    }

    @Override
    public void reward(final Reals x, final Reals out) {
        features.apply(x, out);
        if (form != null) {
            form.apply(x, upper);
            update.dot(x, upper, scalar);
            update.axpy(0.5, scalar, coefficients, out);
        }
    }

    @Override
    public void rewardGradient(final Reals x, final Reals u, final Reals out) {
        features.transpose(u, out);
        if (form != null) {
            form.apply(x, upper);
            update.dot(coefficients, u, scalar);
            update.axpy(1, scalar, upper, out);
        }
    }

    @Override
    public void expect(final Reals v, final Reals out) {
        transitions.apply(v, out);
    }

    @Override
    public void arrive(final Reals u, final Reals out) {
        transitions.transpose(u, out);
    }

    @Override
    public void sum(final Reals u, final Reals out) {
        total.apply(u, out);
    }

    @Override
    public void spread(final Reals v, final Reals out) {
        total.transpose(v, out);
    }

    /** Cross-entropy is log Σ exp(Q/τ) − Q(·, 0)/τ and its derivative by Q/τ the policy less 1 on action 0: no overflow. */
    @Override
    public void soften(final Reals q, final Reals outPolicy, final Reals outValues) {
        update.copy(q, logits.values());
        update.scale(1 / tables.temperature(), logits.values());
        loss.forward(tape, states(), logits, labels, losses);
        first.apply(q, outValues);
        update.axpy(tables.temperature(), losses, outValues);
        loss.backward(tape, ones, cotangents);
        update.copy(cotangents.values(), outPolicy);
        update.axpy(1, labelled, outPolicy);
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        soften(y, policy, values);
        judge(x, policy, out.value(), out.gradientX());
        if (out.gradientY() != null) {
            misfit(policy, byPolicy);
            average(byPolicy);
            update.axpy(-1, averaged, byPolicy);
            update.multiply(policy, byPolicy, out.gradientY());
            update.scale(1 / tables.temperature(), out.gradientY());
        }
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        residual(x, y);
        if (out.value() != null) {
            halfSquare(out.value());
        }
        if (out.gradientX() != null) {
            rewardGradient(x, delta, out.gradientX());
            update.scale(-1, out.gradientX());
        }
        if (out.gradientY() != null) {
            transposed(delta, out.gradientY());
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        residual(x, y);
        if (out.value() != null) {
            halfSquare(out.value());
        }
        if (out.gradient() != null) {
            transposed(delta, out.gradient());
        }
        if (out.product() == null && out.mixed() == null) {
            return;
        }
        average(z); // Jz = z − γ P Πz, where averaged = Πz for every action
        transitions.apply(states, along);
        update.scale(-tables.discount(), along);
        update.axpy(1, z, along);
        if (out.mixed() != null) {
            rewardGradient(x, along, out.mixed());
            update.scale(-1, out.mixed());
        }
        if (out.product() != null) {
            update.scale(-1, averaged);
            update.axpy(1, z, averaged);
            update.multiply(policy, averaged, byPolicy); // π ⊙ (z − Πz)
            transitions.transpose(delta, states);
            total.transpose(states, pairs);
            update.multiply(pairs, byPolicy, byPolicy);
            transposed(along, out.product());
            update.axpy(-tables.discount() / tables.temperature(), byPolicy, out.product());
        }
    }

    /** delta = Q − r_x − γ P V(Q), and policy with it. */
    private void residual(final Reals x, final Reals q) {
        soften(q, policy, values);
        transitions.apply(values, delta);
        update.scale(-tables.discount(), delta);
        update.axpy(1, q, delta);
        reward(x, pairs);
        update.axpy(-1, pairs, delta);
    }

    private void halfSquare(final Reals value) {
        update.dot(delta, delta, value);
        update.scale(0.5, value);
    }

    /** states = Πu, averaged = the same for every action. */
    private void average(final Reals u) {
        update.multiply(policy, u, averaged);
        total.apply(averaged, states);
        total.transpose(states, averaged);
    }

    /** out = Jᵀu = u − γ π ⊙ (Pᵀu). */
    private void transposed(final Reals u, final Reals out) {
        transitions.transpose(u, states);
        total.transpose(states, pairs);
        update.multiply(policy, pairs, pairs);
        update.copy(u, out);
        update.axpy(-tables.discount(), pairs, out);
    }

    @Override
    public double[] lowerSolution(final double[] x) {
        return exact.optimalQ(x);
    }

    @Override
    public double[] systemSolution(final double[] x) {
        return exact.systemSolution(x);
    }

    @Override
    public double objective(final double[] x) {
        return exact.objective(x);
    }

    @Override
    public double[] hypergradient(final double[] x) {
        return exact.hypergradient(x);
    }

    @Override
    public Optional<double[]> minimiser(final double[] x) {
        return Optional.ofNullable(tables.planted());
    }
}
