/* Kernels that users supply, compiled elsewhere: launched in the same order as everything else, and recorded into the same graphs. */
#include "abi/context.h"

using borep::Failure;
using borep::guarded;
using borep::require;

#if CUDART_VERSION >= 13000

namespace {

/** What a kernel gets without asking for more. */
constexpr unsigned MOST_SHARED = 48 << 10;

std::string extent(const uint32_t *size) {
    return std::to_string(size[0]) + " x " + std::to_string(size[1]) + " x " + std::to_string(size[2]);
}

/** Whether a size is that of something, and of no more than so many elements. */
bool is_within(const uint32_t *size, uint64_t most) {
    return size[0] > 0 && size[1] > 0 && size[2] > 0 && uint64_t{size[0]} * size[1] <= most &&
           uint64_t{size[0]} * size[1] * size[2] <= most;
}

}  // namespace

struct borep_kernel {
    borep_kernel(borep_context &context, const void *image, const char *name) : context_(context), name_(name) {
        context.make_current();
        const cudaError_t loaded = cudaLibraryLoadData(&library_, image, nullptr, nullptr, 0, nullptr, nullptr, 0);
        if (loaded != cudaSuccess) {
            fail("kernel " + name_ + ": its compiled code cannot be loaded", loaded);
        }
        const cudaError_t found = cudaLibraryGetKernel(&kernel_, library_, name);
        if (found != cudaSuccess) {
            cudaLibraryUnload(library_);
            fail("kernel " + name_ + ": not in the compiled code; declare it extern \"C\" __global__", found);
        }
        cudaFuncAttributes attributes{};
        const cudaError_t ready = cudaFuncGetAttributes(&attributes, function()); // now, not while a program is recorded
        if (ready != cudaSuccess) {
            cudaLibraryUnload(library_);
            fail("kernel " + name_ + ": does not run on this device", ready);
        }
        most_threads_ = static_cast<unsigned>(attributes.maxThreadsPerBlock);
        size_t offset = 0, size = 0;
        cudaError_t asked = cudaSuccess;
        while ((asked = cudaFuncGetParamInfo(function(), sizes_.size(), &offset, &size)) == cudaSuccess) {
            sizes_.push_back(size);
        }
        cudaGetLastError();                        // asking past the last one is how its number is learnt
        counted_ = asked == cudaErrorInvalidValue; // else the driver cannot tell
    }
    borep_kernel(const borep_kernel &) = delete;
    borep_kernel &operator=(const borep_kernel &) = delete;
    ~borep_kernel() {
        cudaLibraryUnload(library_);
    }

    void launch(const borep_launch &size, const borep_argument *arguments, size_t count) {
        require(
            is_within(size.grid, UINT32_MAX) && is_within(size.block, most_threads_),
            "kernel " + name_ + ": " + extent(size.grid) + " blocks of " + extent(size.block) +
                " threads; its blocks have 1 to " + std::to_string(most_threads_) + " threads, a grid at least one block");
        require(
            size.shared <= MOST_SHARED, "kernel " + name_ + ": " + std::to_string(size.shared) +
                                            " bytes of shared memory; at most " + std::to_string(MOST_SHARED));
        require_fit(arguments, count);
        std::vector<void *> values(count);
        for (size_t place = 0; place < count; place++) {
            values[place] = const_cast<uint64_t *>(&arguments[place].bits); // little-endian: a narrower value comes first
        }
        BOREP_CUDA(cudaLaunchKernel(
            function(), dim3(size.grid[0], size.grid[1], size.grid[2]), dim3(size.block[0], size.block[1], size.block[2]),
            values.data(), size.shared, context_.stream()));
        context_.launched(name_.c_str(), __FILE__, __LINE__);
    }

   private:
    [[noreturn]] static void fail(const std::string &sentence, cudaError_t error) {
        cudaGetLastError();
        throw Failure(
            BOREP_BAD_ARGUMENT, sentence + " (" + cudaGetErrorName(error) + ": " + cudaGetErrorString(error) + ")");
    }

    const void *function() const {
        return reinterpret_cast<const void *>(kernel_);
    }

    void require_fit(const borep_argument *arguments, size_t count) const {
        require(
            !counted_ || count == sizes_.size(), "kernel " + name_ + " has " + std::to_string(sizes_.size()) +
                                                     " parameters: " + std::to_string(count) + " arguments were given");
        for (size_t place = 0; counted_ && place < count; place++) {
            require(
                arguments[place].size == sizes_[place],
                "argument " + std::to_string(place) + " of kernel " + name_ + " has " +
                    std::to_string(arguments[place].size) + " bytes: its parameter has " + std::to_string(sizes_[place]));
        }
    }

    borep_context &context_;
    std::string name_;
    cudaLibrary_t library_ = nullptr;
    cudaKernel_t kernel_ = nullptr;
    /** Of a block; depends on its registers. */
    unsigned most_threads_ = 0;
    /** Bytes of its parameters. */
    std::vector<size_t> sizes_;
    bool counted_ = false;
};

#else

struct borep_kernel {
    borep_kernel(borep_context &, const void *, const char *) {
        throw Failure(BOREP_WRONG_BUILD, "kernels of users: this library was built with a CUDA older than 13.0");
    }
    void launch(const borep_launch &, const borep_argument *, size_t) {}
};

#endif

borep_status borep_kernel_load(borep_context *context, const void *image, const char *name, borep_kernel **kernel) {
    return guarded([&] {
        BOREP_GIVEN(context, image, name, kernel);
        require(!context->recording(), "load of a kernel: not allowed while a program is recorded; load before");
        *kernel = nullptr;
        *kernel = context->keep(std::make_unique<borep_kernel>(*context, image, name));
    });
}

borep_status borep_kernel_launch(
    borep_kernel *kernel, const borep_launch *launch, const borep_argument *arguments, int32_t count) {
    return guarded([&] {
        BOREP_GIVEN(kernel, launch);
        BOREP_SIZES(count);
        require(count == 0 || arguments != nullptr, "arguments: must not be null");
        kernel->launch(*launch, arguments, static_cast<size_t>(count));
    });
}
