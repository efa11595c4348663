/*
 * The product of a persistent sweep, as one warp computes it: 16 rows of M, whose 2 · WEIGHTS columns lie in the warp's registers,
 * times the states of some samples, which lie in shared memory. An engine says which weight a thread holds and leaves the
 * sums in shared memory. Samples come in eights; what stands in a state that no sample owns reaches no other sample's sums.
 */
#pragma once

#include "kernels/device.h"
#include "kernels/recurrent_plan.h"

namespace borep {

/** What a warp multiplies by: the states of one sample after the other, and their tangents along a direction. */
struct Operands {
    const float *states;
    const float *tangents;
    int pitch;
};

/** Where its sums go, sample after sample. */
struct Sums {
    float *values;
    float *tangents;
};

__device__ __forceinline__ Quad quad_at(const float *address) {
    return *reinterpret_cast<const Quad *>(address);
}

/** Of 2 · HALF lines a lane keeps one half, to which it adds what another lane has of it, and so on. */
template <int HALF, int S, int N>
__device__ __forceinline__ void halve(float (&values)[S][N]) {
    const bool upper = (threadIdx.x & HALF) != 0;
#pragma unroll
    for (int i = 0; i < HALF * N; i++) {
        float &low = values[i / N][i % N];
        const float high = values[i / N + HALF][i % N];
        const float sent = upper ? low : high;
        low = (upper ? high : low) + lane_xor(sent, HALF);
    }
    if constexpr (HALF > 1) {
        halve<HALF / 2>(values);
    }
}

/** Lane l of each eight gets Σ values[l % S] over its eight lanes, in values[0]; S is 2, 4 or 8. */
template <int S, int N>
__device__ __forceinline__ void add_up_eights(float (&values)[S][N]) {
    halve<S / 2>(values);
#pragma unroll
    for (int distance = S; distance < 8; distance *= 2) {
#pragma unroll
        for (int n = 0; n < N; n++) {
            values[0][n] += lane_xor(values[0][n], distance);
        }
    }
}

/**
 * Float32: a thread owns four rows and every other eight quads of columns. The four groups of eight threads read the same states,
 * so that one read from shared memory serves 16 multiply-adds (48 of two reads along a direction); the eight threads of a group
 * add up what they have.
 */
struct Scalar {
    static constexpr int ROWS = 4;

    static __device__ __forceinline__ int first_row() {
        return threadIdx.x % WARP / 8 * ROWS;
    }
    static __device__ __forceinline__ int row(int i) {
        return first_row() + i / 4 % ROWS;
    }
    static __device__ __forceinline__ int column(int i) {
        return i / 16 * 32 + threadIdx.x % 8 * 4 + i % 4;
    }
    static __device__ __forceinline__ float keep(float weight) {
        return weight;
    }

    /** sums = Σ w x; along a direction V also R{sums} = Σ w R{x} + v x. */
    template <bool ALONG, int WEIGHTS, int DIRECTIONS>
    static __device__ __forceinline__ void multiply(
        const float (&w)[WEIGHTS], const float (&v)[DIRECTIONS], Operands x, int samples, Sums sums) {
        int first = 0;
        if constexpr (!ALONG) { // as many sums at a time as the registers allow
            for (; samples - first > 4; first += 8) {
                multiply_some<8, false>(w, v, x, first, sums);
            }
        }
        for (; samples - first > 2; first += 4) {
            multiply_some<4, ALONG>(w, v, x, first, sums);
        }
        if (first < samples) {
            multiply_some<2, ALONG>(w, v, x, first, sums);
        }
    }

