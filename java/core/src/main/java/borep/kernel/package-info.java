/**
 * One interface for each family of kernels: {@link borep.kernel.Recurrent}, {@link borep.kernel.Dense}, {@link borep.kernel.Sparse}, {@link
 * borep.kernel.Pooling}, {@link borep.kernel.Loss}, {@link borep.kernel.Update}, {@link borep.kernel.Batch}. Shapes are documented here and only
 * here; {@code borep.kernel.reference} is the specification in code, and what every other implementation is held against.
 *
 * <p>R{·} is the derivative along a direction, a bar or "cotangent" the derivative of a scalar by what it stands for; the equations are in
 * docs/sweeps.md.
 */
package borep.kernel;
