/* Vector operations against plain float64 loops, at sizes below a warp, with a tail, and of many blocks. */
#include <algorithm>

#include "abi.h"

using namespace test;

namespace {

constexpr double TOLERANCE = 1e-6;

double dot(const std::vector<float> &a, const std::vector<float> &b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); i++) {
        sum += static_cast<double>(a[i]) * b[i];
    }
    return sum;
}

template <class F>
std::vector<double> each(size_t size, F f) {
    std::vector<double> out(size);
    for (size_t i = 0; i < size; i++) {
        out[i] = f(i);
    }
    return out;
}

void run(int size) {
    const Context context;
    Random random(3);
    const std::string name = "update of " + std::to_string(size) + ": ";
    const auto a = random.numbers(size, 1.5), b = random.numbers(size, 1.5), m = random.numbers(size, 1);
    const borep_address da = context.reals(a), db = context.reals(b);
    borep_address out = context.unwritten(size);
    const auto check = [&](const char *what, const std::vector<double> &expected) {
        expect_close(name + what, context.read(out, expected.size()), expected, TOLERANCE);
    };
    OK(borep_update_fill(context, size, out, 1.5));
    check("fill", each(size, [](size_t) { return 1.5; }));
    OK(borep_update_copy(context, size, da, out));
    check("copy", each(size, [&](size_t i) { return a[i]; }));
    OK(borep_update_scale(context, size, -0.75, out));
    check("scale", each(size, [&](size_t i) { return -0.75 * a[i]; }));
    OK(borep_update_copy(context, size, db, out));
    const borep_address scalar = context.reals({0.5f});
    OK(borep_update_axpy(context, size, 0.25, 0, da, out));
    OK(borep_update_axpy(context, size, 0.25, scalar, da, out));
    check("axpy", each(size, [&](size_t i) { return b[i] + 0.375 * a[i]; }));
    OK(borep_update_copy(context, size, db, out));
    OK(borep_update_average(context, size, 0.9, da, out));
    check("average", each(size, [&](size_t i) { return 0.9 * b[i] + 0.1 * a[i]; }));
    OK(borep_update_multiply(context, size, da, db, out));
    check("multiply", each(size, [&](size_t i) { return static_cast<double>(a[i]) * b[i]; }));
    auto divisor = b;
    divisor[0] = 0;
    OK(borep_update_divide(context, size, da, context.reals(divisor), out));
    check("divide", each(size, [&](size_t i) { return i == 0 ? 0.0 : static_cast<double>(a[i]) / b[i]; }));
    const std::vector<std::pair<borep_function, double (*)(double)>> functions = {
        {BOREP_SIN, std::sin},   {BOREP_COS, std::cos},
        {BOREP_SINH, std::sinh}, {BOREP_COSH, std::cosh},
        {BOREP_EXP, std::exp},   {BOREP_SIGMOID, [](double x) { return 1 / (1 + std::exp(-x)); }},
        {BOREP_POSITIVE, [](double x) { return std::fmax(x, 0); }}};
    for (const auto &[code, f] : functions) {
        OK(borep_update_apply(context, size, code, da, out));
        check("apply", each(size, [&](size_t i) { return f(a[i]); }));
    }
    auto positive = a;
    std::transform(a.begin(), a.end(), positive.begin(), [](float value) { return value * value + 1e-3f; });
    OK(borep_update_apply(context, size, BOREP_LOG, context.reals(positive), out));
    check("log", each(size, [&](size_t i) { return std::log(positive[i]); }));
    OK(borep_update_dot(context, size, da, db, out));
    expect_close(name + "dot", context.read(out, 1), {dot(a, b)}, 1e-5);
    OK(borep_update_norm(context, size, da, out));
    expect_close(name + "norm", context.read(out, 1), {std::sqrt(dot(a, a))}, TOLERANCE);

    std::vector<float> difference(size);
    std::transform(b.begin(), b.end(), a.begin(), difference.begin(), [](float u, float c) { return u - c; });
    const double distance = std::sqrt(dot(difference, difference));
    for (const double radius : {0.5 * distance, 2 * distance, std::numeric_limits<double>::infinity()}) {
        OK(borep_update_copy(context, size, db, out));
        OK(borep_update_project_ball(context, size, da, radius, out));
        const double shrink = std::min(1.0, radius / distance);
        check("project", each(size, [&](size_t i) { return a[i] + shrink * difference[i]; }));
    }

    const borep_address momentum = context.reals(m), length = context.unwritten(1);
    OK(borep_update_copy(context, size, db, out));
    OK(borep_update_normalised_momentum(context, size, 0.9, da, momentum, scalar, 1e-3, out, length));
    std::vector<float> moved(size);
    for (int i = 0; i < size; i++) {
        moved[i] = 0.9f * m[i] + 0.1f * a[i];
    }
    const double norm = std::sqrt(dot(moved, moved));
    expect_close(name + "momentum norm", context.read(length, 1), {norm}, TOLERANCE);
    check("momentum step", each(size, [&](size_t i) { return b[i] - 0.5 * moved[i] / (norm + 1e-3); }));
    OK(borep_update_fill(context, size, momentum, 0));
    OK(borep_update_fill(context, size, da, 0));
    const std::vector<float> before = context.read(out, size);
    OK(borep_update_normalised_momentum(context, size, 0.5, da, momentum, scalar, 0, out, length));
    expect(context.read(out, size) == before, name + "momentum zero moves nothing");
}

