package borep.cli;

import borep.data.BuiltIn;
import borep.data.Catalogue;
import borep.data.DataSpec;
import borep.data.EmbeddedBuild;
import borep.data.Fetcher;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code borep data}: the data sets that come with the program or can be fetched. */
@Command(name = "data", description = "Lists and fetches data sets.", mixinStandardHelpOptions = true)
public final class DataCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a subcommand is missing: list, fetch");
    }

    @Command(
            name = "list",
            description = "Lists the known data sets and the formats of files.",
            mixinStandardHelpOptions = true)
    int list() {
        final PrintWriter out = spec.commandLine().getOut();
        out.println("Data sets that come with the program (--data NAME):");
        for (final String name : BuiltIn.names()) {
            out.printf("  %-24s %s%n", name, BuiltIn.summary(name));
        }
        out.println("Word vectors that come with the program (--embeddings NAME):");
        out.printf("  %-24s %s%n", BuiltIn.VECTORS, "25,945 English words of width 100, made from GloVe");
        out.println("To be fetched once (borep data fetch NAME):");
        for (final Catalogue.Entry entry : Catalogue.entries()) {
            out.printf(
                    Locale.ROOT,
                    "  %-24s %s (%s; %s, %.1f MB; %s)%n",
                    entry.name(),
                    entry.what(),
                    entry.licence(),
                    entry.client().name().toLowerCase(Locale.ROOT),
                    entry.bytes() / 1e6,
                    Catalogue.isFetched(entry) ? "fetched" : "not fetched");
        }
        out.println("Your own files, plain or .gz (--data PATH[,key=value...]; the format is recognised, format=NAME"
                + " forces it):");
        DataSpec.formats().forEach((name, summary) -> out.printf("  %-24s %s%n", name, summary));
        out.println("Samples of numbers, for problems with linear models, which take texts as bags of words too:");
        DataSpec.sampleFormats().forEach((name, summary) -> out.printf("  %-24s %s%n", name, summary));
        out.println("LIBSVM's own sets (a9a, news20 and others) come in no package; take them from its site and give"
                + " their path.");
        out.println("Fetched sets are kept in " + Catalogue.cache());
        out.flush();
        return 0;
    }

    @Command(
            name = "fetch",
            description = "Brings data sets into the cache and verifies them.",
            mixinStandardHelpOptions = true)
    int fetch(
            @Parameters(paramLabel = "NAME", arity = "1..*", description = "Names that 'borep data list' shows.")
                    final List<String> names) {
        final PrintWriter out = spec.commandLine().getOut();
        final Fetcher fetcher = new Fetcher(Catalogue.cache(), line -> {
            out.println(line);
            out.flush();
        });
        final List<Catalogue.Entry> entries =
                names.stream().map(Catalogue::entry).toList();
        entries.forEach(fetcher::fetch);
        return 0;
    }

    @Command(
            name = "rebuild",
            hidden = true,
            description = "Makes the embedded data again.",
            mixinStandardHelpOptions = true)
    int rebuild(
            @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder to write to.")
                    final Path folder) {
        EmbeddedBuild.build(folder);
        return 0;
    }
}
