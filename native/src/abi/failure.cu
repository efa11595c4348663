#include "abi/failure.h"

namespace borep {
namespace {

thread_local std::string last_error;

borep_status status_of(cudaError_t error) {
    switch (error) {
        case cudaErrorMemoryAllocation:
            return BOREP_OUT_OF_MEMORY;
        case cudaErrorInsufficientDriver:
            return BOREP_NO_DRIVER;
        case cudaErrorNoDevice:
        case cudaErrorInvalidDevice:
            return BOREP_NO_DEVICE;
        case cudaErrorNoKernelImageForDevice:
            return BOREP_WRONG_BUILD;
        default:
            return BOREP_CUDA_ERROR;
    }
}

}  // namespace

borep_status fail(borep_status status, const char *text) noexcept {
    try {
        last_error = text;
    } catch (...) {
        last_error.clear();
    }
    return status;
}

void throw_cuda(cudaError_t error, const char *statement, const char *file, int line) {
    const std::string path(file);
    const std::string name = path.substr(path.find_last_of('/') + 1);
    throw Failure(
        status_of(error), std::string(cudaGetErrorName(error)) + ": " + cudaGetErrorString(error) + " (" + statement +
                              ", " + name + ":" + std::to_string(line) + ")");
}

}  // namespace borep

int32_t borep_abi_version(void) {
    return BOREP_ABI_VERSION;
}

const char *borep_last_error(void) {
    return borep::last_error.c_str();
}
