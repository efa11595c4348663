#include "kernels/staging.cuh"

#include <algorithm>

#include "kernels/view.cuh"

namespace borep {
namespace {

constexpr int THREADS = 256;
constexpr int MOST_BLOCKS = 1024;

/** One operand's way: `width` numbers of each of `most` rows. */
template <class Element>
struct Way {
    Operand from;
    /** Rows that are there; the others become zeros. */
    Count count;
    int most;
    int width;
    Staged<Element> to;
};

__device__ __forceinline__ void put(float *to, const float (&numbers)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        to[i] = numbers[i];
    }
}

__device__ __forceinline__ void put(uint16_t *to, const float (&numbers)[8]) {
    auto *pairs = reinterpret_cast<uint32_t *>(to);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        pairs[i] = to_bf16_pair(numbers[2 * i], numbers[2 * i + 1]);
    }
}

/** A thread makes 16 bytes at a time. */
template <class Element>
__device__ void copy(const Way<Element> &way) {
    constexpr int CHUNK = 16 / sizeof(Element);
    const int chunks = way.to.stride / CHUNK;
    const int rows = way.count.get();
    const size_t all = static_cast<size_t>(way.most) * chunks;
    for (size_t i = blockIdx.x * THREADS + threadIdx.x; i < all; i += static_cast<size_t>(gridDim.x) * THREADS) {
        const int place = static_cast<int>(i / chunks);
        const int column = static_cast<int>(i % chunks) * CHUNK;
        int row = place < rows ? place : -1;
        if (row >= 0 && way.from.map != nullptr) {
            row = way.from.map[row];
        }
        float numbers[CHUNK];
#pragma unroll
        for (int j = 0; j < CHUNK; j++) {
            const bool there = row >= 0 && column + j < way.width;
            numbers[j] = there ? way.from.values[static_cast<size_t>(row) * way.from.stride + column + j] : 0.0f;
        }
        put(way.to.values + static_cast<size_t>(place) * way.to.stride + column, numbers);
    }
}

template <class Element>
__global__ void __launch_bounds__(THREADS) stage_both(Way<Element> a, Way<Element> b) {
    blockIdx.y == 0 ? copy(a) : copy(b);
}

template <class Element>
Way<Element> way(borep_context &context, Scratch place, const Operand &from, Count count, int most, int width) {
    constexpr int CHUNK = 16 / sizeof(Element);
    const int stride = (width + CHUNK - 1) / CHUNK * CHUNK;
    auto *values = static_cast<Element *>(context.scratch(place, static_cast<size_t>(most) * stride * sizeof(Element)));
    return {from, count, most, width, {values, stride}};
}

}  // namespace

template <class Element>
std::pair<Staged<Element>, Staged<Element>> stage(borep_context &context, const Product &p) {
    const bool outer = p.form == Form::OUTER;
    const Way<Element> a = way<Element>(context, Scratch::LEFT, p.a, p.count, p.most, p.extent);
    const int fixed = p.form == Form::ROWS_TRANSPOSED ? p.columns : p.extent;
    const Way<Element> b = way<Element>(
        context, Scratch::RIGHT, p.b, outer ? p.count : Count{nullptr, fixed}, outer ? p.most : fixed,
        p.form == Form::ROWS_TRANSPOSED ? p.extent : p.columns);
    constexpr int CHUNK = 16 / sizeof(Element);
    const size_t chunks = std::max(
        static_cast<size_t>(a.most) * (a.to.stride / CHUNK), static_cast<size_t>(b.most) * (b.to.stride / CHUNK));
    const size_t blocks = (chunks + THREADS - 1) / THREADS;
    const dim3 grid(static_cast<unsigned>(std::clamp<size_t>(blocks, 1, MOST_BLOCKS)), 2);
    BOREP_RUN(context, (stage_both<Element>), grid, THREADS, 0, a, b);
    return {a.to, b.to};
}

template std::pair<Staged<float>, Staged<float>> stage<float>(borep_context &, const Product &);
template std::pair<Staged<uint16_t>, Staged<uint16_t>> stage<uint16_t>(borep_context &, const Product &);

}  // namespace borep
