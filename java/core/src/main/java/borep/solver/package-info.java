/**
 * Algorithms, one file each, by {@link borep.solver.Solvers}' names. A class comment cites the paper and gives the update; a nested {@code
 * Settings} lists the hyperparameters with range, default and source and refuses what is out of range; a nested {@code Official} turns on what the
 * authors' public code does differently. A solver moves x and y by {@link borep.kernel.Update} and the problem's oracles alone, so it runs
 * on every device, and reads nothing back to the host.
 */
package borep.solver;
