/* Recording, replay, statistics, faults and refusals: what the context promises. */
#include <cstring>

#include "abi.h"

using namespace test;

namespace {

void replay_equals_direct_calls() {
    const Context context;
    const borep_address counter = context.longs({0});
    const borep_address direct = context.reals(std::vector<float>(100, 1)), recorded = context.reals(std::vector<float>(100, 1));
    const borep_address step = context.unwritten(1);
    const borep_schedule schedule = {2, 0, 0.5, 1, 1};
    const auto body = [&](borep_address at) {
        OK(borep_update_schedule(context, &schedule, counter, step));
        OK(borep_update_axpy(context, 100, 1, step, at, at));
        OK(borep_update_advance(context, counter));
    };
    for (int i = 0; i < 3; i++) {
        body(direct);
    }
    OK(borep_memory_write(context, counter, "\0\0\0\0\0\0\0", 8));
    borep_program *program = nullptr;
    OK(borep_program_begin(context, nullptr));
    body(recorded);
    borep_address within = 0;
    OK(borep_memory_allocate(context, 40, &within));
    OK(borep_program_end(context, &program));
    expect(context.read(recorded, 1)[0] == 1.0f, "recording runs nothing");
    borep_statistics before{};
    before.size = sizeof before;
    OK(borep_context_statistics(context, &before));
    for (int i = 0; i < 3; i++) {
        OK(borep_program_run(program));
    }
    borep_statistics after = before;
    OK(borep_context_statistics(context, &after));
    expect(after.replays == before.replays + 3, "replays are counted");
    expect(after.synchronisations == before.synchronisations, "a replay does not wait");
    expect(after.kernels == before.kernels, "a replay launches no kernel one by one");
    expect(context.read(direct, 100) == context.read(recorded, 100), "replay equals direct calls");
    expect(context.read(within, 10) == std::vector<float>(10, 0), "memory allocated while recording is zero");
}

void expect_refusal(borep_status status, borep_status expected, const char *words) {
    expect(status == expected && std::strstr(borep_last_error(), words) != nullptr, std::string("refusal: ") + words);
}

void refusals() {
    const Context context;
    borep_address memory = context.reals({1, 2});
    float host = 0;
    borep_program *program = nullptr;
    expect_refusal(borep_program_end(context, &program), BOREP_BAD_ARGUMENT, "none is being recorded");
    OK(borep_program_begin(context, nullptr));
    expect_refusal(borep_program_begin(context, nullptr), BOREP_BAD_ARGUMENT, "another one is being recorded");
    expect_refusal(borep_memory_read(context, memory, &host, 4), BOREP_BAD_ARGUMENT, "while a program is recorded");
    expect_refusal(borep_memory_write(context, memory, &host, 4), BOREP_BAD_ARGUMENT, "while a program is recorded");
    OK(borep_program_abandon(context));
    OK(borep_memory_read(context, memory, &host, 4));
    expect(host == 1.0f, "an abandoned recording leaves the context usable");
    borep_context *none = nullptr;
    expect_refusal(borep_context_create(99, &none), BOREP_NO_DEVICE, "must be in [0, ");
    borep_recurrent_tape *tape = nullptr;
    const borep_recurrent_shape shape = {BOREP_LSTM, 3, 0, 0};
    expect_refusal(
        borep_recurrent_tape_create(context, &shape, 1, 1, &tape), BOREP_BAD_ARGUMENT, "hidden size 0: must be at least 1");
    borep_statistics wrong{};
    expect_refusal(borep_context_statistics(context, &wrong), BOREP_BAD_ARGUMENT, "statistics of 0 bytes");
    borep_dense_tape *dense = nullptr;
    OK(borep_dense_tape_create(context, 2, 2, 0, 1, &dense));
    const borep_rows rows = {memory, 2, 2};
    expect_refusal(
        borep_dense_tangent_backward(dense, memory, 0, &rows, 0, nullptr), BOREP_BAD_ARGUMENT, "needs backward and tangentForward");
}

void faults() {
    const Context context;
    borep_loss_tape *tape = nullptr;
    OK(borep_loss_tape_create(context, 2, 3, &tape));
    const borep_rows logits = {context.reals(std::vector<float>(6)), 3, 3};
    OK(borep_loss_forward(tape, 2, &logits, context.ints({1, 3}), context.unwritten(2)));
    expect_refusal(borep_context_synchronise(context), BOREP_BAD_DATA, "label 3 of sample 1: must be in [0, 3)");
    OK(borep_context_synchronise(context));
    OK(borep_batch_gather(context, context.ints({0, -2}), 2, context.ints({5}), 1, context.ints({0, 0})));
    expect_refusal(borep_context_synchronise(context), BOREP_BAD_DATA, "index -2 at place 1: must be in [0, 1)");
}

void memory_is_counted() {
    const Context context;
    borep_statistics before{}, after{};
    before.size = after.size = sizeof before;
    OK(borep_context_statistics(context, &before));
    borep_address memory = 0;
    OK(borep_memory_allocate(context, 1000, &memory));
    OK(borep_context_statistics(context, &after));
    expect(after.allocations == before.allocations + 1 && after.bytes == before.bytes + 1000, "an allocation is counted");
    OK(borep_memory_free(context, memory));
    OK(borep_context_statistics(context, &after));
    expect(after.allocations == before.allocations && after.bytes == before.bytes, "and its end");
}

/** Records arrive in order without a wait of the host's own making; the oldest are overwritten. */
void rings() {
    const Context context;
    borep_ring *ring = nullptr;
    OK(borep_ring_create(context, 2, 3, &ring));
    uint64_t written = 0, records = 0;
    OK(borep_ring_memory(ring, &written, &records));
    const auto *count = reinterpret_cast<const volatile uint64_t *>(written);
    const auto *numbers = reinterpret_cast<const volatile float *>(records);
    expect(*count == 0, "a ring begins empty");
    const borep_address values = context.reals({0, 10}), ones = context.reals({1, 1});
    borep_program *program = nullptr;
    OK(borep_program_begin(context, nullptr));
    OK(borep_ring_append(ring, values));
    OK(borep_update_axpy(context, 2, 1, 0, ones, values));
    OK(borep_program_end(context, &program));
    for (int i = 0; i < 5; i++) {
        OK(borep_program_run(program));
    }
    OK(borep_context_synchronise(context));
    expect(*count == 5, "records are counted");
    for (int record = 2; record < 5; record++) {
        expect(
            numbers[record % 3 * 2] == static_cast<float>(record) && numbers[record % 3 * 2 + 1] == 10.0f + record,
            "the last three records are there");
    }
}

}  // namespace

int main() {
    expect(borep_abi_version() == BOREP_ABI_VERSION, "the library is of this header");
    replay_equals_direct_calls();
    refusals();
    faults();
    memory_is_counted();
    rings();
    return finish("program");
}
