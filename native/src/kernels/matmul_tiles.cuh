/*
 * What a block of a matrix product (matmul.cu) does with one tile of C.
 *
 * Panels of A and B, each 4 chunks of 16 bytes deep in k (16 float32 or 32 bfloat16), come into shared memory by asynchronous
 * copies as they lie in global memory: ALONG, where k runs along the operand's rows, as lines of one place each; ACROSS, where
 * k counts the rows, as lines of one k each. Lines are padded so that whatever reads them meets every bank once: ALONG by one
 * chunk (80 bytes: the 8 rows of a matrix load begin in 8 different groups of 4 banks), ACROSS by 8 elements (the 4 k of a float32
 * fragment lie 8 banks apart, the 8 rows of a transposed matrix load 4 banks).
 *
 * An engine multiplies two panels into sums that stay in registers. At the end it lays them down strip by strip, rows of C in shared
 * memory, from where they go out whole lines at a time.
 */
#pragma once

#include "kernels/matmul.cuh"

namespace borep::matmul {

enum class Arithmetic { FP32, TF32_X3, TF32, BF16 };
enum class Layout { ALONG, ACROSS };

constexpr Layout left(Form form) {
    return form == Form::OUTER ? Layout::ACROSS : Layout::ALONG;
}

constexpr Layout right(Form form) {
    return form == Form::ROWS_TRANSPOSED ? Layout::ALONG : Layout::ACROSS;
}

/** PLACES rows or columns of the tile, as they lie in shared memory. */
template <class E, Layout LAYOUT, int PLACES>
struct Panel {
    using Element = E;
    static constexpr bool ALONG = LAYOUT == Layout::ALONG;
    static constexpr int CHUNK = 16 / sizeof(Element);
    static constexpr int DEPTH = 4 * CHUNK;
    static constexpr int LINES = ALONG ? PLACES : DEPTH;
    static constexpr int LENGTH = ALONG ? DEPTH : PLACES;
    static constexpr int PITCH = LENGTH + (ALONG ? CHUNK : 8);
    static constexpr int SIZE = LINES * PITCH;
};

/** An operand in global memory; wide: every row begins at a multiple of 16 bytes, so that whole chunks can be copied. */
template <class Element>
struct Lines {
    const Element *values;
    int stride;
    const int *map;
    bool wide;

    /** Null: a row of zeros. */
    __device__ const Element *row(int r) const {
        const int mapped = map == nullptr ? r : map[r];
        return mapped < 0 ? nullptr : values + static_cast<size_t>(mapped) * stride;
    }
};

/**
 * Copies one operand's panels; a thread takes every THREADS-th chunk, so that neighbours copy neighbouring chunks. `From` says like
 * Lines where rows lie.
 */
template <class P, int THREADS, class From = Lines<typename P::Element>>
class Source {
    using Element = typename P::Element;
    static constexpr int CHUNKS = P::LENGTH / P::CHUNK;
    static constexpr int COPIES = P::LINES * CHUNKS / THREADS;

   public:
    __device__ Source(const From &from, int place0, int places, int k_end)
        : from_(from),
          place0_(place0),
          places_(places),
          k_end_(k_end),
          line0_(threadIdx.x / CHUNKS),
          offset_(threadIdx.x % CHUNKS * P::CHUNK) {
        if constexpr (P::ALONG) {
            for (int i = 0; i < COPIES; i++) {
                lines_[i] = place0 + line(i) < places ? from.row(place0 + line(i)) : nullptr;
            }
        }
    }

    /** Begins the copy of the panel at k0; what lies past the operand's ends becomes 0. */
    __device__ void copy(int k0, Element *panel) const {
#pragma unroll
        for (int i = 0; i < COPIES; i++) {
            const Element *from = nullptr;
            int rest;
            if constexpr (P::ALONG) {
                from = lines_[i];
                rest = k_end_ - k0 - offset_;
            } else {
                from = k0 + line(i) < k_end_ ? from_.row(k0 + line(i)) : nullptr;
                rest = places_ - place0_ - offset_;
            }
            const int valid = from == nullptr || rest < 0 ? 0 : rest < P::CHUNK ? rest : P::CHUNK;
            const Element *start = valid == 0 ? from_.values : from + (P::ALONG ? k0 : place0_) + offset_;
            copy_chunk(panel + line(i) * P::PITCH + offset_, start, valid);
        }
    }

   private:
    __device__ int line(int i) const {
        return line0_ + i * (THREADS / CHUNKS);
    }
    __device__ void copy_chunk(Element *to, const Element *start, int valid) const {
        if (sizeof(Element) != 4 || from_.wide) {
            copy_async<16>(to, start, valid * sizeof(Element));
        } else {
            for (int j = 0; j < P::CHUNK; j++) {
                copy_async<4>(to + j, j < valid ? start + j : from_.values, j < valid ? 4 : 0);
            }
        }
    }

