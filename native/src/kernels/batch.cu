/*
 * Which samples a step uses, their packed rows, and noise (borep.kernel.Batch): every choice is a function of (seed, step, purpose,
 * lane), so these kernels draw what Java draws.
 *
 * Packing without a sort: a sample's rank is the number of longer samples plus that of equally long ones before it;
 * stepSizes[t] = #{b : length_b > t}; stepStarts[t] = Σ_b min(length_b, t). One thread per sample or step counts through the
 * batch's lengths: B² reads that stay in cache, three launches in all.
 */
#include "kernels/random.cuh"
#include "kernels/vectors.cuh"
#include "kernels/view.cuh"

namespace borep {
namespace {

constexpr int THREADS = 128;
/** Lanes of a task's classes, and of draws with replacement, lie this far apart. */
constexpr int LANE_STRIDE = 1 << 16;
/** Packed rows that a block copies, one per warp. */
constexpr int ROWS_PER_BLOCK = THREADS / WARP;

__global__ void draw(
    borep_stream stream, const int64_t *counter, int population, bool replacement, int *indices, int count) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) {
        return;
    }
    if (replacement) {
        indices[i] = philox_below(population, stream.seed, *counter, stream.purpose, stream.lane + i * LANE_STRIDE);
    } else {
        const uint64_t key = philox(stream.seed, *counter, stream.purpose, stream.lane);
        indices[i] = permuted(key, population, i % population);
    }
}

__global__ void normal(borep_stream stream, const int64_t *counter, float *out, int count) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) {
        return;
    }
    const uint64_t key = philox(stream.seed, *counter, stream.purpose, stream.lane);
    out[i] = philox_normal(static_cast<int64_t>(key), i, 0, 0);
}

/** What falls to one of several lists when `total` is split evenly, the first ones taking the remainder. */
__device__ int share(int total, int list, int lists) {
    return total / lists + (list < total % lists ? 1 : 0);
}

__global__ void draw_task(
    borep_stream stream, const int64_t *counter, borep_tasks tasks, bool balanced, int skip, int *indices, int count,
    Fault *fault) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) {
        return;
    }
    const int *members = reinterpret_cast<const int *>(tasks.members);
    const int *starts = reinterpret_cast<const int *>(tasks.starts);
    const int picked = philox_below(tasks.members_size, stream.seed, *counter, stream.purpose, stream.lane);
    int domain = 0;
    while (starts[(domain + 1) * tasks.classes] <= picked) {
        domain++;
    }
    const int lists = balanced ? tasks.classes : 1;
    int list = 0;
    int place = i;
    while (place >= share(count, list, lists)) {
        place -= share(count, list, lists);
        list++;
    }
    const int begin = starts[domain * tasks.classes + list];
    const int end = starts[domain * tasks.classes + (balanced ? list + 1 : tasks.classes)];
    if (end == begin) {
        report(fault, Fault::EMPTY_LIST, list, 0, domain);
        indices[i] = 0;
        return;
    }
    const int n = end - begin;
    const uint64_t key = philox(stream.seed, *counter, stream.purpose, stream.lane + (list + 1) * LANE_STRIDE);
    indices[i] = members[begin + permuted(key, n, (share(skip, list, lists) + place) % n)];
}

__global__ void gather(const int *indices, int count, const int *table, int size, int *out, Fault *fault) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) {
        return;
    }
    const int index = indices[i];
    if (index < 0 || index >= size) {
        report(fault, Fault::INDEX, index, size, i);
        return;
    }
    out[i] = table[index];
}

__global__ void measure(
    borep_sequences sequences, const int *indices, int count, int max_steps, int *lengths, Fault *fault) {
    const int b = blockIdx.x * blockDim.x + threadIdx.x;
    if (b >= count) {
        return;
    }
    const int index = indices[b];
    int length = 0;
    if (index < 0 || index >= sequences.count) {
        report(fault, Fault::INDEX, index, sequences.count, b);
    } else {
        length = reinterpret_cast<const int *>(sequences.lengths)[index];
        if (length < 0 || length > max_steps) {
            report(fault, Fault::LENGTH, length, max_steps, b);
            length = 0;
        }
    }
    lengths[b] = length;
}

/** Thread i ranks sample i and counts step i. */
__global__ void arrange(
    const int *lengths, int count, int max_rows, int max_steps, int *shape, int *order, int *sizes, int *starts,
    Fault *fault) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    const int own = i < count ? lengths[i] : 0;
    int rank = 0;
    int size = 0;
    int start = 0;
    int64_t rows = 0;
    int steps = 0;
    for (int b = 0; b < count; b++) {
        const int length = lengths[b];
        rank += length > own || (length == own && b < i) ? 1 : 0;
        size += length > i ? 1 : 0;
        start += length < i ? length : i;
        rows += length;
        steps = length > steps ? length : steps;
    }
    const bool fits = rows <= max_rows;
    if (i < count) {
        order[rank] = i;
    }
    if (i < steps && i < max_steps) {
        sizes[i] = size;
    }
    if (i <= steps && i <= max_steps) {
        starts[i] = start;
    }
    if (i == 0) {
        if (!fits) {
            report(fault, Fault::ROWS, rows > INT32_MAX ? INT32_MAX : static_cast<int>(rows), max_rows, 0);
        }
        shape[0] = fits ? steps : 0;
        shape[1] = fits ? static_cast<int>(rows) : 0;
        shape[2] = fits ? count : 0;
    }
}

