/*
 * Warpgroups in place of warps as the engine of a matrix product (matmul_tiles.cuh): each multiplies 64 rows of the tile by all its 128
 * columns, in TF32 or 3xTF32. Panels come as for the other engines, as they lie in global memory. Of A's a thread loads its fragments;
 * B's the block rounds, or splits, and lays down with k along the rows, as tensor cores ask for, beside the ring and in turn in two
 * places: while one panel is multiplied the next one is prepared.
 *
 * For each 64 x 128 x 8 product tensor cores read 4 KiB of B in 64 cycles, half of what shared memory gives; so a tile has as many rows
 * as there are registers for, and B is prepared once for all of them.
 */
#pragma once

#include "kernels/matmul_tiles.cuh"
#include "kernels/warpgroup.h"

namespace borep::matmul {

template <Form FORM, int ROWS, int CHUNKS, Arithmetic ARITHMETIC>
struct Groups {
    static constexpr bool NEEDS_TENSOR_CORES = true;
    static constexpr bool THREE = ARITHMETIC == Arithmetic::TF32_X3;
    static constexpr int COLUMNS = GROUP_COLUMNS;
    static constexpr int THREADS = 4 * WARP * (ROWS / 64);
    static constexpr int BLOCKS = 1;
    static constexpr int SUMS = sizeof(GroupSums) / sizeof(float);
    using Element = float;
    using A = Panel<float, left(FORM), ROWS, CHUNKS>;
    using B = Panel<float, right(FORM), COLUMNS, CHUNKS>;
    static_assert(A::DEPTH == GROUP_DEPTH);
    /** k of one instruction; a group of products is half a panel. */
    static constexpr int STEP = 8;
    static constexpr int STEPS = A::DEPTH / STEP / 2;
    /** Numbers of a panel of B as tensor cores read it; with three products what is left of them follows. */
    static constexpr int OPERAND = COLUMNS * GROUP_DEPTH;
    static constexpr int PLACE = THREE ? 2 * OPERAND : OPERAND;
    static constexpr int BESIDE = 2 * PLACE + GROUP_ALIGNMENT / sizeof(float);
    /** ACROSS, where neighbours lie side by side, a thread's two rows are neighbours, too, so that one load brings both. */
    static constexpr bool TWOS_DOWN = !A::ALONG;

    struct Fragments {
        /** Of each half of a panel. */
        uint32_t a[2][STEPS][4];
        float *places;
        int place;
    };

    __device__ static void begin(const float *panels, float *beside, Fragments &fragments) {
        const auto address = reinterpret_cast<uintptr_t>(beside);
        fragments.places = beside + (GROUP_ALIGNMENT - address % GROUP_ALIGNMENT) % GROUP_ALIGNMENT / sizeof(float);
        fragments.place = 0;
        prepare_b(panels + A::SIZE, fragments.places);
        load_a(panels, 0, fragments.a[0]);
        show_products();
        __syncthreads();
    }
    /** As Scalar's. Each half's fragments are loaded while tensor cores are busy with the other one. */
    template <class Turn, class Refill>
    __device__ static void multiply(
        const float *panels, Fragments &fragments, GroupSums &sums, Turn turn, Refill refill) {
        const float *b = fragments.places + fragments.place;
        fragments.place = PLACE - fragments.place;
        if constexpr (THREE) {
            GroupSums parts;
            uint32_t small[2][STEPS][4];
            add_three(fragments.a[0], small[0], b, false, parts);
            load_a(panels, 1, fragments.a[1]);
            add_three(fragments.a[1], small[1], b + STEPS * STEP, true, parts);
            panels = next_panels(fragments, turn, refill);
            wait_products<1>();
            load_a(panels, 0, fragments.a[0]);
            wait_products<0>();
            hold(parts);
#pragma unroll
            for (int i = 0; i < SUMS; i++) {
                sums[i / 4][i % 4] += parts[i / 4][i % 4];
            }
        } else {
            add(fragments.a[0], b, sums);
            wait_products<1>(); // the last panel's second half
            load_a(panels, 1, fragments.a[1]);
            add(fragments.a[1], b + STEPS * STEP, sums);
            panels = next_panels(fragments, turn, refill);
            wait_products<1>();
            load_a(panels, 0, fragments.a[0]);
        }
        show_products();
        __syncthreads();
    }
    /** Puts the sums where they belong in a tile of shared memory. */
    __device__ static void lay_down(GroupSums &sums, float *tile, int pitch) {
        wait_products<0>();
        hold(sums);
        const int g = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
#pragma unroll
        for (int half = 0; half < 2; half++) {
            float *row = tile + (first_row() + (TWOS_DOWN ? 2 * g + half : g + 8 * half)) * pitch;
#pragma unroll
            for (int j = 0; j < COLUMNS / 8; j++) {
                *reinterpret_cast<Two *>(row + j * 8 + 2 * t) = Two{sums[j][2 * half], sums[j][2 * half + 1]};
            }
        }
    }

