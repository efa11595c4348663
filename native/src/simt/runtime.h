/*
 * The few calls of the CUDA runtime that borep uses, for kernels that run on the host. Streams run at once, or, with
 * BOREP_SIMT_STREAMS=late, as late as the calls allow: work waits for somebody who waits for it, and a stream that nobody ordered
 * after another one does not see its work.
 */
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <vector>

#include "simt/ledger.h"
#include "simt/races.h"
#include "simt/simt.h"

#define CUDART_VERSION 13000

enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInvalidConfiguration = 9,
    cudaErrorStubLibrary = 34,
    cudaErrorInsufficientDriver = 35,
    cudaErrorDevicesUnavailable = 46,
    cudaErrorNoDevice = 100,
    cudaErrorInvalidDevice = 101,
    cudaErrorInvalidKernelImage = 200,
    cudaErrorNoKernelImageForDevice = 209,
    cudaErrorUnsupportedPtxVersion = 222,
    cudaErrorSymbolNotFound = 500,
    cudaErrorLaunchFailure = 719,
    cudaErrorCooperativeLaunchTooLarge = 720,
    cudaErrorSystemDriverMismatch = 803,
    cudaErrorStreamCaptureUnsupported = 900
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
    /** Work to come, of late streams alone. */
    std::deque<Node> waiting;
    /** Work begun so far. */
    uint64_t begun = 0;
};

/** A moment of a stream. */
struct Event {
    Stream *stream = nullptr;
    uint64_t moment = 0;
};

/** The text of the last failed kernel. */
inline std::string failure;

constexpr int MULTIPROCESSORS = 8;

constexpr unsigned MOST_BLOCKS_OF_A_CLUSTER = 8;

/** Blocks that a multiprocessor holds: 2, or what BOREP_SIMT_BLOCKS says. */
inline int resident_blocks() {
    static const char *text = std::getenv("BOREP_SIMT_BLOCKS");
    static const int blocks = text == nullptr ? 2 : std::atoi(text);
    return blocks;
}

/** Threads may have contexts of their own: one call of the runtime at a time. */
inline std::recursive_mutex one_call;

/** What the thread's cudaGetLastError shall report. */
inline thread_local cudaError_t last_error = cudaSuccess;

/** A call reports an error; the next cudaGetLastError does so again, once. */
inline cudaError_t report(cudaError_t error) {
    return last_error = error;
}

/** A kernel that failed spoils all that follows. */
inline cudaError_t kernel_error() {
    return failure.empty() ? cudaSuccess : cudaErrorLaunchFailure;
}

/** Every stream there is. */
inline std::set<Stream *> streams;

inline bool is_late() {
    static const bool late = [] {
        const char *text = std::getenv("BOREP_SIMT_STREAMS");
        return text != nullptr && std::string(text) == "late";
    }();
    return late;
}

inline void enqueue(Stream *stream, Node node) {
    if (stream->recording) {
        stream->recording->nodes.push_back(std::move(node));
    } else if (is_late()) {
        stream->waiting.push_back(std::move(node));
    } else {
        node();
    }
}

/** Runs a stream's work up to a moment. */
inline void catch_up(Stream &stream, uint64_t moment) {
    while (stream.begun < moment && !stream.waiting.empty()) {
        const Node next = std::move(stream.waiting.front());
        stream.waiting.pop_front();
        stream.begun++;
        next();
    }
}

inline void finish(Stream &stream) {
    catch_up(stream, stream.begun + stream.waiting.size());
}

/** Shared memory of a block: what a kernel gets unasked, and what it may ask for. */
constexpr size_t SHARED_UNASKED = 48 << 10;
constexpr size_t SHARED_MOST = 227 << 10;

/** What each kernel has asked for: one number for all who launch it. */
inline std::map<const void *, size_t> shared_limits;

inline size_t shared_limit(const void *kernel) {
    const auto asked = shared_limits.find(kernel);
    return std::max(SHARED_UNASKED, asked == shared_limits.end() ? 0 : asked->second);
}

inline bool is_launchable(dim3 grid, dim3 block) {
    constexpr unsigned MOST_BLOCKS = 65535; // along y and z; along x more than any test has
    const unsigned threads = block.x * block.y * block.z;
    return grid.x > 0 && grid.x <= INT32_MAX && grid.y > 0 && grid.z > 0 && grid.y <= MOST_BLOCKS && grid.z <= MOST_BLOCKS && threads > 0 &&
           threads <= 1024;
}

