package borep.experiment;

import borep.device.Device;
import borep.device.Reals;
import borep.model.Network;
import borep.model.NetworkShape;
import borep.model.TextBatch;
import borep.model.TextSet;

/** Scores of a whole set of texts, batch by batch: the one output, or how far the second class's logit is above the first's. */
final class TextScores {
    private static final int BATCH = 256;

    private final TextSet set;
    private final Network network;
    private final TextBatch batch;
    private final int outputs;

    TextScores(final Device device, final NetworkShape shape, final TextSet set) {
        this.set = set;
        outputs = shape.classes();
        batch = new TextBatch(device, set, Math.min(BATCH, set.size()), true); // the last one repeats a few
        network = new Network(device, shape, batch);
    }

    /** [n] the scores under these weights. */
    double[] of(final Reals encoderWeights, final Reals headWeights) {
        final double[] scores = new double[set.size()];
        final int[] indices = new int[batch.size()];
        for (int begin = 0; begin < scores.length; begin += indices.length) {
            for (int b = 0; b < indices.length; b++) {
                indices[b] = Math.min(begin + b, scores.length - 1);
            }
            batch.indices().set(indices);
            batch.load();
            network.encode(encoderWeights, batch);
            network.score(headWeights, batch);
            final double[] logits = network.logits().values().toDoubles();
            for (int b = 0; b < indices.length; b++) {
                final int last = (b + 1) * outputs - 1;
                scores[indices[b]] = outputs == 1 ? logits[last] : logits[last] - logits[last - 1];
            }
        }
        return scores;
    }
}
