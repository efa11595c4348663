/*
 * A sweep of one recurrent layer, step by step: for layers that do not fit on the chip, for devices without asynchronous
 * copies, and as the plain twin of recurrent_persistent.cu. The equations are recurrent.cu's. A block owns all gates of its units, so
 * the cell is its epilogue: sums never go through memory.
 *
 *   strips   32 rows of W_hh (W_hhᵀ backward) and up to 32 samples a block (recurrent_strips.cuh): bytes of W_hh are what a step
 *            waits for. Samples are dealt to as many blocks as fill the chip; blocks of the same rows run side by side, so that
 *            device memory is read once.
 *   tiles    64 or 128 samples and as many rows of W_hh a block, on the engines of matmul_tiles.cuh: for batches that would read
 *            W_hh too often. Forward, the gates of a unit lie side by side in a tile.
 *
 * Where the device holds all strips at once, a sweep is one cooperative launch (streamed): W_hh comes while blocks wait for each other,
 * and some of its chunks stay in shared memory, so that what still streams may find place in the second-level cache. The sums are
 * the same, bit for bit.
 *
 * `StepPlanner` chooses. BF16 multiplies in TF32 here, as persistent sweeps do. Launches are made for the most steps a packing
 * holds; those past the batch's T return at once, so one recorded program fits any batch. Every sum has one order: repeatable bit for
 * bit.
 */
#include <algorithm>

#include "kernels/grid_barrier.cuh"
#include "kernels/matmul_tiles.cuh"
#include "kernels/recurrent_step_plan.h"
#include "kernels/recurrent_strips.cuh"

namespace borep {
namespace {

using matmul::Arithmetic;
using matmul::Tile;

/** A launch: the k-th step that the layer reads. */
struct Step {
    int k;
    /** Of tangents. */
    bool tangent;
    /** Every row of W_hh begins at a multiple of 16 bytes. */
    bool wide;
};

/** A step's rows and those of its neighbours in reading order; a sample has the same rank in all of them. */
struct Neighbours {
    Span here;
    Span before;
    Span after;

    __device__ __forceinline__ Neighbours(const RecurrentSweep &sweep, int k)
        : here(sweep.span(k)), before(sweep.span(k - 1)), after(sweep.span(k + 1)) {}

    static __device__ __forceinline__ int row(const Span &span, int rank) {
        return rank < span.size ? span.start + rank : -1;
    }
};

/** h⁻ (forward) or ā⁺ (backward), or their tangents, of all rows. */
template <bool BACKWARD>
__device__ __forceinline__ const float *states(const RecurrentSweep &sweep, bool tangent) {
    if constexpr (BACKWARD) {
        return tangent ? sweep.gate_cotangent_tangents : sweep.gate_cotangents;
    } else {
        return tangent ? sweep.hidden_tangents : sweep.hiddens;
    }
}

template <class Cell, bool BACKWARD>
__device__ __forceinline__ void run_cell(
    const RecurrentSweep &sweep, bool tangent, const Neighbours &rows, int rank, int unit, const float *sums) {
    const int row = rows.here.start + rank;
    const int before = Neighbours::row(rows.before, rank);
    const int after = Neighbours::row(rows.after, rank);
    if constexpr (BACKWARD) {
        tangent ? Whole<Cell>::tangent_backward(sweep, row, before, after, unit, *sums)
                : Whole<Cell>::backward(sweep, row, before, after, unit, *sums);
    } else {
        tangent ? Whole<Cell>::tangent_forward(sweep, row, before, unit, sums) : Whole<Cell>::forward(sweep, row, before, unit, sums);
    }
}

/** Asks for what run_cell will read. */
template <class Cell, bool BACKWARD>
__device__ __forceinline__ void prefetch_cell(
    const RecurrentSweep &sweep, bool tangent, const Neighbours &rows, int rank, int unit) {
    const int row = rows.here.start + rank;
    if constexpr (BACKWARD) {
        Cell::prefetch_backward(sweep, tangent, row, Neighbours::row(rows.before, rank), unit);
    } else {
        Cell::prefetch_forward(sweep, tangent, row, unit);
    }
}

/** Shared memory of a strip but for chunks that stay there: the ring of states, which then takes the sums. */
template <class Engine>
constexpr int StripFloats = std::max(Engine::RING * Strip::STAGE, Strip::SUMS);

/** Sums of a unit: those of its gates forward, one backward. */
template <class Cell, bool BACKWARD>
constexpr int SUMS = BACKWARD ? 1 : Cell::GATES;

/** What all steps in one launch need: where blocks meet, and how many chunks of a strip stay in shared memory. */
struct AllSteps {
    unsigned *arrivals;
    int resident;
};

/** One strip. Grid: parts of the samples, strips. ALL: every step of the sweep, else one. */
template <class Cell, bool BACKWARD, class Engine, bool WIDE, bool ALL>
class StripBlock {
    using Matrix = StripMatrix<Cell, BACKWARD, WIDE>;
    using Chunk = Weights<BACKWARD>;
    static constexpr int RING = Engine::RING;
    static constexpr int FLOATS = StripFloats<Engine>;

