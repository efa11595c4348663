/*
 * Matrix products by NVIDIA's cuBLAS 12 or 13, which is opened when it is asked for: borep links to nothing of it and needs none of
 * its headers. What borep's own products do in passing costs extra passes here: rows that a map names are gathered first, every
 * row of a batch's memory is multiplied because only the device knows how many there are, and biases, sums and tanh follow in a
 * kernel of their own.
 */
#pragma once

#include <memory>
#include <string>

#include "kernels/matmul.cuh"

namespace borep {

/** cuBLAS for one context. */
class Cublas {
   public:
    /** @throws Failure BOREP_BAD_ARGUMENT with what each file lacked, if there is no cuBLAS 12 or 13 */
    explicit Cublas(borep_context &context);
    Cublas(const Cublas &) = delete;
    Cublas &operator=(const Cublas &) = delete;
    ~Cublas();

    /** Enqueues a product; false: there is nothing to multiply, what remains is borep's own to do. */
    bool multiply(borep_context &context, const Product &product);

    /** Its version and file. */
    const std::string &text() const {
        return text_;
    }

   private:
    struct Library;

    void use(cudaStream_t stream);

    std::unique_ptr<Library> library_;
    void *handle_ = nullptr;
    Memory workspace_;
    cudaStream_t stream_ = nullptr;
    std::string text_;
};

}  // namespace borep
