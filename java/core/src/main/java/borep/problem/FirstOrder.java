package borep.problem;

import borep.device.Reals;

/**
 * What a caller wants to know of one level's objective at a point; null means not wanted, and the problem then spares the
 * sweeps it would need. Everything is written, not accumulated.
 *
 * @param value     [1] the objective on the sample
 * @param gradientX [upperSize] its gradient by x
 * @param gradientY [lowerSize] its gradient by y
 */
public record FirstOrder(Reals value, Reals gradientX, Reals gradientY) {}
