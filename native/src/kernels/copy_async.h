/*
 * Copies from global to shared memory that run while the thread goes on (cp.async, from sm_80 on; before, and without the
 * overlap, ordinary loads and stores). A thread issues copies, closes a group of them with commit_copies, and later waits until
 * all but its latest groups have landed; other threads see them after a __syncthreads. Included by device.h.
 */
#pragma once

namespace borep {

#if defined(BOREP_SIMT)

/** Copies the first `valid` bytes of BYTES (4, or 16 with both addresses multiples of 16) and writes zeros for the rest. */
template <unsigned BYTES>
void copy_async(void *to, const void *from, unsigned valid) {
    static_assert(BYTES == 4 || BYTES == 16);
    simt::copy_async(to, from, BYTES, valid);
}

/** Closes the group of copies issued since the last one. */
inline void commit_copies() {
    simt::commit_copies();
}

/** Waits for all groups but the latest PENDING. */
template <unsigned PENDING>
void wait_copies() {
    simt::wait_copies(PENDING);
}

#else

template <unsigned BYTES>
__device__ __forceinline__ void copy_async(void *to, const void *from, unsigned valid) {
    static_assert(BYTES == 4 || BYTES == 16);
#if __CUDA_ARCH__ >= 800
    const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
    if constexpr (BYTES == 16) { // past the first-level cache: a tile is read once by a block
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(valid) : "memory");
    } else {
        asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(from), "r"(valid) : "memory");
    }
#else
    auto *words = static_cast<uint32_t *>(to);
    for (unsigned i = 0; i < BYTES / 4; i++) {
        words[i] = i * 4 < valid ? static_cast<const uint32_t *>(from)[i] : 0;
    }
#endif
}

__device__ __forceinline__ void commit_copies() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

template <unsigned PENDING>
__device__ __forceinline__ void wait_copies() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
#endif
}

#endif

}  // namespace borep