   public:
    __device__ __forceinline__ StripBlock(const RecurrentSweep &sweep, const Step &step, const AllSteps &all)
        : sweep_(sweep),
          step_(step),
          chunks_((depth() + Strip::CHUNK - 1) / Strip::CHUNK),
          resident_(shared_memory<float>() + FLOATS, ALL ? all.resident : 0),
          barrier_{all.arrivals, static_cast<int>(gridDim.x * gridDim.y)} {}

    __device__ __forceinline__ void run() {
        const int steps = sweep_.packing.shape[0];
        if constexpr (ALL) {
            for (int i = 0; i < steps; i++) {
                run_step(BACKWARD ? steps - 1 - i : i, steps, i);
                barrier_.arrive();
            }
        } else {
            run_step(step_.k, steps, 0);
        }
    }

   private:
    __device__ __forceinline__ int depth() const {
        return BACKWARD ? sweep_.gate_rows : sweep_.hidden;
    }

    /** Chunk `chunk`, which goes into the ring's place `place`; those of place 0 may stay in shared memory, streams between them. */
    __device__ __forceinline__ void load(Matrix &matrix, Chunk &w, int chunk, int place) {
        const bool may_stay = ALL && place == 0;
        if (may_stay && resident_.read(chunk / RING, w)) {
            matrix.skip();
            return;
        }
        matrix.load(w);
        if (may_stay) {
            resident_.keep(chunk / RING, w);
        }
    }

