/* Matrix views of the ABI as kernels see them, and the checks every launcher makes. */
#pragma once

#include "abi/context.h"

namespace borep {

/** borep_rows on the device; values null: absent. */
struct View {
    float *values;
    int width;
    int stride;
    __device__ float *row(int r) const {
        return values + static_cast<size_t>(r) * stride;
    }
};

inline View view(const borep_rows *rows) {
    return rows == nullptr ? View{nullptr, 0, 0} : View{reinterpret_cast<float *>(rows->values), rows->width, rows->stride};
}

inline View view(const Memory &memory, int width) {
    return {memory.as(), width, width};
}

/** Rows apart, and so near that kernels can count the bytes between them in an int. */
inline void require_stride(const char *name, const borep_rows &rows) {
    constexpr int MOST_STRIDE = INT32_MAX / static_cast<int>(sizeof(float));
    require(
        rows.width >= 0 && rows.stride >= rows.width && rows.stride <= MOST_STRIDE,
        std::string(name) + " of width " + std::to_string(rows.width) + " with stride " + std::to_string(rows.stride) +
            ": the stride must be at least the width and at most " + std::to_string(MOST_STRIDE));
}

inline View require_width(const char *name, const borep_rows *rows, int width) {
    require(rows != nullptr, std::string(name) + ": must not be null");
    require(
        rows->width == width,
        std::string(name) + " of width " + std::to_string(rows->width) + ": must be " + std::to_string(width));
    require_stride(name, *rows);
    require(rows->values != 0, std::string(name) + ": must not lie at address 0");
    return view(rows);
}

inline View optional_width(const char *name, const borep_rows *rows, int width) {
    return rows == nullptr ? view(nullptr) : require_width(name, rows, width);
}

inline float *floats_at(borep_address address) {
    return reinterpret_cast<float *>(address);
}

inline int *ints_at(borep_address address) {
    return reinterpret_cast<int *>(address);
}

/** A packing's arrays as kernels see them. */
struct Steps {
    const int *shape;
    const int *order;
    const int *lengths;
    const int *sizes;
    const int *starts;
    int max_batch;
    int max_steps;
};

inline Steps steps(const borep_packing &packing) {
    require(
        packing.max_batch >= 0 && packing.max_steps >= 0 && packing.max_batch <= MOST_NUMBERS && packing.max_steps < MOST_NUMBERS,
        "a packing of up to " + std::to_string(packing.max_batch) + " samples of up to " + std::to_string(packing.max_steps) +
            " steps: both must lie in [0, " + std::to_string(MOST_NUMBERS) + ")");
    for (const borep_address array : {packing.shape, packing.order, packing.lengths, packing.step_sizes, packing.step_starts}) {
        require(array != 0, "a packing: none of its arrays may lie at address 0");
    }
    return {ints_at(packing.shape), ints_at(packing.order), ints_at(packing.lengths), ints_at(packing.step_sizes),
            ints_at(packing.step_starts), packing.max_batch, packing.max_steps};
}

inline unsigned ceil_div(int size, int part) {
    return static_cast<unsigned>((size + part - 1) / part);
}

}  // namespace borep
