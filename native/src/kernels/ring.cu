/*
 * Records of a few numbers that kernels leave for the host (borep.device.Ring): written into pinned memory that the host polls
 * without a call.
 */
#include "kernels/ring.cuh"

namespace borep {
namespace {

/** One warp. */
__global__ void append(RingView ring, const float *values) {
    append_record(ring, values);
}

}  // namespace
}  // namespace borep

using namespace borep;

borep_ring::borep_ring(borep_context &context, int width, int capacity)
    : context(context), width(width), capacity(capacity), count_(context, sizeof(unsigned long long), true) {
    const size_t bytes = HEADER_BYTES + static_cast<size_t>(width) * capacity * sizeof(float);
    context.make_current();
    BOREP_CUDA(cudaHostAlloc(&pinned_, bytes, cudaHostAllocMapped));
    *header() = {};
}

borep_ring::~borep_ring() {
    if (pinned_ != nullptr) {
        cudaFreeHost(pinned_);
    }
}

borep_status borep_ring_create(borep_context *context, int32_t width, int32_t capacity, borep_ring **ring) {
    return guarded([&] {
        BOREP_GIVEN(context, ring);
        *ring = nullptr;
        require(width >= 1, "ring of width " + std::to_string(width) + ": must be at least 1");
        require(capacity >= 1, "ring of " + std::to_string(capacity) + " records: must be at least 1");
        *ring = context->keep(std::make_unique<borep_ring>(*context, width, capacity));
    });
}

borep_status borep_ring_append(borep_ring *ring, borep_address values) {
    return guarded([&] {
        BOREP_GIVEN(ring, values);
        BOREP_RUN(ring->context, append, 1, WARP, 0, ring->view(), reinterpret_cast<const float *>(values));
    });
}

borep_status borep_ring_memory(borep_ring *ring, uint64_t *header, uint64_t *records) {
    return guarded([&] {
        BOREP_GIVEN(ring, header, records);
        *header = reinterpret_cast<uint64_t>(ring->header());
        *records = reinterpret_cast<uint64_t>(ring->records());
    });
}
