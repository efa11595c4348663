package borep.kernel.vector;

/** The tanh RNN's element-wise parts, number by number. */
final class ScalarTanhRnn implements Cells {
    @Override
    public void forward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final int start = walk.start(step);
        final int next = walk.startOrZero(walk.after(step));
        final float[] gates = tape.gates.values;
        for (int r = share.first(end); r < end; r++) {
            final int at = (start + r) * tape.units;
            final int outputAt = tape.output.row(start + r);
            for (int n = from; n < to; n++) {
                gates[at + n] = (float) Math.tanh(gates[at + n] + tape.bias[n]);
            }
            System.arraycopy(gates, at + from, tape.output.values, outputAt + from, to - from);
            if (r < walk.continuing(step)) {
                System.arraycopy(gates, at + from, tape.before.values, (next + r) * tape.units + from, to - from);
            }
        }
    }

    @Override
    public void backward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final int start = walk.start(step);
        final int continuing = walk.continuing(step);
        for (int r = share.first(end); r < end; r++) {
            final int at = (start + r) * tape.units;
            final int outputAt = tape.outputCotangent.row(start + r);
            final float[] carry = r < continuing ? tape.hiddenCarry.values : tape.zeros;
            final int carryAt = r < continuing ? r * tape.units : 0;
            for (int n = from; n < to; n++) {
                final float h = tape.gates.values[at + n];
                final float u = tape.outputCotangent.values[outputAt + n] + carry[carryAt + n];
                tape.hiddenCotangents[at + n] = u;
                tape.gateCotangents.values[at + n] = u * (1 - h * h);
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
        final int start = walk.start(step);
        final int next = walk.startOrZero(walk.after(step));
        final float[] moved = tangents.gates.values;
        for (int r = share.first(end); r < end; r++) {
            final int at = (start + r) * tape.units;
            for (int n = from; n < to; n++) {
                final float h = tape.gates.values[at + n];
                moved[at + n] = (moved[at + n] + tangents.bias[n]) * (1 - h * h);
            }
            System.arraycopy(
                    moved, at + from, tangents.output.values, tangents.output.row(start + r) + from, to - from);
            if (r < walk.continuing(step)) {
                System.arraycopy(moved, at + from, tangents.before.values, (next + r) * tape.units + from, to - from);
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
        final int start = walk.start(step);
        final int next = walk.startOrZero(walk.after(step));
        final int continuing = walk.continuing(step);
        for (int r = share.first(end); r < end; r++) {
            final int at = (start + r) * tape.units;
            final int outputAt = tangents.outputCotangent.row(start + r);
            final float[] back = r < continuing ? tangents.back.values : tape.zeros;
            final int backAt = r < continuing ? (next + r) * tape.units : 0;
            for (int n = from; n < to; n++) {
                final float h = tape.gates.values[at + n];
                final float ru = tangents.outputCotangent.values[outputAt + n] + back[backAt + n];
                tangents.gateCotangents.values[at + n] =
                        ru * (1 - h * h) - 2 * tape.hiddenCotangents[at + n] * h * tangents.gates.values[at + n];
            }
        }
    }
}
