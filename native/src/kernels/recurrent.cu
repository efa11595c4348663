/*
 * One direction of one recurrent layer in four sweeps (borep.kernel.Recurrent; docs/sweeps.md). With h⁻ the state read
 * before and bars for cotangents:
 *
 *   forward            a = [W_ih x + b_ih + b_hh] + W_hh h⁻,  then the cell
 *   tangent forward    R{a} = [V_ih x + V_hh h⁻ + v_ih + v_hh + W_ih R{x}] + W_hh R{h⁻}
 *   backward           u = ȳ + W_hhᵀ ā⁺,  then the cell;  [W̄_ih += Σ ā xᵀ,  W̄_hh += Σ ā h⁻ᵀ,  b̄ += Σ ā,  x̄ += W_ihᵀ ā]
 *   tangent backward   R{u} = R{ȳ} + W_hhᵀ R{ā⁺} + [V_hhᵀ ā]⁺,  then the cell;  [R{…} likewise]
 *
 * What stands in brackets is one matrix product over all packed rows (matmul.cuh): this file. Only W_hh goes step by step, in
 * one kernel whose weights stay on the chip (recurrent_cluster.cu, recurrent_persistent.cu), in one that they stream through, or in one
 * launch a step (both recurrent_stepwise.cu), as recurrent_plan.cu decides.
 * Forward and tangent forward, and backward and tangent backward, run as one sweep where W_hh and V_hh both fit on
 * the chip; V_hh's products then go step by step as well, for half as many steps. A row finds the row read before it (⁻) and
 * after it (⁺) in two index arrays, so nothing is carried in extra buffers: c̄ = q⁺ f⁺.
 */
#include "kernels/recurrent_tape.h"

#include <cstdio>
#include <cstring>

