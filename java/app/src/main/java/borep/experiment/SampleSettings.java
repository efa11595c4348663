package borep.experiment;

import static borep.experiment.RunSettings.atLeast;

/**
 * What the experiments with linear models are set by.
 *
 * @param data    a data specification of samples, or of texts, which become bags of words
 * @param test    one of the samples to test with; empty: those that {@code data} brings, or a share of it
 * @param split   shares of train/validation/test; parts that the data bring are kept
 * @param scaling    what the features are divided by
 * @param mostSamples how many samples train and validate together at most, chosen at random; 0: all
 * @param levels  batches and regularisation
 */
public record SampleSettings(String data, String test, String split, Scaling scaling, int mostSamples, Levels levels) {
    /** Checks the range. */
    public SampleSettings {
        atLeast("mostSamples", mostSamples, 0);
    }

    /** What the features, the bias's too, are divided by. */
    public enum Scaling {
        /** 1 */
        NONE,
        /** √λ_max(AᵀA/n) of the training samples A: the mean cross-entropy is then ½-smooth, and step sizes suit any data. */
        SMOOTHNESS
    }

    /**
     * Both levels.
     *
     * @param upperBatch  samples of an upper batch; 0: all of them
     * @param lowerBatch  samples of a lower batch; 0: all of them
     * @param coefficient c of (c/2) ‖y‖² (not where it is what is sought)
     */
    public record Levels(int upperBatch, int lowerBatch, double coefficient) {
        /** Checks the ranges. */
        public Levels {
            atLeast("levels.upperBatch", upperBatch, 0);
            atLeast("levels.lowerBatch", lowerBatch, 0);
        }
    }
}
