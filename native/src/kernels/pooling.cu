/*
 * One feature vector per sample out of the packed rows of its steps (borep.kernel.Pooling). Thread (sample, column): the
 * columns of a row lie side by side, so every read and write of a warp is one line of memory; a sample's steps are walked in
 * their order.
 *
 *   MAX, MAX_PADDED  forward keeps the row that won; the other sweeps gather from it and scatter to it
 *   MEAN             Σ_t row / length
 *   LAST             row of the last step
 *   pairs            (u, v, |u − v|, u ⊙ v), element by element
 */
#include "kernels/view.cuh"

namespace borep {

/** A tape as kernels see it. */
struct Pool {
    int mode;
    int width;
    int max_batch;
    Steps packing;
    const int *rank_of;
    int *winner;

    __device__ int row(int step, int sample) const {
        return packing.starts[step] + rank_of[sample];
    }
};

namespace {

constexpr int THREADS = 128;
constexpr int NONE = -1;

__global__ void rank(Steps packing, int *rank_of) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < packing.shape[2]) {
        rank_of[packing.order[i]] = i;
    }
}

/** The row of a sample's largest value in this column; the earliest wins a tie, NaN wins over every number. */
__device__ int choose(const Pool &pool, View rows, int sample, int column) {
    int winner = NONE;
    float largest = 0;
    const int length = pool.packing.lengths[sample];
    for (int step = 0; step < length; step++) {
        const int row = pool.row(step, sample);
        const float value = rows.row(row)[column];
        if (winner == NONE || value > largest || (value != value && largest == largest)) {
            largest = value;
            winner = row;
        }
    }
    const bool padded = pool.mode == BOREP_MAX_PADDED && length < pool.packing.shape[0];
    return padded && largest < 0 ? NONE : winner;
}

__global__ void __launch_bounds__(THREADS) gather(Pool pool, bool choosing, View rows, View features) {
    const int column = blockIdx.y * THREADS + threadIdx.x;
    const int sample = blockIdx.x;
    if (column >= pool.width || sample >= pool.packing.shape[2]) {
        return;
    }
    const int length = pool.packing.lengths[sample];
    float value = 0;
    if (pool.mode == BOREP_MEAN) {
        for (int step = 0; step < length; step++) {
            value += rows.row(pool.row(step, sample))[column];
        }
        value = length == 0 ? 0 : value / length;
    } else if (pool.mode == BOREP_LAST) {
        value = length == 0 ? 0 : rows.row(pool.row(length - 1, sample))[column];
    } else {
        int *winner = pool.winner + static_cast<size_t>(sample) * pool.width + column;
        if (choosing) {
            *winner = choose(pool, rows, sample, column);
        }
        value = *winner == NONE ? 0 : rows.row(*winner)[column];
    }
    features.row(sample)[column] = value;
}

__global__ void __launch_bounds__(THREADS) scatter(Pool pool, View features, View rows) {
    const int column = blockIdx.y * THREADS + threadIdx.x;
    const int sample = blockIdx.x;
    if (column >= pool.width || sample >= pool.packing.shape[2]) {
        return;
    }
    const int length = pool.packing.lengths[sample];
    const float cotangent = features.row(sample)[column];
    if (length == 0) {
        return;
    }
    if (pool.mode == BOREP_MEAN) {
        for (int step = 0; step < length; step++) {
            rows.row(pool.row(step, sample))[column] += cotangent / length;
        }
    } else if (pool.mode == BOREP_LAST) {
        rows.row(pool.row(length - 1, sample))[column] += cotangent;
    } else {
        const int winner = pool.winner[static_cast<size_t>(sample) * pool.width + column];
        if (winner != NONE) {
            rows.row(winner)[column] += cotangent;
        }
    }
}

__device__ __forceinline__ float sign(float value) {
    return value > 0 ? 1.0f : value < 0 ? -1.0f : value; // 0 and NaN are their own sign
}

struct Pair {
    View u;
    View v;
};

__global__ void __launch_bounds__(THREADS) pair_forward(int width, Pair values, View features) {
    const int c = blockIdx.y * THREADS + threadIdx.x;
    const int b = blockIdx.x;
    if (c < width) {
        const float u = values.u.row(b)[c];
        const float v = values.v.row(b)[c];
        float *out = features.row(b);
        out[c] = u;
        out[width + c] = v;
        out[2 * width + c] = fabsf(u - v);
        out[3 * width + c] = u * v;
    }
}

