package borep.problem;

import borep.device.Permutation;
import borep.device.Philox;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The tables of a {@link TabularMdp}, and random ones. States and actions are pairs s · A + a.
 *
 * @param transitions  [S·A, S] P, rows sum to 1
 * @param features     [S·A, p] R
 * @param form         [p, p] M, symmetric; null: 0
 * @param coefficients [S·A] c
 * @param discount     γ in [0, 1)
 * @param temperature  τ, positive
 * @param target       [S·A] π̂, any numbers
 * @param rho          ρ, not negative
 * @param x0           [p] starting point
 * @param planted      [p] a minimiser of Φ; null: none is known
 */
public record MdpTables(
        double[][] transitions,
        double[][] features,
        double[][] form,
        double[] coefficients,
        double discount,
        double temperature,
        double[] target,
        double rho,
        double[] x0,
        double[] planted) {
    private static final int TRANSITIONS = 0x4D445050;
    private static final int NORMAL = 0x4D445051;
    private static final int UNIFORM = 0x4D445052;

    /**
     * Checks the ranges, and that rows of P are probabilities.
     *
     * @throws IllegalArgumentException naming the number or row that breaks a rule
     */
    public MdpTables {
        if (!(discount >= 0 && discount < 1)) {
            throw new IllegalArgumentException("discount " + discount + ": must lie in [0, 1)");
        }
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature " + temperature + ": must be positive and finite");
        }
        if (!(rho >= 0) || Double.isInfinite(rho)) {
            throw new IllegalArgumentException("rho " + rho + ": must be finite and not negative");
        }
        for (int pair = 0; pair < transitions.length; pair++) {
            final double sum = Arrays.stream(transitions[pair]).sum();
            if (Arrays.stream(transitions[pair]).anyMatch(p -> !(p >= 0)) || !(Math.abs(sum - 1) <= 1e-9)) {
                throw new IllegalArgumentException("transition row " + pair + ": sums to " + sum
                        + "; its numbers must be probabilities that sum to 1");
            }
        }
    }

    /** S. */
    public int states() {
        return transitions[0].length;
    }

    /** A. */
    public int actions() {
        return transitions.length / states();
    }

    /**
     * A demonstrator to imitate: P and R random, π̂ the soft-optimal policy at a random planted x of norm near √p, ρ = 0. So Φ is 0 at
     * the planted x. The start is 0, where all actions are alike.
     *
     * @param states  S, at least 1
     * @param actions A, at least 1
     * @param p       length of x; up to S (A − 1) the planted x is the only one, since rewards that differ by a potential of the state have
     *                the same policy
     */
    public static MdpTables imitation(
            final int states,
            final int actions,
            final int p,
            final double discount,
            final double temperature,
            final long seed) {
        final double[][] transitions = transitions(states, actions, seed);
        final double[][] features = new double[transitions.length][];
        for (int pair = 0; pair < features.length; pair++) {
            features[pair] = HostMatrix.scaled(1 / Math.sqrt(p), normal(p, seed, pair));
        }
        final double[] none = new double[transitions.length];
        final double[] planted = normal(p, seed, -1);
        final MdpTables taught = new MdpTables(
                transitions, features, null, none, discount, temperature, none, 0, new double[p], planted);
        final double[] demonstrated = new ExactMdp(taught).optimalPolicy(planted);
        return new MdpTables(
                transitions, features, null, none, discount, temperature, demonstrated, 0, new double[p], planted);
    }

    /**
     * The synthetic problem of the public M-SoBiRL code: r_x = xᵀMx · c with M normal and c products of two uniform numbers, π̂ = 0, ρ = 1,
     * x_0 normal. The code has S = 10, A = 5, p = 100, γ = 0.5, τ = 1. (Its process cannot be repeated: it is drawn before the seeds
     * are set.)
     */
    public static MdpTables published(
            final int states,
            final int actions,
            final int p,
            final double discount,
            final double temperature,
            final long seed) {
        final double[][] transitions = transitions(states, actions, seed);
        final double[][] form = new double[p][p];
        for (int i = 0; i < p; i++) {
            final double[] row = normal(p, seed, i);
            for (int j = 0; j < p; j++) { // ½ xᵀ(M + Mᵀ)x = xᵀMx
                form[i][j] += row[j];
                form[j][i] += row[j];
            }
        }
        final double[] coefficients = IntStream.range(0, transitions.length)
                .mapToDouble(pair -> Philox.uniform(seed, pair, UNIFORM, 0) * Philox.uniform(seed, pair, UNIFORM, 1))
                .toArray();
        return new MdpTables(
                transitions,
                new double[transitions.length][p],
                form,
                coefficients,
                discount,
                temperature,
                new double[transitions.length],
                1,
                normal(p, seed, -1),
                null);
    }

    /** From every pair to 1 … S − 1 distinct states, with random probabilities. */
    private static double[][] transitions(final int states, final int actions, final long seed) {
        if (states < 1 || actions < 1) {
            throw new IllegalArgumentException("states " + states + ", actions " + actions + ": must be at least 1");
        }
        final double[][] transitions = new double[Math.multiplyExact(states, actions)][states];
        for (int pair = 0; pair < transitions.length; pair++) {
            final int successors = 1 + Philox.below(Math.max(1, states - 1), seed, pair, TRANSITIONS, 0);
            final long key = Philox.bits(seed, pair, TRANSITIONS, 1);
            double sum = 0;
            for (int k = 0; k < successors; k++) {
                final double weight = 1 - Philox.uniform(seed, pair, TRANSITIONS, 2 + k); // not 0
                transitions[pair][Permutation.image(key, states, k)] = weight;
                sum += weight;
            }
            transitions[pair] = HostMatrix.scaled(1 / sum, transitions[pair]);
        }
        return transitions;
    }

    private static double[] normal(final int size, final long seed, final int row) {
        return IntStream.range(0, size)
                .mapToDouble(j -> Philox.normal(seed, row, NORMAL, j))
                .toArray();
    }
}
