/*
 * One fully connected layer s = φ(W x + b) in four sweeps (borep.kernel.Dense): matrix products (matmul.cuh) around
 * element-wise kernels; the tape keeps s, R{s}, the cotangent s̄ and ā, all [B, O].
 *
 *   forward            s = φ(x Wᵀ + b)                        one product, bias and tanh in its epilogue
 *   backward           ā = φ'(a) s̄;  W̄ += āᵀ x,  b̄ += Σ ā,  x̄ += ā W
 *   tangent forward    R{s} = φ'(a) (x Vᵀ + v + R{x} Wᵀ)
 *   tangent backward   R{ā} = φ'(a) R{s̄} − 2 s R{s} s̄;  R{W̄} += R{ā}ᵀ x + āᵀ R{x},  R{b̄} += Σ R{ā},  R{x̄} += R{ā} W + ā V
 */
#include "kernels/matmul.cuh"
#include "kernels/view.cuh"

struct borep_dense_tape {
    borep_context &context;
    int input;
    int output;
    bool tanh;
    int max_rows;
    borep::Memory s{};
    borep::Memory cotangents{};
    borep::Memory a{};
    /** Made when a tangent sweep first needs them. */
    borep::Memory tangents{};
    borep::Memory a_tangents{};
    int rows = 0;
    borep::View x{};
    borep::View x_tangents{};
    bool has_forward = false;
    bool has_cotangents = false;
    bool has_tangents = false;

    borep::Memory make() const {
        return borep::floats(context, static_cast<size_t>(max_rows) * output);
    }
    borep::Count count() const {
        return {nullptr, rows};
    }
    borep::Operand of(const borep::Memory &memory) const {
        return {memory.as(), output};
    }
};

namespace borep {
namespace {

constexpr int THREADS = 128;

/** φ'(a) from s = φ(a). */
__device__ __forceinline__ float slope(bool tanh, float s) {
    return tanh ? 1.0f - s * s : 1.0f;
}

__global__ void __launch_bounds__(THREADS)
    backward(int columns, bool tanh, const float *s, View from, float *cotangents, float *a) {
    const int o = blockIdx.y * THREADS + threadIdx.x;
    const int row = blockIdx.x;
    if (o < columns) {
        const size_t i = static_cast<size_t>(row) * columns + o;
        const float cotangent = from.row(row)[o];
        cotangents[i] = cotangent;
        a[i] = slope(tanh, s[i]) * cotangent;
    }
}

__global__ void __launch_bounds__(THREADS) tangent_forward(int columns, bool tanh, const float *s, float *tangents, View out) {
    const int o = blockIdx.y * THREADS + threadIdx.x;
    const int row = blockIdx.x;
    if (o < columns) {
        const size_t i = static_cast<size_t>(row) * columns + o;
        const float tangent = slope(tanh, s[i]) * tangents[i];
        tangents[i] = tangent;
        out.row(row)[o] = tangent;
    }
}

__global__ void __launch_bounds__(THREADS) tangent_backward(
    int columns, bool tanh, const float *s, const float *tangents, const float *cotangents, View from, float *a_tangents) {
    const int o = blockIdx.y * THREADS + threadIdx.x;
    const int row = blockIdx.x;
    if (o < columns) {
        const size_t i = static_cast<size_t>(row) * columns + o;
        const float curved = tanh ? 2.0f * s[i] * tangents[i] * cotangents[i] : 0.0f;
        a_tangents[i] = slope(tanh, s[i]) * from.row(row)[o] - curved;
    }
}

__global__ void __launch_bounds__(THREADS) clear(int columns, float *values) {
    const int o = blockIdx.y * THREADS + threadIdx.x;
    if (o < columns) {
        values[static_cast<size_t>(blockIdx.x) * columns + o] = 0;
    }
}

/** Rows along x, where a grid may have more than 65,535 blocks. */
dim3 grid(const borep_dense_tape &tape) {
    return dim3(static_cast<unsigned>(tape.rows), ceil_div(tape.output, THREADS));
}

Operand operand(View rows) {
    return {rows.values, rows.stride};
}

/** W̄ += āᵀ x, and b̄ += Σ ā where wanted. */
void add_to_gradient(const borep_dense_tape &tape, const Memory &a, View x, float *gradient, bool bias) {
    multiply<Form::OUTER>(
        tape.context, tape.count(), tape.max_rows, tape.output, tape.input, tape.of(a), operand(x),
        {gradient, tape.input, true});
    if (bias) {
        float *to = gradient + static_cast<size_t>(tape.output) * tape.input;
        add_column_sums(tape.context, tape.count(), tape.output, tape.of(a), to, nullptr);
    }
}

/** x̄ += ā W. */
void add_to_input(const borep_dense_tape &tape, const Memory &a, const float *weights, View x) {
    multiply<Form::ROWS>(
        tape.context, tape.count(), tape.rows, tape.output, tape.input, tape.of(a), {weights, tape.input},
        {x.values, x.stride, true}, Accuracy::FINER);
}

}  // namespace
}  // namespace borep

using namespace borep;

borep_status borep_dense_tape_create(
    borep_context *context, int32_t input, int32_t output, int32_t tanh, int32_t max_rows, borep_dense_tape **tape) {
    return guarded([&] {
        BOREP_GIVEN(context, tape);
        *tape = nullptr;
        require(
            input >= 1 && output >= 1,
            "layer " + std::to_string(input) + " -> " + std::to_string(output) + ": both sizes must be at least 1");
        BOREP_SIZES(input, output, max_rows);
        auto made = std::make_unique<borep_dense_tape>(*context, input, output, tanh != 0, max_rows);
        made->s = made->make();
        made->cotangents = made->make();
        made->a = made->make();
        *tape = context->keep(std::move(made));
    });
}

