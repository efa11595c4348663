/*
 * What the chip can do at most, measured with the building blocks of the kernels: what the numbers of the other benchmarks are to be
 * held against. One JSON line each:
 *
 *   barrier     one meeting of some blocks (grid_barrier.cuh)                                      micros
 *   broadcast   all blocks read the same states from L2 to shared memory, as a step does           GB/s of all blocks together
 *   read        all blocks read a buffer that fits L2, or does not                                 GB/s
 *   copy        device memory, bytes read and written                                              GB/s
 *   ffma, tf32  multiply-adds of float32, and of mma.sync with TF32 operands                       GFLOP/s
 *
 * usage: ceilings [tiny]
 */
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/grid_barrier.cuh"

using namespace borep;

namespace {

constexpr int THREADS = 256;
constexpr int SUMS = 8;

void require(cudaError_t error, const char *what) {
    if (error != cudaSuccess) {
        std::fprintf(stderr, "ceilings: %s: %s\n", what, cudaGetErrorString(error));
        std::exit(2);
    }
}

__global__ void meet(unsigned *arrivals, int meetings) {
    const GridBarrier all{arrivals, static_cast<int>(gridDim.x)};
    for (int meeting = 1; meeting <= meetings; meeting++) {
        all.arrive();
        all.wait(meeting);
    }
}

__global__ void broadcast(const float *states, int floats, int times) {
    float *chunk = shared_memory<float>();
    for (int t = 0; t < times; t++) {
        for (int i = 4 * threadIdx.x; i < floats; i += 4 * THREADS) {
            copy_async<16>(chunk + i, states + i, 16);
        }
        commit_copies();
        wait_copies<0>();
        __syncthreads();
    }
}

/** A block reads another part of the buffer each time, so that the first-level cache holds none of it. */
__global__ void read(const Quad *values, int count, int times, float *out) {
    const int part = count / gridDim.x;
    float sum = 0;
    for (int t = 0; t < times; t++) {
        const Quad *from = values + static_cast<size_t>((blockIdx.x + t) % gridDim.x) * part;
#pragma unroll 8
        for (int i = threadIdx.x; i < part; i += THREADS) {
            const Quad value = from[i];
            sum += value.at[0] + value.at[1] + value.at[2] + value.at[3];
        }
    }
    out[blockIdx.x * THREADS + threadIdx.x] = sum;
}

__global__ void ffma(float *out, int times) {
    float sums[SUMS] = {};
    const float x = out[threadIdx.x];
    for (int t = 0; t < times; t++) {
#pragma unroll
        for (int i = 0; i < 64; i++) {
            sums[i % SUMS] = sums[i % SUMS] * x + 1.0f;
        }
    }
    float sum = 0;
    for (int i = 0; i < SUMS; i++) {
        sum += sums[i];
    }
    out[blockIdx.x * THREADS + threadIdx.x] = sum;
}

__global__ void tf32(float *out, int times) {
    float sums[SUMS][4] = {};
    const uint32_t x = to_tf32(out[threadIdx.x]);
    const uint32_t a[4] = {x, x, x, x};
    const uint32_t b[2] = {x, x};
    for (int t = 0; t < times; t++) {
#pragma unroll
        for (int i = 0; i < SUMS; i++) {
            multiply_tf32(sums[i], a, b);
        }
    }
    float sum = 0;
    for (int i = 0; i < SUMS; i++) {
        sum += sums[i][0] + sums[i][1] + sums[i][2] + sums[i][3];
    }
    out[blockIdx.x * THREADS + threadIdx.x] = sum;
}

class Bench {
   public:
    explicit Bench(bool tiny) : tiny_(tiny) {
        require(cudaGetDeviceProperties(&properties_, 0), "properties");
        require(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "stream");
        bytes_ = tiny ? 1 << 16 : 512 << 20;
        for (void **buffer : {&from_, &to_}) {
            require(cudaMalloc(buffer, bytes_), "memory");
            require(cudaMemsetAsync(*buffer, 0x3F, bytes_, stream_), "memset"); // 0x3F3F3F3F is 0.747
        }
    }

    int blocks() const {
        return properties_.multiProcessorCount;
    }

    /** Median of five, after one that is not counted. */
    template <class Work>
    double micros(Work work) const {
        std::vector<double> all;
        for (int i = -1; i < 5; i++) {
            require(cudaStreamSynchronize(stream_), "wait");
            const auto begin = std::chrono::steady_clock::now();
            work();
            require(cudaGetLastError(), "launch");
            require(cudaStreamSynchronize(stream_), "run");
            if (i >= 0) {
                all.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
            }
        }
        std::sort(all.begin(), all.end());
        return all[all.size() / 2];
    }

