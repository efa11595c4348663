package borep.solver;

import borep.problem.MdpTables;
import java.util.Arrays;

/** The paper's M-SoBiRL in plain arrays. */
final class SecondSobirl {
    private final MdpTables tables;
    final double[] x;
    final double[] w;
    double[] v;
    double[] pi;

    SecondSobirl(final MdpTables tables) {
        this.tables = tables;
        x = tables.x0().clone();
        w = new double[tables.states()];
        v = new double[tables.states()];
        pi = softmax(tables, new double[tables.transitions().length]);
    }

    private static double[] reward(final MdpTables tables, final double[] x) {
        final double[] reward = new double[tables.transitions().length];
        for (int pair = 0; pair < reward.length; pair++) {
            for (int i = 0; i < x.length; i++) {
                reward[pair] += tables.features()[pair][i] * x[i];
                for (int j = 0; tables.form() != null && j < x.length; j++) {
                    reward[pair] += .5 * tables.coefficients()[pair] * x[i] * tables.form()[i][j] * x[j];
                }
            }
        }
        return reward;
    }

    private static double[] backUp(final MdpTables tables, final double[] reward, final double[] v) {
        final double[] q = reward.clone();
        for (int pair = 0; pair < q.length; pair++) {
            for (int s = 0; s < v.length; s++) {
                q[pair] += tables.discount() * tables.transitions()[pair][s] * v[s];
            }
        }
        return q;
    }

    private static double[] logSum(final MdpTables tables, final double[] q) {
        final double[] v = new double[tables.states()];
        for (int pair = 0; pair < q.length; pair++) {
            v[pair / tables.actions()] += Math.exp(q[pair] / tables.temperature());
        }
        return Arrays.stream(v).map(sum -> tables.temperature() * Math.log(sum)).toArray();
    }

    private static double[] softmax(final MdpTables tables, final double[] q) {
        final double[] v = logSum(tables, q);
        final double[] pi = new double[q.length];
        for (int pair = 0; pair < q.length; pair++) {
            pi[pair] = Math.exp((q[pair] - v[pair / tables.actions()]) / tables.temperature());
        }
        return pi;
    }

    static double[] softOptimal(final MdpTables tables, final double[] x, final int sweeps) {
        double[] v = new double[tables.states()];
        for (int k = 0; k < sweeps; k++) {
            v = logSum(tables, backUp(tables, reward(tables, x), v));
        }
        return softmax(tables, backUp(tables, reward(tables, x), v));
    }

    void step(final double eta, final double zeta, final int sweeps) {
        final int s = w.length;
        final double[][] a = new double[s][s];
        final double[] b = new double[s];
        for (int pair = 0; pair < pi.length; pair++) {
            final int from = pair / tables.actions();
            for (int to = 0; to < s; to++) {
                final double u = (from == to ? 1 : 0) - tables.discount() * tables.transitions()[pair][to];
                b[to] += u * pi[pair] * (pi[pair] - tables.target()[pair]);
                a[to][from] += u * pi[pair]; // Σ_a π (1{s = j} − γ P) = (I − γ P^π)ᵀ
            }
        }
        final double[] residual = new double[s];
        for (int i = 0; i < s; i++) {
            residual[i] = -b[i];
            for (int j = 0; j < s; j++) {
                residual[i] += a[i][j] * w[j];
            }
        }
        for (int j = 0; j < s; j++) {
            for (int i = 0; i < s; i++) {
                w[j] -= zeta * a[i][j] * residual[i];
            }
        }
        final double[] h = new double[x.length];
        for (int i = 0; i < h.length; i++) {
            h[i] = tables.rho() * x[i];
            for (int pair = 0; pair < pi.length; pair++) {
                double slope = tables.features()[pair][i];
                for (int j = 0; tables.form() != null && j < x.length; j++) {
                    slope += tables.coefficients()[pair] * tables.form()[i][j] * x[j];
                }
                h[i] += pi[pair]
                        * (pi[pair] - tables.target()[pair] - w[pair / tables.actions()])
                        * slope
                        / tables.temperature();
            }
        }
        for (int i = 0; i < x.length; i++) {
            x[i] -= eta * h[i];
        }
        for (int k = 0; k < sweeps; k++) {
            v = logSum(tables, backUp(tables, reward(tables, x), v));
        }
        pi = softmax(tables, backUp(tables, reward(tables, x), v));
    }
}
