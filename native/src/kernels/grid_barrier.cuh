/*
 * Blocks that wait for each other within one launch. Each block has a flag of its own, the number of the last meeting it has
 * come to, and waits until all flags have that number: no atomic, nothing to reset within a launch. Flags must be 0 when the
 * launch begins, and the launch cooperative, so that all blocks run at once.
 *
 * What a block wrote before arrive() every thread of the others sees after wait(): __syncthreads orders the block's writes
 * before its thread 0, whose release another block's acquire reads, and that block's __syncthreads orders what follows.
 */
#pragma once

#include "kernels/device.h"

namespace borep {

struct GridBarrier {
    /** The flags of the blocks that meet. */
    unsigned *arrived;
    int blocks;
    /** This block's place among them. */
    int own;

    __device__ __forceinline__ void arrive(unsigned meeting) const {
        if (blocks == 1) {
            return; // wait() orders the block's own threads
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            __threadfence();
            store_release(arrived + own, meeting);
        }
    }

    __device__ __forceinline__ void wait(unsigned meeting) const {
        if (blocks > 1 && threadIdx.x < WARP) {
            for (int block = threadIdx.x; block < blocks; block += WARP) {
                spin_while([&] { return load_acquire(arrived + block) < meeting; });
            }
        }
        __syncthreads();
    }
};

}  // namespace borep