namespace borep {
namespace {

/**
 * before[row], after[row]: the same sample's neighbours in reading order, −1 at its ends. A batch of more rows than the tape holds
 * is none: its shape becomes 0.
 */
__global__ void link(RecurrentSweep sweep, int max_rows, int *shape, int *before, int *after, Fault *fault) {
    const int k = blockIdx.x;
    const int rank = blockIdx.y * blockDim.x + threadIdx.x;
    const int rows = sweep.packing.shape[1];
    const bool fits = rows <= max_rows;
    if (k == 0 && rank == 0 && !fits) {
        report(fault, Fault::ROWS, rows, max_rows, 0);
    }
    if (k == 0 && blockIdx.y == 0 && threadIdx.x < 3) {
        shape[threadIdx.x] = fits ? sweep.packing.shape[threadIdx.x] : 0;
    }
    const Span here = sweep.span(k);
    if (rank >= here.size || !fits) {
        return;
    }
    const Span last = sweep.span(k - 1);
    const Span next = sweep.span(k + 1);
    before[here.start + rank] = rank < last.size ? last.start + rank : -1;
    after[here.start + rank] = rank < next.size ? next.start + rank : -1;
}

/** gates (+)= x W_ihᵀ + b_ih + b_hh over all rows; biases may be null. */
void add_input(
    borep_recurrent_tape &tape, View x, const float *weights, bool biases, bool accumulate, const Memory &gates,
    Accuracy accuracy = Accuracy::OF_CONTEXT) {
    Result result{gates.as(), tape.gate_rows(), accumulate};
    if (biases) {
        result.bias = weights + tape.bias_ih();
        result.bias2 = weights + tape.bias_hh();
    }
    multiply<Form::ROWS_TRANSPOSED>(
        tape.context, tape.count(), tape.max_rows, tape.shape.input, tape.gate_rows(), {x.values, x.stride},
        {weights, tape.shape.input}, result, accuracy);
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
    const auto make = [&](Memory &memory, int width) { // what a call that ran out of memory has made stays
        if (!memory) {
            memory = tape.rows_of(width);
        }
    };
    const int hidden = tape.shape.hidden;
    make(tape.gate_tangents, tape.gate_rows());
    make(tape.gate_cotangent_tangents, tape.gate_rows());
    make(tape.hidden_tangents, hidden);
    make(tape.handed_back, hidden);
    if (tape.shape.cell == BOREP_LSTM) {
        make(tape.cell_tangents, hidden);
        make(tape.q_tangents, hidden);
    }
    tape.sweep.gate_tangents = tape.gate_tangents.as();
    tape.sweep.gate_cotangent_tangents = tape.gate_cotangent_tangents.as();
    tape.sweep.hidden_tangents = tape.hidden_tangents.as();
    tape.sweep.cell_tangents = tape.cell_tangents.as();
    tape.sweep.q_tangents = tape.q_tangents.as();
}

void clear(borep_recurrent_tape &tape, const Memory &rows, int width) {
    BOREP_CUDA(cudaMemsetAsync(
        rows.as<void>(), 0, static_cast<size_t>(tape.max_rows) * width * sizeof(float), tape.context.stream()));
}

/** How a sweep of this tape runs with the context's present precision and options; decided once, then remembered. */
const PlannedSweep &plan(borep_recurrent_tape &tape, Sweep sweep) {
    borep_context &context = tape.context;
    const SweepShape shape{tape.gates, tape.shape.hidden, tape.max_batch, sweep, context.precision()};
    const borep_sweep_options &options = context.sweep_options();
    for (const auto &known : tape.planned) {
        if (known->shape == shape && std::memcmp(&known->options, &options, sizeof options) == 0) {
            return *known;
        }
    }
    Chip chip = chip_of(context);
    chip.clusters = resident_clusters(context);
    auto made = std::make_unique<PlannedSweep>(shape, options, choose_plan(shape, chip, options));
    if (made->plan.way == Way::PERSISTENT) {
        prepare_persistent(context, *made);
    } else if (made->plan.way == Way::CLUSTERED) {
        prepare_clusters(context, *made);
    } else if (made->plan.way == Way::STREAMED) {
        prepare_streamed(tape, *made);
    }
    tape.planned.push_back(std::move(made));
    return *tape.planned.back();
}

/** Refuses a sweep that must run in one launch and cannot. */
void require_path(borep_recurrent_tape &tape, Sweep sweep) {
    const int32_t path = tape.context.sweep_options().path;
    if (path >= BOREP_SWEEPS_PERSISTENT) {
        const Plan &chosen = plan(tape, sweep).plan;
        const std::string asked = path == BOREP_SWEEPS_PERSISTENT  ? "persistent sweeps"
                                  : path == BOREP_SWEEPS_CLUSTERED ? "sweeps in clusters"
                                                                   : "streamed sweeps";
        require(chosen.way != Way::STEPWISE, asked + " were asked for, but this one runs " + chosen.text);
    }
}

void run(borep_recurrent_tape &tape, Sweep sweep) {
    if (tape.empty()) {
        return;
    }
    const PlannedSweep &planned = plan(tape, sweep);
    switch (planned.plan.way) {
        case Way::STEPWISE:
            return run_stepwise(tape, planned.shape);
        case Way::STREAMED:
            return run_streamed(tape, planned);
        case Way::PERSISTENT:
            return run_persistent(tape, planned);
        case Way::CLUSTERED:
            return run_clusters(tape, planned);
    }
}

/** Whether both sweeps of a pair run as one; without a direction there is nothing to share. */
bool runs_along(borep_recurrent_tape &tape, Sweep sweep, const float *direction) {
    return direction != nullptr && plan(tape, sweep).plan.resident();
}

/** The parameters of a call and the direction along which they move; null: none. */
struct Weights {
    const float *values;
    const float *direction;
};

/** Everything of forward but its steps: a in the gates. */
void begin_forward(borep_recurrent_tape &tape, const borep_packing &packing, Weights weights, View x, View out) {
    tape.has_forward = false;
    tape.has_cotangents = false;
    tape.has_tangents = false;
    tape.sweep.packing = steps(packing);
    tape.sweep.weight_hh = weights.values + tape.weight_hh();
    tape.sweep.output = out;
    tape.input = x;
    auto *shape = tape.batch_shape.as<int>();
    if (tape.empty()) {
        BOREP_CUDA(cudaMemsetAsync(shape, 0, 3 * sizeof(int), tape.context.stream()));
    } else {
        const dim3 grid(packing.max_steps, ceil_div(packing.max_batch, 128));
        BOREP_RUN(
            tape.context, link, grid, 128, 0, tape.sweep, tape.max_rows, shape, tape.before.as<int>(), tape.after.as<int>(),
            tape.context.fault());
    }
    tape.sweep.packing.shape = shape;
    if (tape.empty()) {
        return;
    }
    add_input(tape, x, weights.values, true, false, tape.gate_values, Accuracy::FINER);
}

/** Everything of tangent forward but its steps: R{a} in the gates' tangents, V_hh h⁻ only if the steps leave it out. */
void begin_tangent_forward(borep_recurrent_tape &tape, Weights weights, bool along, View rx, View out) {
    tape.has_tangents = false;
    make_tangents(tape);
    tape.sweep.weight_hh = weights.values + tape.weight_hh();
    tape.sweep.output_tangent = out;
    tape.input_tangent = rx;
    const bool moves = weights.direction != nullptr;
    if (moves) {
        tape.sweep.direction_hh = weights.direction + tape.weight_hh();
        add_input(tape, tape.input, weights.direction, true, false, tape.gate_tangents);
    }
    if (moves && !along) {
        multiply<Form::ROWS_TRANSPOSED>(
            tape.context, tape.count(), tape.max_rows, tape.shape.hidden, tape.gate_rows(), tape.before_of(tape.hiddens),
            {tape.sweep.direction_hh, tape.shape.hidden}, {tape.gate_tangents.as(), tape.gate_rows(), true});
    }
    if (rx.values != nullptr) {
        add_input(tape, rx, weights.values, false, moves, tape.gate_tangents);
    } else if (!moves) {
        clear(tape, tape.gate_tangents, tape.gate_rows());
    }
}

void begin_backward(borep_recurrent_tape &tape, Weights weights, View cotangent) {
    tape.has_cotangents = false;
    tape.sweep.weight_hh = weights.values + tape.weight_hh();
    tape.sweep.cotangent = cotangent;
}

/** What follows backward's steps: parameters and inputs from the gates' cotangents. */
void end_backward(borep_recurrent_tape &tape, Weights weights, float *gradient, View to) {
    if (gradient != nullptr) {
        add_products(tape, tape.gate_cotangents, tape.input, tape.hiddens, gradient);
        add_biases(tape, tape.gate_cotangents, gradient);
    }
    if (to.values != nullptr) {
        add_to_input(tape, tape.gate_cotangents, weights.values, to);
    }
}

/** What comes before tangent backward's steps: V_hhᵀ ā, if the steps leave it out. */
void begin_tangent_backward(borep_recurrent_tape &tape, Weights weights, bool along, View cotangent_tangent) {
    tape.sweep.weight_hh = weights.values + tape.weight_hh();
    tape.sweep.cotangent_tangent = cotangent_tangent;
    tape.sweep.handed_back = nullptr;
    if (weights.direction == nullptr) {
        return;
    }
    tape.sweep.direction_hh = weights.direction + tape.weight_hh();
    if (!along) {
        tape.sweep.handed_back = tape.handed_back.as();
        multiply<Form::ROWS>(
            tape.context, tape.count(), tape.max_rows, tape.gate_rows(), tape.shape.hidden,
            tape.of_gates(tape.gate_cotangents), {tape.sweep.direction_hh, tape.shape.hidden},
            {tape.handed_back.as(), tape.shape.hidden});
    }
}

void end_tangent_backward(borep_recurrent_tape &tape, Weights weights, float *gradient_tangent, View to) {
    if (gradient_tangent != nullptr) {
        add_products(tape, tape.gate_cotangent_tangents, tape.input, tape.hiddens, gradient_tangent);
        add_biases(tape, tape.gate_cotangent_tangents, gradient_tangent);
        add_products(tape, tape.gate_cotangents, tape.input_tangent, tape.hidden_tangents, gradient_tangent);
    }
    if (to.values != nullptr) {
        add_to_input(tape, tape.gate_cotangent_tangents, weights.values, to);
        if (weights.direction != nullptr) {
            add_to_input(tape, tape.gate_cotangents, weights.direction, to);
        }
    }
}

void require_fits(const borep_recurrent_tape &tape, const borep_packing &packing) {
    require(
        packing.max_batch <= tape.max_batch,
        "a packing of " + std::to_string(packing.max_batch) + " samples: the tape was made for " +
            std::to_string(tape.max_batch));
}

}  // namespace
}  // namespace borep

