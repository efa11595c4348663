package borep.experiment;

import borep.data.DataException;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.solver.AccBo;
import borep.solver.AdamBo;
import borep.solver.Amigo;
import borep.solver.BoRep;
import borep.solver.BoRepSettings;
import borep.solver.Bome;
import borep.solver.F2sa;
import borep.solver.Itd;
import borep.solver.LancBio;
import borep.solver.NeumannSettings;
import borep.solver.Slip;
import borep.solver.Soba;
import borep.solver.Solver;
import borep.solver.StocBio;
import borep.solver.SubBio;
import borep.solver.Sustain;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Optional;

/** The solver that a golden trajectory was made with: its algorithm's name and parameters, in this project's settings. */
final class TrajectorySolvers {
    private TrajectorySolvers() {}

    /** The case's metadata {@code params}, with one sentence about what is missing. */
    record Params(Path path, String variant, JsonNode json) {
        double number(final String name) {
            if (!json.path(name).isNumber()) {
                throw new DataException(path + ": params has no number '" + name + "'");
            }
            return json.path(name).asDouble();
        }

        double number(final String name, final double otherwise) {
            return json.path(name).isNumber() ? number(name) : otherwise;
        }

        int integer(final String name) {
            return (int) number(name);
        }

        int integer(final String name, final int otherwise) {
            return (int) number(name, otherwise);
        }

        boolean flag(final String name) {
            return json.path(name).asBoolean(false);
        }

        Schedule constant(final String name) {
            return Schedule.constant(number(name));
        }
    }

    /** The solver on {@code problem}; empty if there is no such solver yet. */
    static Optional<Solver> create(final String algorithm, final BilevelProblem problem, final Params params) {
        return Optional.ofNullable(
                switch (algorithm) {
                    case "bo_rep" -> new BoRep(problem, boRep(params), 0);
                    case "slip" -> new Slip(problem, slip(params), 0);
                    case "soba" -> new Soba(problem, soba(params, 0), 0);
                    case "ma_soba" -> new Soba(problem, soba(params, params.number("beta")), 0);
                    case "adambo" -> new AdamBo(problem, adamBo(params), 0);
                    case "accbo" -> new AccBo(problem, accBo(params), 0);
                    case "stocbio" -> new StocBio(problem, stocBio(params, params.integer("D")), 0);
                    case "ttsa" -> new StocBio(problem, stocBio(params, 1), 0);
                    case "sustain", "mrbo" -> new Sustain(problem, sustain(params), 0);
                    case "f2sa" -> new F2sa(problem, f2sa(params), 0);
                    case "amigo_gd" -> new Amigo(problem, amigo(params, false), 0);
                    case "amigo_cg" -> new Amigo(problem, amigo(params, true), 0);
                    case "subbio" -> new SubBio(problem, subBio(params), 0);
                    case "lancbio" -> new LancBio(problem, lancBio(params), 0);
                    case "bome" -> new Bome(problem, bome(params), 0);
                    case "itd" -> new Itd(problem, itd(params), 0);
                    default -> null;
                });
    }

    private static BoRepSettings boRep(final Params params) {
        final boolean official = params.variant().startsWith("bo_rep-official");
        final int epochs = params.integer("refinement_epochs", 0);
        final BoRepSettings.Refinement refinement = new BoRepSettings.Refinement(
                epochs,
                epochs > 0 ? params.integer("T0", 1) : params.integer("warm", 0),
                params.number("alpha0", params.number("alpha", 1)),
                params.number("R0", Double.POSITIVE_INFINITY));
        return new BoRepSettings(
                params.constant("eta"),
                params.constant("alpha"),
                params.constant("gamma"),
                params.number("beta"),
                params.integer("I"),
                params.integer("N"),
                params.number("R", Double.POSITIVE_INFINITY),
                params.flag("average"),
                BoRepSettings.Sampling.INDEPENDENT,
                refinement,
                official
                        ? new BoRepSettings.Official(true, true, false, true, false, false, false, 1, false, false)
                        : BoRepSettings.Official.NONE);
    }

    /** The truncated Neumann sum of all golden runs. */
    private static NeumannSettings neumann(final Params params) {
        return new NeumannSettings(params.integer("Q"), params.number("etaH"), NeumannSettings.Kind.SUM);
    }

    private static Slip.Settings slip(final Params params) {
        return new Slip.Settings(
                params.constant("eta"),
                params.constant("alpha"),
                params.constant("gamma"),
                params.number("beta"),
                params.integer("warm"),
                BoRepSettings.Sampling.INDEPENDENT,
                Slip.Official.NONE);
    }

    private static Soba.Settings soba(final Params params, final double beta) {
        return new Soba.Settings(
                params.constant("eta"),
                params.constant("alpha"),
                params.constant("gamma"),
                beta,
                BoRepSettings.Sampling.SHARED);
    }

    private static AdamBo.Settings adamBo(final Params params) {
        return new AdamBo.Settings(
                params.constant("eta"),
                params.constant("alpha"),
                params.number("beta1"),
                params.number("beta2"),
                params.number("epsilon"),
                params.integer("warm"),
                neumann(params),
                AdamBo.Official.NONE);
    }

    private static AccBo.Settings accBo(final Params params) {
        return new AccBo.Settings(
                params.constant("eta"),
                params.constant("alpha"),
                params.number("beta"),
                params.number("nesterov"),
                params.number("tau"),
                params.integer("warm"),
                1,
                1,
                false,
                neumann(params),
                AccBo.Official.NONE);
    }

    private static StocBio.Settings stocBio(final Params params, final int lowerSteps) {
        return new StocBio.Settings(
                params.constant("eta"), params.constant("alpha"), lowerSteps, neumann(params), StocBio.Official.NONE);
    }

    /** Without noise STORM's weights do not show: any will do. */
    private static Sustain.Settings sustain(final Params params) {
        final Schedule weight = Schedule.constant(0.3);
        return new Sustain.Settings(params.constant("eta"), params.constant("alpha"), weight, weight, neumann(params));
    }

    private static F2sa.Settings f2sa(final Params params) {
        return new F2sa.Settings(
                params.constant("eta"),
                params.constant("alpha_y"),
                params.constant("alpha"),
                1,
                params.number("lambda"),
                0,
                false,
                false);
    }

    private static Amigo.Settings amigo(final Params params, final boolean conjugate) {
        return new Amigo.Settings(
                params.constant("eta"),
                params.constant("alpha"),
                params.constant("gamma"),
                params.integer("D"),
                params.integer("N"),
                conjugate,
                true);
    }

    private static SubBio.Settings subBio(final Params params) {
        return new SubBio.Settings(params.constant("eta"), params.constant("alpha"), 1, params.number("etaH"));
    }

    private static LancBio.Settings lancBio(final Params params) {
        return new LancBio.Settings(params.constant("eta"), params.constant("alpha"), 1, params.integer("period"));
    }

    private static Bome.Settings bome(final Params params) {
        return new Bome.Settings(
                params.constant("eta"), params.constant("alpha"), params.integer("T"), params.number("phi"));
    }

    private static Itd.Settings itd(final Params params) {
        return new Itd.Settings(params.constant("eta"), params.constant("alpha"), params.integer("D"));
    }
}
