package borep.kernel;

/** What becomes of the numbers that lie where a kernel leaves its result. */
public enum Store {
    /** The result replaces them; they are not read. */
    WRITE,
    /** The result is added to them. */
    ADD
}
