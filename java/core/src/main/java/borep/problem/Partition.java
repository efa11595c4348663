package borep.problem;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import java.util.stream.IntStream;

/** A level's samples cut into the fixed batches of its {@link FiniteSum}; the cut is made when it is first asked for. */
final class Partition {
    private final Device device;
    /** Null: the one batch is the whole set, always. */
    private final Sampler sampler;

    private final int batch;
    /** [B] 1/B each: the weights of a mean over a whole batch. */
    private final Reals mean;

    private FiniteSum sum;
    /** [batches · B] sample numbers, and 0, 1, 2, … of which batch i takes its own. */
    private Ints samples;

    private Ints[] places;
    /** [B] weights of the last batch: 0 past its end. */
    private Reals lastMean;

    /**
     * @param sampler what chooses the samples; null: the one batch is the whole set, always
     * @param batch   B, samples of a batch
     */
    Partition(final Device device, final Sampler sampler, final int batch) {
        this.device = device;
        this.sampler = sampler;
        this.batch = batch;
        mean = device.reals(batch);
        device.kernels().update().fill(mean, 1.0 / batch);
    }

    FiniteSum sum() {
        if (sum == null) {
            cut();
        }
        return sum;
    }

    private void cut() {
        lastMean = mean;
        if (sampler == null) {
            sum = new FiniteSum(batch, batch);
            return;
        }
        sum = sampler.sum(batch);
        final int batches = sum.batches();
        samples = device.ints(Math.multiplyExact(batches, batch));
        sampler.cut(batch, samples);
        final Ints all = device.ints(samples.size());
        all.set(IntStream.range(0, samples.size()).toArray());
        places = new Ints[batches];
        for (int i = 0; i < batches; i++) {
            places[i] = all.slice(i * batch, batch);
        }
        final int last = sum.size(batches - 1);
        if (sum.batch() == batch && last < batch) { // a batch of tasks is one task, always whole
            lastMean = device.reals(batch);
            device.kernels().update().fill(lastMean.slice(0, last), 1.0 / last);
        }
    }

    /** Writes the sample numbers of batch i. */
    void copy(final int i, final Ints indices) {
        sum();
        if (sampler != null) {
            device.kernels().batch().gather(places[i], samples, indices);
        }
    }

    /** [B] what each sample of a drawn batch weighs in its mean. */
    Reals mean() {
        return mean;
    }

    /** [B] what each sample of batch i weighs in its mean. */
    Reals mean(final int i) {
        return i == sum().batches() - 1 ? lastMean : mean;
    }
}
