/*
 * Products with a constant sparse matrix A (borep.kernel.Sparse), whose numbers lie row after row.
 *
 *   multiply             out[b, o] (+)= Σ_k v_k W[c_k, o]    over the numbers k of row rows_b
 *   multiply transposed  G[c_k, o] += v_k C[b, o]            for b = 0, 1, … and the numbers k of row rows_b
 *
 * Multiply: a warp takes one row, its lanes the row's numbers in turns, with up to OUTPUTS sums in registers; W is gathered from the
 * cache. The transposed product over all rows is this one with Aᵀ.
 * Multiply transposed over a batch, without atomics: a warp owns 32 columns of A with their sums in shared memory and looks through all
 * numbers of the batch in order. The numbers of one row have different columns, so no two lanes meet, and each sum runs in batch order.
 * A batch has few numbers, and they stay in the cache that all warps read.
 */
#include "kernels/view.cuh"

namespace borep {

/** borep_sparse on the device. */
struct SparseView {
    const int *starts;
    const int *places;
    const float *values;
    int rows;
    int columns;
};

namespace {

constexpr int THREADS = 128;
constexpr int WARPS = THREADS / WARP;
/** Outputs of a warp; more of them are other blocks' work. */
constexpr int OUTPUTS = 8;
/** Stride of a column's sums in shared memory: odd, so that lanes with neighbouring columns use different banks. */
constexpr int SUMS = OUTPUTS + 1;

/** The row of A at place b of a batch; −1 after reporting it if A has no such row. */
__device__ int chosen_row(const SparseView &a, const int *rows, int b, Fault *fault) {
    const int row = rows == nullptr ? b : rows[b];
    if (row < 0 || row >= a.rows) {
        report(fault, Fault::INDEX, row, a.rows, b);
        return -1;
    }
    return row;
}

__global__ void multiply(
    SparseView a, const int *rows, int count, View w, View out, bool accumulate, Fault *fault) {
    const int b = blockIdx.x * WARPS + threadIdx.x / WARP;
    const int lane = threadIdx.x % WARP;
    const int first = blockIdx.y * OUTPUTS;
    if (b >= count) {
        return;
    }
    const int row = chosen_row(a, rows, b, fault);
    const int begin = row < 0 ? 0 : a.starts[row];
    const int end = row < 0 ? 0 : a.starts[row + 1];
    float sums[OUTPUTS] = {};
    for (int k = begin + lane; k < end; k += WARP) {
        const float value = a.values[k];
        const float *from = w.row(a.places[k]) + first;
#pragma unroll
        for (int o = 0; o < OUTPUTS; o++) {
            if (first + o < w.width) {
                sums[o] += value * from[o];
            }
        }
    }
#pragma unroll
    for (int o = 0; o < OUTPUTS; o++) {
        const float sum = warp_reduce(sums[o], Sum());
        if (lane == 0 && first + o < w.width) {
            float *to = out.row(b) + first + o;
            *to = accumulate ? *to + sum : sum;
        }
    }
}

__global__ void multiply_transposed(
    SparseView a, const int *rows, int count, View cotangents, View gradient, Fault *fault) {
    const int warp = threadIdx.x / WARP;
    const int lane = threadIdx.x % WARP;
    const int column = (blockIdx.x * WARPS + warp) * WARP;
    const int first = blockIdx.y * OUTPUTS;
    const int outputs = cotangents.width - first < OUTPUTS ? cotangents.width - first : OUTPUTS;
    float *sums = shared_memory<float>() + warp * WARP * SUMS;
    for (int o = 0; o < outputs; o++) {
        sums[lane * SUMS + o] = 0;
    }
    __syncwarp();
    for (int b = 0; b < count; b++) {
        const int row = chosen_row(a, rows, b, fault);
        const int end = row < 0 ? 0 : a.starts[row + 1];
        for (int k = row < 0 ? 0 : a.starts[row] + lane; k < end; k += WARP) {
            const unsigned own = a.places[k] - column; // columns before this warp's become huge
            if (own < WARP) {
                for (int o = 0; o < outputs; o++) {
                    sums[own * SUMS + o] += a.values[k] * cotangents.row(b)[first + o];
                }
            }
        }
        __syncwarp(); // the next row's lanes meet other columns
    }
    if (column + lane < a.columns) {
        for (int o = 0; o < outputs; o++) {
            gradient.row(column + lane)[first + o] += sums[lane * SUMS + o];
        }
    }
}

SparseView sparse(const borep_sparse *a) {
    require(a != nullptr, "the sparse matrix: must not be null");
    require_sizes("rows", a->rows);
    require(a->columns >= 1, "a sparse matrix of " + std::to_string(a->columns) + " columns: must be at least 1");
    require_sizes("columns", a->columns);
    return {ints_at(a->starts), ints_at(a->places), floats_at(a->values), a->rows, a->columns};
}

}  // namespace
}  // namespace borep

using namespace borep;

borep_status borep_sparse_multiply(
    borep_context *context, const borep_sparse *a, borep_address rows, int32_t count, const borep_rows *w,
    const borep_rows *out, int32_t accumulate) {
    return guarded([&] {
        BOREP_GIVEN(context);
        BOREP_SIZES(count);
        const SparseView matrix = sparse(a);
        require(w != nullptr, "w: must not be null");
        require_width("w", w, w->width);
        const View to = require_width("out", out, w->width);
        const int batch = rows == 0 ? matrix.rows : count;
        if (batch > 0 && w->width > 0) {
            const dim3 grid(ceil_div(batch, WARPS), ceil_div(w->width, OUTPUTS));
            BOREP_RUN(
                *context, multiply, grid, THREADS, 0, matrix, ints_at(rows), batch, view(w), to, accumulate != 0,
                context->fault());
        }
    });
}

borep_status borep_sparse_multiply_transposed(
    borep_context *context, const borep_sparse *a, borep_address rows, int32_t count, const borep_rows *cotangents,
    const borep_rows *gradient) {
    return guarded([&] {
        BOREP_GIVEN(context);
        BOREP_SIZES(count);
        const SparseView matrix = sparse(a);
        require(cotangents != nullptr, "cotangents: must not be null");
        require_width("cotangents", cotangents, cotangents->width);
        const View to = require_width("gradient", gradient, cotangents->width);
        require(rows != 0, "rows: must not be 0; over all rows multiply by the transposed matrix");
        if (count > 0 && cotangents->width > 0) {
            const dim3 grid(ceil_div(matrix.columns, THREADS), ceil_div(cotangents->width, OUTPUTS));
            BOREP_RUN(
                *context, multiply_transposed, grid, THREADS, WARPS * WARP * SUMS * sizeof(float), matrix, ints_at(rows),
                count, view(cotangents), to, context->fault());
        }
    });
}