    void barrier(int count) const {
        const int meetings = tiny_ ? 3 : 2000;
        const double all = micros([&] {
            require(cudaMemsetAsync(to_, 0, sizeof(unsigned), stream_), "memset");
            BOREP_LAUNCH_COOPERATIVE(meet, count, THREADS, 0, stream_, static_cast<unsigned *>(to_), meetings);
        });
        std::printf("{\"ceiling\":\"barrier\",\"blocks\":%d,\"micros\":%.3f}\n", count, all / meetings);
    }

    void broadcast_of(int kilobytes, int count) const {
        const int floats = kilobytes * 256;
        const int times = tiny_ ? 2 : 2000;
        const size_t shared = floats * sizeof(float);
        require(
            cudaFuncSetAttribute(broadcast, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)),
            "shared memory");
        const double all = micros(
            [&] { BOREP_LAUNCH(broadcast, count, THREADS, shared, stream_, static_cast<float *>(from_), floats, times); });
        std::printf(
            "{\"ceiling\":\"broadcast\",\"kilobytes\":%d,\"blocks\":%d,\"gigabytesPerSecond\":%.0f}\n", kilobytes, count,
            1e-3 * shared * count * times / all);
    }

    void read_of(int megabytes) const {
        const int count = static_cast<int>(std::min(bytes_, static_cast<size_t>(megabytes) << 20) / sizeof(Quad));
        const int times = tiny_ ? 1 : 2048 / megabytes;
        const int grid = 4 * blocks();
        const double all = micros([&] {
            BOREP_LAUNCH(
                read, grid, THREADS, 0, stream_, static_cast<Quad *>(from_), count, times, static_cast<float *>(to_));
        });
        std::printf(
            "{\"ceiling\":\"read\",\"megabytes\":%d,\"gigabytesPerSecond\":%.0f}\n", megabytes,
            1e-3 * sizeof(Quad) * count * times / all);
    }

    void copy() const {
        const double all = micros([&] { require(cudaMemcpyAsync(to_, from_, bytes_, cudaMemcpyDeviceToDevice, stream_), "copy"); });
        std::printf("{\"ceiling\":\"copy\",\"gigabytesPerSecond\":%.0f}\n", 2e-3 * bytes_ / all);
    }

    void arithmetic() const {
        const int times = tiny_ ? 1 : 20000;
        const int grid = blocks() * (tiny_ ? 1 : 4);
        const double scalar =
            micros([&] { BOREP_LAUNCH(ffma, grid, THREADS, 0, stream_, static_cast<float *>(to_), times); });
        std::printf("{\"ceiling\":\"ffma\",\"gigaflops\":%.0f}\n", 2e-3 * 64 * THREADS * grid * times / scalar);
        if (properties_.major >= 8) {
            const double tensor =
                micros([&] { BOREP_LAUNCH(tf32, grid, THREADS, 0, stream_, static_cast<float *>(to_), times); });
            const double flops = 2.0 * 16 * 8 * 8 * SUMS * THREADS / WARP;
            std::printf("{\"ceiling\":\"tf32\",\"gigaflops\":%.0f}\n", 1e-3 * flops * grid * times / tensor);
        }
    }

   private:
    bool tiny_;
    cudaDeviceProp properties_{};
    cudaStream_t stream_ = nullptr;
    size_t bytes_ = 0;
    void *from_ = nullptr;
    void *to_ = nullptr;
};

}  // namespace

int main(int count, char **arguments) {
    const bool tiny = count > 1 && std::strcmp(arguments[1], "tiny") == 0;
    const Bench bench(tiny);
    std::vector<int> grids = {2, 4, 8, 16, 32, 64, 96, 128, bench.blocks()};
    grids.erase(
        std::remove_if(grids.begin(), grids.end(), [&](int grid) { return grid > bench.blocks(); }), grids.end());
    std::setvbuf(stdout, nullptr, _IOLBF, 0); // a line that was measured is not lost with the one that is cut off
    for (const int kilobytes : {8, 32, 64}) {
        bench.broadcast_of(kilobytes, 1);
        bench.broadcast_of(kilobytes, bench.blocks());
    }
    for (const int megabytes : {4, 16, 32, 64, 256}) {
        bench.read_of(megabytes);
    }
    bench.copy();
    bench.arithmetic();
    for (const int grid : grids) { // last, because where blocks cannot meet they wait for ever
        bench.barrier(grid);
    }
    return 0;
}