/** Enqueues a grid whose threads do `body`. */
template <class Body>
void launch_body(
    const char *name, unsigned together, dim3 grid, dim3 block, size_t shared, Stream *stream, Body body) {
    const std::lock_guard<std::recursive_mutex> alone(one_call);
    if (ledger.refuses("launch")) {
        report(static_cast<cudaError_t>(ledger.error));
        return;
    }
    const unsigned blocks = grid.x * grid.y * grid.z;
    if (!is_launchable(grid, block) || together > MOST_BLOCKS_OF_A_CLUSTER || (together != ALL_BLOCKS && blocks % together != 0)) {
        report(cudaErrorInvalidConfiguration);
        return;
    }
    if (together == ALL_BLOCKS && blocks > static_cast<unsigned>(resident_blocks() * MULTIPROCESSORS)) {
        report(cudaErrorCooperativeLaunchTooLarge);
        return;
    }
    enqueue(stream, [=] {
        try {
            run_grid(name, grid, block, shared, together, body);
        } catch (const std::exception &e) {
            failure = e.what();
        }
    });
}

template <class... Parameters, class... Arguments>
void launch(
    const char *name, unsigned together, void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared,
    Stream *stream, Arguments... arguments) {
    const std::lock_guard<std::recursive_mutex> alone(one_call);
    if (shared > shared_limit(reinterpret_cast<const void *>(kernel))) {
        report(cudaErrorInvalidValue);
        return;
    }
    const std::tuple<Parameters...> parameters{Parameters(arguments)...};
    launch_body(name, together, grid, block, shared, stream, [=] { std::apply(kernel, parameters); });
}

}  // namespace borep::simt

/** From here to its end a function has the runtime for itself. */
#define BOREP_SIMT_ALONE() const std::lock_guard<std::recursive_mutex> borep_alone(::borep::simt::one_call)

/** Where a call of the runtime fails if a test has ordered it. */
#define BOREP_SIMT_CALL()                                                                              \
    BOREP_SIMT_ALONE();                                                                                \
    do {                                                                                               \
        if (::borep::simt::ledger.refuses(__func__)) {                                                 \
            return ::borep::simt::report(static_cast<cudaError_t>(::borep::simt::ledger.error));       \
        }                                                                                              \
    } while (0)

using cudaStream_t = borep::simt::Stream *;
using cudaEvent_t = borep::simt::Event *;
using cudaGraph_t = borep::simt::Graph *;
using cudaGraphExec_t = borep::simt::Graph *;

namespace borep::simt {

/** Memory begins as NaN, so that a read of what nobody wrote shows. */
inline cudaError_t take(void **address, size_t bytes, Kind kind) {
    try {
        *address = take_memory(bytes, Space::GLOBAL);
    } catch (const std::bad_alloc &) {
        return report(cudaErrorMemoryAllocation);
    }
    ledger.took(kind);
    std::memset(*address, 0xFF, bytes);
    return cudaSuccess;
}
inline void give_back(void *address, Kind kind) {
    for (Stream *stream : streams) { // what is enqueued may use it
        finish(*stream);
    }
    give_back_memory(address);
    ledger.gave_back(kind);
}

}  // namespace borep::simt

