/* The few calls of the CUDA runtime that borep uses, for kernels that run on the host. Streams run eagerly. */
#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "simt/simt.h"

#define CUDART_VERSION 13000

enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInsufficientDriver = 35,
    cudaErrorNoDevice = 100,
    cudaErrorInvalidDevice = 101,
    cudaErrorNoKernelImageForDevice = 209,
    cudaErrorStreamCaptureUnsupported = 900,
    cudaErrorLaunchFailure = 719
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeRelaxed = 2 };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
enum cudaDeviceAttr { cudaDevAttrMaxSharedMemoryPerBlockOptin = 97, cudaDevAttrMultiProcessorCount = 16 };
constexpr unsigned cudaStreamNonBlocking = 1;

struct cudaDeviceProp {
    char name[64];
    int major;
    int minor;
    int multiProcessorCount;
    size_t totalGlobalMem;
    size_t sharedMemPerBlockOptin;
};

namespace borep::simt {

using Node = std::function<void()>;

/** What a conditional node looks at. */
struct Condition {
    Condition(unsigned value, unsigned initial, bool assigned) : value(value), initial(initial), assigned(assigned) {}
    unsigned value;
    unsigned initial;
    /** Whether each launch begins with the initial value. */
    bool assigned;
};

struct Graph {
    std::vector<Node> nodes;
    std::vector<std::shared_ptr<Condition>> conditions;
};

/** What a conditional node runs. */
struct Body {
    Graph graph;
    Graph *out = &graph;
};

struct Stream {
    std::unique_ptr<Graph> recording;
};

/** The text of the last failed kernel. */
inline std::string failure;

inline void enqueue(Stream *stream, Node node) {
    if (stream->recording) {
        stream->recording->nodes.push_back(std::move(node));
    } else {
        node();
    }
}

template <class... Parameters, class... Arguments>
void launch(
    const char *name, bool cooperative, void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared,
    Stream *stream, Arguments... arguments) {
    enqueue(stream, [=, parameters = std::tuple<Parameters...>(Parameters(arguments)...)] {
        try {
            run_grid(name, grid, block, shared, cooperative, [&] { std::apply(kernel, parameters); });
        } catch (const std::exception &e) {
            failure = e.what();
        }
    });
}

}  // namespace borep::simt

using cudaStream_t = borep::simt::Stream *;
using cudaGraph_t = borep::simt::Graph *;
using cudaGraphExec_t = borep::simt::Graph *;

/** Device memory begins as NaN, so that a read of what nobody wrote shows. */
inline cudaError_t cudaMalloc(void **address, size_t bytes) {
    *address = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
    if (*address == nullptr) {
        return cudaErrorMemoryAllocation;
    }
    std::memset(*address, 0xFF, bytes);
    return cudaSuccess;
}
inline cudaError_t cudaFree(void *address) {
    std::free(address);
    return cudaSuccess;
}
constexpr unsigned cudaHostAllocMapped = 2;
inline cudaError_t cudaHostAlloc(void **address, size_t bytes, unsigned) {
    return cudaMalloc(address, bytes);
}
inline cudaError_t cudaFreeHost(void *address) {
    return cudaFree(address);
}
inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
    borep::simt::enqueue(stream, [=] { std::memcpy(to, from, bytes); });
    return cudaSuccess;
}
inline cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream) {
    borep::simt::enqueue(stream, [=] { std::memset(to, value, bytes); });
    return cudaSuccess;
}
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned) {
    *stream = new borep::simt::Stream;
    return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    delete stream;
    return cudaSuccess;
}
inline cudaError_t cudaGetLastError() {
    return borep::simt::failure.empty() ? cudaSuccess : cudaErrorLaunchFailure;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t) {
    return cudaGetLastError();
}
inline cudaError_t cudaGetDeviceCount(int *count) {
    *count = 1;
    return cudaSuccess;
}
inline cudaError_t cudaSetDevice(int device) {
    return device == 0 ? cudaSuccess : cudaErrorInvalidDevice;
}
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int) {
    *properties = {"CUDA kernels run on the host", 9, 0, 8, size_t{1} << 33, 227 << 10};
    return cudaSuccess;
}
/** As new as the header, or what BOREP_SIMT_DRIVER says, for example 12020. */
inline cudaError_t cudaDriverGetVersion(int *version) {
    const char *text = std::getenv("BOREP_SIMT_DRIVER");
    *version = text == nullptr ? CUDART_VERSION : static_cast<int>(std::strtol(text, nullptr, 10));
    return cudaSuccess;
}
template <class Kernel>
cudaError_t cudaFuncSetAttribute(Kernel, cudaFuncAttribute, int) {
    return cudaSuccess;
}
template <class Kernel>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, Kernel, int, size_t) {
    *blocks = 2;
    return cudaSuccess;
}
inline const char *cudaGetErrorName(cudaError_t) {
    return "failed";
}
inline const char *cudaGetErrorString(cudaError_t) {
    return borep::simt::failure.c_str();
}

#include "simt/graph.h"