using namespace borep;

borep_status borep_recurrent_tape_create(
    borep_context *context, const borep_recurrent_shape *shape, int32_t max_rows, int32_t max_batch,
    borep_recurrent_tape **tape) {
    return guarded([&] {
        BOREP_GIVEN(context, shape, tape);
        *tape = nullptr;
        require(shape->input >= 1, "input size " + std::to_string(shape->input) + ": must be at least 1");
        require(shape->hidden >= 1, "hidden size " + std::to_string(shape->hidden) + ": must be at least 1");
        require(
            shape->cell == BOREP_LSTM || shape->cell == BOREP_TANH_RNN,
            "cell " + std::to_string(shape->cell) + ": must be 0 (LSTM) or 1 (tanh RNN)");
        BOREP_SIZES(max_rows, max_batch);
        const bool lstm = shape->cell == BOREP_LSTM;
        const int most = MOST_NUMBERS / (4 * (lstm ? Lstm::GATES : TanhRnn::GATES)); // gates of a row, in bytes
        require(
            shape->hidden <= most && shape->input <= MOST_NUMBERS / 4,
            "layer " + std::to_string(shape->input) + " -> " + std::to_string(shape->hidden) + ": more than " + std::to_string(most) +
                " units");
        auto made =
            std::make_unique<borep_recurrent_tape>(*context, *shape, max_rows, max_batch, lstm ? Lstm::GATES : TanhRnn::GATES);
        borep_recurrent_tape &t = *made;
        t.batch_shape = ints(*context, 3);
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
        BOREP_GIVEN(tape, packing, weights);
        require_fits(*tape, *packing);
        const View x = require_width("input", input, tape->shape.input);
        const View out = require_width("output", output, tape->shape.hidden);
        require_path(*tape, Sweep::FORWARD);
        begin_forward(*tape, *packing, {floats_at(weights), nullptr}, x, out);
        run(*tape, Sweep::FORWARD);
        tape->has_forward = true;
    });
}

