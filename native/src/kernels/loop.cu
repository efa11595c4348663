/*
 * Several recorded programs in one launch. Which program comes when is known to the host, which writes it down; the device walks
 * the list:
 *
 *   write_turns                                 the list, by value; turn = 0
 *   WHILE more                                  conditional nodes, CUDA 12.4 or newer
 *       choose                                  body = list[turn]; its guard has stopped: the guard's own body; ++turn; more = ...
 *       IF chosen 0 { program 0 } ... IF chosen n { guard's copy of the kept state }
 *
 * The programs are child graphs of the bodies, so they do exactly what they do when launched one by one. After a bad step of a
 * guard its programs are skipped; what was enqueued between the launches is undone by the guard's body.
 */
#include "kernels/loop.h"

#include <algorithm>
#include <iterator>

#include "kernels/guard.cuh"

namespace borep {

#if CUDART_VERSION >= 12040

namespace {

/** From CUDA 12.4 on a driver knows conditional nodes. */
constexpr int OLDEST_DRIVER = 12040;

struct Turns {
    int count;
    uint8_t bodies[MOST_TURNS];
};

struct Progress {
    int turn;
    Turns turns;
};

struct Bodies {
    int count;
    cudaGraphConditionalHandle more;
    cudaGraphConditionalHandle chosen[MOST_BODIES];
    /** Where a body's guard says that it has stopped, null: it has none; and the body that takes its place then. */
    const int *stopped[MOST_BODIES];
    int instead[MOST_BODIES];
};

__global__ void write_turns(Progress *progress, Turns turns) {
    for (int i = threadIdx.x; i < turns.count; i += blockDim.x) {
        progress->turns.bodies[i] = turns.bodies[i];
    }
    if (threadIdx.x == 0) {
        progress->turn = 0;
        progress->turns.count = turns.count;
    }
}

/** One thread: conditions must not be set by two. */
__global__ void choose(Progress *progress, Bodies bodies) {
    const int turn = progress->turn;
    int body = progress->turns.bodies[turn];
    if (bodies.stopped[body] != nullptr && *bodies.stopped[body] != 0) {
        body = bodies.instead[body];
    }
    for (int i = 0; i < bodies.count; i++) {
        cudaGraphSetConditional(bodies.chosen[i], i == body ? 1 : 0);
    }
    progress->turn = turn + 1;
    cudaGraphSetConditional(bodies.more, turn + 1 < progress->turns.count ? 1 : 0);
}

/** Adds a conditional node after `before`, null: as the first one, which it then names; returns the graph that it runs. */
cudaGraph_t add_conditional(
    cudaGraph_t graph, cudaGraphNode_t *before, cudaGraphConditionalHandle handle, cudaGraphConditionalNodeType type) {
    cudaGraphNodeParams params{};
    params.type = cudaGraphNodeTypeConditional;
    params.conditional.handle = handle;
    params.conditional.type = type;
    params.conditional.size = 1;
    cudaGraphNode_t added{};
    const size_t dependencies = before == nullptr ? 0 : 1;
#if CUDART_VERSION >= 13000
    BOREP_CUDA(cudaGraphAddNode(&added, graph, before, nullptr, dependencies, &params));
#else
    BOREP_CUDA(cudaGraphAddNode(&added, graph, before, dependencies, &params));
#endif
    if (before != nullptr) {
        *before = added;
    }
    return params.conditional.phGraph_out[0];
}

/** Each once. */
std::vector<borep_guard *> guards_of(const std::vector<borep_program *> &programs) {
    std::vector<borep_guard *> guards;
    for (const borep_program *program : programs) {
        if (program->guard != nullptr && std::find(guards.begin(), guards.end(), program->guard) == guards.end()) {
            guards.push_back(program->guard);
        }
    }
    return guards;
}

}  // namespace

class Loop {
   public:
    /** `programs` in ascending order. */
    Loop(borep_context &context, std::vector<borep_program *> programs)
        : context_(context), programs_(std::move(programs)), progress_(context, sizeof(Progress)) {
        cudaGraph_t graph = nullptr;
        context.make_current();
        BOREP_CUDA(cudaGraphCreate(&graph, 0));
        try {
            build(graph);
            BOREP_CUDA(cudaGraphInstantiate(&executable_, graph, 0));
        } catch (...) {
            cudaGraphDestroy(graph);
            throw;
        }
        BOREP_CUDA(cudaGraphDestroy(graph));
    }
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;
    ~Loop() {
        cudaGraphExecDestroy(executable_);
    }

    const std::vector<borep_program *> &programs() const {
        return programs_;
    }

