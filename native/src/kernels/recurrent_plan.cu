#include "kernels/recurrent_plan.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "kernels/recurrent_step_plan.h"

namespace borep {
namespace {

/*
 * Predicted cycles of a multiprocessor, fitted to what an H200 took (clocks read between the parts of a step). They rank geometries:
 * only their ratios matter.
 */
/** Arriving, with what the block has written on its way to L2, and waiting for the others. */
constexpr double BARRIER = 2000;
/** Until the first states come from L2, and how many bytes a cycle then come of what others have just written. */
constexpr double FIRST_STATES = 900;
constexpr double L2_BYTES = 18;
/** Leaving partial sums in L2 and a barrier of the blocks that share rows; then reading the sums of each of them. */
constexpr double EXCHANGE = 3500;
constexpr double READ_SUM = 100;
/** Spans, copies of the next chunk, synchronisations. */
constexpr double REST = 400;
/** In a cluster: until a state is where it is multiplied, spans, synchronisations; and for each number (or four) that a block sends. */
constexpr double HANDOVER = 450;
constexpr double SEND = 0.25;

/** Weights in a thread: of one matrix, and of each of two. */
constexpr int WEIGHTS[] = {16, 32, 64, 128};
constexpr int WEIGHTS_ALONG[] = {16, 32, 48};
/** There a thread also holds what its cell has read ahead: with 48, or 128 of a single sweep, three products spill. */
constexpr int MOST_WEIGHTS_ALONG_IN_CLUSTER = 32;

int divide_up(int size, int part) {
    return (size + part - 1) / part;
}

int depth(const SweepShape &shape) {
    return shape.backward() ? shape.gates * shape.hidden : shape.hidden;
}

size_t shared_bytes(const SweepShape &shape, const Geometry &g) {
    const int matrices = shape.along() ? 2 : 1;
    const size_t floats_a_sample = static_cast<size_t>(matrices) * (2 * g.pitch() + Geometry::SUM_PITCH);
    return g.samples * floats_a_sample * sizeof(float);
}

/** Of multiplying some samples by the weights of a block, which are 256 · weights, with fixed costs for every eight of samples. */
double multiplying(const SweepShape &shape, const Geometry &g, int samples) {
    const double products = shape.along() ? 3 : 1; // W h, W R{h} and V h
    const double weights = products * g.weights;
    if (shape.precision == BOREP_FP32) {
        const int rest = samples % 8;
        const double of_rest = rest == 0 ? 0 : rest <= 2 ? 330 + 6 * weights : rest <= 4 ? 350 + 11 * weights : 400 + 22 * weights;
        return samples / 8 * (400 + 22 * weights) + of_rest;
    }
    const double of_weights = shape.precision != BOREP_3XTF32 ? 8 : g.weights < 128 ? 16 : 30;
    return divide_up(samples, 8) * (250 + of_weights * weights);
}

/** Of one run of all threads through the cell: its sums, its inputs' way from L2, its functions. */
double cell(const SweepShape &shape) {
    const double single = shape.gates == 1 ? 1200 : shape.backward() ? 1500 : 1800;
    return shape.along() ? 2.5 * single : single;
}

int units_of_block(const SweepShape &shape, const Geometry &g) {
    return g.rows() / (shape.backward() ? 1 : shape.gates);
}

/** Of one step of the whole batch in a cooperative launch. */
double cycles(const SweepShape &shape, const Geometry &g) {
    const int samples = divide_up(shape.batch, g.parts);
    const double matrices = shape.along() ? 2 : 1;
    const double fetch = FIRST_STATES + matrices * samples * g.depth() * sizeof(float) / L2_BYTES;
    const int units = units_of_block(shape, g);
    const int chunk = std::min(samples, g.samples);
    // with splits all samples are finished together, else those of a chunk
    const int rounds = g.splits > 1 ? divide_up(units * divide_up(samples, g.splits), Geometry::THREADS)
                                    : divide_up(samples, chunk) * divide_up(units * chunk, Geometry::THREADS);
    const double sums = matrices * g.splits * (shape.backward() ? 1 : shape.gates);
    const double meetings = (g.groups * g.splits > 1 ? BARRIER : 0) + (g.splits > 1 ? EXCHANGE + READ_SUM * sums : 0);
    return REST + meetings + fetch + multiplying(shape, g, samples) + rounds * cell(shape);
}

/** Of one step in a cluster, whose cells have read before what they need but the sums. */
double cycles_in_cluster(const SweepShape &shape, const Geometry &g) {
    const int samples = divide_up(shape.batch, g.parts);
    const double sent = (shape.along() ? 2.0 : 1.0) * g.groups * units_of_block(shape, g) * samples;
    return HANDOVER + sent * SEND + multiplying(shape, g, samples) + cell(shape) / 2;
}

/** Bytes of a block of a cluster: mailboxes, then two buffers of states and of sums for all its samples. */
size_t shared_bytes_in_cluster(const SweepShape &shape, const Geometry &g) {
    const int matrices = shape.along() ? 2 : 1;
    const size_t floats_a_sample = static_cast<size_t>(2) * matrices * (g.pitch() + Geometry::SUM_PITCH);
    return (Geometry::MAILBOX_FLOATS + g.samples * floats_a_sample) * sizeof(float);
}

/** Sets the largest chunk of samples that shared memory holds; false if it holds none. */
bool fit_samples(const SweepShape &shape, const Chip &chip, int wanted, Geometry &g) {
    const int most = std::min(32, divide_up(divide_up(shape.batch, g.parts), 8) * 8);
    for (const int samples : {32, 16, 8}) {
        g.samples = samples;
        if ((wanted == 0 ? samples <= std::max(8, most) : samples == wanted) &&
            shared_bytes(shape, g) <= chip.shared_bytes) {
            return true;
        }
    }
    return false;
}

std::string describe(const SweepShape &shape, const Plan &plan) {
    const Geometry &g = plan.geometry;
    const std::string rows = std::to_string(g.groups) + " groups of " + std::to_string(g.rows()) + " rows x ";
    const std::string parts = std::to_string(g.parts) + " parts of the batch, ";
    const std::string weights = std::to_string(g.weights * (shape.along() ? 2 : 1)) + " weights in a thread, ";
    const std::string cycles = "about " + std::to_string(static_cast<long>(plan.cycles)) + " cycles a step";
    const std::string blocks = std::to_string(g.blocks()) + " blocks = ";
    if (plan.way == Way::CLUSTERED) {
        const bool exact = plan.arithmetic == BOREP_FP32 && shape.precision != BOREP_FP32;
        return "in clusters: " + blocks + rows + parts + weights + (exact ? "in float32, " : "") + cycles;
    }
    return "persistent: " + blocks + rows + std::to_string(g.splits) + " splits of " + std::to_string(g.depth()) + " columns x " + parts +
           weights + "chunks of " + std::to_string(g.samples) + " samples, " + cycles;
}

/** The better one of two plans; the first if it is as good with as few blocks. */
const Plan &better(const Plan &a, const Plan &b) {
    const auto rank = [](const Plan &p) { return std::tuple{p.way == Way::STEPWISE, p.cycles, p.geometry.blocks()}; };
    return rank(b) < rank(a) ? b : a;
}

/** A cooperative launch of this geometry, if it fits the chip with one block on a multiprocessor. */
Plan cooperative(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options, Geometry g) {
    g.splits = divide_up(depth(shape), g.depth());
    if (g.blocks() > chip.multiprocessors || !fit_samples(shape, chip, options.samples, g)) {
        return {};
    }
    return {Way::PERSISTENT, g, shared_bytes(shape, g), shape.precision, cycles(shape, g), {}};
}

/** Clusters of this geometry that multiply in the shape's precision. */
Plan clustered_in(const SweepShape &shape, const Geometry &g) {
    const bool spills = shape.precision == BOREP_3XTF32 && g.weights == 128;
    return spills ? Plan{}
                  : Plan{Way::CLUSTERED, g, shared_bytes_in_cluster(shape, g), shape.precision, cycles_in_cluster(shape, g), {}};
}

/** Clusters of this geometry, if all of them run at once and each thread has one unit and sample at most. */
Plan clustered(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options, Geometry g) {
    const int samples = divide_up(shape.batch, g.parts);
    g.samples = divide_up(samples, 8) * 8;
    const bool fits = !(shape.along() && g.weights > MOST_WEIGHTS_ALONG_IN_CLUSTER) && g.depth() >= depth(shape) &&
                      g.groups <= Chip::CLUSTER && g.parts <= chip.clusters * (Chip::CLUSTER / g.groups) &&
                      units_of_block(shape, g) * samples <= Geometry::THREADS &&
                      (options.samples == 0 || options.samples == g.samples) &&
                      shared_bytes_in_cluster(shape, g) <= chip.shared_bytes;
    if (!fits) {
        return {};
    }
    SweepShape exact = shape;
    exact.precision = BOREP_FP32;
    return better(clustered_in(shape, g), clustered_in(exact, g));
}

/** The plan of the best geometry in one way; step by step if none fits. */
Plan best(
    const SweepShape &shape, const Chip &chip, const borep_sweep_options &options,
    Plan (*way)(const SweepShape &, const Chip &, const borep_sweep_options &, Geometry)) {
    const int units_of_tile = shape.backward() ? Geometry::TILE : Geometry::TILE / shape.gates;
    const int tiles = divide_up(shape.hidden, units_of_tile);
    const int most_parts = std::max(1, std::min(shape.batch, chip.multiprocessors));
    const auto allowed = [](int32_t forced, int value) { return forced == 0 || forced == value; };
    Plan chosen;
    for (const int weights : shape.along() ? std::span<const int>(WEIGHTS_ALONG) : std::span<const int>(WEIGHTS)) {
        for (int slices = 1; slices <= Geometry::WARPS; slices *= 2) {
            for (int parts = 1; parts <= most_parts; parts++) {
                Geometry g{weights, slices, 1, 1, parts, 0};
                g.groups = divide_up(tiles, g.tiles());
                if (allowed(options.weights, weights) && allowed(options.slices, slices) && allowed(options.parts, parts)) {
                    chosen = better(chosen, way(shape, chip, options, g));
                }
            }
        }
    }
    if (chosen.way != Way::STEPWISE) {
        chosen.text = describe(shape, chosen);
    }
    return chosen;
}

/** The best plan that the options allow; step by step if none fits. */
Plan best(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options) {
    const bool fixed = (options.weights | options.slices | options.parts | options.samples) != 0;
    if (options.path == BOREP_SWEEPS_CLUSTERED) {
        return best(shape, chip, options, clustered);
    }
    const Plan plan = best(shape, chip, options, cooperative);
    return options.path == BOREP_SWEEPS_CHOSEN && !fixed ? better(plan, best(shape, chip, options, clustered)) : plan;
}

/** Strips in one launch, if a multiprocessor has one at most; else step by step. A sweep along a direction is two. */
Plan streamed(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options, const std::string &why) {
    const StepPlanner planner(shape, chip, options);
    const StepPlan steps = planner.best();
    Plan plan;
    if (!shape.along() && !steps.tiles && shape.hidden % 4 == 0 && planner.blocks(steps) <= chip.multiprocessors) {
        plan.way = Way::STREAMED;
        plan.text = "streamed: " + std::to_string(planner.blocks(steps)) + " blocks of " +
                    std::to_string(StepPlanner::STRIP_ROWS) + " rows, " + std::to_string(steps.parts) +
                    " parts of the batch, in one launch: " + why;
    }
    return plan;
}

/** Of a step of a sweep that is no sweep along a direction, run in the faster way. */
double cycles_of_single(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options) {
    const Plan plan = best(shape, chip, options);
    const double launched = StepPlanner(shape, chip, options).cycles();
    return plan.way != Way::STEPWISE ? std::min(plan.cycles, launched) : launched;
}

/**
 * Two sweeps one after the other in place of one along a direction: their steps, and V_hh's product over all rows at once,
 * which then uses the whole chip.
 */
double cycles_apart(SweepShape shape, const Chip &chip, const borep_sweep_options &options) {
    shape.sweep = shape.backward() ? Sweep::BACKWARD : Sweep::FORWARD;
    const double product = 1.0 * shape.gates * shape.hidden * shape.hidden * shape.batch;
    const double rate = shape.precision == BOREP_FP32 ? 60 : shape.precision == BOREP_3XTF32 ? 80 : 200; // multiply-adds a cycle
    return 2 * cycles_of_single(shape, chip, options) + product / (rate * chip.multiprocessors);
}

}  // namespace

Plan choose_plan(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options) {
    const auto step_by_step = [](const std::string &why) {
        Plan plan;
        plan.text = "step by step: " + why;
        return plan;
    };
    if (options.path == BOREP_SWEEPS_STEPWISE) {
        return step_by_step("asked for");
    }
    if (chip.major < 8) {
        return step_by_step(
            "sm_" + std::to_string(chip.major) + std::to_string(chip.minor) +
            " has no asynchronous copies to shared memory");
    }
    if (options.path == BOREP_SWEEPS_CLUSTERED && chip.clusters == 0) {
        return step_by_step("the device has no clusters of thread blocks");
    }
    if (options.path == BOREP_SWEEPS_STREAMED) {
        const Plan plan = streamed(shape, chip, options, "asked for");
        return plan.way == Way::STREAMED ? plan : step_by_step("its blocks would not all run at once, or are no strips");
    }
    const Plan plan = best(shape, chip, options);
    const bool fixed = (options.weights | options.slices | options.parts | options.samples) != 0;
    if (plan.way == Way::STEPWISE && options.path == BOREP_SWEEPS_CLUSTERED && !fixed) {
        return step_by_step("the clusters that run at once have no thread for each unit and sample, or no room for the weights");
    }
    if (plan.way == Way::STEPWISE && fixed) {
        return step_by_step("no geometry of the kind that is asked for fits");
    }
    const auto not_resident = [&](const std::string &why) {
        const Plan plan = streamed(shape, chip, options, why);
        return options.path == BOREP_SWEEPS_CHOSEN && plan.way == Way::STREAMED ? plan : step_by_step(why);
    };
    if (plan.way == Way::STEPWISE) {
        const double mega = 4.0e-6 * shape.gates * shape.hidden * shape.hidden * (shape.along() ? 2 : 1);
        return not_resident(
            std::to_string(static_cast<long>(mega)) + " MB of recurrent weights find no place in the registers of " +
            std::to_string(chip.multiprocessors) + " multiprocessors");
    }
    if (options.path != BOREP_SWEEPS_CHOSEN || fixed) {
        return plan;
    }
    if (shape.along() && plan.cycles > cycles_apart(shape, chip, options)) {
        return step_by_step("two sweeps, one after the other, are predicted to be faster");
    }
    const double launched = StepPlanner(shape, chip, options).cycles();
    if (!shape.along() && plan.cycles > launched) {
        return not_resident("that is predicted to be faster, about " + std::to_string(static_cast<long>(launched)) + " cycles a step");
    }
    return plan;
}

}  // namespace borep
