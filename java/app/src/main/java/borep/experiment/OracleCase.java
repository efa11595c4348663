package borep.experiment;

import borep.data.DataException;
import borep.data.Safetensors;
import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.kernel.Sequences;
import borep.model.NetworkShape;
import borep.model.Parameters;
import borep.model.TextSet;
import borep.problem.FirstOrder;
import borep.problem.HyperCleaning;
import borep.problem.HyperRepresentation;
import borep.problem.HyperparameterOptimisation;
import borep.problem.Regularisation;
import borep.problem.Sampler;
import borep.problem.SecondOrder;
import borep.problem.TextLevel;
import borep.problem.TextProblem;
import borep.problem.TextSample;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** A golden oracle case ({@code borep-golden-oracle/1}): builds its problem and compares every oracle with the file. */
final class OracleCase {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final Safetensors file;
    private final JsonNode config;
    private final Device device;
    private final SequencedMap<String, Double> errors = new LinkedHashMap<>();

    OracleCase(final Path path, final Safetensors file, final Device device) {
        this.path = path;
        this.file = file;
        this.device = device;
        try {
            config = JSON.readTree(file.metadata().getOrDefault("config", "{}"));
        } catch (JsonProcessingException e) {
            throw new DataException(path + ": metadata 'config' is not JSON: " + e.getOriginalMessage());
        }
    }

    /** Relative error of every result by name. */
    SequencedMap<String, Double> check() {
        final NetworkShape shape = shape();
        final int upperCount = labels("upper").length;
        final int lowerCount = labels("lower").length;
        final boolean cleaning = problemName().equals("hyper_cleaning");
        final int[] lowerIndex = cleaning ? file.tensor("lower.index").toInts() : identity(lowerCount);
        final int lowerSize = cleaning ? file.tensor("x.sample_logits").size() : lowerCount;
        final TextLevel upper = level(textSet(shape, "upper", identity(upperCount), upperCount), upperCount);
        final TextLevel lower = level(textSet(shape, "lower", lowerIndex, lowerSize), lowerCount);
        final TextProblem problem = problem(shape, upper, lower);
        final Reals x = vector(problem.upperLayout());
        final Reals y = vector(problem.lowerLayout());
        final Reals z = device.reals(problem.lowerSize());
        z.set(file.tensor("z").toDoubles());
        final TextSample upperSample = problem.newUpperSample();
        upperSample.select(identity(upperCount));
        final TextSample lowerSample = problem.newLowerSample();
        lowerSample.select(lowerIndex);
        problem.upperChanged();

        final FirstOrder f =
                new FirstOrder(device.reals(1), device.reals(problem.upperSize()), device.reals(problem.lowerSize()));
        problem.upper(x, y, upperSample, f);
        forwardValues("upper", problem, upperSample);
        final FirstOrder g = new FirstOrder(device.reals(1), null, device.reals(problem.lowerSize()));
        problem.lower(x, y, lowerSample, g);
        forwardValues("lower", problem, lowerSample);
        final SecondOrder along =
                new SecondOrder(null, null, device.reals(problem.lowerSize()), device.reals(problem.upperSize()));
        problem.lowerAlong(x, y, z, lowerSample, along);
        compare("f", f.value());
        compare("g", g.value());
        compare("f.grad_x", f.gradientX());
        compare("f.grad_y", f.gradientY());
        compare("g.grad_y", g.gradientY());
        compare("g.hvp_yy", along.product());
        compare("g.jvp_xy", along.mixed());
        return errors;
    }

    private void forwardValues(final String side, final TextProblem problem, final TextSample sample) {
        compare(side + ".features", problem.network(sample).features().values());
        compare(side + ".logits", problem.network(sample).logits().values());
        compare(side + ".losses", problem.network(sample).losses());
    }

    private void compare(final String name, final Reals out) {
        final double[] reference = file.tensor(name).toDoubles();
        if (reference.length != out.size()) {
            throw new DataException(
                    path + ": tensor '" + name + "' has " + reference.length + " numbers, expected " + out.size());
        }
        errors.put(name, Verification.relativeError(out.toDoubles(), reference));
    }

    private String problemName() {
        return text("problem");
    }

    private String text(final String key) {
        if (!config.hasNonNull(key)) {
            throw new DataException(path + ": config has no '" + key + "'");
        }
        return config.get(key).asText();
    }

