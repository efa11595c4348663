/*
 * One direction of one recurrent layer in four sweeps (borep.kernel.Recurrent; docs/sweeps.md). With h⁻ the state read
 * before and bars for cotangents:
 *
 *   forward            a = [W_ih x + b_ih + b_hh] + W_hh h⁻,  then the cell
 *   tangent forward    R{a} = [V_ih x + V_hh h⁻ + v_ih + v_hh + W_ih R{x}] + W_hh R{h⁻}
 *   backward           u = ȳ + W_hhᵀ ā⁺,  then the cell;  [W̄_ih += Σ ā xᵀ,  W̄_hh += Σ ā h⁻ᵀ,  b̄ += Σ ā,  x̄ += W_ihᵀ ā]
 *   tangent backward   R{u} = R{ȳ} + W_hhᵀ R{ā⁺} + [V_hhᵀ ā]⁺,  then the cell;  [R{…} likewise]
 *
 * What stands in brackets is one matrix product over all packed rows (matmul.cuh); only W_hh goes step by step. A row finds the
 * row read before it (⁻) and after it (⁺) in two index arrays, so nothing is carried in extra buffers: c̄ = q⁺ f⁺.
 *
 * A step is one launch. A block owns 16 (forward) or 32 (backward) units of 32 samples and all gates of those units, so the cell
 * is its epilogue: pre-activations never go through memory. h⁻ and W_hh pass through shared memory in panels of 32. Launches
 * are made for the most steps a packing holds; those past the batch's T return at once, so one recorded program fits any batch.
 */
#include "kernels/matmul.cuh"
#include "kernels/recurrent_cells.cuh"
#include "kernels/view.cuh"

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

/** The packed rows of the k-th step that a layer reads; empty past the batch's end. */
struct Span {
    int start;
    int size;
};

__device__ __forceinline__ Span span(const Steps &packing, bool reverse, int k) {
    const int steps = packing.shape[0];
    if (k >= steps) {
        return {0, 0};
    }
    const int step = reverse ? steps - 1 - k : k;
    return {packing.starts[step], packing.sizes[step]};
}

/** before[row], after[row]: the same sample's neighbours in reading order, −1 at its ends. */
__global__ void link(Steps packing, bool reverse, int *before, int *after) {
    const int k = blockIdx.y;
    const int rank = blockIdx.x * blockDim.x + threadIdx.x;
    const Span here = span(packing, reverse, k);
    if (rank >= here.size) {
        return;
    }
    const Span last = k == 0 ? Span{0, 0} : span(packing, reverse, k - 1);
    const Span next = span(packing, reverse, k + 1);
    before[here.start + rank] = rank < last.size ? last.start + rank : -1;
    after[here.start + rank] = rank < next.size ? next.start + rank : -1;
}

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
    const Span here = span(sweep.packing, sweep.reverse, k);
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
__global__ void __launch_bounds__(THREADS, 2) step_backward(RecurrentSweep sweep, View cotangents, int k) {
    const Span here = span(sweep.packing, sweep.reverse, k);
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
            const float own = cotangents.row(row)[unit] + sums[s];
            if (TANGENT) {
                Cell::tangent_backward(sweep, row, sweep.before[row], sweep.after[row], unit, own);
            } else {
                Cell::backward(sweep, row, sweep.before[row], sweep.after[row], unit, own);
            }
        }
    }
}

}  // namespace
}  // namespace borep

using namespace borep;

struct borep_recurrent_tape {
    borep_context &context;
    borep_recurrent_shape shape;
    int max_rows;
    int max_batch;
    int gates;
    Memory before{}, after{};
    Memory gate_values{}, cells{}, hiddens{};
    Memory gate_cotangents{}, u{}, q{};
    /** Made when a tangent sweep first needs them. */
    Memory gate_tangents{}, cell_tangents{}, hidden_tangents{}, gate_cotangent_tangents{}, q_tangents{}, handed_back{};
    View input{};
    View input_tangent{};
    RecurrentSweep sweep{};
    bool has_forward = false;
    bool has_cotangents = false;
    bool has_tangents = false;

