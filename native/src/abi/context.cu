#include "abi/context.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kernels/cublas.h"
#include "kernels/guard.cuh"
#include "kernels/loop.h"
#include "kernels/matmul.cuh"

using borep::Failure;
using borep::Fault;
using borep::guarded;
using borep::require;

namespace borep {

Memory::Memory(borep_context &context, size_t bytes, bool zeroed)
    : context_(&context), address_(context.allocate(bytes, zeroed)) {}

Memory::Memory(Memory &&other) noexcept
    : context_(other.context_), address_(std::exchange(other.address_, borep_address{0})) {}

Memory &Memory::operator=(Memory &&other) noexcept {
    std::swap(context_, other.context_);
    std::swap(address_, other.address_);
    return *this;
}

Memory::~Memory() {
    if (address_ != 0) {
        context_->release(address_);
    }
}

}  // namespace borep

borep_program::borep_program(borep_context &context, cudaGraph_t graph, borep_guard *guard)
    : context(context), graph(graph), guard(guard) {
    const cudaError_t error = cudaGraphInstantiate(&executable, graph, 0);
    if (error != cudaSuccess) {
        cudaGraphDestroy(graph);
    }
    BOREP_CUDA(error);
}

borep_program::~borep_program() {
    cudaGraphExecDestroy(executable);
    cudaGraphDestroy(graph);
}

borep_context::borep_context(int device) : device_(device) {}

void borep_context::make_current() const {
    BOREP_CUDA(cudaSetDevice(device_));
}

void borep_context::open() {
    make_current();
    BOREP_CUDA(cudaGetDeviceProperties(&properties_, device_));
    BOREP_CUDA(cudaStreamCreateWithFlags(&own_stream_, cudaStreamNonBlocking));
    stream_ = own_stream_;
    BOREP_CUDA(cudaStreamCreateWithFlags(&side_stream_, cudaStreamNonBlocking));
    BOREP_CUDA(cudaEventCreateWithFlags(&handover_, cudaEventDisableTiming));
    partials_ = borep::Memory(*this, (borep::MOST_PARTIALS + 2) * sizeof(double));
    fault_ = borep::Memory(*this, sizeof(Fault));
    BOREP_CUDA(cudaMemsetAsync(fault_.as<void>(), 0, sizeof(Fault), stream_));
}

borep_context::~borep_context() {
    cudaSetDevice(device_);
    abandon();
    if (stream_ != nullptr) {
        borep::guarded([&] { flush(); }); // what was run may write other libraries' memory
        cudaStreamSynchronize(stream_);
    }
    loops_.reset();
    programs_.clear();
    tapes_.clear();
    partials_ = {};
    fault_ = {};
    cublas_.reset();
    scratch_ = {};
    outgrown_.clear();
    for (const auto &[address, bytes] : allocations_) {
        cudaFree(reinterpret_cast<void *>(address));
    }
    if (side_stream_ != nullptr) {
        cudaStreamDestroy(side_stream_);
    }
    if (own_stream_ != nullptr) {
        cudaStreamDestroy(own_stream_);
    }
    if (handover_ != nullptr) {
        cudaEventDestroy(handover_);
    }
    cudaGetLastError(); // what could not be done here is nobody else's failure
}

void borep_context::use(cudaStream_t stream) {
    require(!recording_, "change of the stream: not allowed while a program is recorded");
    cudaStream_t next = stream == nullptr ? own_stream_ : stream;
    if (next != stream_) {
        mark(handover_);
        BOREP_CUDA(cudaStreamWaitEvent(next, handover_, 0)); // one that cannot wait is not taken
        stream_ = next;
    }
}

void borep_context::wait(cudaEvent_t event) {
    require(!recording_, "wait for an event: not allowed while a program is recorded");
    BOREP_CUDA(cudaStreamWaitEvent(stream(), event, 0));
}

void borep_context::mark(cudaEvent_t event) {
    require(!recording_, "record of an event: not allowed while a program is recorded");
    BOREP_CUDA(cudaEventRecord(event, stream()));
}