inline cudaError_t cudaMalloc(void **address, size_t bytes) {
    BOREP_SIMT_CALL();
    return borep::simt::take(address, bytes, borep::simt::Kind::MEMORY);
}
inline cudaError_t cudaFree(void *address) {
    BOREP_SIMT_ALONE();
    borep::simt::give_back(address, borep::simt::Kind::MEMORY);
    return cudaSuccess;
}
constexpr unsigned cudaHostAllocMapped = 2;
inline cudaError_t cudaHostAlloc(void **address, size_t bytes, unsigned) {
    BOREP_SIMT_CALL();
    return borep::simt::take(address, bytes, borep::simt::Kind::PINNED);
}
inline cudaError_t cudaFreeHost(void *address) {
    BOREP_SIMT_ALONE();
    borep::simt::give_back(address, borep::simt::Kind::PINNED);
    return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
    BOREP_SIMT_CALL();
    if (kind == cudaMemcpyHostToDevice) { // ordinary host memory may be reused at once
        const auto *first = static_cast<const unsigned char *>(from);
        const std::vector<unsigned char> copy(first, first + bytes);
        borep::simt::enqueue(stream, [=] { std::memcpy(to, copy.data(), bytes); });
    } else {
        borep::simt::enqueue(stream, [=] { std::memcpy(to, from, bytes); });
    }
    return cudaSuccess;
}
template <class Symbol>
cudaError_t cudaMemcpyFromSymbol(void *to, const Symbol &symbol, size_t bytes) {
    BOREP_SIMT_CALL();
    std::memcpy(to, &symbol, bytes);
    return cudaSuccess;
}
inline cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream) {
    BOREP_SIMT_CALL();
    borep::simt::enqueue(stream, [=] { std::memset(to, value, bytes); });
    return cudaSuccess;
}
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned) {
    BOREP_SIMT_CALL();
    *stream = new borep::simt::Stream;
    borep::simt::streams.insert(*stream);
    borep::simt::ledger.took(borep::simt::Kind::STREAM);
    return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    BOREP_SIMT_ALONE();
    borep::simt::finish(*stream);
    borep::simt::streams.erase(stream);
    delete stream;
    borep::simt::ledger.gave_back(borep::simt::Kind::STREAM);
    return cudaSuccess;
}
constexpr unsigned cudaEventDisableTiming = 2;
inline cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned) {
    BOREP_SIMT_CALL();
    *event = new borep::simt::Event;
    borep::simt::ledger.took(borep::simt::Kind::EVENT);
    return cudaSuccess;
}
inline cudaError_t cudaEventDestroy(cudaEvent_t event) {
    BOREP_SIMT_ALONE();
    delete event;
    borep::simt::ledger.gave_back(borep::simt::Kind::EVENT);
    return cudaSuccess;
}
inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    BOREP_SIMT_CALL();
    *event = {stream, stream->begun + stream->waiting.size()};
    return cudaSuccess;
}
inline cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
    BOREP_SIMT_CALL();
    borep::simt::enqueue(stream, [moment = *event] {
        if (borep::simt::streams.count(moment.stream) != 0) { // one that is gone has finished
            borep::simt::catch_up(*moment.stream, moment.moment);
        }
    });
    return cudaSuccess;
}
inline cudaError_t cudaGetLastError() {
    BOREP_SIMT_ALONE();
    const cudaError_t error = std::exchange(borep::simt::last_error, cudaSuccess);
    return error != cudaSuccess ? error : borep::simt::kernel_error();
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    BOREP_SIMT_CALL();
    borep::simt::finish(*stream);
    return borep::simt::kernel_error();
}
inline cudaError_t cudaGetDeviceCount(int *count) {
    BOREP_SIMT_CALL();
    *count = 1;
    return cudaSuccess;
}
inline cudaError_t cudaSetDevice(int device) {
    BOREP_SIMT_CALL();
    return device == 0 ? cudaSuccess : borep::simt::report(cudaErrorInvalidDevice);
}
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int) {
    BOREP_SIMT_CALL();
    *properties = {"CUDA kernels run on the host", 9, 0, borep::simt::MULTIPROCESSORS, size_t{1} << 33, borep::simt::SHARED_MOST};
    return cudaSuccess;
}
/** As new as the header, or what BOREP_SIMT_DRIVER says, for example 12020. */
inline cudaError_t cudaDriverGetVersion(int *version) {
    const char *text = std::getenv("BOREP_SIMT_DRIVER");
    *version = text == nullptr ? CUDART_VERSION : static_cast<int>(std::strtol(text, nullptr, 10));
    return cudaSuccess;
}
template <class Kernel>
cudaError_t cudaFuncSetAttribute(Kernel kernel, cudaFuncAttribute, int bytes) {
    BOREP_SIMT_ALONE();
    if (bytes < 0 || static_cast<size_t>(bytes) > borep::simt::SHARED_MOST) {
        return borep::simt::report(cudaErrorInvalidValue);
    }
    borep::simt::shared_limits[reinterpret_cast<const void *>(kernel)] = static_cast<size_t>(bytes);
    return cudaSuccess;
}
template <class Kernel>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, Kernel, int, size_t) {
    *blocks = borep::simt::resident_blocks();
    return cudaSuccess;
}
inline const char *cudaGetErrorName(cudaError_t error) {
    switch (error) {
        case cudaErrorInvalidValue:
            return "cudaErrorInvalidValue";
        case cudaErrorInvalidConfiguration:
            return "cudaErrorInvalidConfiguration";
        case cudaErrorMemoryAllocation:
            return "cudaErrorMemoryAllocation";
        case cudaErrorLaunchFailure:
            return "cudaErrorLaunchFailure";
        case cudaErrorCooperativeLaunchTooLarge:
            return "cudaErrorCooperativeLaunchTooLarge";
        default:
            return "cudaError";
    }
}
inline const char *cudaGetErrorString(cudaError_t error) {
    static thread_local std::string text;
    text = error == cudaErrorLaunchFailure              ? borep::simt::failure
           : error == cudaErrorCooperativeLaunchTooLarge ? "too many blocks in cooperative launch"
                                                         : "error number " + std::to_string(error);
    return text.c_str();
}

#include "simt/graph.h"
#include "simt/library.h"
