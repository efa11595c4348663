#include "kernels/matmul.cuh"

namespace borep {
namespace {

constexpr int COLUMNS = 32;
constexpr int ROWS = 8;

/** A block of 8 warps adds up 32 columns: warp w takes rows w, w + 8, …; the eight sums are added in order. */
__global__ void __launch_bounds__(COLUMNS *ROWS) column_sums(Count count, int columns, Operand a, float *out, float *out2) {
    float *scratch = shared_memory<float>();
    const int lane = threadIdx.x % COLUMNS;
    const int n = blockIdx.x * COLUMNS + lane;
    const int rows = count.get();
    float sum = 0;
    if (n < columns) {
        for (int row = threadIdx.x / COLUMNS; row < rows; row += ROWS) {
            sum += a.values[static_cast<size_t>(row) * a.stride + n];
        }
    }
    scratch[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x < COLUMNS && n < columns) {
        float total = 0;
        for (int w = 0; w < ROWS; w++) {
            total += scratch[w * COLUMNS + lane];
        }
        out[n] += total;
        if (out2 != nullptr) {
            out2[n] += total;
        }
    }
}

}  // namespace

void add_column_sums(borep_context &context, Count count, int columns, Operand a, float *out, float *out2) {
    const unsigned blocks = (columns + COLUMNS - 1) / COLUMNS;
    BOREP_RUN(context, column_sums, blocks, COLUMNS *ROWS, COLUMNS *ROWS * sizeof(float), count, columns, a, out, out2);
}

}  // namespace borep
