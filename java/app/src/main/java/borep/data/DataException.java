package borep.data;

/**
 * A user's mistake in data, files or options: one sentence in the grammar {@code FILE:LINE: what value: rule; remedy},
 * for example {@code reviews.csv:17: row: has 3 fields, the header has 4; add the missing field}. The command line
 * prints it without a stack trace and exits with 2.
 */
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A mistake told in one sentence. */
    public DataException(final String message) {
        super(message);
    }

    /** A mistake told in one sentence, with what the system said about it. */
    public DataException(final String message, final Throwable cause) {
        super(message, cause);
    }

    /** A mistake in one line of a file; lines count from 1. */
    static DataException at(final String file, final long line, final String message) {
        return new DataException(file + ":" + line + ": " + message);
    }
}
