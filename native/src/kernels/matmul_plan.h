/*
 * Which tile of C a block of a matrix product (matmul.cu) makes, and into how many parts the sum over k is split.
 *
 *   tile     C            shared memory   operations for each byte, float32 and bfloat16
 *   WIDE     256 x 128    162 KiB         43, 85     TF32 and BF16 alone, and not where a block has 99 KiB (sm_86, sm_89, sm_120)
 *   LARGE    128 x 128     80 KiB         32, 64
 *   SMALL     64 x 64      40 KiB         16, 32
 *   WIDE_GROUPS, GROUPS      195, 173 KiB: as WIDE and LARGE, of warpgroups (matmul_groups.cuh), in their place where these are asked
 *            for; TF32, and 3xTF32 with the smaller one
 *
 * The second-level cache of an H100 gives about 5.5 TB/s. With mma.sync's 300 TFLOP/s in TF32 (55 operations a byte) it is what holds
 * tiles back, the smaller the more; FP32 (60 TFLOP/s) waits for arithmetic with LARGE tiles and for shared memory with SMALL ones. So
 * the plan is the one that asks least of the busiest multiprocessor, in bytes or operations, whichever takes longer. These rates are a
 * roofline, not a measurement; they are the same on every device, so that a plan depends on sizes and the number of
 * multiprocessors alone. Of 56 products on an H200 in all precisions the plans are 0.3 to 3 % slower than the best of 4 to 27
 * ways (mean of a precision; 27 % for one of 1280 x 512, 300 deep, in float32). Warpgroups wait for shared memory, whose reads and
 * writes of a panel take 900 cycles of GROUPS, 1400 of WIDE_GROUPS and 1540 of GROUPS in 3xTF32, where products take 512, 1024 and
 * 1536: counted, not measured.
 */
#pragma once

#include <algorithm>
#include <cstddef>

#include "borep.h"

namespace borep::matmul {

enum class Tile { SMALL, LARGE, WIDE, GROUPS, WIDE_GROUPS };

/** Whether warpgroups make it. */
constexpr bool is_grouped(Tile tile) {
    return tile == Tile::GROUPS || tile == Tile::WIDE_GROUPS;
}

/** As kernels see it, who may not call a function of the host's. */
template <Tile TILE>
constexpr bool IS_GROUPED = is_grouped(TILE);

struct Extent {
    int rows;
    int columns;
};

constexpr Extent extent(Tile tile) {
    switch (tile) {
        case Tile::SMALL:
            return {64, 64};
        case Tile::LARGE:
        case Tile::GROUPS:
            return {128, 128};
        case Tile::WIDE:
        case Tile::WIDE_GROUPS:
            break;
    }
    return {256, 128};
}

/** As kernels see it. */
template <Tile TILE>
constexpr Extent EXTENT = extent(TILE);

/** Depth of a panel of A or B in k, in chunks of 16 bytes; with deeper ones, where they fit, threads wait for each other less. */
constexpr int chunks(Tile tile) {
    return tile == Tile::SMALL || tile == Tile::LARGE ? 4 : 8;
}

/** Panels of each of them in shared memory at a time. */
constexpr int stages(Tile tile) {
    return tile == Tile::SMALL || tile == Tile::LARGE ? 4 : 3;
}

/** As kernels see it. */
template <Tile TILE>
constexpr int STAGES = stages(TILE);

/** Most shared memory of a block: to a row or column of a panel 16 bytes are added that keep banks apart. */
constexpr size_t shared_bytes(Tile tile) {
    const size_t beside = tile == Tile::GROUPS ? 65 << 10 : tile == Tile::WIDE_GROUPS ? 33 << 10 : 0; // two or four panels of B
    return size_t(stages(tile)) * (chunks(tile) + 1) * 16 * (extent(tile).rows + extent(tile).columns) + beside;
}

/**
 * FP32 and 3xTF32 wait for arithmetic: they would gain nothing from the widest tiles, and of warpgroups' sums three products take
 * twice the registers.
 */
constexpr bool exists(Tile tile, borep_precision precision) {
    switch (tile) {
        case Tile::SMALL:
        case Tile::LARGE:
            return true;
        case Tile::WIDE:
            return precision == BOREP_TF32 || precision == BOREP_BF16;
        case Tile::GROUPS:
            return precision == BOREP_TF32 || precision == BOREP_3XTF32;
        case Tile::WIDE_GROUPS:
            return precision == BOREP_TF32;
    }
    return false;
}

struct Plan {
    Tile tile;
    int parts;
};

/** What a device has for a product. */
struct Resources {
    int multiprocessors;
    size_t shared_bytes;
    /** Whether warpgroups multiply. */
    bool groups = false;
};

/** C is [m, n], sums run over k. */
class Planner {
   public:
    Planner(Resources resources, borep_precision precision, int m, int n, int k)
        : resources_(resources), precision_(precision), m_(m), n_(n), k_(k) {}

