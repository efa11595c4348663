/*
 * Matrix products of the sweeps, C (+)= op(A) op(B), whose number of rows only the device knows:
 *
 *   ROWS_TRANSPOSED   C[m, n] = Σ_k A[m, k] B[n, k]     P = X W_ihᵀ          m runs over packed rows
 *   ROWS              C[m, n] = Σ_k A[m, k] B[k, n]     dX = ā W_ih, S = ā V_hh
 *   OUTER             C[m, n] = Σ_k A[k, m] B[k, n]     dW = Σ ā xᵀ          k runs over packed rows
 *
 * A block of 256 threads makes a 64 x 64 tile of C from panels of 16 k that pass through shared memory; the next panel is
 * fetched into registers while this one is multiplied. 16 sums stay in each thread's registers. Arithmetic is float32 FMA, or
 * TF32 tensor cores with one product (10 bits) or three (float32's accuracy: a = big + small, the product of the two small
 * parts is left out). The order of every sum is that of k: repeatable bit for bit.
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

enum class Form { ROWS_TRANSPOSED, ROWS, OUTER };

namespace matmul {

constexpr int TILE = 64;
constexpr int DEPTH = 16;
constexpr int THREADS = 256;
/** 8 more than the tile: the lanes of a tensor-core fragment then read 32 different banks. */
constexpr int PITCH = TILE + 8;
constexpr int SUMS = TILE * TILE / THREADS;

/** What one thread fetches of a panel: 4 numbers of a [16 k][64] panel. */
struct Fetch {
    float part[TILE * DEPTH / THREADS];
};

/** k runs along the operand's rows: element (place, k) lies at values[row(place) * stride + k]. */
__device__ __forceinline__ Fetch fetch_along(const Operand &from, int place0, int places, int k0, int ks) {
    Fetch fetch;
    const int k = k0 + threadIdx.x % DEPTH;
    for (int i = 0; i < 4; i++) {
        const int place = place0 + threadIdx.x / DEPTH + i * (THREADS / DEPTH);
        int row = -1;
        if (place < places && k < ks) {
            row = from.map == nullptr ? place : from.map[place];
        }
        fetch.part[i] = row < 0 ? 0.0f : from.values[static_cast<size_t>(row) * from.stride + k];
    }
    return fetch;
}

__device__ __forceinline__ void store_along(const Fetch &fetch, float *panel) {
    for (int i = 0; i < 4; i++) {
        panel[threadIdx.x % DEPTH * PITCH + threadIdx.x / DEPTH + i * (THREADS / DEPTH)] = fetch.part[i];
    }
}

/** k counts the operand's rows: element (place, k) lies at values[row(k) * stride + place]. */
__device__ __forceinline__ Fetch fetch_across(const Operand &from, int place0, int places, int k0, int ks) {
    Fetch fetch;
    const int place = place0 + threadIdx.x % TILE;
    for (int i = 0; i < 4; i++) {
        const int k = k0 + threadIdx.x / TILE + i * (THREADS / TILE);
        int row = -1;
        if (place < places && k < ks) {
            row = from.map == nullptr ? k : from.map[k];
        }
        fetch.part[i] = row < 0 ? 0.0f : from.values[static_cast<size_t>(row) * from.stride + place];
    }
    return fetch;
}

__device__ __forceinline__ void store_across(const Fetch &fetch, float *panel) {
    for (int i = 0; i < 4; i++) {
        panel[(threadIdx.x / TILE + i * (THREADS / TILE)) * PITCH + threadIdx.x % TILE] = fetch.part[i];
    }
}

/** Float32: thread (ty, tx) owns rows 4 ty … and columns 4 tx … of the tile. */
struct Scalar {
    __device__ static int row(int i) {
        return threadIdx.x / 16 * 4 + i / 4;
    }
    __device__ static int column(int i) {
        return threadIdx.x % 16 * 4 + i % 4;
    }
    __device__ static void multiply(const float *a, const float *b, float (&sums)[SUMS]) {
        const int m = threadIdx.x / 16 * 4;
        const int n = threadIdx.x % 16 * 4;
#pragma unroll
        for (int k = 0; k < DEPTH; k++) {
            float left[4];
            float right[4];
#pragma unroll
            for (int i = 0; i < 4; i++) {
                left[i] = a[k * PITCH + m + i];
                right[i] = b[k * PITCH + n + i];
            }
#pragma unroll
            for (int i = 0; i < SUMS; i++) {
                sums[i] += left[i / 4] * right[i % 4];
            }
        }
    }
};

