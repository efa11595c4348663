/*
 * Times the sweeps of one recurrent layer through the C ABI: gradient = forward + backward, hvp = gradient + both tangent sweeps, each
 * recorded once and replayed, so that launches cost what they cost in a solver's loop. One JSON line for every shape, precision and
 * way to run: median microseconds of a replay, GFLOP/s (2 operations a multiply-add, element-wise work not counted) and how
 * forward and backward ran.
 *
 *   stepwise     one launch a step
 *   chosen       what the library chooses: one launch a sweep where that is predicted to be faster
 *   along        hvp only: values and tangents in the same sweeps where both matrices fit
 *
 * usage: recurrent_bench [tiny] [WORD...]      only what has all the words: lstm, rnn, a hidden size, a precision, a pass, a way
 */
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "borep.h"

namespace {

void ok(borep_status status, const char *call) {
    if (status != BOREP_OK) {
        std::fprintf(stderr, "recurrent_bench: %s: %s\n", call, borep_last_error());
        std::exit(2);
    }
}
#define OK(call) ok((call), #call)

struct Shape {
    borep_cell cell;
    int input;
    int hidden;
    int steps;
    int batch;
    bool ragged;
};

class Layer {
   public:
    Layer(borep_context *context, const Shape &shape) : context_(context), shape_(shape) {
        gates_ = shape.cell == BOREP_LSTM ? 4 : 1;
        std::vector<int32_t> lengths, starts, indices, tokens;
        for (int b = 0; b < shape.batch; b++) {
            // uniform between 5 and T, the longest T
            const int length = shape.ragged ? 5 + (shape.steps - 5) * (shape.batch - 1 - b) / std::max(1, shape.batch - 1) : shape.steps;
            starts.push_back(rows_);
            lengths.push_back(length);
            indices.push_back(b);
            rows_ += length;
        }
        tokens.assign(rows_, 0);
        const size_t parameters = static_cast<size_t>(gates_) * shape.hidden * (shape.input + shape.hidden + 2);
        packing_ = {ints({0, 0, 0}), ints(indices), ints(indices), ints(std::vector<int32_t>(shape.steps)),
                    ints(std::vector<int32_t>(shape.steps + 1)), shape.batch, shape.steps};
        input_ = matrix(shape.input);
        const borep_sequences sequences = {ints(tokens), ints(starts), ints(lengths), reals(shape.input), shape.batch, shape.input};
        OK(borep_batch_pack(context, &sequences, ints(indices), shape.batch, &packing_, &input_, rows_));
        weights_ = reals(parameters);
        direction_ = reals(parameters);
        gradient_ = reals(parameters);
        gradient_tangent_ = reals(parameters);
        output_ = matrix(shape.hidden);
        cotangent_ = matrix(shape.hidden);
        tangent_ = matrix(shape.hidden);
        cotangent_tangent_ = matrix(shape.hidden);
        const borep_recurrent_shape layer = {shape.cell, shape.input, shape.hidden, 0};
        OK(borep_recurrent_tape_create(context, &layer, rows_, shape.batch, &tape_));
    }

    void forward() const {
        OK(borep_recurrent_forward(tape_, &packing_, weights_, &input_, &output_));
    }
    void gradient() const {
        forward();
        OK(borep_recurrent_backward(tape_, weights_, &cotangent_, gradient_, nullptr));
    }
    void hvp(bool along) const {
        if (along) {
            OK(borep_recurrent_forward_along(
                tape_, &packing_, weights_, direction_, &input_, nullptr, &output_, &tangent_));
            OK(borep_recurrent_backward_along(
                tape_, weights_, direction_, &cotangent_, &cotangent_tangent_, gradient_, gradient_tangent_, nullptr,
                nullptr));
            return;
        }
        gradient();
        OK(borep_recurrent_tangent_forward(tape_, weights_, direction_, nullptr, &tangent_));
        OK(borep_recurrent_tangent_backward(
            tape_, weights_, direction_, &cotangent_tangent_, gradient_tangent_, nullptr));
    }
    void run(const std::string &pass, bool along) const {
        pass == "forward" ? forward() : pass == "gradient" ? gradient() : hvp(along);
    }
    std::string plan(borep_sweep sweep) const {
        char text[400];
        OK(borep_recurrent_describe(tape_, sweep, text, sizeof text));
        return text;
    }

    /** Multiply-adds of a pass, times 2: F = G H² R and P = G H I R of docs/sweeps.md. */
    double flops(const std::string &pass) const {
        const double f = 2.0 * gates_ * shape_.hidden * shape_.hidden * rows_;
        const double p = 2.0 * gates_ * shape_.hidden * shape_.input * rows_;
        return pass == "forward" ? f + p : pass == "gradient" ? 3 * f + 2 * p : 10 * f + 4 * p;
    }

   private:
    borep_address allocate(size_t bytes) const {
        borep_address address = 0;
        OK(borep_memory_allocate(context_, bytes, &address));
        return address;
    }
    borep_address ints(const std::vector<int32_t> &values) const {
        const borep_address address = allocate(values.size() * sizeof(int32_t));
        OK(borep_memory_write(context_, address, values.data(), values.size() * sizeof(int32_t)));
        return address;
    }
    borep_address reals(size_t count) const {
        std::vector<float> values(count);
        for (size_t i = 0; i < count; i++) {
            values[i] = static_cast<float>(i * 2654435761u % 1000) / 5000.0f - 0.1f;
        }
        const borep_address address = allocate(count * sizeof(float));
        OK(borep_memory_write(context_, address, values.data(), count * sizeof(float)));
        return address;
    }
    borep_rows matrix(int width) const {
        return {reals(static_cast<size_t>(rows_) * width), width, width};
    }

