package borep.kernel.reference;

import static borep.kernel.reference.Access.add;
import static borep.kernel.reference.Access.get;
import static borep.kernel.reference.Access.require;
import static borep.kernel.reference.Access.set;
import static borep.kernel.reference.Access.sigmoid;

import borep.device.Counter;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Elimination;
import borep.kernel.Update;

/** {@link Update} element by element, by the equations written there; sums run from the first element to the last. */
final class ReferenceUpdate implements Update {
    private final Elimination elimination = new Elimination();

    @Override
    public void fill(final Reals out, final double value) {
        for (int i = 0; i < out.size(); i++) {
            set(out, i, value);
        }
    }

    @Override
    public void copy(final Reals a, final Reals out) {
        require("out", out, a.size());
        for (int i = 0; i < out.size(); i++) {
            set(out, i, get(a, i));
        }
    }

    @Override
    public void scale(final double factor, final Reals out) {
        for (int i = 0; i < out.size(); i++) {
            set(out, i, factor * get(out, i));
        }
    }

    @Override
    public void axpy(final double factor, final Reals a, final Reals out) {
        require("out", out, a.size());
        for (int i = 0; i < out.size(); i++) {
            add(out, i, factor * get(a, i));
        }
    }

    @Override
    public void axpy(final double factor, final Reals scalar, final Reals a, final Reals out) {
        axpy(factor * get(scalar, 0), a, out);
    }

    @Override
    public void average(final double keep, final Reals a, final Reals out) {
        require("out", out, a.size());
        for (int i = 0; i < out.size(); i++) {
            set(out, i, keep * get(out, i) + (1 - keep) * get(a, i));
        }
    }

    @Override
    public void multiply(final Reals a, final Reals b, final Reals out) {
        require("b", b, a.size());
        require("out", out, a.size());
        for (int i = 0; i < out.size(); i++) {
            set(out, i, get(a, i) * get(b, i));
        }
    }

    @Override
    public void divide(final Reals a, final Reals b, final Reals out) {
        require("b", b, a.size());
        require("out", out, a.size());
        for (int i = 0; i < a.size(); i++) {
            set(out, i, get(b, i) == 0 ? 0 : get(a, i) / get(b, i));
        }
    }

    @Override
    public void apply(final Function function, final Reals a, final Reals out) {
        require("out", out, a.size());
        for (int i = 0; i < out.size(); i++) {
            final double value = get(a, i);
            set(
                    out,
                    i,
                    switch (function) {
                        case SIN -> Math.sin(value);
                        case COS -> Math.cos(value);
                        case SINH -> Math.sinh(value);
                        case COSH -> Math.cosh(value);
                        case EXP -> Math.exp(value);
                        case SIGMOID -> sigmoid(value);
                        case POSITIVE -> Math.max(value, 0);
                        case LOG -> Math.log(value);
                    });
        }
    }

    @Override
    public void dot(final Reals a, final Reals b, final Reals value) {
        require("b", b, a.size());
        double sum = 0;
        for (int i = 0; i < a.size(); i++) {
            sum += get(a, i) * get(b, i);
        }
        set(value, 0, sum);
    }

    @Override
    public void norm(final Reals a, final Reals value) {
        dot(a, a, value);
        set(value, 0, Math.sqrt(get(value, 0)));
    }

    @Override
    public void projectBall(final Reals centre, final double radius, final Reals u) {
        require("centre", centre, u.size());
        double square = 0;
        for (int i = 0; i < u.size(); i++) {
            final double difference = get(u, i) - get(centre, i);
            square += difference * difference;
        }
        final double distance = Math.sqrt(square);
        if (distance <= radius) {
            return;
        }
        for (int i = 0; i < u.size(); i++) {
            set(u, i, get(centre, i) + radius * (get(u, i) - get(centre, i)) / distance);
        }
    }

    @Override
    public void normalisedMomentum(
            final double keep,
            final Reals d,
            final Reals m,
            final Reals step,
            final double guard,
            final Reals x,
            final Reals norm) {
        average(keep, d, m);
        norm(m, norm);
        if (get(norm, 0) != 0) { // 0 / (0 + guard) moves nothing, whatever the guard
            axpy(-get(step, 0) / (get(norm, 0) + guard), m, x);
        }
    }

    @Override
    public void adam(
            final double keepFirst,
            final double keepSecond,
            final Reals d,
            final Reals m,
            final Reals v,
            final Reals step,
            final Counter counter,
            final double epsilon,
            final Reals x) {
        require("m", m, d.size());
        require("v", v, d.size());
        require("x", x, d.size());
        final double first = 1 - Math.pow(keepFirst, counter.get() + 1.0);
        final double second = 1 - Math.pow(keepSecond, counter.get() + 1.0);
        for (int i = 0; i < d.size(); i++) {
            set(m, i, keepFirst * get(m, i) + (1 - keepFirst) * get(d, i));
            set(v, i, keepSecond * get(v, i) + (1 - keepSecond) * get(d, i) * get(d, i));
            add(x, i, -get(step, 0) * (get(m, i) / first) / (Math.sqrt(get(v, i) / second) + epsilon));
        }
    }

    @Override
    public void solve(final Reals matrix, final Reals rhs, final Reals out) {
        final int n = Elimination.requireSizes(matrix.size(), rhs.size(), out.size());
        for (int i = 0; i < n * n; i++) {
            elimination.matrix()[i] = get(matrix, i);
        }
        for (int i = 0; i < n; i++) {
            elimination.unknowns()[i] = get(rhs, i);
        }
        elimination.solve(n);
        for (int i = 0; i < n; i++) {
            set(out, i, elimination.unknowns()[i]);
        }
    }

    @Override
    public void schedule(final Schedule schedule, final Counter counter, final Reals value) {
        set(value, 0, schedule.at(counter.get()));
    }
}