    const From &from_;
    const Element *lines_[COPIES];
    int place0_, places_, k_end_, line0_, offset_;
};

struct alignas(16) Four {
    float part[4];
};

/** Float32: 16 x 16 threads, each with ROWS / 16 rows and COLUMNS / 16 columns of the tile. */
template <Form FORM, int ROWS, int COLUMNS>
struct Scalar {
    static constexpr bool NEEDS_TENSOR_CORES = false;
    static constexpr int THREADS = 256;
    static constexpr int BLOCKS = 2; // of a multiprocessor: 128 registers a thread
    static constexpr int M = ROWS / 16;
    static constexpr int N = COLUMNS / 16;
    static constexpr int SUMS = M * N;
    static constexpr int STRIPS = M / 4;
    using A = Panel<float, left(FORM), ROWS>;
    using B = Panel<float, right(FORM), COLUMNS>;

    __device__ static void multiply(const float *a, const float *b, float (&sums)[SUMS / 4][4]) {
        const int m = thread_row();
        const int n = thread_column();
#pragma unroll 1 // of large tiles more than 4 k at a time do not fit into 128 registers
        for (int k = 0; k < A::DEPTH; k += 4) {
            float left[M][4];
#pragma unroll
            for (int i = 0; i < M; i += 4) {
                load<A>(a, k, m, i, left + i);
            }
#pragma unroll
            for (int j = 0; j < N; j += 4) {
                float right[4][4];
                load<B>(b, k, n, j, right);
#pragma unroll
                for (int step = 0; step < 4; step++) {
#pragma unroll
                    for (int i = 0; i < 4 * M; i++) {
                        sums[(i / 4 * N + j) / 4][i % 4] += left[i / 4][step] * right[i % 4][step];
                    }
                }
            }
        }
    }
    /** Row of the tile of row `row` of a strip. */
    __device__ static int tile_row(int strip, int row) {
        return place<A>(row % 16, strip * 4 + row / 16);
    }
    __device__ static void lay_down(const float (&sums)[SUMS / 4][4], int strip, float *out, int pitch) {
#pragma unroll
        for (int i = 0; i < 4 * N; i++) {
            const int sum = strip * 4 * N + i;
            out[(i / N * 16 + thread_row()) * pitch + place<B>(thread_column(), i % N)] = sums[sum / 4][sum % 4];
        }
    }

   private:
    /** A warp is 4 rows of 8 threads: a quarter of it reads one number of A and 8 neighbouring places of B. */
    __device__ static int thread_row() {
        return threadIdx.x % WARP / 8 + threadIdx.x / WARP / 2 * 4;
    }
    __device__ static int thread_column() {
        return threadIdx.x % 8 + threadIdx.x / WARP % 2 * 8;
    }
    /** The i-th place of a thread: 4 neighbours where these lie side by side, else one in 16. */
    template <class P>
    __device__ static int place(int thread, int i) {
        return P::ALONG ? thread + 16 * i : i / 4 * 64 + thread * 4 + i % 4;
    }
    /** Numbers of 4 k at 4 of a thread's places, from the i-th on. */
    template <class P>
    __device__ static void load(const float *panel, int k, int thread, int i, float (*out)[4]) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            const float *from = P::ALONG ? panel + place<P>(thread, i + j) * P::PITCH + k
                                         : panel + (k + j) * P::PITCH + place<P>(thread, i);
            const Four four = *reinterpret_cast<const Four *>(from);
#pragma unroll
            for (int other = 0; other < 4; other++) {
                (P::ALONG ? out[j][other] : out[other][j]) = four.part[other];
            }
        }
    }
};

template <Arithmetic ARITHMETIC>
struct ElementOf {
    using Type = float;
};
template <>
struct ElementOf<Arithmetic::BF16> {
    using Type = uint16_t;
};

/**
 * Tensor cores: a warp has 64 x 64 (of a small tile 32 x 32, with three products, which need registers beside their sums, 32 x 64) of
 * C as M x N tiles of m16n8.
 */
template <Form FORM, int ROWS, int COLUMNS, Arithmetic ARITHMETIC>
struct Tensor {
    static constexpr bool NEEDS_TENSOR_CORES = true;
    static constexpr bool THREE = ARITHMETIC == Arithmetic::TF32_X3;
    static constexpr bool BF16 = ARITHMETIC == Arithmetic::BF16;
    static constexpr int WARP_ROWS = ROWS < 128 || THREE ? 32 : 64;
    static constexpr int WARP_COLUMNS = COLUMNS < 128 ? 32 : 64;
    static constexpr int WARPS_DOWN = ROWS / WARP_ROWS;
    static constexpr int THREADS = WARP * WARPS_DOWN * (COLUMNS / WARP_COLUMNS);
    static constexpr int BLOCKS = 256 / THREADS; // of a multiprocessor: 255 registers a thread
    static constexpr int M = WARP_ROWS / 16;
    static constexpr int N = WARP_COLUMNS / 8;
    static constexpr int SUMS = M * N * 4;
    static constexpr int STRIPS = M / 2;
    using Element = typename ElementOf<ARITHMETIC>::Type;
    using A = Panel<Element, left(FORM), ROWS>;
    using B = Panel<Element, right(FORM), COLUMNS>;
    /** k of one instruction. */
    static constexpr int STEP = 2 * A::CHUNK;

