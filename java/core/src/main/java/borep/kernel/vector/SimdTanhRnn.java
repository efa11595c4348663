package borep.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The tanh RNN's element-wise parts with vectors. */
final class SimdTanhRnn implements Cells {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();

    @Override
    public void forward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final int start = walk.start(step);
        final int next = walk.startOrZero(walk.after(step));
        final int continuing = walk.continuing(step);
        final float[] gates = tape.gates.values;
        final float[] bias = tape.bias;
        final float[] output = tape.output.values;
        final int first = share.first(end);
        final int firstAt = (start + first) * tape.units + from;
        SimdMath.tanh(gates, firstAt, bias, from, gates, firstAt, L, (to - from) / L, end - first, tape.units);
        for (int r = first; r < end; r++) {
            final int at = (start + r) * tape.units;
            final int outputAt = tape.output.row(start + r);
            System.arraycopy(gates, at + from, output, outputAt + from, to - from);
            if (r < continuing) {
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
        final float[] gates = tape.gates.values;
        final float[] output = tape.outputCotangent.values;
        final float[] us = tape.hiddenCotangents;
        final float[] cotangents = tape.gateCotangents.values;
        final FloatVector one = FloatVector.broadcast(S, 1f);
        for (int r = share.first(end); r < end; r++) {
            final int at = (start + r) * tape.units;
            final int outputAt = tape.outputCotangent.row(start + r);
            final float[] carry = r < continuing ? tape.hiddenCarry.values : tape.zeros;
            final int carryAt = r < continuing ? r * tape.units : 0;
            for (int n = from; n < to; n += L) {
                final FloatVector h = FloatVector.fromArray(S, gates, at + n);
                final FloatVector u = FloatVector.fromArray(S, output, outputAt + n)
                        .add(FloatVector.fromArray(S, carry, carryAt + n));
                u.intoArray(us, at + n);
                u.mul(one.sub(h.mul(h))).intoArray(cotangents, at + n);
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
        final int continuing = walk.continuing(step);
        final float[] gates = tape.gates.values;
        final float[] moved = tangents.gates.values;
        final float[] bias = tangents.bias;
        final FloatVector one = FloatVector.broadcast(S, 1f);
        for (int r = share.first(end); r < end; r++) {
            final int at = (start + r) * tape.units;
            for (int n = from; n < to; n += L) {
                final FloatVector h = FloatVector.fromArray(S, gates, at + n);
                FloatVector.fromArray(S, moved, at + n)
                        .add(FloatVector.fromArray(S, bias, n))
                        .mul(one.sub(h.mul(h)))
                        .intoArray(moved, at + n);
            }
            System.arraycopy(
                    moved, at + from, tangents.output.values, tangents.output.row(start + r) + from, to - from);
            if (r < continuing) {
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
        final float[] gates = tape.gates.values;
        final float[] moved = tangents.gates.values;
        final float[] us = tape.hiddenCotangents;
        final float[] output = tangents.outputCotangent.values;
        final float[] cotangents = tangents.gateCotangents.values;
        final FloatVector one = FloatVector.broadcast(S, 1f);
        final FloatVector two = FloatVector.broadcast(S, 2f);
        for (int r = share.first(end); r < end; r++) {
            final int at = (start + r) * tape.units;
            final int outputAt = tangents.outputCotangent.row(start + r);
            final float[] back = r < continuing ? tangents.back.values : tape.zeros;
            final int backAt = r < continuing ? (next + r) * tape.units : 0;
            for (int n = from; n < to; n += L) {
                final FloatVector h = FloatVector.fromArray(S, gates, at + n);
                final FloatVector u = FloatVector.fromArray(S, us, at + n);
                final FloatVector ru =
                        FloatVector.fromArray(S, output, outputAt + n).add(FloatVector.fromArray(S, back, backAt + n));
                ru.mul(one.sub(h.mul(h)))
                        .sub(two.mul(u).mul(h).mul(FloatVector.fromArray(S, moved, at + n)))
                        .intoArray(cotangents, at + n);
            }
        }
    }
}
