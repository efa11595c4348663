package borep.kernel.reference;

import static borep.kernel.reference.Access.sigmoid;

/**
 * The LSTM (Hochreiter, Schmidhuber 1997), unit by unit. Gates lie in PyTorch's order i, f, g, o; c⁻ is the cell of the step
 * before; s' = s (1 − s) for s = i, f, o and g' = 1 − g²; u and q are the whole cotangents of h and c:
 *
 * <pre>
 * forward            i, f, o = σ(a),  g = tanh a;  c = f c⁻ + i g,  τ = tanh c,  h = o τ
 * tangent forward    R{s} = s' R{a};  R{c} = R{f} c⁻ + f R{c⁻} + R{i} g + i R{g},  R{τ} = (1 − τ²) R{c},  R{h} = R{o} τ + o R{τ}
 * backward           q = c̄ + u o (1 − τ²);  ā = (q g i', q c⁻ f', q i g', u τ o');  c̄⁻ = q f
 * tangent backward   each of backward's products differentiated, with R{s'} = (1 − 2 s) R{s} and R{g'} = −2 g R{g}
 * </pre>
 */
final class LstmEquations implements CellEquations {
    private final RecurrentTape tape;
    /** H: gate number n of unit k is element n H + k. */
    private final int size;

    LstmEquations(final RecurrentTape tape) {
        this.tape = tape;
        size = tape.shape.hidden();
    }

    @Override
    public void forward(final int row, final int before) {
        final double[] gate = tape.gates[row];
        for (int unit = 0; unit < size; unit++) {
            final double i = sigmoid(gate[unit]);
            final double f = sigmoid(gate[size + unit]);
            final double g = Math.tanh(gate[2 * size + unit]);
            final double o = sigmoid(gate[3 * size + unit]);
            final double c = f * tape.cell[before][unit] + i * g;
            gate[unit] = i;
            gate[size + unit] = f;
            gate[2 * size + unit] = g;
            gate[3 * size + unit] = o;
            tape.cell[row][unit] = c;
            tape.hidden[row][unit] = o * Math.tanh(c);
        }
    }

    @Override
    public void tangentForward(final int row, final int before) {
        final double[] gate = tape.gates[row];
        final double[] r = tape.gateTangents[row];
        for (int unit = 0; unit < size; unit++) {
            final double i = gate[unit];
            final double f = gate[size + unit];
            final double g = gate[2 * size + unit];
            final double o = gate[3 * size + unit];
            final double ri = i * (1 - i) * r[unit];
            final double rf = f * (1 - f) * r[size + unit];
            final double rg = (1 - g * g) * r[2 * size + unit];
            final double ro = o * (1 - o) * r[3 * size + unit];
            final double tau = Math.tanh(tape.cell[row][unit]);
            final double rc = rf * tape.cell[before][unit] + f * tape.cellTangents[before][unit] + ri * g + i * rg;
            r[unit] = ri;
            r[size + unit] = rf;
            r[2 * size + unit] = rg;
            r[3 * size + unit] = ro;
            tape.cellTangents[row][unit] = rc;
            tape.hiddenTangents[row][unit] = ro * tau + o * (1 - tau * tau) * rc;
        }
    }

    @Override
    public void backward(final int row, final int before) {
        final double[] gate = tape.gates[row];
        final double[] a = tape.gateCotangents[row];
        for (int unit = 0; unit < size; unit++) {
            final double i = gate[unit];
            final double f = gate[size + unit];
            final double g = gate[2 * size + unit];
            final double o = gate[3 * size + unit];
            final double c = tape.cell[before][unit];
            final double tau = Math.tanh(tape.cell[row][unit]);
            final double u = tape.u[row][unit];
            final double q = tape.cellCarry[row][unit] + u * o * (1 - tau * tau);
            a[unit] = q * g * i * (1 - i);
            a[size + unit] = q * c * f * (1 - f);
            a[2 * size + unit] = q * i * (1 - g * g);
            a[3 * size + unit] = u * tau * o * (1 - o);
            tape.q[row][unit] = q;
            tape.cellCarry[before][unit] = q * f;
        }
    }

    @Override
    public void tangentBackward(final int row, final int before) {
        final double[] gate = tape.gates[row];
        final double[] r = tape.gateTangents[row];
        final double[] ra = tape.gateCotangentTangents[row];
        for (int unit = 0; unit < size; unit++) {
            final double i = gate[unit];
            final double f = gate[size + unit];
            final double g = gate[2 * size + unit];
            final double o = gate[3 * size + unit];
            final double ri = r[unit];
            final double rf = r[size + unit];
            final double rg = r[2 * size + unit];
            final double ro = r[3 * size + unit];
            final double c = tape.cell[before][unit];
            final double rc = tape.cellTangents[before][unit];
            final double tau = Math.tanh(tape.cell[row][unit]);
            final double rtau = (1 - tau * tau) * tape.cellTangents[row][unit];
            final double u = tape.u[row][unit];
            final double ru = tape.hiddenCarry[row][unit];
            final double q = tape.q[row][unit];
            final double rq = tape.cellCarry[row][unit] + (ru * o + u * ro) * (1 - tau * tau) - 2 * u * o * tau * rtau;
            ra[unit] = (rq * g + q * rg) * i * (1 - i) + q * g * (1 - 2 * i) * ri;
            ra[size + unit] = (rq * c + q * rc) * f * (1 - f) + q * c * (1 - 2 * f) * rf;
            ra[2 * size + unit] = (rq * i + q * ri) * (1 - g * g) - 2 * q * i * g * rg;
            ra[3 * size + unit] = (ru * tau + u * rtau) * o * (1 - o) + u * tau * (1 - 2 * o) * ro;
            tape.cellCarry[before][unit] = rq * f + q * rf;
        }
    }
}