    int tiles(Tile tile) const {
        return ceil(m_, extent(tile).rows) * ceil(n_, extent(tile).columns);
    }

    Plan best() const {
        Plan best{Tile::SMALL, 1};
        for (const Tile tile : {Tile::SMALL, Tile::LARGE, Tile::WIDE, Tile::GROUPS, Tile::WIDE_GROUPS}) {
            if (!exists(tile, precision_) || matmul::shared_bytes(tile) > resources_.shared_bytes || !is_allowed(tile)) {
                continue;
            }
            const bool many = tiles(tile) > MOST_ROUNDS * resources_.multiprocessors;
            const int most = many ? 1 : std::min(MOST_PARTS * ceil(resources_.multiprocessors, tiles(tile)), ceil(k_, LEAST_DEPTH));
            for (int parts = 1; parts <= most; parts++) {
                const Plan plan{tile, parts};
                best = cost(plan) < cost(best) ? plan : best;
            }
        }
        return best;
    }

   private:
    /** Warpgroups take the place of warps where a tile of both is as large. */
    bool is_allowed(Tile tile) const {
        const bool grouped_too = (tile == Tile::LARGE && exists(Tile::GROUPS, precision_)) ||
                                 (tile == Tile::WIDE && exists(Tile::WIDE_GROUPS, precision_));
        return resources_.groups ? !grouped_too : !is_grouped(tile);
    }

    /** k of a part at least: 8 panels of float32. */
    static constexpr int LEAST_DEPTH = 128;
    /** Where each multiprocessor has more tiles than that, parts would even out less than they cost. */
    static constexpr int MOST_ROUNDS = 4;
    /** So many times the parts that give every multiprocessor one of them: more blocks even out the last round. */
    static constexpr int MOST_PARTS = 4;
    /** What the second-level cache gives a multiprocessor in the 2 µs that a second kernel takes to add up parts. */
    static constexpr double SECOND_KERNEL = 80e3;

    static int ceil(int size, int part) {
        return (size + part - 1) / part;
    }

    /** Operations that take as long as a byte. */
    double operations(Tile tile) const {
        constexpr double BANDWIDTH = 5.5;
        if (is_grouped(tile)) {
            return (precision_ == BOREP_3XTF32 ? 160 : tile == Tile::GROUPS ? 280 : 360) / BANDWIDTH;
        }
        return (precision_ == BOREP_FP32     ? 60
                : precision_ == BOREP_3XTF32 ? 100
                : precision_ == BOREP_TF32   ? 300
                                             : 600) /
               BANDWIDTH;
    }

    /** Bytes of a row or column of the tile for each k; in FP32 those that 16 threads read from shared memory, 5 times as fast. */
    double bytes() const {
        return precision_ == BOREP_FP32 ? 16 * sizeof(float) / 5.2 : precision_ == BOREP_BF16 ? 2 : 4;
    }

    /** How much longer a block takes that has a multiprocessor alone: another one would run while it waits. */
    double alone(Tile tile) const {
        return precision_ == BOREP_FP32 ? 1.1 : tile == Tile::SMALL ? 1.25 : 1;
    }

    /** What the busiest multiprocessor has to do, in bytes. */
    double cost(Plan plan) const {
        const double rows = extent(plan.tile).rows;
        const double columns = extent(plan.tile).columns;
        const double depth = static_cast<double>(k_) / plan.parts;
        const int blocks = tiles(plan.tile) * plan.parts;
        const double shared = blocks > resources_.multiprocessors ? 1 : alone(plan.tile);
        const double multiplying = std::max((rows + columns) * bytes(), 2 * rows * columns / operations(plan.tile)) * depth * shared;
        const double sums = plan.parts == 1 ? 0 : 2 * rows * columns * sizeof(float);
        const double adding = plan.parts == 1 ? 0 : SECOND_KERNEL;
        return ceil(blocks, resources_.multiprocessors) * (multiplying + sums) + adding;
    }

    Resources resources_;
    borep_precision precision_;
    int m_, n_, k_;
};

}  // namespace borep::matmul
