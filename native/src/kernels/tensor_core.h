/*
 * Tensor-core products of one warp and the fragments they take, in PTX's register layouts. With g = lane / 4, t = lane % 4:
 *
 *   d    m16n8          (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
 *   a    m16k8 TF32     (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4)
 *   b    k8n8 TF32      (t, g), (t + 4, g)
 *   a    m16k16 BF16    as TF32 with two numbers a register: k = 2t, 2t + 1 and 2t + 8, 2t + 9; the lower k in the low half
 *   b    k16n8 BF16     likewise
 *
 * From sm_80 on; on older architectures these compile and must not be called. Included by device.h.
 */
#pragma once

namespace borep {

/** bfloat16 bits of a number: round to nearest, ties to even; NaN stays NaN. */
__device__ __forceinline__ uint32_t bf16_bits(uint32_t bits) {
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) {
        return 0x7FFFu;
    }
    return (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
}

#if defined(BOREP_SIMT)

inline float from_bits(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

inline uint32_t bits_of(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

/** Rounds to TF32's 10 bits of mantissa, ties away from zero. */
inline uint32_t to_tf32(float value) {
    const uint32_t bits = bits_of(value);
    return std::isfinite(value) ? (bits + 0x1000u) & 0xFFFFE000u : bits;
}

/** Two numbers as bfloat16, `low` in the low half. */
inline uint32_t to_bf16_pair(float low, float high) {
    return bf16_bits(bits_of(low)) | bf16_bits(bits_of(high)) << 16;
}

/** The other lanes' fragments: a in words 0 to 3, b in 4 and 5. */
inline simt::Exchange exchange_fragments(const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    const simt::Exchange exchange = simt::next_exchange();
    for (int i = 0; i < 4; i++) {
        exchange.slots[exchange.lane][i] = a[i];
    }
    exchange.slots[exchange.lane][4] = b[0];
    exchange.slots[exchange.lane][5] = b[1];
    simt::exchange_barrier();
    return exchange;
}

/** Cuts off what a float has no room for, as tensor cores do, in place of rounding. */
inline float truncated(double value) {
    const auto rounded = static_cast<float>(value);
    const bool away = std::isfinite(rounded) && std::fabs(static_cast<double>(rounded)) > std::fabs(value);
    return away ? std::nextafterf(rounded, 0.0f) : rounded;
}

/** d += left rightᵀ for the calling lane's 2 rows and 2 columns of K numbers. */
template <unsigned K>
void add_products(float (&d)[4], const float (&left)[2][K], const float (&right)[2][K]) {
    for (unsigned i = 0; i < 4; i++) {
        double sum = d[i];
        for (unsigned k = 0; k < K; k++) {
            sum += static_cast<double>(left[i / 2][k]) * right[i % 2][k];
        }
        d[i] = truncated(sum);
    }
}

/** d += a b for m16n8k8 with TF32 operands, whose low 13 bits the hardware ignores. */
inline void multiply_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    const simt::Exchange exchange = exchange_fragments(a, b);
    float left[2][8], right[2][8];
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < 8; k++) {
            const uint32_t(&in_row)[8] = exchange.slots[exchange.lane / 4 * 4 + k % 4];
            const uint32_t(&in_column)[8] = exchange.slots[(exchange.lane % 4 * 2 + i) * 4 + k % 4];
            left[i][k] = from_bits(in_row[i + k / 4 * 2] & 0xFFFFE000u);
            right[i][k] = from_bits(in_column[4 + k / 4] & 0xFFFFE000u);
        }
    }
    add_products(d, left, right);
}

/** d = a b in the same way. */
inline void begin_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    d[0] = d[1] = d[2] = d[3] = 0;
    multiply_tf32(d, a, b);
}

/** d += a b for m16n8k16 with bfloat16 operands. */
inline void multiply_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    const simt::Exchange exchange = exchange_fragments(a, b);
    float left[2][16], right[2][16];
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < 16; k++) {
            const uint32_t(&in_row)[8] = exchange.slots[exchange.lane / 4 * 4 + k % 8 / 2];
            const uint32_t(&in_column)[8] = exchange.slots[(exchange.lane % 4 * 2 + i) * 4 + k % 8 / 2];
            left[i][k] = from_bits(in_row[i + k / 8 * 2] >> k % 2 * 16 << 16);
            right[i][k] = from_bits(in_column[4 + k / 8] >> k % 2 * 16 << 16);
        }
    }
    add_products(d, left, right);
}

/** The addresses that the lanes of a warp give, each of a row of 16 bytes in shared memory. */
inline void exchange_rows(const void *row, const unsigned char *(&rows)[WARP]) {
    simt::require_aligned(row, 16);
    const simt::Exchange exchange = simt::next_exchange();
    std::memcpy(exchange.slots[exchange.lane], &row, sizeof row);
    simt::exchange_barrier();
    for (unsigned lane = 0; lane < WARP; lane++) {
        std::memcpy(&rows[lane], exchange.slots[lane], sizeof row);
    }
}

