package borep.kernel;

/**
 * The kernel families of one device. The interfaces document every shape, once; the C ABI and the CUDA files mirror them
 * name for name.
 *
 * <p>Three rules hold for all of them. Parameters' gradients and inputs' cotangents (and the tangents of both) are
 * <em>accumulated</em>: zero them first. Everything else that is an output is <em>written</em>. Calls allocate nothing:
 * whatever a later sweep needs is kept in a tape that its kernel made beforehand.
 *
 * @param recurrent one direction of one LSTM or tanh RNN layer
 * @param dense     one fully connected layer
 * @param pooling   packed rows to one feature vector per sample, and pairs of them
 * @param loss      weighted softmax cross-entropy, sample weights, regularisers
 * @param update    vector operations of the solvers
 * @param batch     random choice and gathering of samples
 * @param sparse    products with the sparse samples of linear models
 */
public record Kernels(
        Recurrent recurrent, Dense dense, Pooling pooling, Loss loss, Update update, Batch batch, Sparse sparse) {}
