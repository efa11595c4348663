/* What the host executor must find that nothing orders, and what it must not. Built with -DBOREP_RACES=ON alone. */
#include <stdexcept>

#include "abi.h"
#include "kernels/cluster.cuh"
#include "kernels/fault.h"
#include "kernels/grid_barrier.cuh"

using namespace borep;

namespace {

constexpr unsigned THREADS = 64;

/** Global memory of zeros. */
class Numbers {
   public:
    explicit Numbers(size_t count) : memory_(simt::take_memory(count * sizeof(unsigned), simt::Space::GLOBAL)) {
        std::fill_n(at(), count, 0u);
    }
    Numbers(const Numbers &) = delete;
    Numbers &operator=(const Numbers &) = delete;
    ~Numbers() {
        simt::give_back_memory(memory_);
    }
    unsigned *at() const {
        return reinterpret_cast<unsigned *>(memory_);
    }

   private:
    void *memory_;
};

/** What is found in blocks of THREADS threads; empty: nothing. */
std::string found(unsigned blocks, unsigned together, const std::function<void()> &body) {
    try {
        simt::run_grid("k", blocks, THREADS, 1024, together, body);
    } catch (const std::runtime_error &e) {
        return e.what();
    }
    return {};
}

void expect_order(const std::string &found, const std::string &what) {
    test::expect(found.empty(), what + ": " + found);
}

void expect_race(const std::string &found, const std::string &sentence, const std::string &what) {
    test::expect(found.find(sentence) != std::string::npos && found.find("races_test.cpp:") != std::string::npos, what + ": " + found);
}

/** Writes a thread's number, waits as it is told to, and reads a neighbour's. */
template <class Wait>
std::string rotated(unsigned distance, Wait wait) {
    return found(1, simt::ONE_BLOCK, [&] {
        auto *scratch = shared_memory<unsigned>();
        scratch[threadIdx.x] = threadIdx.x;
        wait();
        volatile unsigned read = scratch[(threadIdx.x + distance) % THREADS];
        (void)read;
    });
}

void barriers() {
    const auto exchange = [] { return warp_reduce(1, Sum()); };
    expect_order(rotated(40, __syncthreads), "a block's barrier orders its threads");
    expect_race(rotated(40, [] {}), "shared memory that thread", "a missing barrier");
    expect_race(rotated(40, __syncwarp), "shared memory that thread", "a warp's barrier does not order another warp's threads");
    expect_race(rotated(1, exchange), "shared memory that thread", "nor does an exchange of values order memory");
    expect_order(found(1, simt::ONE_BLOCK, [] {
        auto *scratch = shared_memory<unsigned>();
        scratch[threadIdx.x] = threadIdx.x;
        __syncwarp();
        scratch[threadIdx.x ^ 1] += 1;
    }), "a warp's barrier orders its lanes");
    expect_race(found(1, simt::ONE_BLOCK, [] {
        auto *scratch = shared_memory<unsigned>();
        volatile unsigned read = scratch[7];
        (void)read;
        if (threadIdx.x == 40) {
            scratch[7] = 1;
        }
    }), "shared memory that thread", "a write of what others read");
}

void bytes() {
    expect_order(found(1, simt::ONE_BLOCK, [] { shared_memory<uint16_t>()[threadIdx.x] = 1; }), "halves of a word are apart");
    expect_race(found(1, simt::ONE_BLOCK, [] { shared_memory<uint16_t>()[threadIdx.x / 2] = 1; }), "has written", "the same half is not");
    expect_race(found(1, simt::ONE_BLOCK, [] {
        if (threadIdx.x == 0) {
            *shared_memory<Quad>() = {};
        } else if (threadIdx.x == 1) {
            shared_memory<float>()[3] = 1;
        }
    }), "writes shared memory", "four numbers at once and the last of them");
}

void blocks_and_launches() {
    const Numbers numbers(2);
    const auto count = [&] {
        if (threadIdx.x == 0) {
            numbers.at()[blockIdx.x]++;
        }
    };
    expect_order(found(2, simt::ONE_BLOCK, count), "blocks with a word each");
    expect_order(found(2, simt::ONE_BLOCK, count), "a launch comes after the one before");
    expect_race(found(2, simt::ONE_BLOCK, [&] {
        if (threadIdx.x == 0) {
            numbers.at()[0]++;
        }
    }), "global memory that thread 0 of block 0 has", "two blocks with the same word");
    const Numbers faults(sizeof(Fault) / sizeof(unsigned));
    expect_order(found(2, simt::ONE_BLOCK, [&] {
        report(reinterpret_cast<Fault *>(faults.at()), Fault::LABEL, 1, 2, 3);
    }), "of many reports one is written");
}

/** Every block writes a number, meets the others, and reads theirs. */
void meetings() {
    const Numbers numbers(4), arrivals(1);
    const GridBarrier barrier{arrivals.at(), 4};
    const auto met = [&](bool with_threads) {
        *arrivals.at() = 0;
        return found(4, simt::ALL_BLOCKS, [&] {
            if (threadIdx.x == 9) {
                numbers.at()[blockIdx.x] = 1;
            }
            if (with_threads) {
                barrier.arrive();
            } else if (threadIdx.x == 0) {
                add_release(arrivals.at(), 1);
            }
            barrier.wait(1);
            volatile unsigned read = numbers.at()[(blockIdx.x + threadIdx.x) % 4];
            (void)read;
        });
    };
    expect_order(met(true), "blocks that meet");
    expect_race(met(false), "global memory that thread", "a block that arrives before its threads have come");
    *arrivals.at() = 0;
    expect_race(found(2, simt::ALL_BLOCKS, [&] {
        if (threadIdx.x == 0) {
            numbers.at()[blockIdx.x] = 1;
            *const_cast<volatile unsigned *>(arrivals.at()) = 1;
        }
    }), "writes global memory", "a flag that is an ordinary word");
}

void asynchronous_copies() {
    const Numbers from(THREADS);
    const auto copied = [&](bool waits, bool meets_after) {
        return found(1, simt::ONE_BLOCK, [&] {
            auto *to = shared_memory<unsigned>();
            copy_async<4>(to + threadIdx.x, from.at() + threadIdx.x, 4);
            commit_copies();
            if (waits) {
                wait_copies<0>();
            }
            __syncthreads();
            volatile unsigned read = to[threadIdx.x ^ 1];
            (void)read;
            if (!waits) {
                wait_copies<0>();
            }
            if (meets_after) {
                __syncthreads();
            }
            copy_async<4>(to + threadIdx.x, from.at(), 4);
            commit_copies();
            wait_copies<0>();
        });
    };
    expect_order(copied(true, true), "copies that are waited for");
    expect_race(copied(false, true), "shared memory that thread", "copies that land while others read");
    expect_race(copied(true, false), "shared memory that thread", "copies onto what others still read");
}

/** Two blocks send each other a word; before, each writes a number to global memory. */
void words_of_a_cluster() {
    const Numbers numbers(2);
    const auto sent = [&](bool waits, bool reads_global, bool answers_early) {
        return found(2, 2, [&] {
            auto *mailbox = shared_memory<Mailbox>();
            float *word = shared_memory<float>() + 16;
            if (threadIdx.x == 0) {
                open(mailbox);
                open(mailbox + 1);
            }
            cluster_barrier();
            const unsigned other = 1 - cluster_rank();
            if (threadIdx.x == 0) {
                expect(mailbox, 4);
                expect(mailbox + 1, 4);
                numbers.at()[blockIdx.x] = 1;
                Neighbour(other).send(word, 1, mailbox);
            }
            if (waits) {
                wait(mailbox, 0);
            }
            volatile float read = *word;
            (void)read;
            if (reads_global) {
                volatile unsigned number = numbers.at()[other];
                (void)number;
            }
            if (!answers_early) {
                __syncthreads();
            }
            if (threadIdx.x == 0) { // this block has read its word: the other one may write it again
                Neighbour(other).send(word + 1, 1, mailbox + 1);
            }
            wait(mailbox + 1, 0);
            if (threadIdx.x == 0) {
                expect(mailbox, 4);
                Neighbour(other).send(word, 2, mailbox);
            }
            wait(mailbox, 1);
            cluster_barrier();
        });
    };
    expect_order(sent(true, false, false), "a word that has come");
    expect_race(sent(false, false, false), "shared memory that thread", "one that may not have");
    expect_race(sent(true, true, false), "reads global memory that thread 0", "a word does not bring what its sender wrote elsewhere");
    expect_race(sent(true, false, true), "shared memory that thread", "an answer before all threads have read");
}

}  // namespace

int main() {
    barriers();
    bytes();
    blocks_and_launches();
    meetings();
    asynchronous_copies();
    words_of_a_cluster();
    return test::finish("races");
}