    int gate_rows() const {
        return gates * shape.hidden;
    }
    size_t weight_hh() const {
        return static_cast<size_t>(gate_rows()) * shape.input;
    }
    size_t bias_ih() const {
        return weight_hh() + static_cast<size_t>(gate_rows()) * shape.hidden;
    }
    size_t bias_hh() const {
        return bias_ih() + gate_rows();
    }
    Memory rows_of(int width) const {
        return floats(context, static_cast<size_t>(max_rows) * width);
    }
    Count count() const {
        return {sweep.packing.shape + 1, 0};
    }
    Operand of_gates(const Memory &memory) const {
        return {memory.as(), gate_rows()};
    }
    Operand before_of(const Memory &states) const {
        return {states.as(), shape.hidden, before.as<int>()};
    }
    int steps() const {
        return sweep.packing.max_steps;
    }
    dim3 grid(int units) const {
        return dim3(ceil_div(shape.hidden, units), ceil_div(sweep.packing.max_batch, SAMPLES));
    }
};

namespace borep {
namespace {

size_t forward_shared(int gates) {
    return PANEL * (SAMPLES + 1 + gates * FORWARD_UNITS + 1) * sizeof(float);
}

constexpr size_t BACKWARD_SHARED = (SAMPLES * PANEL + PANEL * BACKWARD_UNITS) * sizeof(float);

template <class Cell, bool TANGENT>
void run_forward(borep_recurrent_tape &tape) {
    for (int k = 0; k < tape.steps(); k++) {
        BOREP_RUN(
            tape.context, (step_forward<Cell, TANGENT>), tape.grid(FORWARD_UNITS), THREADS, forward_shared(tape.gates),
            tape.sweep, k);
    }
}

template <class Cell, bool TANGENT>
void run_backward(borep_recurrent_tape &tape, View cotangents) {
    for (int k = tape.steps() - 1; k >= 0; k--) {
        BOREP_RUN(
            tape.context, (step_backward<Cell, TANGENT>), tape.grid(BACKWARD_UNITS), THREADS, BACKWARD_SHARED,
            tape.sweep, cotangents, k);
    }
}

template <bool TANGENT>
void run_forward(borep_recurrent_tape &tape) {
    tape.shape.cell == BOREP_LSTM ? run_forward<Lstm, TANGENT>(tape) : run_forward<TanhRnn, TANGENT>(tape);
}

template <bool TANGENT>
void run_backward(borep_recurrent_tape &tape, View cotangents) {
    tape.shape.cell == BOREP_LSTM ? run_backward<Lstm, TANGENT>(tape, cotangents)
                                  : run_backward<TanhRnn, TANGENT>(tape, cotangents);
}

/** gates (+)= x W_ihᵀ + b_ih + b_hh over all rows; biases may be null. */
void add_input(
    borep_recurrent_tape &tape, View x, const float *weights, bool biases, bool accumulate, const Memory &gates) {
    Result result{gates.as(), tape.gate_rows(), accumulate};
    if (biases) {
        result.bias = weights + tape.bias_ih();
        result.bias2 = weights + tape.bias_hh();
    }
    multiply<Form::ROWS_TRANSPOSED>(
        tape.context, tape.count(), tape.max_rows, tape.shape.input, tape.gate_rows(), {x.values, x.stride},
        {weights, tape.shape.input}, result);
}

/** W̄_ih += Σ a xᵀ unless x is absent, W̄_hh += Σ a h⁻ᵀ. */
void add_products(borep_recurrent_tape &tape, const Memory &a, View x, const Memory &hiddens, float *gradient) {
    if (x.values != nullptr) {
        multiply<Form::OUTER>(
            tape.context, tape.count(), tape.max_rows, tape.gate_rows(), tape.shape.input, tape.of_gates(a),
            {x.values, x.stride}, {gradient, tape.shape.input, true});
    }
    multiply<Form::OUTER>(
        tape.context, tape.count(), tape.max_rows, tape.gate_rows(), tape.shape.hidden, tape.of_gates(a),
        tape.before_of(hiddens), {gradient + tape.weight_hh(), tape.shape.hidden, true});
}

void add_biases(borep_recurrent_tape &tape, const Memory &a, float *gradient) {
    add_column_sums(
        tape.context, tape.count(), tape.gate_rows(), tape.of_gates(a), gradient + tape.bias_ih(),
        gradient + tape.bias_hh());
}

/** x̄ += a W_ih. */
void add_to_input(borep_recurrent_tape &tape, const Memory &a, const float *weights, View x) {
    multiply<Form::ROWS>(
        tape.context, tape.count(), tape.max_rows, tape.gate_rows(), tape.shape.input, tape.of_gates(a),
        {weights, tape.shape.input}, {x.values, x.stride, true});
}

void make_tangents(borep_recurrent_tape &tape) {
    if (tape.gate_tangents) {
        return;
    }
    const int hidden = tape.shape.hidden;
    const bool lstm = tape.shape.cell == BOREP_LSTM;
    tape.gate_tangents = tape.rows_of(tape.gate_rows());
    tape.gate_cotangent_tangents = tape.rows_of(tape.gate_rows());
    tape.hidden_tangents = tape.rows_of(hidden);
    tape.handed_back = tape.rows_of(hidden);
    if (lstm) {
        tape.cell_tangents = tape.rows_of(hidden);
        tape.q_tangents = tape.rows_of(hidden);
    }
    tape.sweep.gate_tangents = tape.gate_tangents.as();
    tape.sweep.gate_cotangent_tangents = tape.gate_cotangent_tangents.as();
    tape.sweep.hidden_tangents = tape.hidden_tangents.as();
    tape.sweep.cell_tangents = tape.cell_tangents.as();
    tape.sweep.q_tangents = tape.q_tangents.as();
}

}  // namespace
}  // namespace borep

