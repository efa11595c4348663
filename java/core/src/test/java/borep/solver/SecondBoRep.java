package borep.solver;

import static borep.solver.SecondWriting.plus;

import borep.problem.cases.SampledQuadratic;
import borep.problem.cases.SampledQuadratic.Token;
import java.util.ArrayList;
import java.util.List;

/** Algorithms 1 and 2 of BO-REP with its public code's deviations, on the host and sample by sample. */
final class SecondBoRep extends SecondState {
    private final BoRepSettings s;
    private final BoRepSettings.Official o;
    private double[] leftOver = new double[2];

    SecondBoRep(final BoRepSettings settings) {
        s = settings;
        o = settings.official();
        if (o.randomZ()) {
            z = randomStart();
        }
    }

    void step(final int k) {
        if (k == 0 && !o.refreshAtStart()) {
            refine();
        } else if (k % s.updatePeriod() == 0 && !o.refreshByTask()) {
            updateLower(k, 0);
        }
        final List<double[]> estimates = new ArrayList<>();
        for (int task = 0; task < o.tasks(); task++) {
            if (o.refreshByTask() && task % s.updatePeriod() == 0) {
                updateLower(k, task);
            }
            estimates.add(estimate(k, task));
        }
        move(estimates, s.beta(), o.snapshots(), s.eta().initial());
    }

    /** Epoch-SGD in shrinking balls; T_0 plain steps where there are no epochs. */
    private void refine() {
        final BoRepSettings.Refinement r = s.refinement();
        int lane = 0;
        for (int t = 0; r.epochs() == 0 && t < r.steps(); t++) {
            y = plus(y, -s.alpha().initial(), SampledQuadratic.lowerY(x, y, new Token(0, Purpose.WARM, lane++)));
        }
        for (int epoch = 0; epoch < r.epochs(); epoch++) {
            final double[] centre = y;
            final int steps = r.steps() << epoch;
            double[] average = new double[2];
            for (int t = 0; t < steps; t++) {
                final double[] gradient = SampledQuadratic.lowerY(x, y, new Token(0, Purpose.WARM, lane++));
                y = plus(y, -r.step() / (1 << epoch), gradient);
                y = inBall(y, centre, r.radius() * Math.pow(2, -epoch / 2.0));
                average = plus(average, 1.0 / steps, y);
            }
            y = average;
        }
    }

    private static double[] inBall(final double[] u, final double[] centre, final double radius) {
        final double[] away = plus(u, -1, centre);
        final double length = Math.hypot(away[0], away[1]);
        return length <= radius ? u : plus(centre, radius / length, away);
    }

    private boolean shared() {
        return s.sampling() == BoRepSettings.Sampling.SHARED;
    }

    private void updateLower(final int k, final int task) {
        final double[] centre = y;
        double[] accumulated = new double[2];
        double[] average = new double[2];
        for (int t = 0; t < s.lowerSteps(); t++) {
            final int place = task * s.lowerSteps() + (o.reuseSample() ? 0 : t);
            final Token token = o.reuseSample() && shared()
                    ? new Token(k, Purpose.SHARED, task)
                    : new Token(k, Purpose.LOWER_STEP, place);
            final double[] gradient = SampledQuadratic.lowerY(x, y, token);
            if (o.contaminate()) {
                leftOver = plus(leftOver, 1, SampledQuadratic.lowerX(y, token));
            }
            accumulated = o.accumulate() ? plus(accumulated, 1, gradient) : gradient;
            y = inBall(plus(y, -s.alpha().initial(), accumulated), centre, s.ballRadius());
            average = plus(average, 1.0 / s.lowerSteps(), y);
        }
        if (s.average() && !o.accumulate()) {
            y = average;
        }
    }

    private double[] estimate(final int k, final int task) {
        final Token hessian = new Token(k, shared() ? Purpose.SHARED : Purpose.HESSIAN, task);
        final Token upperY = new Token(k, shared() ? Purpose.SHARED : Purpose.UPPER_Y, task);
        final Token upperX = new Token(k, shared() ? Purpose.SHARED : Purpose.UPPER_X, task);
        final Token mixed = o.mixedOnUpper() ? upperX : new Token(k, shared() ? Purpose.SHARED : Purpose.MIXED, task);
        final double[] residual = plus(SampledQuadratic.product(z, hessian), -1, SampledQuadratic.upperY(y, upperY));
        final double[] before = z;
        z = plus(z, -s.gamma().initial(), residual);
        double[] d = plus(SampledQuadratic.upperX(x, upperX), -1, SampledQuadratic.mixed(o.newZ() ? z : before, mixed));
        if (o.contaminate()) {
            d = plus(plus(d, 1, leftOver), 1, SampledQuadratic.lowerX(y, hessian));
            leftOver = new double[2];
        }
        return d;
    }
}
