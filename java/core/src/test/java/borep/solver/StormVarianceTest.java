package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Counter;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.ForwardingProblem;
import borep.problem.Quadratic;
import borep.problem.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What STORM is for: its estimate is less noisy than one gradient, which no test without noise could see. */
class StormVarianceTest {
    /** With unit noise STORM's estimate is far quieter than the raw gradient; with the public code's stored estimate it is not. */
    @Test
    void stormReducesVariance() {
        final double quiet = momentumVariance(false);
        final double raw = momentumVariance(true);
        assertEquals(.0526, quiet, .02); // (1 − β) / (1 + β) at β = 0.9
        assertEquals(1, raw, .15);
    }

    /** Variance of m's first coordinate where x hardly moves and only ∇_x f is noisy. */
    private static double momentumVariance(final boolean stored) {
        final Solver solver = Solvers.create(
                "accbo",
                new Noisy(new Quadratic(new ReferenceDevice(), Quadratic.Data.worked(0)), 1),
                Map.of(
                        "eta", "1e-12",
                        "alpha", "1e-12",
                        "warmSteps", "0",
                        "tau", "0",
                        "neumann.step", "0.3",
                        "official.storedEstimate", Boolean.toString(stored)),
                7);
        solver.initialise();
        final List<Double> values = new ArrayList<>();
        for (int k = 0; k < 6000; k++) {
            solver.step();
            if (k >= 100) {
                values.add(solver.state().get("m").get(0));
            }
        }
        final double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
        return values.stream()
                .mapToDouble(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow();
    }

    /** Adds σ N(0, 1) to the first coordinate of ∇_x f, from the sample alone: the same sample has the same noise at every point. */
    private static final class Noisy extends ForwardingProblem {
        private final double sigma;

        Noisy(final BilevelProblem problem, final double sigma) {
            super(problem);
            this.sigma = sigma;
        }

        private static final class Token implements Sample {
            private double noise;

            @Override
            public void draw(final Counter step, final int purpose, final int lane) {
                noise = Philox.normal(5, step.get(), purpose, lane);
            }
        }

        @Override
        public Sample newUpperSample() {
            return new Token();
        }

        @Override
        public Sample newLowerSample() {
            return new Token();
        }

        @Override
        public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
            problem.upper(x, y, sample, out);
            if (out.gradientX() != null) {
                final double[] gradient = out.gradientX().toDoubles();
                gradient[0] += sigma * ((Token) sample).noise;
                out.gradientX().set(gradient);
            }
        }
    }
}
