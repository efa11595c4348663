/*
 * What a block of a matrix product (matmul.cu) does with one tile of C: panels stream through a ring in shared memory
 * (matmul_panels.cuh); an engine multiplies two of them into sums that stay in registers, and at the end lays these down in shared
 * memory as rows of C, from where they go out whole lines at a time.
 *
 * Instructions are what is scarce: on Hopper a scheduler has 6 for each m16n8k8 at the rate of its tensor cores, 1 for each FMA.
 */
#pragma once

#include "kernels/matmul_panels.cuh"

namespace borep::matmul {

enum class Arithmetic { FP32, TF32_X3, TF32, BF16 };

/** Float32: 16 x 16 threads, each with ROWS / 16 rows and COLUMNS / 16 columns of the tile. */
template <Form FORM, int ROWS, int COLUMNS, int CHUNKS>
struct Scalar {
    static constexpr bool NEEDS_TENSOR_CORES = false;
    static constexpr int THREADS = 256;
    static constexpr int BLOCKS = 2; // of a multiprocessor: 128 registers a thread
    static constexpr int BESIDE = 0; // numbers of shared memory for itself
    static constexpr int M = ROWS / 16;
    static constexpr int N = COLUMNS / 16;
    static constexpr int SUMS = M * N;
    /** Of the loop over a panel: loads of the next k run beside this one's sums. Two operands ALONG take too many registers. */
    static constexpr int UNROLL = FORM == Form::ROWS_TRANSPOSED && ROWS > 64 ? 1 : 4;
    using A = Panel<float, left(FORM), ROWS, CHUNKS>;
    using B = Panel<float, right(FORM), COLUMNS, CHUNKS>;

    /** What is read from a panel ahead of its products. */
    struct Fragments {};
    __device__ static void begin(const float *, const float *, Fragments &) {}
    /**
     * Multiplies two panels.
     *
     * @param turn waits until the next two are there and nobody reads these any more, and returns them
     * @param refill then begins a copy in place of these
     */
    template <class Turn, class Refill>
    __device__ static void multiply(const float *panels, Fragments &, float (&sums)[SUMS / 4][4], Turn turn, Refill refill) {
        add_products(panels, panels + A::SIZE, sums);
        turn();
        refill();
    }
    /** Puts the sums where they belong in a tile of shared memory. */
    __device__ static void lay_down(const float (&sums)[SUMS / 4][4], float *tile, int pitch) {
#pragma unroll
        for (int i = 0; i < SUMS; i += 4) {
            float *row = tile + place<A>(thread_row(), i / N) * pitch;
            if constexpr (B::ALONG) {
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    row[place<B>(thread_column(), i % N + j)] = sums[i / 4][j];
                }
            } else {
                *reinterpret_cast<Quad *>(row + place<B>(thread_column(), i % N)) =
                    Quad{sums[i / 4][0], sums[i / 4][1], sums[i / 4][2], sums[i / 4][3]};
            }
        }
    }

