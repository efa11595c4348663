/*
 * Matrix products against float64, with operands rounded as the precision says: what is left is the rounding of float32 sums. All
 * that a product must not read is NaN, and all that it must not write stays so.
 */
#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "abi.h"
#include "kernels/matmul_plan.h"

using namespace borep;
using namespace test;

namespace {

constexpr float POISON = std::numeric_limits<float>::quiet_NaN();

struct Case {
    std::string name;
    borep_form form;
    int m;
    int n;
    int k;
    bool accumulate = false;
    /** Numbers between the rows of A, B and C. */
    int gap = 0;
    /** Rows that are there at most, beyond those that are. */
    int beyond = 0;
    bool mapped = false;
    bool repeat = true;
};

double rounded(double value, borep_precision precision) {
    if (precision == BOREP_FP32 || precision == BOREP_3XTF32) {
        return value;
    }
    int exponent = 0;
    const double mantissa = std::frexp(value, &exponent);
    return precision == BOREP_BF16 ? std::ldexp(std::nearbyint(std::ldexp(mantissa, 8)), exponent - 8)
                                   : std::ldexp(std::round(std::ldexp(mantissa, 11)), exponent - 11);
}

/** A matrix in rows, with gaps that hold NaN. */
struct Matrix {
    int rows;
    int width;
    int stride;
    std::vector<float> values;

    Matrix(Random &random, int rows, int all_rows, int width, int gap) : rows(rows), width(width), stride(width + gap) {
        values.assign(static_cast<size_t>(all_rows) * stride, POISON);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < width; c++) {
                values[static_cast<size_t>(r) * stride + c] = random.number(1);
            }
        }
    }
    borep_rows on(const Context &context) const {
        return {context.reals(values), width, stride};
    }
    /** [rows, width] as the arithmetic sees it, or [width, rows]; row r is row map[r], and zeros where that is negative. */
    std::vector<double> seen(borep_precision precision, const std::vector<int32_t> &map, bool transposed) const {
        std::vector<double> out(static_cast<size_t>(rows) * width);
        for (int r = 0; r < rows; r++) {
            const int from = map.empty() ? r : map[r];
            for (int c = 0; c < width; c++) {
                const size_t at = transposed ? static_cast<size_t>(c) * rows + r : static_cast<size_t>(r) * width + c;
                out[at] = from < 0 ? 0 : rounded(values[static_cast<size_t>(from) * stride + c], precision);
            }
        }
        return out;
    }
};

/** A permutation of the rows with some left out. */
std::vector<int32_t> shuffled(Random &random, int rows, int all_rows) {
    std::vector<int32_t> map(all_rows, 1 << 30); // nobody may follow what lies past the count
    for (int r = 0; r < rows; r++) {
        map[r] = r;
    }
    for (int r = rows - 1; r > 0; r--) {
        std::swap(map[r], map[random.below(r + 1)]);
    }
    for (int r = 0; r < rows; r += 5) {
        map[r] = -1;
    }
    return map;
}

void run(const Case &c, borep_precision precision, uint64_t seed) {
    const Context context(precision);
    Random random(seed);
    const bool outer = c.form == BOREP_OUTER;
    const int rows = outer ? c.k : c.m, most = rows + c.beyond;
    const Matrix a(random, rows, most, outer ? c.m : c.k, c.gap);
    const Matrix b = c.form == BOREP_ROWS_TRANSPOSED ? Matrix(random, c.n, c.n, c.k, c.gap)
                     : outer                         ? Matrix(random, rows, most, c.n, c.gap)
                                                     : Matrix(random, c.k, c.k, c.n, c.gap);
    const Matrix before(random, c.accumulate ? c.m : 0, outer ? c.m : most, c.n, c.gap);
    std::vector<int32_t> a_map, b_map;
    borep_product product{};
    product.size = sizeof product;
    product.form = c.form;
    product.a = a.on(context);
    product.b = b.on(context);
    product.c = before.on(context);
    product.rows = most;
    product.count = c.beyond > 0 ? context.ints({rows}) : 0;
    product.accumulate = c.accumulate;
    if (c.mapped) {
        a_map = shuffled(random, rows, most);
        product.a_map = context.ints(a_map);
        if (outer) {
            b_map = shuffled(random, rows, most);
            product.b_map = context.ints(b_map);
        }
    }
    OK(borep_multiply(context, &product));
    const std::vector<float> actual = context.read(product.c.values, before.values.size());

    const std::vector<double> left = a.seen(precision, a_map, outer);                                // [m, k]
    const std::vector<double> right = b.seen(precision, b_map, c.form != BOREP_ROWS_TRANSPOSED); // [n, k]
    double worst = 0;
    for (int m = 0; m < c.m; m++) {
        for (int n = 0; n < c.n; n++) {
            const size_t place = static_cast<size_t>(m) * before.stride + n;
            double sum = c.accumulate ? before.values[place] : 0;
            double scale = std::fabs(sum) + 1e-30;
            for (int k = 0; k < c.k; k++) {
                const double term = left[static_cast<size_t>(m) * c.k + k] * right[static_cast<size_t>(n) * c.k + k];
                sum += term;
                scale += std::fabs(term);
            }
            const double error = std::fabs(actual[place] - sum) / scale;
            worst = std::isnan(error) ? HUGE_VAL : std::max(worst, error);
        }
    }
    const std::string name = c.name + ", precision " + std::to_string(precision) + ", seed " + std::to_string(seed);
    // tensor cores cut off what they add; the three products leave out the smallest of four
    const double tolerance = (8 + c.k / 8.0) * 0x1p-24 + (precision == BOREP_3XTF32 ? 0x1p-21 : 0);
    expect(worst <= tolerance, name + ": off by " + std::to_string(worst / tolerance) + " tolerances");
    const auto untouched = std::count_if(actual.begin(), actual.end(), [](float value) { return std::isnan(value); });
    expect(untouched + static_cast<long>(c.m) * c.n == static_cast<long>(actual.size()), name + ": writes C alone");

    if (!c.repeat) {
        return;
    }
    OK(borep_memory_write(context, product.c.values, before.values.data(), before.values.size() * sizeof(float)));
    OK(borep_multiply(context, &product));
    const std::vector<float> again = context.read(product.c.values, before.values.size());
    expect(std::memcmp(actual.data(), again.data(), actual.size() * sizeof(float)) == 0, name + ": repeats bit for bit");
}

