/*
 * Matrix products of the sweeps, C (+)= op(A) op(B), whose number of rows only the device knows:
 *
 *   ROWS_TRANSPOSED   C[m, n] = Σ_k A[m, k] B[n, k]     P = X W_ihᵀ          m runs over packed rows
 *   ROWS              C[m, n] = Σ_k A[m, k] B[k, n]     dX = ā W_ih, S = ā V_hh
 *   OUTER             C[m, n] = Σ_k A[k, m] B[k, n]     dW = Σ ā xᵀ          k runs over packed rows
 *
 * What the other families call; tiles, arithmetic and launch geometry are in matmul.cu and matmul_tiles.cuh.
 */
#pragma once

#include "abi/context.h"

namespace borep {

/** A number of rows that the device knows (a packing's R), or the host. */
struct Count {
    const int *device;
    int host;
    __device__ int get() const {
        return device == nullptr ? host : *device;
    }
};

/** Rows of numbers; with a map, row r stands for row map[r], and for zeros where that is negative. */
struct Operand {
    const float *values;
    int stride;
    const int *map = nullptr;
};

/** Where a product goes: values = φ((accumulate ? values : 0) + product + bias + bias2), and a second copy. */
struct Result {
    float *values;
    int stride;
    bool accumulate = false;
    const float *bias = nullptr;
    const float *bias2 = nullptr;
    bool tanh = false;
    float *copy = nullptr;
    int copy_stride = 0;
};

/** φ of the sum with what is added to it in column n. */
__device__ __forceinline__ float epilogue(const Result &result, int n, float sum) {
    if (result.bias != nullptr) {
        sum += result.bias[n];
    }
    if (result.bias2 != nullptr) {
        sum += result.bias2[n];
    }
    return result.tanh ? tanhf(sum) : sum;
}

/** Adds what is there before to the sum, applies the epilogue and stores. */
__device__ __forceinline__ void finish(const Result &result, int m, int n, float sum) {
    float *place = result.values + static_cast<size_t>(m) * result.stride + n;
    const float value = epilogue(result, n, sum + (result.accumulate ? *place : 0.0f));
    *place = value;
    if (result.copy != nullptr) {
        result.copy[static_cast<size_t>(m) * result.copy_stride + n] = value;
    }
}

/** Whether every row of C and of the copy begins at a multiple of 16 bytes, as finish_four asks. */
__device__ __forceinline__ bool is_wide(const Result &result) {
    const auto addresses = reinterpret_cast<uintptr_t>(result.values) | reinterpret_cast<uintptr_t>(result.copy);
    const int strides = result.stride | (result.copy != nullptr ? result.copy_stride : 0);
    return addresses % 16 == 0 && strides % 4 == 0;
}

/** As finish, for the four columns from n on, a multiple of 4. */
__device__ __forceinline__ void finish_four(const Result &result, int m, int n, Quad sums) {
    auto *place = reinterpret_cast<Quad *>(result.values + static_cast<size_t>(m) * result.stride + n);
    const Quad before = result.accumulate ? *place : Quad{};
#pragma unroll
    for (int j = 0; j < 4; j++) {
        sums.at[j] = epilogue(result, n + j, sums.at[j] + before.at[j]);
    }
    *place = sums;
    if (result.copy != nullptr) {
        *reinterpret_cast<Quad *>(result.copy + static_cast<size_t>(m) * result.copy_stride + n) = sums;
    }
}

enum class Form { ROWS_TRANSPOSED = BOREP_ROWS_TRANSPOSED, ROWS = BOREP_ROWS, OUTER = BOREP_OUTER };

/**
 * How exact a product is. FINER: one step more exact than the context's precision, for the two products on which a whole sweep
 * rests, what enters a recurrence and what a head hands back (docs/cuda.md, Precision).
 */
enum class Accuracy { OF_CONTEXT, FINER };

struct Product {
    Form form;
    /** Packed rows: m of ROWS_TRANSPOSED and ROWS, k of OUTER. */
    Count count;
    /** What count is at most. */
    int most;
    /** k of ROWS_TRANSPOSED and ROWS, m of OUTER. */
    int extent;
    int columns;
    Operand a;
    Operand b;
    Result result;
    Accuracy accuracy = Accuracy::OF_CONTEXT;

    borep_precision precision(const borep_context &context) const {
        const borep_precision asked = context.precision();
        if (accuracy == Accuracy::FINER && asked == BOREP_TF32) {
            return BOREP_3XTF32;
        }
        return accuracy == Accuracy::FINER && asked == BOREP_BF16 ? BOREP_TF32 : asked;
    }
    int ms() const {
        return form == Form::OUTER ? extent : most;
    }
    int ks() const {
        return form == Form::OUTER ? most : extent;
    }
};

/** Whether warpgroups can multiply on the current device (warpgroup.h): the code that it runs was compiled for sm_90a. */
bool has_group_products();

/** Enqueues a product. The order of every sum depends on the sizes and the device alone. */
void multiply(borep_context &context, const Product &product);

template <Form FORM>
void multiply(
    borep_context &context, Count count, int most, int extent, int columns, Operand a, Operand b, Result result,
    Accuracy accuracy = Accuracy::OF_CONTEXT) {
    multiply(context, Product{FORM, count, most, extent, columns, a, b, result, accuracy});
}

/** out[n] += Σ_m a[m, n] over the packed rows, and out2 likewise unless null: gradients of biases. */
void add_column_sums(borep_context &context, Count count, int columns, Operand a, float *out, float *out2);

}  // namespace borep
