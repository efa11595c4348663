/*
 * Products by cuBLAS beside borep's own: chosen and refused, directly and in a recorded program. On the host executor cuBLAS is
 * cublas_stub.cpp, which counts; on a GPU it is the true one, and without it the test says so and is skipped.
 */
#include <dlfcn.h>

#include <cstring>

#include "abi.h"

using namespace test;

namespace {

constexpr int SKIPPED = 77;
constexpr int ROWS = 21, WIDTH = 13, COLUMNS = 34, MOST = 26;

/** Products that the stub has been asked for; −1: the true cuBLAS does not count. */
int products_seen() {
    const char *path = std::getenv("BOREP_CUBLAS");
    void *library = path == nullptr ? nullptr : dlopen(path, RTLD_NOW);
    auto *count = library == nullptr ? nullptr : reinterpret_cast<int (*)()>(dlsym(library, "cublas_stub_products"));
    const int seen = count == nullptr ? -1 : count();
    if (library != nullptr) {
        dlclose(library);
    }
    return seen;
}

/** One product's operands; ragged: only the device knows the number of rows, and the rows are gathered. */
struct Operands {
    borep_product product{};
    std::vector<float> before;

    Operands(const Context &context, borep_form form, bool ragged) {
        Random random(11 + form);
        const bool outer = form == BOREP_OUTER;
        const auto rows = [&](int count, int width) {
            return borep_rows{context.reals(random.numbers(static_cast<size_t>(count) * (width + 3), 1)), width, width + 3};
        };
        before = random.numbers(static_cast<size_t>(MOST) * (COLUMNS + 3), 1);
        product.size = sizeof product;
        product.form = form;
        product.a = rows(MOST, WIDTH);
        product.b = form == BOREP_ROWS_TRANSPOSED ? rows(COLUMNS, WIDTH) : outer ? rows(MOST, COLUMNS) : rows(WIDTH, COLUMNS);
        product.c = {context.reals(before), COLUMNS, COLUMNS + 3};
        product.rows = ragged ? MOST : ROWS;
        product.accumulate = 1;
        if (ragged) {
            std::vector<int32_t> map(MOST, 1 << 30); // nobody may follow what lies past the count
            for (int r = 0; r < ROWS; r++) {
                map[r] = r == 4 ? -1 : ROWS - 1 - r;
            }
            product.count = context.ints({ROWS});
            product.a_map = context.ints(map);
        }
    }

