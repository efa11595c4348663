package borep.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The LSTM's element-wise parts with vectors. Every vector is a local of the loop that uses it, so that none reaches
 * the heap.
 */
final class SimdLstm implements Cells {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();
    /** Gates of the rows that a cell's loops take together: a quarter of a first-level cache. */
    private static final int GROUP_FLOATS = 1 << 11;

    @Override
    public void forward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final int first = share.first(end);
        final int start = walk.start(step);
        final int previous = walk.startOrZero(walk.before(step));
        final int next = walk.startOrZero(walk.after(step));
        final int continued = walk.continued(step);
        final int continuing = walk.continuing(step);
        final int group = Math.max(1, GROUP_FLOATS / (4 * (to - from)));
        for (int row = first; row < end; row += group) {
            forwardRows(tape, start, previous, next, row, Math.min(row + group, end), continued, continuing, from, to);
        }
    }

    /** Rows [first, end) of a step: few enough that their gates stay in the first-level cache from one loop to the next. */
    private static void forwardRows(
            final RecurrentTape tape,
            final int start,
            final int previous,
            final int next,
            final int first,
            final int end,
            final int continued,
            final int continuing,
            final int from,
            final int to) {
        final int units = tape.units;
        final float[] gates = tape.gates.values;
        activate(
                gates,
                4 * ((start + first) * units + from),
                tape.bias,
                4 * from,
                (to - from) / L,
                end - first,
                4 * units);
        for (int r = first; r < end; r++) {
            final int at = (start + r) * units;
            final boolean old = r < continued;
            final float[] cells = old ? tape.cells : tape.zeros;
            cell(gates, 4 * at, cells, old ? (previous + r) * units : 0, tape.cells, at, from, to);
        }
        final int cellsAt = (start + first) * units + from;
        SimdMath.tanh(
                tape.cells, cellsAt, tape.zeros, from, tape.squashed, cellsAt, L, (to - from) / L, end - first, units);
        for (int r = first; r < end; r++) {
            final int at = (start + r) * units;
            final int outputAt = tape.output.row(start + r);
            hidden(gates, 4 * at, tape.squashed, at, tape.output.values, outputAt, from, to);
            if (r < continuing) {
                System.arraycopy(
                        tape.output.values, outputAt + from, tape.before.values, (next + r) * units + from, to - from);
            }
        }
    }

    /** i, f, g and o of {@code count} vectors of units in each row. */
    private static void activate(
            final float[] gates,
            final int at,
            final float[] bias,
            final int biasAt,
            final int count,
            final int rows,
            final int stride) {
        SimdMath.sigmoid(gates, at, bias, biasAt, 4 * L, count, rows, stride);
        SimdMath.sigmoid(gates, at + L, bias, biasAt + L, 4 * L, count, rows, stride);
        SimdMath.tanh(gates, at + 2 * L, bias, biasAt + 2 * L, gates, at + 2 * L, 4 * L, count, rows, stride);
        SimdMath.sigmoid(gates, at + 3 * L, bias, biasAt + 3 * L, 4 * L, count, rows, stride);
    }

    private static void cell(
            final float[] gates,
            final int gatesAt,
            final float[] old,
            final int oldAt,
            final float[] cells,
            final int at,
            final int from,
            final int to) {
        for (int u = from; u < to; u += L) {
            final int z = gatesAt + 4 * u;
            final FloatVector i = FloatVector.fromArray(S, gates, z);
            final FloatVector f = FloatVector.fromArray(S, gates, z + L);
            final FloatVector g = FloatVector.fromArray(S, gates, z + 2 * L);
            f.fma(FloatVector.fromArray(S, old, oldAt + u), i.mul(g)).intoArray(cells, at + u);
        }
    }

    private static void hidden(
            final float[] gates,
            final int gatesAt,
            final float[] squashed,
            final int at,
            final float[] output,
            final int outputAt,
            final int from,
            final int to) {
        for (int u = from; u < to; u += L) {
            FloatVector.fromArray(S, gates, gatesAt + 4 * u + 3 * L)
                    .mul(FloatVector.fromArray(S, squashed, at + u))
                    .intoArray(output, outputAt + u);
        }
    }

    @Override
    public void backward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final int start = walk.start(step);
        final int previous = walk.startOrZero(walk.before(step));
        final int continued = walk.continued(step);
        final int continuing = walk.continuing(step);
        final int units = tape.units;
        for (int r = share.first(end); r < end; r++) {
            final boolean old = r < continued;
            backwardRow(
                    tape,
                    (start + r) * units,
                    tape.outputCotangent.row(start + r),
                    r < continuing ? r * units : -1,
                    r * units,
                    old ? tape.cells : tape.zeros,
                    old ? (previous + r) * units : 0,
                    from,
                    to);
        }
    }

    private static void backwardRow(
            final RecurrentTape tape,
            final int at,
            final int cotangentAt,
            final int handedAt,
            final int carryAt,
            final float[] old,
            final int oldAt,
            final int from,
            final int to) {
        final float[] gates = tape.gates.values;
        final float[] squashed = tape.squashed;
        final float[] cotangents = tape.gateCotangents.values;
        final float[] output = tape.outputCotangent.values;
        final float[] hiddenCarry = handedAt >= 0 ? tape.hiddenCarry.values : tape.zeros;
        final float[] cellCarry = handedAt >= 0 ? tape.cellCarry : tape.zeros;
        final float[] carry = tape.cellCarry;
        final float[] us = tape.hiddenCotangents;
        final float[] qs = tape.cellCotangents;
        final int handed = Math.max(0, handedAt);
        final FloatVector one = FloatVector.broadcast(S, 1f);
        for (int n = from; n < to; n += L) {
            final int z = 4 * (at + n);
            final FloatVector i = FloatVector.fromArray(S, gates, z);
            final FloatVector f = FloatVector.fromArray(S, gates, z + L);
            final FloatVector g = FloatVector.fromArray(S, gates, z + 2 * L);
            final FloatVector o = FloatVector.fromArray(S, gates, z + 3 * L);
            final FloatVector tau = FloatVector.fromArray(S, squashed, at + n);
            final FloatVector c = FloatVector.fromArray(S, old, oldAt + n);
            final FloatVector u = FloatVector.fromArray(S, output, cotangentAt + n)
                    .add(FloatVector.fromArray(S, hiddenCarry, handed + n));
            final FloatVector q = u.mul(o).fma(one.sub(tau.mul(tau)), FloatVector.fromArray(S, cellCarry, handed + n));
            u.intoArray(us, at + n);
            q.intoArray(qs, at + n);
            q.mul(g).mul(i).mul(one.sub(i)).intoArray(cotangents, z);
            q.mul(c).mul(f).mul(one.sub(f)).intoArray(cotangents, z + L);
            q.mul(i).mul(one.sub(g.mul(g))).intoArray(cotangents, z + 2 * L);
            u.mul(tau).mul(o).mul(one.sub(o)).intoArray(cotangents, z + 3 * L);
            q.mul(f).intoArray(carry, carryAt + n);
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
        final int previous = walk.startOrZero(walk.before(step));
        final int next = walk.startOrZero(walk.after(step));
        final int continued = walk.continued(step);
        final int continuing = walk.continuing(step);
        final int units = tape.units;
        for (int r = share.first(end); r < end; r++) {
            final int outputAt = tangents.output.row(start + r);
            tangentRow(tape, (start + r) * units, r < continued ? (previous + r) * units : -1, outputAt, from, to);
            if (r < continuing) {
                System.arraycopy(
                        tangents.output.values,
                        outputAt + from,
                        tangents.before.values,
                        (next + r) * units + from,
                        to - from);
            }
        }
    }

    private static void tangentRow(
            final RecurrentTape tape,
            final int at,
            final int previousAt,
            final int outputAt,
            final int from,
            final int to) {
        final RecurrentTangents tangents = tape.tangents;
        final float[] gates = tape.gates.values;
        final float[] squashed = tape.squashed;
        final float[] moved = tangents.gates.values;
        final float[] bias = tangents.bias;
        final float[] cells = tangents.cells;
        final float[] output = tangents.output.values;
        final float[] old = previousAt >= 0 ? tape.cells : tape.zeros;
        final float[] oldMoved = previousAt >= 0 ? tangents.cells : tape.zeros;
        final int oldAt = Math.max(0, previousAt);
        final FloatVector one = FloatVector.broadcast(S, 1f);
        for (int n = from; n < to; n += L) {
            final int z = 4 * (at + n);
            final int b = 4 * n;
            final FloatVector i = FloatVector.fromArray(S, gates, z);
            final FloatVector f = FloatVector.fromArray(S, gates, z + L);
            final FloatVector g = FloatVector.fromArray(S, gates, z + 2 * L);
            final FloatVector o = FloatVector.fromArray(S, gates, z + 3 * L);
            final FloatVector tau = FloatVector.fromArray(S, squashed, at + n);
            final FloatVector ri = FloatVector.fromArray(S, moved, z)
                    .add(FloatVector.fromArray(S, bias, b))
                    .mul(i)
                    .mul(one.sub(i));
            final FloatVector rf = FloatVector.fromArray(S, moved, z + L)
                    .add(FloatVector.fromArray(S, bias, b + L))
                    .mul(f)
                    .mul(one.sub(f));
            final FloatVector rg = FloatVector.fromArray(S, moved, z + 2 * L)
                    .add(FloatVector.fromArray(S, bias, b + 2 * L))
                    .mul(one.sub(g.mul(g)));
            final FloatVector ro = FloatVector.fromArray(S, moved, z + 3 * L)
                    .add(FloatVector.fromArray(S, bias, b + 3 * L))
                    .mul(o)
                    .mul(one.sub(o));
            final FloatVector rc = rf.mul(FloatVector.fromArray(S, old, oldAt + n))
                    .add(f.mul(FloatVector.fromArray(S, oldMoved, oldAt + n)))
                    .add(ri.mul(g))
                    .add(i.mul(rg));
            ri.intoArray(moved, z);
            rf.intoArray(moved, z + L);
            rg.intoArray(moved, z + 2 * L);
            ro.intoArray(moved, z + 3 * L);
            rc.intoArray(cells, at + n);
            ro.mul(tau).add(o.mul(one.sub(tau.mul(tau))).mul(rc)).intoArray(output, outputAt + n);
        }
    }

    @Override
    public void tangentBackward(final RecurrentTape tape, final int step, final Share share) {
        final Walk walk = tape.walk;
        final int from = share.fromUnit;
        final int to = share.toUnit;
        final int end = share.end(walk.size(step));
        final int start = walk.start(step);
        final int previous = walk.startOrZero(walk.before(step));
        final int next = walk.startOrZero(walk.after(step));
        final int continued = walk.continued(step);
        final int continuing = walk.continuing(step);
        final int units = tape.units;
        for (int r = share.first(end); r < end; r++) {
            tangentBackwardRow(
                    tape,
                    (start + r) * units,
                    tape.tangents.outputCotangent.row(start + r),
                    r < continuing ? (next + r) * units : -1,
                    r * units,
                    r < continued ? (previous + r) * units : -1,
                    from,
                    to);
        }
    }

    private static void tangentBackwardRow(
            final RecurrentTape tape,
            final int at,
            final int cotangentAt,
            final int nextAt,
            final int carryAt,
            final int previousAt,
            final int from,
            final int to) {
        final RecurrentTangents tangents = tape.tangents;
        final float[] gates = tape.gates.values;
        final float[] squashed = tape.squashed;
        final float[] moved = tangents.gates.values;
        final float[] cells = tangents.cells;
        final float[] us = tape.hiddenCotangents;
        final float[] qs = tape.cellCotangents;
        final float[] old = previousAt >= 0 ? tape.cells : tape.zeros;
        final float[] oldMoved = previousAt >= 0 ? tangents.cells : tape.zeros;
        final float[] output = tangents.outputCotangent.values;
        final float[] back = nextAt >= 0 ? tangents.back.values : tape.zeros;
        final float[] handed = nextAt >= 0 ? tangents.cellCarry : tape.zeros;
        final float[] carry = tangents.cellCarry;
        final float[] cotangents = tangents.gateCotangents.values;
        final int oldAt = Math.max(0, previousAt);
        final int backAt = Math.max(0, nextAt);
        final int handedAt = nextAt >= 0 ? carryAt : 0;
        final FloatVector one = FloatVector.broadcast(S, 1f);
        final FloatVector two = FloatVector.broadcast(S, 2f);
        for (int n = from; n < to; n += L) {
            final int z = 4 * (at + n);
            final FloatVector i = FloatVector.fromArray(S, gates, z);
            final FloatVector f = FloatVector.fromArray(S, gates, z + L);
            final FloatVector g = FloatVector.fromArray(S, gates, z + 2 * L);
            final FloatVector o = FloatVector.fromArray(S, gates, z + 3 * L);
            final FloatVector ri = FloatVector.fromArray(S, moved, z);
            final FloatVector rf = FloatVector.fromArray(S, moved, z + L);
            final FloatVector rg = FloatVector.fromArray(S, moved, z + 2 * L);
            final FloatVector ro = FloatVector.fromArray(S, moved, z + 3 * L);
            final FloatVector tau = FloatVector.fromArray(S, squashed, at + n);
            final FloatVector u = FloatVector.fromArray(S, us, at + n);
            final FloatVector q = FloatVector.fromArray(S, qs, at + n);
            final FloatVector c = FloatVector.fromArray(S, old, oldAt + n);
            final FloatVector rc = FloatVector.fromArray(S, oldMoved, oldAt + n);
            final FloatVector slope = one.sub(tau.mul(tau));
            final FloatVector rtau = slope.mul(FloatVector.fromArray(S, cells, at + n));
            final FloatVector ru =
                    FloatVector.fromArray(S, output, cotangentAt + n).add(FloatVector.fromArray(S, back, backAt + n));
            final FloatVector rq = FloatVector.fromArray(S, handed, handedAt + n)
                    .add(ru.mul(o).add(u.mul(ro)).mul(slope))
                    .sub(two.mul(u).mul(o).mul(tau).mul(rtau));
            rq.mul(g)
                    .add(q.mul(rg))
                    .mul(i)
                    .mul(one.sub(i))
                    .add(q.mul(g).mul(one.sub(two.mul(i))).mul(ri))
                    .intoArray(cotangents, z);
            rq.mul(c)
                    .add(q.mul(rc))
                    .mul(f)
                    .mul(one.sub(f))
                    .add(q.mul(c).mul(one.sub(two.mul(f))).mul(rf))
                    .intoArray(cotangents, z + L);
            rq.mul(i)
                    .add(q.mul(ri))
                    .mul(one.sub(g.mul(g)))
                    .sub(two.mul(q).mul(i).mul(g).mul(rg))
                    .intoArray(cotangents, z + 2 * L);
            ru.mul(tau)
                    .add(u.mul(rtau))
                    .mul(o)
                    .mul(one.sub(o))
                    .add(u.mul(tau).mul(one.sub(two.mul(o))).mul(ro))
                    .intoArray(cotangents, z + 3 * L);
            rq.mul(f).add(q.mul(rf)).intoArray(carry, carryAt + n);
        }
    }
}