void borep_context::set_precision(borep_precision precision) {
    require(
        precision >= BOREP_FP32 && precision <= BOREP_BF16,
        "precision " + std::to_string(precision) + ": must be 0 (FP32), 1 (3xTF32), 2 (TF32) or 3 (BF16)");
    require(
        precision == BOREP_FP32 || properties_.major >= 8,
        std::string("precision ") + (precision == BOREP_BF16 ? "BF16" : "TF32") + ": this device's architecture sm_" +
            std::to_string(properties_.major) + std::to_string(properties_.minor) +
            " has no tensor cores for it; use FP32");
    precision_ = precision;
}

void borep_context::set_gemm(borep_gemm gemm) {
    require(!recording_, "choice of who multiplies: not allowed while a program is recorded");
    require(
        gemm >= BOREP_GEMM_AUTO && gemm <= BOREP_GEMM_WARPGROUPS,
        "gemm " + std::to_string(gemm) + ": must be 0 (auto), 1 (own), 2 (cuBLAS) or 3 (warpgroups)");
    if (gemm == BOREP_GEMM_WARPGROUPS) {
        make_current();
        require(
            borep::has_group_products(), "gemm warpgroups: needs a device of sm_90 and a library built for sm_90a; this device is sm_" +
                                             std::to_string(properties_.major) + std::to_string(properties_.minor) + "; use auto");
    }
    if (gemm == BOREP_GEMM_CUBLAS && cublas_ == nullptr) {
        cublas_ = std::make_unique<borep::Cublas>(*this);
    }
    gemm_ = gemm;
}

void borep_context::set_sweep_options(const borep_sweep_options &options) {
    require(
        options.size == sizeof options, "sweep options of " + std::to_string(options.size) + " bytes: this library reads " +
                                            std::to_string(sizeof options));
    require(
        options.path >= BOREP_SWEEPS_CHOSEN && options.path <= BOREP_SWEEPS_STREAMED,
        "path " + std::to_string(options.path) +
            " of sweeps: must be 0 (chosen), 1 (stepwise), 2 (persistent), 3 (clustered) or 4 (streamed)");
    const auto is_one_of = [](int32_t value, std::initializer_list<int32_t> values) {
        return std::find(values.begin(), values.end(), value) != values.end();
    };
    require(
        is_one_of(options.weights, {0, 16, 32, 48, 64, 128}) && is_one_of(options.slices, {0, 1, 2, 4, 8}) && options.parts >= 0 &&
            is_one_of(options.samples, {0, 8, 16, 32, 64, 128}),
        "sweep options: weights must be 0, 16, 32, 48, 64 or 128, slices 0, 1, 2, 4 or 8, samples 0, 8, 16, 32, 64 or 128, parts not "
        "negative");
    sweep_options_ = options;
}

borep_address borep_context::allocate(size_t bytes, bool zeroed) {
    make_current();
    const size_t size = bytes == 0 ? 1 : bytes;
    void *memory = nullptr;
    const cudaError_t error = cudaMalloc(&memory, size);
    if (error == cudaErrorMemoryAllocation) {
        cudaGetLastError();
        throw Failure(
            BOREP_OUT_OF_MEMORY, "out of device memory: " + std::to_string(bytes >> 20) + " MiB more than the " +
                                     std::to_string(bytes_ >> 20) +
                                     " MiB in use do not fit; take a smaller batch or network");
    }
    BOREP_CUDA(error);
    const auto address = reinterpret_cast<borep_address>(memory);
    try {
        if (zeroed) {
            BOREP_CUDA(cudaMemsetAsync(memory, 0, size, side_stream_));
            BOREP_CUDA(cudaStreamSynchronize(side_stream_));
        }
        allocations_.emplace(address, size);
    } catch (...) {
        cudaFree(memory);
        throw;
    }
    bytes_ += size;
    return address;
}

bool borep_context::release(borep_address address) noexcept {
    const auto found = allocations_.find(address);
    if (found == allocations_.end()) {
        return false;
    }
    bytes_ -= found->second;
    allocations_.erase(found);
    cudaFree(reinterpret_cast<void *>(address));
    return true;
}

