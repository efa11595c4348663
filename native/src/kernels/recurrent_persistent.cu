/*
 * A sweep of one recurrent layer in one cooperative launch. The recurrent weights stay in registers from the first step to the
 * last; of a step only what the next one needs leaves the chip's cores, to the tape and from there, through L2, to all blocks:
 *
 *   forward           a = [gates] + W_hh h⁻             backward           u = ȳ + W_hhᵀ ā⁺
 *   tangent forward   R{a} = [R{gates}] + W_hh R{h⁻}    tangent backward   R{u} = R{ȳ} + [V_hhᵀ ā]⁺ + W_hhᵀ R{ā⁺}
 *   both, along V     the two above in the same steps; V_hh h⁻ (V_hhᵀ ā⁺) is added here, from V_hh in registers too
 *
 * What stands in brackets was computed for all steps at once (recurrent.cu). A block owns some rows of M = W_hh (or W_hhᵀ), some
 * of its columns and some samples (recurrent_plan.h). A step of a block:
 *
 *   1  wait until the blocks of the same samples have finished the step before
 *   2  states of its columns, chunk by chunk, to shared memory; the next chunk is on its way while this one is multiplied
 *   3  each warp multiplies its part of M by the chunk; the warps' sums meet in shared memory
 *   4  if columns are split over blocks: leave the sums in L2, wait for the blocks of the same rows, take an equal share
 *   5  the cell of its units, which writes the tape; arrive
 *
 * Bytes a step: states of a block's columns from L2, the tape of its units. Nothing is read twice from device memory. Sums have
 * one order for a geometry: repeatable bit for bit. T and the sizes of the steps are the device's: one recorded launch fits any
 * batch. The counts of the barriers are cleared by a memset before each launch, so a replay, or a launch after a failed one, finds
 * them at 0.
 */
#include "kernels/grid_barrier.cuh"
#include "kernels/recurrent_block.cuh"
#include "kernels/recurrent_tape.h"

namespace borep {
namespace {

/** Memory that blocks share. */
struct Exchange {
    /** [parts + parts · groups][GridBarrier::STRIDE] steps that blocks have finished, and whose partial sums they have written. */
    unsigned *arrivals;
    /** [blocks][1 or 2][samples of a part][rows of a block] */
    float *partials;
    int samples;
};

/** One block of a sweep. ALONG: values and tangents together. */
template <class Engine, int WEIGHTS, bool ALONG>
class Block : OwnedBlock<Engine, WEIGHTS, ALONG> {
    using Owned = OwnedBlock<Engine, WEIGHTS, ALONG>;

   public:
    __device__ __forceinline__ Block(
        const RecurrentSweep &sweep, const Geometry &geometry, const Exchange &exchange, const Task &task)
        : Owned(
              sweep, geometry, task, blockIdx.x / geometry.splits % geometry.groups, blockIdx.x % geometry.splits,
              blockIdx.x / (geometry.groups * geometry.splits)),
          exchange_(exchange) {
        all_ = {exchange.arrivals + part_ * GridBarrier::STRIDE, geometry.groups * geometry.splits};
        const int rows = geometry.parts + blockIdx.x / geometry.splits;
        row_ = {exchange.arrivals + rows * GridBarrier::STRIDE, geometry.splits};
        chunk_ = shared_memory<float>();
        sums_ = chunk_ + 2 * MATRICES * geometry.samples * geometry.pitch();
    }

    __device__ __forceinline__ void run() {
        Owned::load_weights();
        Owned::clear_missing_columns(chunk_, 2 * MATRICES * geometry_.samples);
        int exchanges = 0; // of partial sums; steps without states to multiply have none
        for (int i = 0;; i++) {
            const int steps = sweep_.packing.shape[0]; // read again at every step: kept, it would take a register that weights need
            if (i >= steps) {
                return;
            }
            const int k = task_.backward ? steps - 1 - i : i;
            const Step step{sweep_.span(k, steps), sweep_.span(k - 1, steps), sweep_.span(k + 1, steps)};
            if (i > 0) {
                all_.wait(i);
            }
            multiply_and_finish(step, exchanges);
            all_.arrive();
        }
    }

