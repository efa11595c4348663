package borep.experiment;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.model.Network;
import borep.model.NetworkShape;
import borep.model.TextBatch;
import borep.model.TextSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Accuracy and mean cross-entropy of a network over a whole set of texts, batch by batch. */
final class Accuracy {
    private static final int BATCH = 256;

    private final TextSet set;
    private final int[] labels;
    private final List<Chunk> chunks = new ArrayList<>();
    private final Network network;
    private double accuracy;
    private double loss;

    /** One batch with the predictions for it. */
    private record Chunk(TextBatch batch, int begin, Ints predictions) {}

    Accuracy(final Device device, final NetworkShape shape, final TextSet set) {
        this.set = set;
        labels = set.labels().toArray();
        // sorted by length, so that a batch's sequences are about equally long
        final int[] lengths = set.first().lengths().toArray();
        final int[] order = IntStream.range(0, set.size())
                .boxed()
                .sorted((a, b) -> Integer.compare(lengths[b], lengths[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int begin = 0; begin < order.length; begin += BATCH) {
            final int size = Math.min(BATCH, order.length - begin);
            final TextBatch batch = new TextBatch(device, set, size, Math.min(BATCH, order.length), false);
            batch.indices().set(Arrays.copyOfRange(order, begin, begin + size));
            chunks.add(new Chunk(batch, begin, device.ints(size)));
        }
        network = new Network(device, shape, chunks.getFirst().batch());
    }

    /** Runs the network over every sample; then {@link #accuracy} and {@link #loss} hold. */
    void measure(final Reals encoderWeights, final Reals headWeights) {
        long correct = 0;
        double sum = 0;
        for (final Chunk chunk : chunks) {
            final TextBatch batch = chunk.batch();
            batch.load();
            network.encode(encoderWeights, batch);
            network.classify(headWeights, batch);
            network.predict(chunk.predictions());
            final int[] predicted = chunk.predictions().toArray();
            final int[] indices = batch.indices().toArray();
            final Reals losses = network.losses();
            for (int i = 0; i < predicted.length; i++) {
                correct += predicted[i] == labels[indices[i]] ? 1 : 0;
                sum += losses.get(i);
            }
        }
        accuracy = (double) correct / set.size();
        loss = sum / set.size();
    }

    /** Share of samples whose most probable class is their label. */
    double accuracy() {
        return accuracy;
    }

    /** Mean cross-entropy. */
    double loss() {
        return loss;
    }
}
