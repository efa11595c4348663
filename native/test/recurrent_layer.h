/*
 * One recurrent layer with random inputs: its sweeps on the device, and one plain forward pass in numbers that carry their
 * derivatives to compare them with.
 */
#pragma once

#include "abi.h"
#include "hyperdual.h"

namespace test {

struct Case {
    const char *name;
    int cell;
    int input;
    int hidden;
    bool reverse;
    std::vector<int> lengths;
};

/** Parameters, inputs and what multiplies the outputs; a is the direction, b one coordinate at a time. */
struct Inputs {
    std::vector<HyperDual> weights;
    std::vector<HyperDual> x;
    std::vector<HyperDual> cotangent;
};

class Reference {
   public:
    Reference(const Case &c, const Batch &batch) : c_(c), batch_(batch), gates_(c.cell == BOREP_LSTM ? 4 : 1) {}

    /** h of every row. */
    std::vector<HyperDual> outputs(const Inputs &in) const {
        const int hidden = c_.hidden;
        std::vector<HyperDual> out(static_cast<size_t>(batch_.rows) * hidden);
        for (size_t sample = 0; sample < batch_.lengths.size(); sample++) {
            std::vector<HyperDual> h(hidden), cell(hidden);
            for (int k = 0; k < batch_.lengths[sample]; k++) {
                const int t = c_.reverse ? batch_.lengths[sample] - 1 - k : k;
                const int row = batch_.row[t][sample];
                const std::vector<HyperDual> before = h;
                for (int unit = 0; unit < hidden; unit++) {
                    HyperDual a[4];
                    for (int g = 0; g < gates_; g++) {
                        a[g] = pre_activation(in, row, before, g * hidden + unit);
                    }
                    if (gates_ == 1) {
                        h[unit] = tanh(a[0]);
                    } else {
                        cell[unit] = sigmoid(a[1]) * cell[unit] + sigmoid(a[0]) * tanh(a[2]);
                        h[unit] = sigmoid(a[3]) * tanh(cell[unit]);
                    }
                    out[static_cast<size_t>(row) * hidden + unit] = h[unit];
                }
            }
        }
        return out;
    }

    /** L. */
    HyperDual objective(const Inputs &in) const {
        const std::vector<HyperDual> h = outputs(in);
        HyperDual sum;
        for (size_t i = 0; i < h.size(); i++) {
            sum = sum + in.cotangent[i] * h[i];
        }
        return sum;
    }

    int gates() const {
        return gates_;
    }

    /** Of an objective. */
    size_t products() const {
        return static_cast<size_t>(batch_.rows) * gates_ * c_.hidden * (c_.input + c_.hidden);
    }

   private:
    HyperDual pre_activation(const Inputs &in, int row, const std::vector<HyperDual> &h, int j) const {
        const int rows = gates_ * c_.hidden;
        const size_t hh = static_cast<size_t>(rows) * c_.input;
        const size_t bias = hh + static_cast<size_t>(rows) * c_.hidden;
        HyperDual sum = in.weights[bias + j] + in.weights[bias + rows + j];
        for (int k = 0; k < c_.input; k++) {
            sum = sum + in.weights[static_cast<size_t>(j) * c_.input + k] * in.x[static_cast<size_t>(row) * c_.input + k];
        }
        for (int k = 0; k < c_.hidden; k++) {
            sum = sum + in.weights[hh + static_cast<size_t>(j) * c_.hidden + k] * h[k];
        }
        return sum;
    }

    const Case &c_;
    const Batch &batch_;
    int gates_;
};

inline std::vector<HyperDual> duals(const std::vector<float> &values, const std::vector<float> &tangents) {
    std::vector<HyperDual> out(values.size());
    for (size_t i = 0; i < values.size(); i++) {
        out[i] = {values[i], tangents[i], 0, 0};
    }
    return out;
}

/** Everything that the four sweeps of a layer write. */
struct Results {
    std::vector<float> h, rh;
    std::vector<float> gradient, gradient_tangent;
    std::vector<float> to_input, to_input_tangent;

    bool operator==(const Results &) const = default;

    /** Largest difference to others, each relative to the largest number of its kind; not a number if one is not. */
    double distance(const Results &others) const {
        double largest = 0;
        for (const auto field : {&Results::h, &Results::rh, &Results::gradient, &Results::gradient_tangent,
                                 &Results::to_input, &Results::to_input_tangent}) {
            const std::vector<float> &a = this->*field, &b = others.*field;
            double scale = 1e-30, difference = 0;
            for (size_t i = 0; i < a.size(); i++) {
                scale = std::fmax(scale, std::fabs(b[i]));
                difference += std::isnan(a[i] - b[i]) ? NAN : 0;
                difference = std::isnan(difference) ? NAN : std::fmax(difference, std::fabs(a[i] - b[i]));
            }
            largest = std::isnan(difference) ? NAN : std::isnan(largest) ? NAN : std::fmax(largest, difference / scale);
        }
        return largest;
    }
};

/** Whether each sweep runs alone, or forward and backward with their tangents. */
enum class Calls { SINGLE, ALONG };

class Layer {
   public:
    /** What is accumulated begins with this. */
    static constexpr float START = 0.25f;

