/* Philox4x32-10 and the keyed permutation, word for word those of borep.device.Philox and borep.device.Permutation. */
#pragma once

#include "kernels/device.h"

namespace borep {

/** Words 0 (high half) and 1 (low half) of the block at (step, purpose, lane) under the key `seed`. */
__device__ __forceinline__ uint64_t philox(int64_t seed, int64_t step, int32_t purpose, int32_t lane) {
    uint32_t c0 = static_cast<uint32_t>(step);
    uint32_t c1 = static_cast<uint32_t>(step >> 32);
    uint32_t c2 = static_cast<uint32_t>(purpose);
    uint32_t c3 = static_cast<uint32_t>(lane);
    uint32_t k0 = static_cast<uint32_t>(seed);
    uint32_t k1 = static_cast<uint32_t>(seed >> 32);
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = 0xD2511F53ull * c0;
        const uint64_t p1 = 0xCD9E8D57ull * c2;
        const uint32_t n0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
        const uint32_t n2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
        c1 = static_cast<uint32_t>(p1);
        c3 = static_cast<uint32_t>(p0);
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return static_cast<uint64_t>(c0) << 32 | c1;
}

/** Uniform in [0, bound). */
__device__ __forceinline__ int philox_below(int bound, int64_t seed, int64_t step, int32_t purpose, int32_t lane) {
    return static_cast<int>((philox(seed, step, purpose, lane) >> 32) * static_cast<uint64_t>(bound) >> 32);
}

/**
 * A standard normal number: √(−2 ln u) cos(2πv) of words 0 and 1. In float32 u would round to 1 near 1, where the logarithm is
 * small, so there it is taken of 1 − w; v is centred, so that the phase is at most π.
 */
__device__ __forceinline__ float philox_normal(int64_t seed, int64_t step, int32_t purpose, int32_t lane) {
    constexpr float UNIT = 0x1p-32f;
    constexpr float TWO_PI = 6.283185307f;
    const uint64_t bits = philox(seed, step, purpose, lane);
    const uint32_t high = static_cast<uint32_t>(bits >> 32);
    const float logarithm = high >> 31 != 0 ? log1pf(-UNIT * static_cast<float>(0xFFFFFFFFu - high))
                                            : logf(UNIT * static_cast<float>(high + 1u));
    const float v = UNIT * static_cast<float>(static_cast<int32_t>(static_cast<uint32_t>(bits)));
    return sqrtf(-2 * logarithm) * cosf(TWO_PI * v);
}

__device__ __forceinline__ uint32_t mix(uint32_t value, uint64_t key) {
    uint32_t h = value ^ static_cast<uint32_t>(key);
    h = ((h ^ h >> 16) * 0x85EBCA6Bu) ^ static_cast<uint32_t>(key >> 32);
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

/** The image of `place` under the permutation of [0, n) with this key: a Feistel network with cycle walking. */
__device__ __forceinline__ int permuted(uint64_t key, int n, int place) {
    int bits = 0;
    for (uint32_t rest = static_cast<uint32_t>(n - 1); rest != 0; rest >>= 1) {
        bits++;
    }
    const int half = (bits + 1) / 2 > 1 ? (bits + 1) / 2 : 1;
    const uint32_t mask = (1u << half) - 1;
    uint32_t value = static_cast<uint32_t>(place);
    do {
        uint32_t left = value >> half;
        uint32_t right = value & mask;
        for (uint32_t round = 0; round < 6; round++) {
            const uint32_t next = left ^ (mix(right + round * 0x9E3779B9u, key) & mask);
            left = right;
            right = next;
        }
        value = left << half | right;
    } while (value >= static_cast<uint32_t>(n));
    return static_cast<int>(value);
}

}  // namespace borep