    borep_context *context_;
    Shape shape_;
    int gates_ = 1;
    int rows_ = 0;
    borep_packing packing_{};
    borep_rows input_{}, output_{}, cotangent_{}, tangent_{}, cotangent_tangent_{};
    borep_address weights_ = 0, direction_ = 0, gradient_ = 0, gradient_tangent_ = 0;
    borep_recurrent_tape *tape_ = nullptr;
};

/** At least five replays, then as many as fit into the time. */
double median_micros(borep_context *context, borep_program *program, int repetitions) {
    constexpr double MOST_MICROS = 2e5;
    std::vector<double> micros;
    double sum = 0;
    for (int i = -3; i < repetitions && (i < 5 || sum < MOST_MICROS); i++) {
        const auto begin = std::chrono::steady_clock::now();
        OK(borep_program_run(program));
        OK(borep_context_synchronise(context));
        if (i >= 0) {
            micros.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
            sum += micros.back();
        }
    }
    std::sort(micros.begin(), micros.end());
    return micros[micros.size() / 2];
}

/** A way to run a pass. */
struct Way {
    const char *name;
    borep_sweep_path path;
    bool along;
};

struct Precision {
    const char *name;
    borep_precision value;
};

std::vector<std::string> words;

bool is_wanted(const Shape &shape, const Precision &precision, const std::string &pass, const Way &way) {
    const std::vector<std::string> names = {
        shape.cell == BOREP_LSTM ? "lstm" : "rnn", std::to_string(shape.hidden), precision.name, pass, way.name};
    return std::all_of(words.begin(), words.end(), [&](const std::string &word) {
        return std::find(names.begin(), names.end(), word) != names.end();
    });
}

void measure(const Shape &shape, const Precision &precision, const std::string &pass, const Way &way, int repetitions) {
    if (!is_wanted(shape, precision, pass, way)) {
        return;
    }
    borep_context *context = nullptr;
    OK(borep_context_create(0, &context));
    if (borep_context_set_precision(context, precision.value) != BOREP_OK) {
        borep_context_destroy(context);
        return; // this device has no such cores
    }
    if (way.path != BOREP_SWEEPS_CHOSEN) { // else as BOREP_SWEEPS says
        const borep_sweep_options options = {sizeof options, way.path, 0, 0, 0, 0};
        OK(borep_context_set_sweeps(context, &options));
    }
    const Layer layer(context, shape);
    layer.run(pass, way.along);
    borep_program *program = nullptr;
    OK(borep_program_begin(context, nullptr));
    layer.run(pass, way.along);
    OK(borep_program_end(context, &program));
    const double micros = median_micros(context, program, repetitions);
    std::printf(
        "{\"cell\":\"%s\",\"input\":%d,\"hidden\":%d,\"steps\":%d,\"batch\":%d,\"ragged\":%s,\"precision\":\"%s\","
        "\"pass\":\"%s\",\"way\":\"%s\",\"medianMicros\":%.1f,\"gflops\":%.0f,\"forward\":\"%s\",\"backward\":\"%s\"}\n",
        shape.cell == BOREP_LSTM ? "lstm" : "rnn", shape.input, shape.hidden, shape.steps, shape.batch,
        shape.ragged ? "true" : "false", precision.name, pass.c_str(), way.name, micros, layer.flops(pass) / micros / 1e3,
        layer.plan(way.along ? BOREP_FORWARD_ALONG : BOREP_FORWARD).c_str(),
        layer.plan(way.along ? BOREP_BACKWARD_ALONG : BOREP_BACKWARD).c_str());
    std::fflush(stdout);
    borep_context_destroy(context);
}

}  // namespace

int main(int count, char **arguments) {
    const bool tiny = count > 1 && std::strcmp(arguments[1], "tiny") == 0; // a look whether it runs, on whatever executes it
    const int repetitions = tiny ? 1 : 30;
    words.assign(arguments + (tiny ? 2 : 1), arguments + count);
    std::vector<Shape> shapes = {{BOREP_LSTM, 300, 128, 64, 20, false},  {BOREP_LSTM, 300, 256, 50, 20, true},
                                 {BOREP_LSTM, 300, 512, 64, 32, false},  {BOREP_LSTM, 300, 1024, 64, 32, false},
                                 {BOREP_LSTM, 300, 512, 50, 50, true},   {BOREP_TANH_RNN, 300, 1024, 64, 20, false},
                                 {BOREP_TANH_RNN, 300, 2048, 64, 50, false}, {BOREP_TANH_RNN, 300, 4096, 40, 20, true}};
    if (tiny) {
        shapes = {{BOREP_LSTM, 3, 5, 6, 2, true}, {BOREP_TANH_RNN, 3, 5, 6, 2, false}};
    }
    for (const Shape &shape : shapes) {
        for (const Precision &precision :
             {Precision{"fp32", BOREP_FP32}, Precision{"3xtf32", BOREP_3XTF32}, Precision{"tf32", BOREP_TF32},
              Precision{"bf16", BOREP_BF16}}) {
            for (const std::string pass : {"forward", "gradient", "hvp"}) {
                measure(shape, precision, pass, {"stepwise", BOREP_SWEEPS_STEPWISE, false}, repetitions);
                measure(shape, precision, pass, {"chosen", BOREP_SWEEPS_CHOSEN, false}, repetitions);
                if (pass == "hvp") {
                    measure(shape, precision, pass, {"along", BOREP_SWEEPS_CHOSEN, true}, repetitions);
                }
            }
        }
    }
    return 0;
}
