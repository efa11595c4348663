package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.model.Parameters;

/** Counts the oracle calls of whatever runs on it; the cost that papers compare. */
public final class CountingProblem implements BilevelProblem {
    private final BilevelProblem problem;
    private final Counts counts = new Counts();

    /** Calls by kind; a fused call counts once for each output that was wanted. */
    public static final class Counts {
        private long upperGradientX;
        private long upperGradientY;
        private long lowerGradientX;
        private long lowerGradientY;
        private long hessianVectorProducts;
        private long mixedProducts;

        /** Calls for ∇_x f. */
        public long upperGradientX() {
            return upperGradientX;
        }

        /** Calls for ∇_y f. */
        public long upperGradientY() {
            return upperGradientY;
        }

        /** Calls for ∇_x g. */
        public long lowerGradientX() {
            return lowerGradientX;
        }

        /** Calls for ∇_y g. */
        public long lowerGradientY() {
            return lowerGradientY;
        }

        /** Calls for ∇²_yy g·z. */
        public long hessianVectorProducts() {
            return hessianVectorProducts;
        }

        /** Calls for ∇²_xy g·z. */
        public long mixedProducts() {
            return mixedProducts;
        }

        /** All calls. */
        public long total() {
            return upperGradientX
                    + upperGradientY
                    + lowerGradientX
                    + lowerGradientY
                    + hessianVectorProducts
                    + mixedProducts;
        }
    }

    /** Counts the calls to {@code problem}. */
    public CountingProblem(final BilevelProblem problem) {
        this.problem = problem;
    }

    /** The counts so far; they go on changing. */
    public Counts counts() {
        return counts;
    }

    @Override
    public Device device() {
        return problem.device();
    }

    @Override
    public Parameters upperLayout() {
        return problem.upperLayout();
    }

    @Override
    public Parameters lowerLayout() {
        return problem.lowerLayout();
    }

    @Override
    public void initialise(final Reals x, final Reals y) {
        problem.initialise(x, y);
    }

    @Override
    public Sample newUpperSample() {
        return problem.newUpperSample();
    }

    @Override
    public Sample newLowerSample() {
        return problem.newLowerSample();
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        counts.upperGradientX += out.gradientX() == null ? 0 : 1;
        counts.upperGradientY += out.gradientY() == null ? 0 : 1;
        problem.upper(x, y, sample, out);
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        counts.lowerGradientX += out.gradientX() == null ? 0 : 1;
        counts.lowerGradientY += out.gradientY() == null ? 0 : 1;
        problem.lower(x, y, sample, out);
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        counts.lowerGradientY += out.gradient() == null ? 0 : 1;
        counts.hessianVectorProducts += out.product() == null ? 0 : 1;
        counts.mixedProducts += out.mixed() == null ? 0 : 1;
        problem.lowerAlong(x, y, z, sample, out);
    }

    @Override
    public boolean upperSeesX() {
        return problem.upperSeesX();
    }

    @Override
    public void upperChanged() {
        problem.upperChanged();
    }
}
