#include "kernels/recurrent_plan.h"

#include <algorithm>
#include <span>
#include <vector>

namespace borep {
namespace {

/*
 * Predicted cycles of an H100's multiprocessor at 1.75 GHz, from data sheets and published measurements; `bench/gpu-check
 * ceilings` measures them. They rank geometries: only their ratios matter.
 */
/** What every step waits for one after the other: its first states from L2, its units' tape. */
constexpr double LATENCY = 1500;
/** A barrier of many blocks through L2: 1.3 µs. */
constexpr double BARRIER = 2300;
/** A barrier of the few blocks that share rows. */
constexpr double EXCHANGE = 2000;
/** L2 bytes a cycle that a multiprocessor gets, when all read at once and when it reads alone. */
constexpr double SHARED_L2 = 24;
constexpr double ALONE_L2 = 64;
/** The cell of one unit and sample: a few dependent reads of the tape, exponentials, writes. */
constexpr double CELL = 100;

/** Predictions closer to each other than this count as equal; then fewer blocks win, because they meet faster. */
constexpr double ALIKE = 1.15;

/** Weights in a thread: of one matrix, and of each of two. */
constexpr int WEIGHTS[] = {16, 32, 64, 128};
constexpr int WEIGHTS_ALONG[] = {16, 32, 48};

/** Multiply-adds a cycle of a multiprocessor: FFMA at three quarters of 128 lanes; mma.sync at what Hopper gives it. */
double multiply_rate(borep_precision precision) {
    return precision == BOREP_FP32 ? 96 : precision == BOREP_3XTF32 ? 200 : 600;
}

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

/** Of one step of the whole batch. */
double cycles(const SweepShape &shape, const Chip &chip, const Geometry &g) {
    const int samples = divide_up(shape.batch, g.parts);
    const int multiplied = shape.precision == BOREP_FP32 ? samples : divide_up(samples, 8) * 8;
    const double matrices = shape.along() ? 2 : 1;
    const double products = shape.along() ? 3 : 1; // W h, W R{h} and V h
    const double multiply = products * multiplied * g.rows() * g.depth() / multiply_rate(shape.precision);
    const double bytes = matrices * samples * g.depth() * sizeof(float);
    const double fetch = bytes / std::min(ALONE_L2, SHARED_L2 * chip.multiprocessors / g.blocks());
    const int units = g.rows() / (shape.backward() ? 1 : shape.gates);
    const double cells = matrices * CELL * divide_up(units * samples, g.splits * Geometry::THREADS);
    const double sums = 2 * matrices * samples * g.rows() * sizeof(float) / SHARED_L2; // written once, read once
    const double meetings = (g.groups * g.splits > 1 ? BARRIER : 0) + (g.splits > 1 ? EXCHANGE + sums : 0);
    return LATENCY + meetings + cells + std::max(multiply, fetch);
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
                    all.push_back({g, cycles(shape, chip, g)});
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
    const auto faster = [](const Candidate &a, const Candidate &b) { return a.cycles < b.cycles; };
    const double least = std::min_element(all.begin(), all.end(), faster)->cycles;
    const Candidate *chosen = nullptr;
    for (const Candidate &c : all) {
        if (c.cycles <= ALIKE * least && (chosen == nullptr || c.geometry.blocks() < chosen->geometry.blocks() ||
                                          (c.geometry.blocks() == chosen->geometry.blocks() && faster(c, *chosen)))) {
            chosen = &c;
        }
    }
    const Geometry &g = chosen->geometry;
    return {true, g, shared_bytes(shape, g), chosen->cycles, describe(shape, g, chosen->cycles)};
}

/**
 * Two sweeps one after the other in place of one along a direction: their steps, and V_hh's product over all rows at once,
 * which then uses the whole chip.
 */
double cycles_apart(SweepShape shape, const Chip &chip, const borep_sweep_options &options) {
    shape.sweep = shape.backward() ? Sweep::BACKWARD : Sweep::FORWARD;
    const double step = best(shape, chip, options).cycles;
    const double product = 1.0 * shape.gates * shape.hidden * shape.hidden * shape.batch;
    return 2 * step + product / (multiply_rate(shape.precision) * chip.multiprocessors);
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
    if (!plan.persistent && (options.weights | options.slices | options.parts | options.samples) != 0) {
        return step_by_step("no geometry of the kind that is asked for fits");
    }
    if (!plan.persistent) {
        const double mega = 4.0e-6 * shape.gates * shape.hidden * shape.hidden * (shape.along() ? 2 : 1);
        return step_by_step(
            std::to_string(static_cast<long>(mega)) + " MB of recurrent weights find no place in the registers of " +
            std::to_string(chip.multiprocessors) + " multiprocessors");
    }
    // A persistent step multiplies as fast as a launched one and saves the launch and the weights' way from L2: it is taken
    // wherever it fits.
    if (shape.along() && options.path != BOREP_SWEEPS_PERSISTENT && plan.cycles > cycles_apart(shape, chip, options)) {
        return step_by_step("two sweeps, one after the other, are predicted to be faster");
    }
    return plan;
}

}  // namespace borep