   private:
    __device__ static void add_products(const float *a, const float *b, float (&sums)[SUMS / 4][4]) {
        const int m = thread_row();
        const int n = thread_column();
#pragma unroll UNROLL
        for (int k = 0; k < A::DEPTH; k += 4) {
            float left[M][4];
            if constexpr (A::ALONG) {
                load_along<A>(a + k, m, left);
            }
            if constexpr (B::ALONG) {
#pragma unroll
                for (int j = 0; j < N; j += 4) { // all columns at once would not fit into 128 registers
                    float right[4][4];
                    load_along<B>(b + k, n + 16 * j, right);
#pragma unroll
                    for (int step = 0; step < 4; step++) {
                        add<4>(left, step, right, step, j, sums);
                    }
                }
            } else {
#pragma unroll
                for (int step = 0; step < 4; step++) {
                    float right[N][4];
                    load_across<B>(b + (k + step) * B::PITCH, n, right);
                    if constexpr (!A::ALONG) {
                        load_across<A>(a + (k + step) * A::PITCH, m, left);
                    }
                    add<N>(left, A::ALONG ? step : 0, right, 0, 0, sums);
                }
            }
        }
    }
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
    /** Numbers of 4 k at PLACES of a thread's places, of which the first is `first`. */
    template <class P, int PLACES>
    __device__ static void load_along(const float *panel, int first, float (&out)[PLACES][4]) {
#pragma unroll
        for (int i = 0; i < PLACES; i++) {
            const Quad four = *reinterpret_cast<const Quad *>(panel + (first + 16 * i) * P::PITCH);
#pragma unroll
            for (int step = 0; step < 4; step++) {
                out[i][step] = four.at[step];
            }
        }
    }
    /** Numbers of one k at all of a thread's places. */
    template <class P, int PLACES>
    __device__ static void load_across(const float *line, int thread, float (&out)[PLACES][4]) {
#pragma unroll
        for (int i = 0; i < PLACES; i += 4) {
            const Quad four = *reinterpret_cast<const Quad *>(line + place<P>(thread, i));
#pragma unroll
            for (int j = 0; j < 4; j++) {
                out[i + j][0] = four.at[j];
            }
        }
    }
    /** Adds the products of one k for COLUMNS_NOW columns from the j-th on. */
    template <int COLUMNS_NOW>
    __device__ static void add(
        const float (&left)[M][4], int left_step, const float (&right)[COLUMNS_NOW][4], int right_step, int j,
        float (&sums)[SUMS / 4][4]) {
#pragma unroll
        for (int i = 0; i < M; i++) {
#pragma unroll
            for (int column = 0; column < COLUMNS_NOW; column++) {
                const int sum = i * N + j + column;
                sums[sum / 4][sum % 4] += left[i][left_step] * right[column][right_step];
            }
        }
    }
};

struct alignas(8) Two {
    float at[2];
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
template <Form FORM, int ROWS, int COLUMNS, int CHUNKS, Arithmetic ARITHMETIC>
struct Tensor {
    static constexpr bool NEEDS_TENSOR_CORES = true;
    static constexpr bool THREE = ARITHMETIC == Arithmetic::TF32_X3;
    static constexpr bool BF16 = ARITHMETIC == Arithmetic::BF16;
    static constexpr int WARP_ROWS = ROWS < 128 || THREE ? 32 : 64;
    static constexpr int WARP_COLUMNS = COLUMNS < 128 ? 32 : 64;
    static constexpr int WARPS_DOWN = ROWS / WARP_ROWS;
    static constexpr int THREADS = WARP * WARPS_DOWN * (COLUMNS / WARP_COLUMNS);
    static constexpr int BLOCKS = 256 / THREADS; // of a multiprocessor: 255 registers a thread
    static constexpr int BESIDE = 0;
    static constexpr int M = WARP_ROWS / 16;
    static constexpr int N = WARP_COLUMNS / 8;
    static constexpr int SUMS = M * N * 4;
    using Element = typename ElementOf<ARITHMETIC>::Type;
    using A = Panel<Element, left(FORM), ROWS, CHUNKS>;
    using B = Panel<Element, right(FORM), COLUMNS, CHUNKS>;
    /** k of one instruction, and how often it fits into a panel. */
    static constexpr int STEP = 2 * A::CHUNK;
    static constexpr int STEPS = A::DEPTH / STEP;
    /**
     * Whether a thread's rows of C, or columns, are fours of neighbours, of which 8 threads make 32. Which of C's rows or columns
     * those of m16n8 tiles stand for is free, and ACROSS, where neighbours lie side by side, one load then brings four.
     */
    static constexpr bool FOURS_DOWN = !A::ALONG && !BF16;
    static constexpr bool FOURS_RIGHT = !B::ALONG && !BF16;
    /** m16n8 tiles side by side whose numbers of B are loaded together, in pairs. */
    static constexpr int PAIRS = FOURS_RIGHT ? 2 : 1;
    static constexpr int GROUPS = N / 2 / PAIRS;
    static_assert(STEPS % 2 == 0);
    /** Numbers of the warp's rows and of a group's columns, each for the step or group under way and for the next. */
    struct Fragments {
        uint32_t a[2][M][4];
        uint32_t b[2][PAIRS][4];
    };

