package borep.problem;

import borep.model.TextSet;

/**
 * Where one level's samples come from.
 *
 * @param set     the texts
 * @param sampler how a batch is chosen
 * @param batch   samples per batch B, at least 1
 */
public record TextLevel(TextSet set, Sampler sampler, int batch) {
    /**
     * Checks the batch size.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public TextLevel {
        if (batch < 1) {
            throw new IllegalArgumentException("batch size " + batch + ": must be at least 1");
        }
    }
}
