/*
 * The one place that decides how a sweep runs: step by step, or as one persistent kernel, cooperative or in clusters, and with which
 * geometry.
 *
 * A persistent sweep multiplies a matrix M [rows, depth] that stays on chip, W_hh forward and W_hhᵀ backward, by the states of
 * every step. Rows go in tiles of 16, in which all gates of a unit lie together. A warp holds 16 rows and 2 · weights columns
 * in registers, a block of 8 warps `slices` such pieces along the depth and 8 / slices tiles of rows. The grid is
 * groups x splits x parts: `groups` of blocks cover the rows, `splits` the depth, `parts` the samples of the batch; parts never
 * meet each other. Where all blocks of a part form one cluster (one split, few groups), states need not go through L2.
 */
#pragma once

#include <string>

#include "borep.h"
#include "kernels/device.h"

namespace borep {

/** A sweep; "along" carries values and tangents together. The numbers are the ABI's. */
enum class Sweep { FORWARD, TANGENT_FORWARD, BACKWARD, TANGENT_BACKWARD, FORWARD_ALONG, BACKWARD_ALONG };

struct Geometry {
    /** Registers of a thread that hold M (and as many that hold V_hh's, along a direction). */
    int weights;
    int slices;
    int splits;
    int groups;
    int parts;
    /** Samples that pass through shared memory at a time: 8, 16 or 32; in clusters those of a part, in eights. */
    int samples;

    static constexpr int TILE = 16;
    static constexpr int WARPS = 8;
    static constexpr int THREADS = 32 * WARPS;
    /** What precedes states in the shared memory of a cluster's blocks, in floats. */
    static constexpr int MAILBOX_FLOATS = 16;

    __host__ __device__ int tiles() const {
        return WARPS / slices;
    }
    __host__ __device__ int rows() const {
        return tiles() * TILE;
    }
    /** Columns of M that a warp holds. */
    __host__ __device__ int warp_depth() const {
        return 2 * weights;
    }
    __host__ __device__ int depth() const {
        return slices * warp_depth();
    }
    /** Floats from one sample's states to the next's; 16 banks apart, so that the lanes of two samples do not meet. */
    __host__ __device__ int pitch() const {
        return depth() + 16;
    }
    /** Floats from one sample's partial sums to the next's, of all warps; 4 banks apart. */
    static constexpr int SUM_PITCH = WARPS * TILE + 4;
    int blocks() const {
        return groups * splits * parts;
    }
    bool operator==(const Geometry &) const = default;
};

/** What a plan depends on, of the layer. */
struct SweepShape {
    int gates;
    int hidden;
    /** Most samples of a batch. */
    int batch;
    Sweep sweep;
    borep_precision precision;

    bool backward() const {
        return sweep == Sweep::BACKWARD || sweep == Sweep::TANGENT_BACKWARD || sweep == Sweep::BACKWARD_ALONG;
    }
    bool along() const {
        return sweep == Sweep::FORWARD_ALONG || sweep == Sweep::BACKWARD_ALONG;
    }
    bool operator==(const SweepShape &) const = default;
};

/** What a plan depends on, of the device. */
struct Chip {
    int multiprocessors;
    size_t shared_bytes;
    int major;
    int minor;
    /** Blocks of the clusters that `clusters` counts: as large as all devices with clusters have them. */
    static constexpr int CLUSTER = 8;
    /** Clusters that it runs at once. */
    int clusters = 0;
};

/**
 * One launch a step; one cooperative launch a sweep, into which weights stream, or in which they stay in registers; one launch a
 * sweep in clusters.
 */
enum class Way { STEPWISE, STREAMED, PERSISTENT, CLUSTERED };

struct Plan {
    Way way = Way::STEPWISE;
    Geometry geometry{};
    size_t shared_bytes = 0;
    /** What is multiplied in: the mode's, or, in clusters, float32, which is as exact and for few samples faster. */
    borep_precision arithmetic = BOREP_FP32;
    /** Of one step, predicted. */
    double cycles = 0;
    /** One line: the geometry, or why the sweep runs step by step. */
    std::string text;

    /** Whether weights stay on chip from step to step. */
    bool resident() const {
        return way == Way::PERSISTENT || way == Way::CLUSTERED;
    }
};

/** The plan of a sweep. Pure: the same answer for the same question. */
Plan choose_plan(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options);

}  // namespace borep
