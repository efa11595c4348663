#include "kernels/cublas.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <type_traits>
#include <vector>

#include "kernels/staging.cuh"
#include "kernels/view.cuh"

namespace borep {
namespace {

/** Values of cuBLAS's and CUDA's enumerations, the same in 12 and 13. */
enum : int {
    SUCCESS = 0,
    OP_N = 0,
    OP_T = 1,
    TYPE_32F = 0,
    TYPE_16BF = 14,
    COMPUTE_32F = 68,
    COMPUTE_32F_FAST_TF32 = 77,
    ALGORITHM_DEFAULT = -1
};

constexpr int OLDEST = 120000;
constexpr int NEWER_THAN_KNOWN = 140000;

/** What NVIDIA recommends for Hopper. Given by us, because what cuBLAS allocates itself may not be part of a graph's loop. */
constexpr size_t WORKSPACE_BYTES = size_t{32} << 20;

constexpr int THREADS = 256;
constexpr int MOST_BLOCKS = 1 << 15;

/** C from a finished product [rows, columns]: what was there, biases, tanh. */
__global__ void __launch_bounds__(THREADS) finish_product(Count rows, int columns, const float *product, Result result) {
    const int n = blockIdx.x * THREADS + threadIdx.x;
    const int count = n < columns ? rows.get() : 0;
    for (int m = blockIdx.y; m < count; m += gridDim.y) {
        finish(result, m, n, product[static_cast<size_t>(m) * columns + n]);
    }
}

/** BOREP_CUBLAS, or the names under which the loader may know it. */
std::vector<std::string> candidates() {
    const char *path = std::getenv("BOREP_CUBLAS");
    if (path != nullptr && *path != '\0') {
        return {path};
    }
    return {"libcublas.so.13", "libcublas.so.12"};
}

/** A row-major matrix as cuBLAS takes it: columns of `stride` numbers. */
struct Matrix {
    const void *values;
    int stride;
};

}  // namespace

/** The functions that are used. A file that has them stays open for good: work that was enqueued may still need it. */
struct Cublas::Library {
    int (*create)(void **) = nullptr;
    int (*destroy)(void *) = nullptr;
    int (*version)(void *, int *) = nullptr;
    int (*set_stream)(void *, cudaStream_t) = nullptr;
    int (*set_workspace)(void *, void *, size_t) = nullptr;
    int (*gemm)(
        void *handle, int op_a, int op_b, int m, int n, int k, const void *alpha, const void *a, int a_type, int lda,
        const void *b, int b_type, int ldb, const void *beta, void *c, int c_type, int ldc, int compute, int algorithm) = nullptr;

    /** Opens a file; the reason if that is no library with these functions. */
    std::string open(const std::string &path) {
        void *file = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (file == nullptr) {
            return dlerror();
        }
        std::string missing;
        const auto find = [&](auto &function, const char *name) {
            function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(file, name));
            if (function == nullptr && missing.empty()) {
                missing = path + " has no " + name;
            }
        };
        find(create, "cublasCreate_v2");
        find(destroy, "cublasDestroy_v2");
        find(version, "cublasGetVersion_v2");
        find(set_stream, "cublasSetStream_v2");
        find(set_workspace, "cublasSetWorkspace_v2");
        find(gemm, "cublasGemmEx");
        if (!missing.empty()) {
            dlclose(file);
        }
        return missing;
    }
};

namespace {

void check(int status, const char *call) {
    if (status != SUCCESS) {
        throw Failure(BOREP_CUDA_ERROR, std::string("cuBLAS: status ") + std::to_string(status) + " of " + call);
    }
}

}  // namespace

