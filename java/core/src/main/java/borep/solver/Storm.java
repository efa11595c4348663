package borep.solver;

import borep.device.Reals;

/**
 * STORM's estimate of one oracle (Cutkosky, Orabona, "Momentum-Based Variance Reduction in Non-Convex SGD", NeurIPS 2019): h_t = a_t + (1 −
 * w_t)(h_{t−1} − b_t), where a_t is the answer at the point of now and b_t that at the point before, to the same sample. Without noise h_t
 * = a_t for every weight.
 */
final class Storm {
    private final Loop loop;
    private final Reals h;
    private final Reals forgotten;

    /** @param h the estimate, part of the checkpoint */
    Storm(final Loop loop, final Reals h) {
        this.loop = loop;
        this.h = h;
        forgotten = loop.device.reals(h.size());
    }

    Reals estimate() {
        return h;
    }

    /** h_0 = a_0. */
    void begin(final Reals now) {
        loop.update.copy(now, h);
    }

    /** Takes b_t; {@link #now} must follow. */
    void before(final Reals old) {
        loop.update.axpy(-1, old, h);
    }

    /** Takes a_t with weight w_t. */
    void now(final Reals weight, final Reals fresh) {
        loop.update.copy(h, forgotten);
        loop.update.axpy(-1, weight, forgotten, h);
        loop.update.axpy(1, fresh, h);
    }
}
