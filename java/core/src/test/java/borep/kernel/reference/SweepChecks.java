package borep.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.kernel.reference.Layer.Part;
import java.util.Arrays;
import java.util.SplittableRandom;

/** What holds for the four sweeps of every layer, whatever it computes: F is its forward, J its Jacobian. */
final class SweepChecks {
    private static final double STEP = 1e-5;
    private static final double DIFFERENCE = 1e-7;
    private static final double EXACT = 1e-12;

    private final Layer layer;
    private final String name;
    private final double[] point;
    private final double[] along;
    private final double[] cotangent;
    private final double[] cotangentTangent;

    /** @param scale of the numbers of a point, so that no cell is saturated */
    SweepChecks(final Layer layer, final String name, final double scale, final long seed) {
        this.layer = layer;
        this.name = name;
        final SplittableRandom random = new SplittableRandom(seed);
        point = random(random, layer.pointSize(), scale);
        along = random(random, layer.pointSize(), 1);
        cotangent = random(random, layer.outputSize(), 1);
        cotangentTangent = random(random, layer.outputSize(), 1);
    }

    void all() {
        forwardIsRepeatable();
        tangentForwardIsTheDerivativeOfForward();
        backwardIsTheTransposeOfTangentForward();
        tangentBackwardIsTheDerivativeOfBackward();
        secondDerivativesAreSymmetric();
        cotangentsAccumulate();
        partsEqualTheWhole();
        backwardMayRunAgain();
    }

    private void forwardIsRepeatable() {
        assertArrayEquals(layer.forward(point), layer.forward(point), name);
    }

    /** R{y} = (F(p + t d) − F(p − t d)) / 2t. */
    private void tangentForwardIsTheDerivativeOfForward() {
        final double[] above = layer.forward(moved(point, STEP, along));
        final double[] below = layer.forward(moved(point, -STEP, along));
        layer.forward(point);
        assertSlope("tangentForward", above, below, layer.tangentForward(along));
    }

    /** ⟨J d, ȳ⟩ = ⟨d, Jᵀ ȳ⟩. */
    private void backwardIsTheTransposeOfTangentForward() {
        layer.forward(point);
        final double there = dot(layer.tangentForward(along), cotangent);
        assertClose("adjoint", there, dot(along, layer.backward(cotangent)));
    }

    /** R{p̄}, by moving the point and the cotangent together. */
    private void tangentBackwardIsTheDerivativeOfBackward() {
        layer.forward(moved(point, STEP, along));
        final double[] above = layer.backward(moved(cotangent, STEP, cotangentTangent));
        layer.forward(moved(point, -STEP, along));
        final double[] below = layer.backward(moved(cotangent, -STEP, cotangentTangent));
        layer.forward(point);
        layer.tangentForward(along);
        layer.backward(cotangent);
        assertSlope("tangentBackward", above, below, layer.tangentBackward(cotangentTangent));
    }

    /** ⟨u, H d⟩ = ⟨d, H u⟩ for the Hessian H of ⟨F, ȳ⟩, parameters and input together. */
    private void secondDerivativesAreSymmetric() {
        final double[] other = random(new SplittableRandom(point.length), point.length, 1);
        final double[] fixed = new double[cotangent.length];
        layer.forward(point);
        layer.backward(cotangent);
        layer.tangentForward(along);
        final double there = dot(other, layer.tangentBackward(fixed));
        layer.tangentForward(other);
        assertClose("symmetry", there, dot(along, layer.tangentBackward(fixed)));
    }

    private void cotangentsAccumulate() {
        final double[] start = random(new SplittableRandom(point.length + 1), point.length, 1);
        layer.forward(point);
        layer.tangentForward(along);
        final double[] added = moved(start, 1, layer.backward(cotangent));
        assertAllClose("accumulated", added, layer.backward(cotangent, Part.BOTH, start));
        final double[] addedTangent = moved(start, 1, layer.tangentBackward(cotangentTangent));
        assertAllClose("accumulated", addedTangent, layer.tangentBackward(cotangentTangent, Part.BOTH, start));
    }

    /** Null gradients, cotangents, directions and tangents: as if computed and thrown away, or as if zero. */
    private void partsEqualTheWhole() {
        final double[] zeros = new double[point.length];
        for (final Part moving : Part.values()) {
            layer.forward(point);
            layer.backward(cotangent);
            final double[] wholeTangent = layer.tangentForward(only(along, moving));
            final double[] whole = layer.tangentBackward(cotangentTangent);
            assertAllClose("moving " + moving, wholeTangent, layer.tangentForward(along, moving));
            for (final Part wanted : Part.values()) {
                final double[] part = layer.tangentBackward(cotangentTangent, wanted, zeros);
                assertAllClose("moving " + moving + ", wanted " + wanted, only(whole, wanted), part);
            }
        }
        final double[] whole = layer.backward(cotangent);
        for (final Part wanted : Part.values()) {
            assertArrayEquals(only(whole, wanted), layer.backward(cotangent, wanted, zeros), name + ", " + wanted);
        }
    }

    private void backwardMayRunAgain() {
        layer.forward(point);
        layer.tangentForward(along);
        final double[] first = layer.backward(cotangent);
        final double[] second = layer.tangentBackward(cotangentTangent);
        layer.backward(cotangentTangent);
        layer.tangentBackward(cotangent);
        assertArrayEquals(first, layer.backward(cotangent), name);
        assertArrayEquals(second, layer.tangentBackward(cotangentTangent), name);
    }

    private double[] only(final double[] whole, final Part part) {
        final double[] some = new double[whole.length];
        final int parameters = layer.parameters();
        if (part.parameters()) {
            System.arraycopy(whole, 0, some, 0, parameters);
        }
        if (part.input()) {
            System.arraycopy(whole, parameters, some, parameters, whole.length - parameters);
        }
        return some;
    }

    private void assertSlope(final String what, final double[] above, final double[] below, final double[] computed) {
        final double tolerance = DIFFERENCE * Math.max(largest(computed), 1e-2);
        for (int i = 0; i < computed.length; i++) {
            final double slope = (above[i] - below[i]) / (2 * STEP);
            assertEquals(slope, computed[i], tolerance, name + ", " + what + "[" + i + "]");
        }
    }

    private void assertClose(final String what, final double expected, final double actual) {
        assertEquals(expected, actual, EXACT * (1 + Math.abs(expected)), name + ", " + what);
    }

    private void assertAllClose(final String what, final double[] expected, final double[] actual) {
        assertArrayEquals(expected, actual, EXACT * (1 + largest(expected)), name + ", " + what);
    }

    private static double largest(final double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    static double[] random(final SplittableRandom random, final int size, final double scale) {
        return random.doubles(size, -1, 1).map(value -> scale * value).toArray();
    }

    /** a + t b. */
    private static double[] moved(final double[] a, final double t, final double[] b) {
        final double[] sum = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = a[i] + t * b[i];
        }
        return sum;
    }

    private static double dot(final double[] a, final double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
