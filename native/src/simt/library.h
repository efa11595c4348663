/* Libraries of users' kernels (user_kernel.h) on the host executor. Included by runtime.h. */
#pragma once

#include <dlfcn.h>

#include "simt/runtime.h"
#include "simt/user_kernel.h"

namespace borep::simt {

struct Kernel {
    std::string name;
    const UserKernel *user;
};

struct Library {
    explicit Library(void *handle) : handle(handle) {}
    Library(const Library &) = delete;
    Library &operator=(const Library &) = delete;
    ~Library() {
        dlclose(handle);
    }

    void *handle;
    std::deque<Kernel> kernels;
};

}  // namespace borep::simt

using cudaLibrary_t = borep::simt::Library *;
using cudaKernel_t = const borep::simt::Kernel *;
using cudaJitOption = int;
using cudaLibraryOption = int;

inline cudaError_t cudaLibraryLoadData(
    cudaLibrary_t *library, const void *path, cudaJitOption *, void **, unsigned, cudaLibraryOption *, void **, unsigned) {
    BOREP_SIMT_CALL();
    void *handle = dlopen(static_cast<const char *>(path), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        return borep::simt::report(cudaErrorInvalidKernelImage);
    }
    *library = new borep::simt::Library(handle);
    borep::simt::ledger.took(borep::simt::Kind::LIBRARY);
    return cudaSuccess;
}
inline cudaError_t cudaLibraryUnload(cudaLibrary_t library) {
    BOREP_SIMT_ALONE();
    delete library;
    borep::simt::ledger.gave_back(borep::simt::Kind::LIBRARY);
    return cudaSuccess;
}
inline cudaError_t cudaLibraryGetKernel(cudaKernel_t *kernel, cudaLibrary_t library, const char *name) {
    BOREP_SIMT_CALL();
    using Describe = const borep::simt::UserKernel *();
    const std::string symbol = std::string("borep_simt_kernel_") + name;
    auto *describe = reinterpret_cast<Describe *>(dlsym(library->handle, symbol.c_str()));
    if (describe == nullptr) {
        return borep::simt::report(cudaErrorSymbolNotFound);
    }
    library->kernels.push_back({name, describe()});
    *kernel = &library->kernels.back();
    return cudaSuccess;
}
struct cudaFuncAttributes {
    int maxThreadsPerBlock;
};
inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, const void *) {
    BOREP_SIMT_CALL();
    *attributes = {1024};
    return cudaSuccess;
}
inline cudaError_t cudaFuncGetParamInfo(const void *kernel, size_t place, size_t *offset, size_t *size) {
    const borep::simt::UserKernel &user = *static_cast<cudaKernel_t>(kernel)->user;
    if (place >= user.parameters) {
        return borep::simt::report(cudaErrorInvalidValue);
    }
    *offset = 0; // only hardware lays parameters out
    *size = user.sizes[place];
    return cudaSuccess;
}
inline cudaError_t cudaLaunchKernel(
    const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
    const auto &launched = *static_cast<cudaKernel_t>(kernel);
    borep::simt::launch_body(launched.name.c_str(), borep::simt::ONE_BLOCK, grid, block, shared, stream, launched.user->bind(arguments));
    return borep::simt::last_error;
}