borep_status borep_recurrent_tape_create(
    borep_context *context, const borep_recurrent_shape *shape, int32_t max_rows, int32_t max_batch,
    borep_recurrent_tape **tape) {
    return guarded([&] {
        require(shape->input >= 1, "input size " + std::to_string(shape->input) + ": must be at least 1");
        require(shape->hidden >= 1, "hidden size " + std::to_string(shape->hidden) + ": must be at least 1");
        require(
            shape->cell == BOREP_LSTM || shape->cell == BOREP_TANH_RNN,
            "cell " + std::to_string(shape->cell) + ": must be 0 (LSTM) or 1 (tanh RNN)");
        require(max_rows >= 0 && max_batch >= 0, "rows and batch of a tape: must not be negative");
        const bool lstm = shape->cell == BOREP_LSTM;
        auto made =
            std::make_unique<borep_recurrent_tape>(*context, *shape, max_rows, max_batch, lstm ? Lstm::GATES : TanhRnn::GATES);
        borep_recurrent_tape &t = *made;
        t.before = ints(*context, max_rows);
        t.after = ints(*context, max_rows);
        t.gate_values = t.rows_of(t.gate_rows());
        t.gate_cotangents = t.rows_of(t.gate_rows());
        t.hiddens = t.rows_of(shape->hidden);
        t.u = t.rows_of(shape->hidden);
        if (lstm) {
            t.cells = t.rows_of(shape->hidden);
            t.q = t.rows_of(shape->hidden);
        }
        t.sweep.reverse = shape->reverse != 0;
        t.sweep.hidden = shape->hidden;
        t.sweep.gate_rows = t.gate_rows();
        t.sweep.before = t.before.as<int>();
        t.sweep.after = t.after.as<int>();
        t.sweep.gates = t.gate_values.as();
        t.sweep.gate_cotangents = t.gate_cotangents.as();
        t.sweep.hiddens = t.hiddens.as();
        t.sweep.cells = t.cells.as();
        t.sweep.u = t.u.as();
        t.sweep.q = t.q.as();
        *tape = context->keep(std::move(made));
    });
}

borep_status borep_recurrent_forward(
    borep_recurrent_tape *tape, const borep_packing *packing, borep_address weights, const borep_rows *input,
    const borep_rows *output) {
    return guarded([&] {
        require(
            packing->max_batch <= tape->max_batch, "a packing of " + std::to_string(packing->max_batch) +
                                                       " samples: the tape was made for " +
                                                       std::to_string(tape->max_batch));
        const View x = require_width("input", input, tape->shape.input);
        const View out = require_width("output", output, tape->shape.hidden);
        tape->sweep.packing = steps(*packing);
        tape->sweep.weight_hh = floats_at(weights) + tape->weight_hh();
        tape->sweep.output = out;
        tape->input = x;
        tape->has_forward = true;
        tape->has_cotangents = false;
        tape->has_tangents = false;
        if (packing->max_batch == 0 || packing->max_steps == 0 || tape->max_rows == 0) {
            return;
        }
        const dim3 grid(ceil_div(packing->max_batch, 128), packing->max_steps);
        BOREP_RUN(
            tape->context, link, grid, 128, 0, tape->sweep.packing, tape->sweep.reverse, tape->before.as<int>(),
            tape->after.as<int>());
        add_input(*tape, x, floats_at(weights), true, false, tape->gate_values);
        run_forward<false>(*tape);
    });
}

