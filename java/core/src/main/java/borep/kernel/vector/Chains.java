package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.Reals;
import borep.kernel.Store;

/**
 * Several operations of {@link VectorUpdate} in one pass: each block of the vectors goes through all of them while it is in the
 * cache. The results are those of the operations one after the other, bit for bit.
 *
 * <p>A method for each chain: if one held all of them the compiler would have too much to inline, and vectors would become objects.
 */
final class Chains {
    private final Elements elements;
    private final Workers workers;
    private final Workers.Part residual = this::residual;
    private final Workers.Part combination = this::combination;
    private final Workers.Part products = this::products;
    private float[] a;
    private int aAt;
    private float[] b;
    private int bAt;
    private float[] out;
    private int outAt;
    private int size;
    private float first;
    private float second;
    private Store store;
    /** [blocks] sums of the blocks. */
    private double[] sums = new double[0];

    private double[] squares = new double[0];

    Chains(final Lanes lanes, final Workers workers) {
        this.elements = lanes.elements();
        this.workers = workers;
    }

    /** r = r − b, then z −= step · r; returns ‖r‖². */
    double residual(final Reals rhs, final float step, final Reals z, final Reals r) {
        show(rhs, z, r);
        second = -step;
        run(residual);
        return sum(sums);
    }

    private void residual(final int part, final int parts) {
        for (int block = begin(part, parts); block < begin(part + 1, parts); block++) {
            final int from = block * VectorUpdate.BLOCK;
            final int count = Math.min(VectorUpdate.BLOCK, size - from);
            elements.axpy(-1, a, aAt + from, out, outAt + from, count);
            sums[block] = elements.dot(out, outAt + from, out, outAt + from, count);
            elements.axpy(second, out, outAt + from, b, bAt + from, count);
        }
    }

    /** result (=|+=) s · u + t · v. */
    void combine(final double s, final Reals u, final double t, final Reals v, final Reals result, final Store into) {
        show(u, v, result);
        store = into;
        first = (float) s;
        second = (float) t;
        run(combination);
    }

    private void combination(final int part, final int parts) {
        for (int block = begin(part, parts); block < begin(part + 1, parts); block++) {
            final int from = block * VectorUpdate.BLOCK;
            final int count = Math.min(VectorUpdate.BLOCK, size - from);
            if (store == Store.WRITE) {
                System.arraycopy(a, aAt + from, out, outAt + from, count);
                elements.scale(first, out, outAt + from, count);
            } else {
                elements.axpy(first, a, aAt + from, out, outAt + from, count);
            }
            elements.axpy(second, b, bAt + from, out, outAt + from, count);
        }
    }

    /** @param both [2] written: ⟨u, v⟩ and ‖v‖² */
    void products(final Reals u, final Reals v, final double[] both) {
        show(u, u, v);
        run(products);
        both[0] = sum(sums);
        both[1] = sum(squares);
    }

    private void products(final int part, final int parts) {
        for (int block = begin(part, parts); block < begin(part + 1, parts); block++) {
            final int from = block * VectorUpdate.BLOCK;
            final int count = Math.min(VectorUpdate.BLOCK, size - from);
            sums[block] = elements.dot(a, aAt + from, out, outAt + from, count);
            squares[block] = elements.dot(out, outAt + from, out, outAt + from, count);
        }
    }

    private void show(final Reals u, final Reals v, final Reals result) {
        size = result.size();
        Shapes.exactly("a", u, size);
        Shapes.exactly("b", v, size);
        a = HostFloats.array(u);
        aAt = HostFloats.offset(u);
        b = HostFloats.array(v);
        bAt = HostFloats.offset(v);
        out = HostFloats.array(result);
        outAt = HostFloats.offset(result);
        if (sums.length < blocks()) {
            sums = new double[blocks()];
            squares = new double[blocks()];
        }
    }

    private void run(final Workers.Part part) {
        workers.run(part, workers.partsFor(blocks(), VectorUpdate.GRAIN));
    }

    private int blocks() {
        return (size + VectorUpdate.BLOCK - 1) / VectorUpdate.BLOCK;
    }

    /** First block of a part. */
    private int begin(final int part, final int parts) {
        return (int) ((long) blocks() * part / parts);
    }

    private double sum(final double[] ofBlocks) {
        double sum = 0;
        for (int block = 0; block < blocks(); block++) {
            sum += ofBlocks[block];
        }
        return sum;
    }
}
