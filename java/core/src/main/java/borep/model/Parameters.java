package borep.model;

import java.util.ArrayList;
import java.util.List;

/**
 * How the named tensors of a model lie in one flat vector: in PyTorch's order and under its state-dict names, each row-major.
 * Immutable.
 */
public final class Parameters {
    /**
     * One tensor.
     *
     * @param name   PyTorch's name, for example {@code encoder.weight_ih_l0}
     * @param shape  its dimensions
     * @param offset where it begins in the flat vector
     * @param size   product of the dimensions
     * @param fan    number of inputs of the unit it belongs to; PyTorch initialises uniformly in ±1/√fan
     */
    public record Entry(String name, List<Integer> shape, int offset, int size, int fan) {}

    private final List<Entry> entries;
    private final int size;

    private Parameters(final List<Entry> entries, final int size) {
        this.entries = List.copyOf(entries);
        this.size = size;
    }

    /** No tensors. */
    public static Parameters none() {
        return new Parameters(List.of(), 0);
    }

    /** These tensors and one more behind them. */
    public Parameters with(final String name, final int fan, final Integer... shape) {
        long elements = 1;
        for (final int dimension : shape) {
            elements *= dimension;
        }
        final List<Entry> longer = new ArrayList<>(entries);
        longer.add(new Entry(name, List.of(shape), size, Math.toIntExact(elements), fan));
        return new Parameters(longer, Math.toIntExact(size + elements));
    }

    /** These tensors and those of {@code other} behind them. */
    public Parameters with(final Parameters other) {
        Parameters all = this;
        for (final Entry entry : other.entries) {
            all = all.with(entry.name(), entry.fan(), entry.shape().toArray(Integer[]::new));
        }
        return all;
    }

    /** The tensors in order. */
    public List<Entry> entries() {
        return entries;
    }

    /** Length of the flat vector. */
    public int size() {
        return size;
    }
}
