#include "abi/failure.h"

#include <cstdio>

namespace borep {
namespace {

thread_local std::string last_error;

borep_status status_of(cudaError_t error) {
    switch (error) {
        case cudaErrorMemoryAllocation:
            return BOREP_OUT_OF_MEMORY;
        case cudaErrorInsufficientDriver:
        case cudaErrorStubLibrary:
        case cudaErrorSystemDriverMismatch:
            return BOREP_NO_DRIVER;
        case cudaErrorNoDevice:
        case cudaErrorInvalidDevice:
            return BOREP_NO_DEVICE;
        case cudaErrorNoKernelImageForDevice:
        case cudaErrorUnsupportedPtxVersion:
            return BOREP_WRONG_BUILD;
        default:
            return BOREP_CUDA_ERROR;
    }
}

/** What people can do about it, where that is known. */
const char *remedy(cudaError_t error) {
    switch (error) {
        case cudaErrorMemoryAllocation:
            return "; the GPU's memory is full: end other programs that use it, nvidia-smi lists them";
        case cudaErrorStubLibrary:
            return "; the toolkit's stub of libcuda.so.1 is in the way: take its folder out of LD_LIBRARY_PATH";
        case cudaErrorSystemDriverMismatch:
            return "; the driver has been updated: restart the machine";
        case cudaErrorDevicesUnavailable:
            return "; another program has the GPU for itself: wait for it or choose another one, cuda:N";
        case cudaErrorUnsupportedPtxVersion:
            return "; it was compiled by a CUDA newer than the driver: update the driver";
        default:
            return "";
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

std::string name_at(const char *names, size_t place) {
    const std::string all(names);
    size_t begin = 0;
    for (; place > 0; place--) {
        begin = all.find(',', begin) + 2;
    }
    return all.substr(begin, all.find(',', begin) - begin);
}

void write_line(const std::string &line, char *text, int32_t size) {
    require(size >= 1, "a text of " + std::to_string(size) + " bytes: must be at least 1");
    std::snprintf(text, static_cast<size_t>(size), "%s", line.c_str());
}

void throw_cuda(cudaError_t error, const char *statement, const char *file, int line) {
    cudaGetLastError(); // or the next launch would report it again
    const std::string path(file);
    const std::string name = path.substr(path.find_last_of('/') + 1);
    throw Failure(
        status_of(error), std::string(cudaGetErrorName(error)) + ": " + cudaGetErrorString(error) + " (" + statement +
                              ", " + name + ":" + std::to_string(line) + ")" +
                              remedy(error));
}

}  // namespace borep

int32_t borep_abi_version(void) {
    return BOREP_ABI_VERSION;
}

const char *borep_last_error(void) {
    return borep::last_error.c_str();
}