borep_status borep_dense_forward(
    borep_dense_tape *tape, int32_t rows, borep_address weights, const borep_rows *input, const borep_rows *output) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(
            rows >= 0 && rows <= tape->max_rows,
            "rows " + std::to_string(rows) + ": the tape was made for " + std::to_string(tape->max_rows));
        const View x = require_width("input", input, tape->input);
        const View s = require_width("output", output, tape->output);
        tape->rows = rows;
        tape->x = x;
        tape->has_forward = false;
        tape->has_cotangents = false;
        tape->has_tangents = false;
        const float *w = floats_at(weights);
        Result result{tape->s.as(), tape->output};
        result.bias = w + static_cast<size_t>(tape->output) * tape->input;
        result.tanh = tape->tanh;
        result.copy = s.values;
        result.copy_stride = s.stride;
        multiply<Form::ROWS_TRANSPOSED>(
            tape->context, tape->count(), rows, tape->input, tape->output, operand(x), {w, tape->input}, result);
        tape->has_forward = true;
    });
}

borep_status borep_dense_backward(
    borep_dense_tape *tape, borep_address weights, const borep_rows *output_cotangent, borep_address gradient,
    const borep_rows *input_cotangent) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(tape->has_forward, "dense backward: needs forward on this tape before");
        const View from = require_width("outputCotangent", output_cotangent, tape->output);
        const View to = optional_width("inputCotangent", input_cotangent, tape->input);
        tape->has_cotangents = tape->rows == 0;
        if (tape->rows == 0) {
            return;
        }
        BOREP_RUN(
            tape->context, backward, grid(*tape), THREADS, 0, tape->output, tape->tanh, tape->s.as(), from,
            tape->cotangents.as(), tape->a.as());
        if (gradient != 0) {
            add_to_gradient(*tape, tape->a, tape->x, floats_at(gradient), true);
        }
        if (to.values != nullptr) {
            add_to_input(*tape, tape->a, floats_at(weights), to);
        }
        tape->has_cotangents = true;
    });
}

borep_status borep_dense_tangent_forward(
    borep_dense_tape *tape, borep_address weights, borep_address direction, const borep_rows *input_tangent,
    const borep_rows *output_tangent) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(tape->has_forward, "dense tangent forward: needs forward on this tape before");
        const View rx = optional_width("inputTangent", input_tangent, tape->input);
        const View out = require_width("outputTangent", output_tangent, tape->output);
        for (Memory *memory : {&tape->tangents, &tape->a_tangents}) {
            if (!*memory) { // what a call that ran out of memory has made stays
                *memory = tape->make();
            }
        }
        tape->x_tangents = rx;
        tape->has_tangents = tape->rows == 0;
        if (tape->rows == 0) {
            return;
        }
        Result result{tape->tangents.as(), tape->output};
        if (direction != 0) {
            const float *v = floats_at(direction);
            result.bias = v + static_cast<size_t>(tape->output) * tape->input;
            multiply<Form::ROWS_TRANSPOSED>(
                tape->context, tape->count(), tape->rows, tape->input, tape->output, operand(tape->x), {v, tape->input},
                result);
            result.bias = nullptr;
            result.accumulate = true;
        }
        if (rx.values != nullptr) {
            multiply<Form::ROWS_TRANSPOSED>(
                tape->context, tape->count(), tape->rows, tape->input, tape->output, operand(rx),
                {floats_at(weights), tape->input}, result);
            result.accumulate = true;
        }
        if (!result.accumulate) {
            BOREP_RUN(tape->context, clear, grid(*tape), THREADS, 0, tape->output, tape->tangents.as());
        }
        BOREP_RUN(
            tape->context, tangent_forward, grid(*tape), THREADS, 0, tape->output, tape->tanh, tape->s.as(),
            tape->tangents.as(), out);
        tape->has_tangents = true;
    });
}

borep_status borep_dense_tangent_backward(
    borep_dense_tape *tape, borep_address weights, borep_address direction,
    const borep_rows *output_cotangent_tangent, borep_address gradient_tangent,
    const borep_rows *input_cotangent_tangent) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(
            tape->has_cotangents && tape->has_tangents,
            "tangentBackward: needs backward and tangentForward on this tape before");
        const View from = require_width("outputCotangentTangent", output_cotangent_tangent, tape->output);
        const View to = optional_width("inputCotangentTangent", input_cotangent_tangent, tape->input);
        if (tape->rows == 0) {
            return;
        }
        BOREP_RUN(
            tape->context, tangent_backward, grid(*tape), THREADS, 0, tape->output, tape->tanh, tape->s.as(),
            tape->tangents.as(), tape->cotangents.as(), from, tape->a_tangents.as());
        if (gradient_tangent != 0) {
            add_to_gradient(*tape, tape->a_tangents, tape->x, floats_at(gradient_tangent), true);
            if (tape->x_tangents.values != nullptr) {
                add_to_gradient(*tape, tape->a, tape->x_tangents, floats_at(gradient_tangent), false);
            }
        }
        if (to.values != nullptr) {
            add_to_input(*tape, tape->a_tangents, floats_at(weights), to);
            if (direction != 0) {
                add_to_input(*tape, tape->a, floats_at(direction), to);
            }
        }
    });
}
