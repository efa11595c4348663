/*
 * What a block of a sweep owns whose recurrent weights stay in registers, and how its threads find their way in it; whichever way the
 * states go from block to block (recurrent_persistent.cu, recurrent_cluster.cu).
 */
#pragma once

#include <type_traits>

#include "kernels/recurrent_cells.cuh"
#include "kernels/recurrent_engines.cuh"

namespace borep {

/** What is the same for all blocks of a launch and no geometry. */
struct Task {
    bool lstm;
    bool backward;
    /** Tangents; false, or along a direction: values, or both. */
    bool tangent;
    /** Binary logarithm of a tile's units. */
    int unit_bits;
};

inline Task task_of(const SweepShape &shape) {
    const bool gates = shape.gates != 1 && !shape.backward();
    const bool tangent = shape.sweep == Sweep::TANGENT_FORWARD || shape.sweep == Sweep::TANGENT_BACKWARD;
    return {shape.gates != 1, shape.backward(), tangent, gates ? 2 : 4};
}

/** A step's rows and those of its neighbours in reading order. */
struct Step {
    Span here;
    Span before;
    Span after;
};

/** Rows `group` of M, columns `split` and samples `part` of the batch; sample s has rank s · parts + part. ALONG: of W_hh and V_hh. */
template <class Engine, int WEIGHTS, bool ALONG>
class OwnedBlock {
   protected:
    static constexpr int MATRICES = ALONG ? 2 : 1;
    static constexpr int SUM_PITCH = Geometry::SUM_PITCH;

    /** Sums of a unit and sample: [0] of values, or of the tangents of a tangent sweep, [1] of the tangents along a direction. */
    struct UnitSums {
        float of[MATRICES][Lstm::GATES];
    };

    __device__ __forceinline__ OwnedBlock(
        const RecurrentSweep &sweep, const Geometry &geometry, const Task &task, int group, int split, int part)
        : sweep_(sweep), geometry_(geometry), task_(task), group_(group), split_(split), part_(part) {}

    /** @param interleaved whether columns come unit after unit, the gates of a unit side by side, and not gate after gate */
    __device__ __forceinline__ void load_weights(bool interleaved = false) {
        load(sweep_.weight_hh, interleaved, weights_);
        if constexpr (ALONG) {
            load(sweep_.direction_hh, interleaved, directions_);
        }
    }

    /** Sums that a unit needs: those of its gates, or one. */
    __device__ __forceinline__ int sums_of_unit() const {
        return task_.lstm && !task_.backward ? Lstm::GATES : 1;
    }
    // Binary logarithms of a tile's units and of a block's tiles: divisions would cost as much as a cell. Of the two ways to have the
    // first one nvcc 13.0 spills on sm_80 in one with two engines, in the other with the third.
    __device__ __forceinline__ int unit_bits() const {
        return std::is_same_v<Engine, Tensor<false>> ? task_.unit_bits : sums_of_unit() == 1 ? 4 : 2;
    }
    __device__ __forceinline__ int tile_bits() const {
        return geometry_.slices == 1 ? 3 : geometry_.slices == 2 ? 2 : geometry_.slices == 4 ? 1 : 0;
    }
    /** Units of a tile. */
    __device__ __forceinline__ int units() const {
        return 1 << unit_bits();
    }
    /** Columns of M. */
    __device__ __forceinline__ int depth() const {
        return task_.backward ? sweep_.gate_rows : sweep_.hidden;
    }
    __device__ __forceinline__ int warp() const {
        return threadIdx.x / WARP;
    }
    /** Columns of M that this block has. */
    __device__ __forceinline__ int columns() const {
        return min(geometry_.depth(), depth() - split_ * geometry_.depth());
    }
    /** Samples of this block's part among the first `size` ranks. */
    __device__ __forceinline__ int share(int size) const {
        return (size - part_ + geometry_.parts - 1) / geometry_.parts;
    }

    /** h⁻ (forward) or ā⁺ (backward), or their tangents. */
    __device__ __forceinline__ const float *states(int matrix) const {
        const bool tangents = ALONG ? matrix == 1 : task_.tangent;
        return task_.backward ? (tangents ? sweep_.gate_cotangent_tangents : sweep_.gate_cotangents)
                              : (tangents ? sweep_.hidden_tangents : sweep_.hiddens);
    }

    /** Columns past M's end meet weights of 0; they must be numbers, in each of so many rows of states. Nothing else ever writes them. */
    __device__ __forceinline__ void clear_missing_columns(float *rows, int count) const {
        const int missing = geometry_.depth() - columns();
        for (int s = warp(); s < count; s += Geometry::WARPS) {
            for (int i = threadIdx.x % WARP; i < missing; i += WARP) {
                rows[s * geometry_.pitch() + columns() + i] = 0.0f;
            }
        }
    }

    /** This warp's rows and columns times states that begin at `states` (and `tangents`); its sums go into those at `sums`. */
    __device__ __forceinline__ void multiply(
        const float *states, const float *tangents, int samples, float *sums, float *sums_of_tangents) const {
        const int place = warp() * Geometry::TILE;
        const int first = warp() % geometry_.slices * geometry_.warp_depth();
        Engine::template multiply<ALONG>(
            weights_, directions_, Operands{states + first, tangents + first, geometry_.pitch()}, samples,
            Sums{sums + place, sums_of_tangents + place});
    }

    /** Where the sums of the warps that hold a row begin, one every TILE. */
    __device__ __forceinline__ const float *pieces_of(const float *sums, int sample, int tile, int row) const {
        return sums + sample * SUM_PITCH + tile * geometry_.slices * Geometry::TILE + row;
    }
    /** The sum over this block's columns, from all warps that hold the row. */
    __device__ __forceinline__ float block_sum_of(const float *sums, int sample, int tile, int row) const {
        const float *pieces = pieces_of(sums, sample, tile, row);
        float sum = 0.0f;
#pragma unroll
        for (int i = 0; i < Geometry::WARPS; i++) { // all reads under way at once
            sum += i < geometry_.slices ? pieces[i * Geometry::TILE] : 0.0f;
        }
        return sum;
    }

    const RecurrentSweep &sweep_;
    const Geometry &geometry_;
    const Task &task_;
    int group_, split_, part_;

   private:
    /** This thread's part of M: its warp's tile of rows and slice of columns, of the matrix or, backward, of its transpose. */
    __device__ __forceinline__ void load(const float *matrix, bool interleaved, float (&registers)[WEIGHTS]) const {
        const int hidden = sweep_.hidden;
        const int tile = group_ * geometry_.tiles() + warp() / geometry_.slices;
        const int first = split_ * geometry_.depth() + warp() % geometry_.slices * geometry_.warp_depth();
        const size_t next_column = task_.backward ? hidden : 1;
#pragma unroll
        for (int i = 0; i < WEIGHTS; i++) {
            const int row = Engine::row(i);
            const int unit = tile * units() + row % units();
            const int column = first + Engine::column(i);
            const size_t first_column = task_.backward ? unit : static_cast<size_t>(row / units() * hidden + unit) * hidden;
            const bool exists = unit < hidden && column < depth();
            const int place = interleaved ? column % Lstm::GATES * hidden + column / Lstm::GATES : column;
            registers[i] = exists ? Engine::keep(matrix[first_column + place * next_column]) : 0.0f;
        }
    }

    float weights_[WEIGHTS];
    float directions_[ALONG ? WEIGHTS : 1];
};

}  // namespace borep