   private:
    template <int SAMPLES, bool ALONG, int WEIGHTS, int DIRECTIONS>
    static __device__ __forceinline__ void multiply_some(
        const float (&w)[WEIGHTS], const float (&v)[DIRECTIONS], Operands x, int first, Sums sums) {
        float a[SAMPLES][ROWS] = {};
        float ra[SAMPLES][ROWS] = {};
#pragma unroll
        for (int q = 0; q < WEIGHTS; q += 16) {
#pragma unroll
            for (int s = 0; s < SAMPLES; s++) {
                const int at = (first + s) * x.pitch + column(q);
                const Quad h = quad_at(x.states + at);
#pragma unroll
                for (int i = 0; i < 16; i++) {
                    a[s][i / 4] += w[q + i] * h.at[i % 4];
                }
                if constexpr (ALONG) {
                    const Quad rh = quad_at(x.tangents + at);
#pragma unroll
                    for (int i = 0; i < 16; i++) {
                        ra[s][i / 4] += w[q + i] * rh.at[i % 4] + v[q + i] * h.at[i % 4];
                    }
                }
            }
        }
        store(a, first, sums.values);
        if constexpr (ALONG) {
            store(ra, first, sums.tangents);
        }
    }

    template <int SAMPLES>
    static __device__ __forceinline__ void store(float (&a)[SAMPLES][ROWS], int first, float *sums) {
        add_up_eights(a);
        const int sample = first + threadIdx.x % SAMPLES;
        Quad quad;
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            quad.at[r] = a[0][r];
        }
        if (threadIdx.x % 8 < SAMPLES) {
            *reinterpret_cast<Quad *>(sums + sample * Geometry::SUM_PITCH + first_row()) = quad;
        }
    }
};

/**
 * Tensor cores: M's fragments of m16n8k8 stay in registers, two of them (16 columns) to every eight weights. Their columns are
 * dealt so that a thread's four states for both lie side by side. THREE: three products of TF32 parts for one of float32.
 */
template <bool THREE>
struct Tensor {
    static constexpr int SAMPLES = 8;

    static __device__ __forceinline__ int group() {
        return threadIdx.x % WARP / 4;
    }
    static __device__ __forceinline__ int place() {
        return threadIdx.x % 4;
    }
    /** Registers of a fragment: (row, k), (row + 8, k), (row, k + 4), (row + 8, k + 4). */
    static __device__ __forceinline__ int row(int i) {
        return group() + i % 2 * 8;
    }
    static __device__ __forceinline__ int column(int i) {
        return i / 8 * 16 + place() * 4 + i / 4 % 2 * 2 + i / 2 % 2;
    }

    /** What a register keeps of a weight. */
    static __device__ __forceinline__ float keep(float weight) {
        return THREE ? weight : from_bits(to_tf32(weight));
    }

    /** Numbers as the tensor cores take them; small: what the 10 bits of the big ones leave out. */
    template <int COUNT>
    struct Fragment {
        uint32_t big[COUNT];
        uint32_t small[COUNT];

        template <int WEIGHTS>
        __device__ __forceinline__ void set(int i, float value) {
            if constexpr (THREE && WEIGHTS != 128 && WEIGHTS != 48) {
                split_tf32(value, big[i], small[i]);
            } else { // where registers are scarce, what the cheaper split leaves to the scheduler spills
                big[i] = to_tf32(value);
                small[i] = THREE ? to_tf32(value - from_bits(big[i])) : 0;
            }
        }
    };

    /** Four weights. They are split anew each time: kept, the parts would take twice the registers. */
    template <int WEIGHTS>
    static __device__ __forceinline__ Fragment<4> weights_at(const float (&w)[WEIGHTS], int first) {
        Fragment<4> parts;
#pragma unroll
        for (int r = 0; r < 4; r++) {
            if constexpr (THREE) {
                parts.template set<WEIGHTS>(r, unknown(w[first + r]));
            } else {
                parts.big[r] = bits_of(w[first + r]);
            }
        }
        return parts;
    }

    template <int WEIGHTS>
    static __device__ __forceinline__ Fragment<2> states_of(const Quad &states, int first) {
        Fragment<2> parts;
        parts.template set<WEIGHTS>(0, states.at[first]);
        parts.template set<WEIGHTS>(1, states.at[first + 1]);
        return parts;
    }

