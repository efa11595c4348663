/*
 * The four sweeps of a recurrent layer against one plain forward pass in numbers that carry their derivatives: with
 * L = Σ (ȳ + s R{ȳ}) · h(θ + s V, x + s R{x}), a gradient is ∂L/∂θ and its tangent ∂²L/∂θ∂s at s = 0.
 */
#include "abi.h"
#include "hyperdual.h"

using namespace test;

namespace {

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

std::vector<HyperDual> duals(const std::vector<float> &values, const std::vector<float> &tangents) {
    std::vector<HyperDual> out(values.size());
    for (size_t i = 0; i < values.size(); i++) {
        out[i] = {values[i], tangents[i], 0, 0};
    }
    return out;
}

/** First derivative and its tangent along `one`, at some of its coordinates. */
void check_derivative(
    const std::string &name, const Reference &reference, Inputs &in, std::vector<HyperDual> &one,
    const std::vector<float> &first, const std::vector<float> &tangent, double start, double tolerance, Random &random) {
    std::vector<float> actual, actual_tangent;
    std::vector<double> expected, expected_tangent;
    const size_t most = 150;
    for (size_t n = 0; n < std::min(one.size(), most); n++) {
        const size_t i = one.size() <= most ? n : static_cast<size_t>(random.below(static_cast<int>(one.size())));
        one[i].b = 1;
        const HyperDual objective = reference.objective(in);
        one[i].b = 0;
        expected.push_back(objective.b + start);
        expected_tangent.push_back(objective.ab + start);
        actual.push_back(first[i]);
        actual_tangent.push_back(tangent[i]);
    }
    expect_close(name, actual, expected, tolerance);
    expect_close(name + " tangent", actual_tangent, expected_tangent, tolerance);
}

void run(const Case &c, borep_precision precision, double tolerance) {
    const Context context(precision);
    Random random(20240607);
    const Batch batch(context, c.lengths);
    const Reference reference(c, batch);
    const int rows = batch.rows;
    const int gate_rows = reference.gates() * c.hidden;
    const size_t parameters = static_cast<size_t>(gate_rows) * (c.input + c.hidden + 2);
    const double scale = 1 / std::sqrt(c.hidden);
    const size_t in_size = static_cast<size_t>(rows) * c.input;
    const size_t out_size = static_cast<size_t>(rows) * c.hidden;
    const auto weights = random.numbers(parameters, scale), direction = random.numbers(parameters, scale);
    const auto x = random.numbers(in_size, 1), rx = random.numbers(in_size, 1);
    const auto y = random.numbers(out_size, 1), ry = random.numbers(out_size, 1);
    const float start = 0.25f; // gradients are accumulated

    const auto in_rows = [&](borep_address at) { return borep_rows{at, c.input, c.input}; };
    const auto out_rows = [&](borep_address at) { return borep_rows{at, c.hidden, c.hidden}; };
    const borep_address w = context.reals(weights), v = context.reals(direction);
    const borep_rows input = in_rows(context.reals(x)), input_tangent = in_rows(context.reals(rx));
    const borep_rows cotangent = out_rows(context.reals(y)), cotangent_tangent = out_rows(context.reals(ry));
    const borep_rows output = out_rows(context.unwritten(out_size)), tangent = out_rows(context.unwritten(out_size));
    const borep_address gradient = context.reals(std::vector<float>(parameters, start));
    const borep_address gradient_tangent = context.reals(std::vector<float>(parameters, start));
    const borep_rows to_input = in_rows(context.reals(std::vector<float>(in_size, start)));
    const borep_rows to_input_tangent = in_rows(context.reals(std::vector<float>(in_size, start)));

    const borep_recurrent_shape shape = {c.cell, c.input, c.hidden, c.reverse};
    borep_recurrent_tape *tape = nullptr;
    OK(borep_recurrent_tape_create(context, &shape, rows + 3, batch.packing.max_batch, &tape));
    OK(borep_recurrent_forward(tape, &batch.packing, w, &input, &output));
    OK(borep_recurrent_backward(tape, w, &cotangent, gradient, &to_input));
    OK(borep_recurrent_tangent_forward(tape, w, v, &input_tangent, &tangent));
    OK(borep_recurrent_tangent_backward(tape, w, v, &cotangent_tangent, gradient_tangent, &to_input_tangent));

    Inputs in{duals(weights, direction), duals(x, rx), duals(y, ry)};
    const std::vector<HyperDual> h = reference.outputs(in);
    std::vector<double> values(h.size()), tangents(h.size());
    for (size_t i = 0; i < h.size(); i++) {
        values[i] = h[i].v;
        tangents[i] = h[i].a;
    }
    const std::string name = std::string(c.name) + (c.cell == BOREP_LSTM ? ", LSTM" : ", tanh RNN");
    expect_close(name + ": h", context.read(output.values, out_size), values, tolerance);
    expect_close(name + ": R{h}", context.read(tangent.values, out_size), tangents, tolerance);
    check_derivative(
        name + ": gradient", reference, in, in.weights, context.read(gradient, parameters),
        context.read(gradient_tangent, parameters), start, tolerance, random);
    check_derivative(
        name + ": input cotangent", reference, in, in.x, context.read(to_input.values, in_size),
        context.read(to_input_tangent.values, in_size), start, tolerance, random);
}

}  // namespace

int main() {
    for (const int cell : {BOREP_LSTM, BOREP_TANH_RNN}) {
        for (const bool reverse : {false, true}) {
            const std::vector<Case> cases = {
                {"one number, one step", cell, 1, 1, reverse, {1}},
                {"ragged, one empty", cell, 3, 5, reverse, {2, 4, 0, 1, 4}},
                {"several unit tiles", cell, 4, 37, reverse, {3, 1, 2}},
                {"several sample tiles", cell, 2, 6, reverse, std::vector<int>(35, 2)},
            };
            for (const Case &c : cases) {
                run(c, BOREP_FP32, 2e-6);
                run(c, BOREP_3XTF32, 4e-6);
                run(c, BOREP_TF32, 4e-3);
                run(c, BOREP_BF16, 3e-2);
            }
        }
    }
    return finish("recurrent");
}
