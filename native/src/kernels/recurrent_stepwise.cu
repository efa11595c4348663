/*
 * A sweep of one recurrent layer, one launch a step: for layers that do not fit on the chip, for devices without asynchronous
 * copies, and as the plain twin of recurrent_persistent.cu. The equations are recurrent.cu's.
 *
 * A block owns 16 (forward) or 32 (backward) units of 32 samples and all gates of those units, so the cell
 * is its epilogue: pre-activations never go through memory. h⁻ and W_hh pass through shared memory in panels of 32. Launches
 * are made for the most steps a packing holds; those past the batch's T return at once, so one recorded program fits any batch.
 */
#include "kernels/recurrent_tape.h"

namespace borep {
namespace {

constexpr int THREADS = 256;
constexpr int PANEL = 32;
constexpr int SAMPLES = 32;
/** Units of a block of a forward step: 16 units x 16 pairs of samples. */
constexpr int FORWARD_UNITS = 16;
constexpr int FORWARD_SAMPLES = SAMPLES * FORWARD_UNITS / THREADS;
/** Units of a block of a backward step: 32 units x 8 groups of 4 samples. */
constexpr int BACKWARD_UNITS = 32;
constexpr int BACKWARD_SAMPLES = SAMPLES * BACKWARD_UNITS / THREADS;

/**
 * sums[s][g] = Σ_k state[before, k] W_hh[g H + unit, k] for this thread's unit and samples; state is h or R{h}.
 * Shared memory: [PANEL][SAMPLES + 1] states, [PANEL][GATES · 16 + 1] weights; the odd pitch keeps columns in different banks.
 */
template <int GATES>
__device__ __forceinline__ void times_hidden(
    const RecurrentSweep &sweep, const float *state, Span here, int rank0, int unit0, float (&sums)[FORWARD_SAMPLES][GATES]) {
    constexpr int STATE_PITCH = SAMPLES + 1;
    constexpr int WEIGHT_PITCH = GATES * FORWARD_UNITS + 1;
    float *states = shared_memory<float>();
    float *weights = states + PANEL * STATE_PITCH;
    const int hidden = sweep.hidden;
    const int lane = threadIdx.x % PANEL;
    const int line = threadIdx.x / PANEL;
    const int unit = threadIdx.x % FORWARD_UNITS;
    const int sample = threadIdx.x / FORWARD_UNITS;
    for (int k0 = 0; k0 < hidden; k0 += PANEL) {
        const int k = k0 + lane;
        for (int s = line; s < SAMPLES; s += THREADS / PANEL) {
            const int row = rank0 + s < here.size ? sweep.before[here.start + rank0 + s] : -1;
            states[lane * STATE_PITCH + s] =
                row < 0 || k >= hidden ? 0.0f : state[static_cast<size_t>(row) * hidden + k];
        }
        for (int j = line; j < GATES * FORWARD_UNITS; j += THREADS / PANEL) {
            const int u = unit0 + j % FORWARD_UNITS;
            const size_t row = static_cast<size_t>(j / FORWARD_UNITS) * hidden + u;
            weights[lane * WEIGHT_PITCH + j] = u < hidden && k < hidden ? sweep.weight_hh[row * hidden + k] : 0.0f;
        }
        __syncthreads();
#pragma unroll 8
        for (int i = 0; i < PANEL; i++) {
            float w[GATES];
#pragma unroll
            for (int g = 0; g < GATES; g++) {
                w[g] = weights[i * WEIGHT_PITCH + g * FORWARD_UNITS + unit];
            }
#pragma unroll
            for (int s = 0; s < FORWARD_SAMPLES; s++) {
                const float h = states[i * STATE_PITCH + sample + s * (SAMPLES / FORWARD_SAMPLES)];
#pragma unroll
                for (int g = 0; g < GATES; g++) {
                    sums[s][g] += h * w[g];
                }
            }
        }
        __syncthreads();
    }
}

/** One step of forward, or of its tangent: the products, then the cell. */
template <class Cell, bool TANGENT>
__global__ void __launch_bounds__(THREADS, 2) step_forward(RecurrentSweep sweep, int k) {
    const Span here = sweep.span(k);
    const int rank0 = blockIdx.y * SAMPLES;
    const int unit0 = blockIdx.x * FORWARD_UNITS;
    if (rank0 >= here.size) {
        return;
    }
    float sums[FORWARD_SAMPLES][Cell::GATES] = {};
    if (k > 0) { // before the first step every state is 0
        times_hidden<Cell::GATES>(sweep, TANGENT ? sweep.hidden_tangents : sweep.hiddens, here, rank0, unit0, sums);
    }
    const int unit = unit0 + threadIdx.x % FORWARD_UNITS;
    for (int s = 0; s < FORWARD_SAMPLES; s++) {
        const int rank = rank0 + threadIdx.x / FORWARD_UNITS + s * (SAMPLES / FORWARD_SAMPLES);
        if (unit < sweep.hidden && rank < here.size) {
            const int row = here.start + rank;
            const int before = k == 0 ? -1 : sweep.before[row];
            if (TANGENT) {
                Cell::tangent_forward(sweep, row, before, unit, sums[s]);
            } else {
                Cell::forward(sweep, row, before, unit, sums[s]);
            }
        }
    }
}

/** sums[s] = Σ_j a[after, j] W_hh[j, unit]: what the step read next hands back; a is ā or R{ā}. */
__device__ __forceinline__ void times_transposed(
    const RecurrentSweep &sweep, const float *a, Span here, int rank0, int unit0, float (&sums)[BACKWARD_SAMPLES]) {
    float *cotangents = shared_memory<float>();       // [SAMPLES][PANEL]
    float *weights = cotangents + SAMPLES * PANEL;    // [PANEL][BACKWARD_UNITS]
    const int hidden = sweep.hidden;
    const int gate_rows = sweep.gate_rows;
    const int lane = threadIdx.x % PANEL;
    const int line = threadIdx.x / PANEL;
    const int unit = unit0 + lane;
    for (int j0 = 0; j0 < gate_rows; j0 += PANEL) {
        for (int s = line; s < SAMPLES; s += THREADS / PANEL) {
            const int row = rank0 + s < here.size ? sweep.after[here.start + rank0 + s] : -1;
            cotangents[s * PANEL + lane] =
                row < 0 || j0 + lane >= gate_rows ? 0.0f : a[static_cast<size_t>(row) * gate_rows + j0 + lane];
        }
        for (int j = line; j < PANEL; j += THREADS / PANEL) {
            weights[j * BACKWARD_UNITS + lane] =
                unit < hidden && j0 + j < gate_rows ? sweep.weight_hh[static_cast<size_t>(j0 + j) * hidden + unit] : 0.0f;
        }
        __syncthreads();
#pragma unroll 8
        for (int j = 0; j < PANEL; j++) {
            const float w = weights[j * BACKWARD_UNITS + lane];
#pragma unroll
            for (int s = 0; s < BACKWARD_SAMPLES; s++) {
                sums[s] += cotangents[(line + s * (SAMPLES / BACKWARD_SAMPLES)) * PANEL + j] * w;
            }
        }
        __syncthreads();
    }
}

/** One step of backward, or of its tangent. */
template <class Cell, bool TANGENT>
__global__ void __launch_bounds__(THREADS, 2) step_backward(RecurrentSweep sweep, int k) {
    const Span here = sweep.span(k);
    const int rank0 = blockIdx.y * SAMPLES;
    const int unit0 = blockIdx.x * BACKWARD_UNITS;
    if (rank0 >= here.size) {
        return;
    }
    float sums[BACKWARD_SAMPLES] = {};
    if (k + 1 < sweep.packing.shape[0]) { // nothing is read after the last step
        times_transposed(
            sweep, TANGENT ? sweep.gate_cotangent_tangents : sweep.gate_cotangents, here, rank0, unit0, sums);
    }
    const int unit = unit0 + threadIdx.x % PANEL;
    for (int s = 0; s < BACKWARD_SAMPLES; s++) {
        const int rank = rank0 + threadIdx.x / PANEL + s * (SAMPLES / BACKWARD_SAMPLES);
        if (unit < sweep.hidden && rank < here.size) {
            const int row = here.start + rank;
            if (TANGENT) {
                Cell::tangent_backward(sweep, row, sweep.before[row], sweep.after[row], unit, sums[s]);
            } else {
                Cell::backward(sweep, row, sweep.before[row], sweep.after[row], unit, sums[s]);
            }
        }
    }
}

size_t forward_shared(int gates) {
    return PANEL * (SAMPLES + 1 + gates * FORWARD_UNITS + 1) * sizeof(float);
}

constexpr size_t BACKWARD_SHARED = (SAMPLES * PANEL + PANEL * BACKWARD_UNITS) * sizeof(float);

dim3 grid(const borep_recurrent_tape &tape, int units) {
    return dim3(ceil_div(tape.shape.hidden, units), ceil_div(tape.sweep.packing.max_batch, SAMPLES));
}

template <class Cell, bool TANGENT>
void forward(borep_recurrent_tape &tape) {
    for (int k = 0; k < tape.sweep.packing.max_steps; k++) {
        BOREP_RUN(
            tape.context, (step_forward<Cell, TANGENT>), grid(tape, FORWARD_UNITS), THREADS,
            forward_shared(Cell::GATES), tape.sweep, k);
    }
}

template <class Cell, bool TANGENT>
void backward(borep_recurrent_tape &tape) {
    for (int k = tape.sweep.packing.max_steps - 1; k >= 0; k--) {
        BOREP_RUN(
            tape.context, (step_backward<Cell, TANGENT>), grid(tape, BACKWARD_UNITS), THREADS, BACKWARD_SHARED,
            tape.sweep, k);
    }
}

template <class Cell>
void run(borep_recurrent_tape &tape, Sweep sweep) {
    switch (sweep) {
        case Sweep::FORWARD:
            return forward<Cell, false>(tape);
        case Sweep::TANGENT_FORWARD:
            return forward<Cell, true>(tape);
        case Sweep::BACKWARD:
            return backward<Cell, false>(tape);
        case Sweep::TANGENT_BACKWARD:
            return backward<Cell, true>(tape);
        case Sweep::FORWARD_ALONG:
        case Sweep::BACKWARD_ALONG:
            throw Failure(BOREP_BAD_ARGUMENT, "a sweep along a direction: runs only as one kernel");
    }
}

}  // namespace

void run_stepwise(borep_recurrent_tape &tape, Sweep sweep) {
    tape.shape.cell == BOREP_LSTM ? run<Lstm>(tape, sweep) : run<TanhRnn>(tape, sweep);
}

}  // namespace borep