borep_status borep_recurrent_backward(
    borep_recurrent_tape *tape, borep_address weights, const borep_rows *output_cotangent, borep_address gradient,
    const borep_rows *input_cotangent) {
    return guarded([&] {
        require(tape->has_forward, "backward: needs forward on this tape before");
        const View from = require_width("outputCotangent", output_cotangent, tape->shape.hidden);
        const View to = optional_width("inputCotangent", input_cotangent, tape->shape.input);
        tape->sweep.weight_hh = floats_at(weights) + tape->weight_hh();
        tape->has_cotangents = true;
        run_backward<false>(*tape, from);
        if (gradient != 0) {
            add_products(*tape, tape->gate_cotangents, tape->input, tape->hiddens, floats_at(gradient));
            add_biases(*tape, tape->gate_cotangents, floats_at(gradient));
        }
        if (to.values != nullptr) {
            add_to_input(*tape, tape->gate_cotangents, floats_at(weights), to);
        }
    });
}

borep_status borep_recurrent_tangent_forward(
    borep_recurrent_tape *tape, borep_address weights, borep_address direction, const borep_rows *input_tangent,
    const borep_rows *output_tangent) {
    return guarded([&] {
        require(tape->has_forward, "tangentForward: needs forward on this tape before");
        const View rx = optional_width("inputTangent", input_tangent, tape->shape.input);
        const View out = require_width("outputTangent", output_tangent, tape->shape.hidden);
        make_tangents(*tape);
        tape->sweep.weight_hh = floats_at(weights) + tape->weight_hh();
        tape->sweep.output = out;
        tape->input_tangent = rx;
        tape->has_tangents = true;
        bool accumulate = false;
        if (direction != 0) {
            const float *v = floats_at(direction);
            add_input(*tape, tape->input, v, true, false, tape->gate_tangents);
            multiply<Form::ROWS_TRANSPOSED>(
                tape->context, tape->count(), tape->max_rows, tape->shape.hidden, tape->gate_rows(),
                tape->before_of(tape->hiddens), {v + tape->weight_hh(), tape->shape.hidden},
                {tape->gate_tangents.as(), tape->gate_rows(), true});
            accumulate = true;
        }
        if (rx.values != nullptr) {
            add_input(*tape, rx, floats_at(weights), false, accumulate, tape->gate_tangents);
            accumulate = true;
        }
        if (!accumulate) {
            BOREP_CUDA(cudaMemsetAsync(
                tape->gate_tangents.as<void>(), 0, static_cast<size_t>(tape->max_rows) * tape->gate_rows() * sizeof(float),
                tape->context.stream()));
        }
        run_forward<true>(*tape);
    });
}

borep_status borep_recurrent_tangent_backward(
    borep_recurrent_tape *tape, borep_address weights, borep_address direction,
    const borep_rows *output_cotangent_tangent, borep_address gradient_tangent,
    const borep_rows *input_cotangent_tangent) {
    return guarded([&] {
        require(
            tape->has_cotangents && tape->has_tangents,
            "tangentBackward: needs backward and tangentForward on this tape before");
        const View from = require_width("outputCotangentTangent", output_cotangent_tangent, tape->shape.hidden);
        const View to = optional_width("inputCotangentTangent", input_cotangent_tangent, tape->shape.input);
        const float *w = floats_at(weights);
        const float *v = direction == 0 ? nullptr : floats_at(direction);
        tape->sweep.weight_hh = w + tape->weight_hh();
        tape->sweep.handed_back = v == nullptr ? nullptr : tape->handed_back.as();
        if (v != nullptr) {
            multiply<Form::ROWS>(
                tape->context, tape->count(), tape->max_rows, tape->gate_rows(), tape->shape.hidden,
                tape->of_gates(tape->gate_cotangents), {v + tape->weight_hh(), tape->shape.hidden},
                {tape->handed_back.as(), tape->shape.hidden});
        }
        run_backward<true>(*tape, from);
        if (gradient_tangent != 0) {
            float *to_weights = floats_at(gradient_tangent);
            add_products(*tape, tape->gate_cotangent_tangents, tape->input, tape->hiddens, to_weights);
            add_biases(*tape, tape->gate_cotangent_tangents, to_weights);
            add_products(*tape, tape->gate_cotangents, tape->input_tangent, tape->hidden_tangents, to_weights);
        }
        if (to.values != nullptr) {
            add_to_input(*tape, tape->gate_cotangent_tangents, w, to);
            if (v != nullptr) {
                add_to_input(*tape, tape->gate_cotangents, v, to);
            }
        }
    });
}
