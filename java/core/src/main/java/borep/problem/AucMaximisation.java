package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.model.Initialisation;
import borep.model.Network;
import borep.model.NetworkShape;
import borep.model.Parameters;
import borep.model.Slices;

/**
 * Deep AUC maximisation on imbalanced texts (Ying, Wen, Lyu, NeurIPS 2016; Yuan et al., ICCV 2021; the problem of Gong, Hao, Liu, AccBO,
 * NeurIPS 2024) as a bilevel problem: x = the network that scores a text, with the two means a and b; y = the scalar α. f = F of {@link
 * AucObjective} on validation texts, g = −F on training texts.
 *
 * <p>g is smallest at α* = S / (p (1 − p)), S of {@link AucObjective}. Where both levels have the same texts ∇_y f = 0 there, and the
 * hypergradient is ∇_x f (Danskin).
 *
 * <p>Sweeps: α meets x only through S, so ∇²_xy g·z = −2 z ∇_x S is one plain backward pass, and ∇²_yy g = 2 p (1 − p).
 */
public final class AucMaximisation implements BilevelProblem {
    /** Layout of y. */
    public static final Parameters LOWER_LAYOUT = Parameters.none().with("auc.alpha", 1, 1);

    /** σ(0) */
    private static final double UNDECIDED = 0.5;

    private final Device device;
    private final NetworkShape shape;
    private final double margin;
    private final long seed;
    private final TextLevel upperLevel;
    private final TextLevel lowerLevel;
    private final Partition upperPartition;
    private final Partition lowerPartition;
    private final Level upper;
    private final Level lower;
    private final Parameters upperLayout;
    private final Slices slices;

    /** The network of one level, and the objective over its scores. */
    private record Level(Network network, AucObjective objective) {}

    /** x as the model sees it. */
    private enum Part {
        ENCODER,
        HEAD,
        A,
        B
    }

    /**
     * The problem on {@code device}.
     *
     * @param shape      with one output, the score
     * @param positives  p, the share of class 1 among the training texts, in (0, 1); the public code takes that of the first batch
     * @param margin     c, not negative: 1 in the public code, 0 in Ying et al.
     * @param upperLevel validation texts of two classes, 1 the positive one
     * @param lowerLevel training texts of the same classes
     * @param seed       of the network's starting point
     * @throws IllegalArgumentException if the network has more outputs, a level other classes, or p or c is out of its range
     */
    public AucMaximisation(
            final Device device,
            final NetworkShape shape,
            final double positives,
            final double margin,
            final TextLevel upperLevel,
            final TextLevel lowerLevel,
            final long seed) {
        if (shape.classes() != 1) {
            throw new IllegalArgumentException("network with " + shape.classes() + " outputs: a score is one");
        }
        for (final TextLevel level : new TextLevel[] {upperLevel, lowerLevel}) {
            if (level.set().classes() != 2) {
                throw new IllegalArgumentException("texts of " + level.set().classes()
                        + " classes: the AUC is of two, the negative and the positive");
            }
        }
        this.device = device;
        this.shape = shape;
        this.margin = margin;
        this.upperLevel = upperLevel;
        this.lowerLevel = lowerLevel;
        this.seed = seed;
        upperPartition = new Partition(device, upperLevel.sampler(), upperLevel.batch());
        lowerPartition = new Partition(device, lowerLevel.sampler(), lowerLevel.batch());
        upper = level(newUpperSample(), positives, margin);
        lower = level(newLowerSample(), positives, margin);
        upperLayout = upperLayout(shape);
        final int encoder = shape.encoderParameters().size();
        final int network = shape.parameters().size();
        slices = new Slices(0, encoder, network, network + 1, network + 2);
    }

    private Level level(final TextSample like, final double positives, final double margin) {
        return new Level(
                new Network(device, shape, like.batch()),
                new AucObjective(device, like.batch().size(), positives, margin));
    }

