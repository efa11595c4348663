package borep.solver;

import borep.device.Reals;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/** Solves ∇²_yy g(x, y) z = b by gradient steps or by conjugate gradients, everything on the device. */
final class LinearSystem {
    private final Loop loop;
    private final Reals product;
    private final Reals residual;
    private final Reals direction;
    private final Reals next;
    private final Reals square;
    private final Reals nextSquare;
    private final Reals curvature;
    private final Reals factor;
    private final Reals length;
    /** Vectors shorter than this have no direction. */
    private final double smallest;
    /** What is left of a vector by cancellation has none either if it is shorter than this, relative to what there was. */
    private final double rounding;

    private final Indicator indicator;
    private final Sample sample;
    private final SecondOrder want;

    LinearSystem(final Loop loop) {
        this.loop = loop;
        product = loop.lowerVector();
        residual = loop.lowerVector();
        direction = loop.lowerVector();
        next = loop.lowerVector();
        square = loop.scalar();
        nextSquare = loop.scalar();
        curvature = loop.scalar();
        factor = loop.scalar();
        length = loop.scalar();
        final boolean single = loop.device.realBytes() == Float.BYTES;
        smallest = single ? Float.MIN_NORMAL : Double.MIN_NORMAL;
        rounding = Math.max(single ? 1e-4 : 1e-11, Math.scalb(8.0, -loop.device.productBits()));
        indicator = new Indicator(loop);
        sample = loop.problem.newLowerSample();
        want = new SecondOrder(null, null, product, null);
    }

    /** ∇²_yy g(x, y; ζ_lane) v, in memory that the next call overwrites. */
    Reals product(final Reals x, final Reals y, final Reals v, final int lane) {
        sample.draw(loop.counter, Purpose.HESSIAN, lane);
        loop.problem.lowerAlong(x, y, v, sample, want);
        return product;
    }

    /** out = a / ‖a‖, 0 where ‖a‖ has no reciprocal among the device's numbers. */
    void unit(final Reals a, final Reals out) {
        unit(a, null, length, out);
    }

    /**
     * The same, and 0 where ‖a‖ is no more than rounding of {@code scale} [1], null: 0: a Krylov space that ends leaves its next unknown out.
     *
     * @param norm written [1] ‖a‖, 0 where out is 0
     */
    void unit(final Reals a, final Reals scale, final Reals norm, final Reals out) {
        loop.update.norm(a, norm);
        loop.update.fill(square, 1);
        loop.update.copy(norm, factor);
        loop.update.axpy(-smallest, square, factor);
        if (scale != null) {
            loop.update.axpy(-rounding, scale, factor);
        }
        indicator.isPositive(factor, factor);
        loop.update.multiply(factor, norm, norm);
        loop.update.divide(square, norm, factor);
        loop.update.fill(out, 0);
        loop.update.axpy(1, factor, a, out);
    }

    /** {@code steps} times z ← z − γ (∇²_yy g(x, y; ζ_j) z − b) with fresh samples. */
    void descend(final Reals x, final Reals y, final Reals b, final int steps, final Reals gamma, final Reals z) {
        for (int j = 0; j < steps; j++) {
            final Reals d = product(x, y, z, j);
            loop.update.axpy(-1, b, d);
            loop.update.axpy(-1, gamma, d, z);
        }
    }

    /**
     * {@code steps} conjugate-gradient steps from z, all on the Hessian of one sample (Hestenes, Stiefel 1952). Where the residual is 0
     * nothing moves: quotients by 0 are 0.
     */
    void conjugate(final Reals x, final Reals y, final Reals b, final int steps, final Reals z) {
        conjugate(x, y, b, steps, null, z);
    }

    /**
     * The same until the residual's norm is at most {@code tolerance} [1], null: 0. A device does not know beforehand when that is: the
     * steps that are left are made, with length 0.
     */
    void conjugate(final Reals x, final Reals y, final Reals b, final int steps, final Reals tolerance, final Reals z) {
        loop.update.copy(product(x, y, z, 0), residual);
        loop.update.axpy(-1, b, residual);
        loop.update.fill(direction, 0);
        loop.update.axpy(-1, residual, direction);
        loop.update.dot(residual, residual, square);
        for (int j = 0; j < steps; j++) {
            final Reals curved = product(x, y, direction, 0);
            loop.update.dot(direction, curved, curvature);
            loop.update.divide(square, curvature, factor);
            if (tolerance != null) {
                loop.update.dot(tolerance, tolerance, nextSquare);
                loop.update.scale(-1, nextSquare);
                loop.update.axpy(1, square, nextSquare);
                indicator.isPositive(nextSquare, nextSquare);
                loop.update.multiply(factor, nextSquare, factor);
            }
            loop.update.axpy(1, factor, direction, z);
            loop.update.axpy(1, factor, curved, residual);
            loop.update.dot(residual, residual, nextSquare);
            loop.update.divide(nextSquare, square, factor);
            loop.update.fill(next, 0);
            loop.update.axpy(-1, residual, next);
            loop.update.axpy(1, factor, direction, next);
            loop.update.copy(next, direction);
            loop.update.copy(nextSquare, square);
        }
    }
}
