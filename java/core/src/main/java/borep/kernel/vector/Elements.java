package borep.kernel.vector;

/**
 * Element-wise loops over {@code count} floats from a place in each array. Reductions add in an order that depends on
 * the count and the lanes alone.
 */
interface Elements {
    /** out = factor · out. */
    void scale(float factor, float[] out, int outAt, int count);

    /** out += factor · a. */
    void axpy(float factor, float[] a, int aAt, float[] out, int outAt, int count);

    /** out = keep · out + (1 − keep) · a. */
    void average(float keep, float[] a, int aAt, float[] out, int outAt, int count);

    /** out = a ⊙ b; out may be a or b. */
    void multiply(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int count);

    /** ⟨a, b⟩. */
    double dot(float[] a, int aAt, float[] b, int bAt, int count);

    /** ‖a − b‖². */
    double distance(float[] a, int aAt, float[] b, int bAt, int count);

    /** out = centre + factor · (out − centre). */
    void shrink(float factor, float[] centre, int centreAt, float[] out, int outAt, int count);

    /** values = tanh(values + bias), or values + bias; {@code count} is a multiple of the lanes. */
    void activate(boolean tanh, float[] bias, int biasAt, float[] values, int at, int count);

    /** values = (1 − s²) · (values + bias): the tangent of tanh. */
    void tangent(float[] s, int sAt, float[] bias, int biasAt, float[] values, int at, int count);

    /** out = (1 − s²) · cotangents: through tanh backwards. */
    void cotangent(float[] s, int sAt, float[] cotangents, int cotangentsAt, float[] out, int outAt, int count);

    /** out −= 2 · s · moved · cotangents: what tanh's curvature adds. */
    void curvature(float[] s, float[] moved, float[] cotangents, float[] out, int at, int count);

    /** Where values exceed best they replace it, and row becomes the winner; the first NaN exceeds every number. */
    void maximum(float[] values, int at, int row, float[] best, int bestAt, int[] winners, int winnersAt, int count);

    /** sums[c] = Σ_r matrix[r, c] for columns [from, to) and the first {@code rows} rows. */
    void sumRows(Matrix matrix, int rows, int from, int to, float[] sums);
}
