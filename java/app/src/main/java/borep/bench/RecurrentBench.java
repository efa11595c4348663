package borep.bench;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Kernels;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import borep.kernel.Sequences;

/**
 * Stacked recurrent layers under the loss L = ½ Σ w ⊙ h ⊙ h of the top layer's states, w random: cotangents w ⊙ h, their
 * tangents w ⊙ R{h}. A loss with curvature makes every sweep do what it does in a model, and no head or embedding blurs the
 * comparison of the recurrent kernels; bench/peers/recurrent.py is the same work in PyTorch.
 */
public final class RecurrentBench {
    private static final int WEIGHTS = 11;
    private static final int DIRECTION = 12;
    private static final int COTANGENTS = 13;

    private final Kernels kernels;
    private final Size size;
    private final int[] lengths;
    private final int rows;
    private final Packing packing;
    private final Rows input;
    private final Layer[] layers;
    private final Reals curvature;

    /** What is timed. */
    public enum Pass {
        /** states only */
        FORWARD,
        /** forward and backward: the parameters' gradient */
        GRADIENT,
        /** all four sweeps: gradient and Hessian-vector product */
        HVP
    }

    /**
     * The shape of the work.
     *
     * @param ragged whether lengths are uniform in 5 … steps instead of all equal
     * @param words  how many different vectors the texts are made of; 0: no two are the same
     */
    public record Size(
            Recurrent.Cell cell, int layers, int input, int hidden, int steps, int batch, boolean ragged, int words) {}

    /** One layer with everything its sweeps read and write. */
    private record Layer(
            Recurrent.Tape tape,
            Reals weights,
            Reals direction,
            Reals gradient,
            Reals product,
            Rows output,
            Rows cotangent,
            Rows tangent,
            Rows cotangentTangent) {}

    /** Random data, packed once; packing of the weights is part of every sweep. */
    public RecurrentBench(final Device device, final Size size, final long seed) {
        this.kernels = device.kernels();
        this.size = size;
        lengths = RandomTexts.lengths(size.batch(), size.steps(), size.ragged(), seed);
        final Sequences sequences = RandomTexts.sequences(device, lengths, size.words(), size.input(), seed);
        rows = sequences.tokens().size();
        packing = Packing.allocate(device, size.batch(), size.steps());
        input = Rows.of(device.reals(rows * size.input()), size.input());
        final int[] all = new int[size.batch()];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
        }
        final Ints indices = RandomTexts.ints(device, all);
        kernels.batch().pack(sequences, indices, packing, input);
        layers = new Layer[size.layers()];
        for (int l = 0; l < layers.length; l++) {
            layers[l] = layer(device, l, seed + l);
        }
        curvature = RandomTexts.normal(device, rows * size.hidden(), 1, seed, COTANGENTS);
    }

    private Recurrent.Shape shape(final int layer) {
        return new Recurrent.Shape(size.cell(), layer == 0 ? size.input() : size.hidden(), size.hidden(), false);
    }

    private Layer layer(final Device device, final int l, final long seed) {
        final Recurrent.Shape shape = shape(l);
        final double deviation = 1 / Math.sqrt(3.0 * size.hidden()); // that of PyTorch's uniform initialisation
        return new Layer(
                kernels.recurrent().tape(shape, rows, size.batch()),
                RandomTexts.normal(device, shape.parameters(), deviation, seed, WEIGHTS),
                RandomTexts.normal(device, shape.parameters(), deviation, seed, DIRECTION),
                device.reals(shape.parameters()),
                device.reals(shape.parameters()),
                states(device),
                states(device),
                states(device),
                states(device));
    }

    private Rows states(final Device device) {
        return Rows.of(device.reals(Math.multiplyExact(rows, size.hidden())), size.hidden());
    }

    /** Rows R of the batch: the sum of the lengths. */
    public int rows() {
        return rows;
    }

    /** [layer] ∇L of the last pass, laid out as {@link Recurrent} says. */
    Reals gradient(final int layer) {
        return layers[layer].gradient;
    }

    /** [layer] ∇²L·v of the last pass. */
    Reals product(final int layer) {
        return layers[layer].product;
    }

    /** [layer] weights and direction, for those who check the products. */
    Reals weights(final int layer) {
        return layers[layer].weights;
    }

    Reals direction(final int layer) {
        return layers[layer].direction;
    }

    /** Multiplications and additions of one pass, were no two rows of the input the same. */
    public long flops(final Pass pass) {
        long flops = 0;
        for (int l = 0; l < layers.length; l++) {
            final boolean above = l > 0;
            final Flops layer = Flops.of(shape(l), lengths);
            flops += layer.forward();
            flops += pass == Pass.FORWARD ? 0 : layer.backward(true, above);
            flops += pass == Pass.HVP
                    ? layer.tangentForward(true, above) + layer.tangentBackward(true, above, true, above)
                    : 0;
        }
        return flops;
    }

    /** Does the work once. */
    public void run(final Pass pass) {
        forward();
        if (pass != Pass.FORWARD) {
            backward();
        }
        if (pass == Pass.HVP) {
            tangentForward();
            tangentBackward();
        }
    }

    /** Waits for a device that works ahead of the host. */
    public void await() {
        layers[layers.length - 1].output.values().get(0);
    }

    private void forward() {
        Rows below = input;
        for (final Layer layer : layers) {
            kernels.recurrent().forward(layer.tape, packing, layer.weights, below, layer.output);
            below = layer.output;
        }
    }

    private void backward() {
        final Layer top = layers[layers.length - 1];
        kernels.update().multiply(curvature, top.output.values(), top.cotangent.values());
        for (int l = layers.length - 1; l >= 0; l--) {
            final Layer layer = layers[l];
            final Rows below = l == 0 ? null : layers[l - 1].cotangent;
            clear(layer.gradient, below);
            kernels.recurrent().backward(layer.tape, layer.weights, layer.cotangent, layer.gradient, below);
        }
    }

    private void tangentForward() {
        Rows below = null;
        for (final Layer layer : layers) {
            kernels.recurrent().tangentForward(layer.tape, layer.weights, layer.direction, below, layer.tangent);
            below = layer.tangent;
        }
    }

    private void tangentBackward() {
        final Layer top = layers[layers.length - 1];
        kernels.update().multiply(curvature, top.tangent.values(), top.cotangentTangent.values());
        for (int l = layers.length - 1; l >= 0; l--) {
            final Layer layer = layers[l];
            final Rows below = l == 0 ? null : layers[l - 1].cotangentTangent;
            clear(layer.product, below);
            kernels.recurrent()
                    .tangentBackward(
                            layer.tape, layer.weights, layer.direction, layer.cotangentTangent, layer.product, below);
        }
    }

    private void clear(final Reals parameters, final Rows below) {
        kernels.update().fill(parameters, 0);
        if (below != null) {
            kernels.update().fill(below.values(), 0);
        }
    }
}