/** One warp copies the word vector of (step blockIdx.x, rank). */
__global__ void __launch_bounds__(THREADS) look_up(
    borep_sequences sequences, const int *indices, const int *shape, const int *order, const int *sizes,
    const int *starts, float *values, int stride) {
    const int step = blockIdx.x;
    const int rank = blockIdx.y * ROWS_PER_BLOCK + threadIdx.x / WARP;
    if (step >= shape[0] || rank >= sizes[step]) {
        return;
    }
    const int begin = reinterpret_cast<const int *>(sequences.starts)[indices[order[rank]]];
    const int token = reinterpret_cast<const int *>(sequences.tokens)[begin + step];
    const float *from = reinterpret_cast<const float *>(sequences.table) + static_cast<size_t>(token) * sequences.width;
    float *to = values + static_cast<size_t>(starts[step] + rank) * stride;
    for (int i = threadIdx.x % WARP; i < sequences.width; i += WARP) {
        to[i] = from[i];
    }
}

unsigned blocks(int count) {
    return (count + THREADS - 1) / THREADS;
}

template <class T>
T *at(borep_address address) {
    return reinterpret_cast<T *>(address);
}

}  // namespace
}  // namespace borep

using namespace borep;

borep_status borep_batch_draw(
    borep_context *context, const borep_stream *stream, borep_address counter, int32_t population,
    int32_t replacement, borep_address indices, int32_t count) {
    return guarded([&] {
        BOREP_GIVEN(context, stream, counter, indices);
        BOREP_SIZES(count);
        require(population >= 1, "population " + std::to_string(population) + ": must be at least 1");
        require(
            replacement == 0 || count <= LANE_STRIDE,
            "count " + std::to_string(count) + " of draws with replacement: at most " + std::to_string(LANE_STRIDE));
        if (count > 0) {
            BOREP_RUN(
                *context, draw, blocks(count), THREADS, 0, *stream, at<const int64_t>(counter), population,
                replacement != 0, at<int>(indices), count);
        }
    });
}

borep_status borep_batch_draw_task(
    borep_context *context, const borep_stream *stream, borep_address counter, const borep_tasks *tasks,
    int32_t balanced, int32_t skip, borep_address indices, int32_t count) {
    return guarded([&] {
        BOREP_GIVEN(context, stream, counter, tasks, indices);
        BOREP_SIZES(skip, count);
        require(tasks->members_size >= 1 && tasks->classes >= 1, "tasks: need at least one sample and one class");
        if (count > 0) {
            BOREP_RUN(
                *context, draw_task, blocks(count), THREADS, 0, *stream, at<const int64_t>(counter), *tasks,
                balanced != 0, skip, at<int>(indices), count, context->fault());
        }
    });
}

borep_status borep_batch_normal(
    borep_context *context, const borep_stream *stream, borep_address counter, borep_address out, int32_t count) {
    return guarded([&] {
        BOREP_GIVEN(context, stream, counter, out);
        BOREP_SIZES(count);
        if (count > 0) {
            BOREP_RUN(
                *context, normal, blocks(count), THREADS, 0, *stream, at<const int64_t>(counter), at<float>(out),
                count);
        }
    });
}

borep_status borep_batch_gather(
    borep_context *context, borep_address indices, int32_t count, borep_address table, int32_t table_size,
    borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, indices, table, out);
        BOREP_SIZES(count, table_size);
        if (count > 0) {
            BOREP_RUN(
                *context, gather, blocks(count), THREADS, 0, at<const int>(indices), count, at<const int>(table),
                table_size, at<int>(out), context->fault());
        }
    });
}

borep_status borep_batch_pack(
    borep_context *context, const borep_sequences *sequences, borep_address indices, int32_t count,
    const borep_packing *packing, const borep_rows *rows, int32_t max_rows) {
    return guarded([&] {
        BOREP_GIVEN(context, sequences, indices, packing, rows);
        BOREP_SIZES(count, max_rows);
        require(
            count >= 0 && count <= packing->max_batch, "a batch of " + std::to_string(count) +
                                                           " samples, the packing holds " +
                                                           std::to_string(packing->max_batch));
        require(
            rows->width == sequences->width, "rows of width " + std::to_string(rows->width) +
                                                 " for word vectors of " + std::to_string(sequences->width));
        require_width("rows", rows, sequences->width);
        steps(*packing);
        if (count > 0) {
            BOREP_RUN(
                *context, measure, blocks(count), THREADS, 0, *sequences, at<const int>(indices), count,
                packing->max_steps, at<int>(packing->lengths), context->fault());
        }
        const int places = (count > packing->max_steps + 1 ? count : packing->max_steps + 1);
        BOREP_RUN(
            *context, arrange, blocks(places), THREADS, 0, at<const int>(packing->lengths), count, max_rows,
            packing->max_steps, at<int>(packing->shape), at<int>(packing->order), at<int>(packing->step_sizes),
            at<int>(packing->step_starts), context->fault());
        if (count > 0 && packing->max_steps > 0) {
            const dim3 grid(packing->max_steps, (count + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK);
            BOREP_RUN(
                *context, look_up, grid, THREADS, 0, *sequences, at<const int>(indices), at<const int>(packing->shape),
                at<const int>(packing->order), at<const int>(packing->step_sizes),
                at<const int>(packing->step_starts), at<float>(rows->values), rows->stride);
        }
    });
}
