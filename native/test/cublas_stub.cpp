/*
 * Plays cuBLAS on the host executor: computes what cublasGemmEx is asked for, in order with the stream, and counts. It is as strict
 * as the original is about leading dimensions, and forgets the workspace with every change of the stream as the original does.
 */
#include <cstdlib>

#include "kernels/device.h"

using namespace borep;

namespace {

enum : int { SUCCESS = 0, INVALID_VALUE = 7, INTERNAL_ERROR = 14 };

struct Handle {
    cudaStream_t stream = nullptr;
    void *workspace = nullptr;
};

int products = 0;

/** A matrix in columns, or its transpose. */
struct Matrix {
    const void *values;
    int type;
    int stride;
    bool transposed;
    bool tf32;

    double at(int row, int column) const {
        const size_t place = transposed ? static_cast<size_t>(row) * stride + column : static_cast<size_t>(column) * stride + row;
        if (type == 14) {
            return from_bits(static_cast<uint32_t>(static_cast<const uint16_t *>(values)[place]) << 16);
        }
        const float value = static_cast<const float *>(values)[place];
        return tf32 ? from_bits(to_tf32(value)) : value;
    }
};

}  // namespace

extern "C" {

#define EXPORT __attribute__((visibility("default")))

EXPORT int cublas_stub_products() {
    return products;
}

EXPORT int cublasCreate_v2(void **handle) {
    *handle = new Handle;
    return SUCCESS;
}

EXPORT int cublasDestroy_v2(void *handle) {
    delete static_cast<Handle *>(handle);
    return SUCCESS;
}

EXPORT int cublasGetVersion_v2(void *, int *version) {
    const char *text = std::getenv("CUBLAS_STUB_VERSION");
    *version = text == nullptr ? 130100 : std::atoi(text);
    return SUCCESS;
}

EXPORT int cublasSetStream_v2(void *handle, cudaStream_t stream) {
    *static_cast<Handle *>(handle) = {stream, nullptr};
    return SUCCESS;
}

EXPORT int cublasSetWorkspace_v2(void *handle, void *workspace, size_t bytes) {
    static_cast<Handle *>(handle)->workspace = workspace;
    return reinterpret_cast<uintptr_t>(workspace) % 256 == 0 && bytes > 0 ? SUCCESS : INVALID_VALUE;
}

EXPORT int cublasGemmEx(
    void *handle, int op_a, int op_b, int m, int n, int k, const void *alpha, const void *a, int a_type, int lda, const void *b,
    int b_type, int ldb, const void *beta, void *c, int c_type, int ldc, int compute, int algorithm) {
    const auto &own = *static_cast<Handle *>(handle);
    if (own.workspace == nullptr) {
        return INTERNAL_ERROR; // the original would allocate, which a graph must not
    }
    const bool types = (a_type == 0 || a_type == 14) && a_type == b_type && c_type == 0;
    const bool sizes = m > 0 && n > 0 && k > 0 && lda >= (op_a == 0 ? m : k) && ldb >= (op_b == 0 ? k : n) && ldc >= m;
    if (!types || !sizes || algorithm != -1 || (compute != 68 && compute != 77)) {
        return INVALID_VALUE;
    }
    products++;
    const Matrix left{a, a_type, lda, op_a != 0, compute == 77};
    const Matrix right{b, b_type, ldb, op_b != 0, compute == 77};
    const float by = *static_cast<const float *>(alpha);
    const float keep = *static_cast<const float *>(beta);
    simt::enqueue(own.stream, [=, out = static_cast<float *>(c)] {
        for (int j = 0; j < n; j++) {
            for (int i = 0; i < m; i++) {
                double sum = 0;
                for (int l = 0; l < k; l++) {
                    sum += left.at(i, l) * right.at(l, j);
                }
                float &place = out[static_cast<size_t>(j) * ldc + i];
                place = static_cast<float>(by * sum + (keep == 0 ? 0.0 : static_cast<double>(keep * place)));
            }
        }
    });
    return SUCCESS;
}
}