__global__ void __launch_bounds__(THREADS) pair_tangent_forward(int width, Pair values, Pair tangents, View features) {
    const int c = blockIdx.y * THREADS + threadIdx.x;
    const int b = blockIdx.x;
    if (c < width) {
        const float u = values.u.row(b)[c];
        const float v = values.v.row(b)[c];
        const float ru = tangents.u.row(b)[c];
        const float rv = tangents.v.row(b)[c];
        float *out = features.row(b);
        out[c] = ru;
        out[width + c] = rv;
        out[2 * width + c] = sign(u - v) * (ru - rv);
        out[3 * width + c] = ru * v + u * rv;
    }
}

/** With tangents the derivative of the product's part is added: only u ⊙ v has a second one. */
__global__ void __launch_bounds__(THREADS)
    pair_backward(int width, Pair values, View cotangents, Pair tangents, View first_cotangents, Pair out) {
    const int c = blockIdx.y * THREADS + threadIdx.x;
    const int b = blockIdx.x;
    if (c < width) {
        const float u = values.u.row(b)[c];
        const float v = values.v.row(b)[c];
        const float *from = cotangents.row(b);
        const float distance = sign(u - v) * from[2 * width + c];
        const float product = from[3 * width + c];
        float to_u = from[c] + distance + v * product;
        float to_v = from[width + c] - distance + u * product;
        if (tangents.u.values != nullptr) {
            const float first = first_cotangents.row(b)[3 * width + c];
            to_u += tangents.v.row(b)[c] * first;
            to_v += tangents.u.row(b)[c] * first;
        }
        out.u.row(b)[c] += to_u;
        out.v.row(b)[c] += to_v;
    }
}

/** Samples along x, where a grid may have more than 65,535 blocks. */
dim3 grid(int width, int samples) {
    return dim3(static_cast<unsigned>(samples), ceil_div(width, THREADS));
}

Pair pair(const borep_rows *u, const borep_rows *v, int width) {
    return {require_width("u", u, width), require_width("v", v, width)};
}

}  // namespace
}  // namespace borep

using namespace borep;

struct borep_pooling_tape {
    borep_context &context;
    Pool pool{};
    Memory rank_of;
    Memory winner;
    bool forward_done = false;
};

borep_status borep_pooling_tape_create(
    borep_context *context, borep_pooling mode, int32_t width, int32_t max_batch, borep_pooling_tape **tape) {
    return guarded([&] {
        BOREP_GIVEN(context, tape);
        *tape = nullptr;
        require(width >= 1, "pooling of width " + std::to_string(width) + ": must be at least 1");
        require_named("pooling", mode, BOREP_LAST);
        BOREP_SIZES(width, max_batch);
        auto made = std::make_unique<borep_pooling_tape>(*context);
        made->rank_of = ints(*context, max_batch);
        const bool keeps_winners = mode == BOREP_MAX || mode == BOREP_MAX_PADDED;
        made->winner = ints(*context, keeps_winners ? static_cast<size_t>(max_batch) * width : 0);
        made->pool = {mode, width, max_batch, {}, made->rank_of.as<int>(), made->winner.as<int>()};
        *tape = context->keep(std::move(made));
    });
}

borep_status borep_pooling_forward(
    borep_pooling_tape *tape, const borep_packing *packing, const borep_rows *rows, const borep_rows *features) {
    return guarded([&] {
        BOREP_GIVEN(tape, packing);
        Pool &pool = tape->pool;
        require(
            packing->max_batch <= pool.max_batch, "a packing of " + std::to_string(packing->max_batch) +
                                                      " samples: the tape was made for " +
                                                      std::to_string(pool.max_batch));
        const View from = require_width("rows", rows, pool.width);
        const View to = require_width("features", features, pool.width);
        tape->forward_done = false;
        pool.packing = steps(*packing);
        if (packing->max_batch > 0) {
            BOREP_RUN(
                tape->context, rank, ceil_div(packing->max_batch, THREADS), THREADS, 0, pool.packing,
                tape->rank_of.as<int>());
            BOREP_RUN(tape->context, gather, grid(pool.width, packing->max_batch), THREADS, 0, pool, true, from, to);
        }
        tape->forward_done = true;
    });
}

borep_status borep_pooling_backward(
    borep_pooling_tape *tape, const borep_rows *feature_cotangents, const borep_rows *row_cotangents) {
    return guarded([&] {
        BOREP_GIVEN(tape);
        const Pool &pool = tape->pool;
        require(tape->forward_done, "pooling backward: needs forward on this tape before");
        const View from = require_width("featureCotangents", feature_cotangents, pool.width);
        const View to = require_width("rowCotangents", row_cotangents, pool.width);
        if (pool.packing.max_batch > 0) {
            BOREP_RUN(tape->context, scatter, grid(pool.width, pool.packing.max_batch), THREADS, 0, pool, from, to);
        }
    });
}