    __device__ static void multiply(const Element *a, const Element *b, float (&sums)[SUMS / 4][4]) {
#pragma unroll
        for (int k = 0; k < A::DEPTH; k += STEP) {
            uint32_t big[M][4], small[M][4];
#pragma unroll
            for (int i = 0; i < M; i++) {
                load_a(a, first_row() + i * 16, k, big[i]);
                split(big[i], small[i]);
            }
#pragma unroll
            for (int j = 0; j < N; j += 2) {
                uint32_t right_big[4], right_small[4];
                load_b(b, first_column() + j * 8, k, right_big);
                split(right_big, right_small);
#pragma unroll
                for (int tile = 0; tile < 2 * M; tile++) {
                    const int i = tile / 2, half = tile % 2 * 2;
                    float(&d)[4] = sums[i * N + j + half / 2];
                    const uint32_t b_big[2] = {right_big[half], right_big[half + 1]};
                    if constexpr (BF16) {
                        multiply_bf16(d, big[i], b_big);
                    } else {
                        if constexpr (THREE) {
                            const uint32_t b_small[2] = {right_small[half], right_small[half + 1]};
                            add_three(d, big[i], small[i], b_big, b_small);
                        } else {
                            multiply_tf32(d, big[i], b_big);
                        }
                    }
                }
            }
        }
    }

    /** Row of the tile of row `row` of a strip: 32 of each warp. */
    __device__ static int tile_row(int strip, int row) {
        return row / 32 * WARP_ROWS + strip * 32 + row % 32;
    }
    __device__ static void lay_down(const float (&sums)[SUMS / 4][4], int strip, float *out, int pitch) {
        const int lane = threadIdx.x % WARP;
        const int row0 = first_row() / WARP_ROWS * 32 + lane / 4;
        const int column0 = first_column() + lane % 4 * 2;
#pragma unroll
        for (int i = 0; i < 8 * N; i++) {
            const int tile = i / 4;
            out[(row0 + tile / N * 16 + i % 4 / 2 * 8) * pitch + column0 + tile % N * 8 + i % 2] =
                sums[strip * 2 * N + tile][i % 4];
        }
    }

   private:
    __device__ static int first_row() {
        return threadIdx.x / WARP % WARPS_DOWN * WARP_ROWS;
    }
    __device__ static int first_column() {
        return threadIdx.x / WARP / WARPS_DOWN * WARP_COLUMNS;
    }
    /** Rounds what was loaded; with three products `small` gets what rounding left over. */
    __device__ static void split(uint32_t (&big)[4], uint32_t (&small)[4]) {
        if constexpr (!BF16) {
#pragma unroll
            for (int r = 0; r < 4; r++) {
                const float value = from_bits(big[r]);
                big[r] = to_tf32(value);
                small[r] = THREE ? to_tf32(value - from_bits(big[r])) : 0;
            }
        }
    }
    /** The fragment of 16 rows from m0 on. */
    __device__ static void load_a(const Element *panel, int m0, int k, uint32_t (&d)[4]) {
        const int lane = threadIdx.x % WARP;
        if constexpr (A::ALONG) {
            load_matrices(d, panel + (m0 + lane % 16) * A::PITCH + k + lane / 16 * A::CHUNK);
        } else if constexpr (BF16) {
            load_matrices_transposed(d, panel + (k + lane % 8 + lane / 16 * 8) * A::PITCH + m0 + lane / 8 % 2 * 8);
        } else {
#pragma unroll
            for (int r = 0; r < 4; r++) {
                d[r] = bits_of(panel[(k + lane % 4 + r / 2 * 4) * A::PITCH + m0 + lane / 4 + r % 2 * 8]);
            }
        }
    }
    /** The fragments of 8 columns from n0 on (words 0 and 1) and of the next 8 (words 2 and 3). */
    __device__ static void load_b(const Element *panel, int n0, int k, uint32_t (&d)[4]) {
        const int lane = threadIdx.x % WARP;
        if constexpr (B::ALONG) {
            load_matrices(d, panel + (n0 + lane % 8 + lane / 16 * 8) * B::PITCH + k + lane / 8 % 2 * B::CHUNK);
        } else if constexpr (BF16) {
            load_matrices_transposed(d, panel + (k + lane % 16) * B::PITCH + n0 + lane / 16 * 8);
        } else {
#pragma unroll
            for (int r = 0; r < 4; r++) {
                d[r] = bits_of(panel[(k + lane % 4 + r % 2 * 4) * B::PITCH + n0 + lane / 4 + r / 2 * 8]);
            }
        }
    }
};

}  // namespace borep::matmul