    /** The k-th step; `done` of the launch's are. */
    __device__ __forceinline__ void run_step(int k, int steps, int done) {
        Matrix matrix(sweep_, blockIdx.y);
        Chunk weights[RING];
#pragma unroll
        for (int i = 0; i < RING - 1; i++) { // before anything that other loads, or other blocks, must say first
            if (i < chunks_) {
                load(matrix, weights[i], i, i);
            }
        }
        if (ALL && done > 0) {
            barrier_.wait(done);
        }
        if (k >= steps) {
            return;
        }
        const Neighbours rows(sweep_, k);
        const int parts = gridDim.x;
        const int share = (rows.here.size + parts * Engine::GROUP - 1) / (parts * Engine::GROUP) * Engine::GROUP;
        const int rank0 = blockIdx.x * share;
        const int samples = min(share, rows.here.size - rank0);
        if (samples <= 0) {
            return;
        }
        const Span &from = BACKWARD ? rows.after : rows.before;
        const int multiplied = min(samples, from.size - rank0);
        const int chunks = multiplied > 0 ? chunks_ : 0;
        float *ring = shared_memory<float>();
        StripStates<WIDE> source(states<BACKWARD>(sweep_, step_.tangent), from.start + rank0, multiplied, depth());
        const auto fetch = [&](int chunk, int stage) {
            if (chunk < chunks) {
                source.copy(ring + stage * Strip::STAGE);
            }
            commit_copies(); // also of nothing, so that the groups that may be missing are always as many
        };
        for (int i = 0; i < RING - 1; i++) {
            fetch(i, i);
        }
        const auto each_cell = [&](auto visit) {
            for (int i = threadIdx.x; i < samples * Matrix::UNITS; i += Strip::THREADS) {
                const int unit = blockIdx.y * Matrix::UNITS + i % Matrix::UNITS;
                if (unit < sweep_.hidden) {
                    visit(i / Matrix::UNITS, unit);
                }
            }
        };
        each_cell([&](int sample, int unit) { prefetch_cell<Cell, BACKWARD>(sweep_, step_.tangent, rows, rank0 + sample, unit); });
        Engine engine;
        for (int first = 0; first < chunks; first += RING) {
#pragma unroll
            for (int i = 0; i < RING; i++) { // so that no register's place depends on the chunk
                const int chunk = first + i;
                if (chunk < chunks) {
                    const int next = chunk + RING - 1;
                    const int free = (i + RING - 1) % RING;
                    if (next < chunks) {
                        load(matrix, weights[free], next, free);
                    }
                    wait_copies<RING - 2>();
                    __syncthreads(); // the chunk is there for all, and all have done with the one before, whose stage is filled next
                    fetch(next, free);
                    engine.multiply(weights[i], ring + i * Strip::STAGE + threadIdx.x / WARP * 16, multiplied);
                }
            }
        }
        __syncthreads();
        engine.lay_down(ring + threadIdx.x / WARP * Strip::SAMPLES * Strip::SUM_PITCH, multiplied);
        __syncthreads();
        each_cell([&](int sample, int unit) {
            float sums[SUMS<Cell, BACKWARD>] = {};
            if (sample < multiplied) {
                const float *first = ring + sample * Strip::SUM_PITCH + Matrix::sum_at(unit % Matrix::UNITS);
#pragma unroll
                for (int g = 0; g < SUMS<Cell, BACKWARD>; g++) {
#pragma unroll
                    for (int w = 0; w < Strip::WARPS; w++) {
                        sums[g] += first[w * Strip::SAMPLES * Strip::SUM_PITCH + g * Matrix::UNITS];
                    }
                }
            }
            run_cell<Cell, BACKWARD>(sweep_, step_.tangent, rows, rank0 + sample, unit, sums);
        });
    }

    const RecurrentSweep &sweep_;
    const Step &step_;
    int chunks_;
    ResidentChunks<BACKWARD> resident_;
    GridBarrier barrier_;
};

/** One step of forward, or of its tangent: the products, then the cell. */
template <class Cell, class Engine, bool WIDE>
__global__ void __launch_bounds__(Strip::THREADS, 1) step_forward(RecurrentSweep sweep, Step step) {
    StripBlock<Cell, false, Engine, WIDE, false>(sweep, step, {}).run();
}

/** One step of backward, or of its tangent. */
template <class Cell, class Engine, bool WIDE>
__global__ void __launch_bounds__(Strip::THREADS, 1) step_backward(RecurrentSweep sweep, Step step) {
    StripBlock<Cell, true, Engine, WIDE, false>(sweep, step, {}).run();
}

/** All steps of a sweep; what does not stay on chip is on its way while blocks wait for each other. */
template <class Cell, bool BACKWARD, class Engine>
__global__ void __launch_bounds__(Strip::THREADS, 1) sweep_in_strips(RecurrentSweep sweep, Step step, AllSteps all) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800 // older devices go step by step
    StripBlock<Cell, BACKWARD, Engine, true, true>(sweep, step, all).run();
#endif
}

/** W_hh with the gates of a unit in neighbouring rows. */
template <int GATES>
struct GatesTogether {
    const float *values;
    int pitch;
    int hidden;
    bool wide;

