package borep.solver;

/** A quantity of a run has become infinite or not a number. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long iteration;

    /** The run left the finite numbers at {@code iteration}, seen in {@code quantity}. */
    public DivergedException(final long iteration, final String quantity, final double value) {
        super("diverged at step " + iteration + ": " + quantity + " is " + value
                + "; a smaller step size, or a smaller ball radius for y, may help");
        this.iteration = iteration;
    }

    /** The iteration, counted from 0. */
    public long iteration() {
        return iteration;
    }
}