    Layer(const Context &context, const Case &c, const Batch &batch, uint64_t seed)
        : context_(context), case_(c), batch_(batch), rows_(batch.capacity_rows) {
        Random random(seed);
        const int gate_rows = (c.cell == BOREP_LSTM ? 4 : 1) * c.hidden;
        parameters_ = static_cast<size_t>(gate_rows) * (c.input + c.hidden + 2);
        const double scale = 1 / std::sqrt(c.hidden);
        weights = random.numbers(parameters_, scale), direction = random.numbers(parameters_, scale);
        x = random.numbers(in_size(), 1), rx = random.numbers(in_size(), 1);
        y = random.numbers(out_size(), 1), ry = random.numbers(out_size(), 1);
        w_ = context.reals(weights), v_ = context.reals(direction);
        input_ = in_rows(x), input_tangent_ = in_rows(rx);
        cotangent_ = out_rows(y), cotangent_tangent_ = out_rows(ry);
        const std::vector<float> nothing(out_size(), NAN), start(parameters_, START), in_start(in_size(), START);
        output_ = out_rows(nothing), tangent_ = out_rows(nothing);
        gradient_ = context.reals(start), gradient_tangent_ = context.reals(start);
        to_input_ = in_rows(in_start), to_input_tangent_ = in_rows(in_start);
        const borep_recurrent_shape shape = {c.cell, c.input, c.hidden, c.reverse};
        OK(borep_recurrent_tape_create(context, &shape, rows_ + MORE_ROWS, batch.packing.max_batch, &tape_));
    }

    /** Enqueues all four sweeps. */
    void sweep(Calls calls) const {
        if (calls == Calls::ALONG) {
            OK(borep_recurrent_forward_along(
                tape_, &batch_.packing, w_, v_, &input_, &input_tangent_, &output_, &tangent_));
            OK(borep_recurrent_backward_along(
                tape_, w_, v_, &cotangent_, &cotangent_tangent_, gradient_, gradient_tangent_, &to_input_,
                &to_input_tangent_));
        } else {
            OK(borep_recurrent_forward(tape_, &batch_.packing, w_, &input_, &output_));
            OK(borep_recurrent_backward(tape_, w_, &cotangent_, gradient_, &to_input_));
            OK(borep_recurrent_tangent_forward(tape_, w_, v_, &input_tangent_, &tangent_));
            OK(borep_recurrent_tangent_backward(
                tape_, w_, v_, &cotangent_tangent_, gradient_tangent_, &to_input_tangent_));
        }
    }

    /** Outputs not written, sums at their start. */
    void reset() const {
        const std::vector<float> nothing(out_size(), NAN), start(parameters_, START), in_start(in_size(), START);
        context_.rewrite(output_.values, nothing);
        context_.rewrite(tangent_.values, nothing);
        context_.rewrite(gradient_, start);
        context_.rewrite(gradient_tangent_, start);
        context_.rewrite(to_input_.values, in_start);
        context_.rewrite(to_input_tangent_.values, in_start);
    }

    /** Of the rows that the batch has now. */
    Results results() const {
        const size_t in = static_cast<size_t>(batch_.rows) * case_.input, out = static_cast<size_t>(batch_.rows) * case_.hidden;
        return {context_.read(output_.values, out), context_.read(tangent_.values, out),
                context_.read(gradient_, parameters_), context_.read(gradient_tangent_, parameters_),
                context_.read(to_input_.values, in), context_.read(to_input_tangent_.values, in)};
    }

    Results run(Calls calls) const {
        reset();
        sweep(calls);
        return results();
    }

    std::string plan(borep_sweep sweep) const {
        char text[400];
        OK(borep_recurrent_describe(tape_, sweep, text, sizeof text));
        return text;
    }

    borep_recurrent_tape *tape() const {
        return tape_;
    }

    std::vector<float> weights, direction, x, rx, y, ry;

   private:
    static constexpr int MORE_ROWS = 3;

    size_t in_size() const {
        return static_cast<size_t>(rows_) * case_.input;
    }
    size_t out_size() const {
        return static_cast<size_t>(rows_) * case_.hidden;
    }
    borep_rows in_rows(const std::vector<float> &values) const {
        return rows_of(values, case_.input);
    }
    borep_rows out_rows(const std::vector<float> &values) const {
        return rows_of(values, case_.hidden);
    }
    /** As many as the tape has, though no batch has the last ones. */
    borep_rows rows_of(std::vector<float> values, int width) const {
        values.resize(values.size() + static_cast<size_t>(MORE_ROWS) * width, NAN);
        return {context_.reals(values), width, width};
    }

    const Context &context_;
    const Case &case_;
    const Batch &batch_;
    int rows_;
    size_t parameters_ = 0;
    borep_address w_ = 0, v_ = 0, gradient_ = 0, gradient_tangent_ = 0;
    borep_rows input_{}, input_tangent_{}, output_{}, tangent_{}, cotangent_{}, cotangent_tangent_{}, to_input_{},
        to_input_tangent_{};
    borep_recurrent_tape *tape_ = nullptr;
};

}  // namespace test
