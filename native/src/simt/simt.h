/*
 * Runs CUDA kernels on the host, for tests: every CUDA thread is a fiber, blocks run one after another (all at once for
 * cooperative launches, those of a cluster together), and a thread that waits hands the processor to the next one. The same kernel sources compile with
 * nvcc and, through this header, with any C++20 compiler.
 *
 * What it finds: wrong results, reads of memory that nobody wrote (device memory starts as NaN, shared memory as junk),
 * missing barriers (BOREP_SIMT_SEED shuffles the order in which threads run), barriers that not all threads reach, asynchronous copies
 * read before a wait or landing on what is still read; in a sanitizer build accesses out of bounds, and with BOREP_RACES accesses that
 * nothing orders, whatever the order of threads (races.h), both with the kernel's source line. What it cannot find: the order in which
 * streams and the host see memory, bank conflicts, speed.
 */
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __restrict__ __restrict
#define __launch_bounds__(...)

struct uint3 {
    unsigned x, y, z;
};

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

#pragma GCC visibility push(default) // for libraries of users' kernels
namespace borep::simt {

/** Where the running thread is. */
uint3 thread_index();
uint3 block_index();
dim3 block_size();
dim3 grid_size();

/** The running block's shared memory, as large as the launch asked for. */
unsigned char *shared_bytes();

/** Waits for all threads of the block that have not ended. */
void block_barrier();

/** Waits for all threads of the warp that have not ended. */
void warp_barrier();

/** A slot of 8 words per lane that a warp exchanges values through; alternates between two buffers. */
struct Exchange {
    uint32_t (*slots)[8];
    unsigned lane;
};
Exchange next_exchange();

/** Waits until all lanes have filled their slots; unlike warp_barrier it orders no memory. */
void exchange_barrier();

/** What a thread did before it adds is seen by those who acquire the sum. */
void add_release(unsigned *address, unsigned value);
unsigned load_acquire(const unsigned *address);

/** Returns what was there. */
int compare_and_swap(int *address, int expected, int value);

/**
 * Copies `valid` bytes and zeroes the rest of `bytes`, as a thread's cp.async does: in the natural order of threads and with even
 * seeds as late as wait_copies allows, with odd seeds at once. Both are what hardware may do.
 */
void copy_async(void *to, const void *from, unsigned bytes, unsigned valid);
void commit_copies();
void wait_copies(unsigned pending);

/**
 * A product of tensor cores that the thread goes on beside: in the natural order of threads and with even seeds it is computed as late
 * as wait_products allows, with odd seeds at once.
 *
 * @param reads calls its argument with every piece of memory that the product reads
 */
using Reads = std::function<void(const std::function<void(const void *, unsigned)> &)>;
void multiply_later(Reads reads, std::function<void()> product);
void close_products();
void wait_products(unsigned pending);

/** What a block of a cluster waits at: bytes that others of the cluster put into its shared memory. All zero: as it begins. */
struct Mailbox {
    /** What has come is taken off; others may send before the block has said how much it expects. */
    int32_t owed;
    uint16_t expected;
    /** How often all that was expected has come. */
    uint16_t filled;
};

/** The running block's place in its cluster. */
unsigned cluster_rank();

/** Waits for all threads of the cluster that have not ended. */
void cluster_barrier();

/** From now on so many bytes are expected at the running block's mailbox. */
void expect(Mailbox *mailbox, unsigned bytes);

/**
 * Puts a word into the shared memory of the cluster's block `rank`, where the running block has `to`, and takes 4 bytes off what the
 * mailbox there is owed. In the natural order of threads and with even seeds words land when all that was expected has come, with odd
 * seeds at once. Both are what hardware may do.
 */
void send(void *to, uint32_t word, Mailbox *mailbox, unsigned rank);

/** To be called when a thread has found that all has come. */
void received(const Mailbox *mailbox);

/** Ends the program where hardware would fault. */
void require_aligned(const void *address, unsigned bytes);

/** Lets others run, from within a loop that waits for memory to change; end_spinning when it has. */
void yield_spinning();
void end_spinning();

/** How many blocks run at once: one, those of a cluster, or all. */
constexpr unsigned ONE_BLOCK = 1;
constexpr unsigned ALL_BLOCKS = 0;

/** Runs a grid; throws std::runtime_error when its threads wait for each other for ever. */
void run_grid(const char *name, dim3 grid, dim3 block, size_t shared, unsigned together, const std::function<void()> &body);

}  // namespace borep::simt
#pragma GCC visibility pop

#define threadIdx (::borep::simt::thread_index())
#define blockIdx (::borep::simt::block_index())
#define blockDim (::borep::simt::block_size())
#define gridDim (::borep::simt::grid_size())

inline void __syncthreads() {
    ::borep::simt::block_barrier();
}

inline void __syncwarp() {
    ::borep::simt::warp_barrier();
}

inline int min(int a, int b) {
    return a < b ? a : b;
}

inline void __threadfence() {}
inline void __threadfence_system() {}

template <class T>
__attribute__((no_sanitize("thread"))) T atomicAdd(T *address, T value) {
    const T old = *address;
    *address = old + value;
    return old;
}

inline int atomicCAS(int *address, int expected, int value) {
    return ::borep::simt::compare_and_swap(address, expected, value);
}
