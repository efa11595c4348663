package borep.solver;

import borep.device.Reals;
import borep.kernel.Update;
import borep.problem.FiniteSum;

/**
 * SAGA's memory of one oracle (Defazio, Bach, Lacoste-Julien, "SAGA: A Fast Incremental Gradient Method", NIPS 2014): what every batch
 * last answered, and the weighted mean Σ_i w_i row_i. Part of the checkpoint.
 */
final class SagaTable {
    private final Update update;
    private final FiniteSum sum;
    private final Reals mean;
    private final Reals[] rows;
    private final Reals direction;

    /**
     * A table of zeros.
     *
     * @param name of its two vectors in the checkpoint: {@code name} [batches · size] and {@code nameMean} [size]
     */
    SagaTable(final Loop loop, final String name, final FiniteSum sum, final int size) {
        update = loop.update;
        this.sum = sum;
        final Reals table = loop.table(name, Math.multiplyExact(sum.batches(), size));
        mean = loop.state(name + "Mean", size);
        direction = loop.device.reals(size);
        rows = new Reals[sum.batches()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = table.slice(i * size, size);
        }
    }

    /** The estimate of the whole sum, as the last {@link #visit} left it. */
    Reals direction() {
        return direction;
    }

    /** Fills row i for the first time. */
    void fill(final int i, final Reals fresh) {
        update.copy(fresh, rows[i]);
        update.axpy(sum.weight(i), fresh, mean);
    }

    /** direction = mean + n w_i (fresh − row_i), with the mean before it is updated; then row i becomes {@code fresh}. */
    void visit(final int i, final Reals fresh) {
        final double scale = BatchOracles.scale(sum, i);
        update.copy(mean, direction);
        update.axpy(scale, fresh, direction);
        update.axpy(-scale, rows[i], direction);
        update.axpy(sum.weight(i), fresh, mean);
        update.axpy(-sum.weight(i), rows[i], mean);
        update.copy(fresh, rows[i]);
    }
}