borep_status borep_pooling_tangent_forward(
    borep_pooling_tape *tape, const borep_rows *row_tangents, const borep_rows *feature_tangents) {
    return guarded([&] {
        BOREP_GIVEN(tape);
        const Pool &pool = tape->pool;
        require(tape->forward_done, "pooling tangent forward: needs forward on this tape before");
        const View from = require_width("rowTangents", row_tangents, pool.width);
        const View to = require_width("featureTangents", feature_tangents, pool.width);
        if (pool.packing.max_batch > 0) {
            BOREP_RUN(
                tape->context, gather, grid(pool.width, pool.packing.max_batch), THREADS, 0, pool, false, from, to);
        }
    });
}

borep_status borep_pooling_pair_forward(
    borep_context *context, int32_t rows, const borep_rows *u, const borep_rows *v, const borep_rows *features) {
    return guarded([&] {
        BOREP_GIVEN(context, u);
        BOREP_SIZES(rows);
        const int width = u->width;
        require(width >= 1 && width <= MOST_NUMBERS / 16, "u of width " + std::to_string(width) + ": must be at least 1");
        const Pair values = pair(u, v, width);
        const View to = require_width("features", features, 4 * width);
        if (rows > 0) {
            BOREP_RUN(*context, pair_forward, grid(width, rows), THREADS, 0, width, values, to);
        }
    });
}

borep_status borep_pooling_pair_backward(
    borep_context *context, int32_t rows, const borep_rows *u, const borep_rows *v,
    const borep_rows *feature_cotangents, const borep_rows *cotangent_u, const borep_rows *cotangent_v) {
    return guarded([&] {
        BOREP_GIVEN(context, u);
        BOREP_SIZES(rows);
        const int width = u->width;
        require(width >= 1 && width <= MOST_NUMBERS / 16, "u of width " + std::to_string(width) + ": must be at least 1");
        const Pair values = pair(u, v, width);
        const View from = require_width("featureCotangents", feature_cotangents, 4 * width);
        const Pair to = pair(cotangent_u, cotangent_v, width);
        if (rows > 0) {
            BOREP_RUN(
                *context, pair_backward, grid(width, rows), THREADS, 0, width, values, from, Pair{}, View{}, to);
        }
    });
}

borep_status borep_pooling_pair_tangent_forward(
    borep_context *context, int32_t rows, const borep_rows *u, const borep_rows *v, const borep_rows *tangent_u,
    const borep_rows *tangent_v, const borep_rows *feature_tangents) {
    return guarded([&] {
        BOREP_GIVEN(context, u);
        BOREP_SIZES(rows);
        const int width = u->width;
        require(width >= 1 && width <= MOST_NUMBERS / 16, "u of width " + std::to_string(width) + ": must be at least 1");
        const Pair values = pair(u, v, width);
        const Pair tangents = pair(tangent_u, tangent_v, width);
        const View to = require_width("featureTangents", feature_tangents, 4 * width);
        if (rows > 0) {
            BOREP_RUN(*context, pair_tangent_forward, grid(width, rows), THREADS, 0, width, values, tangents, to);
        }
    });
}

borep_status borep_pooling_pair_tangent_backward(
    borep_context *context, int32_t rows, const borep_rows *u, const borep_rows *v, const borep_rows *tangent_u,
    const borep_rows *tangent_v, const borep_rows *feature_cotangents, const borep_rows *feature_cotangent_tangents,
    const borep_rows *cotangent_tangent_u, const borep_rows *cotangent_tangent_v) {
    return guarded([&] {
        BOREP_GIVEN(context, u);
        BOREP_SIZES(rows);
        const int width = u->width;
        require(width >= 1 && width <= MOST_NUMBERS / 16, "u of width " + std::to_string(width) + ": must be at least 1");
        const Pair values = pair(u, v, width);
        const Pair tangents = pair(tangent_u, tangent_v, width);
        const View first = require_width("featureCotangents", feature_cotangents, 4 * width);
        const View from = require_width("featureCotangentTangents", feature_cotangent_tangents, 4 * width);
        const Pair to = pair(cotangent_tangent_u, cotangent_tangent_v, width);
        if (rows > 0) {
            BOREP_RUN(
                *context, pair_backward, grid(width, rows), THREADS, 0, width, values, from, tangents, first, to);
        }
    });
}
