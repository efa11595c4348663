/* The host executor itself: what it must compute, and the mistakes in kernels that it must not hide. */
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "abi.h"
#include "kernels/activations.cuh"
#include "kernels/cluster.cuh"
#include "kernels/grid_barrier.cuh"

using namespace borep;

namespace {

constexpr unsigned THREADS = 96;

/** Writes each thread's number, waits, reads a neighbour's. Without the barrier the neighbour may not have written. */
void rotate(bool with_barrier, int *out) {
    int *scratch = shared_memory<int>();
    scratch[threadIdx.x] = static_cast<int>(threadIdx.x);
    if (with_barrier) {
        __syncthreads();
    }
    out[threadIdx.x] = scratch[(threadIdx.x + 40) % THREADS];
}

std::vector<int> run_rotate(bool with_barrier) {
    std::vector<int> out(THREADS);
    simt::run_grid("rotate", 1, THREADS, THREADS * sizeof(int), simt::ONE_BLOCK, [&] { rotate(with_barrier, out.data()); });
    return out;
}

void missing_barrier_shows() {
    std::vector<int> expected(THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        expected[i] = static_cast<int>((i + 40) % THREADS);
    }
    test::expect(run_rotate(true) == expected, "threads meet at a barrier");
    test::expect(run_rotate(false) != expected, "a missing barrier shows");
}

void block_sums() {
    std::vector<double> sums(3);
    simt::run_grid("sum", 3, 64, 2 * sizeof(double), simt::ONE_BLOCK, [&] {
        const double sum = block_sum<double>(threadIdx.x + 100.0 * blockIdx.x, shared_memory<double>());
        sums[blockIdx.x] = sum;
    });
    test::expect(sums == std::vector<double>({2016, 2016 + 6400, 2016 + 12800}), "a block adds up");
}

/** Every thread of every block waits until all blocks have arrived. */
void grid_barrier() {
    unsigned arrived = 0;
    unsigned seen = 0;
    simt::run_grid("barrier", 5, 32, 0, simt::ALL_BLOCKS, [&] {
        if (threadIdx.x == 0) {
            atomicAdd(&arrived, 1u);
            spin_while([&] { return arrived < 5; });
        }
        __syncthreads();
        atomicAdd(&seen, arrived);
    });
    test::expect(seen == 5 * 5 * 32, "blocks of a cooperative launch meet");
}

void divergent_barrier_is_an_error() {
    std::string what;
    try {
        unsigned never = 0;
        simt::run_grid("stuck", 1, 64, 0, simt::ONE_BLOCK, [&] {
            if (threadIdx.x < 32) {
                spin_while([&] { return never == 0; });
            }
            __syncthreads();
        });
    } catch (const std::runtime_error &e) {
        what = e.what();
    }
    test::expect(what == "kernel stuck: 64 threads wait for each other for ever", "a deadlock is an error: " + what);
}

/** Copies that land late must be waited for; those that land at once must not come too early. */
void asynchronous_copies() {
    const char *seed = std::getenv("BOREP_SIMT_SEED");
    const bool late = seed == nullptr || std::atoi(seed) % 2 == 0;
    alignas(16) const float from[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    std::vector<float> waited(8), unwaited(4), overtaken(4);
    simt::run_grid("copies", 1, 32, 64, simt::ONE_BLOCK, [&] {
        float *to = shared_memory<float>();
        if (threadIdx.x == 0) {
            copy_async<16>(to, from, 16);
            commit_copies();
            copy_async<16>(to + 4, from + 4, 8); // the rest becomes 0
            commit_copies();
            wait_copies<1>();
            std::copy(to, to + 4, waited.begin());
            std::copy(to + 4, to + 8, unwaited.begin());
            wait_copies<0>();
            std::copy(to + 4, to + 8, waited.begin() + 4);
            copy_async<4>(to, from + 7, 4); // while to[0] is still to be read
            std::copy(to, to + 4, overtaken.begin());
        }
    });
    test::expect(waited == std::vector<float>({1, 2, 3, 4, 5, 6, 0, 0}), "asynchronous copies land");
    test::expect((unwaited == std::vector<float>({5, 6, 0, 0})) != late, "a missing wait shows with even seeds");
    test::expect((overtaken[0] == 8) != late, "a copy that comes too early shows with odd seeds");
}

/** Matrices of 16-bit numbers: number 100 r + c in row r, column c. */
void matrix_loads() {
    uint32_t plain[32][4], transposed[32][4];
    simt::run_grid("ldmatrix", 1, 32, 32 * 16, simt::ONE_BLOCK, [&] {
        uint16_t *shared = shared_memory<uint16_t>();
        const unsigned lane = threadIdx.x;
        for (unsigned c = 0; c < 8; c++) {
            shared[lane * 8 + c] = static_cast<uint16_t>(100 * lane + c);
        }
        __syncwarp();
        load_matrices(plain[lane], shared + lane * 8);
        load_matrices_transposed(transposed[lane], shared + lane * 8);
    });
    bool same = true;
    for (unsigned lane = 0; lane < 32; lane++) {
        for (unsigned i = 0; i < 4; i++) {
            const unsigned row = 8 * i + lane / 4, column = lane % 4 * 2;
            same &= plain[lane][i] == ((100 * row + column) | (100 * row + column + 1) << 16);
            const unsigned first = 100 * (8 * i + lane % 4 * 2) + lane / 4;
            same &= transposed[lane][i] == (first | (first + 100) << 16);
        }
    }
    test::expect(same, "matrices of shared memory");
}

void bf16_rounding() {
    const auto rounded = [](float value) { return from_bits(to_bf16_pair(0, value) & 0xFFFF0000u); };
    test::expect(rounded(1 + 1.0f / 256) == 1.0f, "a tie goes to the even neighbour below");
    test::expect(rounded(1 + 3.0f / 256) == 1 + 4.0f / 256, "and above");
    test::expect(rounded(-1 - 1.1f / 256) == -1 - 2.0f / 256, "the nearer neighbour wins");
    test::expect(std::isinf(rounded(3.4e38f)) && std::isinf(rounded(INFINITY)), "beyond the largest lies infinity");
    test::expect(std::isnan(rounded(from_bits(0x7FFFFFFFu))) && std::isnan(rounded(from_bits(0x7F800001u))), "NaN stays NaN");
    test::expect(std::isnan(from_bits(to_tf32(from_bits(0x7FFFFFFFu)))), "in TF32 too");
    test::expect(to_bf16_pair(1, 2) == 0x40003F80u, "the first number lies low");
}

/** D = A B with the fragments of PTX's m16n8k16, from matrices of small integers. */
void bf16_layout() {
    float result[16][8] = {};
    const auto left_at = [](unsigned m, unsigned k) { return static_cast<float>(m * 3 + k); };
    const auto right_at = [](unsigned k, unsigned n) { return static_cast<float>(k) - static_cast<float>(n * 2); };
    simt::run_grid("mma", 1, 32, 0, simt::ONE_BLOCK, [&] {
        const unsigned lane = threadIdx.x, group = lane / 4, k = lane % 4 * 2;
        const auto a = [&](unsigned m, unsigned k0) { return to_bf16_pair(left_at(m, k0), left_at(m, k0 + 1)); };
        const auto b = [&](unsigned k0, unsigned n) { return to_bf16_pair(right_at(k0, n), right_at(k0 + 1, n)); };
        const uint32_t left[4] = {a(group, k), a(group + 8, k), a(group, k + 8), a(group + 8, k + 8)};
        const uint32_t right[2] = {b(k, group), b(k + 8, group)};
        float d[4] = {};
        multiply_bf16(d, left, right);
        for (unsigned i = 0; i < 4; i++) {
            result[group + i / 2 * 8][lane % 4 * 2 + i % 2] = d[i];
        }
    });
    bool same = true;
    for (unsigned m = 0; m < 16; m++) {
        for (unsigned n = 0; n < 8; n++) {
            float sum = 0;
            for (unsigned k = 0; k < 16; k++) {
                sum += left_at(m, k) * right_at(k, n);
            }
            same &= result[m][n] == sum;
        }
    }
    test::expect(same, "bfloat16 fragments");
}

/** D = A B with the fragments of PTX's m16n8k8, from matrices of small integers. */
void tensor_core_layout() {
    float result[16][8] = {};
    simt::run_grid("mma", 1, 32, 0, simt::ONE_BLOCK, [&] {
        const unsigned lane = threadIdx.x, group = lane / 4, place = lane % 4;
        const auto a = [](unsigned m, unsigned k) { return to_tf32(static_cast<float>(m * 3 + k)); };
        const auto b = [](unsigned k, unsigned n) { return to_tf32(static_cast<float>(k) - static_cast<float>(n * 2)); };
        const uint32_t left[4] = {a(group, place), a(group + 8, place), a(group, place + 4), a(group + 8, place + 4)};
        const uint32_t right[2] = {b(place, group), b(place + 4, group)};
        float d[4] = {};
        multiply_tf32(d, left, right);
        result[group][2 * place] = d[0];
        result[group][2 * place + 1] = d[1];
        result[group + 8][2 * place] = d[2];
        result[group + 8][2 * place + 1] = d[3];
    });
    bool same = true;
    for (int m = 0; m < 16; m++) {
        for (int n = 0; n < 8; n++) {
            float sum = 0;
            for (int k = 0; k < 8; k++) {
                sum += static_cast<float>(m * 3 + k) * static_cast<float>(k - n * 2);
            }
            same &= result[m][n] == sum;
        }
    }
    test::expect(same, "tensor-core fragments");
}

/** Against float64, within the units that activations.cuh states; and what is not finite stays what it is. */
void activations() {
    const auto units = [](float value, double exact) {
        const auto nearest = static_cast<float>(std::fabs(exact));
        return std::fabs(value - exact) / (std::nextafter(nearest, 2.0f) - nearest);
    };
    double worst = 0;
    for (int i = -160000; i <= 160000; i++) {
        const float a = static_cast<float>(i) / 2000;
        worst = std::max(worst, units(sigmoid(a), 1 / (1 + std::exp(-static_cast<double>(a)))));
        worst = std::max(worst, units(hyperbolic_tangent(a), std::tanh(static_cast<double>(a))));
    }
    test::expect(worst <= 4, "activations: off by " + std::to_string(worst) + " units in the last place");
    constexpr float ENDLESS = std::numeric_limits<float>::infinity();
    test::expect(sigmoid(ENDLESS) == 1 && sigmoid(-ENDLESS) == 0, "sigmoid of infinity");
    test::expect(hyperbolic_tangent(ENDLESS) == 1 && hyperbolic_tangent(-ENDLESS) == -1, "tanh of infinity");
    const float none = std::numeric_limits<float>::quiet_NaN();
    test::expect(std::isnan(sigmoid(none)) && std::isnan(hyperbolic_tangent(none)), "NaN stays NaN");
}

/** Blocks count their steps and meet after each; `late` becomes 1 if one sees another that has not come as far. */
void meet(unsigned *arrivals, unsigned *steps, unsigned *late, unsigned meetings) {
    const GridBarrier barrier{arrivals, static_cast<int>(gridDim.x)};
    for (unsigned meeting = 1; meeting <= meetings; meeting++) {
        if (threadIdx.x == 0) {
            steps[blockIdx.x] = meeting;
        }
        barrier.arrive();
        barrier.wait(meeting);
        for (unsigned block = threadIdx.x; block < gridDim.x; block += WARP) {
            *late |= steps[block] < meeting;
        }
    }
}

/** More blocks than can run at once are refused before one of them begins to wait, and an ordinary launch is found out. */
void barrier_of_too_many_blocks() {
    simt::Stream stream;
    constexpr unsigned MOST = 2 * simt::MULTIPROCESSORS;
    std::vector<unsigned> arrivals(1), steps(MOST + 1);
    unsigned late = 0;
    BOREP_LAUNCH_COOPERATIVE(meet, MOST + 1, 64, 0, &stream, arrivals.data(), steps.data(), &late, 3u);
    const cudaError_t refused = cudaGetLastError();
    test::expect(
        refused == cudaErrorCooperativeLaunchTooLarge && cudaGetErrorString(refused) == std::string("too many blocks in cooperative launch"),
        "a block more than can run at once is refused");
    test::expect(steps == std::vector<unsigned>(MOST + 1), "nothing of a refused launch runs");
    test::expect(cudaGetLastError() == cudaSuccess, "a refusal leaves the device usable");
    BOREP_LAUNCH_COOPERATIVE(meet, MOST, 64, 0, &stream, arrivals.data(), steps.data(), &late, 3u);
    test::expect(cudaGetLastError() == cudaSuccess && steps[0] == 3 && steps[MOST - 1] == 3, "as many as can run do");
    test::expect(late == 0, "nobody passes a meeting before all have come");
    std::fill(arrivals.begin(), arrivals.end(), 0u);
    BOREP_LAUNCH(meet, 2, 64, 0, &stream, arrivals.data(), steps.data(), &late, 1u);
    test::expect(
        cudaGetLastError() == cudaErrorLaunchFailure && simt::failure.find("threads wait for each other for ever") != std::string::npos,
        "a barrier in an ordinary launch ends with an error, not with a wait: " + simt::failure);
    simt::failure.clear();
}

/** In clusters of 3 each block's number becomes the sum of those of the two others, round after round. */
void add_the_others(bool waits, int rounds, float *out) {
    auto *mailboxes = shared_memory<Mailbox>();
    auto *numbers = reinterpret_cast<float *>(mailboxes + 2); // [even and odd rounds][3 senders]
    if (threadIdx.x == 0) {
        open(mailboxes);
        open(mailboxes + 1);
    }
    cluster_barrier();
    const unsigned rank = cluster_rank(), after = (rank + 1) % 3, before = (rank + 2) % 3;
    float number = static_cast<float>(blockIdx.x);
    for (int i = 0; i < rounds; i++) {
        Mailbox *mailbox = mailboxes + i % 2;
        float *round = numbers + i % 2 * 3;
        if (threadIdx.x == 5) {
            Neighbour(after).send(round + rank, number, mailbox);
            Neighbour(before).send(round + rank, number, mailbox);
        }
        if (threadIdx.x == 0) {
            expect(mailbox, 2 * sizeof(float));
        }
        if (waits) {
            wait(mailbox, i / 2 % 2);
        }
        number = round[after] + round[before];
        __syncthreads();
    }
    cluster_barrier();
    if (threadIdx.x == 5) {
        out[blockIdx.x] = number;
    }
}

void mailboxes_of_a_cluster() {
    simt::Stream stream;
    const auto added = [&](bool waits, int rounds) {
        std::vector<float> out(6);
        BOREP_LAUNCH_CLUSTERS(add_the_others, 3, 6, 64, 64, &stream, waits, rounds, out.data());
        test::expect(cudaGetLastError() == cudaSuccess, "clusters run: " + simt::failure);
        return out;
    };
    test::expect(added(true, 1) == std::vector<float>{3, 2, 1, 9, 8, 7}, "a block has what the two others sent");
    test::expect(added(true, 5) == std::vector<float>{33, 32, 31, 129, 128, 127}, "and so on, round after round");
    test::expect(added(false, 1) != std::vector<float>{3, 2, 1, 9, 8, 7}, "a missing wait shows");
    std::vector<float> out(6);
    BOREP_LAUNCH_CLUSTERS(add_the_others, 3, 5, 64, 64, &stream, true, 1, out.data());
    test::expect(cudaGetLastError() == cudaErrorInvalidConfiguration, "a grid that is no number of clusters is refused");
    BOREP_LAUNCH_CLUSTERS(add_the_others, 9, 9, 64, 64, &stream, true, 1, out.data());
    test::expect(cudaGetLastError() == cudaErrorInvalidConfiguration, "a cluster of nine blocks is refused");
}

/** Waits for more than anybody sends. */
void wait_for_more(int *) {
    auto *mailbox = shared_memory<Mailbox>();
    if (threadIdx.x == 0) {
        open(mailbox);
    }
    cluster_barrier();
    if (threadIdx.x == 0) {
        expect(mailbox, 2 * sizeof(float));
        Neighbour(1 - cluster_rank()).send(shared_memory<float>() + 4, 1, mailbox);
    }
    wait(mailbox, 0);
}

void a_word_too_few_is_an_error() {
    simt::Stream stream;
    int nothing = 0;
    BOREP_LAUNCH_CLUSTERS(wait_for_more, 2, 2, 32, 64, &stream, &nothing);
    test::expect(
        cudaGetLastError() == cudaErrorLaunchFailure && simt::failure.find("threads wait for each other for ever") != std::string::npos,
        "a mailbox that never fills ends with an error, not with a wait: " + simt::failure);
    simt::failure.clear();
}

void count_threads(unsigned *threads) {
    *threads += 1;
}

/** Hardware refuses these launches, so the host does. */
void refused_launches() {
    simt::Stream stream;
    unsigned threads = 0;
    const auto outcome = [&](dim3 grid, dim3 block, size_t shared) {
        BOREP_LAUNCH(count_threads, grid, block, shared, &stream, &threads);
        return cudaGetLastError();
    };
    test::expect(outcome(dim3(1, 65536), 32, 0) == cudaErrorInvalidConfiguration, "too many blocks along y");
    test::expect(outcome(dim3(1, 1, 65536), 32, 0) == cudaErrorInvalidConfiguration, "too many blocks along z");
    test::expect(outcome(0, 32, 0) == cudaErrorInvalidConfiguration, "no block");
    test::expect(outcome(1, 1025, 0) == cudaErrorInvalidConfiguration, "too many threads");
    test::expect(outcome(1, 32, 49153) == cudaErrorInvalidValue, "more shared memory than a kernel gets unasked");
    test::expect(threads == 0, "nothing of a refused launch runs");
    const auto ask = [](int bytes) {
        return cudaFuncSetAttribute(count_threads, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    };
    test::expect(ask(60000) == cudaSuccess && outcome(1, 32, 60000) == cudaSuccess && threads == 32, "what it has asked for");
    test::expect(ask(50000) == cudaSuccess && outcome(1, 32, 60000) == cudaErrorInvalidValue, "the last to ask decides for all");
    test::expect(ask(233472) == cudaErrorInvalidValue && cudaGetLastError() == cudaErrorInvalidValue, "more than there is");
}

}  // namespace

int main() {
    missing_barrier_shows();
    block_sums();
    grid_barrier();
    activations();
    tensor_core_layout();
    bf16_layout();
    bf16_rounding();
    matrix_loads();
    asynchronous_copies();
    refused_launches();
    mailboxes_of_a_cluster();
    a_word_too_few_is_an_error(); // last, these three: they give up the stacks of the stuck threads
    barrier_of_too_many_blocks();
    divergent_barrier_is_an_error();
    return test::finish("simt");
}
