package borep.kernel;

import borep.device.Counter;
import borep.device.HostInts;
import borep.device.Ints;
import borep.device.Permutation;
import borep.device.Philox;
import borep.device.Reals;
import java.util.Arrays;

/** {@link Batch} for every device that computes on the host: only how real numbers are stored differs. */
public abstract class HostBatch implements Batch {
    /** Lanes of a task's classes, and of draws with replacement, lie this far apart. */
    private static final int LANE_STRIDE = 1 << 16;

    /** Scratch of {@link #rank}: where the samples of each length begin. Grows to the longest sequence and stays. */
    private int[] places = new int[0];

    /** For subclasses. */
    protected HostBatch() {}

    /** Copies row {@code token} of the table to row {@code row} of the packed rows. */
    protected abstract void copy(Sequences sequences, int token, Rows rows, int row);

    /** Writes one number. */
    protected abstract void set(Reals out, int index, double value);

    @Override
    public final void draw(
            final Stream stream,
            final Counter step,
            final int population,
            final boolean replacement,
            final Ints indices) {
        final int[] out = HostInts.array(indices);
        final int offset = HostInts.offset(indices);
        if (population < 1) {
            throw new IllegalArgumentException("population " + population + ": must be at least 1");
        }
        final long key = key(stream, step, 0);
        for (int i = 0; i < indices.size(); i++) {
            out[offset + i] = replacement
                    ? Philox.below(
                            population, stream.seed(), step.get(), stream.purpose(), stream.lane() + i * LANE_STRIDE)
                    : Permutation.image(key, population, i % population);
        }
    }

    @Override
    public final void drawTask(
            final Stream stream,
            final Counter step,
            final Tasks tasks,
            final boolean balanced,
            final int skip,
            final Ints indices) {
        final int[] members = HostInts.array(tasks.members());
        final int membersOffset = HostInts.offset(tasks.members());
        final int[] starts = HostInts.array(tasks.starts());
        final int startsOffset = HostInts.offset(tasks.starts());
        final int[] out = HostInts.array(indices);
        final int outOffset = HostInts.offset(indices);
        final int size = indices.size();
        final int picked =
                Philox.below(tasks.members().size(), stream.seed(), step.get(), stream.purpose(), stream.lane());
        int domain = 0;
        while (starts[startsOffset + (domain + 1) * tasks.classes()] <= picked) {
            domain++;
        }
        final int lists = balanced ? tasks.classes() : 1;
        int written = 0;
        for (int list = 0; list < lists; list++) {
            final int first = domain * tasks.classes() + list;
            final int begin = starts[startsOffset + first];
            final int end = starts[startsOffset + (balanced ? first + 1 : first + tasks.classes())];
            if (end == begin) {
                throw new IllegalStateException("domain " + domain + " has no sample of class " + list
                        + ": balanced tasks need every class in every domain");
            }
            final long key = key(stream, step, list + 1);
            final int skipped = share(skip, list, lists);
            final int wanted = share(size, list, lists);
            for (int i = 0; i < wanted; i++) {
                final int place = Permutation.image(key, end - begin, (skipped + i) % (end - begin));
                out[outOffset + written++] = members[membersOffset + begin + place];
            }
        }
    }

    /** What falls to one of several lists when {@code total} is split evenly, the first ones taking the remainder. */
    private static int share(final int total, final int list, final int lists) {
        return total / lists + (list < total % lists ? 1 : 0);
    }

    @Override
    public final void normal(final Stream stream, final Counter step, final Reals out) {
        final long key = key(stream, step, 0);
        for (int i = 0; i < out.size(); i++) {
            set(out, i, Philox.normal(key, i, 0, 0));
        }
    }

    private static long key(final Stream stream, final Counter step, final int list) {
        return Philox.bits(stream.seed(), step.get(), stream.purpose(), stream.lane() + list * LANE_STRIDE);
    }

    @Override
    public final void gather(final Ints indices, final Ints table, final Ints out) {
        final int[] from = HostInts.array(table);
        final int[] chosen = HostInts.array(indices);
        final int[] to = HostInts.array(out);
        for (int i = 0; i < indices.size(); i++) {
            to[HostInts.offset(out) + i] = from[HostInts.offset(table) + chosen[HostInts.offset(indices) + i]];
        }
    }

