/*
 * Blocks of a cluster (sm_90 and newer), which run together and write into each other's shared memory. Who expects something says how
 * many bytes at a mailbox of its own; a word that another block sends brings its value and counts as 4 of them at once. So
 * what has come needs no fence, no flag in memory and no barrier: one way through the cluster is all that it takes.
 *
 * A block may send only to blocks that have begun (a cluster_barrier first) and have not ended.
 */
#pragma once

#include "kernels/device.h"

namespace borep {

#if defined(BOREP_SIMT)

using simt::cluster_barrier;
using simt::cluster_rank;
using simt::expect;
using simt::Mailbox;

/** Makes a mailbox in shared memory; to be done by one thread, before a cluster_barrier. */
inline void open(Mailbox *mailbox) {
    *mailbox = {};
}

/** Waits until what was expected for the (2 k + parity)th time has come, k = 0, 1, …; every thread that reads it must. */
inline void wait(Mailbox *mailbox, unsigned parity) {
    spin_while([&] { return mailbox->filled % 2 == parity; });
    simt::received(mailbox);
}

/** A block of the cluster, as others reach it. */
class Neighbour {
   public:
    Neighbour() = default;
    explicit Neighbour(unsigned rank) : rank_(rank) {}

    /** Writes where the block has what `to` is here, and tells its mailbox. */
    void send(float *to, float value, Mailbox *mailbox) const {
        uint32_t word;
        std::memcpy(&word, &value, sizeof word);
        simt::send(to, word, mailbox, rank_);
    }
    /** Four numbers at once; `to` is a multiple of 16 bytes. */
    void send(float *to, const Quad &values, Mailbox *mailbox) const {
        simt::require_aligned(to, sizeof values);
        for (int i = 0; i < 4; i++) {
            send(to + i, values.at[i], mailbox);
        }
    }

   private:
    unsigned rank_ = 0;
};

#else

/** An mbarrier. */
struct alignas(8) Mailbox {
    uint64_t state;
};

__device__ __forceinline__ uint32_t shared_address(const void *pointer) {
    return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
}

__device__ __forceinline__ void open(Mailbox *mailbox) {
#if __CUDA_ARCH__ >= 900
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(shared_address(mailbox)) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
#endif
}

__device__ __forceinline__ void cluster_barrier() {
#if __CUDA_ARCH__ >= 900
    asm volatile("barrier.cluster.arrive.release.aligned;\n\tbarrier.cluster.wait.acquire.aligned;" ::: "memory");
#endif
}

__device__ __forceinline__ unsigned cluster_rank() {
    unsigned rank = 0;
#if __CUDA_ARCH__ >= 900
    asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
#endif
    return rank;
}

/** To be done by one thread, once for each time that the block waits. */
__device__ __forceinline__ void expect(Mailbox *mailbox, unsigned bytes) {
#if __CUDA_ARCH__ >= 900
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(mailbox)), "r"(bytes) : "memory");
#endif
}

// Nothing but words in this block's own shared memory is handed over; to acquire more, what others of the cluster wrote elsewhere,
// would empty the first-level cache at every step.
__device__ __forceinline__ void wait(Mailbox *mailbox, unsigned parity) {
#if __CUDA_ARCH__ >= 900
    const uint32_t address = shared_address(mailbox);
    spin_while([&] {
        uint32_t come;
        asm volatile(
            "{\n\t.reg .pred p;\n\t"
            "mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\n\t"
            "selp.u32 %0, 1, 0, p;\n\t}"
            : "=r"(come)
            : "r"(address), "r"(parity)
            : "memory");
        return come == 0;
    });
#endif
}

/** A block of the cluster, as others reach it; made once, since finding its memory takes time. */
class Neighbour {
   public:
    Neighbour() = default;
    __device__ __forceinline__ explicit Neighbour(unsigned rank) {
#if __CUDA_ARCH__ >= 900
        const uint32_t here = shared_address(shared_memory<float>());
        uint32_t there;
        asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(there) : "r"(here), "r"(rank));
        distance_ = there - here;
#endif
    }

    __device__ __forceinline__ void send(float *to, float value, Mailbox *mailbox) const {
#if __CUDA_ARCH__ >= 900
        asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.b32 [%0], %1, [%2];" ::"r"(
                         distance_ + shared_address(to)),
                     "r"(__float_as_uint(value)), "r"(distance_ + shared_address(mailbox))
                     : "memory");
#endif
    }
    __device__ __forceinline__ void send(float *to, const Quad &values, Mailbox *mailbox) const {
#if __CUDA_ARCH__ >= 900
        asm volatile(
            "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 [%0], {%1, %2, %3, %4}, [%5];" ::"r"(
                distance_ + shared_address(to)),
            "r"(__float_as_uint(values.at[0])), "r"(__float_as_uint(values.at[1])), "r"(__float_as_uint(values.at[2])),
            "r"(__float_as_uint(values.at[3])), "r"(distance_ + shared_address(mailbox))
            : "memory");
#endif
    }

   private:
    /** From an address of shared memory here to the same place there. */
    uint32_t distance_ = 0;
};

#endif

}  // namespace borep
