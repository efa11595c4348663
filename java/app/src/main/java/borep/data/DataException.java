package borep.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

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

    /** What the system said, in words: the message of a file system's exception is often the path alone. */
    static String reason(final IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "a file is in the way";
        }
        return failure instanceof FileSystemException system && system.getReason() != null
                ? system.getReason()
                : String.valueOf(failure.getMessage());
    }

    /**
     * For what needs more memory than there is, or larger arrays than there are.
     *
     * @param what  does not fit
     * @param sizes what to lower
     */
    public static DataException tooLarge(final String what, final String sizes) {
        return new DataException(what + ": does not fit into the "
                + (Runtime.getRuntime().maxMemory() >> 20) + " MiB of the JVM; lower " + sizes
                + ", or give it more with BOREP_JAVA_OPTS=-Xmx…");
    }
}
