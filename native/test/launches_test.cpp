/*
 * The three ways in which a launch whose blocks wait for each other, cooperative or in clusters, reaches a device: by itself, as a node
 * of a graph, and in the bodies of a graph's conditional nodes; each against the same sweeps step by step. `bench/gpu-check launches`
 * runs this first, a process each way: a device or a driver that is wrong about one of them may wait for ever, and the next way says
 * which.
 *
 *   launches_test [launch|graph|loop]      without a word all three; 77: there are no conditional nodes here, and why
 */
#include <memory>

#include "recurrent_layer.h"

using namespace test;

namespace {

constexpr int NOT_THERE = 77;

/** Which of two programs comes when: each follows itself and the other. */
constexpr int ORDER[] = {0, 1, 1, 0, 0, 1, 0};

void set_sweeps(const Context &context, borep_sweep_path path, int parts = 0) {
    const bool persistent = path == BOREP_SWEEPS_PERSISTENT;
    const borep_sweep_options options = {sizeof options, path, persistent ? 16 : 0, persistent ? 1 : 0, parts, 0};
    OK(borep_context_set_sweeps(context, &options));
}

/** In float32. A layer whose single sweeps and sweeps along a direction are two programs. */
class Sweeps {
   public:
    Sweeps(const Context &context, int hidden, int parts, borep_sweep_path path = BOREP_SWEEPS_PERSISTENT)
        : context_(context), path_(path), parts_(parts), case_{"layer", BOREP_LSTM, 3, hidden, false, {5, 5, 4, 4, 3, 3, 2, 1, 1}},
          batch_(context, case_.lengths), layer_(context, case_, batch_, 11) {
        set_sweeps(context, BOREP_SWEEPS_STEPWISE);
        twin_ = layer_.run(Calls::SINGLE);
    }

    /** Whether the device holds all blocks of all sweeps at once; streamed, those along a direction are two. */
    bool fit() const {
        set_sweeps(context_, path_, parts_);
        for (const borep_sweep sweep :
             {BOREP_FORWARD, BOREP_BACKWARD, BOREP_TANGENT_FORWARD, BOREP_TANGENT_BACKWARD, BOREP_FORWARD_ALONG,
              BOREP_BACKWARD_ALONG}) {
            const bool along = sweep == BOREP_FORWARD_ALONG || sweep == BOREP_BACKWARD_ALONG;
            if (layer_.plan(sweep).rfind("step by step", 0) == 0 && !(along && path_ == BOREP_SWEEPS_STREAMED)) {
                return false;
            }
        }
        return true;
    }

    void launch() const {
        set_sweeps(context_, path_, parts_);
        for (const Calls calls : {Calls::SINGLE, Calls::ALONG}) {
            const Results results = layer_.run(calls);
            expect(results.distance(twin_) <= 1e-5, "launches against step by step, " + layer_.plan(BOREP_BACKWARD));
            expect(layer_.run(calls) == results, "the same bits again");
        }
    }

    /** @param most programs of a launch */
    void replay(int most) const {
        set_sweeps(context_, path_, parts_);
        OK(borep_context_gather(context_, 1));
        layer_.reset();
        for (const int program : ORDER) {
            layer_.sweep(CALLS[program]);
        }
        const Results direct = layer_.results();
        borep_program *programs[2] = {};
        for (int i = 0; i < 2; i++) {
            OK(borep_program_begin(context_, nullptr));
            layer_.sweep(CALLS[i]);
            OK(borep_program_end(context_, &programs[i]));
        }
        OK(borep_context_gather(context_, most));
        for (int again = 0; again < 2; again++) {
            layer_.reset();
            const uint64_t before = statistics(context_).launches;
            for (const int program : ORDER) {
                OK(borep_program_run(programs[program]));
            }
            OK(borep_context_flush(context_));
            const uint64_t launches = statistics(context_).launches - before;
            expect(layer_.results() == direct, "replays give the bits of direct calls");
            expect(launches == (most == 1 ? std::size(ORDER) : 1), std::to_string(launches) + " launches of the host");
        }
    }

   private:
    static constexpr Calls CALLS[] = {Calls::SINGLE, Calls::ALONG};

    const Context &context_;
    borep_sweep_path path_;
    int parts_;
    Case case_;
    Batch batch_;
    Layer layer_;
    Results twin_;
};

/** The largest of some grids that this device holds: of a GPU nearly all multiprocessors, on the host executor a few blocks. */
std::unique_ptr<Sweeps> largest(const Context &context) {
    const bool host = description(context).find("run on the host") != std::string::npos;
    for (const auto &[hidden, parts] : {std::pair{256, 2}, {256, 1}, {128, 2}, {128, 1}}) {
        if (!host) {
            auto sweeps = std::make_unique<Sweeps>(context, hidden, parts);
            if (sweeps->fit()) {
                return sweeps;
            }
        }
    }
    return std::make_unique<Sweeps>(context, 40, 1);
}

/** What is left where cooperative launches do not work. */
void environment_forces_steps() {
    setenv("BOREP_SWEEPS", "stepwise", 1);
    {
        const Context context;
        const Case c = {"layer", BOREP_LSTM, 3, 20, false, {2, 1}};
        const Batch batch(context, c.lengths);
        const std::string plan = Layer(context, c, batch, 5).plan(BOREP_FORWARD);
        expect(plan == "step by step: asked for", "BOREP_SWEEPS=stepwise: " + plan);
    }
    setenv("BOREP_SWEEPS", "swiftly", 1);
    borep_context *none = nullptr;
    expect(
        borep_context_create(0, &none) == BOREP_BAD_ARGUMENT && none == nullptr &&
            std::string(borep_last_error()) == "BOREP_SWEEPS 'swiftly': must be auto or stepwise",
        std::string("an unknown way: ") + borep_last_error());
    unsetenv("BOREP_SWEEPS");
}

}  // namespace

int main(int count, char **words) {
    const std::string way = count > 1 ? words[1] : "all";
    if (count > 2 || (way != "all" && way != "launch" && way != "graph" && way != "loop")) {
        std::fprintf(stderr, "usage: launches_test [launch|graph|loop]\n");
        return 2;
    }
    if (way == "all") {
        environment_forces_steps();
    }
    const Context context;
    OK(borep_context_gather(context, 2)); // from now on the description tells whether there are loops
    const std::string described = description(context);
    OK(borep_context_gather(context, 1));
    const bool loops = described.find("programs a launch") != std::string::npos;
    if (way == "loop" && !loops) {
        std::printf("no conditional nodes: %s\n", described.c_str());
        return NOT_THERE;
    }
    std::vector<std::unique_ptr<Sweeps>> all;
    all.push_back(largest(context));
    expect(all.front()->fit(), "some sweeps are cooperative launches");
    for (const borep_sweep_path path : {BOREP_SWEEPS_STREAMED, BOREP_SWEEPS_CLUSTERED}) {
        auto sweeps = std::make_unique<Sweeps>(context, 40, 0, path);
        if (sweeps->fit()) { // not every device has clusters
            all.push_back(std::move(sweeps));
        }
    }
    std::printf("ways to run a sweep: %zu\n", all.size());
    for (const auto &sweeps : all) {
        if (way == "all" || way == "launch") {
            sweeps->launch();
        }
        if (way == "all" || way == "graph") {
            sweeps->replay(1);
        }
        if (loops && (way == "all" || way == "loop")) {
            sweeps->replay(static_cast<int>(std::size(ORDER)));
        }
    }
    return finish(("launches, " + way).c_str());
}
