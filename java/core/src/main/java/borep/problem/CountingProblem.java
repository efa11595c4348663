package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.model.Parameters;

/** Counts the oracle calls of whatever runs on it; the cost that papers compare. */
public class CountingProblem implements BilevelProblem {
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

    /** Counts the calls to {@code problem}; a decision process stays one. */
    public static CountingProblem of(final BilevelProblem problem) {
        return problem instanceof DecisionProcess process ? new CountingProcess(process) : new CountingProblem(problem);
    }

    /** Counts the calls to {@code problem}, as those of any bilevel problem. */
    public CountingProblem(final BilevelProblem problem) {
        this.problem = problem;
    }

    /** The counts so far; they go on changing. */
    public final Counts counts() {
        return counts;
    }

    @Override
    public final Device device() {
        return problem.device();
    }

    @Override
    public final Parameters upperLayout() {
        return problem.upperLayout();
    }

    @Override
    public final Parameters lowerLayout() {
        return problem.lowerLayout();
    }

    @Override
    public final void initialise(final Reals x, final Reals y) {
        problem.initialise(x, y);
    }

    @Override
    public final Sample newUpperSample() {
        return problem.newUpperSample();
    }

    @Override
    public final Sample newLowerSample() {
        return problem.newLowerSample();
    }

    @Override
    public final FiniteSum upperSum() {
        return problem.upperSum();
    }

    @Override
    public final FiniteSum lowerSum() {
        return problem.lowerSum();
    }

    @Override
    public final void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        countUpper(out);
        problem.upper(x, y, sample, out);
    }

    final void countUpper(final FirstOrder out) {
        counts.upperGradientX += out.gradientX() == null ? 0 : 1;
        counts.upperGradientY += out.gradientY() == null ? 0 : 1;
    }

    @Override
    public final void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        counts.lowerGradientX += out.gradientX() == null ? 0 : 1;
        counts.lowerGradientY += out.gradientY() == null ? 0 : 1;
        problem.lower(x, y, sample, out);
    }

    @Override
    public final void lowerAlong(
            final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        count(out.gradient() == null ? 0 : 1, out.product() == null ? 0 : 1, out.mixed() == null ? 0 : 1);
        problem.lowerAlong(x, y, z, sample, out);
    }

    final void count(final int lowerGradientsY, final int hessianVectorProducts, final int mixedProducts) {
        counts.lowerGradientY += lowerGradientsY;
        counts.hessianVectorProducts += hessianVectorProducts;
        counts.mixedProducts += mixedProducts;
    }

    @Override
    public final boolean upperSeesX() {
        return problem.upperSeesX();
    }

    @Override
    public final void upperChanged() {
        problem.upperChanged();
    }
}