borep_status borep_recurrent_backward(
    borep_recurrent_tape *tape, borep_address weights, const borep_rows *output_cotangent, borep_address gradient,
    const borep_rows *input_cotangent) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(tape->has_forward, "backward: needs forward on this tape before");
        const View from = require_width("outputCotangent", output_cotangent, tape->shape.hidden);
        const View to = optional_width("inputCotangent", input_cotangent, tape->shape.input);
        const Weights w{floats_at(weights), nullptr};
        require_path(*tape, Sweep::BACKWARD);
        begin_backward(*tape, w, from);
        run(*tape, Sweep::BACKWARD);
        end_backward(*tape, w, floats_at(gradient), to);
        tape->has_cotangents = true;
    });
}

borep_status borep_recurrent_tangent_forward(
    borep_recurrent_tape *tape, borep_address weights, borep_address direction, const borep_rows *input_tangent,
    const borep_rows *output_tangent) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(tape->has_forward, "tangentForward: needs forward on this tape before");
        const View rx = optional_width("inputTangent", input_tangent, tape->shape.input);
        const View out = require_width("outputTangent", output_tangent, tape->shape.hidden);
        require_path(*tape, Sweep::TANGENT_FORWARD);
        begin_tangent_forward(*tape, {floats_at(weights), floats_at(direction)}, false, rx, out);
        run(*tape, Sweep::TANGENT_FORWARD);
        tape->has_tangents = true;
    });
}