    void run(const std::vector<borep_program *> &order) {
        Turns turns{static_cast<int>(order.size()), {}};
        for (size_t i = 0; i < order.size(); i++) {
            const auto place = std::lower_bound(programs_.begin(), programs_.end(), order[i]);
            turns.bodies[i] = static_cast<uint8_t>(place - programs_.begin());
        }
        BOREP_LAUNCH(write_turns, 1, MOST_TURNS, 0, context_.stream(), progress_.as<Progress>(), turns);
        BOREP_CUDA(cudaGetLastError());
        BOREP_CUDA(cudaGraphLaunch(executable_, context_.stream()));
    }

   private:
    void build(cudaGraph_t graph) {
        const std::vector<borep_guard *> guards = guards_of(programs_);
        Bodies bodies{};
        bodies.count = static_cast<int>(programs_.size() + guards.size());
        BOREP_CUDA(cudaGraphConditionalHandleCreate(&bodies.more, graph, 1, cudaGraphCondAssignDefault));
        const cudaGraph_t turn = add_conditional(graph, nullptr, bodies.more, cudaGraphCondTypeWhile);
        for (int i = 0; i < bodies.count; i++) {
            BOREP_CUDA(cudaGraphConditionalHandleCreate(&bodies.chosen[i], turn, 0, 0));
        }
        for (size_t i = 0; i < programs_.size(); i++) {
            if (const borep_guard *guard = programs_[i]->guard; guard != nullptr) {
                bodies.stopped[i] = guard->stopped();
                const auto place = std::find(guards.begin(), guards.end(), guard) - guards.begin();
                bodies.instead[i] = static_cast<int>(programs_.size() + place);
            }
        }
        cudaGraphNode_t last{};
        BOREP_CUDA(add_kernel(&last, turn, choose, 1, 1, progress_.as<Progress>(), bodies));
        for (int i = 0; i < bodies.count; i++) {
            const cudaGraph_t body = add_conditional(turn, &last, bodies.chosen[i], cudaGraphCondTypeIf);
            const size_t place = static_cast<size_t>(i);
            if (place < programs_.size()) {
                cudaGraphNode_t child{};
                BOREP_CUDA(cudaGraphAddChildGraphNode(&child, body, nullptr, 0, programs_[place]->graph));
            } else {
                guards[place - programs_.size()]->add_settling(body);
            }
        }
    }

    borep_context &context_;
    std::vector<borep_program *> programs_;
    Memory progress_;
    cudaGraphExec_t executable_ = nullptr;
};

Loops::Loops(borep_context &context) : context_(context) {
    int driver = 0;
    BOREP_CUDA(cudaDriverGetVersion(&driver));
    if (driver < OLDEST_DRIVER) {
        unavailable_ = "the driver is for CUDA " + std::to_string(driver / 1000) + "." + std::to_string(driver % 1000 / 10) +
                       ", loops need 12.4";
    }
}

Loops::~Loops() = default;

bool Loops::run(const std::vector<borep_program *> &turns) {
    if (!unavailable_.empty()) {
        return false;
    }
    std::vector<borep_program *> programs = turns;
    std::sort(programs.begin(), programs.end());
    programs.erase(std::unique(programs.begin(), programs.end()), programs.end());
    if (programs.size() + guards_of(programs).size() > MOST_BODIES) {
        return false;
    }
    Loop *loop = nullptr;
    try {
        loop = loop_for(std::move(programs));
    } catch (const Failure &failure) {
        cudaGetLastError();
        unavailable_ = failure.text;
        return false;
    }
    loop->run(turns);
    return true;
}

/** One that holds all of them; else a new one, joined with the programs of an old one that they have been run with before. */
Loop *Loops::loop_for(std::vector<borep_program *> programs) {
    for (const auto &loop : loops_) {
        if (std::includes(loop->programs().begin(), loop->programs().end(), programs.begin(), programs.end())) {
            return loop.get();
        }
    }
    for (auto loop = loops_.rbegin(); loop != loops_.rend(); ++loop) {
        std::vector<borep_program *> common, all;
        const auto &others = (*loop)->programs();
        std::set_intersection(
            others.begin(), others.end(), programs.begin(), programs.end(), std::back_inserter(common));
        std::set_union(others.begin(), others.end(), programs.begin(), programs.end(), std::back_inserter(all));
        if (!common.empty() && all.size() + guards_of(all).size() <= MOST_BODIES) {
            programs = std::move(all);
            break;
        }
    }
    loops_.push_back(std::make_unique<Loop>(context_, std::move(programs)));
    return loops_.back().get();
}

#else

class Loop {};

Loops::Loops(borep_context &context) : context_(context), unavailable_("the library was built with a CUDA older than 12.4") {}

Loops::~Loops() = default;

bool Loops::run(const std::vector<borep_program *> &) {
    return false;
}

#endif

}  // namespace borep
