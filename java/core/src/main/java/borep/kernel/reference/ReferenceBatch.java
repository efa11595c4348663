package borep.kernel.reference;

import static borep.kernel.reference.Access.get;

import borep.device.Reals;
import borep.kernel.HostBatch;
import borep.kernel.Rows;
import borep.kernel.Sequences;

/** {@link HostBatch} with float64 vectors. */
final class ReferenceBatch extends HostBatch {
    @Override
    protected void copy(final Sequences sequences, final int token, final Rows rows, final int row) {
        for (int k = 0; k < sequences.width(); k++) {
            Access.set(rows, row, k, get(sequences.table(), token * sequences.width() + k));
        }
    }

    @Override
    protected void set(final Reals out, final int index, final double value) {
        Access.set(out, index, value);
    }
}