void *borep_context::scratch(borep::Scratch place, size_t bytes) {
    Space &space = scratch_[static_cast<size_t>(place)];
    if (space.bytes < bytes) {
        const size_t size = std::max(bytes, 2 * space.bytes); // what is outgrown is never more than what is used
        borep::Memory memory(*this, size);
        outgrown_.push_back(std::move(space.memory));
        space = {std::move(memory), size};
    }
    return space.memory.as<void>();
}

void borep_context::write(borep_address to, const void *from, size_t bytes) {
    require(!recording_, "write to device memory: not allowed while a program is recorded; write before or after");
    make_current();
    flush();
    if (bytes > 0) {
        BOREP_CUDA(cudaMemcpyAsync(reinterpret_cast<void *>(to), from, bytes, cudaMemcpyHostToDevice, stream_));
        BOREP_CUDA(cudaStreamSynchronize(stream_)); // the host may reuse its memory at once
        synchronisations_++;
    }
}

void borep_context::read(borep_address from, void *to, size_t bytes) {
    require(!recording_, "read of device memory: not allowed while a program is recorded; read after it has run");
    make_current();
    flush();
    if (bytes > 0) {
        BOREP_CUDA(cudaMemcpyAsync(to, reinterpret_cast<void *>(from), bytes, cudaMemcpyDeviceToHost, stream_));
    }
    synchronise();
}

void borep_context::synchronise() {
    require(!recording_, "synchronise: not allowed while a program is recorded");
    make_current();
    flush();
    Fault fault{};
    BOREP_CUDA(cudaMemcpyAsync(&fault, fault_.as<void>(), sizeof fault, cudaMemcpyDeviceToHost, stream_));
    BOREP_CUDA(cudaStreamSynchronize(stream_));
    synchronisations_++;
    if (fault.code != Fault::NONE) {
        BOREP_CUDA(cudaMemsetAsync(fault_.as<void>(), 0, sizeof fault, stream_));
        const std::string value = std::to_string(fault.value);
        const std::string limit = std::to_string(fault.limit);
        const std::string place = std::to_string(fault.place);
        switch (fault.code) {
            case Fault::LABEL:
                throw Failure(BOREP_BAD_DATA, "label " + value + " of sample " + place + ": must be in [0, " + limit + ")");
            case Fault::INDEX:
                throw Failure(BOREP_BAD_DATA, "index " + value + " at place " + place + ": must be in [0, " + limit + ")");
            case Fault::LENGTH:
                throw Failure(BOREP_BAD_DATA, "a sequence of " + value + " steps, the packing holds " + limit);
            case Fault::ROWS:
                throw Failure(BOREP_BAD_DATA, "a batch of " + value + " rows, the memory holds " + limit);
            default:
                throw Failure(
                    BOREP_BAD_DATA, "domain " + place + " has no sample of class " + value +
                                        ": balanced tasks need every class in every domain");
        }
    }
}

void borep_context::begin(borep_guard *guard) {
    require(
        guard == nullptr || &guard->context == this, "begin of a program: its guard belongs to another context");
    require(!recording_, "begin of a program: another one is being recorded; end it first");
    make_current();
    flush();
    BOREP_CUDA(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeRelaxed));
    recording_ = true;
    recording_guard_ = guard;
}

borep_program *borep_context::end() {
    require(recording_, "end of a program: none is being recorded; begin one first");
    make_current();
    recording_ = false;
    cudaGraph_t graph = nullptr;
    BOREP_CUDA(cudaStreamEndCapture(stream_, &graph));
    programs_.push_back(std::make_unique<borep_program>(*this, graph, recording_guard_));
    return programs_.back().get();
}

void borep_context::abandon() noexcept {
    if (recording_) {
        recording_ = false;
        cudaGraph_t graph = nullptr;
        if (cudaStreamEndCapture(stream_, &graph) == cudaSuccess && graph != nullptr) {
            cudaGraphDestroy(graph);
        }
        cudaGetLastError();
    }
}