    __device__ bool is_mapped() const {
        return true;
    }
    __device__ int index(int r) const {
        return r % GATES * hidden + r / GATES;
    }
};

template <bool BACKWARD>
constexpr Form FORM = BACKWARD ? Form::ROWS : Form::ROWS_TRANSPOSED;

template <bool BACKWARD, Tile TILE, Arithmetic ARITHMETIC>
using TileEngine = std::conditional_t<
    ARITHMETIC == Arithmetic::FP32, matmul::Scalar<FORM<BACKWARD>, extent(TILE).rows, extent(TILE).columns, matmul::chunks(TILE)>,
    matmul::Tensor<FORM<BACKWARD>, extent(TILE).rows, extent(TILE).columns, matmul::chunks(TILE), ARITHMETIC>>;

/** Grid: tiles of the samples, tiles of W_hh's rows (backward: its columns). As product in matmul.cu, with a cell for its end. */
template <class Cell, bool BACKWARD, Tile TILE, class E>
__device__ __forceinline__ void run_tile(const RecurrentSweep &sweep, const Step &step) {
    using A = typename E::A;
    using B = typename E::B;
    constexpr matmul::Extent TILED = matmul::EXTENT<TILE>;
    constexpr int GATES = SUMS<Cell, BACKWARD>;
    constexpr int BYTES = sizeof(float);
    using Right = std::conditional_t<(GATES > 1), GatesTogether<GATES>, matmul::Lines<float>>;
    const int m0 = blockIdx.x * TILED.rows;
    const int n0 = blockIdx.y * TILED.columns;
    const int size = sweep.span(step.k).size;
    if (m0 >= size) {
        return;
    }
    const Span from = sweep.span(BACKWARD ? step.k + 1 : step.k - 1);
    const int depth = BACKWARD ? sweep.gate_rows : sweep.hidden;
    const int multiplied = min(size, from.size);
    const int panels = m0 < multiplied ? (depth + A::DEPTH - 1) / A::DEPTH : 0;
    const matmul::Lines<float> left{
        states<BACKWARD>(sweep, step.tangent) + static_cast<size_t>(from.start) * depth, depth * BYTES, nullptr, depth % 4 == 0};
    Right right;
    if constexpr (GATES > 1) {
        right = {sweep.weight_hh, sweep.hidden * BYTES, sweep.hidden, step.wide};
    } else {
        right = {sweep.weight_hh, sweep.hidden * BYTES, nullptr, step.wide};
    }
    matmul::Source<A, E::THREADS, false> source_a(left, m0, multiplied, 0, depth);
    matmul::Source<B, E::THREADS, (GATES > 1), Right> source_b(right, n0, GATES * sweep.hidden, 0, depth);
    const float *tile = matmul::make_tile<E, TILE>(source_a, source_b, 0, panels);
    const Neighbours rows(sweep, step.k); // not before: the sums need the registers
    constexpr int UNITS = TILED.columns / GATES;
    for (int i = threadIdx.x; i < TILED.rows * UNITS; i += E::THREADS) {
        const int rank = m0 + i / UNITS;
        const int unit = n0 / GATES + i % UNITS;
        if (rank < rows.here.size && unit < sweep.hidden) {
            run_cell<Cell, BACKWARD>(
                sweep, step.tangent, rows, rank, unit, tile + i / UNITS * matmul::PITCH<TILE> + i % UNITS * GATES);
        }
    }
}

/** Blocks of a multiprocessor: the large tiles of float32 would spill beside a cell in half of the registers. */
template <Tile TILE, class E>
constexpr int BLOCKS = TILE == Tile::LARGE && !E::NEEDS_TENSOR_CORES ? 1 : E::BLOCKS;

/** One step of a large batch. */
template <class Cell, bool BACKWARD, Tile TILE, class E>
__global__ void __launch_bounds__(E::THREADS, (BLOCKS<TILE, E>)) step_of_tiles(RecurrentSweep sweep, Step step) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
    if (TILE != Tile::SMALL || E::NEEDS_TENSOR_CORES) {
        return; // never launched there: no code for it
    }
#endif
    run_tile<Cell, BACKWARD, TILE, E>(sweep, step);
}