/** One shape for every way that an operand may lie. */
std::vector<Case> paths(borep_form form) {
    return {
        {"one number", form, 1, 1, 1},
        {"whole panels", form, 64, 64, 32},
        {"ragged", form, 5, 7, 9, true, 0, 3},
        {"ragged, rows apart by an odd number", form, 67, 70, 37, false, 3, 2},
        {"ragged, whole chunks", form, 66, 68, 36, true, 4, 2},
        {"gathered", form, 30, 33, 41, true, 1, 4, true},
        {"gathered, whole chunks", form, 40, 32, 44, false, 4, 4, true},
        {"whole panels, whole chunks, more than a ring holds", form, 128, 64, 160, true, 4, 0, false},
        {"gathered, whole panels, whole chunks", form, 64, 128, 160, false, 0, 16, true},
        {"nothing to add up", form, 3, 4, 0, false, 0, 2},
        {"parts of a long sum, gathered", form, 70, 30, 900, false, 1, 700, true},
    };
}

/** The shape of least work that the launcher gives this tile, whole or in parts, on a device with so many multiprocessors. */
std::optional<Case> shape_for(
    matmul::Tile tile, bool split, borep_form form, borep_precision precision, int multiprocessors, bool groups) {
    constexpr size_t ENOUGH = 1 << 20;
    constexpr int MOST_SCALE = 96; // whole WIDE tiles keep 170 multiprocessors busy from 90 on
    std::optional<Case> least;
    long least_work = std::numeric_limits<long>::max();
    for (const int k : {40, 200, 400, 600, 1000, 1500, 2000, 3000}) {
        for (int scale = 1; scale <= MOST_SCALE; scale++) {
            for (const int n : {60, 120, 252, 500}) {
                const int m = 60 * scale, beyond = form == BOREP_OUTER ? 9 : 0;
                const matmul::Planner planner({multiprocessors, ENOUGH, groups}, precision, m, n, k + beyond);
                const matmul::Plan plan = planner.best();
                const long work = long{planner.tiles(tile)} * k; // whole tiles are multiplied
                if (plan.tile == tile && (plan.parts > 1) == split && work < least_work) {
                    least_work = work;
                    least = Case{"tile " + std::to_string(static_cast<int>(tile)), form, m, n, k, true, 1, beyond, false, false};
                }
            }
        }
    }
    return least;
}

int multiprocessors() {
    const Context context;
    char text[256];
    OK(borep_context_describe(context, text, sizeof text));
    int count = 0;
    const char *comma = std::strstr(text, "sm_");
    expect(comma != nullptr && std::sscanf(comma, "sm_%*d, %d multiprocessors", &count) == 1, "a device tells its size");
    return count;
}

/** Split sums are long. Where sanitizers make them slow, every form and every precision has them, not every pair. */
bool splits([[maybe_unused]] borep_form form, [[maybe_unused]] borep_precision precision) {
#if defined(__SANITIZE_ADDRESS__)
    return precision % 3 == form;
#else
    return true;
#endif
}

