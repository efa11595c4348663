/*
 * One step of a recurrent sweep for a strip of 32 rows of M = W_hh (or W_hhᵀ) and at most 32 samples. Everything streams: M
 * straight from memory into registers, as each of its numbers belongs to one thread, and the states through a ring in shared memory,
 * as each serves all rows. Both run some chunks of 128 columns ahead of the arithmetic.
 *
 * A warp has 16 columns of a chunk and all rows, a thread 4 rows and 4 columns: with g = lane / 4 and t = lane % 4
 *
 *   forward    rows g, g + 8, g + 16, g + 24 (of an LSTM: the four gates of a unit),   columns 4t … 4t + 3, side by side in W_hh
 *   backward   rows 4g … 4g + 3, side by side in W_hh,                                 columns 4t … 4t + 3, rows of W_hh
 *
 * In both a warp asks for whole sectors, 16 bytes a thread, and what it holds is two fragments of m16n8k8 by two. The warps' sums
 * meet in shared memory and are added in the order of warps, so that a sum depends neither on how samples are dealt to blocks nor on
 * chance.
 */
#pragma once

#include "kernels/recurrent_engines.cuh"
#include "kernels/recurrent_tape.h"

namespace borep {

struct Strip {
    static constexpr int ROWS = 32;
    static constexpr int SAMPLES = 32;
    static constexpr int THREADS = 256;
    static constexpr int WARPS = THREADS / static_cast<int>(WARP);
    static constexpr int CHUNK = 16 * WARPS;
    /** Floats from one sample's states to the next's; 16 banks apart, so that the lanes of two samples do not meet. */
    static constexpr int PITCH = CHUNK + 16;
    static constexpr int STAGE = SAMPLES * PITCH;
    /** Floats from one sample's sums to the next's, of a warp: the lanes that lay down fragments meet every bank once. */
    static constexpr int SUM_PITCH = ROWS + 4;
    static constexpr int SUMS = WARPS * SAMPLES * SUM_PITCH;

    static __device__ __forceinline__ int group() {
        return threadIdx.x % WARP / 4;
    }
    static __device__ __forceinline__ int place() {
        return threadIdx.x % 4;
    }
    /** Where the sums keep a thread's i-th row, of its group. */
    static __device__ __forceinline__ int sum_at(int i) {
        return i * 8 + group();
    }
};

/** A thread's 4 x 4 numbers of M, as they were read: rows of four columns, or columns of four rows. */
template <bool BACKWARD>
struct Weights {
    Quad quads[4];
    __device__ __forceinline__ float at(int row, int column) const {
        return BACKWARD ? quads[column].at[row] : quads[row].at[column];
    }
};

/** Float32. A thread adds up all samples of its rows over its columns: 64 multiply-adds to 4 reads of 16 bytes. */
struct StripScalar {
    /** Chunks of weights and states that are in registers and shared memory: registers for more would be missing. */
    static constexpr int RING = 3;
    /** Samples that are multiplied together, whether they exist or not. */
    static constexpr int GROUP = 4;

    template <class W>
    __device__ __forceinline__ void multiply(const W &w, const float *states, int samples) {
#pragma unroll
        for (int s = 0; s < Strip::SAMPLES; s += GROUP) {
            if (s < samples) {
#pragma unroll
                for (int e = 0; e < GROUP; e++) {
                    const Quad x = quad_at(states + (s + e) * Strip::PITCH + 4 * Strip::place());
#pragma unroll
                    for (int c = 0; c < 4; c++) {
#pragma unroll
                        for (int i = 0; i < 4; i++) {
                            sums_[s + e][i] += w.at(i, c) * x.at[c];
                        }
                    }
                }
            }
        }
    }

    /** Adds up the four threads of a group, after which each has one of the four rows. */
    __device__ __forceinline__ void lay_down(float *out, int samples) const {
        const bool upper = Strip::place() >= 2;
        const bool odd = Strip::place() % 2 == 1;
#pragma unroll
        for (int s = 0; s < Strip::SAMPLES; s += GROUP) {
            if (s < samples) {
#pragma unroll
                for (int e = 0; e < GROUP; e++) {
                    const float(&v)[4] = sums_[s + e];
                    const float even_row = (upper ? v[2] : v[0]) + lane_xor(upper ? v[0] : v[2], 2);
                    const float odd_row = (upper ? v[3] : v[1]) + lane_xor(upper ? v[1] : v[3], 2);
                    const float sum = (odd ? odd_row : even_row) + lane_xor(odd ? even_row : odd_row, 1);
                    out[(s + e) * Strip::SUM_PITCH + Strip::sum_at(Strip::place())] = sum;
                }
            }
        }
    }

