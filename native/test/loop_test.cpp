/* Several programs in one launch: the same bits as one by one, fewer launches, and nothing after a bad step. */
#include <cstring>

#include "abi.h"

using namespace test;

namespace {

/** Programs that do not commute, on one vector: v = 1.25 v + s, v = v², v = sin v; each advances a counter. */
struct Programs {
    explicit Programs(const Context &context) : context(context) {
        for (int i = 0; i < 3; i++) {
            OK(borep_program_begin(context, nullptr));
            body(i);
            OK(borep_program_end(context, &all[i]));
        }
    }

    void body(int i) const {
        if (i == 0) {
            OK(borep_update_scale(context, SIZE, 1.25, v));
            OK(borep_update_axpy(context, SIZE, 1, 0, s, v));
        } else if (i == 1) {
            OK(borep_update_multiply(context, SIZE, v, v, v));
        } else {
            OK(borep_update_apply(context, SIZE, BOREP_SIN, v, v));
        }
        OK(borep_update_advance(context, counter));
    }

    static constexpr int SIZE = 700;

    const Context &context;
    borep_address v = context.reals(std::vector<float>(SIZE, 0.5f));
    borep_address s = context.reals(Random(3).numbers(SIZE, 1));
    borep_address counter = context.longs({0});
    borep_program *all[3] = {};
};

/** 0 1 2 2 0 1 ...: what a solver with two periods would run. */
int turn(int k) {
    return k % 7 == 3 ? 2 : k % 3;
}

constexpr int TURNS = 50;

std::vector<float> run(int gathered, bool with_others) {
    const Context context;
    const Programs programs(context);
    OK(borep_context_gather(context, gathered));
    const bool loops = description(context).find("programs a launch") != std::string::npos;
    const borep_statistics before = statistics(context);
    for (int k = 0; k < TURNS; k++) {
        OK(borep_program_run(programs.all[turn(k)]));
        if (with_others && k % 20 == 19) {
            programs.body(0);
        }
    }
    OK(borep_context_flush(context));
    const borep_statistics after = statistics(context);
    expect(after.synchronisations == before.synchronisations, "nobody waits");
    expect(after.replays == before.replays + TURNS, "every program counts");
    const uint64_t expected = with_others ? (20 + gathered - 1) / gathered * 2 + (10 + gathered - 1) / gathered
                                          : (TURNS + gathered - 1) / gathered;
    expect(after.launches - before.launches == (loops ? expected : TURNS), "launches with " + std::to_string(gathered));
    expect(context.read_ints(programs.counter, 1)[0] == TURNS + (with_others ? 2 : 0), "all have run");
    return context.read(programs.v, Programs::SIZE);
}

/** The order counts, also that of calls between the programs. */
void gathering_changes_no_bit() {
    for (const bool with_others : {false, true}) {
        const auto alone = run(1, with_others);
        for (const int gathered : {2, 7, 16, 256}) {
            expect(run(gathered, with_others) == alone, "the same bits with " + std::to_string(gathered) + " a launch");
        }
    }
}

/** Beyond a loop's bodies programs are launched one by one. */
void many_programs() {
    const Context context;
    const borep_address value = context.reals({0}), ones = context.reals({1});
    std::vector<borep_program *> programs(40);
    for (size_t i = 0; i < programs.size(); i++) {
        OK(borep_program_begin(context, nullptr));
        OK(borep_update_scale(context, 1, 2, value));
        OK(borep_update_axpy(context, 1, static_cast<double>(i % 2), 0, ones, value));
        OK(borep_program_end(context, &programs[i]));
    }
    OK(borep_context_gather(context, 20));
    for (const size_t i : {1, 2, 3, 5, 8, 13, 21}) {
        OK(borep_program_run(programs[i]));
    }
    expect(context.read(value, 1)[0] == 0b1011011, "few of many programs");
    OK(borep_update_fill(context, 1, value, 0));
    for (size_t i = 0; i < 20; i++) {
        OK(borep_program_run(programs[i]));
    }
    expect(context.read(value, 1)[0] == 349525.0f, "many different programs");
}

/** `hits` is no part of the state, so it tells what has run. */
void a_stopped_guard_skips_its_programs() {
    const Context context;
    const borep_address x = context.reals({0}), hits = context.reals({0}), others = context.reals({0});
    const borep_address left = context.reals({0}), ones = context.reals({1}), values = context.reals({0});
    borep_ring *ring = nullptr;
    borep_guard *guard = nullptr;
    borep_program *prepare = nullptr, *step = nullptr, *other = nullptr;
    const borep_vector state = {x, 1, 0};
    const borep_address counter = context.longs({0});
    OK(borep_ring_create(context, 1, 8, &ring));
    OK(borep_guard_create(ring, values, counter, &state, 1, &guard));
    OK(borep_program_begin(context, guard));
    OK(borep_update_axpy(context, 1, 0.5, 0, ones, x));
    OK(borep_program_end(context, &prepare));
    OK(borep_program_begin(context, guard));
    OK(borep_update_axpy(context, 1, 1, 0, ones, x));
    OK(borep_update_axpy(context, 1, 1, 0, ones, hits));
    OK(borep_update_axpy(context, 1, 30, 0, ones, left)); // exp(90) is no float
    OK(borep_update_apply(context, 1, BOREP_EXP, left, values));
    OK(borep_guard_end(guard));
    OK(borep_program_end(context, &step));
    OK(borep_program_begin(context, nullptr));
    OK(borep_update_axpy(context, 1, 1, 0, ones, others));
    OK(borep_program_end(context, &other));

    OK(borep_context_gather(context, 32));
    const bool loops = description(context).find("programs a launch") != std::string::npos;
    for (int k = 0; k < 10; k++) {
        OK(borep_program_run(prepare));
        OK(borep_program_run(step));
        OK(borep_program_run(other));
    }
    expect(context.read(x, 1)[0] == 3.0f, "the state is that of the second step");
    expect(context.read(hits, 1)[0] == (loops ? 3.0f : 10.0f), "a launch skips what comes after a bad step");
    expect(context.read(others, 1)[0] == 10.0f, "but not what belongs to nobody");
    OK(borep_program_run(prepare));
    OK(borep_update_axpy(context, 1, 5, 0, ones, x));
    OK(borep_program_run(prepare));
    OK(borep_program_run(step));
    expect(context.read(x, 1)[0] == 3.0f, "what was enqueued between launches is undone");
}

void refusals() {
    const Context context;
    expect(
        borep_context_gather(context, 0) == BOREP_BAD_ARGUMENT &&
            std::strcmp(borep_last_error(), "programs of a launch 0: must lie in [1, 256]") == 0,
        "bounds of a launch");
}

/** What the host executor does with an old driver, a GPU's own driver does where it is old. */
void old_drivers_launch_one_by_one() {
    const auto alone = run(1, true);
    setenv("BOREP_SIMT_DRIVER", "12020", 1);
    expect(run(16, true) == alone, "the same bits with an old driver");
    {
        const Context context;
        OK(borep_context_gather(context, 8));
        const std::string text = description(context);
        expect(
            text.find("run on the host") == std::string::npos ||
                text.find("each program a launch: the driver is for CUDA 12.2, loops need 12.4") != std::string::npos,
            "why there are no loops: " + text);
    }
    a_stopped_guard_skips_its_programs();
    unsetenv("BOREP_SIMT_DRIVER");
}

}  // namespace

int main() {
    gathering_changes_no_bit();
    many_programs();
    a_stopped_guard_skips_its_programs();
    refusals();
    old_drivers_launch_one_by_one();
    return finish("loop");
}
