/* Pooling and pair features against plain loops over (sample, step); the sweeps are checked as a linear map and its adjoint. */
#include "abi.h"

using namespace test;

namespace {

constexpr int WIDTH = 5;

struct Pooled {
    std::vector<double> features;
    /** [sample, column] the rows that count and how much. */
    std::vector<std::vector<std::pair<int, double>>> parts;
};

Pooled reference(borep_pooling mode, const Batch &batch, const std::vector<float> &rows) {
    Pooled out;
    for (size_t b = 0; b < batch.lengths.size(); b++) {
        const int length = batch.lengths[b];
        for (int c = 0; c < WIDTH; c++) {
            std::vector<std::pair<int, double>> parts;
            const auto value = [&](int t) { return rows[static_cast<size_t>(batch.row[t][b]) * WIDTH + c]; };
            if (mode == BOREP_MEAN) {
                for (int t = 0; t < length; t++) {
                    parts.push_back({batch.row[t][b], 1.0 / length});
                }
            } else if (length > 0) {
                int best = mode == BOREP_LAST ? length - 1 : 0;
                for (int t = 1; t < length && mode != BOREP_LAST; t++) {
                    best = value(t) > value(best) ? t : best;
                }
                const bool padded = mode == BOREP_MAX_PADDED && length < batch.steps && value(best) < 0;
                if (!padded) {
                    parts.push_back({batch.row[best][b], 1.0});
                }
            }
            double sum = 0;
            for (const auto &[row, weight] : parts) {
                sum += weight * rows[static_cast<size_t>(row) * WIDTH + c];
            }
            out.features.push_back(sum);
            out.parts.push_back(parts);
        }
    }
    return out;
}

void run(borep_pooling mode) {
    const Context context;
    Random random(11);
    const Batch batch(context, {2, 6, 0, 1, 6});
    const int samples = static_cast<int>(batch.lengths.size());
    const size_t in = static_cast<size_t>(batch.rows) * WIDTH, out = static_cast<size_t>(samples) * WIDTH;
    const auto rows = random.numbers(in, 1), tangents = random.numbers(in, 1), cotangents = random.numbers(out, 1);
    const auto at = [](borep_address values) { return borep_rows{values, WIDTH, WIDTH}; };
    const borep_rows r = at(context.reals(rows)), f = at(context.unwritten(out)), rt = at(context.reals(tangents)),
                     ft = at(context.unwritten(out)), fc = at(context.reals(cotangents)),
                     rc = at(context.reals(std::vector<float>(in, 0.5f)));
    borep_pooling_tape *tape = nullptr;
    OK(borep_pooling_tape_create(context, mode, WIDTH, samples, &tape));
    OK(borep_pooling_forward(tape, &batch.packing, &r, &f));
    OK(borep_pooling_backward(tape, &fc, &rc));
    OK(borep_pooling_tangent_forward(tape, &rt, &ft));
    const Pooled expected = reference(mode, batch, rows);
    std::vector<double> expected_tangents(out), expected_cotangents(in, 0.5);
    for (size_t i = 0; i < out; i++) {
        for (const auto &[row, weight] : expected.parts[i]) {
            const size_t place = static_cast<size_t>(row) * WIDTH + i % WIDTH;
            expected_tangents[i] += weight * tangents[place];
            expected_cotangents[place] += weight * cotangents[i];
        }
    }
    const std::string name = "pooling " + std::to_string(mode);
    expect_close(name + ": features", context.read(f.values, out), expected.features, 1e-6);
    expect_close(name + ": tangents", context.read(ft.values, out), expected_tangents, 1e-6);
    expect_close(name + ": cotangents", context.read(rc.values, in), expected_cotangents, 1e-6);
}

/** (u, v, |u − v|, u ⊙ v) and its derivatives along (ru, rv) against central differences in float64. */
void pairs() {
    const Context context;
    Random random(13);
    const int rows = 3;
    const size_t n = rows * WIDTH;
    const auto u = random.numbers(n, 1), v = random.numbers(n, 1), ru = random.numbers(n, 1), rv = random.numbers(n, 1);
    const auto c = random.numbers(4 * n, 1), rc = random.numbers(4 * n, 1);
    const auto at = [](borep_address values, int width) { return borep_rows{values, width, width}; };
    const borep_rows du = at(context.reals(u), WIDTH), dv = at(context.reals(v), WIDTH), dru = at(context.reals(ru), WIDTH),
                     drv = at(context.reals(rv), WIDTH), dc = at(context.reals(c), 4 * WIDTH), drc = at(context.reals(rc), 4 * WIDTH);
    const borep_rows f = at(context.unwritten(4 * n), 4 * WIDTH), rf = at(context.unwritten(4 * n), 4 * WIDTH);
    const auto zeros = [&] { return at(context.reals(std::vector<float>(n)), WIDTH); };
    const borep_rows gu = zeros(), gv = zeros(), rgu = zeros(), rgv = zeros();
    OK(borep_pooling_pair_forward(context, rows, &du, &dv, &f));
    OK(borep_pooling_pair_backward(context, rows, &du, &dv, &dc, &gu, &gv));
    OK(borep_pooling_pair_tangent_forward(context, rows, &du, &dv, &dru, &drv, &rf));
    OK(borep_pooling_pair_tangent_backward(context, rows, &du, &dv, &dru, &drv, &dc, &drc, &rgu, &rgv));
    const auto pair = [&](double s, size_t row, int part, int k) {
        const double a = u[row * WIDTH + k] + s * ru[row * WIDTH + k], b = v[row * WIDTH + k] + s * rv[row * WIDTH + k];
        return part == 0 ? a : part == 1 ? b : part == 2 ? std::fabs(a - b) : a * b;
    };
    std::vector<double> features, tangents, to_u, to_v, tangents_u, tangents_v;
    const double h = 1e-6;
    for (size_t row = 0; row < rows; row++) {
        for (int part = 0; part < 4; part++) {
            for (int k = 0; k < WIDTH; k++) {
                features.push_back(pair(0, row, part, k));
                tangents.push_back((pair(h, row, part, k) - pair(-h, row, part, k)) / (2 * h));
            }
        }
        for (int k = 0; k < WIDTH; k++) {
            const size_t i = row * WIDTH + k;
            const double sign = u[i] > v[i] ? 1 : -1;
            const float *from = &c[row * 4 * WIDTH], *rfrom = &rc[row * 4 * WIDTH];
            to_u.push_back(from[k] + sign * from[2 * WIDTH + k] + v[i] * from[3 * WIDTH + k]);
            to_v.push_back(from[WIDTH + k] - sign * from[2 * WIDTH + k] + u[i] * from[3 * WIDTH + k]);
            tangents_u.push_back(
                rfrom[k] + sign * rfrom[2 * WIDTH + k] + v[i] * rfrom[3 * WIDTH + k] + rv[i] * from[3 * WIDTH + k]);
            tangents_v.push_back(
                rfrom[WIDTH + k] - sign * rfrom[2 * WIDTH + k] + u[i] * rfrom[3 * WIDTH + k] + ru[i] * from[3 * WIDTH + k]);
        }
    }
    expect_close("pair features", context.read(f.values, 4 * n), features, 1e-6);
    expect_close("pair tangents", context.read(rf.values, 4 * n), tangents, 1e-6);
    expect_close("pair cotangent u", context.read(gu.values, n), to_u, 1e-6);
    expect_close("pair cotangent v", context.read(gv.values, n), to_v, 1e-6);
    expect_close("pair cotangent tangent u", context.read(rgu.values, n), tangents_u, 1e-6);
    expect_close("pair cotangent tangent v", context.read(rgv.values, n), tangents_v, 1e-6);
}

}  // namespace

int main() {
    for (const borep_pooling mode : {BOREP_MAX, BOREP_MAX_PADDED, BOREP_MEAN, BOREP_LAST}) {
        run(mode);
    }
    pairs();
    return finish("pooling");
}
