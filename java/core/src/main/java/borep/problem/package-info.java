/**
 * Bilevel problems, one file each: min_x f(x, y*(x)) with y*(x) = argmin_y g(x, y), given by their oracles ({@link
 * borep.problem.BilevelProblem}). x is the upper, y the lower variable, z solves ∇²_yy g · z = ∇_y f, Φ(x) = f(x, y*(x)), and the hypergradient is
 * ∇Φ = ∇_x f − ∇²_xy g · z. A problem knows no solver.
 */
package borep.problem;
