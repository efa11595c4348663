/*
 * Products of four warps together (wgmma, sm_90a alone), the first of them one whose number is a multiple of four. Tensor cores read B
 * from shared memory themselves and go on while the threads do something else, so that few instructions are left to issue:
 *
 *   d[64, 128] += a[64, 8] b[8, 128]     TF32 operands, whose low 13 bits are ignored
 *
 *   a, d   a warp's 16 rows, in registers: fragments of m16n8k8 as in tensor_core.h, d 16 of them side by side
 *   b      in shared memory, k along the rows: of each column 32 k, 128 bytes, whose chunks of 16 bytes lie in another order in each of
 *          eight columns (swizzled), so that none of them is in another's banks
 *
 * From begin_products to wait_products nobody may touch d, a and b. What threads store into b, tensor cores see after show_products and
 * a barrier. The host's executor adds products up when they are issued or when they are waited for, in turn.
 */
#pragma once

#include "kernels/device.h"

namespace borep {

/** Columns of B and of C. */
constexpr int GROUP_COLUMNS = 128;

/** k of a column that lie side by side in shared memory; GROUP_COLUMNS of them begin at a multiple of so many bytes. */
constexpr int GROUP_DEPTH = 32;
constexpr int GROUP_ALIGNMENT = 1024;

/** Sums of a thread. */
using GroupSums = float[GROUP_COLUMNS / 8][4];

/** Where the four numbers of B from k = 4 * chunk on lie, column n. */
__device__ __forceinline__ int group_place(int n, int chunk) {
    return n * GROUP_DEPTH + (chunk ^ n % 8) * 4;
}

#if defined(BOREP_SIMT)

#define BOREP_GROUP_PRODUCTS 1

/** The fragments of a warp's other lanes are taken at once, B when the executor adds up. */
inline void multiply_async(GroupSums &d, const uint32_t (&a)[4], const float *b, bool adds) {
    const auto offset = reinterpret_cast<uintptr_t>(b) % GROUP_ALIGNMENT / sizeof(float);
    simt::require_aligned(b, 8 * sizeof(float));
    if (offset >= GROUP_DEPTH) {
        std::fprintf(stderr, "kernel: B of a product begins %zu numbers after a multiple of %d bytes\n", offset, GROUP_ALIGNMENT);
        std::abort();
    }
    const float *start = b - offset;
    const int chunk = static_cast<int>(offset) / 4;
    const simt::Exchange exchange = simt::next_exchange();
    std::memcpy(exchange.slots[exchange.lane], a, sizeof a);
    simt::exchange_barrier();
    struct {
        uint32_t at[4];
    } given;
    std::memcpy(given.at, a, sizeof a);
    struct {
        float at[2][8];
    } left;
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < 8; k++) {
            left.at[i][k] = from_bits(exchange.slots[exchange.lane / 4 * 4 + k % 4][i + k / 4 * 2] & 0xFFFFE000u);
        }
    }
    const int lane = static_cast<int>(exchange.lane);
    const auto read = [=](const auto &observe) { // each lane speaks for a part of what the warp reads
        for (int n = lane; n < GROUP_COLUMNS; n += WARP) {
            observe(start + group_place(n, chunk), 4 * sizeof(float));
            observe(start + group_place(n, chunk + 1), 4 * sizeof(float));
        }
    };
    simt::multiply_later(read, [=, &d, &a] {
        if (std::memcmp(a, given.at, sizeof a) != 0) {
            std::fprintf(stderr, "kernel: registers of a product change before it is waited for\n");
            std::abort();
        }
        for (int tile = 0; tile < GROUP_COLUMNS / 8; tile++) {
            float right[2][8];
            for (int i = 0; i < 2; i++) {
                for (int k = 0; k < 8; k++) {
                    const float number = start[group_place(tile * 8 + lane % 4 * 2 + i, chunk + k / 4) + k % 4];
                    right[i][k] = from_bits(bits_of(number) & 0xFFFFE000u);
                }
            }
            if (!adds) {
                d[tile][0] = d[tile][1] = d[tile][2] = d[tile][3] = 0;
            }
            add_products(d[tile], left.at, right);
        }
    });
}

