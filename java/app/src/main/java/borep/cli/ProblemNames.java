package borep.cli;

import borep.experiment.Experiments;
import java.util.Iterator;

/** The problems, for {@code --help}. */
final class ProblemNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Experiments.names().iterator();
    }
}