   private:
    float sums_[Strip::SAMPLES][4] = {};
};

/** Tensor cores; a thread's rows are g and g + 8 of two fragments, its columns t and t + 4 of two steps of k. */
template <bool THREE>
struct StripTensor {
    static constexpr int RING = 4;
    static constexpr int GROUP = 8;

    template <class W>
    __device__ __forceinline__ void multiply(const W &w, const float *states, int samples) {
        using Parts = Tensor<THREE>;
        typename Parts::template Fragment<4> weights[2][2];
#pragma unroll
        for (int m = 0; m < 2; m++) {
#pragma unroll
            for (int q = 0; q < 2; q++) {
                float fragment[4];
#pragma unroll
                for (int r = 0; r < 4; r++) {
                    fragment[r] = Parts::keep(w.at(2 * m + r % 2, 2 * q + r / 2));
                }
                weights[m][q] = Parts::weights_at(fragment, 0);
            }
        }
#pragma unroll
        for (int e = 0; e < EIGHTS; e++) {
            if (e * GROUP < samples) {
                const Quad x = quad_at(states + (e * GROUP + Strip::group()) * Strip::PITCH + 4 * Strip::place());
#pragma unroll
                for (int q = 0; q < 2; q++) {
                    const auto h = Parts::template states_of<4>(x, 2 * q);
#pragma unroll
                    for (int m = 0; m < 2; m++) {
                        Parts::add_product(sums_[m][e], weights[m][q], h);
                    }
                }
            }
        }
    }

    __device__ __forceinline__ void lay_down(float *out, int samples) const {
#pragma unroll
        for (int e = 0; e < EIGHTS; e++) {
            if (e * GROUP < samples) {
#pragma unroll
                for (int i = 0; i < 8; i++) { // (row, 2 place), (row, 2 place + 1), (row + 8, …)
                    const int sample = e * GROUP + 2 * Strip::place() + i % 2;
                    out[sample * Strip::SUM_PITCH + Strip::sum_at(i / 2)] = sums_[i / 4][e][i % 4];
                }
            }
        }
    }

   private:
    static constexpr int EIGHTS = Strip::SAMPLES / GROUP;
    float sums_[2][EIGHTS][4] = {};
};

/** A strip's part of M, read chunk by chunk. WIDE: every row of W_hh begins at a multiple of 16 bytes. */
template <class Cell, bool BACKWARD, bool WIDE>
class StripMatrix {
   public:
    /** Units of a strip. */
    static constexpr int UNITS = BACKWARD ? Strip::ROWS : Strip::ROWS / Cell::GATES;

    __device__ __forceinline__ StripMatrix(const RecurrentSweep &sweep, int strip) {
        const size_t hidden = sweep.hidden;
        const int unit = strip * UNITS + (BACKWARD ? 4 : 1) * Strip::group();
        const int column = threadIdx.x / WARP * 16 + 4 * Strip::place();
        units_ = sweep.hidden - unit;
        columns_ = units_ <= 0 ? 0 : (BACKWARD ? sweep.gate_rows : sweep.hidden) - column;
        next_ = sweep.weight_hh + (BACKWARD ? column * hidden + unit : unit * hidden + column);
        step_ = BACKWARD ? hidden : Cell::GATES > 1 ? hidden * hidden : 8 * hidden;
        chunk_ = Strip::CHUNK * (BACKWARD ? hidden : 1);
    }

