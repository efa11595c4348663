package borep.problem;

import java.util.Arrays;

/**
 * What of a tabular process is known exactly, in float64 on the host: its soft-optimal policy at x, by soft value iteration, and Φ, ∇Φ and z*
 * from dense systems. Shares nothing with the oracles of {@link TabularMdp}.
 */
final class ExactMdp {
    /** What is left of a distance after so many sweeps: less than float64 can hold. */
    private static final double CONVERGED = 1e-18;

    private final MdpTables tables;

    ExactMdp(final MdpTables tables) {
        this.tables = tables;
    }

    /** r_x. */
    double[] reward(final double[] x) {
        final double[] reward = HostMatrix.times(tables.features(), x);
        return tables.form() == null
                ? reward
                : HostMatrix.plus(
                        reward, 0.5 * HostMatrix.dot(x, HostMatrix.times(tables.form(), x)), tables.coefficients());
    }

    /** ∇_x ⟨r_x, u⟩. */
    double[] rewardGradient(final double[] x, final double[] u) {
        final double[] gradient = HostMatrix.transposeTimes(tables.features(), u);
        return tables.form() == null
                ? gradient
                : HostMatrix.plus(
                        gradient, HostMatrix.dot(tables.coefficients(), u), HostMatrix.times(tables.form(), x));
    }

    /** Q* at x, by soft value iteration until nothing changes any more. */
    double[] optimalQ(final double[] x) {
        final double[] reward = reward(x);
        final int sweeps =
                tables.discount() == 0 ? 1 : 2 + (int) Math.ceil(Math.log(CONVERGED) / Math.log(tables.discount()));
        double[] q = reward;
        for (int k = 0; k < sweeps; k++) {
            q = HostMatrix.plus(reward, tables.discount(), HostMatrix.times(tables.transitions(), values(q)));
        }
        return q;
    }

    /** V(s) = τ log Σ_a exp(Q(s, a) / τ). */
    double[] values(final double[] q) {
        final double[] values = new double[tables.states()];
        for (int s = 0; s < values.length; s++) {
            final double[] row = Arrays.copyOfRange(q, s * tables.actions(), (s + 1) * tables.actions());
            final double most = Arrays.stream(row).max().orElseThrow();
            values[s] = most
                    + tables.temperature()
                            * Math.log(Arrays.stream(row)
                                    .map(v -> Math.exp((v - most) / tables.temperature()))
                                    .sum());
        }
        return values;
    }

    /** π = exp((Q − V) / τ). */
    double[] policy(final double[] q) {
        final double[] values = values(q);
        final double[] policy = new double[q.length];
        for (int pair = 0; pair < q.length; pair++) {
            policy[pair] = Math.exp((q[pair] - values[pair / tables.actions()]) / tables.temperature());
        }
        return policy;
    }

    /** [S·A] π* at x. */
    double[] optimalPolicy(final double[] x) {
        return policy(optimalQ(x));
    }

    /** [S·A] z* with JᵀJ z = ∇_Q f. */
    double[] systemSolution(final double[] x) {
        final double[] pi = optimalPolicy(x);
        final double[] gradient = HostMatrix.plus(pi, -1, tables.target());
        final int a = tables.actions();
        final int n = pi.length;
        final double[][] j = new double[n][n];
        final double[][] transpose = new double[n][n];
        final double[] rhs = new double[n];
        for (int row = 0; row < n; row++) {
            double average = 0;
            for (int k = row - row % a; k < row - row % a + a; k++) {
                average += pi[k] * gradient[k];
            }
            rhs[row] = pi[row] * (gradient[row] - average) / tables.temperature();
            for (int column = 0; column < n; column++) {
                j[row][column] = (row == column ? 1 : 0)
                        - tables.discount() * tables.transitions()[row][column / a] * pi[column];
                transpose[column][row] = j[row][column];
            }
        }
        return HostMatrix.solve(j, HostMatrix.solve(transpose, rhs));
    }

    /** Φ(x). */
    double objective(final double[] x) {
        final double[] misfit = HostMatrix.plus(optimalPolicy(x), -1, tables.target());
        return 0.5 * tables.rho() * HostMatrix.dot(x, x) + 0.5 * HostMatrix.dot(misfit, misfit);
    }

    /**
     * [p] ∇Φ(x) by the paper's formula (Yang, Gao, Yuan, AISTATS 2025) over states: A w = b with A = (I − γ P^π)ᵀ and b = Uᵀ(π ⊙ ∇_π f), then
     * ∇Φ = ∇_x f + (1/τ) ∇_x ⟨r_x, π ⊙ (∇_π f − w)⟩.
     */
    double[] hypergradient(final double[] x) {
        final double[] pi = optimalPolicy(x);
        final double[] gradient = HostMatrix.plus(pi, -1, tables.target());
        final int s = tables.states();
        final double[][] system = new double[s][s];
        final double[] rhs = new double[s];
        for (int pair = 0; pair < pi.length; pair++) {
            final int from = pair / tables.actions();
            rhs[from] += pi[pair] * gradient[pair];
            for (int to = 0; to < s; to++) {
                final double discounted = tables.discount() * tables.transitions()[pair][to] * pi[pair];
                rhs[to] -= discounted * gradient[pair];
                system[to][from] -= discounted;
            }
        }
        for (int i = 0; i < s; i++) {
            system[i][i] += 1;
        }
        final double[] w = HostMatrix.solve(system, rhs);
        final double[] u = new double[pi.length];
        for (int pair = 0; pair < pi.length; pair++) {
            u[pair] = pi[pair] * (gradient[pair] - w[pair / tables.actions()]) / tables.temperature();
        }
        return HostMatrix.plus(rewardGradient(x, u), tables.rho(), x);
    }
}
