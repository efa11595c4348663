/* What every test needs: the C ABI with RAII, random inputs, and comparisons that count themselves. */
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "borep.h"

namespace test {

inline int compared = 0;
inline int failed = 0;

inline void fail(const std::string &what) {
    std::fprintf(stderr, "FAILED %s\n", what.c_str());
    failed++;
}

inline void expect(bool holds, const std::string &what) {
    compared++;
    if (!holds) {
        fail(what);
    }
}

/** Stops the test with the library's own words. */
inline void ok(borep_status status, const char *call) {
    if (status != BOREP_OK) {
        std::fprintf(stderr, "FAILED %s: status %d, %s\n", call, status, borep_last_error());
        std::exit(1);
    }
}
#define OK(call) ::test::ok((call), #call)

/** ‖actual − expected‖∞ relative to the largest expected number. */
inline void expect_close(
    const std::string &name, const std::vector<float> &actual, const std::vector<double> &expected, double tolerance) {
    expect(actual.size() == expected.size(), name + ": size");
    double largest = 1e-30;
    for (const double value : expected) {
        largest = std::fmax(largest, std::fabs(value));
    }
    for (size_t i = 0; i < expected.size(); i++) {
        compared++;
        const double error = std::fabs(actual[i] - expected[i]) / largest;
        if (!(error <= tolerance)) {
            fail(
                name + "[" + std::to_string(i) + "]: " + std::to_string(actual[i]) + " instead of " +
                std::to_string(expected[i]) + ", relative error " + std::to_string(error));
            return;
        }
    }
}

/** SplitMix64: the same inputs on every machine. */
class Random {
   public:
    explicit Random(uint64_t seed) : state_(seed) {}
    uint64_t bits() {
        uint64_t z = state_ += 0x9E3779B97F4A7C15ull;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ z >> 27) * 0x94D049BB133111EBull;
        return z ^ z >> 31;
    }
    /** Uniform in [0, bound). */
    int below(int bound) {
        return static_cast<int>(bits() % static_cast<uint64_t>(bound));
    }
    /** Uniform in ±scale, exactly a float. */
    float number(double scale) {
        return static_cast<float>(scale * (2.0 * static_cast<double>(bits() >> 11) / (1ull << 53) - 1));
    }
    std::vector<float> numbers(size_t count, double scale) {
        std::vector<float> values(count);
        for (float &value : values) {
            value = number(scale);
        }
        return values;
    }

   private:
    uint64_t state_;
};

/** How many random cases a test draws: BOREP_TEST_CASES, or as few as it takes to see every kind. */
inline int random_cases(int few) {
    const char *text = std::getenv("BOREP_TEST_CASES");
    return text == nullptr ? few : std::atoi(text);
}

class Context {
   public:
    /** @param precision none: what the environment says */
    explicit Context(std::optional<borep_precision> precision = BOREP_FP32) {
        OK(borep_context_create(0, &context_));
        if (precision.has_value()) {
            OK(borep_context_set_precision(context_, *precision));
        }
    }
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;
    ~Context() {
        borep_context_destroy(context_);
    }
    operator borep_context *() const {
        return context_;
    }
    borep_address reals(const std::vector<float> &values) const {
        return write(values);
    }
    borep_address ints(const std::vector<int32_t> &values) const {
        return write(values);
    }
    borep_address longs(const std::vector<int64_t> &values) const {
        return write(values);
    }
    /** Memory that a kernel must write. */
    borep_address unwritten(size_t count) const {
        return reals(std::vector<float>(count, std::numeric_limits<float>::quiet_NaN()));
    }
    void rewrite(borep_address address, const std::vector<float> &values) const {
        OK(borep_memory_write(context_, address, values.data(), values.size() * sizeof(float)));
    }
    std::vector<float> read(borep_address address, size_t count) const {
        return read_as<float>(address, count);
    }
    std::vector<int32_t> read_ints(borep_address address, size_t count) const {
        return read_as<int32_t>(address, count);
    }

   private:
    template <class T>
    borep_address write(const std::vector<T> &values) const {
        borep_address address = 0;
        OK(borep_memory_allocate(context_, values.size() * sizeof(T), &address));
        OK(borep_memory_write(context_, address, values.data(), values.size() * sizeof(T)));
        return address;
    }
    template <class T>
    std::vector<T> read_as(borep_address address, size_t count) const {
        std::vector<T> values(count);
        OK(borep_memory_read(context_, address, values.data(), count * sizeof(T)));
        return values;
    }
    borep_context *context_ = nullptr;
};

/** What a context counts. */
inline borep_statistics statistics(const Context &context) {
    borep_statistics now{};
    now.size = sizeof now;
    OK(borep_context_statistics(context, &now));
    return now;
}

/** What it says of itself. */
inline std::string description(const Context &context) {
    std::vector<char> text(512);
    OK(borep_context_describe(context, text.data(), static_cast<int32_t>(text.size())));
    return text.data();
}

/** Sequences of given lengths, packed by the library; tables and reference both count rows of (step, sample). */
struct Batch {
    std::vector<int> lengths;
    borep_packing packing{};
    int rows = 0;
    int steps = 0;
    /** Most rows that any packing may have. */
    int capacity_rows = 0;
    /** [step][sample] packed row, −1 past the end. */
    std::vector<std::vector<int>> row;

    Batch(const Context &context, std::vector<int> sizes) {
        const int count = static_cast<int>(sizes.size());
        int longest = 0;
        for (const int size : sizes) {
            capacity_rows += size;
            longest = std::max(longest, size);
        }
        packing.shape = context.ints(std::vector<int32_t>(3));
        packing.order = context.ints(std::vector<int32_t>(count));
        packing.lengths = context.ints(std::vector<int32_t>(count));
        packing.max_batch = count;
        packing.max_steps = longest + 2; // two steps that no sequence has
        packing.step_sizes = context.ints(std::vector<int32_t>(packing.max_steps));
        packing.step_starts = context.ints(std::vector<int32_t>(packing.max_steps + 1));
        pack(context, std::move(sizes));
    }

    /** Packs as many other sequences in the same memory. */
    void pack(const Context &context, std::vector<int> sizes) {
        lengths = std::move(sizes);
        rows = 0;
        steps = 0;
        const int count = packing.max_batch;
        std::vector<int32_t> starts, indices;
        for (int b = 0; b < count; b++) {
            starts.push_back(rows);
            indices.push_back(b);
            rows += lengths[b];
            steps = std::max(steps, lengths[b]);
        }
        const std::vector<int32_t> tokens(rows, 0);
        const borep_sequences sequences = {
            context.ints(tokens), context.ints(starts), context.ints(lengths), context.reals({0}), count, 1};
        const borep_rows look_up = {context.unwritten(rows), 1, 1};
        OK(borep_batch_pack(context, &sequences, context.ints(indices), count, &packing, &look_up, rows));
        const auto order = context.read_ints(packing.order, count);
        const auto step_starts = context.read_ints(packing.step_starts, packing.max_steps + 1);
        row.assign(steps, std::vector<int>(count, -1));
        for (int rank = 0; rank < count; rank++) {
            for (int t = 0; t < lengths[order[rank]]; t++) {
                row[t][order[rank]] = step_starts[t] + rank;
            }
        }
    }
};

inline int finish(const char *name) {
    std::printf("%s: %d comparisons, %d failed\n", name, compared, failed);
    return failed == 0 && compared > 0 ? 0 : 1;
}

}  // namespace test
