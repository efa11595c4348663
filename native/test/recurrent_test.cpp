/*
 * The four sweeps of a recurrent layer, in every way that they run, against one plain forward pass in numbers that carry their
 * derivatives: with L = Σ (ȳ + s R{ȳ}) · h(θ + s V, x + s R{x}), a gradient is ∂L/∂θ and its tangent ∂²L/∂θ∂s at s = 0.
 */
#include "recurrent_layer.h"

#include <algorithm>

using namespace test;

namespace {

/** What some coordinates of a first derivative and of its tangent must be. */
struct Expected {
    std::vector<size_t> places;
    std::vector<double> first;
    std::vector<double> tangent;
};

Expected expect_derivative(const Reference &reference, Inputs &in, std::vector<HyperDual> &one, Random &random) {
    Expected expected;
    // A derivative costs as many products of weights as an objective.
    const size_t most = std::clamp<size_t>(40'000'000 / reference.products(), 20, 150);
    for (size_t n = 0; n < std::min(one.size(), most); n++) {
        const size_t i = one.size() <= most ? n : static_cast<size_t>(random.below(static_cast<int>(one.size())));
        one[i].b = 1;
        const HyperDual objective = reference.objective(in);
        one[i].b = 0;
        expected.places.push_back(i);
        expected.first.push_back(objective.b + Layer::START);
        expected.tangent.push_back(objective.ab + Layer::START);
    }
    return expected;
}

void check(
    const std::string &name, const Expected &expected, const std::vector<float> &first, const std::vector<float> &tangent,
    double tolerance) {
    std::vector<float> some, some_tangents;
    for (const size_t place : expected.places) {
        some.push_back(first[place]);
        some_tangents.push_back(tangent[place]);
    }
    expect_close(name, some, expected.first, tolerance);
    expect_close(name + " tangent", some_tangents, expected.tangent, tolerance);
}

struct Way {
    const char *name;
    borep_sweep_path path;
    Calls calls;
    int samples = 0;
    int parts = 0;
};

/** All; those of a layer that does not fit on the host executor's chip; one, of a layer that takes its time there. */
enum class Ways { ALL, STEPWISE, STRIPS };

void run(const Case &c, Ways some = Ways::ALL) {
    constexpr uint64_t SEED = 20240607;
    std::vector<Way> ways = {{"step by step, few strips", BOREP_SWEEPS_STEPWISE, Calls::SINGLE, 32, 1}};
    if (some != Ways::STRIPS) {
        ways.push_back({"step by step, many strips", BOREP_SWEEPS_STEPWISE, Calls::SINGLE, 32, 1000});
        ways.push_back({"step by step, small tiles", BOREP_SWEEPS_STEPWISE, Calls::SINGLE, 64});
        ways.push_back({"step by step, large tiles", BOREP_SWEEPS_STEPWISE, Calls::SINGLE, 128});
        ways.push_back({"step by step", BOREP_SWEEPS_STEPWISE, Calls::SINGLE});
        ways.push_back({"step by step, along", BOREP_SWEEPS_STEPWISE, Calls::ALONG});
    }
    if (some == Ways::ALL) {
        ways.push_back({"persistent", BOREP_SWEEPS_PERSISTENT, Calls::SINGLE});
        ways.push_back({"persistent, along", BOREP_SWEEPS_PERSISTENT, Calls::ALONG});
    }
    struct Accuracy {
        borep_precision precision;
        double tolerance;
    };
    Random random(SEED);
    Expected weights, input;
    std::vector<double> h, rh;
    for (const Accuracy &accuracy :
         {Accuracy{BOREP_FP32, 2e-6}, Accuracy{BOREP_3XTF32, 4e-6}, Accuracy{BOREP_TF32, 4e-3}, Accuracy{BOREP_BF16, 3e-2}}) {
        const Context context(accuracy.precision);
        const Batch batch(context, c.lengths);
        const Layer layer(context, c, batch, SEED);
        if (h.empty()) {
            const Reference reference(c, batch);
            Inputs in{duals(layer.weights, layer.direction), duals(layer.x, layer.rx), duals(layer.y, layer.ry)};
            for (const HyperDual &value : reference.outputs(in)) {
                h.push_back(value.v);
                rh.push_back(value.a);
            }
            weights = expect_derivative(reference, in, in.weights, random);
            input = expect_derivative(reference, in, in.x, random);
        }
        Results strips;
        for (const Way &way : ways) {
            const borep_sweep_options options = {sizeof options, way.path, 0, 0, way.parts, way.samples};
            OK(borep_context_set_sweeps(context, &options));
            const Results actual = layer.run(way.calls);
            const std::string name =
                std::string(c.name) + (c.cell == BOREP_LSTM ? ", LSTM, " : ", tanh RNN, ") + way.name;
            if (way.parts != 0) {
                expect(strips.h.empty() || strips == actual, name + ": the bits of all ways to deal samples");
                strips = actual;
            }
            expect_close(name + ": h", actual.h, h, accuracy.tolerance);
            expect_close(name + ": R{h}", actual.rh, rh, accuracy.tolerance);
            check(name + ": gradient", weights, actual.gradient, actual.gradient_tangent, accuracy.tolerance);
            check(name + ": input cotangent", input, actual.to_input, actual.to_input_tangent, accuracy.tolerance);
        }
    }
}

}  // namespace

int main() {
    for (const int cell : {BOREP_LSTM, BOREP_TANH_RNN}) {
        for (const bool reverse : {false, true}) {
            run({"one number, one step", cell, 1, 1, reverse, {1}});
            run({"ragged, one empty", cell, 3, 5, reverse, {2, 4, 0, 1, 4}});
            run({"several unit tiles", cell, 4, 37, reverse, {3, 1, 2}});
            run({"several sample tiles", cell, 2, 6, reverse, std::vector<int>(35, 2)});
            run({"whole quads", cell, 3, 12, reverse, {1, 5, 2, 3, 5, 4, 3, 0, 1}});
        }
    }
    std::vector<int> many(130, 1); // two large tiles of samples, of which the second has few in the second step
    std::fill(many.begin(), many.begin() + 70, 3);
    many[100] = 2;
    for (const int cell : {BOREP_LSTM, BOREP_TANH_RNN}) {
        run({"many samples", cell, 1, 36, cell == BOREP_LSTM, many});
        run({"more columns than a tile", cell, 2, 140, cell != BOREP_LSTM, {2, 1, 2}}, Ways::STEPWISE);
    }
    // More than a ring of chunks forward; of W_hh's rows one in four begins at a multiple of 16 bytes, or all do.
    run({"many columns", BOREP_TANH_RNN, 2, 517, false, {2}}, Ways::STRIPS);
    run({"many whole columns", BOREP_TANH_RNN, 4, 520, true, {2}}, Ways::STRIPS);
    return finish("recurrent");
}