/** Tensor cores: warp w owns 32 rows and 16 columns as 2 x 2 tiles of m16n8. */
template <bool THREE>
struct Tensor {
    __device__ static int row(int i) {
        const int lane = threadIdx.x % WARP;
        return threadIdx.x / WARP % 2 * 32 + i / 8 * 16 + lane / 4 + (i % 4 >= 2 ? 8 : 0);
    }
    __device__ static int column(int i) {
        const int lane = threadIdx.x % WARP;
        return threadIdx.x / WARP / 2 * 16 + i / 4 % 2 * 8 + 2 * (lane % 4) + i % 2;
    }
    __device__ static void split(float value, uint32_t &big, uint32_t &small) {
        big = to_tf32(value);
        if (THREE) {
            small = to_tf32(value - from_bits(big));
        }
    }
    __device__ static void multiply(const float *a, const float *b, float (&sums)[SUMS]) {
        const int lane = threadIdx.x % WARP;
        const int m = threadIdx.x / WARP % 2 * 32 + lane / 4;
        const int n = threadIdx.x / WARP / 2 * 16 + lane / 4;
#pragma unroll
        for (int k0 = 0; k0 < DEPTH; k0 += 8) {
            const int k = k0 + lane % 4;
            uint32_t a_big[2][4], a_small[2][4], b_big[2][2], b_small[2][2];
#pragma unroll
            for (int i = 0; i < 8; i++) { // registers of a fragment: (m, k), (m + 8, k), (m, k + 4), (m + 8, k + 4)
                const int r = i % 4;
                split(
                    a[(k + (r >= 2 ? 4 : 0)) * PITCH + m + i / 4 * 16 + (r % 2 == 1 ? 8 : 0)], a_big[i / 4][r],
                    a_small[i / 4][r]);
            }
#pragma unroll
            for (int i = 0; i < 4; i++) {
                split(b[(k + i % 2 * 4) * PITCH + n + i / 2 * 8], b_big[i / 2][i % 2], b_small[i / 2][i % 2]);
            }
#pragma unroll
            for (int tile = 0; tile < 4; tile++) {
                float d[4];
                for (int i = 0; i < 4; i++) {
                    d[i] = sums[tile * 4 + i];
                }
                if (THREE) {
                    multiply_tf32(d, a_small[tile / 2], b_big[tile % 2]);
                    multiply_tf32(d, a_big[tile / 2], b_small[tile % 2]);
                }
                multiply_tf32(d, a_big[tile / 2], b_big[tile % 2]);
                for (int i = 0; i < 4; i++) {
                    sums[tile * 4 + i] = d[i];
                }
            }
        }
    }
};

/** @param count number of packed rows: m of ROWS…, k of OUTER @param extent the other of the two, fixed */
template <Form FORM, class Engine>
__global__ void __launch_bounds__(THREADS, 2) // two blocks a multiprocessor leave 128 registers; aiming at more spills
    product(Count count, int extent, int columns, Operand a, Operand b, Result result) {
    const int ms = FORM == Form::OUTER ? extent : count.get();
    const int ks = FORM == Form::OUTER ? count.get() : extent;
    const int m0 = blockIdx.y * TILE;
    const int n0 = blockIdx.x * TILE;
    if (m0 >= ms) {
        return;
    }
    float *a_panel = shared_memory<float>();
    float *b_panel = a_panel + DEPTH * PITCH;
    float sums[SUMS] = {};
    const auto fetch_a = [&](int k0) {
        return FORM == Form::OUTER ? fetch_across(a, m0, ms, k0, ks) : fetch_along(a, m0, ms, k0, ks);
    };
    const auto fetch_b = [&](int k0) {
        return FORM == Form::ROWS_TRANSPOSED ? fetch_along(b, n0, columns, k0, ks) : fetch_across(b, n0, columns, k0, ks);
    };
    Fetch next_a = fetch_a(0);
    Fetch next_b = fetch_b(0);
    for (int k0 = 0; k0 < ks; k0 += DEPTH) {
        if (k0 > 0) {
            __syncthreads();
        }
        FORM == Form::OUTER ? store_across(next_a, a_panel) : store_along(next_a, a_panel);
        FORM == Form::ROWS_TRANSPOSED ? store_along(next_b, b_panel) : store_across(next_b, b_panel);
        __syncthreads();
        if (k0 + DEPTH < ks) {
            next_a = fetch_a(k0 + DEPTH);
            next_b = fetch_b(k0 + DEPTH);
        }
        Engine::multiply(a_panel, b_panel, sums);
    }
#pragma unroll
    for (int i = 0; i < SUMS; i++) {
        const int m = m0 + Engine::row(i);
        const int n = n0 + Engine::column(i);
        if (m < ms && n < columns) {
            float *place = result.values + static_cast<size_t>(m) * result.stride + n;
            float value = sums[i] + (result.accumulate ? *place : 0.0f);
            if (result.bias != nullptr) {
                value += result.bias[n];
            }
            if (result.bias2 != nullptr) {
                value += result.bias2[n];
            }
            value = result.tanh ? tanhf(value) : value;
            *place = value;
            if (result.copy != nullptr) {
                result.copy[static_cast<size_t>(m) * result.copy_stride + n] = value;
            }
        }
    }
}

}  // namespace matmul

/**
 * Enqueues a product.
 *
 * @param count  packed rows: m of ROWS_TRANSPOSED and ROWS, k of OUTER
 * @param most   what count is at most
 * @param extent k of ROWS_TRANSPOSED and ROWS, m of OUTER
 */
template <Form FORM>
void multiply(
    borep_context &context, Count count, int most, int extent, int columns, Operand a, Operand b, Result result) {
    const int ms = FORM == Form::OUTER ? extent : most;
    if (ms == 0 || columns == 0) {
        return;
    }
    const auto tiles = [](int size) { return static_cast<unsigned>((size + matmul::TILE - 1) / matmul::TILE); };
    const dim3 grid(tiles(columns), tiles(ms));
    const size_t shared = 2 * matmul::DEPTH * matmul::PITCH * sizeof(float);
    switch (context.precision()) {
        case BOREP_FP32:
            BOREP_RUN(
                context, (matmul::product<FORM, matmul::Scalar>), grid, matmul::THREADS, shared, count, extent, columns,
                a, b, result);
            break;
        case BOREP_3XTF32:
            BOREP_RUN(
                context, (matmul::product<FORM, matmul::Tensor<true>>), grid, matmul::THREADS, shared, count, extent,
                columns, a, b, result);
            break;
        case BOREP_TF32:
            BOREP_RUN(
                context, (matmul::product<FORM, matmul::Tensor<false>>), grid, matmul::THREADS, shared, count, extent,
                columns, a, b, result);
            break;
    }
}

/** out[n] += Σ_m a[m, n] over the packed rows, and out2 likewise unless null: gradients of biases. */
void add_column_sums(borep_context &context, Count count, int columns, Operand a, float *out, float *out2);

}  // namespace borep