void adam(int size) {
    const Context context;
    Random random(4);
    const auto d = random.numbers(size, 1), m = random.numbers(size, 1), x = random.numbers(size, 1);
    std::vector<float> v = random.numbers(size, 1);
    std::vector<double> expected;
    for (int i = 0; i < size; i++) {
        v[i] *= v[i];
        const double first = (0.9 * m[i] + 0.1 * d[i]) / (1 - std::pow(0.9, 4)),
                     second = (0.99 * v[i] + 0.01 * d[i] * d[i]) / (1 - std::pow(0.99, 4));
        expected.push_back(x[i] - 0.5 * first / (std::sqrt(second) + 0.25));
    }
    const borep_address out = context.reals(x);
    OK(borep_update_adam(
        context, size, 0.9, 0.99, context.reals(d), context.reals(m), context.reals(v), context.reals({0.5f}),
        context.longs({3}), 0.25, out));
    expect_close("adam", context.read(out, size), expected, TOLERANCE);
}

/** 2 x + y = 5, x + 3 y = 10, with an unknown of zeros between them. */
void small_systems() {
    const Context context;
    const borep_address out = context.unwritten(3);
    OK(borep_update_solve(context, 3, context.reals({2, 0, 1, 0, 0, 0, 1, 0, 3}), context.reals({5, 7, 10}), out));
    expect_close("solve", context.read(out, 3), {1, 0, 3}, TOLERANCE);
    OK(borep_update_solve(context, 2, context.reals({0, 1, 2, 0}), context.reals({4, 6}), out)); // needs a row exchange
    expect_close("solve with exchange", context.read(out, 2), {3, 4}, TOLERANCE);
}

void schedules() {
    const Context context;
    const borep_address counter = context.longs({7}), value = context.unwritten(1);
    const std::vector<std::pair<borep_schedule, double>> cases = {
        {{0, 0, 0.3, 1, 1}, 0.3}, {{1, 0, 0.3, 3, 0.5}, 0.3 * 0.25}, {{2, 0, 0.3, 1, 0.5}, 0.3 / std::sqrt(8.0)}};
    for (const auto &[schedule, expected] : cases) {
        OK(borep_update_schedule(context, &schedule, counter, value));
        expect_close("schedule", context.read(value, 1), {expected}, 1e-7);
    }
    OK(borep_update_advance(context, counter));
    OK(borep_update_schedule(context, &cases[2].first, counter, value));
    expect_close("schedule after advance", context.read(value, 1), {0.1}, 1e-7);
}

}  // namespace

int main() {
    for (const int size : {1, 3, 31, 1001, 70001}) {
        run(size);
    }
    adam(1001);
    small_systems();
    schedules();
    return finish("update");
}