    __device__ static void begin(const Element *panels, const Element *, Fragments &fragments) {
        load_a(panels, 0, fragments.a[0]);
        load_b(panels + A::SIZE, 0, 0, fragments.b[0]);
    }
    /** As Scalar's. Numbers are asked for at least a group ahead of their products, those of the next panels, too. */
    template <class Turn, class Refill>
    __device__ static void multiply(
        const Element *panels, Fragments &fragments, float (&sums)[SUMS / 4][4], Turn turn, Refill refill) {
#pragma unroll
        for (int step = 0; step < STEPS; step++) {
            uint32_t(&a)[M][4] = fragments.a[step % 2];
            uint32_t a_small[M][4];
#pragma unroll
            for (int i = 0; i < M; i++) {
                prepare(a[i], a_small[i]);
            }
            const bool last_step = step == STEPS - 1;
            const int next = last_step ? 0 : (step + 1) * STEP;
#pragma unroll
            for (int group = 0; group < GROUPS; group++) {
                const bool last_group = group == GROUPS - 1;
                const int count = step * GROUPS + group;
                if (last_step && last_group) {
                    panels = turn();
                }
                if (last_step ? last_group : group == 0) {
                    load_a(panels, next, fragments.a[(step + 1) % 2]);
                }
                load_b(
                    panels + A::SIZE, last_group ? 0 : group + 1, last_group ? next : step * STEP, fragments.b[(count + 1) % 2]);
                if (last_step && last_group) {
                    refill();
                }
#pragma unroll
                for (int pair = 0; pair < PAIRS; pair++) {
                    uint32_t(&b)[4] = fragments.b[count % 2][pair];
                    uint32_t b_small[4];
                    prepare(b, b_small);
                    if constexpr (THREE) {
                        add_three(a, a_small, b, b_small, group * PAIRS + pair, sums);
                    } else {
                        add(a, b, group * PAIRS + pair, sums);
                    }
                }
            }
        }
    }

    /** Puts the sums where they belong in a tile of shared memory. */
    __device__ static void lay_down(const float (&sums)[SUMS / 4][4], float *tile, int pitch) {
        const int t = threadIdx.x % 4;
#pragma unroll
        for (int i = 0; i < 2 * M; i++) {
            float *row = tile + (first_row() + row_of(i)) * pitch + first_column();
            const int fragment = i / 2 * N, d = i % 2 * 2;
            if constexpr (FOURS_RIGHT) {
#pragma unroll
                for (int j = 0; j < 2 * N; j += 4) {
                    const int from = fragment + j / 8 * 4, e = d + j / 4 % 2;
                    *reinterpret_cast<Quad *>(row + j / 8 * 32 + (2 * t + j / 4 % 2) * 4) =
                        Quad{sums[from][e], sums[from + 1][e], sums[from + 2][e], sums[from + 3][e]};
                }
            } else { // half a warp meets every bank once
#pragma unroll
                for (int j = 0; j < N; j++) {
                    *reinterpret_cast<Two *>(row + j * 8 + 2 * t) = Two{sums[fragment + j][d], sums[fragment + j][d + 1]};
                }
            }
        }
    }

