/*
 * Persistent sweeps, cooperative and in clusters, in geometries that a test's small layers would never get by themselves: one block,
 * several that share rows, columns or samples, several chunks; each against its step-by-step twin, and again for the same bits.
 */
#include <cstring>

#include "recurrent_layer.h"

using namespace test;

namespace {

struct Geometry {
    int weights;
    int slices;
    int parts;
    int samples;
};

void set_sweeps(const Context &context, borep_sweep_path path, Geometry g = {}) {
    const borep_sweep_options options = {sizeof options, path, g.weights, g.slices, g.parts, g.samples};
    OK(borep_context_set_sweeps(context, &options));
}

double tolerance(borep_precision precision) {
    return precision == BOREP_FP32 ? 2e-6 : precision == BOREP_3XTF32 ? 6e-6 : 6e-3;
}

/** How often something that a geometry can have was seen. */
struct Seen {
    int one_block = 0;
    int groups = 0;
    int splits = 0;
    int parts = 0;
    int clusters = 0;
    int refused = 0;

    void count(const std::string &plan) {
        clusters += plan.rfind("in clusters", 0) == 0;
        if (plan.rfind("persistent", 0) != 0) {
            return;
        }
        one_block += plan.find(": 1 blocks") != std::string::npos;
        groups += plan.find("= 1 groups") == std::string::npos;
        splits += plan.find("x 1 splits") == std::string::npos;
        parts += plan.find("x 1 parts") == std::string::npos;
    }
};

std::vector<int> random_lengths(Random &random, int samples) {
    std::vector<int> lengths;
    for (int b = 0; b < samples; b++) {
        lengths.push_back(random.below(6));
    }
    lengths[0] = 1 + random.below(5);
    return lengths;
}

/** One random layer, one random geometry. */
void compare(uint64_t seed, borep_sweep_path path, Seen &seen) {
    Random random(seed);
    const auto pick = [&](std::vector<int> values) { return values[random.below(static_cast<int>(values.size()))]; };
    const auto precision = static_cast<borep_precision>(random.below(3));
    const Geometry geometry = {pick({16, 16, 32, 64}), pick({1, 1, 2, 4, 8}), pick({1, 2, 4}), pick({8, 16, 32})};
    const Case c = {"random", random.below(2), 1 + random.below(5), 1 + random.below(72), random.below(2) == 1,
                    random_lengths(random, 1 + random.below(20))};
    const std::string name = "seed " + std::to_string(seed) + ": " + (c.cell == BOREP_LSTM ? "LSTM " : "tanh RNN ") +
                             std::to_string(c.hidden) + ", batch " + std::to_string(c.lengths.size());
    const Context context(precision);
    const Batch batch(context, c.lengths);
    const Layer layer(context, c, batch, seed);
    set_sweeps(context, BOREP_SWEEPS_STEPWISE);
    const Results twin = layer.run(Calls::SINGLE);
    for (const auto &[calls, sweeps] :
         {std::pair{Calls::SINGLE, std::vector{BOREP_FORWARD, BOREP_BACKWARD}},
          std::pair{Calls::ALONG, std::vector{BOREP_FORWARD_ALONG, BOREP_BACKWARD_ALONG}}}) {
        Geometry own = geometry;
        const int most_along = path == BOREP_SWEEPS_CLUSTERED ? 32 : 48;
        own.weights = calls == Calls::ALONG ? std::min(geometry.weights, most_along) : geometry.weights;
        own.samples = path == BOREP_SWEEPS_CLUSTERED ? 0 : geometry.samples; // there a part's
        set_sweeps(context, path, own);
        const std::string forward = layer.plan(sweeps[0]), backward = layer.plan(sweeps[1]);
        if (forward.rfind("step by step", 0) == 0 || backward.rfind("step by step", 0) == 0) {
            seen.refused++;
            continue; // more blocks or samples than there is room for
        }
        seen.count(forward);
        seen.count(backward);
        const Results first = layer.run(calls);
        const double distance = first.distance(twin);
        expect(
            distance <= tolerance(precision), name + (calls == Calls::ALONG ? ", along" : "") + ": off by " +
                                                  std::to_string(distance) + "; forward " + forward + "; backward " +
                                                  backward);
        expect(layer.run(calls) == first, name + ": the same bits again");
    }
}

bool has_clusters() {
    const Case c = {"small", BOREP_LSTM, 3, 8, false, {2, 1}};
    const Context context;
    const Batch batch(context, c.lengths);
    const Layer layer(context, c, batch, 1);
    set_sweeps(context, BOREP_SWEEPS_CLUSTERED);
    return layer.plan(BOREP_FORWARD) != "step by step: the device has no clusters of thread blocks";
}

/**
 * A program recorded once runs over batches with other steps, rows and orders, as direct calls do.
 *
 * @param alone what the plan must not say: its blocks shall meet
 */
void replays_fit_other_batches(borep_sweep_path path, int hidden, Geometry geometry, const std::string &alone) {
    const Case c = {"replay", BOREP_LSTM, 3, hidden, false, {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}};
    const Context context;
    Batch batch(context, c.lengths);
    const Layer layer(context, c, batch, 7);
    for (const Calls calls : {Calls::SINGLE, Calls::ALONG}) {
        set_sweeps(context, path, geometry);
        const std::string plan = layer.plan(BOREP_BACKWARD);
        expect(
            plan.rfind("step by step", 0) != 0 && plan.find(alone) == std::string::npos,
            "the blocks of the recorded sweep need each other: " + plan);
        layer.sweep(calls); // makes its memory
        borep_program *program = nullptr;
        OK(borep_program_begin(context, nullptr));
        layer.sweep(calls);
        OK(borep_program_end(context, &program));
        const std::vector<std::vector<int>> batches = {
            {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, {1, 0, 2, 1, 0, 0, 0, 1, 1, 1, 1}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
            {4, 1, 5, 0, 2, 2, 3, 1, 1, 4, 5}, {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}};
        for (const std::vector<int> &lengths : batches) {
            batch.pack(context, lengths);
            const Results direct = layer.run(calls);
            layer.reset();
            OK(borep_program_run(program));
            expect(layer.results() == direct, "a replay over " + std::to_string(batch.rows) + " rows equals direct calls");
        }
        batch.pack(context, c.lengths);
    }
}

/** All strips' steps in one launch end with the bits of one launch each, also where chunks of W_hh stay in shared memory. */
void streamed_sweeps_are_step_by_step(uint64_t seed, int &streamed) {
    Random random(seed);
    const auto precision = static_cast<borep_precision>(random.below(3));
    const int cell = random.below(2);
    const int hidden = 4 * (1 + random.below(cell == BOREP_LSTM ? 30 : 120));
    const Case c = {"streamed", cell, 4 * random.below(3) + 4, hidden, random.below(2) == 1, random_lengths(random, 1 + random.below(40))};
    const Context context(precision);
    const Batch batch(context, c.lengths);
    const Layer layer(context, c, batch, seed);
    set_sweeps(context, BOREP_SWEEPS_STEPWISE);
    const Results twin = layer.run(Calls::SINGLE);
    set_sweeps(context, BOREP_SWEEPS_STREAMED);
    const std::string forward = layer.plan(BOREP_FORWARD), backward = layer.plan(BOREP_BACKWARD);
    if (forward.rfind("streamed", 0) != 0 || backward.rfind("streamed", 0) != 0) {
        return;
    }
    streamed++;
    const std::string name = "seed " + std::to_string(seed) + ", hidden " + std::to_string(hidden) + ", " + forward;
    expect(layer.run(Calls::SINGLE) == twin, name + ": the bits of a launch a step");
    expect(layer.run(Calls::SINGLE) == twin, name + ": again");
}

/** The most shared memory of a kernel is one number for all its plans: one that needs less must not take it from one that needs more. */
void plans_share_a_kernel() {
    const Case c = {"two plans", BOREP_LSTM, 3, 20, false, {3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1}};
    const Context context;
    const Batch batch(context, c.lengths);
    const Layer layer(context, c, batch, 9);
    const Geometry large = {16, 8, 1, 32}, small = {16, 8, 1, 16};
    set_sweeps(context, BOREP_SWEEPS_PERSISTENT, large);
    const Results first = layer.run(Calls::SINGLE);
    set_sweeps(context, BOREP_SWEEPS_PERSISTENT, small);
    layer.run(Calls::SINGLE);
    set_sweeps(context, BOREP_SWEEPS_PERSISTENT, large);
    expect(layer.run(Calls::SINGLE) == first, "a plan runs after another one of the same kernel that needs less");
}

/** What cannot be had is refused with its reason, before anything is enqueued. */
void refusals() {
    const Case c = {"large", BOREP_LSTM, 1, 600, false, {1}};
    const Context context;
    const Batch batch(context, c.lengths);
    const Layer layer(context, c, batch, 3);
    set_sweeps(context, BOREP_SWEEPS_PERSISTENT, {16, 8, 0, 0});
    borep_statistics before{}, after{};
    before.size = after.size = sizeof before;
    OK(borep_context_statistics(context, &before));
    const borep_rows rows = {context.reals(std::vector<float>(600)), 600, 600};
    const borep_rows input = {context.reals({1}), 1, 1};
    const borep_status status =
        borep_recurrent_forward(layer.tape(), &batch.packing, rows.values, &input, &rows);
    expect(
        status == BOREP_BAD_ARGUMENT &&
            std::strstr(borep_last_error(), "no geometry of the kind that is asked for fits") != nullptr,
        std::string("a layer too large for the chip: ") + borep_last_error());
    OK(borep_context_statistics(context, &after));
    expect(before.kernels == after.kernels, "nothing was enqueued");
    const borep_sweep_options wrong = {sizeof wrong, 5, 0, 0, 0, 0};
    expect(
        borep_context_set_sweeps(context, &wrong) == BOREP_BAD_ARGUMENT &&
            std::strcmp(borep_last_error(), "path 5 of sweeps: must be 0 (chosen), 1 (stepwise), 2 (persistent), 3 (clustered) or 4 (streamed)") == 0,
        "an unknown path is refused");
}

/** On a chip that another program fills (BOREP_SIMT_BLOCKS=0) no kernel may wait for blocks that never start. */
int on_a_full_chip() {
    const Case c = {"full chip", BOREP_LSTM, 3, 20, false, {2, 1}};
    const Context context;
    const Batch batch(context, c.lengths);
    const Layer layer(context, c, batch, 5);
    const std::string plan = layer.plan(BOREP_FORWARD);
    const std::string why = "step by step: the device holds 0 of the persistent kernel's ";
    expect(plan.rfind(why, 0) == 0, "a sweep that the device cannot hold: " + plan);
    const Results chosen = layer.run(Calls::ALONG);
    set_sweeps(context, BOREP_SWEEPS_STEPWISE);
    expect(layer.run(Calls::ALONG) == chosen, "it runs step by step");
    set_sweeps(context, BOREP_SWEEPS_PERSISTENT);
    const borep_rows rows = {context.unwritten(3 * 20), 20, 20}, input = {context.unwritten(3 * 3), 3, 3};
    expect(
        borep_recurrent_forward(layer.tape(), &batch.packing, rows.values, &input, &rows) == BOREP_BAD_ARGUMENT &&
            std::string(borep_last_error()).find(why) != std::string::npos,
        std::string("where it is asked for it is refused: ") + borep_last_error());
    return finish("recurrent_persistent on a full chip");
}

}  // namespace

int main() {
    if (std::getenv("BOREP_SIMT_BLOCKS") != nullptr) {
        return on_a_full_chip();
    }
    Seen seen;
    constexpr int ALL_KINDS = 25;
    const int cases = random_cases(ALL_KINDS);
    for (uint64_t seed = 1; seed <= static_cast<uint64_t>(cases); seed++) {
        compare(seed, BOREP_SWEEPS_PERSISTENT, seen);
    }
    Seen in_clusters;
    const bool clusters = has_clusters();
    for (uint64_t seed = 1; clusters && seed <= static_cast<uint64_t>(2 * cases); seed++) {
        compare(seed, BOREP_SWEEPS_CLUSTERED, in_clusters);
    }
    std::printf(
        "sweeps with one block %d, several groups %d, splits %d, parts %d; geometries refused %d; in clusters %d, refused %d\n",
        seen.one_block, seen.groups, seen.splits, seen.parts, seen.refused, in_clusters.clusters, in_clusters.refused);
    expect(
        cases < ALL_KINDS || (seen.one_block >= 5 && seen.groups >= 5 && seen.splits >= 5 && seen.parts >= 5 && seen.refused <= cases),
        "all geometries are exercised");
    expect(!clusters || cases < ALL_KINDS || in_clusters.clusters >= 20, "clusters are exercised");
    int streamed = 0;
    for (uint64_t seed = 1; seed <= static_cast<uint64_t>(cases); seed++) {
        streamed_sweeps_are_step_by_step(seed, streamed);
    }
    expect(cases < ALL_KINDS || streamed >= 10, "streamed sweeps are exercised: " + std::to_string(streamed));
    replays_fit_other_batches(BOREP_SWEEPS_PERSISTENT, 40, {16, 1, 1, 8}, "x 1 splits");
    if (clusters) {
        replays_fit_other_batches(BOREP_SWEEPS_CLUSTERED, 24, {16, 8, 2, 0}, "= 1 groups");
    }
    plans_share_a_kernel();
    refusals();
    return finish("recurrent_persistent");
}