   private:
    using Owned::depth;
    using Owned::geometry_;
    using Owned::group_;
    using Owned::MATRICES;
    using Owned::part_;
    using Owned::share;
    using Owned::split_;
    using Owned::SUM_PITCH;
    using Owned::sums_of_unit;
    using Owned::sweep_;
    using Owned::task_;
    using Owned::tile_bits;
    using Owned::unit_bits;
    using Owned::units;
    using Owned::warp;
    using typename Owned::UnitSums;

    /** Samples begin … end − 1, whose sums are there; those from `multiplied` on have none. Sums in shared memory begin at `first`. */
    struct Ready {
        int begin;
        int end;
        int multiplied;
        int first;
    };

    __device__ __forceinline__ float *chunk(int buffer, int matrix) const {
        return chunk_ + (buffer * MATRICES + matrix) * geometry_.samples * geometry_.pitch();
    }
    __device__ __forceinline__ float *sums(int matrix) const {
        return sums_ + matrix * geometry_.samples * SUM_PITCH;
    }

    /** Begins to copy the states of samples first, first + 1, …, last − 1 from the step that `from` spans. */
    __device__ __forceinline__ void fetch(Span from, int first, int last, int buffer) const {
        const int lane = threadIdx.x % WARP;
        const int width = depth();
        const int columns = Owned::columns();
        const bool aligned = width % 4 == 0; // rows then begin at multiples of 16 bytes
        const int count = last - first;
        const int turn = static_cast<int>(blockIdx.x % 64) * count / 64; // that not all blocks ask for the same lines at once
        for (int matrix = 0; matrix < MATRICES; matrix++) {
            for (int i = warp(); i < count; i += Geometry::WARPS) {
                const int s = i + turn < count ? i + turn : i + turn - count;
                const size_t row = from.start + (first + s) * geometry_.parts + part_;
                const float *source = Owned::states(matrix) + row * width + split_ * geometry_.depth();
                float *target = chunk(buffer, matrix) + s * geometry_.pitch();
                if (aligned) {
                    for (int c = 4 * lane; c < columns; c += 4 * WARP) {
                        copy_async<16>(target + c, source + c, 16);
                    }
                } else {
                    for (int c = lane; c < columns; c += WARP) {
                        copy_async<4>(target + c, source + c, 4);
                    }
                }
            }
        }
    }

    __device__ __forceinline__ void multiply(int samples, int buffer) const {
        Owned::multiply(chunk(buffer, 0), chunk(buffer, MATRICES - 1), samples, sums(0), sums(MATRICES - 1));
    }

    /** From one block's partial sums to the next's. */
    __device__ __forceinline__ int partials_of_block() const {
        return MATRICES * exchange_.samples * geometry_.rows();
    }
    __device__ __forceinline__ float *partial(int split, int matrix, int sample) const {
        const size_t block = blockIdx.x - split_ + split;
        return exchange_.partials + block * partials_of_block() + (matrix * exchange_.samples + sample) * geometry_.rows();
    }

    /** Leaves the block's sums of a chunk for the blocks of the same rows. */
    __device__ __forceinline__ void publish(int first, int samples) const {
        const int rows = geometry_.rows();
        for (int matrix = 0; matrix < MATRICES; matrix++) {
            float *out = partial(split_, matrix, first);
#pragma unroll 2
            for (int i = threadIdx.x; i < samples * rows; i += Geometry::THREADS) {
                const int row = i & (rows - 1);
                out[i] = Owned::block_sum_of(sums(matrix), i >> (tile_bits() + 4), row / Geometry::TILE, row % Geometry::TILE);
            }
        }
    }

    __device__ __forceinline__ float sum_of_splits(int matrix, int sample, int tile, int row) const {
        constexpr int AT_A_TIME = 4; // reads under way
        const float *part = partial(0, matrix, sample) + tile * Geometry::TILE + row;
        float sum = 0.0f;
        for (int split = 0; split < geometry_.splits; split += AT_A_TIME) {
#pragma unroll
            for (int i = 0; i < AT_A_TIME; i++) {
                sum += split + i < geometry_.splits ? part[i * partials_of_block()] : 0.0f;
            }
            part += AT_A_TIME * partials_of_block();
        }
        return sum;
    }