constexpr std::array OF_WARPS = {matmul::Tile::SMALL, matmul::Tile::LARGE, matmul::Tile::WIDE};
constexpr std::array OF_GROUPS = {matmul::Tile::GROUPS, matmul::Tile::WIDE_GROUPS};

/** That a device of this size runs every tile: on hardware it is too late to find that out. */
void tiles_of(int multiprocessors) {
    for (const borep_precision precision : {BOREP_FP32, BOREP_3XTF32, BOREP_TF32, BOREP_BF16}) {
        for (const matmul::Tile tile :
             {matmul::Tile::SMALL, matmul::Tile::LARGE, matmul::Tile::WIDE, matmul::Tile::GROUPS, matmul::Tile::WIDE_GROUPS}) {
            for (const bool split : {false, true}) {
                expect(
                    shape_for(tile, split, BOREP_ROWS, precision, multiprocessors, matmul::is_grouped(tile)).has_value() ==
                        matmul::exists(tile, precision),
                    std::to_string(multiprocessors) + " multiprocessors, precision " + std::to_string(precision) + ", tile " +
                        std::to_string(static_cast<int>(tile)) + ": a shape");
            }
        }
    }
}

template <class Tiles>
void every_tile(const Tiles &tiles, borep_form form, borep_precision precision, int multiprocessors) {
    const bool long_sums = splits(form, precision);
    int found = 0;
    int whole = 0;
    for (const matmul::Tile tile : tiles) {
        whole += matmul::exists(tile, precision) ? 1 : 0;
        for (const bool split : {false, true}) {
            if (split && !long_sums) {
                continue;
            }
            if (const std::optional<Case> c = shape_for(tile, split, form, precision, multiprocessors, matmul::is_grouped(tile))) {
                run(*c, precision, 1);
                found++;
                if (!split) { // whole panels of whole chunks, and those at the ends
                    Case aligned = *c;
                    aligned.name += ", whole chunks";
                    aligned.gap = 4;
                    run(aligned, precision, 2);
                    aligned.name += ", gathered";
                    aligned.mapped = true;
                    run(aligned, precision, 3);
                }
            }
        }
    }
    expect(found == (long_sums ? 2 * whole : whole), "every tile has a shape");
}

void random_shapes(borep_form form, borep_precision precision) {
    Random random(100 + form);
    for (uint64_t seed = 1; seed <= static_cast<uint64_t>(random_cases(4)); seed++) {
        const Case c = {"random shape", form, 1 + random.below(100), 1 + random.below(100), 1 + random.below(200),
                        random.below(2) == 0, random.below(5), random.below(3) * 20, random.below(2) == 0};
        run(c, precision, seed);
    }
}

/** Sums of 4096 numbers of one sign, where cutting off instead of rounding adds up the most, are as accurate as float32's own. */
void long_sums(int multiprocessors, bool groups) {
    constexpr int DEPTH = 4096;
    const int size = groups ? 128 : 64; // a tile of theirs
    const matmul::Planner planner({multiprocessors, 1 << 20, groups}, BOREP_3XTF32, size, size, DEPTH);
    expect(matmul::is_grouped(planner.best().tile) == groups, "a long sum is made by whom it tests");
    const Context context(BOREP_3XTF32);
    Random random(11);
    std::vector<float> a(size * DEPTH), b(size * DEPTH);
    for (std::vector<float> *values : {&a, &b}) {
        for (float &value : *values) {
            value = 1.5f + random.number(0.5);
        }
    }
    borep_product product{};
    product.size = sizeof product;
    product.form = BOREP_ROWS_TRANSPOSED;
    product.a = {context.reals(a), DEPTH, DEPTH};
    product.b = {context.reals(b), DEPTH, DEPTH};
    product.c = {context.unwritten(size * size), size, size};
    product.rows = size;
    OK(borep_multiply(context, &product));
    const std::vector<float> c = context.read(product.c.values, size * size);
    double worst = 0;
    for (int m = 0; m < size; m++) {
        for (int n = 0; n < size; n++) {
            double sum = 0;
            for (int k = 0; k < DEPTH; k++) {
                sum += static_cast<double>(a[m * DEPTH + k]) * b[n * DEPTH + k];
            }
            worst = std::fmax(worst, std::fabs(c[m * size + n] / sum - 1));
        }
    }
    expect(worst <= 2e-6, "3xTF32: a long sum is off by " + std::to_string(worst * 1e6) + "e-6");
}

