/**
 * Models as four sweeps (forward, backward, and the tangents of both), which keep what the next one needs and allocate nothing. Parameters are
 * flat vectors under PyTorch's names ({@link borep.model.Parameters}).
 */
package borep.model;