   private:
    __device__ static int first_row() {
        return threadIdx.x / WARP % WARPS_DOWN * WARP_ROWS;
    }
    __device__ static int first_column() {
        return threadIdx.x / WARP / WARPS_DOWN * WARP_COLUMNS;
    }
    /** The warp's row that the i-th of the thread's, tile by tile g and g + 8, stands for. */
    __device__ static int row_of(int i) {
        const int g = threadIdx.x % WARP / 4;
        return FOURS_DOWN ? i / 4 * 32 + g * 4 + i % 4 : i * 8 + g;
    }
    /** Rounds what was loaded, or splits it. */
    __device__ static void prepare(uint32_t (&numbers)[4], [[maybe_unused]] uint32_t (&small)[4]) {
#pragma unroll
        for (int r = 0; r < 4; r++) {
            if constexpr (THREE) {
                split_for_tf32(numbers[r], small[r]);
            } else if constexpr (!BF16) {
                numbers[r] = round_for_tf32(numbers[r]);
            }
        }
    }
    __device__ static void add(
        const uint32_t (&a)[M][4], const uint32_t (&b)[4], int pair, float (&sums)[SUMS / 4][4]) {
#pragma unroll
        for (int tile = 0; tile < 2 * M; tile++) {
            const int i = tile / 2, half = tile % 2;
            const uint32_t right[2] = {b[2 * half], b[2 * half + 1]};
            if constexpr (BF16) {
                multiply_bf16(sums[i * N + 2 * pair + half], a[i], right);
            } else {
                multiply_tf32(sums[i * N + 2 * pair + half], a[i], right);
            }
        }
    }
    /** As borep::add_three, product by product for all tiles of a pair: each waits for its last. */
    __device__ static void add_three(
        const uint32_t (&a)[M][4], const uint32_t (&a_small)[M][4], const uint32_t (&b)[4], const uint32_t (&b_small)[4],
        int pair, float (&sums)[SUMS / 4][4]) {
        float parts[2 * M][4];
#pragma unroll
        for (int product = 0; product < 3; product++) {
#pragma unroll
            for (int tile = 0; tile < 2 * M; tile++) {
                const int i = tile / 2, half = tile % 2 * 2;
                const uint32_t big[2] = {b[half], b[half + 1]};
                const uint32_t small[2] = {b_small[half], b_small[half + 1]};
                if (product == 0) {
                    begin_tf32(parts[tile], a_small[i], big);
                } else if (product == 1) {
                    multiply_tf32(parts[tile], a[i], small);
                } else {
                    multiply_tf32(parts[tile], a[i], big);
                }
            }
        }
#pragma unroll
        for (int tile = 0; tile < 2 * M; tile++) {
#pragma unroll
            for (int d = 0; d < 4; d++) {
                sums[tile / 2 * N + 2 * pair + tile % 2][d] += parts[tile][d];
            }
        }
    }
    __device__ static void load_a(const Element *panel, int k, uint32_t (&a)[M][4]) {
        const int lane = threadIdx.x % WARP;
        if constexpr (FOURS_DOWN) {
#pragma unroll
            for (int i = 0; i < M; i++) { // k = t and t + 4 of two tiles' rows in turn
                const int line = k + lane % 4 + i % 2 * 4;
                const Quad four = load_four(panel + line * A::PITCH + first_row() + i / 2 * 32 + lane / 4 * 4);
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    a[i / 2 * 2 + j / 2][i % 2 * 2 + j % 2] = bits_of(four.at[j]);
                }
            }
        } else {
#pragma unroll
            for (int i = 0; i < M; i++) {
                const int m0 = first_row() + i * 16;
                if constexpr (A::ALONG) {
                    load_matrices(a[i], panel + (m0 + lane % 16) * A::PITCH + k + lane / 16 * A::CHUNK);
                } else {
                    load_matrices_transposed(a[i], panel + (k + lane % 8 + lane / 16 * 8) * A::PITCH + m0 + lane / 8 % 2 * 8);
                }
            }
        }
    }
    /** Of a pair of tiles, words 0 and 1 are the first's fragment, 2 and 3 the second's. */
    __device__ static void load_b(const Element *panel, int group, int k, uint32_t (&b)[PAIRS][4]) {
        const int lane = threadIdx.x % WARP;
        const int n0 = first_column() + group * PAIRS * 16;
        if constexpr (FOURS_RIGHT) {
#pragma unroll
            for (int i = 0; i < 2; i++) { // k = t and t + 4
                const Quad four = load_four(panel + (k + lane % 4 + i * 4) * B::PITCH + n0 + lane / 4 * 4);
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    b[j / 2][j % 2 * 2 + i] = bits_of(four.at[j]);
                }
            }
        } else if constexpr (B::ALONG) {
            load_matrices(b[0], panel + (n0 + lane % 8 + lane / 16 * 8) * B::PITCH + k + lane / 8 % 2 * B::CHUNK);
        } else {
            load_matrices_transposed(b[0], panel + (k + lane % 16) * B::PITCH + n0 + lane / 16 * 8);
        }
    }
    __device__ static Quad load_four(const Element *from) {
        return *reinterpret_cast<const Quad *>(from);
    }
};

