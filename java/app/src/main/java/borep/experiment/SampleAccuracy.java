package borep.experiment;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.model.LinearModel;
import borep.model.SparseBatch;
import borep.model.SparseSet;

/** Accuracy and mean cross-entropy of a linear model over a whole set of samples. */
final class SampleAccuracy {
    private final Device device;
    private final SparseBatch batch;
    private final LinearModel model;
    private final Reals mean;
    private final Reals value;
    private final Ints predictions;
    private final int[] labels;
    private double accuracy;
    private double loss;

    SampleAccuracy(final Device device, final SparseSet set) {
        this.device = device;
        batch = SparseBatch.whole(device, set);
        model = new LinearModel(device, batch);
        mean = device.reals(set.size());
        device.kernels().update().fill(mean, 1.0 / set.size());
        value = device.reals(1);
        predictions = device.ints(set.size());
        labels = set.labels().toArray();
    }

    /** Runs the model over every sample; then {@link #accuracy} and {@link #loss} hold. */
    void measure(final Reals weights) {
        model.forward(weights, batch);
        model.predict(predictions);
        device.kernels().update().dot(mean, model.losses(), value);
        loss = value.get(0);
        final int[] predicted = predictions.toArray();
        int correct = 0;
        for (int i = 0; i < labels.length; i++) {
            correct += predicted[i] == labels[i] ? 1 : 0;
        }
        accuracy = (double) correct / labels.length;
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
