/* Steps that go wrong: what the guard keeps, what it puts back, and how the host learns of it. */
#include "abi.h"

using namespace test;

namespace {

/** A run whose step adds 1 to x and measures exp(left); `left` is no part of the state, so a large one spoils every later step. */
struct Run {
    explicit Run(const Context &context, bool recorded) : context(context) {
        OK(borep_ring_create(context, 2, 16, &ring));
        const std::vector<borep_vector> state = {{x, 3000, 0}, {y, 5, 0}};
        OK(borep_guard_create(ring, values, counter, state.data(), 2, &guard));
        if (recorded) {
            OK(borep_program_begin(context, guard));
            body();
            OK(borep_program_end(context, &program));
        }
    }

    void step() const {
        if (program != nullptr) {
            OK(borep_program_run(program));
        } else {
            body();
        }
    }

    void body() const {
        OK(borep_update_axpy(context, 3000, 1, 0, ones, x));
        OK(borep_update_apply(context, 1, BOREP_EXP, left, values));
        OK(borep_update_axpy(context, 5, 1, values, ones, y));
        OK(borep_guard_end(guard));
    }

    uint64_t header(int word) const {
        uint64_t at = 0, records = 0;
        OK(borep_ring_memory(ring, &at, &records));
        return reinterpret_cast<const volatile uint64_t *>(at)[word];
    }

    const Context &context;
    borep_address x = context.reals(std::vector<float>(3000)), y = context.reals(std::vector<float>(5));
    borep_address ones = context.reals(std::vector<float>(3000, 1));
    borep_address left = context.reals({1}), values = context.reals({0, 7});
    borep_address counter = context.longs({0});
    borep_ring *ring = nullptr;
    borep_guard *guard = nullptr;
    borep_program *program = nullptr;
};

void a_bad_step_changes_nothing(bool recorded) {
    const Context context;
    const Run run(context, recorded);
    for (int k = 0; k < 4; k++) {
        run.step();
    }
    OK(borep_context_synchronise(context));
    const auto x = context.read(run.x, 3000), y = context.read(run.y, 5);
    expect(x == std::vector<float>(3000, 4), "good steps are kept");
    expect(run.header(0) == 4 && run.header(1) == 0, "four records, the ring is open");

    borep_statistics before{}, after{};
    before.size = after.size = sizeof before;
    OK(borep_context_statistics(context, &before));
    OK(borep_update_fill(context, 1, run.left, 1000));
    for (int k = 0; k < 5; k++) {
        run.step();
    }
    OK(borep_context_statistics(context, &after));
    expect(after.synchronisations == before.synchronisations, "nobody waits for a bad step");
    expect(context.read(run.x, 3000) == x && context.read(run.y, 5) == y, "the state is that of the last good step");
    expect(context.read_ints(run.counter, 2) == std::vector<int32_t>({4, 0}), "bad steps are not counted");
    expect(run.header(0) == 5, "the bad step's record is the last");
    expect(run.header(1) == 1 + 4, "the host sees how many steps were good");

    OK(borep_update_fill(context, 1, run.left, 1));
    run.step();
    expect(context.read(run.x, 3000) == x, "a stop stays until the run begins anew");
    OK(borep_guard_begin(run.guard));
    expect(run.header(1) == 0, "the ring is open again");
    run.step();
    expect(context.read(run.x, 1)[0] == 5.0f && run.header(0) == 6, "a new beginning goes on from the kept state");
}

/** A bad step that has been enqueued, and has not run when the run begins anew, closes nothing afterwards. */
void a_beginning_waits_for_bad_steps() {
    const Context context;
    const Run run(context, true);
    OK(borep_update_fill(context, 1, run.left, 1000));
    run.step();
    OK(borep_guard_begin(run.guard));
    OK(borep_update_fill(context, 1, run.left, 1));
    run.step();
    OK(borep_context_synchronise(context));
    expect(run.header(1) == 0 && context.read_ints(run.counter, 1)[0] == 1, "the ring stays open, the good step counts");
}

void refusals() {
    const Context context;
    borep_ring *ring = nullptr;
    borep_guard *guard = nullptr;
    OK(borep_ring_create(context, 1, 1, &ring));
    const borep_vector state = {0, -1, 0};
    expect(
        borep_guard_create(ring, context.reals({0}), context.ints({0, 0}), &state, 1, &guard) == BOREP_BAD_ARGUMENT &&
            std::string(borep_last_error()) == "size of a vector -1: must lie in [0, 2146435071]",
        "sizes are checked");
}

}  // namespace

int main() {
    a_bad_step_changes_nothing(false);
    a_bad_step_changes_nothing(true);
    a_beginning_waits_for_bad_steps();
    refusals();
    return finish("guard");
}
