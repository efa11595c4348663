#include "kernels/recurrent_plan.h"

#include <algorithm>
#include <span>
#include <vector>

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

/** Weights in a thread: of one matrix, and of each of two. */
constexpr int WEIGHTS[] = {16, 32, 64, 128};
constexpr int WEIGHTS_ALONG[] = {16, 32, 48};

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
        const int fours = divide_up(samples, 4);
        return fours / 2 * (400 + 22 * weights) + fours % 2 * (300 + 12 * weights);
    }
    const double of_weights = shape.precision != BOREP_3XTF32 ? 8 : g.weights < 128 ? 16 : 30;
    return divide_up(samples, 8) * (250 + of_weights * weights);
}

/** Of one run of all threads through the cell: its sums, its inputs' way from L2, its functions. */
double cell(const SweepShape &shape) {
    const double single = shape.gates == 1 ? 1200 : shape.backward() ? 1500 : 1800;
    return shape.along() ? 2.5 * single : single;
}

/** Of one step of the whole batch. */
double cycles(const SweepShape &shape, const Geometry &g) {
    const int samples = divide_up(shape.batch, g.parts);
    const double matrices = shape.along() ? 2 : 1;
    const double fetch = FIRST_STATES + matrices * samples * g.depth() * sizeof(float) / L2_BYTES;
    const int units = g.rows() / (shape.backward() ? 1 : shape.gates);
    const int chunk = std::min(samples, g.samples);
    // with splits all samples are finished together, else those of a chunk
    const int rounds = g.splits > 1 ? divide_up(units * divide_up(samples, g.splits), Geometry::THREADS)
                                    : divide_up(samples, chunk) * divide_up(units * chunk, Geometry::THREADS);
    const double sums = matrices * g.splits * (shape.backward() ? 1 : shape.gates);
    const double meetings = (g.groups * g.splits > 1 ? BARRIER : 0) + (g.splits > 1 ? EXCHANGE + READ_SUM * sums : 0);
    return REST + meetings + fetch + multiplying(shape, g, samples) + rounds * cell(shape);
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

std::string describe(const SweepShape &shape, const Geometry &g, double cycles) {
    return "persistent: " + std::to_string(g.blocks()) + " blocks = " + std::to_string(g.groups) + " groups of " +
           std::to_string(g.rows()) + " rows x " + std::to_string(g.splits) + " splits of " + std::to_string(g.depth()) +
           " columns x " + std::to_string(g.parts) + " parts of the batch, " +
           std::to_string(g.weights * (shape.along() ? 2 : 1)) + " weights in a thread, chunks of " +
           std::to_string(g.samples) + " samples, about " + std::to_string(static_cast<long>(cycles)) + " cycles a step";
}

struct Candidate {
    Geometry geometry;
    double cycles;
};

/** All geometries that fit the chip, one block on a multiprocessor. */
std::vector<Candidate> candidates(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options) {
    std::vector<Candidate> all;
    const int units_of_tile = shape.backward() ? Geometry::TILE : Geometry::TILE / shape.gates;
    const int tiles = divide_up(shape.hidden, units_of_tile);
    const int most_parts = std::max(1, std::min(shape.batch, chip.multiprocessors));
    const auto allowed = [](int32_t forced, int value) { return forced == 0 || forced == value; };
    for (const int weights : shape.along() ? std::span<const int>(WEIGHTS_ALONG) : std::span<const int>(WEIGHTS)) {
        for (int slices = 1; slices <= Geometry::WARPS; slices *= 2) {
            for (int parts = 1; parts <= most_parts; parts++) {
                Geometry g{weights, slices, 1, 1, parts, 0};
                g.splits = divide_up(depth(shape), g.depth());
                g.groups = divide_up(tiles, g.tiles());
                if (allowed(options.weights, weights) && allowed(options.slices, slices) &&
                    allowed(options.parts, parts) && g.blocks() <= chip.multiprocessors &&
                    fit_samples(shape, chip, options.samples, g)) {
                    all.push_back({g, cycles(shape, g)});
                }
            }
        }
    }
    return all;
}

/** The plan of the best geometry; not persistent if none fits. */
Plan best(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options) {
    const std::vector<Candidate> all = candidates(shape, chip, options);
    if (all.empty()) {
        return {};
    }
    const auto chosen = std::min_element(all.begin(), all.end(), [](const Candidate &a, const Candidate &b) {
        return a.cycles != b.cycles ? a.cycles < b.cycles : a.geometry.blocks() < b.geometry.blocks();
    });
    const Geometry &g = chosen->geometry;
    return {true, g, shared_bytes(shape, g), chosen->cycles, describe(shape, g, chosen->cycles)};
}

/** Of a step of a sweep that is no sweep along a direction, run in the faster way. */
double cycles_of_single(const SweepShape &shape, const Chip &chip, const borep_sweep_options &options) {
    const Plan plan = best(shape, chip, options);
    const double launched = StepPlanner(shape, chip, options).cycles();
    return plan.persistent ? std::min(plan.cycles, launched) : launched;
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
    const Plan plan = best(shape, chip, options);
    const bool fixed = (options.weights | options.slices | options.parts | options.samples) != 0;
    if (!plan.persistent && fixed) {
        return step_by_step("no geometry of the kind that is asked for fits");
    }
    if (!plan.persistent) {
        const double mega = 4.0e-6 * shape.gates * shape.hidden * shape.hidden * (shape.along() ? 2 : 1);
        return step_by_step(
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
        return step_by_step("that is predicted to be faster, about " + std::to_string(static_cast<long>(launched)) + " cycles a step");
    }
    return plan;
}

}  // namespace borep
