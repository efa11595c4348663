package borep.experiment;

import borep.solver.Solvers;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Step sizes that suit a problem, whatever the solver: the presets of runs, by hand. Solvers whose analysis asks for steps that decay (TTSA,
 * BSA, SUSTAIN and MRBO, by their own defaults) begin with these and keep their decay.
 *
 * @param length     η of methods that normalise the step of x: its length
 * @param coordinate η of Adam: about the length of a coordinate
 * @param factor     η of all others: a factor of the hypergradient
 * @param lower      α, of y
 * @param linear     γ, of z; also the step of Neumann sums
 */
record StepSizes(String length, String coordinate, String factor, String lower, String linear) {
    /** λ of F2SA and F3SA. */
    private static final double PENALTY = 5;

    /** The settings that this solver knows, and what else it is to get. */
    Map<String, String> of(final String solver, final Map<String, String> further) {
        if (!Solvers.exists(solver)) {
            return Map.of(); // whoever makes the solver says so
        }
        final Map<String, String> defaults = Solvers.kind(solver).settings();
        final Map<String, String> settings = new LinkedHashMap<>(further);
        settings.put("alpha", decaying(lower, defaults.get("alpha")));
        settings.put("gamma", linear);
        settings.put("neumann.step", linear);
        settings.put("hessianStep", linear);
        settings.put("eta", decaying(upper(solver), defaults.get("eta")));
        if (solver.equals("dsgda-gt")) { // its γ is a step of w, a second lower variable
            settings.put("gamma", lower);
        }
        if (solver.equals("f2sa") || solver.equals("f3sa")) {
            // a penalty that stays, α λ = γ / 2; both ∇_x g on one sample: λ multiplies the noise of their difference
            settings.put("gamma", lower);
            settings.put("alpha", Double.toString(Double.parseDouble(lower) / (2 * PENALTY)));
            settings.put("lambda", Double.toString(PENALTY));
            settings.put("growth", "0");
            settings.put("commonSample", "true");
        }
        settings.keySet().retainAll(defaults.keySet());
        return settings;
    }

    /** A constant step size with the decay of the solver's own default, if there is one. */
    private static String decaying(final String constant, final String ownDefault) {
        final int decay = ownDefault == null ? -1 : ownDefault.indexOf("/power:");
        return decay < 0 ? constant : constant + ownDefault.substring(decay);
    }

    private String upper(final String solver) {
        return switch (solver) {
            case "bo-rep", "slip", "accbo", "unibio", "nsgd" -> length;
            case "adambo", "vr-adambo" -> coordinate;
            default -> factor;
        };
    }
}