/** Whatever is not finite stays so: a run that diverges must show. */
void not_finite(borep_precision precision) {
    for (const float bad : {POISON, std::numeric_limits<float>::infinity()}) {
        const Context context(precision);
        std::vector<float> a(40 * 40, 1), b(40 * 40, 1);
        a[3 * 40 + 5] = bad;
        borep_product product{};
        product.size = sizeof product;
        product.form = BOREP_ROWS_TRANSPOSED;
        product.a = {context.reals(a), 40, 40};
        product.b = {context.reals(b), 40, 40};
        product.c = {context.unwritten(40 * 40), 40, 40};
        product.rows = 40;
        OK(borep_multiply(context, &product));
        const std::vector<float> c = context.read(product.c.values, 40 * 40);
        bool shows = true, alone = true;
        for (int m = 0; m < 40; m++) {
            for (int n = 0; n < 40; n++) {
                m == 3 ? shows &= !std::isfinite(c[m * 40 + n]) : alone &= c[m * 40 + n] == 40;
            }
        }
        expect(shows && alone, "precision " + std::to_string(precision) + ": what is not finite stays in its row");
    }
}

/** A context begins with what the environment says. */
void environment_says_precision() {
    Random random(3);
    const Matrix a(random, 5, 5, 40, 0), b(random, 7, 7, 40, 0);
    const auto multiplied = [&](const Context &context) {
        borep_product product{};
        product.size = sizeof product;
        product.form = BOREP_ROWS_TRANSPOSED;
        product.a = a.on(context);
        product.b = b.on(context);
        product.c = {context.reals(std::vector<float>(35)), 7, 7};
        product.rows = 5;
        OK(borep_multiply(context, &product));
        return context.read(product.c.values, 35);
    };
    setenv("BOREP_PRECISION", "bf16", 1);
    const std::vector<float> asked = multiplied(Context(std::nullopt));
    unsetenv("BOREP_PRECISION");
    expect(asked == multiplied(Context(BOREP_BF16)) && asked != multiplied(Context()), "BOREP_PRECISION=bf16");
    setenv("BOREP_PRECISION", "fp16", 1);
    borep_context *none = nullptr;
    expect(
        borep_context_create(0, &none) == BOREP_BAD_ARGUMENT &&
            std::strcmp(borep_last_error(), "BOREP_PRECISION 'fp16': must be fp32, 3xtf32, tf32 or bf16") == 0,
        std::string("an unknown precision: ") + borep_last_error());
    unsetenv("BOREP_PRECISION");
}

void refusals() {
    const Context context;
    borep_product product{};
    const auto refused = [&](const char *words) {
        expect(
            borep_multiply(context, &product) == BOREP_BAD_ARGUMENT && std::strstr(borep_last_error(), words) != nullptr,
            std::string("refusal: ") + words + ", but: " + borep_last_error());
    };
    refused("product of 0 bytes: this library reads");
    product.size = sizeof product;
    product.form = 3;
    refused("form 3: must be 0 (rows transposed), 1 (rows) or 2 (outer)");
    product.form = BOREP_ROWS_TRANSPOSED;
    product.rows = -1;
    refused("rows -1: must not be negative");
    product.rows = 2;
    product.a = product.b = product.c = {context.reals({1, 2, 3, 4}), 2, 2};
    product.b.width = 1;
    refused("b of width 1: must be 2");
    product.b.width = 2;
    product.c.stride = 1;
    refused("c of width 2 with stride 1: the stride must be at least the width and at most 536870911");
    product.c.stride = 2;
    product.a.stride = 536870912;
    refused("a of width 2 with stride 536870912");
    product.a.stride = 2;
    product.b_map = context.ints({0, 1});
    refused("b_map: only for outer products");
    expect(
        borep_context_set_precision(context, static_cast<borep_precision>(4)) == BOREP_BAD_ARGUMENT &&
            std::strstr(borep_last_error(), "precision 4: must be 0 (FP32), 1 (3xTF32), 2 (TF32) or 3 (BF16)") != nullptr,
        "there is no fifth precision");
}

}  // namespace

int main() {
    const int size = multiprocessors();
    const char *gemm = std::getenv("BOREP_GEMM");
    const bool groups = gemm != nullptr && std::strcmp(gemm, "warpgroups") == 0;
    for (const borep_precision precision : {BOREP_FP32, BOREP_3XTF32, BOREP_TF32, BOREP_BF16}) {
        for (const borep_form form : {BOREP_ROWS_TRANSPOSED, BOREP_ROWS, BOREP_OUTER}) {
            for (const Case &c : paths(form)) {
                run(c, precision, 1);
            }
            random_shapes(form, precision);
            if (groups) {
                every_tile(OF_GROUPS, form, precision, size);
            } else if (gemm == nullptr) { // cuBLAS has tiles of its own
                every_tile(OF_WARPS, form, precision, size);
            }
        }
        not_finite(precision);
    }
    long_sums(size, groups);
    tiles_of(132);
    environment_says_precision();
    refusals();
    return finish("matmul");
}