inline void begin_products() {}
inline void show_products() {}
inline void hold(GroupSums &) {}

using simt::close_products;

template <int PENDING>
void wait_products() {
    simt::wait_products(PENDING);
}

#else

/** Whether this pass of the compiler is for sm_90a; all others compile what follows, too, and nobody calls it there. */
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define BOREP_GROUP_PRODUCTS 1
#else
#define BOREP_GROUP_PRODUCTS 0
#endif

/** How tensor cores are told where B lies: 16-byte units; rows of 8 columns 1024 bytes apart, swizzled over 128 bytes. */
__device__ __forceinline__ uint64_t group_descriptor(const float *b) {
    const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(b));
    constexpr uint64_t EIGHT_COLUMNS = 8 * GROUP_DEPTH * sizeof(float) / 16;
    constexpr uint64_t UNUSED = 1;
    constexpr uint64_t SWIZZLE_128 = 1;
    return (address & 0x3FFFFu) / 16 | UNUSED << 16 | EIGHT_COLUMNS << 32 | SWIZZLE_128 << 62;
}

/** d = (adds ? d : 0) + a b; @param b where B's first k lies, a multiple of 8 of a column's 32. */
__device__ __forceinline__ void multiply_async(GroupSums &d, const uint32_t (&a)[4], const float *b, bool adds) {
#if BOREP_GROUP_PRODUCTS
#define BOREP_SUMS(i) "+f"(d[i][0]), "+f"(d[i][1]), "+f"(d[i][2]), "+f"(d[i][3])
    asm volatile(
        "{\n\t.reg .pred p;\n\t"
        "setp.ne.b32 p, %69, 0;\n\t"
        "wgmma.mma_async.sync.aligned.m64n128k8.f32.tf32.tf32 "
        "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
        "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
        "{%64, %65, %66, %67}, %68, p, 1, 1;\n\t}"
        : BOREP_SUMS(0), BOREP_SUMS(1), BOREP_SUMS(2), BOREP_SUMS(3), BOREP_SUMS(4), BOREP_SUMS(5), BOREP_SUMS(6),
          BOREP_SUMS(7), BOREP_SUMS(8), BOREP_SUMS(9), BOREP_SUMS(10), BOREP_SUMS(11), BOREP_SUMS(12), BOREP_SUMS(13),
          BOREP_SUMS(14), BOREP_SUMS(15)
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(group_descriptor(b)), "r"(static_cast<int>(adds)));
#undef BOREP_SUMS
#endif
}

/** Before the first product, and after every change of its registers. */
__device__ __forceinline__ void begin_products() {
#if BOREP_GROUP_PRODUCTS
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#endif
}

/** Ends a group of products. */
__device__ __forceinline__ void close_products() {
#if BOREP_GROUP_PRODUCTS
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#endif
}

/** Waits for all groups but the last PENDING ones. */
template <int PENDING>
__device__ __forceinline__ void wait_products() {
#if BOREP_GROUP_PRODUCTS
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(PENDING) : "memory");
#endif
}

/** What this thread has stored into shared memory is for the tensor cores to see after the next barrier. */
__device__ __forceinline__ void show_products() {
#if BOREP_GROUP_PRODUCTS
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}

/** The compiler may not use what it knew of the sums, nor read them before. */
__device__ __forceinline__ void hold(GroupSums &d) {
#pragma unroll
    for (int i = 0; i < GROUP_COLUMNS / 8; i++) {
        asm volatile("" : "+f"(d[i][0]), "+f"(d[i][1]), "+f"(d[i][2]), "+f"(d[i][3])::"memory");
    }
}

#endif

}  // namespace borep
