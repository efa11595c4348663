/**
 * Where vectors live and calls run: memory, their order, recorded programs, counters, random numbers, and {@link borep.device.Devices}, which
 * chooses. Nothing here knows a model or a solver.
 *
 * <p>Of this package and all above it: a device and what was made with it belong to one thread. Sizes stand in brackets, [B, H] row by row. A
 * parameter is <em>read</em>, <em>written</em> (whatever was there) or <em>accumulated</em> (added to). What cannot be is an {@link
 * java.lang.IllegalArgumentException} in one sentence, <em>name value: rule; remedy</em>; a call out of order an {@link
 * java.lang.IllegalStateException}.
 */
package borep.device;