    static __device__ __forceinline__ void add_product(float (&d)[4], const Fragment<4> &a, const Fragment<2> &b) {
        if constexpr (THREE) {
            add_three(d, a.big, a.small, b.big, b.small);
        } else {
            multiply_tf32(d, a.big, b.big);
        }
    }

    static __device__ __forceinline__ void store(const float (&d)[4], int first, float *sums) {
#pragma unroll
        for (int i = 0; i < 4; i++) { // (row, 2 place), (row, 2 place + 1), (row + 8, …)
            const int sample = first + 2 * place() + i % 2;
            sums[sample * Geometry::SUM_PITCH + group() + i / 2 * 8] = d[i];
        }
    }

    template <bool ALONG, int WEIGHTS, int DIRECTIONS>
    static __device__ __forceinline__ void multiply(
        const float (&w)[WEIGHTS], const float (&v)[DIRECTIONS], Operands x, int samples, Sums sums) {
        int first = 0;
        constexpr int EIGHTS = THREE && (ALONG || WEIGHTS == 128) ? 1 : 2; // two would spill
        for (; samples - first > SAMPLES * (EIGHTS - 1); first += SAMPLES * EIGHTS) {
            multiply_some<EIGHTS, ALONG>(w, v, x, first, sums);
        }
        if (EIGHTS > 1 && first < samples) {
            multiply_some<1, ALONG>(w, v, x, first, sums);
        }
    }

   private:
    /**
     * Two eights of samples, because one split of the weights serves both; four make registers scarce. The last one has a loop of its
     * own: a branch at every fragment would keep reads from running ahead of products. A single chain of products would wait some 35
     * cycles for each, so an eight alone has two; three products have a sum of their own anyway.
     */
    template <int EIGHTS, bool ALONG, int WEIGHTS, int DIRECTIONS>
    static __device__ __forceinline__ void multiply_some(
        const float (&w)[WEIGHTS], const float (&v)[DIRECTIONS], Operands x, int first, Sums sums) {
        constexpr int CHAINS = THREE || EIGHTS == 2 ? 1 : 2;
        float a[EIGHTS * CHAINS][4] = {};
        float ra[EIGHTS][4] = {};
#pragma unroll
        for (int i = 0; i < WEIGHTS; i += 4) { // one fragment of M
            const Fragment<4> weights = weights_at(w, i);
            Fragment<4> directions;
            if constexpr (ALONG) {
                directions = weights_at(v, i);
            }
#pragma unroll
            for (int e = 0; e < EIGHTS; e++) {
                const int at = (first + SAMPLES * e + group()) * x.pitch + i / 8 * 16 + place() * 4;
                const Fragment<2> h = states_of<WEIGHTS>(quad_at(x.states + at), i / 4 % 2 * 2);
                add_product(a[e * CHAINS + i / 4 % CHAINS], weights, h);
                if constexpr (ALONG) {
                    add_product(ra[e], weights, states_of<WEIGHTS>(quad_at(x.tangents + at), i / 4 % 2 * 2));
                    add_product(ra[e], directions, h);
                }
            }
        }
#pragma unroll
        for (int e = 0; e < EIGHTS; e++) {
#pragma unroll
            for (int d = 0; d < 4 * (CHAINS - 1); d++) {
                a[e * CHAINS][d] += a[e * CHAINS + 1][d];
            }
            store(a[e * CHAINS], first + SAMPLES * e, sums.values);
            if constexpr (ALONG) {
                store(ra[e], first + SAMPLES * e, sums.tangents);
            }
        }
    }
};

/** What a visitor, called with the engine of a precision, returns; BF16 multiplies in TF32. */
template <class Visit>
auto with_engine(borep_precision precision, Visit visit) {
    switch (precision) {
        case BOREP_FP32:
            return visit(Scalar());
        case BOREP_3XTF32:
            return visit(Tensor<true>());
        default:
            return visit(Tensor<false>());
    }
}

}  // namespace borep
