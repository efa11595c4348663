/*
 * Times the matrix products of the sweeps through the C ABI, borep's own kernels beside those of warpgroups in TF32 and 3xTF32, and
 * beside cuBLAS, where these can be had: for each
 * layer what forward (P = X W_ihᵀ), the input's cotangent (X̄ = Ā W_hh, as wide as it is deep) and the weights' gradient
 * (W̄ += Āᵀ H) ask for. A product is recorded 10 times in a program and replayed, so that launches cost what they cost in a
 * solver's loop; the second-level cache is as warm as it is there. One JSON line each: median microseconds of a product, GFLOP/s,
 * and the largest difference from borep's own, relative to the largest number.
 *
 * usage: matmul_bench [tiny] [WORD...]      only what has all the words: lstm, rnn, a hidden size, a product, a precision
 */
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "borep.h"

namespace {

void ok(borep_status status, const char *call) {
    if (status != BOREP_OK) {
        std::fprintf(stderr, "matmul_bench: %s: %s\n", call, borep_last_error());
        std::exit(2);
    }
}
#define OK(call) ok((call), #call)

/** A recurrent layer and the rows of its batch, T · B. */
struct Layer {
    const char *cell;
    int batch;
    int gates;
    int input;
    int hidden;
    int rows;
};

struct Shape {
    const char *name;
    borep_form form;
    int m;
    int n;
    int k;
};

struct Precision {
    const char *name;
    borep_precision value;
};

class Operands {
   public:
    Operands(borep_context *context, const Shape &s) : context_(context), numbers_(static_cast<size_t>(s.m) * s.n) {
        const bool outer = s.form == BOREP_OUTER;
        product_.size = sizeof product_;
        product_.form = s.form;
        product_.a = outer ? matrix(s.k, s.m) : matrix(s.m, s.k);
        product_.b = s.form == BOREP_ROWS_TRANSPOSED ? matrix(s.n, s.k) : matrix(s.k, s.n);
        product_.c = matrix(s.m, s.n);
        product_.rows = outer ? s.k : s.m;
    }

    void multiply() const {
        OK(borep_multiply(context_, &product_));
    }
    std::vector<float> result() const {
        std::vector<float> values(numbers_);
        OK(borep_memory_read(context_, product_.c.values, values.data(), numbers_ * sizeof(float)));
        return values;
    }

   private:
    borep_rows matrix(int rows, int width) const {
        std::vector<float> values(static_cast<size_t>(rows) * width);
        for (size_t i = 0; i < values.size(); i++) {
            values[i] = static_cast<float>(i * 2654435761u % 1000) / 500.0f - 1.0f;
        }
        borep_address address = 0;
        OK(borep_memory_allocate(context_, values.size() * sizeof(float), &address));
        OK(borep_memory_write(context_, address, values.data(), values.size() * sizeof(float)));
        return {address, width, width};
    }

