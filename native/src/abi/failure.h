/* The exception wall: inside, failures are exceptions; the C functions turn them into a status and a sentence. */
#pragma once

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "borep.h"
#include "kernels/device.h"

namespace borep {

struct Failure : std::exception {
    Failure(borep_status status, std::string text) : status(status), text(std::move(text)) {}
    const char *what() const noexcept override {
        return text.c_str();
    }
    borep_status status;
    std::string text;
};

/** Remembers the sentence for borep_last_error. */
borep_status fail(borep_status status, const char *text) noexcept;

/** The sentence and status for what CUDA reported at a statement. */
[[noreturn]] void throw_cuda(cudaError_t error, const char *statement, const char *file, int line);

inline void require(bool holds, const std::string &sentence) {
    if (!holds) {
        throw Failure(BOREP_BAD_ARGUMENT, sentence);
    }
}

/** Runs the body of an ABI function. */
template <class Body>
borep_status guarded(Body body) noexcept {
    try {
        body();
        return BOREP_OK;
    } catch (const Failure &failure) {
        return fail(failure.status, failure.what());
    } catch (const std::bad_alloc &) {
        return fail(BOREP_OUT_OF_MEMORY, "out of host memory");
    } catch (const std::exception &e) {
        return fail(BOREP_CUDA_ERROR, e.what());
    }
}

}  // namespace borep

#define BOREP_CUDA(statement)                                                   \
    do {                                                                        \
        const cudaError_t borep_error = (statement);                            \
        if (borep_error != cudaSuccess) {                                       \
            ::borep::throw_cuda(borep_error, #statement, __FILE__, __LINE__);   \
        }                                                                       \
    } while (0)
