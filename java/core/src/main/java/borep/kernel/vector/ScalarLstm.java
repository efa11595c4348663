package borep.kernel.vector;

/**
 * The LSTM's element-wise parts, number by number, in the same layout as with vectors: blocks of {@link Gemm#lanes}
 * units.
 */
final class ScalarLstm implements Cells {
    private final int lanes;

    ScalarLstm(final int lanes) {
        this.lanes = lanes;
    }

    /** Where the input gate of unit n lies in a row of gates; f, g and o follow {@code lanes} apart. */
    private int place(final int n) {
        return n / lanes * 4 * lanes + n % lanes;
    }

    private static float sigmoid(final float a) {
        return (float) (1 / (1 + Math.exp(-a)));
    }

    @Override
    public void forward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final int previous = walk.startOrZero(walk.before(step));
        final int next = walk.startOrZero(walk.after(step));
        final int units = tape.units;
        final float[] gates = tape.gates.values;
        final float[] bias = tape.bias;
        for (int r = share.first(end); r < end; r++) {
            final int row = walk.start(step) + r;
            final int at = row * units;
            final boolean old = r < walk.continued(step);
            final int outputAt = tape.output.row(row);
            for (int n = from; n < to; n++) {
                final int b = place(n);
                final int z = 4 * at + b;
                final float i = sigmoid(gates[z] + bias[b]);
                final float f = sigmoid(gates[z + lanes] + bias[b + lanes]);
                final float g = (float) Math.tanh(gates[z + 2 * lanes] + bias[b + 2 * lanes]);
                final float o = sigmoid(gates[z + 3 * lanes] + bias[b + 3 * lanes]);
                final float c = f * (old ? tape.cells[(previous + r) * units + n] : 0) + i * g;
                final float tau = (float) Math.tanh(c);
                gates[z] = i;
                gates[z + lanes] = f;
                gates[z + 2 * lanes] = g;
                gates[z + 3 * lanes] = o;
                tape.cells[at + n] = c;
                tape.squashed[at + n] = tau;
                tape.output.values[outputAt + n] = o * tau;
            }
            if (r < walk.continuing(step)) {
                System.arraycopy(
                        tape.output.values, outputAt + from, tape.before.values, (next + r) * units + from, to - from);
            }
        }
    }

    @Override
    public void backward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final int previous = walk.startOrZero(walk.before(step));
        final int units = tape.units;
        final float[] gates = tape.gates.values;
        final float[] cotangents = tape.gateCotangents.values;
        for (int r = share.first(end); r < end; r++) {
            final int row = walk.start(step) + r;
            final int at = row * units;
            final int carryAt = r * units;
            final boolean old = r < walk.continued(step);
            final boolean handed = r < walk.continuing(step);
            final int outputAt = tape.outputCotangent.row(row);
            for (int n = from; n < to; n++) {
                final int z = 4 * at + place(n);
                final float i = gates[z];
                final float f = gates[z + lanes];
                final float g = gates[z + 2 * lanes];
                final float o = gates[z + 3 * lanes];
                final float tau = tape.squashed[at + n];
                final float c = old ? tape.cells[(previous + r) * units + n] : 0;
                final float u =
                        tape.outputCotangent.values[outputAt + n] + (handed ? tape.hiddenCarry.values[carryAt + n] : 0);
                final float q = u * o * (1 - tau * tau) + (handed ? tape.cellCarry[carryAt + n] : 0);
                tape.hiddenCotangents[at + n] = u;
                tape.cellCotangents[at + n] = q;
                cotangents[z] = q * g * i * (1 - i);
                cotangents[z + lanes] = q * c * f * (1 - f);
                cotangents[z + 2 * lanes] = q * i * (1 - g * g);
                cotangents[z + 3 * lanes] = u * tau * o * (1 - o);
                tape.cellCarry[carryAt + n] = q * f;
            }
        }
    }

    @Override
    public void tangentForward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final RecurrentTangents tangents = tape.tangents;
        final int previous = walk.startOrZero(walk.before(step));
        final int next = walk.startOrZero(walk.after(step));
        final int units = tape.units;
        final float[] gates = tape.gates.values;
        final float[] moved = tangents.gates.values;
        final float[] bias = tangents.bias;
        for (int r = share.first(end); r < end; r++) {
            final int row = walk.start(step) + r;
            final int at = row * units;
            final boolean old = r < walk.continued(step);
            final int outputAt = tangents.output.row(row);
            for (int n = from; n < to; n++) {
                final int b = place(n);
                final int z = 4 * at + b;
                final int oldAt = (previous + r) * units + n;
                final float i = gates[z];
                final float f = gates[z + lanes];
                final float g = gates[z + 2 * lanes];
                final float o = gates[z + 3 * lanes];
                final float tau = tape.squashed[at + n];
                final float ri = (moved[z] + bias[b]) * i * (1 - i);
                final float rf = (moved[z + lanes] + bias[b + lanes]) * f * (1 - f);
                final float rg = (moved[z + 2 * lanes] + bias[b + 2 * lanes]) * (1 - g * g);
                final float ro = (moved[z + 3 * lanes] + bias[b + 3 * lanes]) * o * (1 - o);
                final float rc = (old ? rf * tape.cells[oldAt] + f * tangents.cells[oldAt] : 0) + ri * g + i * rg;
                moved[z] = ri;
                moved[z + lanes] = rf;
                moved[z + 2 * lanes] = rg;
                moved[z + 3 * lanes] = ro;
                tangents.cells[at + n] = rc;
                tangents.output.values[outputAt + n] = ro * tau + o * (1 - tau * tau) * rc;
            }
            if (r < walk.continuing(step)) {
                System.arraycopy(
                        tangents.output.values,
                        outputAt + from,
                        tangents.before.values,
                        (next + r) * units + from,
                        to - from);
            }
        }
    }

    @Override
    public void tangentBackward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final RecurrentTangents tangents = tape.tangents;
        final int previous = walk.startOrZero(walk.before(step));
        final int next = walk.startOrZero(walk.after(step));
        final int units = tape.units;
        final float[] gates = tape.gates.values;
        final float[] moved = tangents.gates.values;
        final float[] cotangents = tangents.gateCotangents.values;
        for (int r = share.first(end); r < end; r++) {
            final int row = walk.start(step) + r;
            final int at = row * units;
            final int carryAt = r * units;
            final boolean old = r < walk.continued(step);
            final boolean handed = r < walk.continuing(step);
            final int outputAt = tangents.outputCotangent.row(row);
            for (int n = from; n < to; n++) {
                final int z = 4 * at + place(n);
                final int oldAt = (previous + r) * units + n;
                final float i = gates[z];
                final float f = gates[z + lanes];
                final float g = gates[z + 2 * lanes];
                final float o = gates[z + 3 * lanes];
                final float ri = moved[z];
                final float rf = moved[z + lanes];
                final float rg = moved[z + 2 * lanes];
                final float ro = moved[z + 3 * lanes];
                final float tau = tape.squashed[at + n];
                final float u = tape.hiddenCotangents[at + n];
                final float q = tape.cellCotangents[at + n];
                final float c = old ? tape.cells[oldAt] : 0;
                final float rc = old ? tangents.cells[oldAt] : 0;
                final float slope = 1 - tau * tau;
                final float rtau = slope * tangents.cells[at + n];
                final float ru = tangents.outputCotangent.values[outputAt + n]
                        + (handed ? tangents.back.values[(next + r) * units + n] : 0);
                final float rq = (handed ? tangents.cellCarry[carryAt + n] : 0)
                        + (ru * o + u * ro) * slope
                        - 2 * u * o * tau * rtau;
                cotangents[z] = (rq * g + q * rg) * i * (1 - i) + q * g * (1 - 2 * i) * ri;
                cotangents[z + lanes] = (rq * c + q * rc) * f * (1 - f) + q * c * (1 - 2 * f) * rf;
                cotangents[z + 2 * lanes] = (rq * i + q * ri) * (1 - g * g) - 2 * q * i * g * rg;
                cotangents[z + 3 * lanes] = (ru * tau + u * rtau) * o * (1 - o) + u * tau * (1 - 2 * o) * ro;
                tangents.cellCarry[carryAt + n] = rq * f + q * rf;
            }
        }
    }
}