using Kernel = void (*)(RecurrentSweep, Step);
using SweepKernel = void (*)(RecurrentSweep, Step, AllSteps);

struct Launch {
    Kernel kernel;
    dim3 grid;
    int threads;
    size_t shared;
    /** Strips alone: the kernel of all steps, and the chunks of its ring, of which every so many-th may stay in shared memory. */
    SweepKernel sweep = nullptr;
    int ring = 0;
};

static_assert(Strip::ROWS == StepPlanner::STRIP_ROWS && Strip::SAMPLES == StepPlanner::STRIP_SAMPLES);

/** Whether every row of W_hh begins at a multiple of 16 bytes. */
bool has_wide_rows(const borep_recurrent_tape &tape) {
    return tape.shape.hidden % 4 == 0 && reinterpret_cast<uintptr_t>(tape.sweep.weight_hh) % 16 == 0;
}

template <class Cell, bool BACKWARD, class Engine>
Launch strips(const borep_recurrent_tape &tape, int parts) {
    constexpr int UNITS = StripMatrix<Cell, BACKWARD, true>::UNITS;
    Kernel kernel;
    if constexpr (BACKWARD) {
        kernel = has_wide_rows(tape) ? step_backward<Cell, Engine, true> : step_backward<Cell, Engine, false>;
    } else {
        kernel = has_wide_rows(tape) ? step_forward<Cell, Engine, true> : step_forward<Cell, Engine, false>;
    }
    return {kernel, dim3(parts, ceil_div(tape.shape.hidden, UNITS)), Strip::THREADS, StripFloats<Engine> * sizeof(float),
            sweep_in_strips<Cell, BACKWARD, Engine>, Engine::RING};
}

template <class Cell, bool BACKWARD, Tile TILE, Arithmetic ARITHMETIC>
Launch tiles(const borep_recurrent_tape &tape) {
    using E = TileEngine<BACKWARD, TILE, ARITHMETIC>;
    constexpr matmul::Extent TILED = matmul::EXTENT<TILE>;
    const int rows = SUMS<Cell, BACKWARD> * tape.shape.hidden;
    return {
        step_of_tiles<Cell, BACKWARD, TILE, E>,
        dim3(ceil_div(tape.sweep.packing.max_batch, TILED.rows), ceil_div(rows, TILED.columns)), E::THREADS,
        matmul::RING<E, TILE> * sizeof(float)};
}

template <class Cell, bool BACKWARD, Arithmetic ARITHMETIC>
Launch launch_of(const borep_recurrent_tape &tape, const StepPlan &plan) {
    using Engine = std::conditional_t<
        ARITHMETIC == Arithmetic::FP32, StripScalar, StripTensor<ARITHMETIC == Arithmetic::TF32_X3>>;
    if (!plan.tiles) {
        return strips<Cell, BACKWARD, Engine>(tape, plan.parts);
    }
    return plan.tile == Tile::SMALL ? tiles<Cell, BACKWARD, Tile::SMALL, ARITHMETIC>(tape)
                                    : tiles<Cell, BACKWARD, Tile::LARGE, ARITHMETIC>(tape);
}

/** @param max_batch of the batches to come */
template <class Cell, bool BACKWARD>
Launch launch_of(const borep_recurrent_tape &tape, int max_batch) {
    const borep_context &context = tape.context;
    const SweepShape shape{
        tape.gates, tape.shape.hidden, max_batch, BACKWARD ? Sweep::BACKWARD : Sweep::FORWARD, context.precision()};
    const Chip chip = chip_of(context);
    const StepPlan plan = StepPlanner(shape, chip, context.sweep_options()).best();
    switch (context.precision()) {
        case BOREP_FP32:
            return launch_of<Cell, BACKWARD, Arithmetic::FP32>(tape, plan);
        case BOREP_3XTF32:
            return launch_of<Cell, BACKWARD, Arithmetic::TF32_X3>(tape, plan);
        default:
            return launch_of<Cell, BACKWARD, Arithmetic::TF32>(tape, plan);
    }
}