    /** W_hh h⁻ (or the like) of a row of a tile; 0 for samples that have no state to multiply. */
    __device__ __forceinline__ float sum_of(const Ready &ready, int matrix, int sample, int tile, int row) const {
        if (sample >= ready.multiplied) {
            return 0.0f;
        }
        return geometry_.splits > 1 ? sum_of_splits(matrix, sample, tile, row)
                                    : Owned::block_sum_of(sums(matrix), sample - ready.first, tile, row);
    }

    /** Runs the cell of this block's units, and of its share of the samples that are ready. */
    __device__ __forceinline__ void finish(const Step &step, const Ready &ready) const {
        const int block_bits = tile_bits() + unit_bits();
        for (int i = threadIdx.x;; i += Geometry::THREADS) {
            const int sample = ready.begin + (i >> block_bits) * geometry_.splits + split_;
            const int own = i & ((1 << block_bits) - 1);
            const int unit = (group_ << block_bits) + own;
            if (sample >= ready.end) {
                return;
            }
            if (unit < sweep_.hidden) {
                UnitSums sums;
#pragma unroll
                for (int g = 0; g < Lstm::GATES; g++) {
#pragma unroll
                    for (int matrix = 0; matrix < MATRICES; matrix++) {
                        const int row = (g << unit_bits()) + (own & (units() - 1));
                        sums.of[matrix][g] = g < sums_of_unit() ? sum_of(ready, matrix, sample, own >> unit_bits(), row) : 0.0f;
                    }
                }
                const int rank = sample * geometry_.parts + part_;
                task_.lstm ? run_cell<Lstm>(step, rank, unit, sums) : run_cell<TanhRnn>(step, rank, unit, sums);
            }
        }
    }

    template <class Cell>
    __device__ __forceinline__ void run_cell(const Step &step, int rank, int unit, const UnitSums &sums) const {
        const int row = step.here.start + rank;
        const int before = rank < step.before.size ? step.before.start + rank : -1;
        const int after = rank < step.after.size ? step.after.start + rank : -1;
        if (ALONG || !task_.tangent) {
            if (task_.backward) {
                Whole<Cell>::backward(sweep_, row, before, after, unit, sums.of[0][0]);
            } else {
                Whole<Cell>::forward(sweep_, row, before, unit, sums.of[0]);
            }
        }
        if constexpr (ALONG) {
            read_again(); // kept for the tangents, what the values needed would take registers that weights need
        }
        if (ALONG || task_.tangent) {
            if (task_.backward) {
                Whole<Cell>::tangent_backward(sweep_, row, before, after, unit, sums.of[MATRICES - 1][0]);
            } else {
                Whole<Cell>::tangent_forward(sweep_, row, before, unit, sums.of[MATRICES - 1]);
            }
        }
    }

    /** One step; counts exchanges of partial sums. */
    __device__ __forceinline__ void multiply_and_finish(const Step &step, int &exchanges) const {
        const Span from = task_.backward ? step.after : step.before;
        const int samples = share(step.here.size);
        const int multiplied = share(min(step.here.size, from.size));
        const int chunk = geometry_.samples;
        const bool shares_rows = geometry_.splits > 1;
        fetch(from, 0, min(chunk, multiplied), 0);
        commit_copies();
        for (int first = 0, buffer = 0, done = 0; done < samples; first += chunk, buffer ^= 1) {
            const int last = min(first + chunk, multiplied);
            if (first < last) {
                fetch(from, last, min(last + chunk, multiplied), buffer ^ 1);
                commit_copies();
                wait_copies<1>();
                __syncthreads(); // the chunk is there, and the sums of the one before are read
                multiply(last - first, buffer);
                __syncthreads();
                if (shares_rows) {
                    publish(first, last - first);
                    if (last < multiplied) {
                        continue;
                    }
                    row_.arrive();
                    row_.wait(++exchanges);
                }
            }
            const Ready ready{done, last < multiplied ? last : samples, multiplied, first};
            finish(step, ready);
            done = ready.end;
        }
    }