    @Override
    public final void pack(final Sequences sequences, final Ints indices, final Packing packing, final Rows rows) {
        final int batch = indices.size();
        if (batch > packing.order().size()) {
            throw new IllegalArgumentException("a batch of " + batch + " samples, the packing holds "
                    + packing.order().size());
        }
        final int steps = measure(sequences, indices, packing);
        rank(packing, batch, steps);
        final int total = schedule(packing, batch, steps);
        if (total > rows.capacity()) {
            throw new IllegalArgumentException("a batch of " + total + " rows, the memory holds " + rows.capacity());
        }
        final int[] shape = HostInts.array(packing.shape());
        final int at = HostInts.offset(packing.shape());
        shape[at + Packing.STEPS] = steps;
        shape[at + Packing.ROWS] = total;
        shape[at + Packing.SAMPLES] = batch;
        write(sequences, indices, packing, rows, steps);
    }

    /** Writes the lengths; returns the longest. */
    private static int measure(final Sequences sequences, final Ints indices, final Packing packing) {
        final int[] all = HostInts.array(sequences.lengths());
        final int[] lengths = HostInts.array(packing.lengths());
        final int[] chosen = HostInts.array(indices);
        int longest = 0;
        for (int b = 0; b < indices.size(); b++) {
            final int length = all[HostInts.offset(sequences.lengths()) + chosen[HostInts.offset(indices) + b]];
            lengths[HostInts.offset(packing.lengths()) + b] = length;
            longest = Math.max(longest, length);
        }
        if (longest > packing.stepSizes().size()) {
            throw new IllegalArgumentException("a sequence of " + longest + " steps, the packing holds "
                    + packing.stepSizes().size());
        }
        return longest;
    }

    /** Writes order: a stable counting sort by length, longest first. */
    private void rank(final Packing packing, final int batch, final int steps) {
        if (places.length < steps + 2) {
            places = new int[steps + 2];
        }
        final int[] lengths = HostInts.array(packing.lengths());
        final int at = HostInts.offset(packing.lengths());
        Arrays.fill(places, 0, steps + 2, 0);
        for (int b = 0; b < batch; b++) {
            places[steps - lengths[at + b] + 1]++; // samples that are one shorter begin behind these
        }
        for (int i = 1; i <= steps; i++) {
            places[i] += places[i - 1];
        }
        final int[] order = HostInts.array(packing.order());
        for (int b = 0; b < batch; b++) {
            order[HostInts.offset(packing.order()) + places[steps - lengths[at + b]]++] = b;
        }
    }

    /** Writes stepSizes and stepStarts; returns the number of rows. */
    private static int schedule(final Packing packing, final int batch, final int steps) {
        final int[] sizes = HostInts.array(packing.stepSizes());
        final int[] starts = HostInts.array(packing.stepStarts());
        final int[] order = HostInts.array(packing.order());
        final int[] lengths = HostInts.array(packing.lengths());
        int size = batch;
        int row = 0;
        for (int t = 0; t < steps; t++) {
            while (lengths[HostInts.offset(packing.lengths()) + order[HostInts.offset(packing.order()) + size - 1]]
                    <= t) {
                size--;
            }
            sizes[HostInts.offset(packing.stepSizes()) + t] = size;
            starts[HostInts.offset(packing.stepStarts()) + t] = row;
            row += size;
        }
        starts[HostInts.offset(packing.stepStarts()) + steps] = row;
        return row;
    }

    private void write(
            final Sequences sequences, final Ints indices, final Packing packing, final Rows rows, final int steps) {
        final int[] tokens = HostInts.array(sequences.tokens());
        final int[] begins = HostInts.array(sequences.starts());
        final int[] chosen = HostInts.array(indices);
        final int[] order = HostInts.array(packing.order());
        final int[] sizes = HostInts.array(packing.stepSizes());
        final int beginsOffset = HostInts.offset(sequences.starts());
        int row = 0;
        for (int t = 0; t < steps; t++) {
            for (int rank = 0; rank < sizes[HostInts.offset(packing.stepSizes()) + t]; rank++) {
                final int sample = order[HostInts.offset(packing.order()) + rank];
                final int begin = begins[beginsOffset + chosen[HostInts.offset(indices) + sample]];
                copy(sequences, tokens[HostInts.offset(sequences.tokens()) + begin + t], rows, row++);
            }
        }
    }
}