    private NetworkShape shape() {
        final List<Integer> head = new ArrayList<>();
        config.path("head").forEach(width -> head.add(width.asInt()));
        final Recurrent.Cell cell = switch (text("cell")) {
            case "lstm" -> Recurrent.Cell.LSTM;
            case "rnn_tanh" -> Recurrent.Cell.TANH_RNN;
            default -> throw new DataException(path + ": cell '" + text("cell") + "': must be lstm or rnn_tanh");
        };
        return new NetworkShape(
                cell,
                Integer.parseInt(text("layers")),
                Boolean.parseBoolean(text("bidirectional")),
                Integer.parseInt(text("input")),
                Integer.parseInt(text("hidden")),
                Pooling.Mode.valueOf(text("pool").toUpperCase(Locale.ROOT)),
                Boolean.parseBoolean(text("pair")),
                head,
                text("activation").equals("tanh"),
                Integer.parseInt(text("classes")));
    }

    private TextProblem problem(final NetworkShape shape, final TextLevel upper, final TextLevel lower) {
        final Loss.Regulariser kind =
                Loss.Regulariser.valueOf(text("regulariser").toUpperCase(Locale.ROOT));
        final Regularisation regularisation = new Regularisation(kind, Double.parseDouble(text("coefficient")));
        return switch (problemName()) {
            case "hyper_representation" -> new HyperRepresentation(device, shape, regularisation, upper, lower, 0);
            case "hyper_cleaning" -> new HyperCleaning(device, shape, regularisation, 0, upper, lower, 0);
            case "hyperparameter" ->
                new HyperparameterOptimisation(
                        device,
                        shape,
                        kind,
                        new HyperparameterOptimisation.Start(HyperparameterOptimisation.Coefficient.LINEAR, 0),
                        upper,
                        lower,
                        0);
            default ->
                throw new DataException(path + ": problem '" + problemName()
                        + "': must be hyper_representation, hyperparameter or hyper_cleaning");
        };
    }

    /** Samples are chosen by hand, so nothing is ever drawn. */
    private TextLevel level(final TextSet set, final int batch) {
        final Sampler none = new Sampler() {
            @Override
            public void draw(final Counter step, final int purpose, final int lane, final Ints indices) {
                throw new IllegalStateException("a golden case has one batch");
            }

            @Override
            public boolean repeats(final int size) {
                return false;
            }
        };
        return new TextLevel(set, none, batch);
    }

    private int[] labels(final String side) {
        return file.tensor(side + ".labels").toInts();
    }

    /** The padded sequences [T, B, I] as a table of T·B vectors; sample {@code places[b]} of {@code size} is column b. */
    private TextSet textSet(final NetworkShape shape, final String side, final int[] places, final int size) {
        final int[] labels = new int[size];
        final int[] given = labels(side);
        for (int b = 0; b < places.length; b++) {
            labels[places[b]] = given[b];
        }
        final Sequences second = shape.pair() ? sequences(shape, side, "2", places, size) : null;
        return new TextSet(sequences(shape, side, "1", places, size), second, ints(labels), shape.classes());
    }

    private Sequences sequences(
            final NetworkShape shape, final String side, final String which, final int[] places, final int size) {
        final Safetensors.Tensor padded = file.tensor(side + ".s" + which);
        final int[] lengths = file.tensor(side + ".len" + which).toInts();
        final int batch = lengths.length;
        final int[] allLengths = new int[size];
        for (int b = 0; b < batch; b++) {
            allLengths[places[b]] = lengths[b];
        }
        final int[] starts = new int[size];
        for (int i = 1; i < size; i++) {
            starts[i] = starts[i - 1] + allLengths[i - 1];
        }
        final int[] tokens = new int[Arrays.stream(allLengths).sum()];
        for (int b = 0; b < batch; b++) {
            for (int t = 0; t < lengths[b]; t++) {
                tokens[starts[places[b]] + t] = t * batch + b;
            }
        }
        final Reals table = device.reals(padded.size());
        table.set(padded.toDoubles());
        return new Sequences(ints(tokens), ints(starts), ints(allLengths), table, shape.input());
    }

    private Reals vector(final Parameters layout) {
        final double[] values = new double[layout.size()];
        for (final Parameters.Entry entry : layout.entries()) {
            final String name = switch (entry.name()) {
                case "sample_logits", "coefficient" -> "x." + entry.name();
                default -> "param." + entry.name();
            };
            final double[] tensor = file.tensor(name).toDoubles();
            if (tensor.length != entry.size()) {
                throw new DataException(path + ": tensor '" + name + "' has " + tensor.length + " numbers, expected "
                        + entry.size() + " for shape " + entry.shape());
            }
            System.arraycopy(tensor, 0, values, entry.offset(), tensor.length);
        }
        final Reals vector = device.reals(values.length);
        vector.set(values);
        return vector;
    }

    private Ints ints(final int[] values) {
        final Ints ints = device.ints(values.length);
        ints.set(values);
        return ints;
    }

    private static int[] identity(final int count) {
        return IntStream.range(0, count).toArray();
    }
}