   private:
    __device__ static int first_row() {
        return threadIdx.x / WARP * 16;
    }
    /** Waits for the next panels, has those before them replaced and lays B down where nobody reads any more. */
    template <class Turn, class Refill>
    __device__ static const float *next_panels(const Fragments &fragments, Turn turn, Refill refill) {
        const float *panels = turn();
        refill();
        prepare_b(panels + A::SIZE, fragments.places + fragments.place);
        return panels;
    }
    __device__ static void load_a(const float *panel, int half, uint32_t (&a)[STEPS][4]) {
        const int lane = threadIdx.x % WARP;
#pragma unroll
        for (int step = 0; step < STEPS; step++) {
            const int k = (half * STEPS + step) * STEP;
            if constexpr (TWOS_DOWN) {
#pragma unroll
                for (int i = 0; i < 2; i++) { // k = t and t + 4
                    const Two two = *reinterpret_cast<const Two *>(
                        panel + (k + lane % 4 + i * 4) * A::PITCH + first_row() + lane / 4 * 2);
                    a[step][2 * i] = bits_of(two.at[0]);
                    a[step][2 * i + 1] = bits_of(two.at[1]);
                }
            } else {
                load_matrices(a[step], panel + (first_row() + lane % 16) * A::PITCH + k + lane / 16 * A::CHUNK);
            }
            if constexpr (!THREE) {
#pragma unroll
                for (int r = 0; r < 4; r++) {
                    a[step][r] = round_for_tf32(a[step][r]);
                }
            }
        }
    }
    /** Four k of a column at a time; neighbours take neighbouring columns. */
    __device__ static void prepare_b(const float *panel, float *place) {
#pragma unroll
        for (int i = threadIdx.x; i < OPERAND / 4; i += THREADS) {
            const int n = i % COLUMNS, chunk = i / COLUMNS;
            Quad four;
            if constexpr (B::ALONG) {
                four = *reinterpret_cast<const Quad *>(panel + n * B::PITCH + chunk * 4);
            } else {
#pragma unroll
                for (int k = 0; k < 4; k++) {
                    four.at[k] = panel[(chunk * 4 + k) * B::PITCH + n];
                }
            }
            Quad rest;
#pragma unroll
            for (int k = 0; k < 4; k++) {
                uint32_t bits = bits_of(four.at[k]), small = 0;
                if constexpr (THREE) {
                    split_for_tf32(bits, small);
                } else {
                    bits = round_for_tf32(bits);
                }
                four.at[k] = from_bits(bits);
                rest.at[k] = from_bits(small);
            }
            *reinterpret_cast<Quad *>(place + group_place(n, chunk)) = four;
            if constexpr (THREE) {
                *reinterpret_cast<Quad *>(place + OPERAND + group_place(n, chunk)) = rest;
            }
        }
    }
    __device__ static void add(const uint32_t (&a)[STEPS][4], const float *b, GroupSums &sums) {
        begin_products();
#pragma unroll
        for (int step = 0; step < STEPS; step++) {
            multiply_async(sums, a[step], b + step * STEP, true);
        }
        close_products();
    }
    /**
     * As borep::add_three, but what is added outside are the sums of a whole panel.
     *
     * @param a what was loaded, then the larger part of it
     * @param small the rest of it
     * @param adds to what parts hold
     */
    __device__ static void add_three(
        uint32_t (&a)[STEPS][4], uint32_t (&small)[STEPS][4], const float *b, bool adds, GroupSums &parts) {
#pragma unroll
        for (int i = 0; i < STEPS * 4; i++) {
            split_for_tf32(a[i / 4][i % 4], small[i / 4][i % 4]);
        }
        begin_products();
#pragma unroll
        for (int step = 0; step < STEPS; step++) {
            multiply_async(parts, small[step], b + step * STEP, adds || step > 0);
        }
#pragma unroll
        for (int step = 0; step < STEPS; step++) {
            multiply_async(parts, a[step], b + OPERAND + step * STEP, true);
        }
#pragma unroll
        for (int step = 0; step < STEPS; step++) {
            multiply_async(parts, a[step], b + step * STEP, true);
        }
        close_products();
    }
};

}  // namespace borep::matmul
