package borep.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of this run. {@code -Dborep.vector.bits=512|256|128} chooses narrower ones than the machine's widest,
 * for tests. They are constants, because the compiler turns vector operations into instructions only when it knows
 * the species.
 */
final class Species {
    static final VectorSpecies<Float> FLOATS = floats(Integer.getInteger("borep.vector.bits", 0));
    static final VectorSpecies<Integer> INTS = FLOATS.vectorShape().withLanes(int.class);

    private Species() {}

    private static VectorSpecies<Float> floats(final int bits) {
        if (bits == 0) {
            return FloatVector.SPECIES_PREFERRED;
        }
        if (bits != 128 && bits != 256 && bits != 512) {
            throw new IllegalArgumentException("borep.vector.bits " + bits + ": must be 128, 256 or 512");
        }
        return VectorShape.forBitSize(bits).withLanes(float.class);
    }
}