Cublas::Cublas(borep_context &context) {
    std::string reasons;
    for (const std::string &path : candidates()) {
        auto library = std::make_unique<Library>();
        const std::string reason = library->open(path);
        if (reason.empty()) {
            library_ = std::move(library);
            text_ = path;
            break;
        }
        reasons += (reasons.empty() ? "" : "; ") + reason;
    }
    require(
        library_ != nullptr, "products by cuBLAS: " + reasons +
                                 "; install NVIDIA's cuBLAS 12 or 13, set BOREP_CUBLAS to its file, or take BOREP_GEMM=own");
    workspace_ = Memory(context, WORKSPACE_BYTES);
    check(library_->create(&handle_), "cublasCreate_v2");
    int version = 0;
    const int status = library_->version(handle_, &version);
    if (status != SUCCESS || version < OLDEST || version >= NEWER_THAN_KNOWN) {
        library_->destroy(handle_);
        throw Failure(
            BOREP_BAD_ARGUMENT, "products by cuBLAS: " + text_ + " is version " + std::to_string(version / 10000) + "." +
                                    std::to_string(version / 100 % 100) + "; 12 or 13 is needed");
    }
    text_ = "cuBLAS " + std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + " (" + text_ + ")";
}

Cublas::~Cublas() {
    library_->destroy(handle_);
}

/** A change of the stream takes cuBLAS back to a workspace of its own. */
void Cublas::use(cudaStream_t stream) {
    if (stream != stream_) {
        check(library_->set_stream(handle_, stream), "cublasSetStream_v2");
        check(library_->set_workspace(handle_, workspace_.as<void>(), WORKSPACE_BYTES), "cublasSetWorkspace_v2");
        stream_ = stream;
    }
}

bool Cublas::multiply(borep_context &context, const Product &product) {
    Product p = product;
    if (p.count.device == nullptr) {
        p.most = p.count.host;
    }
    if (p.ms() == 0 || p.ks() == 0) {
        return false;
    }
    const borep_precision precision = p.precision(context);
    const bool bf16 = precision == BOREP_BF16;
    const bool outer = p.form == Form::OUTER;
    Matrix a{p.a.values, p.a.stride};
    Matrix b{p.b.values, p.b.stride};
    if (bf16) {
        const auto [left, right] = stage<uint16_t>(context, p);
        a = {left.values, left.stride};
        b = {right.values, right.stride};
    } else if (p.a.map != nullptr || p.b.map != nullptr || (outer && p.count.device != nullptr)) {
        // rows past the count of OUTER must be zeros; of the other forms they only make rows that nobody takes
        const auto [left, right] = stage<float>(context, p);
        a = {left.values, left.stride};
        b = {right.values, right.stride};
    }
    const Result &r = p.result;
    const bool direct = (outer || p.count.device == nullptr) && r.bias == nullptr && r.bias2 == nullptr && !r.tanh && r.copy == nullptr;
    const size_t numbers = static_cast<size_t>(p.ms()) * p.columns;
    auto *c = direct ? r.values : static_cast<float *>(context.scratch(Scratch::SUMS, numbers * sizeof(float)));
    const float alpha = 1;
    const float beta = direct && r.accumulate ? 1 : 0;
    const int type = bf16 ? TYPE_16BF : TYPE_32F;
    const int compute = precision == BOREP_TF32 ? COMPUTE_32F_FAST_TF32 : COMPUTE_32F;
    use(context.stream());
    // its columns are our rows, so that Cᵀ = op(B)ᵀ op(A)ᵀ is asked for
    check(
        library_->gemm(
            handle_, p.form == Form::ROWS_TRANSPOSED ? OP_T : OP_N, outer ? OP_T : OP_N, p.columns, p.ms(), p.ks(), &alpha,
            b.values, type, b.stride, a.values, type, a.stride, &beta, c, TYPE_32F, direct ? r.stride : p.columns, compute,
            ALGORITHM_DEFAULT),
        "cublasGemmEx");
    if (!direct) {
        const Count rows = outer ? Count{nullptr, p.extent} : p.count;
        BOREP_RUN(
            context, finish_product, dim3(ceil_div(p.columns, THREADS), static_cast<unsigned>(std::min(p.ms(), MOST_BLOCKS))),
            THREADS, 0, rows, p.columns, c, r);
    }
    return true;
}

}  // namespace borep
