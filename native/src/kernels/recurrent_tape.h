/* What the sweeps of one layer leave for each other, and the two ways to run a sweep. */
#pragma once

#include <memory>
#include <vector>

#include "kernels/matmul.cuh"
#include "kernels/recurrent_cells.cuh"
#include "kernels/recurrent_plan.h"
#include "kernels/view.cuh"

namespace borep {

/** A plan with its memory. */
struct PlannedSweep {
    SweepShape shape;
    borep_sweep_options options;
    Plan plan;
    /** Where blocks meet: after a step, and for the exchange of partial sums within a step. */
    Memory arrivals{};
    /** Partial sums of blocks that share rows; none without splits. */
    Memory partials{};
    /** Chunks of a strip that stay in shared memory, of a streamed sweep. */
    int resident = 0;
};

}  // namespace borep

struct borep_recurrent_tape {
    borep_context &context;
    borep_recurrent_shape shape;
    int max_rows;
    int max_batch;
    int gates;
    /** As a packing's: of the last forward's batch, which fits. */
    borep::Memory batch_shape{};
    borep::Memory before{}, after{};
    borep::Memory gate_values{}, cells{}, hiddens{};
    borep::Memory gate_cotangents{}, u{}, q{};
    /** Made when a tangent sweep first needs them. */
    borep::Memory gate_tangents{}, cell_tangents{}, hidden_tangents{}, gate_cotangent_tangents{}, q_tangents{}, handed_back{};
    borep::View input{};
    borep::View input_tangent{};
    borep::RecurrentSweep sweep{};
    bool has_forward = false;
    bool has_cotangents = false;
    bool has_tangents = false;
    /** Kept for ever, because recorded programs hold their addresses. */
    std::vector<std::unique_ptr<borep::PlannedSweep>> planned{};

    int gate_rows() const {
        return gates * shape.hidden;
    }
    size_t weight_hh() const {
        return static_cast<size_t>(gate_rows()) * shape.input;
    }
    size_t bias_ih() const {
        return weight_hh() + static_cast<size_t>(gate_rows()) * shape.hidden;
    }
    size_t bias_hh() const {
        return bias_ih() + gate_rows();
    }
    borep::Memory rows_of(int width) const {
        return borep::floats(context, static_cast<size_t>(max_rows) * width);
    }
    borep::Count count() const {
        return {sweep.packing.shape + 1, 0};
    }
    borep::Operand of_gates(const borep::Memory &memory) const {
        return {memory.as(), gate_rows()};
    }
    borep::Operand before_of(const borep::Memory &states) const {
        return {states.as(), shape.hidden, before.as<int>()};
    }
    bool empty() const {
        return sweep.packing.max_batch == 0 || sweep.packing.max_steps == 0 || max_rows == 0;
    }
};

namespace borep {

/** What plans depend on, of a context's device. */
inline Chip chip_of(const borep_context &context) {
    const cudaDeviceProp &properties = context.properties();
    return {properties.multiProcessorCount, properties.sharedMemPerBlockOptin, properties.major, properties.minor};
}

/** Clusters of Chip::CLUSTER blocks of a sweep that the device runs at once. */
int resident_clusters(borep_context &context);

/** Asks the device whether it can hold a persistent plan, and makes its memory; if it cannot, the plan becomes one step by step. */
void prepare_persistent(borep_context &context, PlannedSweep &planned);

/** Makes a plan in clusters ready to run. */
void prepare_clusters(borep_context &context, const PlannedSweep &planned);

/** One launch for all steps, of clusters that never meet. */
void run_clusters(borep_recurrent_tape &tape, const PlannedSweep &planned);

/** One cooperative launch for all steps. */
void run_persistent(borep_recurrent_tape &tape, const PlannedSweep &planned);

/** One launch a step; not for sweeps along a direction. */
void run_stepwise(borep_recurrent_tape &tape, const SweepShape &shape);

/** Asks the device whether it can hold all blocks of a streamed plan, and makes its memory; if not, the plan becomes one step by step. */
void prepare_streamed(borep_recurrent_tape &tape, PlannedSweep &planned);

/** One cooperative launch for all steps, into which W_hh streams. */
void run_streamed(borep_recurrent_tape &tape, const PlannedSweep &planned);

}  // namespace borep