    void reset(const Context &context) const {
        context.rewrite(product.c.values, before);
    }
    std::vector<float> result(const Context &context) const {
        return context.read(product.c.values, before.size());
    }
    std::vector<float> run(const Context &context, borep_gemm gemm) const {
        OK(borep_context_set_gemm(context, gemm));
        reset(context);
        OK(borep_multiply(context, &product));
        return result(context);
    }
};

std::vector<double> doubles(const std::vector<float> &values) {
    return {values.begin(), values.end()};
}

void agrees(borep_precision precision, double tolerance) {
    const Context context(precision);
    for (const borep_form form : {BOREP_ROWS_TRANSPOSED, BOREP_ROWS, BOREP_OUTER}) {
        for (const bool ragged : {false, true}) {
            const Operands operands(context, form, ragged);
            const int start = products_seen();
            const std::vector<float> own = operands.run(context, BOREP_GEMM_OWN);
            expect(products_seen() == start, "borep's own products ask cuBLAS for nothing");
            expect(operands.run(context, BOREP_GEMM_AUTO) == own && products_seen() == start, "auto is borep's own");
            const std::vector<float> theirs = operands.run(context, BOREP_GEMM_CUBLAS);
            expect(start < 0 || products_seen() == start + 1, "cuBLAS is asked once");
            const std::string name = "form " + std::to_string(form) + ", precision " + std::to_string(precision);
            expect_close(name + (ragged ? ", ragged" : ""), theirs, doubles(own), tolerance);
        }
    }
}

/** A recorded product stays cuBLAS's, whoever multiplies later, and also on another stream than it was opened with. */
void replays() {
    const Context context;
    const Operands operands(context, BOREP_ROWS, true);
    const std::vector<float> direct = operands.run(context, BOREP_GEMM_CUBLAS);
    borep_program *program = nullptr;
    OK(borep_program_begin(context, nullptr));
    OK(borep_multiply(context, &operands.product));
    expect(
        borep_context_set_gemm(context, BOREP_GEMM_OWN) == BOREP_BAD_ARGUMENT &&
            std::strcmp(borep_last_error(), "choice of who multiplies: not allowed while a program is recorded") == 0,
        "no choice while recording");
    OK(borep_program_end(context, &program));
    OK(borep_context_set_gemm(context, BOREP_GEMM_OWN));
    for (int i = 0; i < 2; i++) {
        operands.reset(context);
        OK(borep_program_run(program));
        expect(operands.result(context) == direct, "a replay gives a direct call's bits");
    }
}

void expect_refused(borep_status status, const std::string &words) {
    const std::string said = borep_last_error();
    expect(status == BOREP_BAD_ARGUMENT && said.find(words) != std::string::npos, "refusal '" + words + "', but: " + said);
}

/** Each with the environment that brings it about. */
void refusals(const std::string &library) {
    const Context context;
    expect_refused(borep_context_set_gemm(context, static_cast<borep_gemm>(4)), "gemm 4: must be 0 (auto), 1 (own), 2 (cuBLAS) or 3 (warpgroups)");
    setenv("BOREP_CUBLAS", "/nowhere/libcublas.so.13", 1);
    expect_refused(borep_context_set_gemm(context, BOREP_GEMM_CUBLAS), "products by cuBLAS: /nowhere/libcublas.so.13: cannot open");
    expect_refused(borep_context_set_gemm(context, BOREP_GEMM_CUBLAS), "set BOREP_CUBLAS to its file, or take BOREP_GEMM=own");
    setenv("BOREP_CUBLAS", "libm.so.6", 1);
    expect_refused(borep_context_set_gemm(context, BOREP_GEMM_CUBLAS), "libm.so.6 has no cublasCreate_v2");
    setenv("BOREP_GEMM", "cublas", 1);
    borep_context *other = nullptr;
    expect_refused(borep_context_create(0, &other), "products by cuBLAS: libm.so.6 has no cublasCreate_v2");
    setenv("BOREP_GEMM", "mine", 1);
    expect_refused(borep_context_create(0, &other), "BOREP_GEMM 'mine': must be auto, own, cublas or warpgroups");
    unsetenv("BOREP_GEMM");
    library.empty() ? unsetenv("BOREP_CUBLAS") : setenv("BOREP_CUBLAS", library.c_str(), 1);
    expect(description(context).find("cuBLAS") == std::string::npos, "what was refused is not used");
    if (products_seen() >= 0) {
        setenv("CUBLAS_STUB_VERSION", "110501", 1);
        expect_refused(borep_context_set_gemm(context, BOREP_GEMM_CUBLAS), "is version 11.5; 12 or 13 is needed");
        setenv("CUBLAS_STUB_VERSION", "120600", 1);
        OK(borep_context_set_gemm(context, BOREP_GEMM_CUBLAS));
        expect(description(context).find(", products by cuBLAS 12.6 (") != std::string::npos, "described: " + description(context));
    }
}

}  // namespace

int main() {
    const char *text = std::getenv("BOREP_CUBLAS");
    const std::string library = text == nullptr ? "" : text;
    {
        const Context context;
        expect(description(context).find("cuBLAS") == std::string::npos, "nobody has asked for cuBLAS yet");
        if (library.empty() && borep_context_set_gemm(context, BOREP_GEMM_CUBLAS) != BOREP_OK) {
            std::printf("skipped: %s\n", borep_last_error());
            return SKIPPED;
        }
    }
    // rounded operands: cuBLAS may cut off where borep rounds
    agrees(BOREP_FP32, 1e-6);
    agrees(BOREP_3XTF32, 2e-6);
    agrees(BOREP_TF32, 2e-3);
    agrees(BOREP_BF16, 1e-6);
    replays();
    refusals(library);
    return finish("cublas");
}
