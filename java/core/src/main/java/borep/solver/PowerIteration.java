package borep.solver;

import borep.device.Device;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Update;

/**
 * The largest magnitude of an eigenvalue of a symmetric operator H that is known by its products alone (von Mises, Pollaczek-Geiringer 1929;
 * Golub, Van Loan, Matrix Computations, §8.2):
 *
 * <pre>
 *   w_k = H v_k,  σ_k = ‖w_k‖,  ρ_k = ⟨v_k, w_k⟩,  v_{k+1} = w_k / σ_k,  ‖v_k‖ = 1
 * </pre>
 *
 * <p>σ_k ascends to max |λ| and never passes it. As H² v_{k−1} = σ_{k−1} σ_k v_{k+1}, the relative residual of (σ_{k−1}², v_{k−1}) as an
 * eigenpair of H² is
 *
 * <pre>
 *   ‖H² v_{k−1} − σ_{k−1}² v_{k−1}‖ / σ_{k−1}² = √(σ_k² / σ_{k−1}² − 1),
 * </pre>
 *
 * and the iteration stops when it is at most the tolerance: H then has an eigenvalue whose square is that close to σ_k², which is the largest
 * one unless v_0 happened to have no part in its direction. H² instead of H, so that two opposite eigenvalues of the same magnitude, between
 * which v_k never settles, do no harm. Of one eigenvalue ρ_k tells the sign.
 *
 * <p>Reads σ_k back to the host after each product, so it is no part of a solver's loop. Allocates nothing after construction.
 */
public final class PowerIteration {
    private static final int PURPOSE = 0x504F5752;

    /** A symmetric linear operator. */
    @FunctionalInterface
    public interface Operator {
        /** product = H v; neither may be changed otherwise. */
        void multiply(Reals v, Reals product);
    }

    private final Update update;
    private final double tolerance;
    private final int most;
    private final Reals v;
    private final Reals w;
    private final Reals norm;
    private final Reals quotient;
    private double magnitude;
    private double residual;
    private int products;

    /**
     * Memory for vectors of this size; {@link #restart} comes before the first {@link #run}.
     *
     * @param size      length of the vectors that H takes
     * @param tolerance of the residual, positive; in float32 not below about 0.001
     * @param most      products at most, at least 2
     * @throws IllegalArgumentException if tolerance or most is out of its range
     */
    public PowerIteration(final Device device, final int size, final double tolerance, final int most) {
        if (!(tolerance > 0) || most < 2) {
            throw new IllegalArgumentException("power iteration with tolerance " + tolerance + " and " + most
                    + " products at most: the tolerance must be positive, the products at least 2");
        }
        this.tolerance = tolerance;
        this.most = most;
        update = device.kernels().update();
        v = device.reals(size);
        w = device.reals(size);
        norm = device.reals(1);
        quotient = device.reals(1);
    }

    /** Begins anew in a random direction. Otherwise {@link #run} begins where it ended: near the answer, if H has changed little. */
    public void restart(final long seed) {
        final double[] normal = new double[v.size()];
        for (int i = 0; i < normal.length; i++) {
            normal[i] = Philox.normal(seed, 0, PURPOSE, i);
        }
        v.set(normal);
        normalise();
    }

    private void normalise() {
        update.norm(v, norm);
        final double length = norm.get(0);
        if (length > 0) {
            update.scale(1 / length, v);
        }
    }

    /** Iterates until the residual is at most the tolerance; check {@link #isConverged}. H = 0 has magnitude 0. */
    public void run(final Operator h) {
        products = 0;
        residual = Double.POSITIVE_INFINITY;
        double before = Double.NaN;
        while (products < most && !(residual <= tolerance)) {
            h.multiply(v, w);
            products++;
            update.norm(w, norm);
            update.dot(v, w, quotient);
            magnitude = norm.get(0);
            if (!(magnitude > 0) || Double.isInfinite(magnitude)) {
                residual = magnitude == 0 ? 0 : Double.NaN;
                return;
            }
            update.copy(w, v);
            update.scale(1 / magnitude, v);
            final double growth = magnitude / before;
            residual = products == 1
                    ? Double.POSITIVE_INFINITY
                    : Math.sqrt(Math.max(0, growth * growth - 1)); // rounding can make it shrink
            before = magnitude;
        }
    }

    /** σ, which is max |λ| up to the residual; not finite if a product was not. */
    public double magnitude() {
        return magnitude;
    }

    /** ρ: near ±σ if one eigenvalue has the largest magnitude, else between. */
    public double rayleighQuotient() {
        return quotient.get(0);
    }

    /** The relative residual of σ² as an eigenvalue of H². */
    public double residual() {
        return residual;
    }

    /** Whether the residual is at most the tolerance. */
    public boolean isConverged() {
        return residual <= tolerance;
    }

    /** Products of the last run. */
    public int products() {
        return products;
    }

    /** [size] the unit vector where the last run ended. */
    public Reals direction() {
        return v;
    }
}
