/* The four sweeps of a dense layer against numbers that carry their derivatives (see recurrent_test.cpp). */
#include "abi.h"
#include "hyperdual.h"

using namespace test;

namespace {

HyperDual output(
    int in, int out, bool with_tanh, const std::vector<HyperDual> &w, const std::vector<HyperDual> &x, int row, int o) {
    HyperDual sum = w[static_cast<size_t>(out) * in + o];
    for (int k = 0; k < in; k++) {
        sum = sum + w[static_cast<size_t>(o) * in + k] * x[static_cast<size_t>(row) * in + k];
    }
    return with_tanh ? tanh(sum) : sum;
}

void run(int in, int out, bool with_tanh, int rows, borep_precision precision, double tolerance) {
    const Context context(precision);
    Random random(7);
    const size_t parameters = static_cast<size_t>(out) * (in + 1);
    const double scale = 1 / std::sqrt(in);
    std::vector<HyperDual> w(parameters), x(static_cast<size_t>(rows) * in), y(static_cast<size_t>(rows) * out);
    const auto draw = [&](std::vector<HyperDual> &values, double size, std::vector<float> &v, std::vector<float> &r) {
        v = random.numbers(values.size(), size);
        r = random.numbers(values.size(), size);
        for (size_t i = 0; i < values.size(); i++) {
            values[i] = {v[i], r[i], 0, 0};
        }
    };
    std::vector<float> wv, wr, xv, xr, yv, yr;
    draw(w, scale, wv, wr);
    draw(x, 1, xv, xr);
    draw(y, 1, yv, yr);
    const auto at = [](borep_address values, int width) { return borep_rows{values, width, width}; };
    const borep_rows input = at(context.reals(xv), in), input_tangent = at(context.reals(xr), in);
    const borep_rows cotangent = at(context.reals(yv), out), cotangent_tangent = at(context.reals(yr), out);
    const borep_rows s = at(context.unwritten(y.size()), out), rs = at(context.unwritten(y.size()), out);
    const borep_address weights = context.reals(wv), direction = context.reals(wr);
    const borep_address gradient = context.reals(std::vector<float>(parameters)),
                        gradient_tangent = context.reals(std::vector<float>(parameters));
    const borep_rows dx = at(context.reals(std::vector<float>(x.size())), in),
                     rdx = at(context.reals(std::vector<float>(x.size())), in);
    borep_dense_tape *tape = nullptr;
    OK(borep_dense_tape_create(context, in, out, with_tanh, rows + 1, &tape));
    OK(borep_dense_forward(tape, rows, weights, &input, &s));
    OK(borep_dense_backward(tape, weights, &cotangent, gradient, &dx));
    OK(borep_dense_tangent_forward(tape, weights, direction, &input_tangent, &rs));
    OK(borep_dense_tangent_backward(tape, weights, direction, &cotangent_tangent, gradient_tangent, &rdx));

    std::vector<double> values, tangents;
    for (int row = 0; row < rows; row++) {
        for (int o = 0; o < out; o++) {
            const HyperDual h = output(in, out, with_tanh, w, x, row, o);
            values.push_back(h.v);
            tangents.push_back(h.a);
        }
    }
    const std::string name = "dense " + std::to_string(in) + " -> " + std::to_string(out) + (with_tanh ? " tanh" : "");
    expect_close(name + ": s", context.read(s.values, y.size()), values, tolerance);
    expect_close(name + ": R{s}", context.read(rs.values, y.size()), tangents, tolerance);
    const auto derivative = [&](const char *what, std::vector<HyperDual> &one, borep_address first, borep_address second) {
        std::vector<double> expected, expected_tangent;
        for (HyperDual &coordinate : one) {
            coordinate.b = 1;
            HyperDual sum;
            for (int row = 0; row < rows; row++) {
                for (int o = 0; o < out; o++) {
                    sum = sum + y[static_cast<size_t>(row) * out + o] * output(in, out, with_tanh, w, x, row, o);
                }
            }
            coordinate.b = 0;
            expected.push_back(sum.b);
            expected_tangent.push_back(sum.ab);
        }
        expect_close(name + what, context.read(first, one.size()), expected, tolerance);
        expect_close(name + what + " tangent", context.read(second, one.size()), expected_tangent, tolerance);
    };
    derivative(": gradient", w, gradient, gradient_tangent);
    derivative(": input cotangent", x, dx.values, rdx.values);
}

}  // namespace

int main() {
    for (const bool with_tanh : {false, true}) {
        run(1, 1, with_tanh, 1, BOREP_FP32, 1e-6);
        for (const auto &[precision, tolerance] :
             {std::pair{BOREP_FP32, 2e-6}, std::pair{BOREP_3XTF32, 4e-6}, std::pair{BOREP_TF32, 4e-3}, std::pair{BOREP_BF16, 3e-2}}) {
            run(19, 5, with_tanh, 7, precision, tolerance);
            run(3, 70, with_tanh, 2, precision, tolerance); // more outputs than a tile
            run(2, 3, with_tanh, 67, precision, tolerance); // more rows than a tile
        }
    }
    return finish("dense");
}
