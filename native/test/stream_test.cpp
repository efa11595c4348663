/* Streams of other libraries: their work and the context's come in the order that was asked for. */
#include <cstring>

#include "abi.h"
#if defined(BOREP_SIMT)
#include "simt/runtime.h"
#else
#include <cuda_runtime.h>
#endif

using namespace test;

namespace {

constexpr int SIZE = 4000;

uint64_t stream_of(const Context &context) {
    uint64_t stream = 0;
    OK(borep_context_stream(context, &stream));
    return stream;
}

/** Another library, played by a second context: it has a stream of its own and reads in that stream's order. */
struct Guests {
    Context context, other;
    borep_address v = context.reals(std::vector<float>(SIZE, 1));
    borep_address ones = context.reals(std::vector<float>(SIZE, 1));

    void add(const Context &who) const {
        OK(borep_update_axpy(who, SIZE, 1, 0, ones, v));
    }
    void twice(const Context &who) const {
        OK(borep_update_scale(who, SIZE, 2, v));
    }
    void expect_all(const Context &who, float value, const char *what) const {
        expect(who.read(v, SIZE) == std::vector<float>(SIZE, value), what);
    }
};

void work_moves_to_another_stream_in_order() {
    const Guests guests;
    guests.add(guests.context);
    OK(borep_context_use_stream(guests.context, stream_of(guests.other)));
    expect(stream_of(guests.context) == stream_of(guests.other), "the stream is the other's");
    guests.twice(guests.context);
    guests.add(guests.other); // the same stream: no more order is needed
    guests.expect_all(guests.other, 5, "what was enqueued before comes before");

    guests.twice(guests.other);
    OK(borep_context_use_stream(guests.context, 0));
    guests.add(guests.context);
    guests.expect_all(guests.context, 11, "and the way back");
}

void programs_run_on_the_other_stream() {
    const Guests guests;
    borep_program *program = nullptr;
    OK(borep_program_begin(guests.context, nullptr));
    guests.twice(guests.context);
    guests.add(guests.context);
    expect(
        borep_context_use_stream(guests.context, stream_of(guests.other)) == BOREP_BAD_ARGUMENT &&
            std::strstr(borep_last_error(), "not allowed while a program is recorded") != nullptr,
        "not within a recording");
    OK(borep_program_end(guests.context, &program));
    OK(borep_context_gather(guests.context, 8));
    OK(borep_program_run(program));
    OK(borep_program_run(program));
    OK(borep_context_use_stream(guests.context, stream_of(guests.other)));
    guests.add(guests.other);
    OK(borep_program_run(program));
    OK(borep_context_flush(guests.context));
    guests.expect_all(guests.other, 17, "gathered programs come before the change, later ones after it");
    OK(borep_context_use_stream(guests.context, 0));
}

/** Without an event two streams have no order: where work is late, the reader comes too early. */
void events_order_streams() {
    const Guests guests;
    cudaEvent_t event = nullptr;
    expect(cudaEventCreateWithFlags(&event, cudaEventDisableTiming) == cudaSuccess, "an event of somebody else's");
    const auto handle = reinterpret_cast<uint64_t>(event);
    guests.add(guests.context);
    const char *late = std::getenv("BOREP_SIMT_STREAMS");
    if (late != nullptr && std::strcmp(late, "late") == 0) {
        guests.expect_all(guests.other, 1, "this test would notice a missing order");
    }
    OK(borep_context_record_event(guests.context, handle));
    OK(borep_context_wait_event(guests.other, handle));
    guests.twice(guests.other);
    OK(borep_context_record_event(guests.other, handle));
    OK(borep_context_wait_event(guests.context, handle));
    guests.add(guests.context);
    guests.expect_all(guests.context, 5, "each waits for the other");
    expect(
        borep_context_wait_event(guests.context, 0) == BOREP_BAD_ARGUMENT &&
            std::strcmp(borep_last_error(), "event 0: must be the handle of an event") == 0,
        "no event");
    cudaEventDestroy(event);
}

}  // namespace

int main() {
    work_moves_to_another_stream_in_order();
    programs_run_on_the_other_stream();
    events_order_streams();
    return finish("stream");
}
