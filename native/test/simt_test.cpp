/* The host executor itself: what it must compute, and the mistakes in kernels that it must not hide. */
#include <stdexcept>

#include "abi.h"
#include "kernels/device.h"

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
    simt::run_grid("rotate", 1, THREADS, THREADS * sizeof(int), false, [&] { rotate(with_barrier, out.data()); });
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
    simt::run_grid("sum", 3, 64, 2 * sizeof(double), false, [&] {
        const double sum = block_sum<double>(threadIdx.x + 100.0 * blockIdx.x, shared_memory<double>());
        sums[blockIdx.x] = sum;
    });
    test::expect(sums == std::vector<double>({2016, 2016 + 6400, 2016 + 12800}), "a block adds up");
}

/** Every thread of every block waits until all blocks have arrived. */
void grid_barrier() {
    unsigned arrived = 0;
    unsigned seen = 0;
    simt::run_grid("barrier", 5, 32, 0, true, [&] {
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
        simt::run_grid("stuck", 1, 64, 0, false, [&] {
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

/** D = A B with the fragments of PTX's m16n8k8, from matrices of small integers. */
void tensor_core_layout() {
    float result[16][8] = {};
    simt::run_grid("mma", 1, 32, 0, false, [&] {
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

}  // namespace

int main() {
    missing_barrier_shows();
    block_sums();
    grid_barrier();
    tensor_core_layout();
    divergent_barrier_is_an_error(); // last: it gives up the stacks of the stuck threads
    return test::finish("simt");
}
