package borep.cli;

import borep.data.DataException;
import borep.solver.Solvers;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code borep solvers}: what there is, and the settings of one. */
@Command(
        name = "solvers",
        mixinStandardHelpOptions = true,
        description =
                "Lists the solvers: paper, problems that it is for, oracle calls by theory and in an iteration; with NAME its settings.")
public final class SolversCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A solver.")
    private String name;

    @Option(names = "--json", description = "One JSON array on standard output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (name != null && !Solvers.exists(name)) {
            throw new DataException("solver '" + name + "': unknown; 'borep solvers' lists all");
        }
        final List<Solvers.Kind> kinds = name == null ? Solvers.kinds() : List.of(Solvers.kind(name));
        final PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(kinds));
        } else {
            kinds.forEach(kind -> print(kind, out));
        }
        out.flush();
        return 0;
    }

    private void print(final Solvers.Kind kind, final PrintWriter out) {
        out.printf("%-10s %s%n", kind.name(), kind.paper());
        out.printf("%-10s for: %s%n%-10s calls to ‖∇Φ‖ ≤ ε: %s%n", "", kind.problems(), "", kind.calls());
        out.printf("%-10s an iteration: %s%n", "", kind.oracles());
        if (name != null) {
            kind.settings().forEach((setting, value) -> out.printf("    %-24s %s%n", setting, value));
        }
    }

    private static ArrayNode json(final List<Solvers.Kind> kinds) {
        final ArrayNode all = new ObjectMapper().createArrayNode();
        for (final Solvers.Kind kind : kinds) {
            final ObjectNode node = all.addObject()
                    .put("name", kind.name())
                    .put("paper", kind.paper())
                    .put("problems", kind.problems())
                    .put("calls", kind.calls())
                    .put("oracles", kind.oracles());
            final ObjectNode settings = node.putObject("settings");
            kind.settings().forEach(settings::put);
        }
        return all;
    }
}
