/*
 * Records of a few numbers that kernels leave for the host (borep.device.Ring): written into pinned memory that the host polls
 * without a call. A record's numbers reach the host before the count that announces them.
 */
#include "abi/context.h"

struct borep_ring {
    borep_ring(borep_context &context, int width, int capacity)
        : context(context),
          width(width),
          capacity(capacity),
          count(context.allocate(sizeof(unsigned long long), true)) {
        BOREP_CUDA(cudaHostAlloc(&pinned, HEADER + static_cast<size_t>(width) * capacity * sizeof(float), cudaHostAllocMapped));
        *written() = 0;
    }
    borep_ring(const borep_ring &) = delete;
    borep_ring &operator=(const borep_ring &) = delete;
    ~borep_ring() {
        if (pinned != nullptr) {
            cudaFreeHost(pinned);
        }
    }
    /** The count has a line of memory of its own. */
    static constexpr size_t HEADER = 128;

    unsigned long long *written() const {
        return static_cast<unsigned long long *>(pinned);
    }
    float *records() const {
        return reinterpret_cast<float *>(static_cast<char *>(pinned) + HEADER);
    }

    borep_context &context;
    int width;
    int capacity;
    /** Records so far, in device memory. */
    borep_address count;
    void *pinned = nullptr;
};

namespace borep {
namespace {

/** One warp. */
__global__ void append(
    int width, int capacity, const float *values, unsigned long long *count, unsigned long long *written, float *records) {
    const unsigned long long record = *count;
    float *to = records + record % capacity * width;
    for (int place = threadIdx.x; place < width; place += WARP) {
        to[place] = values[place];
    }
    __threadfence_system();
    __syncwarp();
    if (threadIdx.x == 0) {
        *count = record + 1;
        *static_cast<volatile unsigned long long *>(written) = record + 1;
    }
}

}  // namespace
}  // namespace borep

using namespace borep;

borep_status borep_ring_create(borep_context *context, int32_t width, int32_t capacity, borep_ring **ring) {
    return guarded([&] {
        require(width >= 1, "ring of width " + std::to_string(width) + ": must be at least 1");
        require(capacity >= 1, "ring of " + std::to_string(capacity) + " records: must be at least 1");
        *ring = context->keep(std::make_unique<borep_ring>(*context, width, capacity));
    });
}

borep_status borep_ring_append(borep_ring *ring, borep_address values) {
    return guarded([&] {
        BOREP_RUN(
            ring->context, append, 1, WARP, 0, ring->width, ring->capacity, reinterpret_cast<const float *>(values),
            reinterpret_cast<unsigned long long *>(ring->count), ring->written(), ring->records());
    });
}

borep_status borep_ring_memory(borep_ring *ring, uint64_t *written, uint64_t *records) {
    return guarded([&] {
        *written = reinterpret_cast<uint64_t>(ring->written());
        *records = reinterpret_cast<uint64_t>(ring->records());
    });
}