void borep_context::run(borep_program &program) {
    require(!recording_, "run of a program: not allowed while another one is recorded");
    replays_++;
    if (most_gathered_ == 1) {
        launch(program);
        return;
    }
    gathered_.push_back(&program);
    if (gathered_.size() == most_gathered_) {
        flush();
    }
}

void borep_context::launch(const borep_program &program) {
    make_current();
    BOREP_CUDA(cudaGraphLaunch(program.executable, stream_));
    launches_++;
}

void borep_context::gather(int most) {
    require(
        most >= 1 && most <= borep::MOST_TURNS, "programs of a launch " + std::to_string(most) + ": must lie in [1, " +
                                                    std::to_string(borep::MOST_TURNS) + "]");
    flush();
    most_gathered_ = static_cast<size_t>(most);
    if (most > 1 && loops_ == nullptr) {
        loops_ = std::make_unique<borep::Loops>(*this);
    }
}

void borep_context::launch_gathered() {
    launching_.swap(gathered_);
    gathered_.clear();
    if (launching_.size() > 1 && loops_->run(launching_)) {
        launches_++;
        return;
    }
    for (const borep_program *program : launching_) {
        launch(*program);
    }
}

void borep_context::launched(const char *kernel, const char *file, int line) {
    kernels_++;
    const cudaError_t error = cudaGetLastError();
    if (error == cudaErrorNoKernelImageForDevice) {
        throw Failure(
            BOREP_WRONG_BUILD, "the library holds no code for " + std::string(properties_.name) + ", sm_" +
                                   std::to_string(properties_.major) + std::to_string(properties_.minor) +
                                   ": build it on this machine with 'borep build-native'");
    }
    if (error != cudaSuccess) {
        borep::throw_cuda(error, kernel, file, line);
    }
}

std::string borep_context::describe() const {
    constexpr const char *PRECISIONS[] = {"FP32", "3xTF32", "TF32", "BF16"};
    int driver = 0;
    BOREP_CUDA(cudaDriverGetVersion(&driver));
    char device[512];
    std::snprintf(
        device, sizeof device, "%s, sm_%d%d, %d multiprocessors, %.1f GiB, driver for CUDA %d.%d, %s",
        properties_.name, properties_.major, properties_.minor, properties_.multiProcessorCount,
        static_cast<double>(properties_.totalGlobalMem) / (1 << 30), driver / 1000, driver % 1000 / 10, PRECISIONS[precision_]);
    std::string text = device;
    if (gemm_ == BOREP_GEMM_CUBLAS) {
        text += ", products by " + cublas_->text();
    }
    if (gemm_ == BOREP_GEMM_WARPGROUPS) {
        text += ", products by warpgroups";
    }
    if (most_gathered_ > 1) {
        text += loops_->unavailable().empty() ? ", up to " + std::to_string(most_gathered_) + " programs a launch"
                                              : ", each program a launch: " + loops_->unavailable();
    }
    return text;
}

void borep_context::statistics(borep_statistics &out) const {
    out = {sizeof out, 0, kernels_, replays_, launches_, synchronisations_, allocations_.size(), bytes_};
}