Launch launch_of(const borep_recurrent_tape &tape, const SweepShape &shape) {
    const bool lstm = tape.shape.cell == BOREP_LSTM;
    if (shape.backward()) {
        return lstm ? launch_of<Lstm, true>(tape, shape.batch) : launch_of<TanhRnn, true>(tape, shape.batch);
    }
    return lstm ? launch_of<Lstm, false>(tape, shape.batch) : launch_of<TanhRnn, false>(tape, shape.batch);
}

bool is_of_tangents(Sweep sweep) {
    return sweep == Sweep::TANGENT_FORWARD || sweep == Sweep::TANGENT_BACKWARD;
}

}  // namespace

void run_stepwise(borep_recurrent_tape &tape, const SweepShape &shape) {
    borep_context &context = tape.context;
    SweepShape now = shape;
    now.batch = tape.sweep.packing.max_batch;
    const Launch launch = launch_of(tape, now);
    const Kernel step_by_step = launch.kernel;
    context.make_current();
    BOREP_CUDA(cudaFuncSetAttribute(
        step_by_step, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(launch.shared)));
    const int steps = tape.sweep.packing.max_steps;
    for (int i = 0; i < steps; i++) {
        const Step step{shape.backward() ? steps - 1 - i : i, is_of_tangents(shape.sweep), has_wide_rows(tape)};
        BOREP_RUN(context, step_by_step, launch.grid, launch.threads, launch.shared, tape.sweep, step);
    }
}

void prepare_streamed(borep_recurrent_tape &tape, PlannedSweep &planned) {
    borep_context &context = tape.context;
    const cudaDeviceProp &device = context.properties();
    const Launch launch = launch_of(tape, planned.shape);
    const SweepKernel kernel = launch.sweep;
    const int depth = planned.shape.backward() ? tape.gate_rows() : tape.shape.hidden;
    constexpr int BYTES = ResidentChunks<false>::BYTES;
    static_assert(BYTES == ResidentChunks<true>::BYTES);
    const auto room = static_cast<int>((device.sharedMemPerBlockOptin - launch.shared) / BYTES);
    planned.resident = std::min(room, static_cast<int>(ceil_div(depth, launch.ring * Strip::CHUNK)));
    planned.plan.shared_bytes = launch.shared + static_cast<size_t>(planned.resident) * BYTES;
    context.make_current();
    BOREP_CUDA(cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(device.sharedMemPerBlockOptin)));
    int blocks = 0;
    BOREP_CUDA(
        cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, Strip::THREADS, planned.plan.shared_bytes));
    const auto needed = static_cast<int>(launch.grid.x * launch.grid.y);
    const int resident = blocks * device.multiProcessorCount;
    if (resident < needed) {
        planned.plan.way = Way::STEPWISE;
        planned.plan.text = "step by step: the device holds " + std::to_string(resident) + " of the streaming kernel's " +
                            std::to_string(needed) + " blocks at once";
        return;
    }
    planned.arrivals = ints(context, GridBarrier::STRIDE);
}

void run_streamed(borep_recurrent_tape &tape, const PlannedSweep &planned) {
    if (!has_wide_rows(tape)) { // only then can a chunk be read as the kernel does
        return run_stepwise(tape, planned.shape);
    }
    borep_context &context = tape.context;
    BOREP_CUDA(cudaMemsetAsync(planned.arrivals.as<void>(), 0, GridBarrier::STRIDE * sizeof(unsigned), context.stream()));
    const Launch launch = launch_of(tape, planned.shape);
    const SweepKernel streamed_sweep = launch.sweep;
    BOREP_RUN_COOPERATIVE(
        context, streamed_sweep, launch.grid, launch.threads, planned.plan.shared_bytes, tape.sweep,
        Step{0, is_of_tangents(planned.shape.sweep), true}, AllSteps{planned.arrivals.as<unsigned>(), planned.resident});
}

}  // namespace borep