    borep_context *context_;
    size_t numbers_;
    borep_product product_{};
};

/** Micros of a product, and what it gave; the context is the caller's way to multiply. */
double measure(borep_context *context, const Operands &operands, int repetitions) {
    constexpr int PRODUCTS = 10;
    operands.multiply(); // makes its memory
    borep_program *program = nullptr;
    OK(borep_program_begin(context, nullptr));
    for (int i = 0; i < PRODUCTS; i++) {
        operands.multiply();
    }
    OK(borep_program_end(context, &program));
    constexpr double MOST_MICROS = 1e5;
    std::vector<double> micros;
    double sum = 0;
    for (int i = -3; i < repetitions && (i < 5 || sum < MOST_MICROS); i++) {
        const auto begin = std::chrono::steady_clock::now();
        OK(borep_program_run(program));
        OK(borep_context_synchronise(context));
        if (i >= 0) {
            micros.push_back(
                std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / PRODUCTS);
            sum += PRODUCTS * micros.back();
        }
    }
    std::sort(micros.begin(), micros.end());
    return micros[micros.size() / 2];
}

double difference(const std::vector<float> &a, const std::vector<float> &b) {
    double largest = 0;
    double scale = 1e-30;
    for (size_t i = 0; i < a.size(); i++) {
        const double d = std::fabs(static_cast<double>(a[i]) - b[i]);
        largest = std::isnan(d) ? HUGE_VAL : std::max(largest, d);
        scale = std::max(scale, std::fabs(static_cast<double>(b[i])));
    }
    return largest / scale;
}

void compare(const Layer &layer, const Shape &shape, const Precision &precision, int repetitions) {
    borep_context *context = nullptr;
    OK(borep_context_create(0, &context));
    if (borep_context_set_precision(context, precision.value) != BOREP_OK) {
        borep_context_destroy(context);
        return; // this device has no such cores
    }
    const Operands operands(context, shape);
    std::vector<float> own;
    for (const auto &[way, gemm] :
         {std::pair{"own", BOREP_GEMM_OWN}, std::pair{"warpgroups", BOREP_GEMM_WARPGROUPS}, std::pair{"cublas", BOREP_GEMM_CUBLAS}}) {
        if (gemm == BOREP_GEMM_WARPGROUPS && precision.value != BOREP_TF32 && precision.value != BOREP_3XTF32) {
            continue; // as own
        }
        if (borep_context_set_gemm(context, gemm) != BOREP_OK) {
            static std::set<std::string> told;
            if (told.insert(way).second) {
                std::fprintf(stderr, "matmul_bench: without %s: %s\n", way, borep_last_error());
            }
            continue;
        }
        const double micros = measure(context, operands, repetitions);
        std::printf(
            "{\"layer\":\"%s %d, B %d, T %d\",\"product\":\"%s\",\"m\":%d,\"n\":%d,\"k\":%d,\"precision\":\"%s\",\"way\":\"%s\","
            "\"medianMicros\":%.2f,\"gflops\":%.0f",
            layer.cell, layer.hidden, layer.batch, layer.rows / layer.batch, shape.name, shape.m, shape.n, shape.k, precision.name, way, micros,
            2.0 * shape.m * shape.n * shape.k / micros / 1e3);
        if (gemm == BOREP_GEMM_OWN) {
            own = operands.result();
        } else {
            std::printf(",\"difference\":%.1e", difference(operands.result(), own));
        }
        std::printf("}\n");
        std::fflush(stdout);
    }
    borep_context_destroy(context);
}

}  // namespace

int main(int count, char **arguments) {
    const bool tiny = count > 1 && std::strcmp(arguments[1], "tiny") == 0; // a look whether it runs, on whatever executes it
    const int repetitions = tiny ? 1 : 30;
    const std::vector<std::string> words(arguments + (tiny ? 2 : 1), arguments + count);
    std::vector<Layer> layers = {{"lstm", 20, 4, 300, 128, 1280},  {"lstm", 32, 4, 300, 512, 2048},
                                 {"lstm", 32, 4, 300, 1024, 2048}, {"rnn", 50, 1, 300, 2048, 3200},
                                 {"rnn", 20, 1, 300, 4096, 1280},  {"rnn", 512, 1, 300, 4096, 16384}};
    if (tiny) {
        layers = {{"lstm", 2, 4, 3, 5, 12}};
    }
    for (const Layer &layer : layers) {
        const int gates = layer.gates * layer.hidden;
        const Shape shapes[] = {
            {"input", BOREP_ROWS_TRANSPOSED, layer.rows, gates, layer.input},
            {"cotangent", BOREP_ROWS, layer.rows, layer.hidden, gates},
            {"gradient", BOREP_OUTER, gates, layer.hidden, layer.rows}};
        for (const Shape &shape : shapes) {
            for (const Precision &precision :
                 {Precision{"fp32", BOREP_FP32}, Precision{"3xtf32", BOREP_3XTF32}, Precision{"tf32", BOREP_TF32},
                  Precision{"bf16", BOREP_BF16}}) {
                const std::vector<std::string> names = {layer.cell, std::to_string(layer.hidden), shape.name, precision.name};
                if (std::all_of(words.begin(), words.end(), [&](const std::string &word) {
                        return std::find(names.begin(), names.end(), word) != names.end();
                    })) {
                    compare(layer, shape, precision, repetitions);
                }
            }
        }
    }
    return 0;
}