    /** Reads this thread's numbers of the next chunk; what lies past M's ends is 0. */
    __device__ __forceinline__ void load(Weights<BACKWARD> &w) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const float *quad = next_ + i * step_;
            if constexpr (WIDE) {
                w.quads[i] = exists(i, 0) ? quad_at(quad) : Quad{};
            } else {
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    w.quads[i].at[j] = exists(i, j) ? quad[j] : 0.0f;
                }
            }
        }
        skip();
    }

    /** To the chunk after the next. */
    __device__ __forceinline__ void skip() {
        next_ += chunk_;
        columns_ -= Strip::CHUNK;
    }

    /** Where the sums keep what a unit of the strip needs, the first of GATES or the only one. */
    static __device__ __forceinline__ int sum_at(int unit) {
        return BACKWARD ? unit % 4 * 8 + unit / 4 : unit;
    }

   private:
    /** Number j of quad i; WIDE quads exist whole or not at all. */
    __device__ __forceinline__ bool exists(int i, int j) const {
        if constexpr (BACKWARD) {
            return (WIDE ? 0 : i) < columns_ && j < units_;
        } else {
            return j < columns_ && (Cell::GATES > 1 || 8 * i < units_);
        }
    }

    /** The thread's place in the next chunk, from there to the next quad, and to the next chunk. */
    const float *next_;
    size_t step_, chunk_;
    /** Columns and units that exist from the thread's first on; no columns if there is no unit. */
    int columns_, units_;
};

/** Chunks of a strip that stay in shared memory from step to step: each thread's numbers, which no other thread reads. */
template <bool BACKWARD>
class ResidentChunks {
   public:
    static constexpr int BYTES = Strip::THREADS * sizeof(Weights<BACKWARD>);

    /** @param room for so many */
    __device__ __forceinline__ ResidentChunks(float *memory, int room) : memory_(memory), room_(room) {}

    /** Reads the i-th one if it is there. */
    __device__ __forceinline__ bool read(int i, Weights<BACKWARD> &w) const {
        if (i >= kept_) {
            return false;
        }
#pragma unroll
        for (int q = 0; q < 4; q++) {
            w.quads[q] = *place(i, q);
        }
        return true;
    }
    /** Keeps the i-th one if there is room; they come in order. */
    __device__ __forceinline__ void keep(int i, const Weights<BACKWARD> &w) {
        if (i < room_) {
            kept_ = i + 1;
#pragma unroll
            for (int q = 0; q < 4; q++) {
                *place(i, q) = w.quads[q];
            }
        }
    }

   private:
    __device__ __forceinline__ Quad *place(int i, int quad) const {
        return reinterpret_cast<Quad *>(memory_) + (i * 4 + quad) * Strip::THREADS + threadIdx.x;
    }

    float *memory_;
    int room_;
    int kept_ = 0;
};

/** The states of a strip's samples, from the tape to shared memory, chunk by chunk. WIDE: rows begin at multiples of 16 bytes. */
template <bool WIDE>
class StripStates {
   public:
    /** @param first row of the first sample's state, [width] numbers @param count samples */
    __device__ __forceinline__ StripStates(const float *states, int first, int count, int width)
        : next_(states + static_cast<size_t>(first + sample(0)) * width + column()),
          step_(static_cast<size_t>(Strip::WARPS) * width),
          columns_(width - column()),
          count_(count) {}

    /** Begins to copy the next chunk; columns past the end become 0. */
    __device__ __forceinline__ void copy(float *stage) {
        float *target = stage + sample(0) * Strip::PITCH + column();
#pragma unroll
        for (int i = 0; i < Strip::SAMPLES / Strip::WARPS; i++) {
            if (sample(i) < count_) {
                const float *source = next_ + i * step_;
                if constexpr (WIDE) {
                    copy_async<16>(target, columns_ > 0 ? source : next_ - column(), columns_ > 0 ? 16 : 0);
                } else {
                    for (int j = 0; j < 4; j++) {
                        copy_async<4>(target + j, j < columns_ ? source + j : next_ - column(), j < columns_ ? 4 : 0);
                    }
                }
            }
            target += Strip::WARPS * Strip::PITCH;
        }
        next_ += Strip::CHUNK;
        columns_ -= Strip::CHUNK;
    }

   private:
    static __device__ __forceinline__ int sample(int i) {
        return threadIdx.x / WARP + i * Strip::WARPS;
    }
    static __device__ __forceinline__ int column() {
        return 4 * (threadIdx.x % WARP);
    }

    const float *next_;
    size_t step_;
    int columns_, count_;
};

}  // namespace borep
