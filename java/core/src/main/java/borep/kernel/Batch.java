package borep.kernel;

import borep.device.Counter;
import borep.device.Ints;
import borep.device.Reals;

/** Which samples a step uses, their packed rows, and noise. Every choice is a function of (seed, step, purpose, lane) alone. */
public interface Batch {
    /**
     * Names one random choice of a run: the same stream at the same step gives the same samples on every device.
     *
     * @param seed    of the run
     * @param purpose which of the iteration's choices this is
     * @param lane    which of several draws with this purpose
     */
    record Stream(long seed, int purpose, int lane) {}

    /**
     * Sample numbers by stratum, for tasks: one task is one domain, whose samples are listed class by class.
     *
     * @param members     [n] sample numbers, domain after domain, in a domain class after class
     * @param starts      [domains · classes + 1] where each (domain, class) list begins in {@code members}
     * @param classes     number of classes C
     */
    record Tasks(Ints members, Ints starts, int classes) {
        /** Number of domains. */
        public int domains() {
            return (starts.size() - 1) / classes;
        }
    }

    /**
     * Uniform sample numbers. Without replacement they are the first places of a keyed permutation ({@link
     * borep.device.Permutation} under {@code Philox.bits(seed, step, purpose, lane)}); past {@code population} the places
     * wrap around. With replacement number i is {@code Philox.below(population, seed, step, purpose, lane + i · 2^16)}.
     *
     * @param step       read: the step of the choice
     * @param population number of samples to choose from, at least 1
     * @param indices    written [B] in [0, population)
     * @throws IllegalArgumentException if population is below 1
     */
    void draw(Stream stream, Counter step, int population, boolean replacement, Ints indices);

    /**
     * The samples of one task: a domain chosen with probability proportional to its size ({@code Philox.below(n, seed, step,
     * purpose, lane)} picks a member, its domain is taken), then {@code indices.size()} of its samples without replacement: of every
     * class equally many when {@code balanced} (the first classes get one more where it does not divide), else of the whole
     * domain. Places {@code skip … skip + B − 1} of the same permutation are taken ({@code skip} is split over the classes
     * as B is), so support (skip 0) and query (skip B) of one task are disjoint while the domain has enough samples. The
     * permutation of list l (the class when balanced, else 0) has the key {@code Philox.bits(seed, step, purpose,
     * lane + (l + 1) · 2^16)}.
     *
     * @param tasks   read
     * @param skip    places to leave out at the beginning
     * @param indices written [B] sample numbers
     */
    void drawTask(Stream stream, Counter step, Tasks tasks, boolean balanced, int skip, Ints indices);

    /**
     * Independent standard normal numbers: number i is {@code Philox.normal(Philox.bits(seed, step, purpose, lane), i, 0, 0)}.
     *
     * @param step read: the step of the draw
     * @param out  written [n]
     */
    void normal(Stream stream, Counter step, Reals out);

    /** out_i = table[indices_i]; [B]. */
    void gather(Ints indices, Ints table, Ints out);

    /**
     * Packs the chosen sequences and writes their word vectors.
     *
     * @param sequences read
     * @param indices   read    [B] sequence numbers
     * @param packing   written
     * @param rows      written [R, width] packed word vectors
     */
    void pack(Sequences sequences, Ints indices, Packing packing, Rows rows);
}
