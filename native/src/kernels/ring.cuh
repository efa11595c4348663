/* A ring's memory, and how a warp appends a record to it. */
#pragma once

#include "abi/context.h"

namespace borep {

/** The beginning of a ring's pinned memory, on a line of its own; the host polls it without a call. */
struct RingHeader {
    /** Records so far. */
    unsigned long long written;
    /** 0, or 1 + the steps before the bad one with which a guard ended the ring. */
    unsigned long long closed;
};

/** What kernels need to know of a ring. */
struct RingView {
    int width;
    int capacity;
    /** Records so far, in device memory. */
    unsigned long long *count;
    RingHeader *header;
    float *records;
};

/** Writes one record with a warp's threads: its numbers reach the host before the count that announces them. */
__device__ __forceinline__ void append_record(const RingView &ring, const float *values) {
    const unsigned long long record = *ring.count;
    float *to = ring.records + record % ring.capacity * ring.width;
    for (int place = threadIdx.x; place < ring.width; place += WARP) {
        to[place] = values[place];
    }
    __threadfence_system();
    __syncwarp();
    if (threadIdx.x == 0) {
        *ring.count = record + 1;
        *static_cast<volatile unsigned long long *>(&ring.header->written) = record + 1;
    }
}

}  // namespace borep

struct borep_ring {
    borep_ring(borep_context &context, int width, int capacity);
    borep_ring(const borep_ring &) = delete;
    borep_ring &operator=(const borep_ring &) = delete;
    ~borep_ring();

    borep::RingHeader *header() const {
        return static_cast<borep::RingHeader *>(pinned_);
    }
    float *records() const {
        return reinterpret_cast<float *>(static_cast<char *>(pinned_) + HEADER_BYTES);
    }
    borep::RingView view() const {
        return {width, capacity, count_.as<unsigned long long>(), header(), records()};
    }

    borep_context &context;
    const int width;
    const int capacity;

   private:
    static constexpr size_t HEADER_BYTES = 128;

    borep::Memory count_;
    void *pinned_ = nullptr;
};
