/* A device with its stream, the memory it has handed out, its tapes and programs. */
#pragma once

#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "abi/failure.h"
#include "kernels/fault.h"

namespace borep {

/** Blocks of a reduction; their partial sums are added again by whoever needs the total. */
constexpr int MOST_PARTIALS = 256;

/** Device memory that lives as long as its owner. */
class Memory {
   public:
    Memory() = default;
    Memory(borep_context &context, size_t bytes, bool zeroed = false);
    Memory(Memory &&other) noexcept;
    Memory &operator=(Memory &&other) noexcept;
    ~Memory();

    template <class T = float>
    T *as() const {
        return reinterpret_cast<T *>(address_);
    }
    explicit operator bool() const {
        return address_ != 0;
    }

   private:
    borep_context *context_ = nullptr;
    borep_address address_ = 0;
};

/** `count` floats, not zeroed. */
inline Memory floats(borep_context &context, size_t count) {
    return Memory(context, count * sizeof(float));
}

inline Memory ints(borep_context &context, size_t count) {
    return Memory(context, count * sizeof(int));
}

/** Memory that matrix products share: staged operands, and sums that are not finished. */
enum class Scratch { LEFT, RIGHT, SUMS };

}  // namespace borep

namespace borep {
class Cublas;
class Loops;
}

struct borep_program {
    /** Takes the graph over. `guard`: the one whose steps it is a part of, or null. */
    borep_program(borep_context &context, cudaGraph_t graph, borep_guard *guard);
    borep_program(const borep_program &) = delete;
    borep_program &operator=(const borep_program &) = delete;
    ~borep_program();

    borep_context &context;
    cudaGraph_t graph;
    borep_guard *guard;
    cudaGraphExec_t executable = nullptr;
};

struct borep_context {
    explicit borep_context(int device);
    borep_context(const borep_context &) = delete;
    borep_context &operator=(const borep_context &) = delete;
    ~borep_context();

    /** Once, before everything else; what a failure leaves half open the destructor closes. */
    void open();
    /** Makes the context's device the calling thread's: launches, and questions about kernels, mean the current one. */
    void make_current() const;
    /** For the next call to enqueue. */
    cudaStream_t stream() {
        make_current();
        flush();
        return stream_;
    }
    /** From now on everything is enqueued on this stream, after all that has been enqueued so far; null: the context's own. */
    void use(cudaStream_t stream);
    /** What is enqueued from now on comes after what the event stands for. */
    void wait(cudaEvent_t event);
    /** The event stands for everything enqueued so far. */
    void mark(cudaEvent_t event);
    borep_precision precision() const {
        return precision_;
    }
    void set_precision(borep_precision precision);
    /** Null: products are borep's own. */
    borep::Cublas *cublas() const {
        return gemm_ == BOREP_GEMM_CUBLAS ? cublas_.get() : nullptr;
    }
    /** Whether warpgroups make their large tiles. */
    bool multiplies_in_groups() const {
        return gemm_ == BOREP_GEMM_WARPGROUPS;
    }
    void set_gemm(borep_gemm gemm);
    const borep_sweep_options &sweep_options() const {
        return sweep_options_;
    }
    void set_sweep_options(const borep_sweep_options &options);
    /** [MOST_PARTIALS] doubles; contents last until the next reduction. */
    double *partials() const {
        return partials_.as<double>();
    }
    /** [2] doubles for finished sums. */
    double *totals() const {
        return partials() + borep::MOST_PARTIALS;
    }
    /** At least `bytes`; contents last until the next product. */
    void *scratch(borep::Scratch place, size_t bytes);
    borep::Fault *fault() const {
        return fault_.as<borep::Fault>();
    }
    const cudaDeviceProp &properties() const {
        return properties_;
    }

    /** Fresh memory holds junk (NaN on the host executor) unless zeroed. */
    borep_address allocate(size_t bytes, bool zeroed);
    /** Whether there was something. */
    bool release(borep_address address) noexcept;
    void write(borep_address to, const void *from, size_t bytes);
    void read(borep_address from, void *to, size_t bytes);
    void synchronise();

