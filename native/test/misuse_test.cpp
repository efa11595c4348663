/*
 * What a C program may get wrong: each mistake has a status and a sentence, nothing is enqueued, and the context goes on working.
 */
#include <cstring>
#include <thread>

#include "abi.h"

#if defined(BOREP_SIMT)
#include "simt/ledger.h"
#endif

using namespace test;

namespace {

void expect_refused(borep_status status, const std::string &words, borep_status expected = BOREP_BAD_ARGUMENT) {
    const std::string said = status == BOREP_OK ? "no refusal" : borep_last_error();
    expect(
        status == expected && said.find(words) != std::string::npos,
        "refusal '" + words + "', but: status " + std::to_string(status) + ", " + said);
}
#define REFUSED(call, words) expect_refused(call, words)

/** A batch of sequences in memory, in any order of lengths that never increases. */
struct Batch {
    Batch(const Context &context, const std::vector<int32_t> &lengths, int max_batch, int max_steps) {
        std::vector<int32_t> order(max_batch), by_sample(max_batch), sizes(max_steps), starts(max_steps + 1);
        for (size_t b = 0; b < lengths.size(); b++) {
            order[b] = static_cast<int32_t>(b);
            by_sample[b] = lengths[b];
            for (int t = 0; t < lengths[b]; t++) {
                sizes[t]++;
            }
        }
        for (int t = 0; t < max_steps; t++) {
            starts[t + 1] = starts[t] + sizes[t];
        }
        rows = starts[max_steps];
        packing = {context.ints({lengths.empty() ? 0 : lengths[0], rows, static_cast<int32_t>(lengths.size())}),
                   context.ints(order), context.ints(by_sample), context.ints(sizes), context.ints(starts), max_batch, max_steps};
    }
    borep_packing packing{};
    int rows = 0;
};

void null_arguments() {
    const Context context;
    const borep_address numbers = context.reals({1, 2, 3, 4});
    REFUSED(borep_device_count(nullptr), "count: must not be null");
    REFUSED(borep_context_create(0, nullptr), "context: must not be null");
    REFUSED(borep_context_synchronise(nullptr), "context: must not be null");
    REFUSED(borep_context_set_sweeps(context, nullptr), "options: must not be null");
    REFUSED(borep_memory_allocate(context, 4, nullptr), "address: must not be null");
    REFUSED(borep_memory_write(context, numbers, nullptr, 4), "neither end may be null");
    REFUSED(borep_memory_read(context, 0, &compared, 4), "neither end may be null");
    REFUSED(borep_program_run(nullptr), "program: must not be null");
    REFUSED(borep_program_end(context, nullptr), "program: must not be null");
    REFUSED(borep_update_fill(context, 4, 0, 1), "out: must not be null");
    REFUSED(borep_update_axpy(context, 4, 1, 0, numbers, 0), "out: must not be null");
    REFUSED(borep_update_schedule(context, nullptr, numbers, numbers), "schedule: must not be null");
    REFUSED(borep_multiply(context, nullptr), "product: must not be null");
    REFUSED(borep_ring_create(context, 1, 1, nullptr), "ring: must not be null");
    REFUSED(borep_guard_begin(nullptr), "guard: must not be null");
    REFUSED(borep_recurrent_forward(nullptr, nullptr, numbers, nullptr, nullptr), "tape: must not be null");
    REFUSED(borep_dense_backward(nullptr, numbers, nullptr, 0, nullptr), "tape: must not be null");
    REFUSED(borep_loss_predict(context, 1, nullptr, numbers), "logits: must not be null");
    REFUSED(borep_kernel_load(context, "", nullptr, nullptr), "name: must not be null");
    borep_ring *ring = nullptr;
    OK(borep_ring_create(context, 1, 1, &ring));
    borep_guard *guard = nullptr;
    REFUSED(borep_guard_create(ring, numbers, numbers, nullptr, 1, &guard), "state: must not be null");
    borep_loss_tape *loss = nullptr;
    OK(borep_loss_tape_create(context, 2, 2, &loss));
    const borep_rows nowhere = {0, 2, 2};
    REFUSED(borep_loss_forward(loss, 2, &nowhere, numbers, numbers), "logits: must not lie at address 0");
    borep_recurrent_tape *made = reinterpret_cast<borep_recurrent_tape *>(1);
    const borep_recurrent_shape none = {BOREP_LSTM, 1, 0, 0};
    REFUSED(borep_recurrent_tape_create(context, &none, 1, 1, &made), "hidden size 0");
    expect(made == nullptr, "a handle that could not be had is null");
}

void numbers_without_a_name() {
    const Context context;
    const borep_address numbers = context.reals({1, 2, 3, 4});
    borep_pooling_tape *pooling = nullptr;
    REFUSED(borep_pooling_tape_create(context, static_cast<borep_pooling>(7), 2, 2, &pooling), "pooling 7: must lie in [0, 3]");
    REFUSED(borep_update_apply(context, 4, static_cast<borep_function>(99), numbers, numbers), "function 99");
    REFUSED(
        borep_loss_regularise(context, static_cast<borep_regulariser>(5), 1, numbers, numbers, 4, numbers), "regulariser 5");
    REFUSED(
        borep_loss_regulariser_gradient(context, BOREP_NORM, 1, numbers, numbers, 4, numbers, static_cast<borep_store>(9)),
        "store 9");
    const borep_schedule unknown = {42, 0, 1, 1, 1}, endless = {1, 0, 1, 0, 1};
    REFUSED(borep_update_schedule(context, &unknown, numbers, numbers), "kind of a schedule 42");
    REFUSED(borep_update_schedule(context, &endless, numbers, numbers), "period 0: must be at least 1");
    const borep_sweep_options odd = {sizeof odd, BOREP_SWEEPS_CHOSEN, 7, 0, 0, 0}, negative = {sizeof odd, BOREP_SWEEPS_CHOSEN, 0, 0, -2, 0};
    REFUSED(borep_context_set_sweeps(context, &odd), "weights must be 0, 16, 32");
    REFUSED(borep_context_set_sweeps(context, &negative), "parts not negative");
}

void sizes() {
    const Context context;
    const borep_address numbers = context.reals({1, 2, 3, 4});
    REFUSED(borep_update_fill(context, -5, numbers, 1), "size -5: must lie in [0, 2146435071]");
    REFUSED(borep_update_dot(context, 2147483647, numbers, numbers, numbers), "size 2147483647");
    const borep_stream stream = {1, 2, 3};
    REFUSED(borep_batch_draw(context, &stream, numbers, 4, 1, numbers, -1), "count -1");
    REFUSED(borep_batch_draw(context, &stream, numbers, 4, 1, numbers, 65537), "draws with replacement: at most 65536");
    const borep_tasks tasks = {numbers, numbers, 2, 1, 1, 0};
    REFUSED(borep_batch_draw_task(context, &stream, numbers, &tasks, 0, -1000, numbers, 1), "skip -1000");
    borep_recurrent_tape *recurrent = nullptr;
    const borep_recurrent_shape huge = {BOREP_LSTM, 1, 1 << 30, 0};
    REFUSED(borep_recurrent_tape_create(context, &huge, 1, 1, &recurrent), "units");
    borep_dense_tape *dense = nullptr;
    REFUSED(borep_dense_tape_create(context, 1, 1, 0, -1, &dense), "max_rows -1");
    borep_loss_tape *loss = nullptr;
    REFUSED(borep_loss_tape_create(context, 1073807362, 2147352580, &loss), "classes");
    char text[8] = "unused!";
    for (const int32_t size : {0, -1}) {
        REFUSED(borep_context_describe(context, text, size), "must be at least 1");
    }
    expect(std::strcmp(text, "unused!") == 0, "nothing is written where nothing fits");
    OK(borep_context_describe(context, text, 4));
    expect(std::strlen(text) == 3, "as much as fits");
    borep_address memory = 0;
    expect_refused(borep_memory_allocate(context, UINT64_MAX, &memory), "memory", BOREP_OUT_OF_MEMORY);
    const borep_rows overlapping = {numbers, 4, 1};
    REFUSED(borep_loss_predict(context, 1, &overlapping, numbers), "stride");
    REFUSED(borep_memory_free(context, numbers + 4), "has allocated nothing there");
}

/** Sweeps of every family without the ones that they need. */
void order_of_calls() {
    const Context context;
    const borep_address numbers = context.reals(std::vector<float>(64)), labels = context.ints({0, 1});
    const borep_address losses = context.reals({0, 0});
    const borep_rows two = {numbers, 2, 2}, out = {context.reals(std::vector<float>(4)), 2, 2};
    borep_dense_tape *dense = nullptr;
    OK(borep_dense_tape_create(context, 2, 2, 1, 2, &dense));
    REFUSED(borep_dense_backward(dense, numbers, &two, 0, nullptr), "needs forward");
    REFUSED(borep_dense_tangent_forward(dense, numbers, 0, nullptr, &two), "needs forward");
    OK(borep_dense_forward(dense, 2, numbers, &two, &out));
    REFUSED(borep_dense_tangent_backward(dense, numbers, 0, &two, 0, nullptr), "needs backward and tangentForward");
    OK(borep_dense_backward(dense, numbers, &two, 0, nullptr));
    borep_loss_tape *loss = nullptr;
    OK(borep_loss_tape_create(context, 2, 2, &loss));
    REFUSED(borep_loss_backward(loss, numbers, &two), "needs forward");
    REFUSED(borep_loss_tangent_forward(loss, &two, numbers), "needs forward");
    REFUSED(borep_loss_tangent_backward(loss, numbers, &two, &two), "needs forward");
    OK(borep_loss_forward(loss, 2, &two, labels, losses));
    OK(borep_loss_backward(loss, losses, &out));
    const Context other;
    borep_ring *ring = nullptr;
    borep_guard *guard = nullptr;
    OK(borep_ring_create(other, 1, 1, &ring));
    OK(borep_guard_create(ring, other.reals({0}), other.ints({0, 0}), nullptr, 0, &guard));
    REFUSED(borep_program_begin(context, guard), "its guard belongs to another context");
    OK(borep_context_synchronise(context));
}

/** A batch of more rows than a tape holds is bad data, and no sweep touches what it has no room for. */
void rows_beyond_a_tape() {
    constexpr int HIDDEN = 3;
    const Context context;
    const Batch large(context, {5, 5, 4, 3, 3}, 5, 5), small(context, {2, 1}, 5, 5);
    const borep_recurrent_shape shape = {BOREP_LSTM, 2, HIDDEN, 0};
    borep_recurrent_tape *tape = nullptr;
    OK(borep_recurrent_tape_create(context, &shape, 4, 5, &tape));
    const borep_address weights = context.reals(std::vector<float>(4 * HIDDEN * (2 + HIDDEN + 2), 0.1f));
    const borep_rows input = {context.reals(std::vector<float>(40, 0.5f)), 2, 2};
    const borep_rows output = {context.reals(std::vector<float>(60, -1.0f)), HIDDEN, HIDDEN};
    OK(borep_recurrent_forward(tape, &large.packing, weights, &input, &output));
    OK(borep_recurrent_backward(tape, weights, &output, 0, nullptr));
    expect_refused(borep_context_synchronise(context), "a batch of 20 rows, the memory holds 4", BOREP_BAD_DATA);
    const std::vector<float> untouched = context.read(output.values, 60);
    expect(std::all_of(untouched.begin(), untouched.end(), [](float value) { return value == -1; }), "nothing is written");
    OK(borep_recurrent_forward(tape, &small.packing, weights, &input, &output));
    OK(borep_context_synchronise(context));
    const std::vector<float> written = context.read(output.values, 10);
    expect(written[8] != -1 && written[9] == -1, "a batch that fits is swept");
}

/** A length below 0 is bad data, and the batch goes on without that sample's steps. */
void negative_length() {
    const Context context;
    const Batch batch(context, {}, 2, 4);
    const borep_sequences sequences = {
        context.ints({0, 0}), context.ints({0, 0}), context.ints({2, -3}), context.reals({7, 8}), 2, 2};
    const borep_rows rows = {context.reals(std::vector<float>(16, -1.0f)), 2, 2};
    OK(borep_batch_pack(context, &sequences, context.ints({0, 1}), 2, &batch.packing, &rows, 8));
    expect_refused(borep_context_synchronise(context), "a sequence of -3 steps, the packing holds 4", BOREP_BAD_DATA);
    const std::vector<float> packed = context.read(rows.values, 16);
    expect(packed[0] == 7 && packed[3] == 8 && packed[4] == -1, "the other sample is packed");
}

/** Memory that is given back while programs that use it wait to be launched with others. */
void free_after_gathering() {
    const Context context;
    OK(borep_context_gather(context, 4));
    borep_address memory = 0;
    OK(borep_memory_allocate(context, 1024, &memory));
    borep_program *program = nullptr;
    OK(borep_program_begin(context, nullptr));
    OK(borep_update_fill(context, 256, memory, 1));
    OK(borep_program_end(context, &program));
    OK(borep_program_run(program));
    OK(borep_memory_free(context, memory));
    OK(borep_context_synchronise(context));
    expect(true, "what was gathered has run before");
}

/** Contexts of several threads do not disturb each other. */
void threads() {
    std::vector<int> wrong(4);
    std::vector<std::thread> all;
    for (size_t t = 0; t < wrong.size(); t++) {
        all.emplace_back([&wrong, t] {
            for (int i = 0; i < 100; i++) {
                const Context context;
                const borep_address numbers = context.reals(std::vector<float>(300, 1.0f)), sum = context.reals({0});
                const auto factor = static_cast<float>(t + 1);
                wrong[t] += borep_update_scale(context, 300, factor, numbers) != BOREP_OK;
                wrong[t] += borep_update_dot(context, 300, numbers, numbers, sum) != BOREP_OK;
                wrong[t] += borep_update_fill(context, -1, numbers, 0) != BOREP_BAD_ARGUMENT;
                float value = 0;
                wrong[t] += borep_memory_read(context, sum, &value, sizeof value) != BOREP_OK || value != 300 * factor * factor;
            }
        });
    }
    for (std::thread &thread : all) {
        thread.join();
    }
    expect(wrong == std::vector<int>(4), "four threads, each with contexts of its own");
}

#if defined(BOREP_SIMT)
/** Out of memory in any allocation of the first tangent sweep: the next call makes what is missing. */
void out_of_memory() {
    constexpr int OUT_OF_MEMORY = 2;
    int failures = 0;
    for (int64_t after = 0;; after++) {
        const Context context;
        const Batch batch(context, {3, 2}, 2, 3);
        const borep_address weights = context.reals(std::vector<float>(100, 0.1f));
        const borep_rows rows = {context.reals(std::vector<float>(20, 0.5f)), 2, 2}, out = {context.reals(std::vector<float>(20)), 2, 2};
        borep_recurrent_tape *recurrent = nullptr;
        borep_dense_tape *dense = nullptr;
        const borep_recurrent_shape shape = {BOREP_LSTM, 2, 2, 0};
        OK(borep_recurrent_tape_create(context, &shape, 5, 2, &recurrent));
        OK(borep_dense_tape_create(context, 2, 2, 1, 5, &dense));
        OK(borep_recurrent_forward(recurrent, &batch.packing, weights, &rows, &out));
        OK(borep_recurrent_backward(recurrent, weights, &rows, 0, nullptr));
        OK(borep_dense_forward(dense, 5, weights, &rows, &out));
        OK(borep_dense_backward(dense, weights, &rows, 0, nullptr));
        const auto tangents = [&] {
            borep_status status = borep_recurrent_tangent_forward(recurrent, weights, weights, &rows, &out);
            if (status == BOREP_OK) {
                status = borep_recurrent_tangent_backward(recurrent, weights, weights, &rows, 0, &out);
            }
            if (status == BOREP_OK) {
                status = borep_dense_tangent_forward(dense, weights, weights, &rows, &out);
            }
            return status == BOREP_OK ? borep_dense_tangent_backward(dense, weights, weights, &rows, 0, &out) : status;
        };
        borep_simt_fail("cudaMalloc", after, OUT_OF_MEMORY);
        const borep_status status = tangents();
        borep_simt_recover();
        if (status == BOREP_OK) {
            break;
        }
        failures++;
        expect(status == BOREP_OUT_OF_MEMORY, "out of memory says so");
        expect(tangents() == BOREP_OK && borep_context_synchronise(context) == BOREP_OK, "and the next call has it");
    }
    expect(failures >= 8, "every allocation of tangent sweeps failed once");
}

/** A stream that cannot wait for what has been enqueued is not taken. */
void refused_stream() {
    constexpr int INVALID_HANDLE = 400;
    const Context context, other;
    uint64_t own = 0, theirs = 0, now = 0;
    OK(borep_context_stream(context, &own));
    OK(borep_context_stream(other, &theirs));
    borep_simt_fail("cudaStreamWaitEvent", 0, INVALID_HANDLE);
    expect_refused(borep_context_use_stream(context, theirs), "cudaStreamWaitEvent", BOREP_CUDA_ERROR);
    OK(borep_context_stream(context, &now));
    expect(now == own, "the stream is the one before");
    OK(borep_context_use_stream(context, theirs));
    OK(borep_context_use_stream(context, 0));
}
#endif

}  // namespace

int main() {
    null_arguments();
    numbers_without_a_name();
    sizes();
    order_of_calls();
    rows_beyond_a_tape();
    negative_length();
    free_after_gathering();
    threads();
#if defined(BOREP_SIMT)
    out_of_memory();
    refused_stream();
#endif
    return finish("misuse");
}
