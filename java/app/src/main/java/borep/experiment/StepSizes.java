package borep.experiment;

import borep.solver.Solvers;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Step sizes that suit a problem, whatever the solver: the presets of runs, by hand.
 *
 * @param length     η of methods that normalise the step of x: its length
 * @param coordinate η of Adam: about the length of a coordinate
 * @param factor     η of all others: a factor of the hypergradient
 * @param lower      α, of y
 * @param linear     γ, of z; also the step of Neumann sums
 */
record StepSizes(String length, String coordinate, String factor, String lower, String linear) {
    /** The settings that this solver knows, and what else it is to get. */
    Map<String, String> of(final String solver, final Map<String, String> further) {
        if (!Solvers.exists(solver)) {
            return Map.of(); // whoever makes the solver says so
        }
        final Map<String, String> settings = new LinkedHashMap<>(further);
        settings.put("alpha", lower);
        settings.put("gamma", linear);
        settings.put("neumann.step", linear);
        settings.put("hessianStep", linear);
        settings.put("eta", upper(solver));
        if (solver.equals("dsgda-gt")) { // its γ is a step of w, a second lower variable
            settings.put("gamma", lower);
        }
        if (solver.equals("f2sa") || solver.equals("f3sa")) {
            // the paper's relation: y sees a lower level λ times as steep, and α_k λ_k stays γ / 2 however far λ grows
            settings.put("gamma", lower);
            settings.put("alpha", Double.parseDouble(lower) / 3 + "/power:0.333");
            settings.put("coupled", "true");
        }
        settings.keySet().retainAll(Solvers.kind(solver).settings().keySet());
        return settings;
    }

    private String upper(final String solver) {
        return switch (solver) {
            case "bo-rep", "slip", "accbo", "unibio", "nsgd" -> length;
            case "adambo", "vr-adambo" -> coordinate;
            default -> factor;
        };
    }
}
