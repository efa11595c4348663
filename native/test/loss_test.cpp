/* Cross-entropy, sample weights and regularisers against float64 formulas; second order against central differences. */
#include "abi.h"

using namespace test;

namespace {

constexpr double TOLERANCE = 2e-6;

std::vector<double> softmax(const std::vector<double> &z) {
    double largest = z[0], sum = 0;
    for (const double value : z) {
        largest = std::fmax(largest, value);
    }
    std::vector<double> p;
    for (const double value : z) {
        p.push_back(std::exp(value - largest));
        sum += p.back();
    }
    for (double &value : p) {
        value /= sum;
    }
    return p;
}

void cross_entropy(int rows, int classes) {
    const Context context;
    Random random(5);
    const size_t n = static_cast<size_t>(rows) * classes;
    const auto z = random.numbers(n, 8), rz = random.numbers(n, 1), w = random.numbers(rows, 1);
    std::vector<int32_t> labels(rows);
    for (int &label : labels) {
        label = random.below(classes);
    }
    const auto at = [&](borep_address values) { return borep_rows{values, classes, classes}; };
    const borep_rows logits = at(context.reals(z)), tangents = at(context.reals(rz)), c = at(context.unwritten(n)),
                     rc = at(context.unwritten(n));
    const borep_address losses = context.unwritten(rows), loss_tangents = context.unwritten(rows), weights = context.reals(w);
    borep_loss_tape *tape = nullptr;
    OK(borep_loss_tape_create(context, rows, classes, &tape));
    OK(borep_loss_forward(tape, rows, &logits, context.ints(labels), losses));
    OK(borep_loss_backward(tape, weights, &c));
    OK(borep_loss_tangent_forward(tape, &tangents, loss_tangents));
    OK(borep_loss_tangent_backward(tape, weights, &tangents, &rc));
    const borep_address predictions = context.ints(std::vector<int32_t>(rows));
    OK(borep_loss_predict(context, rows, &logits, predictions));
    std::vector<double> expected_losses, expected_tangents, expected_c, expected_rc;
    std::vector<int32_t> expected_predictions;
    for (int row = 0; row < rows; row++) {
        const auto line = [&](double s) {
            std::vector<double> values;
            for (int k = 0; k < classes; k++) {
                values.push_back(z[static_cast<size_t>(row) * classes + k] + s * rz[static_cast<size_t>(row) * classes + k]);
            }
            return softmax(values);
        };
        const double h = 1e-6;
        const auto p = line(0), up = line(h), down = line(-h);
        expected_losses.push_back(-std::log(p[labels[row]]));
        expected_tangents.push_back((-std::log(up[labels[row]]) + std::log(down[labels[row]])) / (2 * h));
        int best = 0;
        for (int k = 0; k < classes; k++) {
            expected_c.push_back(w[row] * (p[k] - (labels[row] == k ? 1 : 0)));
            expected_rc.push_back(w[row] * (up[k] - down[k]) / (2 * h));
            best = p[k] > p[best] ? k : best;
        }
        expected_predictions.push_back(best);
    }
    const std::string name = "loss over " + std::to_string(classes) + " classes";
    expect_close(name + ": losses", context.read(losses, rows), expected_losses, TOLERANCE);
    expect_close(name + ": tangents", context.read(loss_tangents, rows), expected_tangents, TOLERANCE);
    expect_close(name + ": cotangents", context.read(c.values, n), expected_c, TOLERANCE);
    expect_close(name + ": cotangent tangents", context.read(rc.values, n), expected_rc, TOLERANCE);
    expect(context.read_ints(predictions, rows) == expected_predictions, name + ": predictions");
}

void sample_weights() {
    const Context context;
    Random random(6);
    const auto x = random.numbers(4, 2), values = random.numbers(6, 1), start = random.numbers(4, 1);
    const std::vector<int32_t> indices = {2, 0, 2, 3, 2, 0}; // repeated ones add up
    const borep_address dx = context.reals(x), di = context.ints(indices), weights = context.unwritten(6), out = context.reals(start);
    OK(borep_loss_sample_weights(context, dx, 4, di, 6, 0.25, weights));
    OK(borep_loss_sample_weights_backward(context, dx, 4, di, 6, 0.25, context.reals(values), out));
    std::vector<double> expected, expected_out(start.begin(), start.end());
    for (size_t b = 0; b < indices.size(); b++) {
        const double s = 1 / (1 + std::exp(-static_cast<double>(x[indices[b]])));
        expected.push_back(0.25 * s);
        expected_out[indices[b]] += 0.25 * s * (1 - s) * values[b];
    }
    expect_close("sample weights", context.read(weights, 6), expected, TOLERANCE);
    expect_close("sample weights backward", context.read(out, 4), expected_out, TOLERANCE);
}

void regulariser(borep_regulariser kind, borep_store store, bool at_zero) {
    const Context context;
    Random random(8);
    const int n = 2500; // several partial sums
    const auto y = at_zero ? std::vector<float>(n) : random.numbers(n, 1);
    const auto z = random.numbers(n, 1);
    const float c = 0.7f;
    const borep_address dy = context.reals(y), dz = context.reals(z), coefficient = context.reals({c});
    const auto start = std::vector<float>(n, store == BOREP_ADD ? 0.25f : std::nanf(""));
    const borep_address value = context.reals({0.5f}), gradient = context.reals(start), product = context.reals(start),
                        mixed = context.reals({0.5f});
    OK(borep_loss_regularise(context, kind, 0.3, coefficient, dy, n, value));
    OK(borep_loss_regulariser_gradient(context, kind, 0.3, coefficient, dy, n, gradient, store));
    OK(borep_loss_regulariser_hessian_vector(context, kind, 0.3, coefficient, dy, dz, n, product, store));
    OK(borep_loss_regulariser_mixed(context, kind, 0.3, dy, dz, n, mixed));
    double yy = 0, yz = 0;
    for (int i = 0; i < n; i++) {
        yy += static_cast<double>(y[i]) * y[i];
        yz += static_cast<double>(y[i]) * z[i];
    }
    const double norm = std::sqrt(yy);
    const double before = store == BOREP_ADD ? 0.25 : 0;
    std::vector<double> expected_gradient, expected_product;
    for (int i = 0; i < n; i++) {
        const bool squared = kind == BOREP_SQUARED;
        expected_gradient.push_back(before + 0.3 * c * (squared ? y[i] : norm == 0 ? 0 : y[i] / norm));
        expected_product.push_back(
            before + 0.3 * c * (squared ? z[i] : norm == 0 ? 0 : z[i] / norm - y[i] * yz / (norm * norm * norm)));
    }
    const double mixed_value = kind == BOREP_SQUARED ? yz : norm == 0 ? 0 : yz / norm;
    const std::string name = "regulariser " + std::to_string(kind) + (store == BOREP_ADD ? " added" : " written") + (at_zero ? " at 0" : "");
    expect_close(name + ": value", context.read(value, 1), {0.5 + 0.3 * c * (kind == BOREP_SQUARED ? yy / 2 : norm)}, TOLERANCE);
    expect_close(name + ": gradient", context.read(gradient, n), expected_gradient, TOLERANCE);
    expect_close(name + ": product", context.read(product, n), expected_product, TOLERANCE);
    expect_close(name + ": mixed", context.read(mixed, 1), {0.5 + 0.3 * mixed_value}, TOLERANCE);
}

}  // namespace

int main() {
    for (const int classes : {1, 2, 40}) {
        cross_entropy(70, classes);
    }
    sample_weights();
    for (const borep_regulariser kind : {BOREP_SQUARED, BOREP_NORM}) {
        for (const borep_store store : {BOREP_WRITE, BOREP_ADD}) {
            regulariser(kind, store, false);
            regulariser(kind, store, true);
        }
    }
    return finish("loss");
}