    void begin(borep_guard *guard);
    borep_program *end();
    void abandon() noexcept;
    bool recording() const {
        return recording_;
    }
    /** Enqueues a program, or gathers it for a launch of several. */
    void run(borep_program &program);
    /** So many programs are gathered at most; 1: every program is a launch of its own. */
    void gather(int most);
    /** Launches what has been gathered. */
    void flush() {
        if (!gathered_.empty()) {
            launch_gathered();
        }
    }

    /** To be called after every launch. */
    void launched(const char *kernel, const char *file, int line);
    std::string describe() const;
    void statistics(borep_statistics &out) const;

    /** Keeps a tape until the context goes. */
    template <class Tape>
    Tape *keep(std::unique_ptr<Tape> tape) {
        Tape *pointer = tape.get();
        tapes_.emplace_back(std::move(tape));
        return pointer;
    }

   private:
    void throw_fault();
    void launch_gathered();
    void launch(const borep_program &program);

    int device_;
    cudaDeviceProp properties_{};
    cudaStream_t own_stream_ = nullptr;
    /** The own one, or another library's. */
    cudaStream_t stream_ = nullptr;
    /** Orders a stream after the one before. */
    cudaEvent_t handover_ = nullptr;
    /** For clearing memory while the stream records. */
    cudaStream_t side_stream_ = nullptr;
    borep_precision precision_ = BOREP_FP32;
    borep_sweep_options sweep_options_{sizeof(borep_sweep_options), BOREP_SWEEPS_CHOSEN, 0, 0, 0, 0};
    bool recording_ = false;
    /** Whose step is recorded. */
    borep_guard *recording_guard_ = nullptr;
    size_t most_gathered_ = 1;
    std::vector<borep_program *> gathered_;
    std::vector<borep_program *> launching_;
    std::unordered_map<borep_address, size_t> allocations_;
    uint64_t bytes_ = 0;
    uint64_t kernels_ = 0;
    uint64_t replays_ = 0;
    uint64_t launches_ = 0;
    uint64_t synchronisations_ = 0;
    borep::Memory partials_;
    borep::Memory fault_;
    struct Space {
        borep::Memory memory;
        size_t bytes = 0;
    };
    std::array<Space, 3> scratch_;
    /** Scratch memory that has become too small; programs go on using it. */
    std::vector<borep::Memory> outgrown_;
    /** Opened at its first use, and kept for the programs that were recorded with it. */
    std::unique_ptr<borep::Cublas> cublas_;
    borep_gemm gemm_ = BOREP_GEMM_AUTO;
    std::vector<std::unique_ptr<borep_program>> programs_;
    std::vector<std::shared_ptr<void>> tapes_;
    std::unique_ptr<borep::Loops> loops_;
};

/** Launches a kernel on the context's stream; templates with commas go into parentheses. */
#define BOREP_RUN(context, kernel, grid, block, shared, ...)                                  \
    do {                                                                                      \
        BOREP_LAUNCH(kernel, grid, block, shared, (context).stream(), __VA_ARGS__);           \
        (context).launched(#kernel, __FILE__, __LINE__);                                      \
    } while (0)

/** The same for a kernel whose blocks wait for each other. */
#define BOREP_RUN_COOPERATIVE(context, kernel, grid, block, shared, ...)                      \
    do {                                                                                      \
        BOREP_LAUNCH_COOPERATIVE(kernel, grid, block, shared, (context).stream(), __VA_ARGS__); \
        (context).launched(#kernel, __FILE__, __LINE__);                                      \
    } while (0)

/** The same for a kernel whose blocks run in clusters of so many. */
#define BOREP_RUN_CLUSTERS(context, kernel, cluster, grid, block, shared, ...)                 \
    do {                                                                                      \
        BOREP_LAUNCH_CLUSTERS(kernel, cluster, grid, block, shared, (context).stream(), __VA_ARGS__); \
        (context).launched(#kernel, __FILE__, __LINE__);                                      \
    } while (0)
