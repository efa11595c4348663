/* Draws against their definition, packing against a stable sort, and batches that do not fit. */
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

#include "abi.h"

using namespace test;

namespace {

/** Philox4x32-10 known answers (Random123): the counters of draws are built on them. */
void draws() {
    const Context context;
    const borep_address counter = context.longs({0});
    const borep_stream zero = {0, 0, 0};
    const borep_address one = context.ints({-1});
    OK(borep_batch_draw(context, &zero, counter, 1 << 30, 1, one, 1));
    // the known answer for the zero counter and key begins 6627e8d5; its upper 30 bits
    expect(context.read_ints(one, 1)[0] == static_cast<int>(0x6627e8d5u >> 2), "Philox known answer");
    const int population = 1000;
    const borep_address all = context.ints(std::vector<int32_t>(population, -1));
    OK(borep_batch_draw(context, &zero, counter, population, 0, all, population));
    const auto indices = context.read_ints(all, population);
    expect(std::set<int>(indices.begin(), indices.end()).size() == population, "without replacement nothing repeats");
    expect(*std::min_element(indices.begin(), indices.end()) == 0, "and all are drawn");
    OK(borep_update_advance(context, counter));
    OK(borep_batch_draw(context, &zero, counter, population, 0, all, population));
    expect(context.read_ints(all, population) != indices, "another step draws others");
}

/** Mean, variance and fourth moment of many, and the words behind one. */
void normals() {
    const Context context;
    const borep_address counter = context.longs({3});
    const borep_stream stream = {42, 7, 1};
    const int count = 100000;
    const borep_address out = context.unwritten(count);
    OK(borep_batch_normal(context, &stream, counter, out, count));
    const auto values = context.read(out, count);
    double mean = 0, square = 0, fourth = 0;
    for (const float value : values) {
        mean += value / count;
        square += static_cast<double>(value) * value / count;
        fourth += static_cast<double>(value) * value * value * value / count;
    }
    expect(std::abs(mean) < 0.015, "mean of normals");             // 5 standard deviations of the estimate each
    expect(std::abs(square - 1) < 0.025, "variance of normals");
    expect(std::abs(fourth - 3) < 0.16, "fourth moment of normals");
    OK(borep_batch_normal(context, &stream, counter, out, count));
    expect(context.read(out, count) == values, "the same stream and step draw the same");
    const borep_stream lane = {42, 7, 2};
    OK(borep_batch_normal(context, &lane, counter, out, count));
    expect(context.read(out, count) != values, "another lane draws others");
}

void tasks() {
    const Context context;
    // two domains of two classes: samples 0-3, 4-6 and 7-8, 9-12
    std::vector<int32_t> members(13);
    std::iota(members.begin(), members.end(), 0);
    const borep_tasks tasks = {context.ints(members), context.ints({0, 4, 7, 9, 13}), 13, 2, 2, 0};
    const borep_address support = context.ints(std::vector<int32_t>(4)), query = context.ints(std::vector<int32_t>(2));
    const borep_address counter = context.longs({5});
    for (int lane = 0; lane < 20; lane++) {
        const borep_stream stream = {42, 1, lane};
        OK(borep_batch_draw_task(context, &stream, counter, &tasks, 1, 0, support, 4));
        OK(borep_batch_draw_task(context, &stream, counter, &tasks, 0, 0, query, 2));
        const auto chosen = context.read_ints(support, 4);
        const int base = chosen[0] < 7 ? 0 : 7;
        const int classes = base == 0 ? 4 : 9;
        expect(chosen[0] < classes && chosen[1] < classes && chosen[2] >= classes && chosen[3] >= classes, "two of each class");
        expect(base == 7 || chosen[3] < 7, "of one domain");
        const auto plain = context.read_ints(query, 2);
        expect((plain[0] < 7) == (base == 0) && (plain[1] < 7) == (base == 0), "the same domain for support and query");
    }
}

void packing() {
    const Context context;
    const std::vector<int> lengths = {2, 5, 0, 5, 1, 2};
    const Batch batch(context, lengths);
    std::vector<int> order(lengths.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return lengths[a] > lengths[b]; });
    expect(context.read_ints(batch.packing.order, 6) == order, "order");
    expect(context.read_ints(batch.packing.shape, 3) == std::vector<int>({5, 15, 6}), "shape");
    expect(context.read_ints(batch.packing.step_sizes, 5) == std::vector<int>({5, 4, 2, 2, 2}), "step sizes");
    expect(context.read_ints(batch.packing.step_starts, 6) == std::vector<int>({0, 5, 9, 11, 13, 15}), "step starts");
}

void refused_batches() {
    const Context context;
    const borep_packing packing = {context.ints({0, 0, 0}), context.ints({0, 0}), context.ints({0, 0}),
                                   context.ints({0, 0, 0}), context.ints({0, 0, 0, 0}), 2, 3};
    const borep_rows rows = {context.unwritten(4), 1, 1};
    const auto pack = [&](std::vector<int> lengths, int max_rows) {
        const borep_sequences sequences = {context.ints(std::vector<int>(9)), context.ints({0, 0}), context.ints(lengths),
                                           context.reals({1}), 2, 1};
        OK(borep_batch_pack(context, &sequences, context.ints({0, 1}), 2, &packing, &rows, max_rows));
        return borep_context_synchronise(context);
    };
    expect(pack({1, 3}, 4) == BOREP_OK, "fits");
    expect(pack({1, 4}, 9) == BOREP_BAD_DATA, "too long");
    expect(std::strstr(borep_last_error(), "a sequence of 4 steps, the packing holds 3") != nullptr, "and says so");
    expect(pack({2, 3}, 4) == BOREP_BAD_DATA, "too many rows");
    expect(std::strstr(borep_last_error(), "a batch of 5 rows, the memory holds 4") != nullptr, "and says so");
    expect(context.read_ints(packing.shape, 3) == std::vector<int>({0, 0, 0}), "nothing is left that kernels would walk through");
}

}  // namespace

int main() {
    draws();
    normals();
    tasks();
    packing();
    refused_batches();
    return finish("batch");
}
