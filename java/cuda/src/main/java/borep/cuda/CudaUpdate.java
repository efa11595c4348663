package borep.cuda;

import static borep.cuda.Structs.address;
import static borep.cuda.Structs.require;

import borep.device.Counter;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Elimination;
import borep.kernel.Update;

/** {@link Update} by {@code native/src/kernels/update.cu}. */
final class CudaUpdate implements Update {
    private final CudaBindings bindings;
    private final long context;
    private final Structs structs;

    CudaUpdate(final CudaDevice device) {
        bindings = device.bindings();
        context = device.context();
        structs = device.newStructs();
    }

    @Override
    public void fill(final Reals out, final double value) {
        try {
            bindings.check((int) bindings.updateFill.invokeExact(context, out.size(), address(out), value));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void copy(final Reals a, final Reals out) {
        require("out", out, a.size());
        try {
            bindings.check((int) bindings.updateCopy.invokeExact(context, out.size(), address(a), address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void scale(final double factor, final Reals out) {
        try {
            bindings.check((int) bindings.updateScale.invokeExact(context, out.size(), factor, address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void axpy(final double factor, final Reals a, final Reals out) {
        add(factor, 0, a, out);
    }

    @Override
    public void axpy(final double factor, final Reals scalar, final Reals a, final Reals out) {
        add(factor, address(scalar), a, out);
    }

    private void add(final double factor, final long scalar, final Reals a, final Reals out) {
        require("out", out, a.size());
        try {
            bindings.check((int)
                    bindings.updateAxpy.invokeExact(context, out.size(), factor, scalar, address(a), address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void average(final double keep, final Reals a, final Reals out) {
        require("out", out, a.size());
        try {
            bindings.check(
                    (int) bindings.updateAverage.invokeExact(context, out.size(), keep, address(a), address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void multiply(final Reals a, final Reals b, final Reals out) {
        require("b", b, a.size());
        require("out", out, a.size());
        try {
            bindings.check((int)
                    bindings.updateMultiply.invokeExact(context, out.size(), address(a), address(b), address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void divide(final Reals a, final Reals b, final Reals out) {
        require("b", b, a.size());
        require("out", out, a.size());
        try {
            bindings.check(
                    (int) bindings.updateDivide.invokeExact(context, out.size(), address(a), address(b), address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void apply(final Function function, final Reals a, final Reals out) {
        require("out", out, a.size());
        final int code = switch (function) {
            case SIN -> 0;
            case COS -> 1;
            case SINH -> 2;
            case COSH -> 3;
            case EXP -> 4;
            case SIGMOID -> 5;
            case POSITIVE -> 6;
            case LOG -> 7;
        };
        try {
            bindings.check((int) bindings.updateApply.invokeExact(context, out.size(), code, address(a), address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void dot(final Reals a, final Reals b, final Reals value) {
        require("b", b, a.size());
        try {
            bindings.check(
                    (int) bindings.updateDot.invokeExact(context, a.size(), address(a), address(b), address(value)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void norm(final Reals a, final Reals value) {
        try {
            bindings.check((int) bindings.updateNorm.invokeExact(context, a.size(), address(a), address(value)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void projectBall(final Reals centre, final double radius, final Reals u) {
        require("centre", centre, u.size());
        try {
            bindings.check((int)
                    bindings.updateProjectBall.invokeExact(context, u.size(), address(centre), radius, address(u)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
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
        require("m", m, d.size());
        require("x", x, d.size());
        try {
            bindings.check((int) bindings.updateNormalisedMomentum.invokeExact(
                    context, d.size(), keep, address(d), address(m), address(step), guard, address(x), address(norm)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
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
        try {
            bindings.check((int) bindings.updateAdam.invokeExact(
                    context,
                    d.size(),
                    keepFirst,
                    keepSecond,
                    address(d),
                    address(m),
                    address(v),
                    address(step),
                    CudaCounter.address(counter),
                    epsilon,
                    address(x)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void solve(final Reals matrix, final Reals rhs, final Reals out) {
        final int n = Elimination.requireSizes(matrix.size(), rhs.size(), out.size());
        try {
            bindings.check(
                    (int) bindings.updateSolve.invokeExact(context, n, address(matrix), address(rhs), address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void schedule(final Schedule schedule, final Counter counter, final Reals value) {
        try {
            bindings.check((int) bindings.updateSchedule.invokeExact(
                    context, structs.begin().schedule(schedule), CudaCounter.address(counter), address(value)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
