/* What kernels over long vectors share: their launch geometry and their two-level sums. */
#pragma once

#include "abi/context.h"

namespace borep::vectors {

constexpr int THREADS = 256;
constexpr int MOST_BLOCKS = 2048;
/** Elements a block of a reduction takes at least. */
constexpr int ELEMENTS_PER_PARTIAL = 1024;
/** Shared memory of a block sum. */
constexpr size_t SCRATCH = THREADS / WARP * sizeof(double);

inline unsigned blocks(int size) {
    const int wanted = (size + THREADS - 1) / THREADS;
    return wanted < 1 ? 1 : wanted > MOST_BLOCKS ? MOST_BLOCKS : wanted;
}

/** Depends on the size alone, so that the order of a sum does. */
inline int reduction_blocks(int size) {
    const int wanted = (size + ELEMENTS_PER_PARTIAL - 1) / ELEMENTS_PER_PARTIAL;
    return wanted < 1 ? 1 : wanted > MOST_PARTIALS ? MOST_PARTIALS : wanted;
}

__device__ __forceinline__ int first() {
    return blockIdx.x * blockDim.x + threadIdx.x;
}

__device__ __forceinline__ int stride() {
    return gridDim.x * blockDim.x;
}

__device__ __forceinline__ void write_partial(double sum, double *partials) {
    const double block = block_sum(sum, shared_memory<double>());
    if (threadIdx.x == 0) {
        partials[blockIdx.x] = block;
    }
}

/** The sum of all partials, the same bits in every block of THREADS threads. */
__device__ __forceinline__ double total(const double *partials, int count, double *scratch) {
    static_assert(MOST_PARTIALS <= THREADS);
    const int i = threadIdx.x;
    return block_sum(i < count ? partials[i] : 0.0, scratch);
}

/** partials[b] = block b's part of ⟨a, b⟩. */
__global__ void dot_partials(int size, const float *a, const float *b, double *partials);

/** Enqueues the partial sums of ⟨a, b⟩ into the context's partials. */
inline void dot(borep_context &context, int size, const float *a, const float *b) {
    BOREP_RUN(
        context, dot_partials, reduction_blocks(size), THREADS, SCRATCH, size, a, b, context.partials());
}

}  // namespace borep::vectors
