/*
 * The one header of every kernel file: nvcc's CUDA, or the same language run on the host (BOREP_SIMT). Rules that keep both
 * possible: launch with BOREP_LAUNCH, take shared memory from shared_memory(), wait for memory with spin_while, order it by barriers,
 * add_release and load_acquire or words of a cluster, reduce with the helpers below, block sizes that are multiples of 32.
 */
#pragma once

#if defined(BOREP_SIMT)

#include "simt/runtime.h"

#define BOREP_LAUNCH(kernel, grid, block, shared, stream, ...) \
    ::borep::simt::launch(#kernel, ::borep::simt::ONE_BLOCK, kernel, grid, block, shared, stream, __VA_ARGS__)
#define BOREP_LAUNCH_COOPERATIVE(kernel, grid, block, shared, stream, ...) \
    ::borep::simt::launch(#kernel, ::borep::simt::ALL_BLOCKS, kernel, grid, block, shared, stream, __VA_ARGS__)
#define BOREP_LAUNCH_CLUSTERS(kernel, cluster, grid, block, shared, stream, ...) \
    ::borep::simt::launch(#kernel, cluster, kernel, grid, block, shared, stream, __VA_ARGS__)

#else

#include <cuda_runtime.h>

#include <cstdint>
#include <tuple>

#define BOREP_LAUNCH(kernel, grid, block, shared, stream, ...) kernel<<<grid, block, shared, stream>>>(__VA_ARGS__)
#define BOREP_LAUNCH_COOPERATIVE(kernel, grid, block, shared, stream, ...) \
    ::borep::launch_cooperative(kernel, grid, block, shared, stream, __VA_ARGS__)
#define BOREP_LAUNCH_CLUSTERS(kernel, cluster, grid, block, shared, stream, ...) \
    ::borep::launch_clusters(kernel, cluster, grid, block, shared, stream, __VA_ARGS__)

#endif

namespace borep {

constexpr unsigned WARP = 32;
constexpr unsigned ALL_LANES = 0xFFFFFFFFu;

/** Four numbers that are read at once. */
struct alignas(16) Quad {
    float at[4];
};

#if defined(BOREP_SIMT)

/** The block's dynamic shared memory. */
template <class T>
T *shared_memory() {
    return reinterpret_cast<T *>(simt::shared_bytes());
}

/** Waits while a condition on memory that other blocks write holds. */
template <class Condition>
void spin_while(Condition condition) {
    while (condition()) {
        simt::yield_spinning();
    }
    simt::end_spinning();
}

/** Combines a value of every lane by a butterfly, so that all lanes get the same bits. */
template <class T, class Operation>
T warp_reduce(T value, Operation operation) {
    static_assert(sizeof(T) <= 32);
    const simt::Exchange exchange = simt::next_exchange();
    std::memcpy(exchange.slots[exchange.lane], &value, sizeof(T));
    simt::exchange_barrier();
    T values[WARP];
    for (unsigned lane = 0; lane < WARP; lane++) {
        std::memcpy(&values[lane], exchange.slots[lane], sizeof(T));
    }
    for (unsigned distance = WARP / 2; distance > 0; distance /= 2) {
        for (unsigned lane = 0; lane < distance; lane++) {
            values[lane] = operation(values[lane], values[lane + distance]);
        }
    }
    return values[0];
}

/** The value of the lane whose number differs in the bits of `mask`. */
inline float lane_xor(float value, unsigned mask) {
    const simt::Exchange exchange = simt::next_exchange();
    std::memcpy(exchange.slots[exchange.lane], &value, sizeof value);
    simt::exchange_barrier();
    float other;
    std::memcpy(&other, exchange.slots[exchange.lane ^ mask], sizeof other);
    return other;
}

/** The same value, but the compiler does not know: what a loop computes from it is computed in the loop, and not kept. */
inline float unknown(float value) {
    return value;
}

/** What has been read from memory before is read again after this, and not kept in registers in between. */
inline void read_again() {}

/** Asks that memory which will be read come into the second-level cache. */
inline void prefetch(const void *) {}

using simt::add_release;
using simt::load_acquire;

/** Clusters of so many blocks that the device runs at once. */
template <class Kernel>
cudaError_t resident_clusters(int *clusters, Kernel, unsigned cluster, unsigned, size_t) {
    *clusters = simt::resident_blocks() * simt::MULTIPROCESSORS / static_cast<int>(cluster);
    return cudaSuccess;
}

#else

template <class T>
__device__ __forceinline__ T *shared_memory() {
    extern __shared__ __align__(16) unsigned char borep_shared_memory[];
    return reinterpret_cast<T *>(borep_shared_memory);
}

template <class Condition>
__device__ __forceinline__ void spin_while(Condition condition) {
    while (condition()) {
    }
}

template <class T, class Operation>
__device__ __forceinline__ T warp_reduce(T value, Operation operation) {
    for (unsigned distance = WARP / 2; distance > 0; distance /= 2) {
        value = operation(value, __shfl_xor_sync(ALL_LANES, value, distance));
    }
    return value;
}

__device__ __forceinline__ float lane_xor(float value, unsigned mask) {
    return __shfl_xor_sync(ALL_LANES, value, mask);
}

__device__ __forceinline__ float unknown(float value) {
    asm volatile("" : "+f"(value));
    return value;
}

__device__ __forceinline__ void read_again() {
    asm volatile("" ::: "memory");
}

__device__ __forceinline__ void prefetch(const void *address) {
    asm volatile("prefetch.global.L2 [%0];" ::"l"(address));
}

__device__ __forceinline__ void add_release(unsigned *address, unsigned value) {
#if __CUDA_ARCH__ >= 700
    asm volatile("red.release.gpu.global.add.u32 [%0], %1;" ::"l"(address), "r"(value) : "memory");
#endif
}

__device__ __forceinline__ unsigned load_acquire(const unsigned *address) {
    unsigned value = 0;
#if __CUDA_ARCH__ >= 700
    asm volatile("ld.acquire.gpu.u32 %0, [%1];" : "=r"(value) : "l"(address) : "memory");
#endif
    return value;
}

/** A launch whose blocks are all resident at once, so that they may wait for each other. */
template <class... Parameters, class... Arguments>
cudaError_t launch_cooperative(
    void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared, cudaStream_t stream, Arguments... arguments) {
    std::tuple<Parameters...> parameters{Parameters(arguments)...};
    return std::apply(
        [&](auto &...parameter) {
            void *pointers[] = {const_cast<void *>(static_cast<const void *>(&parameter))...};
            return cudaLaunchCooperativeKernel(reinterpret_cast<const void *>(kernel), grid, block, pointers, shared, stream);
        },
        parameters);
}

/** How blocks are launched in clusters of so many along x; valid while the attribute lives. */
inline cudaLaunchConfig_t clusters_of(
    cudaLaunchAttribute &attribute, unsigned cluster, dim3 grid, dim3 block, size_t shared, cudaStream_t stream) {
    attribute.id = cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim = {cluster, 1, 1};
    return {grid, block, shared, stream, &attribute, 1};
}

/** A launch whose blocks run together in clusters, and reach each other's shared memory there (cluster.cuh). */
template <class... Parameters, class... Arguments>
cudaError_t launch_clusters(
    void (*kernel)(Parameters...), unsigned cluster, dim3 grid, dim3 block, size_t shared, cudaStream_t stream,
    Arguments... arguments) {
    cudaLaunchAttribute attribute{};
    const cudaLaunchConfig_t config = clusters_of(attribute, cluster, grid, block, shared, stream);
    return cudaLaunchKernelEx(&config, kernel, Parameters(arguments)...);
}

/** Clusters of so many blocks that the device runs at once. */
template <class... Parameters>
cudaError_t resident_clusters(
    int *clusters, void (*kernel)(Parameters...), unsigned cluster, unsigned threads, size_t shared) {
    cudaLaunchAttribute attribute{};
    const cudaLaunchConfig_t config = clusters_of(attribute, cluster, cluster, threads, shared, nullptr);
    return cudaOccupancyMaxActiveClusters(clusters, kernel, &config);
}

/** A kernel as the first node of a graph. */
template <class... Parameters, class... Arguments>
cudaError_t add_kernel(
    cudaGraphNode_t *added, cudaGraph_t graph, void (*kernel)(Parameters...), dim3 grid, dim3 block,
    Arguments... arguments) {
    std::tuple<Parameters...> parameters{Parameters(arguments)...};
    return std::apply(
        [&](auto &...parameter) {
            void *pointers[] = {const_cast<void *>(static_cast<const void *>(&parameter))...};
            const cudaKernelNodeParams node = {reinterpret_cast<void *>(kernel), grid, block, 0, pointers, nullptr};
            return cudaGraphAddKernelNode(added, graph, nullptr, 0, &node);
        },
        parameters);
}

#endif

struct Sum {
    template <class T>
    __device__ T operator()(T a, T b) const {
        return a + b;
    }
};

/**
 * The sum over a block of a value of each thread, in an order that depends on the block's size alone; all threads get it.
 * `scratch` is shared memory for one value of each warp; it may be used again after the next __syncthreads().
 */
template <class T>
__device__ __forceinline__ T block_sum(T value, T *scratch) {
    const T warp = warp_reduce(value, Sum());
    if (threadIdx.x % WARP == 0) {
        scratch[threadIdx.x / WARP] = warp;
    }
    __syncthreads();
    T sum = 0;
    for (unsigned w = 0; w < blockDim.x / WARP; w++) {
        sum += scratch[w];
    }
    return sum;
}

}  // namespace borep

#include "kernels/copy_async.h"
#include "kernels/tensor_core.h"