/**
 * Four matrices of 8 rows of 16 bytes: lane l gives the address of row l % 8 of matrix l / 8 and gets, of each matrix, the word
 * lane % 4 of row lane / 4.
 */
inline void load_matrices(uint32_t (&d)[4], const void *row) {
    const unsigned char *rows[WARP];
    exchange_rows(row, rows);
    const unsigned lane = threadIdx.x % WARP;
    for (unsigned i = 0; i < 4; i++) {
        std::memcpy(&d[i], rows[i * 8 + lane / 4] + lane % 4 * 4, 4);
    }
}

/** As load_matrices, of 16-bit numbers and transposed: rows 2t and 2t + 1 at column g. */
inline void load_matrices_transposed(uint32_t (&d)[4], const void *row) {
    const unsigned char *rows[WARP];
    exchange_rows(row, rows);
    const unsigned lane = threadIdx.x % WARP;
    for (unsigned i = 0; i < 4; i++) {
        uint16_t pair[2];
        for (unsigned j = 0; j < 2; j++) {
            std::memcpy(&pair[j], rows[i * 8 + lane % 4 * 2 + j] + lane / 4 * 2, 2);
        }
        d[i] = pair[0] | static_cast<uint32_t>(pair[1]) << 16;
    }
}

#else

__device__ __forceinline__ float from_bits(uint32_t bits) {
    return __uint_as_float(bits);
}

__device__ __forceinline__ uint32_t bits_of(float value) {
    return __float_as_uint(value);
}

__device__ __forceinline__ uint32_t to_tf32(float value) {
#if __CUDA_ARCH__ >= 800
    uint32_t bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
    return bits;
#else
    return bits_of(value);
#endif
}

__device__ __forceinline__ uint32_t to_bf16_pair(float low, float high) {
#if __CUDA_ARCH__ >= 800
    uint32_t pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
#else
    return bf16_bits(bits_of(low)) | bf16_bits(bits_of(high)) << 16;
#endif
}

__device__ __forceinline__ void multiply_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#if __CUDA_ARCH__ >= 800
    asm volatile(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

__device__ __forceinline__ void begin_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#if __CUDA_ARCH__ >= 800
    asm volatile(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%10,%10,%10,%10};"
        : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(0.0f));
#endif
}

__device__ __forceinline__ void multiply_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#if __CUDA_ARCH__ >= 800
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

__device__ __forceinline__ void load_matrices(uint32_t (&d)[4], const void *row) {
    const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
                 : "r"(address)
                 : "memory");
}

__device__ __forceinline__ void load_matrices_transposed(uint32_t (&d)[4], const void *row) {
    const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
                 : "r"(address)
                 : "memory");
}

#endif

/**
 * A number as the sum of two TF32 numbers, up to 2⁻²¹ of it. Both are cut off instead of rounded, the second one by the tensor cores
 * themselves: two instructions that cost a third of the two conversions (cvt.rna takes a multiprocessor as long as four multiply-adds).
 * For recurrent sweeps, whose sums are short; what is cut off has the number's sign, see split_for_tf32 for long ones.
 */
__device__ __forceinline__ void split_tf32(float value, uint32_t &big, uint32_t &small) {
    big = bits_of(value) & 0xFFFFE000u;
    small = bits_of(value - from_bits(big));
}

/**
 * Bits that tensor cores, which ignore the low 13, take for the nearest TF32 number, ties away from zero: half a unit of the
 * tenth bit is added. As to_tf32, at three quarters of its price (a logical operation and an FMA); NaN and infinity stay so.
 */
__device__ __forceinline__ uint32_t round_for_tf32(uint32_t bits) {
    return bits_of(from_bits(bits) + from_bits(bits & 0xFF800000u) * 0x1p-11f);
}

/**
 * Splits a number into a TF32 one, in `bits`, and a rest, of which tensor cores take the first 11 bits. A factor in place of half
 * a unit makes the first nearly the nearest, so that the rest has either sign, and what is cut off it does not add up.
 */
__device__ __forceinline__ void split_for_tf32(uint32_t &bits, uint32_t &rest) {
    const float value = from_bits(bits);
    bits = bits_of(value * (1 + 0x3p-13f)) & 0xFFFFE000u;
    rest = bits_of(value - from_bits(bits));
}

/**
 * d += a b as accurate as float32, of operands that are sums of two TF32 numbers. Tensor cores cut off their sums' last bits instead of
 * rounding, an error that grows with every product added to one sum and always has the same sign; so the three products get sums of
 * their own, and those are added outside (Ootomo and Yokota 2022, "Recovering single precision accuracy from Tensor Cores while
 * surpassing the FP32 theoretical peak performance").
 */
__device__ __forceinline__ void add_three(
    float (&d)[4], const uint32_t (&a_big)[4], const uint32_t (&a_small)[4], const uint32_t (&b_big)[2],
    const uint32_t (&b_small)[2]) {
    float part[4];
    begin_tf32(part, a_small, b_big);
    multiply_tf32(part, a_big, b_small);
    multiply_tf32(part, a_big, b_big);
    d[0] += part[0];
    d[1] += part[1];
    d[2] += part[2];
    d[3] += part[3];
}

}  // namespace borep
