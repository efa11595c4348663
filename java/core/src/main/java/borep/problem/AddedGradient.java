package borep.problem;

import borep.device.Reals;

/**
 * Where {@link BilevelProblem#addLower} leaves ∇_y g.
 *
 * @param sum   what is wanted; its gradient by y is added to, the rest written
 * @param apart the same, but for scratch in place of the sum: for problems that write ∇_y g first and add it then
 */
public record AddedGradient(FirstOrder sum, FirstOrder apart) {
    /** ∇_y g is added to {@code sum} [lowerSize], ∇_x g written to {@code gradientX} if not null; {@code scratch} [lowerSize] may be written. */
    public static AddedGradient into(final Reals sum, final Reals gradientX, final Reals scratch) {
        return new AddedGradient(new FirstOrder(null, gradientX, sum), new FirstOrder(null, gradientX, scratch));
    }
}