    const Exchange &exchange_;
    /** The blocks of the same samples; those of the same samples and rows. */
    GridBarrier all_, row_;
    /** [2 buffers][1 or 2][samples][pitch] states, then [1 or 2][samples][SUM_PITCH] sums. */
    float *chunk_;
    float *sums_;
};

template <class Engine, int WEIGHTS, bool ALONG>
__global__ void __launch_bounds__(Geometry::THREADS, 1)
    sweep_persistent(RecurrentSweep sweep, Geometry geometry, Exchange exchange, Task task) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800 // older devices never get here (recurrent_plan.cu)
    Block<Engine, WEIGHTS, ALONG>(sweep, geometry, exchange, task).run();
#endif
}

using Kernel = void (*)(RecurrentSweep, Geometry, Exchange, Task);

template <class Engine>
Kernel kernel_of(int weights, bool along) {
    switch (weights) {
        case 16:
            return along ? sweep_persistent<Engine, 16, true> : sweep_persistent<Engine, 16, false>;
        case 32:
            return along ? sweep_persistent<Engine, 32, true> : sweep_persistent<Engine, 32, false>;
        case 48:
            return sweep_persistent<Engine, 48, true>;
        case 64:
            return sweep_persistent<Engine, 64, false>;
        default:
            return sweep_persistent<Engine, 128, false>;
    }
}

Kernel kernel_of(const PlannedSweep &planned) {
    return with_engine(planned.plan.arithmetic, [&](auto engine) {
        return kernel_of<decltype(engine)>(planned.plan.geometry.weights, planned.shape.along());
    });
}

/** Numbers of Exchange::arrivals. */
int counts(const Geometry &geometry) {
    return geometry.parts * (1 + geometry.groups) * GridBarrier::STRIDE;
}

int samples_of_part(const PlannedSweep &planned) {
    return static_cast<int>(ceil_div(planned.shape.batch, planned.plan.geometry.parts));
}

}  // namespace

void prepare_persistent(borep_context &context, PlannedSweep &planned) {
    Plan &plan = planned.plan;
    const Geometry &geometry = plan.geometry;
    const Kernel kernel = kernel_of(planned);
    // The device's limit, not this plan's need: the limit belongs to the kernel, which other plans launch with more.
    context.make_current();
    BOREP_CUDA(cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
        static_cast<int>(context.properties().sharedMemPerBlockOptin)));
    int blocks = 0;
    BOREP_CUDA(
        cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, Geometry::THREADS, plan.shared_bytes));
    const int resident = blocks * context.properties().multiProcessorCount;
    if (resident < geometry.blocks()) { // they would wait for ever for those that cannot start
        plan.way = Way::STEPWISE;
        plan.text = "step by step: the device holds " + std::to_string(resident) + " of the persistent kernel's " +
                    std::to_string(geometry.blocks()) + " blocks at once";
        return;
    }
    planned.arrivals = ints(context, counts(geometry));
    if (geometry.splits > 1) {
        const size_t matrices = planned.shape.along() ? 2 : 1;
        planned.partials =
            floats(context, matrices * geometry.blocks() * samples_of_part(planned) * geometry.rows());
    }
}

void run_persistent(borep_recurrent_tape &tape, const PlannedSweep &planned) {
    borep_context &context = tape.context;
    const Geometry &geometry = planned.plan.geometry;
    BOREP_CUDA(cudaMemsetAsync(planned.arrivals.as<void>(), 0, counts(geometry) * sizeof(unsigned), context.stream()));
    const Exchange exchange{planned.arrivals.as<unsigned>(), planned.partials.as(), samples_of_part(planned)};
    const Kernel persistent_sweep = kernel_of(planned);
    BOREP_RUN_COOPERATIVE(
        context, persistent_sweep, geometry.blocks(), Geometry::THREADS, planned.plan.shared_bytes, tape.sweep, geometry,
        exchange, task_of(planned.shape));
}

}  // namespace borep
