package borep.problem;

import borep.device.Counter;
import borep.device.Reals;
import borep.kernel.Batch;
import borep.kernel.Update;

/**
 * Makes another problem's oracles stochastic: unbiased, with a variance that is known, and the same realisation
 * wherever a sample is evaluated again.
 *
 * <pre>
 *   ∇_x f + σ_f ε,  ∇_y f + σ_f ε',  ∇_y g + σ_g ζ,  ∇_x g + σ_g ζ'          ε, ζ standard normal vectors
 *   ∇²_yy g·z + σ_g S z    with S = (u wᵀ + w uᵀ) / √2                        symmetric
 *   ∇²_xy g·z + σ_g Eᵀ z   with E = u' w'ᵀ                                    [q, p]
 * </pre>
 *
 * <p>The entries of S and E have mean 0 and are uncorrelated; their variance is 1 (2 on S's diagonal), as that of matrices of
 * independent normal entries, but they need no memory beside four vectors, so this works in any dimension. Values carry no noise.
 * All of a sample's numbers are drawn on the device by {@link Batch#normal}.
 */
public final class NoisyProblem extends ForwardingProblem {
    private final double upperNoise;
    private final double lowerNoise;
    private final long seed;
    private final Update update;
    private final Reals scalar;

    /**
     * {@code problem} with noise.
     *
     * @param problem    what to disturb
     * @param upperNoise σ_f, finite and not negative
     * @param lowerNoise σ_g, finite and not negative
     * @param seed       of the lower level's noise; the upper level's has the next
     * @throws IllegalArgumentException if a deviation is out of range
     */
    public NoisyProblem(
            final BilevelProblem problem, final double upperNoise, final double lowerNoise, final long seed) {
        super(problem);
        requireNotNegative("noise of the upper level", upperNoise);
        requireNotNegative("noise of the lower level", lowerNoise);
        this.upperNoise = upperNoise;
        this.lowerNoise = lowerNoise;
        this.seed = seed;
        update = problem.device().kernels().update();
        scalar = problem.device().reals(1);
    }

    private static void requireNotNegative(final String name, final double sigma) {
        if (!(sigma >= 0 && sigma < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " " + sigma + ": must be finite and not negative");
        }
    }

    /** The problem's own sample with the noise of one realisation. */
    private final class NoisySample implements Sample {
        private final Sample own;
        private final Reals all;
        /** Of a gradient by x and one by y. */
        private final Reals x;

        private final Reals y;
        /** u, w, u' and w'; null on the upper level. */
        private final Reals[] factors;

        private final Sampler.Streams streams;

        NoisySample(final Sample own, final boolean lower) {
            final int p = problem.upperSize();
            final int q = problem.lowerSize();
            this.own = own;
            streams = new Sampler.Streams(lower ? seed : seed + 1);
            all = problem.device().reals(p + q + (lower ? 3 * q + p : 0));
            x = all.slice(0, p);
            y = all.slice(p, q);
            factors = lower
                    ? new Reals[] {
                        all.slice(p + q, q), all.slice(p + 2 * q, q), all.slice(p + 3 * q, q), all.slice(p + 4 * q, p)
                    }
                    : null;
        }

        @Override
        public void draw(final Counter step, final int purpose, final int lane) {
            own.draw(step, purpose, lane);
            problem.device().kernels().batch().normal(streams.of(purpose, lane), step, all);
        }
    }

    @Override
    public Sample newUpperSample() {
        return new NoisySample(problem.newUpperSample(), false);
    }

    @Override
    public Sample newLowerSample() {
        return new NoisySample(problem.newLowerSample(), true);
    }

    /** False: a sample of the upper level has no noise of second derivatives. */
    @Override
    public boolean lowerTakesUpperSamples() {
        return false;
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final NoisySample noise = (NoisySample) sample;
        problem.upper(x, y, noise.own, out);
        disturb(upperNoise, noise, out);
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final NoisySample noise = (NoisySample) sample;
        problem.lower(x, y, noise.own, out);
        disturb(lowerNoise, noise, out);
    }

    private void disturb(final double sigma, final NoisySample noise, final FirstOrder out) {
        if (out.gradientX() != null) {
            update.axpy(sigma, noise.x, out.gradientX());
        }
        if (out.gradientY() != null) {
            update.axpy(sigma, noise.y, out.gradientY());
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        final NoisySample noise = (NoisySample) sample;
        problem.lowerAlong(x, y, z, noise.own, out);
        if (out.gradient() != null) {
            update.axpy(lowerNoise, noise.y, out.gradient());
        }
        if (out.product() != null) {
            addOuter(lowerNoise / Math.sqrt(2), noise.factors[0], noise.factors[1], z, out.product());
            addOuter(lowerNoise / Math.sqrt(2), noise.factors[1], noise.factors[0], z, out.product());
        }
        if (out.mixed() != null) {
            addOuter(lowerNoise, noise.factors[3], noise.factors[2], z, out.mixed());
        }
    }

    /** out += sigma · a ⟨b, z⟩. */
    private void addOuter(final double sigma, final Reals a, final Reals b, final Reals z, final Reals out) {
        update.dot(b, z, scalar);
        update.axpy(sigma, scalar, a, out);
    }
}
