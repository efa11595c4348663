/*
 * What cells apply to their sums, in a dozen instructions without a branch: a step waits for every one of them, and CUDA's tanhf, expf
 * and division take three times as many. On a GPU within about 4 units in the last place, as far as ex2.approx (2 of them) and
 * rcp.approx (1) allow; NaN stays NaN.
 */
#pragma once

#include <cmath>

#include "kernels/device.h"

namespace borep {

/** 2ˣ. */
__device__ __forceinline__ float power_of_two(float x) {
#if defined(BOREP_SIMT)
    return std::exp2(x);
#else
    float power;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
    return power;
#endif
}

/** 1 / x. */
__device__ __forceinline__ float reciprocal(float x) {
#if defined(BOREP_SIMT)
    return 1.0f / x;
#else
    float inverse;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(x));
    return inverse;
#endif
}

constexpr float LOG2_E = 1.44269502f;
/** What is missing to log₂ e. */
constexpr float LOG2_E_REST = 1.92596299e-8f;
constexpr float LN_2 = 0.69314718f;

/** 1 / (1 + e⁻ᵃ); what rounding leaves out of the exponent comes back as a factor, or large |a| would lose digits. */
__device__ __forceinline__ float sigmoid(float a) {
    const float exponent = -a * LOG2_E;
    const float rest = std::fmaf(-a, LOG2_E_REST, std::fmaf(-a, LOG2_E, -exponent)) * LN_2;
    const float power = power_of_two(exponent);
    // an infinite exponent has no rest: it would be NaN
    return reciprocal(1.0f + (std::fabs(a) < 88.0f ? std::fmaf(power, rest, power) : power));
}

/** Near 0 a polynomial, fitted to (tanh(x) / x − 1) / x² up to x = 0.6; else 1 − 2 / (1 + e²ˣ). */
__device__ __forceinline__ float hyperbolic_tangent(float x) {
    const float size = std::fabs(x);
    const float square = x * x;
    float slope = std::fmaf(-5.9060873e-3f, square, 2.0805553e-2f);
    slope = std::fmaf(slope, square, -5.3786729e-2f);
    slope = std::fmaf(slope, square, 1.3331959e-1f);
    slope = std::fmaf(slope, square, -3.3333299e-1f);
    const float near = std::fmaf(slope * square, x, x);
    const float far = std::fmaf(-2.0f, reciprocal(1.0f + power_of_two(size * (2 * LOG2_E))), 1.0f);
    return size < 0.6f ? near : std::copysign(far, x);
}

}  // namespace borep
