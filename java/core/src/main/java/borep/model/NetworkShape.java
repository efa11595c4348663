package borep.model;

import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import java.util.ArrayList;
import java.util.List;

/**
 * Sizes of a text model: word vectors → recurrent encoder → pooling → head → class logits.
 *
 * @param cell          LSTM or tanh RNN
 * @param layers        stacked layers, at least 1
 * @param bidirectional whether every layer also reads from the end; doubles the features
 * @param input         length of a word vector, at least 1
 * @param hidden        hidden units per direction, at least 1
 * @param pool          how steps become one vector
 * @param pair          whether a sample is a pair of texts, whose features are (u, v, |u − v|, u ⊙ v)
 * @param head          widths of the head's hidden layers, none for a linear head
 * @param tanh          whether tanh stands between the head's layers
 * @param classes       number of classes; 1 for a score without a softmax
 */
public record NetworkShape(
        Recurrent.Cell cell,
        int layers,
        boolean bidirectional,
        int input,
        int hidden,
        Pooling.Mode pool,
        boolean pair,
        List<Integer> head,
        boolean tanh,
        int classes) {
    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if one is below 1
     */
    public NetworkShape {
        require("layers", layers, 1);
        require("input size", input, 1);
        require("hidden size", hidden, 1);
        require("classes", classes, 1);
        head = List.copyOf(head);
        for (final int width : head) {
            require("head width", width, 1);
        }
    }

    /** The same network with so many outputs. */
    public NetworkShape withClasses(final int number) {
        return new NetworkShape(cell, layers, bidirectional, input, hidden, pool, pair, head, tanh, number);
    }

    private static void require(final String name, final int value, final int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " " + value + ": must be at least " + least);
        }
    }

    /** 2 if bidirectional, else 1. */
    public int directions() {
        return bidirectional ? 2 : 1;
    }

    /** Width of the encoder's rows: hidden units of both directions. */
    public int rowWidth() {
        return directions() * hidden;
    }

    /** Width of the features that enter the head. */
    public int featureWidth() {
        return (pair ? 4 : 1) * rowWidth();
    }

    /** Sizes of one direction of one layer, layers counted from 0. */
    public Recurrent.Shape layer(final int layer, final boolean reverse) {
        return new Recurrent.Shape(cell, layer == 0 ? input : rowWidth(), hidden, reverse);
    }

    /** Widths along the head: features, hidden layers, classes. */
    public List<Integer> headWidths() {
        final List<Integer> widths = new ArrayList<>();
        widths.add(featureWidth());
        widths.addAll(head);
        widths.add(classes);
        return widths;
    }

    /** The encoder's tensors, named as {@code nn.LSTM} or {@code nn.RNN} in an attribute {@code encoder}. */
    public Parameters encoderParameters() {
        Parameters all = Parameters.none();
        for (int layer = 0; layer < layers; layer++) {
            for (int direction = 0; direction < directions(); direction++) {
                final Recurrent.Shape shape = layer(layer, direction == 1);
                final String suffix = "_l" + layer + (direction == 1 ? "_reverse" : "");
                all = all.with("encoder.weight_ih" + suffix, hidden, shape.gateRows(), shape.input())
                        .with("encoder.weight_hh" + suffix, hidden, shape.gateRows(), hidden)
                        .with("encoder.bias_ih" + suffix, hidden, shape.gateRows())
                        .with("encoder.bias_hh" + suffix, hidden, shape.gateRows());
            }
        }
        return all;
    }

    /**
     * The head's tensors, named as {@code nn.Linear} modules in an {@code nn.Sequential} in an attribute {@code head}: with
     * tanh between the layers every second module has parameters.
     */
    public Parameters headParameters() {
        Parameters all = Parameters.none();
        final List<Integer> widths = headWidths();
        for (int layer = 0; layer + 1 < widths.size(); layer++) {
            final String name = "head." + layer * (tanh ? 2 : 1);
            final int from = widths.get(layer);
            final int to = widths.get(layer + 1);
            all = all.with(name + ".weight", from, to, from).with(name + ".bias", from, to);
        }
        return all;
    }

    /** All tensors: encoder, then head. */
    public Parameters parameters() {
        return encoderParameters().with(headParameters());
    }
}
