/*
 * The operands of a matrix product on their way to shared memory.
 *
 * Panels of A and B, each 4 or 8 chunks of 16 bytes deep in k (4: 16 float32 or 32 bfloat16), come into shared memory by
 * asynchronous copies as they lie in global memory: ALONG, where k runs along the operand's rows, as lines of one place each;
 * ACROSS, where k counts the rows, as lines of one k each. Lines are padded so that whatever reads them meets every bank once:
 * ALONG by one chunk (80 or 144 bytes: the 8 rows of a matrix load begin in 8 different groups of 4 banks), ACROSS by 8 elements
 * (the 4 k of a float32 fragment lie 8 banks apart, the 8 rows of a transposed matrix load 4 banks).
 */
#pragma once

#include "kernels/matmul.cuh"
#include "kernels/matmul_plan.h"

namespace borep::matmul {

enum class Layout { ALONG, ACROSS };

constexpr Layout left(Form form) {
    return form == Form::OUTER ? Layout::ACROSS : Layout::ALONG;
}

constexpr Layout right(Form form) {
    return form == Form::ROWS_TRANSPOSED ? Layout::ALONG : Layout::ACROSS;
}

/** PLACES rows or columns of the tile, as they lie in shared memory. */
template <class E, Layout LAYOUT, int PLACES, int CHUNKS>
struct Panel {
    using Element = E;
    static constexpr bool ALONG = LAYOUT == Layout::ALONG;
    static constexpr int CHUNK = 16 / sizeof(Element);
    static constexpr int DEPTH = CHUNKS * CHUNK;
    static constexpr int LINES = ALONG ? PLACES : DEPTH;
    static constexpr int LENGTH = ALONG ? DEPTH : PLACES;
    static constexpr int PITCH = LENGTH + (ALONG ? CHUNK : 8);
    static constexpr int SIZE = LINES * PITCH;
};

/** An operand in global memory, rows `pitch` bytes apart; wide: all begin at multiples of 16 bytes, chunks can be copied. */
template <class Element>
struct Lines {
    const Element *values;
    int pitch;
    const int *map;
    bool wide;

    __device__ bool is_mapped() const {
        return map != nullptr;
    }
    /** The row that row r stands for, negative for one of zeros; of mapped ones alone. */
    __device__ int index(int r) const {
        return map[r];
    }
};

/**
 * Copies one operand's panels, in the order of k; a thread takes every THREADS-th chunk, so that neighbours copy neighbouring
 * chunks. Whole panels, which nearly all are, cost a row's address and a copy for each chunk: arithmetic has to wait for every
 * instruction more. At the operand's ends, and where chunks do not begin at multiples of 16 bytes, every chunk is compared with
 * the bounds.
 *
 * @tparam MAPPED whether the operand may have a map
 * @tparam From says like Lines where rows lie
 */
template <class P, int THREADS, bool MAPPED, class From = Lines<typename P::Element>>
class Source {
    using Element = typename P::Element;
    static constexpr int LINE_CHUNKS = P::LENGTH / P::CHUNK;
    static constexpr int COPIES = P::LINES * LINE_CHUNKS / THREADS;
    static constexpr int STEP = THREADS / LINE_CHUNKS;
    static_assert(COPIES * STEP == P::LINES);

   public:
    /** @param k0 where the first panel begins */
    __device__ Source(const From &from, int place0, int places, int k0, int k_end)
        : from_(from),
          line0_(threadIdx.x / LINE_CHUNKS),
          offset_(threadIdx.x % LINE_CHUNKS * P::CHUNK),
          start_(from.values + (P::ALONG ? 0 : place0) + offset_),
          rest_(P::ALONG ? k_end - offset_ : places - place0 - offset_),
          k_end_(k_end),
          whole_(from.wide && (P::ALONG || place0 + P::LENGTH <= places) ? k_end / P::DEPTH * P::DEPTH : 0) {
        look_up(P::ALONG ? place0 : k0, P::ALONG ? places : k_end);
    }

    /** Where the panels end that copy_whole can copy. */
    __device__ int whole() const {
        return whole_;
    }
    /** Begins the copy of the panel at k0, which has to be the next one and whole. */
    __device__ void copy_whole(int k0, Element *panel) {
        Element *to = panel + line0_ * P::PITCH + offset_;
        const Element *start = start_ + (P::ALONG ? k0 : 0);
        if (P::ALONG || (MAPPED && from_.is_mapped())) {
#pragma unroll
            for (int i = 0; i < COPIES; i++) {
                copy_async<16>(to + i * (STEP * P::PITCH), row(start, rows_[i]), rows_[i] < 0 ? 0 : 16);
            }
            if (!P::ALONG) {
                look_up(k0 + P::DEPTH, k_end_);
            }
        } else {
            start = row(start, k0 + line0_);
#pragma unroll
            for (int i = 0; i < COPIES; i++, start = row(start, STEP)) {
                copy_async<16>(to + i * (STEP * P::PITCH), start, 16);
            }
        }
    }
    /** Begins the copy of any panel that is left, the next one; what lies past the operand's ends becomes 0. */
    __device__ void copy(int k0, Element *panel) {
        if (!P::ALONG) {
            look_up(k0, k_end_);
        }
        const int rest = P::ALONG ? rest_ - k0 : rest_;
#pragma unroll
        for (int i = 0; i < COPIES; i++) {
            const int valid = rows_[i] < 0 || rest < 0 ? 0 : rest < P::CHUNK ? rest : P::CHUNK;
            copy_chunk(panel + line(i) * P::PITCH + offset_, row(start_ + (P::ALONG ? k0 : 0), rows_[i]), valid);
        }
    }

   private:
    __device__ int line(int i) const {
        return line0_ + i * STEP;
    }
    __device__ const Element *row(const Element *start, int r) const {
        return reinterpret_cast<const Element *>(reinterpret_cast<const char *>(start) + static_cast<int64_t>(r) * from_.pitch);
    }
    /** The rows of the thread's lines, negative where there is none; ACROSS a panel ahead, for a copy has to wait for a map. */
    __device__ void look_up(int first, int end) {
#pragma unroll
        for (int i = 0; i < COPIES; i++) {
            const int r = first + line(i);
            rows_[i] = r >= end ? -1 : MAPPED && from_.is_mapped() ? from_.index(r) : r;
        }
    }
    __device__ void copy_chunk(Element *to, const Element *start, int valid) const {
        if (sizeof(Element) != 4 || from_.wide) {
            copy_async<16>(to, valid == 0 ? from_.values : start, valid * sizeof(Element));
        } else {
            for (int j = 0; j < P::CHUNK; j++) {
                copy_async<4>(to + j, j < valid ? start + j : from_.values, j < valid ? 4 : 0);
            }
        }
    }

    const From &from_;
    int line0_, offset_;
    /** The thread's place in every row, of the first panel or of the tile. */
    const Element *start_;
    /** How many numbers of a row there are from there on. */
    int rest_;
    int k_end_, whole_;
    int rows_[COPIES];
};

}  // namespace borep::matmul
