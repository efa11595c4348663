package borep.problem;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.kernel.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How a level's batches are chosen from its text set. */
public interface Sampler {
    /** The purpose of the random choices that no iteration makes: the order of the samples in {@link #cut}. */
    int CUT = 0;

    /**
     * Writes the sample numbers of the batch that belongs to (step, purpose, lane), as {@link Sample#draw} has them.
     *
     * @param indices written [B]
     */
    void draw(Counter step, int purpose, int lane, Ints indices);

    /** Whether a batch of this size may hold a sample twice. */
    boolean repeats(int batch);

    /**
     * What the level is the mean of, in batches of this size.
     *
     * @throws IllegalArgumentException if it is no finite sum
     */
    default FiniteSum sum(final int batch) {
        throw new IllegalArgumentException("batches of " + batch
                + ": are chosen so that they are no finite sum; choose a solver without tables and full passes");
    }

    /**
     * Cuts the level into the batches of {@link #sum}.
     *
     * @param samples written [batches · batch] sample numbers, batch after batch; past the last sample the first ones follow again
     * @throws IllegalArgumentException if it is no finite sum
     */
    default void cut(final int batch, final Ints samples) {
        sum(batch);
    }

    /** Samples chosen uniformly from [0, population). Its sum is over all samples, in a random order. */
    static Sampler uniform(final Device device, final long seed, final int population, final boolean replacement) {
        return new Sampler() {
            private final Streams streams = new Streams(seed);

            @Override
            public void draw(final Counter step, final int purpose, final int lane, final Ints indices) {
                device.kernels().batch().draw(streams.of(purpose, lane), step, population, replacement, indices);
            }

            @Override
            public boolean repeats(final int batch) {
                return replacement;
            }

            @Override
            public FiniteSum sum(final int batch) {
                return new FiniteSum(population, batch);
            }

            @Override
            public void cut(final int batch, final Ints samples) {
                device.kernels().batch().draw(streams.of(CUT, 0), device.counter(), population, false, samples);
            }
        };
    }

    /**
     * Batches that are tasks: samples of one domain. Its sum is over fixed tasks, as many as make one pass over the samples.
     *
     * @param tasks    members by domain and class
     * @param balanced whether every class has equally many samples
     * @param skip     places to leave out: 0 for the support set, the support's size for the query set of the same task
     */
    static Sampler tasks(
            final Device device, final long seed, final Batch.Tasks tasks, final boolean balanced, final int skip) {
        return new Sampler() {
            private final Streams streams = new Streams(seed);

            @Override
            public void draw(final Counter step, final int purpose, final int lane, final Ints indices) {
                device.kernels().batch().drawTask(streams.of(purpose, lane), step, tasks, balanced, skip, indices);
            }

            @Override
            public boolean repeats(final int batch) {
                return true;
            }

            @Override
            public FiniteSum sum(final int batch) {
                return FiniteSum.equal(Math.ceilDiv(tasks.members().size(), batch));
            }

            @Override
            public void cut(final int batch, final Ints samples) {
                for (int task = 0; task * batch < samples.size(); task++) {
                    device.kernels()
                            .batch()
                            .drawTask(
                                    new Batch.Stream(seed, CUT, task),
                                    device.counter(),
                                    tasks,
                                    balanced,
                                    skip,
                                    samples.slice(task * batch, batch));
                }
            }
        };
    }

    /**
     * Lists samples by domain and class for {@link #tasks}.
     *
     * @param domains [n] domain of each sample; a negative number leaves the sample out
     * @param labels  [n] class of each sample
     * @param count   number of domains
     * @param classes number of classes
     */
    static Batch.Tasks group(
            final Device device, final int[] domains, final int[] labels, final int count, final int classes) {
        final List<List<Integer>> strata = new ArrayList<>();
        for (int i = 0; i < count * classes; i++) {
            strata.add(new ArrayList<>());
        }
        for (int sample = 0; sample < domains.length; sample++) {
            if (domains[sample] >= 0) {
                strata.get(domains[sample] * classes + labels[sample]).add(sample);
            }
        }
        final int[] starts = new int[strata.size() + 1];
        final int[] members = new int[domains.length];
        for (int stratum = 0; stratum < strata.size(); stratum++) {
            starts[stratum + 1] = starts[stratum];
            for (final int sample : strata.get(stratum)) {
                members[starts[stratum + 1]++] = sample;
            }
        }
        final Ints deviceMembers = device.ints(starts[strata.size()]);
        deviceMembers.set(Arrays.copyOf(members, starts[strata.size()]));
        final Ints deviceStarts = device.ints(starts.length);
        deviceStarts.set(starts);
        return new Batch.Tasks(deviceMembers, deviceStarts, classes);
    }

    /** Remembers the streams of a seed, so that a steady state makes no objects. */
    final class Streams {
        private final long seed;
        private final List<Batch.Stream> streams = new ArrayList<>();

        Streams(final long seed) {
            this.seed = seed;
        }

        Batch.Stream of(final int purpose, final int lane) {
            for (int i = 0; i < streams.size(); i++) {
                final Batch.Stream stream = streams.get(i);
                if (stream.purpose() == purpose && stream.lane() == lane) {
                    return stream;
                }
            }
            final Batch.Stream stream = new Batch.Stream(seed, purpose, lane);
            streams.add(stream);
            for (int later = lane + 1; later < 2 * lane; later++) { // a loop that grows meets new lanes seldom
                streams.add(new Batch.Stream(seed, purpose, later));
            }
            return stream;
        }
    }
}
