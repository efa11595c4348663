package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.Reals;
import borep.kernel.HostBatch;
import borep.kernel.Rows;
import borep.kernel.Sequences;

/** {@link HostBatch} with float32 vectors. */
final class VectorBatch extends HostBatch {
    @Override
    protected void copy(final Sequences sequences, final int token, final Rows rows, final int row) {
        System.arraycopy(
                HostFloats.array(sequences.table()),
                HostFloats.offset(sequences.table()) + token * sequences.width(),
                HostFloats.array(rows.values()),
                HostFloats.offset(rows.values()) + row * rows.stride() + rows.column(),
                sequences.width());
    }

    @Override
    protected void set(final Reals out, final int index, final double value) {
        HostFloats.array(out)[HostFloats.offset(out) + index] = (float) value;
    }
}
