package borep.model;

import borep.device.Ints;
import borep.kernel.SparseMatrix;

/**
 * Labelled sparse samples resident on a device.
 *
 * @param samples [n, d] features of each sample
 * @param labels  [n] class of each sample in [0, classes)
 * @param classes number of classes, at least 2
 */
public record SparseSet(SparseMatrix samples, Ints labels, int classes) {
    /**
     * Checks the counts.
     *
     * @throws IllegalArgumentException if samples and labels are not equally many, or classes fewer than 2
     */
    public SparseSet {
        if (samples.rows() != labels.size()) {
            throw new IllegalArgumentException(
                    samples.rows() + " samples with " + labels.size() + " labels: must be equally many");
        }
        if (classes < 2) {
            throw new IllegalArgumentException("classes " + classes + ": must be at least 2");
        }
    }

    /** Number of samples n. */
    public int size() {
        return labels.size();
    }

    /** Number of features d. */
    public int features() {
        return samples.columns();
    }
}