namespace {

/** What BOREP_PRECISION says. */
borep_precision precision_asked_for() {
    const char *text = std::getenv("BOREP_PRECISION");
    const std::string name = text == nullptr ? "" : text;
    require(
        name.empty() || name == "fp32" || name == "3xtf32" || name == "tf32" || name == "bf16",
        "BOREP_PRECISION '" + name + "': must be fp32, 3xtf32, tf32 or bf16");
    return name == "bf16" ? BOREP_BF16 : name == "tf32" ? BOREP_TF32 : name == "3xtf32" ? BOREP_3XTF32 : BOREP_FP32;
}

/** What BOREP_GEMM says. */
borep_gemm gemm_asked_for() {
    const char *text = std::getenv("BOREP_GEMM");
    const std::string name = text == nullptr ? "" : text;
    require(
        name.empty() || name == "auto" || name == "own" || name == "cublas" || name == "warpgroups",
        "BOREP_GEMM '" + name + "': must be auto, own, cublas or warpgroups");
    return name == "warpgroups" ? BOREP_GEMM_WARPGROUPS
           : name == "cublas"   ? BOREP_GEMM_CUBLAS
           : name == "own"      ? BOREP_GEMM_OWN
                                : BOREP_GEMM_AUTO;
}

/** What BOREP_SWEEPS says. */
borep_sweep_options sweeps_asked_for() {
    const char *text = std::getenv("BOREP_SWEEPS");
    const std::string name = text == nullptr ? "" : text;
    require(
        name.empty() || name == "auto" || name == "stepwise",
        "BOREP_SWEEPS '" + name + "': must be auto or stepwise");
    return {
        sizeof(borep_sweep_options), name == "stepwise" ? BOREP_SWEEPS_STEPWISE : BOREP_SWEEPS_CHOSEN, 0, 0, 0, 0};
}

}  // namespace

/** CUDA reports a missing driver and one that is too old by the same number. */
[[noreturn]] static void throw_no_driver() {
    cudaGetLastError();
    int driver = 0;
    BOREP_CUDA(cudaDriverGetVersion(&driver));
    const auto version = [](int number) { return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10); };
    throw Failure(
        BOREP_NO_DRIVER, driver == 0 ? "there is no NVIDIA driver: install one for CUDA " + version(CUDART_VERSION) + " or newer"
                                     : "the NVIDIA driver is for CUDA " + version(driver) + ", this library needs one for CUDA " +
                                           version(CUDART_VERSION) + ": update the driver");
}

borep_status borep_device_count(int32_t *count) {
    return guarded([&] {
        BOREP_GIVEN(count);
        *count = 0;
        int devices = 0;
        const cudaError_t error = cudaGetDeviceCount(&devices);
        if (error == cudaErrorNoDevice) {
            return;
        }
        if (error == cudaErrorInsufficientDriver) {
            throw_no_driver();
        }
        BOREP_CUDA(error);
        *count = devices;
    });
}

borep_status borep_context_create(int32_t device, borep_context **context) {
    return guarded([&] {
        BOREP_GIVEN(context);
        *context = nullptr;
        int32_t count = 0;
        const borep_status status = borep_device_count(&count);
        if (status != BOREP_OK) {
            throw Failure(status, borep_last_error());
        }
        if (device < 0 || device >= count) {
            throw Failure(
                BOREP_NO_DEVICE,
                count == 0 ? "the driver knows no CUDA device: see what nvidia-smi and CUDA_VISIBLE_DEVICES say"
                           : "CUDA device " + std::to_string(device) + ": must be in [0, " + std::to_string(count) + ")");
        }
        auto opened = std::make_unique<borep_context>(device);
        opened->open();
        opened->set_precision(precision_asked_for());
        opened->set_gemm(gemm_asked_for());
        opened->set_sweep_options(sweeps_asked_for());
        *context = opened.release();
    });
}

void borep_context_destroy(borep_context *context) {
    delete context;
}

borep_status borep_context_architecture(borep_context *context, int32_t *architecture) {
    return guarded([&] {
        BOREP_GIVEN(context, architecture);
        *architecture = 10 * context->properties().major + context->properties().minor;
    });
}

borep_status borep_context_describe(borep_context *context, char *text, int32_t size) {
    return guarded([&] {
        BOREP_GIVEN(context, text);
        borep::write_line(context->describe(), text, size);
    });
}

borep_status borep_context_stream(borep_context *context, uint64_t *stream) {
    return guarded([&] {
        BOREP_GIVEN(context, stream);
        *stream = reinterpret_cast<uint64_t>(context->stream());
    });
}

borep_status borep_context_use_stream(borep_context *context, uint64_t stream) {
    return guarded([&] {
        BOREP_GIVEN(context);
        context->use(reinterpret_cast<cudaStream_t>(stream));
    });
}