/** Numbers that the ring of panels in a block's shared memory holds. */
template <class E, Tile TILE>
constexpr int RING = STAGES<TILE> * (E::A::SIZE + E::B::SIZE);

/** From row to row of the tile of C, which takes the ring's place; 8 more than columns keep banks apart. */
template <Tile TILE>
constexpr int PITCH = EXTENT<TILE>.columns + 8;

/**
 * Streams panels of A and B through the ring, all but one under way while that one is multiplied.
 *
 * @param first the first panel, counted from k = 0; the sources begin there
 * @param panels none: the tile is 0
 * @return the tile of C, complete for all threads
 */
template <class E, Tile TILE, class SourceA, class SourceB>
__device__ __forceinline__ const float *make_tile(SourceA &source_a, SourceB &source_b, int first, int panels) {
    using A = typename E::A;
    using Element = typename A::Element;
    constexpr int STAGE = A::SIZE + E::B::SIZE;
    static_assert(EXTENT<TILE>.rows * PITCH<TILE> * sizeof(float) <= RING<E, TILE> * sizeof(Element));
    const int whole = source_a.whole() < source_b.whole() ? source_a.whole() : source_b.whole();
    Element *ring = shared_memory<Element>();
    const auto fetch = [&](int panel, Element *stage) {
        if (panel < panels) {
            const int k0 = (first + panel) * A::DEPTH;
            if (k0 < whole) {
                source_a.copy_whole(k0, stage);
                source_b.copy_whole(k0, stage + A::SIZE);
            } else {
                source_a.copy(k0, stage);
                source_b.copy(k0, stage + A::SIZE);
            }
        }
        commit_copies(); // also of nothing, so that as many groups as ever are later than the one waited for
    };
#pragma unroll 1 // its code is long
    for (int panel = 0; panel < STAGES<TILE>; panel++) {
        fetch(panel, ring + panel * STAGE);
    }
    wait_copies<STAGES<TILE> - 1>();
    __syncthreads();
    float sums[E::SUMS / 4][4] = {};
    typename E::Fragments fragments;
    E::begin(ring, ring + RING<E, TILE>, fragments);
    int stage = 0;
    for (int panel = 0; panel < panels; panel++) {
        Element *now = ring + stage * STAGE;
        stage = stage == STAGES<TILE> - 1 ? 0 : stage + 1;
        const auto turn = [&] {
            wait_copies<STAGES<TILE> - 2>();
            __syncthreads(); // the next panel is there for all, and all have read this one
            return static_cast<const Element *>(ring + stage * STAGE);
        };
        E::multiply(now, fragments, sums, turn, [&] { fetch(panel + STAGES<TILE>, now); });
    }
    auto *tile = shared_memory<float>();
    __syncthreads(); // nobody reads a panel any more
    E::lay_down(sums, tile, PITCH<TILE>);
    __syncthreads();
    return tile;
}

}  // namespace borep::matmul
