package borep.problem;

import borep.device.Reals;

/**
 * What a caller wants to know of the lower objective g along a direction z; null means not wanted. One pair of tangent sweeps
 * gives product and mixed together, and the gradient comes with the product for free. Everything is written.
 *
 * @param value    [1] g on the sample
 * @param gradient [lowerSize] ∇_y g
 * @param product  [lowerSize] ∇²_yy g · z
 * @param mixed    [upperSize] ∇²_xy g · z = ∇_x ⟨∇_y g, z⟩
 */
public record SecondOrder(Reals value, Reals gradient, Reals product, Reals mixed) {}