borep_status borep_context_wait_event(borep_context *context, uint64_t event) {
    return guarded([&] {
        BOREP_GIVEN(context);
        require(event != 0, "event 0: must be the handle of an event");
        context->wait(reinterpret_cast<cudaEvent_t>(event));
    });
}

borep_status borep_context_record_event(borep_context *context, uint64_t event) {
    return guarded([&] {
        BOREP_GIVEN(context);
        require(event != 0, "event 0: must be the handle of an event");
        context->mark(reinterpret_cast<cudaEvent_t>(event));
    });
}

borep_status borep_context_gather(borep_context *context, int32_t most) {
    return guarded([&] {
        BOREP_GIVEN(context);
        context->gather(most);
    });
}

borep_status borep_context_flush(borep_context *context) {
    return guarded([&] {
        BOREP_GIVEN(context);
        context->flush();
    });
}

borep_status borep_context_set_precision(borep_context *context, borep_precision precision) {
    return guarded([&] {
        BOREP_GIVEN(context);
        context->set_precision(precision);
    });
}

borep_status borep_context_precision(borep_context *context, borep_precision *precision) {
    return guarded([&] {
        BOREP_GIVEN(context, precision);
        *precision = context->precision();
    });
}

borep_status borep_context_set_gemm(borep_context *context, borep_gemm gemm) {
    return guarded([&] {
        BOREP_GIVEN(context);
        context->set_gemm(gemm);
    });
}

borep_status borep_context_set_sweeps(borep_context *context, const borep_sweep_options *options) {
    return guarded([&] {
        BOREP_GIVEN(context, options);
        context->set_sweep_options(*options);
    });
}

borep_status borep_context_synchronise(borep_context *context) {
    return guarded([&] {
        BOREP_GIVEN(context);
        context->synchronise();
    });
}

borep_status borep_context_statistics(borep_context *context, borep_statistics *statistics) {
    return guarded([&] {
        BOREP_GIVEN(context, statistics);
        require(
            statistics->size == sizeof *statistics,
            "statistics of " + std::to_string(statistics->size) + " bytes: this library writes " +
                std::to_string(sizeof *statistics));
        context->statistics(*statistics);
    });
}

borep_status borep_memory_allocate(borep_context *context, uint64_t bytes, borep_address *address) {
    return guarded([&] {
        BOREP_GIVEN(context, address);
        *address = 0;
        *address = context->allocate(bytes, true);
    });
}

borep_status borep_memory_free(borep_context *context, borep_address address) {
    return guarded([&] {
        BOREP_GIVEN(context);
        require(!context->recording(), "free of device memory: not allowed while a program is recorded");
        context->make_current();
        context->flush(); // programs that wait to be launched may use it
        require(
            address == 0 || context->release(address),
            "free of device memory at address " + std::to_string(address) + ": this context has allocated nothing there");
    });
}

borep_status borep_memory_write(borep_context *context, borep_address to, const void *from, uint64_t bytes) {
    return guarded([&] {
        BOREP_GIVEN(context);
        require(bytes == 0 || (to != 0 && from != nullptr), "write to device memory: neither end may be null");
        context->write(to, from, bytes);
    });
}

borep_status borep_memory_read(borep_context *context, borep_address from, void *to, uint64_t bytes) {
    return guarded([&] {
        BOREP_GIVEN(context);
        require(bytes == 0 || (to != nullptr && from != 0), "read of device memory: neither end may be null");
        context->read(from, to, bytes);
    });
}

borep_status borep_program_begin(borep_context *context, borep_guard *guard) {
    return guarded([&] {
        BOREP_GIVEN(context);
        context->begin(guard);
    });
}

borep_status borep_program_end(borep_context *context, borep_program **program) {
    return guarded([&] {
        BOREP_GIVEN(context, program);
        *program = nullptr;
        *program = context->end();
    });
}

borep_status borep_program_abandon(borep_context *context) {
    return guarded([&] {
        BOREP_GIVEN(context);
        context->abandon();
    });
}

borep_status borep_program_run(borep_program *program) {
    return guarded([&] {
        BOREP_GIVEN(program);
        program->context.run(*program);
    });
}