    /** Layout of x for a network of this shape. */
    public static Parameters upperLayout(final NetworkShape shape) {
        return shape.parameters().with("auc.a", 1, 1).with("auc.b", 1, 1);
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Parameters upperLayout() {
        return upperLayout;
    }

    @Override
    public Parameters lowerLayout() {
        return LOWER_LAYOUT;
    }

    /**
     * a = b = ½ and α = c: what fits a network that scores every text 0, as a random one nearly does. From 0 (the public code) a long
     * first step may take all scores to where the sigmoid is flat.
     */
    @Override
    public void initialise(final Reals x, final Reals y) {
        device.kernels().update().fill(x, UNDECIDED);
        Initialisation.uniform(
                shape.parameters(), seed, x.slice(0, shape.parameters().size()));
        device.kernels().update().fill(y, margin);
    }

    @Override
    public TextSample newUpperSample() {
        return new TextSample(device, upperLevel, upperPartition, true);
    }

    @Override
    public TextSample newLowerSample() {
        return new TextSample(device, lowerLevel, lowerPartition, false);
    }

    @Override
    public FiniteSum upperSum() {
        return upperPartition.sum();
    }

    @Override
    public FiniteSum lowerSum() {
        return lowerPartition.sum();
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        first(1, x, y, sample, out);
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        first(-1, x, y, sample, out);
    }

    /** sign · F and its gradients. */
    private void first(final double sign, final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final Level level = forward(x, sample);
        final Reals a = part(x, Part.A);
        final Reals b = part(x, Part.B);
        if (out.value() != null) {
            level.objective.value(a, b, y, out.value());
            device.kernels().update().scale(sign, out.value());
        }
        if (out.gradientX() != null) {
            level.objective.backward(
                    sign,
                    a,
                    b,
                    y,
                    level.network.logitsCotangents().values(),
                    part(out.gradientX(), Part.A),
                    part(out.gradientX(), Part.B));
            backward(level.network, x, out.gradientX());
        }
        if (out.gradientY() != null) {
            level.objective.gradientAlpha(sign, y, out.gradientY());
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        if (out.product() != null) { // 2 p (1 − p) z: the same on every sample
            device.kernels().update().copy(z, out.product());
            device.kernels().update().scale(2 * lower.objective.spread(), out.product());
        }
        if (out.value() == null && out.gradient() == null && out.mixed() == null) {
            return;
        }
        final Level level = forward(x, sample);
        if (out.value() != null) {
            level.objective.value(part(x, Part.A), part(x, Part.B), y, out.value());
            device.kernels().update().scale(-1, out.value());
        }
        if (out.gradient() != null) {
            level.objective.gradientAlpha(-1, y, out.gradient());
        }
        if (out.mixed() != null) {
            level.objective.separationBackward(
                    -2, z, level.network.logitsCotangents().values());
            device.kernels().update().fill(part(out.mixed(), Part.A), 0);
            device.kernels().update().fill(part(out.mixed(), Part.B), 0);
            backward(level.network, x, out.mixed());
        }
    }

    private Level forward(final Reals x, final Sample sample) {
        final TextSample texts = (TextSample) sample;
        final Level level = texts.isUpper() ? upper : lower;
        level.network.encode(part(x, Part.ENCODER), texts.batch());
        level.network.score(part(x, Part.HEAD), texts.batch());
        level.objective.forward(level.network.logits().values(), texts.batch().labels(), texts.mean());
        return level;
    }

    /** Writes the network's share of a gradient, from the scores' cotangents. */
    private void backward(final Network network, final Reals x, final Reals gradient) {
        device.kernels().update().fill(part(gradient, Part.ENCODER), 0);
        device.kernels().update().fill(part(gradient, Part.HEAD), 0);
        network.backwardLogits(part(x, Part.HEAD), part(gradient, Part.HEAD), true);
        network.backwardEncoder(part(x, Part.ENCODER), part(gradient, Part.ENCODER));
    }

    private Reals part(final Reals whole, final Part part) {
        return slices.part(whole, part.ordinal());
    }
}
