/*
 * The end of a step on a device that works ahead of the host (borep.device.Guard). Nobody waits to look at a step's numbers, so
 * the device looks itself:
 *
 *   judge    one warp    appends the numbers to the ring; all finite: counter += 1; else: stopped, and the ring is closed
 *   settle   the state   not stopped: kept = state;  stopped: state = kept                   (one read and one write of it)
 *
 * Steps that the host has enqueued since then still run, and settle undoes them: the state stays that of the last good step.
 */
#include "kernels/guard.cuh"

#include <algorithm>
#include <cfloat>
#include <vector>

#include "kernels/vectors.cuh"

namespace borep {
namespace {

/** Kept vectors begin on lines of memory of their own. */
constexpr size_t ALIGNMENT = 64;

struct Both {
    __device__ int operator()(int a, int b) const {
        return a & b;
    }
};

__global__ void judge(RingView ring, const float *values, int64_t *counter, int *stopped) {
    if (*stopped != 0) {
        return;
    }
    int finite = 1;
    for (int place = threadIdx.x; place < ring.width; place += WARP) {
        finite &= fabsf(values[place]) <= FLT_MAX; // false for NaN too
    }
    finite = warp_reduce(finite, Both());
    append_record(ring, values);
    if (threadIdx.x != 0) {
        return;
    }
    if (finite != 0) {
        *counter += 1;
    } else {
        *stopped = 1;
        __threadfence_system(); // whoever sees that the ring is closed sees its last record
        *static_cast<volatile unsigned long long *>(&ring.header->closed) = 1 + static_cast<unsigned long long>(*counter);
    }
}

/** Block row y takes vector y. */
__global__ void __launch_bounds__(vectors::THREADS) settle_vectors(const Guarded *vectors, const int *stopped) {
    const Guarded vector = vectors[blockIdx.y];
    const bool back = *stopped != 0;
    const float *from = back ? vector.kept : vector.state;
    float *to = back ? vector.state : vector.kept;
    for (int i = vectors::first(); i < vector.size; i += vectors::stride()) {
        to[i] = from[i];
    }
}

}  // namespace
}  // namespace borep

using namespace borep;

borep_guard::borep_guard(
    borep_ring &ring, borep_address values, borep_address counter, const borep_vector *state, int count)
    : context(ring.context),
      ring_(ring),
      values_(reinterpret_cast<const float *>(values)),
      counter_(reinterpret_cast<int64_t *>(counter)),
      count_(count) {
    const auto aligned = [](int size) { return (static_cast<size_t>(size) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; };
    size_t elements = 0;
    for (int i = 0; i < count; i++) {
        elements += aligned(state[i].size);
        largest_ = std::max(largest_, state[i].size);
    }
    kept_ = floats(context, elements);
    std::vector<Guarded> table;
    float *next = kept_.as<>();
    for (int i = 0; i < count; i++) {
        table.push_back({reinterpret_cast<float *>(state[i].values), next, state[i].size});
        next += aligned(state[i].size);
    }
    const size_t bytes = table.size() * sizeof(Guarded);
    vectors_ = Memory(context, bytes);
    context.write(reinterpret_cast<borep_address>(vectors_.as<>()), table.data(), bytes);
    stopped_ = ints(context, 1);
    begin();
}

void borep_guard::begin() {
    require(!context.recording(), "begin of a guard: not allowed while a program is recorded");
    context.synchronise(); // steps that are still enqueued could close it again
    ring_.header()->closed = 0;
    BOREP_CUDA(cudaMemsetAsync(stopped_.as<>(), 0, sizeof(int), context.stream()));
    settle();
}

void borep_guard::end() {
    BOREP_RUN(context, judge, 1, WARP, 0, ring_.view(), values_, counter_, stopped_.as<int>());
    settle();
}

void borep_guard::settle() {
    if (count_ > 0) {
        BOREP_RUN(context, settle_vectors, blocks(), vectors::THREADS, 0, vectors_.as<Guarded>(), stopped());
    }
}

void borep_guard::add_settling(cudaGraph_t graph) {
    if (count_ > 0) {
        cudaGraphNode_t added{};
        BOREP_CUDA(
            add_kernel(&added, graph, settle_vectors, blocks(), vectors::THREADS, vectors_.as<Guarded>(), stopped()));
    }
}

dim3 borep_guard::blocks() const {
    return dim3(vectors::blocks(largest_), static_cast<unsigned>(count_));
}

borep_status borep_guard_create(
    borep_ring *ring, borep_address values, borep_address counter, const borep_vector *state, int32_t count,
    borep_guard **guard) {
    return guarded([&] {
        BOREP_GIVEN(ring, values, counter, guard);
        *guard = nullptr;
        require(!ring->context.recording(), "guard: cannot be made while a program is recorded; make it before");
        BOREP_SIZES(count);
        require(count == 0 || state != nullptr, "state: must not be null");
        for (int place = 0; place < count; place++) {
            require_sizes("size of a vector", state[place].size);
            require(state[place].values != 0, "vector " + std::to_string(place) + " of the state: must not lie at address 0");
        }
        *guard = ring->context.keep(std::make_unique<borep_guard>(*ring, values, counter, state, count));
    });
}

borep_status borep_guard_begin(borep_guard *guard) {
    return guarded([&] {
        BOREP_GIVEN(guard);
        guard->begin();
    });
}

borep_status borep_guard_end(borep_guard *guard) {
    return guarded([&] {
        BOREP_GIVEN(guard);
        guard->end();
    });
}
