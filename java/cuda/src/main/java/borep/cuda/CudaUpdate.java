package borep.cuda;

import static borep.cuda.Structs.require;
import static borep.cuda.Structs.requireAtLeast;

import borep.device.Counter;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Elimination;
import borep.kernel.Update;

/** {@link Update} by {@code native/src/kernels/update.cu}. */
final class CudaUpdate implements Update {
    private final CudaDevice device;
    private final CudaBindings bindings;
    private final Structs structs;

    CudaUpdate(final CudaDevice device) {
        this.device = device;
        bindings = device.bindings();
        structs = device.newStructs();
    }

    @Override
    public void fill(final Reals out, final double value) {
        try {
            bindings.check(
                    (int) bindings.updateFill.invokeExact(device.context(), out.size(), structs.address(out), value));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void copy(final Reals a, final Reals out) {
        require("out", out, a.size());
        try {
            bindings.check((int) bindings.updateCopy.invokeExact(
                    device.context(), out.size(), structs.address(a), structs.address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void scale(final double factor, final Reals out) {
        try {
            bindings.check(
                    (int) bindings.updateScale.invokeExact(device.context(), out.size(), factor, structs.address(out)));
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
        requireAtLeast("scalar", scalar.size(), 1);
        add(factor, structs.address(scalar), a, out);
    }

    private void add(final double factor, final long scalar, final Reals a, final Reals out) {
        require("out", out, a.size());
        try {
            bindings.check((int) bindings.updateAxpy.invokeExact(
                    device.context(), out.size(), factor, scalar, structs.address(a), structs.address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void average(final double keep, final Reals a, final Reals out) {
        require("out", out, a.size());
        try {
            bindings.check((int) bindings.updateAverage.invokeExact(
                    device.context(), out.size(), keep, structs.address(a), structs.address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void multiply(final Reals a, final Reals b, final Reals out) {
        require("b", b, a.size());
        require("out", out, a.size());
        try {
            bindings.check((int) bindings.updateMultiply.invokeExact(
                    device.context(), out.size(), structs.address(a), structs.address(b), structs.address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void divide(final Reals a, final Reals b, final Reals out) {
        require("b", b, a.size());
        require("out", out, a.size());
        try {
            bindings.check((int) bindings.updateDivide.invokeExact(
                    device.context(), out.size(), structs.address(a), structs.address(b), structs.address(out)));
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
            bindings.check((int) bindings.updateApply.invokeExact(
                    device.context(), out.size(), code, structs.address(a), structs.address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void dot(final Reals a, final Reals b, final Reals value) {
        require("b", b, a.size());
        requireAtLeast("value", value.size(), 1);
        try {
            bindings.check((int) bindings.updateDot.invokeExact(
                    device.context(), a.size(), structs.address(a), structs.address(b), structs.address(value)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void norm(final Reals a, final Reals value) {
        requireAtLeast("value", value.size(), 1);
        try {
            bindings.check((int) bindings.updateNorm.invokeExact(
                    device.context(), a.size(), structs.address(a), structs.address(value)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void projectBall(final Reals centre, final double radius, final Reals u) {
        require("centre", centre, u.size());
        try {
            bindings.check((int) bindings.updateProjectBall.invokeExact(
                    device.context(), u.size(), structs.address(centre), radius, structs.address(u)));
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
        requireAtLeast("step", step.size(), 1);
        requireAtLeast("norm", norm.size(), 1);
        try {
            bindings.check((int) bindings.updateNormalisedMomentum.invokeExact(
                    device.context(),
                    d.size(),
                    keep,
                    structs.address(d),
                    structs.address(m),
                    structs.address(step),
                    guard,
                    structs.address(x),
                    structs.address(norm)));
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
        requireAtLeast("step", step.size(), 1);
        try {
            bindings.check((int) bindings.updateAdam.invokeExact(
                    device.context(),
                    d.size(),
                    keepFirst,
                    keepSecond,
                    structs.address(d),
                    structs.address(m),
                    structs.address(v),
                    structs.address(step),
                    structs.address(counter),
                    epsilon,
                    structs.address(x)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void solve(final Reals matrix, final Reals rhs, final Reals out) {
        final int n = Elimination.requireSizes(matrix.size(), rhs.size(), out.size());
        try {
            bindings.check((int) bindings.updateSolve.invokeExact(
                    device.context(), n, structs.address(matrix), structs.address(rhs), structs.address(out)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public void schedule(final Schedule schedule, final Counter counter, final Reals value) {
        requireAtLeast("value", value.size(), 1);
        try {
            bindings.check((int) bindings.updateSchedule.invokeExact(
                    device.context(),
                    structs.begin().schedule(schedule),
                    structs.address(counter),
                    structs.address(value)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
