package borep.data;

/**
 * A user's mistake in data, files or options: one sentence that says what, where and the remedy, for example
 * {@code reviews.csv:17: 3 fields: the header names 4; add the missing field}. The command line prints it without a stack
 * trace and exits with 2.
 */
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A mistake with its sentence. */
    public DataException(final String sentence) {
        super(sentence);
    }
}
