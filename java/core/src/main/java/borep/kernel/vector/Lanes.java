package borep.kernel.vector;

/**
 * The inner loops of a device: with vectors or number by number. Only one of the two is loaded in a run, so that the
 * compiler sees one target behind each call.
 *
 * @param description for people
 * @param gemm        matrix products
 * @param elements    element-wise loops
 * @param lstm        cell of the LSTM
 * @param tanhRnn     cell of the tanh RNN
 * @param combinations inner loops of sparse products
 */
record Lanes(String description, Gemm gemm, Elements elements, Cells lstm, Cells tanhRnn, Combinations combinations) {
    /** Vectors; the first call initialises the Vector API. */
    static Lanes vectors() {
        final Gemm gemm = new SimdGemm();
        return new Lanes(
                "Vector API, " + 32 * gemm.lanes + "-bit float lanes",
                gemm,
                new SimdElements(),
                new SimdLstm(),
                new SimdTanhRnn(),
                new SimdCombinations());
    }

    /** Plain Java. */
    static Lanes scalars() {
        final Gemm gemm = new ScalarGemm();
        return new Lanes(
                "plain Java floats",
                gemm,
                new ScalarElements(),
                new ScalarLstm(gemm.lanes),
                new ScalarTanhRnn(),
                new ScalarCombinations());
    }
}
