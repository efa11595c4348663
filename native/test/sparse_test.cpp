/* Sparse products against the matrix written out in float64, over all rows and over chosen ones that repeat. */
#include <cstring>

#include "abi.h"

using namespace test;

namespace {

constexpr double TOLERANCE = 2e-6;

/** A sparse matrix and, [rows][columns], the same with its zeros. */
struct Matrix {
    std::vector<int32_t> starts = {0}, places;
    std::vector<float> values;
    std::vector<std::vector<double>> dense;
    int columns;

    Matrix(Random &random, int rows, int columns, int most_in_row) : dense(rows), columns(columns) {
        for (int i = 0; i < rows; i++) {
            dense[i].resize(columns);
            for (int j = 0; i % 3 != 1 && j < columns; j++) { // every third row is empty
                if (static_cast<int>(places.size()) - starts[i] < most_in_row && random.below(columns) <= most_in_row) {
                    places.push_back(j);
                    values.push_back(random.number(1));
                    dense[i][j] = values.back();
                }
            }
            starts.push_back(static_cast<int32_t>(places.size()));
        }
    }

    int rows() const {
        return static_cast<int>(dense.size());
    }

    borep_sparse on(const Context &context) const {
        return {context.ints(starts), context.ints(places), context.reals(values), rows(), columns};
    }
};

void products(int rows, int columns, int outputs, int most_in_row) {
    const Context context;
    Random random(11);
    const Matrix matrix(random, rows, columns, most_in_row);
    const borep_sparse a = matrix.on(context);
    std::vector<int32_t> chosen(rows / 2 + 2);
    for (int &row : chosen) {
        row = random.below(rows);
    }
    const auto w = random.numbers(static_cast<size_t>(columns) * outputs, 1);
    const borep_rows weights = {context.reals(w), outputs, outputs};
    for (const bool all : {true, false}) {
        std::vector<int32_t> order(rows);
        for (int i = 0; i < rows; i++) {
            order[i] = i;
        }
        const std::vector<int32_t> &taken = all ? order : chosen;
        const int count = static_cast<int>(taken.size());
        const size_t size = static_cast<size_t>(count) * outputs;
        const auto start = random.numbers(w.size(), 1), c = random.numbers(size, 1);
        const borep_rows out = {context.unwritten(size), outputs, outputs}, added = {context.reals(c), outputs, outputs},
                         cotangents = {context.reals(c), outputs, outputs},
                         gradient = {context.reals(start), outputs, outputs};
        const borep_address device_rows = all ? 0 : context.ints(taken);
        OK(borep_sparse_multiply(context, &a, device_rows, count, &weights, &out, 0));
        OK(borep_sparse_multiply(context, &a, device_rows, count, &weights, &added, 1));
        OK(borep_sparse_multiply_transposed(context, &a, context.ints(taken), count, &cotangents, &gradient));
        std::vector<double> expected(size), expected_sum(c.begin(), c.end()), expected_gradient(start.begin(), start.end());
        for (int b = 0; b < count; b++) {
            for (int j = 0; j < columns; j++) {
                for (int o = 0; o < outputs; o++) {
                    const size_t at = static_cast<size_t>(b) * outputs + o, of = static_cast<size_t>(j) * outputs + o;
                    expected[at] += matrix.dense[taken[b]][j] * w[of];
                    expected_sum[at] += matrix.dense[taken[b]][j] * w[of];
                    expected_gradient[of] += matrix.dense[taken[b]][j] * c[at];
                }
            }
        }
        const std::string name = std::string(all ? "all " : "chosen ") + std::to_string(rows) + " x " +
                                 std::to_string(columns) + " x " + std::to_string(outputs);
        expect_close(name + ": product", context.read(out.values, size), expected, TOLERANCE);
        expect_close(name + ": added product", context.read(added.values, size), expected_sum, TOLERANCE);
        expect_close(name + ": transposed", context.read(gradient.values, w.size()), expected_gradient, TOLERANCE);
    }
}

void refused() {
    const Context context;
    Random random(12);
    const borep_sparse a = Matrix(random, 3, 4, 2).on(context);
    const borep_rows w = {context.unwritten(4), 1, 1}, out = {context.unwritten(2), 1, 1}, wide = {context.unwritten(4), 2, 2};
    expect(borep_sparse_multiply(context, &a, 0, 0, &w, &wide, 0) == BOREP_BAD_ARGUMENT, "another width");
    expect(borep_sparse_multiply(context, nullptr, 0, 0, &w, &out, 0) == BOREP_BAD_ARGUMENT, "no matrix");
    expect(borep_sparse_multiply_transposed(context, &a, 0, 3, &out, &w) == BOREP_BAD_ARGUMENT, "transposed without rows");
    OK(borep_sparse_multiply(context, &a, context.ints({2, 3}), 2, &w, &out, 0));
    expect(borep_context_synchronise(context) == BOREP_BAD_DATA, "a row that is not there");
    expect(std::strstr(borep_last_error(), "3") != nullptr, "and says which");
    OK(borep_sparse_multiply_transposed(context, &a, context.ints({-1, 0}), 2, &out, &w));
    expect(borep_context_synchronise(context) == BOREP_BAD_DATA, "a negative row");
}

}  // namespace

int main() {
    products(1, 1, 1, 1);
    products(9, 70, 1, 3);       // one output, several warps of columns
    products(31, 17, 10, 9);     // outputs of two blocks
    products(12, 150, 33, 120);  // rows longer than a warp
    refused();
    return finish("sparse");
}