borep_status borep_recurrent_tangent_backward(
    borep_recurrent_tape *tape, borep_address weights, borep_address direction,
    const borep_rows *output_cotangent_tangent, borep_address gradient_tangent,
    const borep_rows *input_cotangent_tangent) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(
            tape->has_cotangents && tape->has_tangents,
            "tangentBackward: needs backward and tangentForward on this tape before");
        const View from = require_width("outputCotangentTangent", output_cotangent_tangent, tape->shape.hidden);
        const View to = optional_width("inputCotangentTangent", input_cotangent_tangent, tape->shape.input);
        const Weights w{floats_at(weights), floats_at(direction)};
        require_path(*tape, Sweep::TANGENT_BACKWARD);
        begin_tangent_backward(*tape, w, false, from);
        run(*tape, Sweep::TANGENT_BACKWARD);
        end_tangent_backward(*tape, w, floats_at(gradient_tangent), to);
    });
}

borep_status borep_recurrent_forward_along(
    borep_recurrent_tape *tape, const borep_packing *packing, borep_address weights, borep_address direction,
    const borep_rows *input, const borep_rows *input_tangent, const borep_rows *output,
    const borep_rows *output_tangent) {
    return guarded([&] {
        BOREP_GIVEN(tape, packing, weights);
        require_fits(*tape, *packing);
        const View x = require_width("input", input, tape->shape.input);
        const View rx = optional_width("inputTangent", input_tangent, tape->shape.input);
        const View out = require_width("output", output, tape->shape.hidden);
        const View out_tangent = require_width("outputTangent", output_tangent, tape->shape.hidden);
        const Weights w{floats_at(weights), floats_at(direction)};
        const bool along = runs_along(*tape, Sweep::FORWARD_ALONG, w.direction);
        require_path(*tape, along ? Sweep::FORWARD_ALONG : Sweep::FORWARD);
        begin_forward(*tape, *packing, w, x, out);
        if (!along) {
            run(*tape, Sweep::FORWARD);
        }
        begin_tangent_forward(*tape, w, along, rx, out_tangent);
        run(*tape, along ? Sweep::FORWARD_ALONG : Sweep::TANGENT_FORWARD);
        tape->has_forward = true;
        tape->has_tangents = true;
    });
}

borep_status borep_recurrent_backward_along(
    borep_recurrent_tape *tape, borep_address weights, borep_address direction, const borep_rows *output_cotangent,
    const borep_rows *output_cotangent_tangent, borep_address gradient, borep_address gradient_tangent,
    const borep_rows *input_cotangent, const borep_rows *input_cotangent_tangent) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(tape->has_tangents, "backwardAlong: needs forward and tangentForward on this tape before");
        const View from = require_width("outputCotangent", output_cotangent, tape->shape.hidden);
        const View from_tangent =
            require_width("outputCotangentTangent", output_cotangent_tangent, tape->shape.hidden);
        const View to = optional_width("inputCotangent", input_cotangent, tape->shape.input);
        const View to_tangent = optional_width("inputCotangentTangent", input_cotangent_tangent, tape->shape.input);
        const Weights w{floats_at(weights), floats_at(direction)};
        const bool along = runs_along(*tape, Sweep::BACKWARD_ALONG, w.direction);
        require_path(*tape, along ? Sweep::BACKWARD_ALONG : Sweep::BACKWARD);
        begin_backward(*tape, w, from);
        if (!along) {
            run(*tape, Sweep::BACKWARD);
        }
        begin_tangent_backward(*tape, w, along, from_tangent);
        run(*tape, along ? Sweep::BACKWARD_ALONG : Sweep::TANGENT_BACKWARD);
        end_backward(*tape, w, floats_at(gradient), to);
        end_tangent_backward(*tape, w, floats_at(gradient_tangent), to_tangent);
        tape->has_cotangents = true;
    });
}

borep_status borep_recurrent_describe(borep_recurrent_tape *tape, borep_sweep sweep, char *text, int32_t size) {
    return guarded([&] {
        BOREP_GIVEN(tape, text);
        require(
            sweep >= BOREP_FORWARD && sweep <= BOREP_BACKWARD_ALONG,
            "sweep " + std::to_string(sweep) + ": must be in [0, 6)");
        write_line(plan(*tape, static_cast<Sweep>(sweep)).plan.text, text, size);
    });
}
