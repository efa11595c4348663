/*
 * How one step of a sweep is launched (recurrent_stepwise.cu): in strips or in tiles, and over how many blocks. Pure: the same answer
 * for the same question.
 */
#pragma once

#include <algorithm>

#include "kernels/matmul_plan.h"
#include "kernels/recurrent_plan.h"

namespace borep {

/** How steps of a batch run: in strips, whose samples go in parts, or in tiles. */
struct StepPlan {
    int parts;
    bool tiles;
    matmul::Tile tile;
};

/**
 * Asks least of the busiest multiprocessor, in cycles: bytes from the second-level cache, of which it gets 32 a cycle, or
 * multiply-adds, whichever takes longer, and what a block waits for at its start and end. Rooflines, as in matmul_plan.h. The options
 * may fix the samples of a block (32: strips, else tiles) and the parts.
 */
class StepPlanner {
   public:
    static constexpr int STRIP_ROWS = 32;
    static constexpr int STRIP_SAMPLES = 32;

    StepPlanner(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options)
        : chip_(chip),
          precision_(shape.precision),
          batch_(shape.batch),
          rows_(shape.backward() ? shape.hidden : shape.gates * shape.hidden),
          depth_(shape.backward() ? shape.gates * shape.hidden : shape.hidden) {
        if (options.path == BOREP_SWEEPS_STEPWISE) {
            samples_ = options.samples;
            parts_ = options.parts;
        }
    }

    StepPlan best() const {
        const int least = ceil(batch_, STRIP_SAMPLES);
        const int most = ceil(batch_, group());
        if (samples_ == STRIP_SAMPLES && parts_ != 0) {
            return {std::clamp(parts_, least, most), false, matmul::Tile::SMALL};
        }
        StepPlan best{least, false, matmul::Tile::SMALL};
        for (int parts = least; parts <= most; parts++) {
            best = better({parts, false, matmul::Tile::SMALL}, best);
        }
        for (const matmul::Tile tile : {matmul::Tile::SMALL, matmul::Tile::LARGE}) {
            if (matmul::shared_bytes(tile) <= chip_.shared_bytes) {
                const StepPlan plan{1, true, tile};
                best = samples_ == matmul::extent(tile).rows             ? plan
                       : batch_ > STRIP_SAMPLES && samples_ == 0 ? better(plan, best)
                                                                         : best;
            }
        }
        return best;
    }

    /** Of a launch. */
    int blocks(const StepPlan &plan) const {
        const matmul::Extent tile = matmul::extent(plan.tile);
        return ceil(rows_, plan.tiles ? tile.columns : STRIP_ROWS) * (plan.tiles ? ceil(batch_, tile.rows) : plan.parts);
    }

    /** Of one step with its launch, on an H200: what was measured is this much more than the roofline. */
    double cycles() const {
        return 500 + 1.75 * cost(best());
    }

   private:
    /** Cycles of a block besides its product: the first chunk's way from memory, the sums' to the cell, the cell's inputs. */
    static constexpr double ALONE = 3000;

    static int ceil(int size, int part) {
        return (size + part - 1) / part;
    }
    bool scalar() const {
        return precision_ == BOREP_FP32;
    }
    /** Samples that are multiplied together, whether they exist or not. */
    int group() const {
        return scalar() ? 4 : 8;
    }
    /** Multiply-adds a cycle; FP32's are held up by reads of shared memory and addresses. */
    double rate(const StepPlan &plan) const {
        const double in_float32 = !plan.tiles ? 90 : plan.tile == matmul::Tile::SMALL ? 70 : 100;
        return scalar() ? in_float32 : precision_ == BOREP_3XTF32 ? 200 : 600;
    }
    double cost(const StepPlan &plan) const {
        const matmul::Extent tile = matmul::extent(plan.tile);
        const int samples = plan.tiles ? tile.rows : ceil(ceil(batch_, plan.parts), group()) * group();
        const int rows = plan.tiles ? tile.columns : STRIP_ROWS;
        const double bytes = sizeof(float) * (samples + rows) / 32.0;
        const double arithmetic = samples * rows / rate(plan);
        return ceil(blocks(plan), chip_.multiprocessors) * (depth_ * std::max(bytes, arithmetic) + ALONE);
    }
    StepPlan better(const StepPlan &plan, const StepPlan &best) const {
        return cost(plan) < cost(best) ? plan : best;
    }

    const Chip &chip_;
    borep_precision precision_;
    int batch_;
    int rows_;
    int depth_;
    int samples_ = 0;
    int parts_ = 0;
};

}  // namespace borep
