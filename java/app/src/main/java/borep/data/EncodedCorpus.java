package borep.data;

/**
 * A corpus as token numbers.
 *
 * @param corpus  the examples kept, in order
 * @param texts   [n][length] ids of each text, never empty
 * @param pairs   [n][length] ids of each second text; null for single texts
 * @param dropped how many examples were left out because no token remained
 */
public record EncodedCorpus(Corpus corpus, int[][] texts, int[][] pairs, int dropped) {}
