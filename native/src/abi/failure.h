/* The exception wall: inside, failures are exceptions; the C functions turn them into a status and a sentence. */
#pragma once

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "borep.h"
#include "kernels/device.h"

namespace borep {

struct Failure : std::exception {
    Failure(borep_status status, std::string text) : status(status), text(std::move(text)) {}
    const char *what() const noexcept override {
        return text.c_str();
    }
    borep_status status;
    std::string text;
};

/** Remembers the sentence for borep_last_error. */
borep_status fail(borep_status status, const char *text) noexcept;

/** The sentence and status for what CUDA reported at a statement. */
[[noreturn]] void throw_cuda(cudaError_t error, const char *statement, const char *file, int line);

inline void require(bool holds, const std::string &sentence) {
    if (!holds) {
        throw Failure(BOREP_BAD_ARGUMENT, sentence);
    }
}

/** The place-th of names that commas separate. */
std::string name_at(const char *names, size_t place);

/** Refuses null pointers and addresses of nothing; BOREP_GIVEN names them. */
template <class... Arguments>
void require_given(const char *names, Arguments... arguments) {
    size_t place = 0;
    const auto look = [&](bool given) {
        require(given, given ? std::string() : name_at(names, place) + ": must not be null");
        place++;
    };
    (look(arguments != Arguments{}), ...);
}

/** So that kernels, whose threads go on by up to 2²⁰ numbers at a time, can count in an int. */
constexpr int32_t MOST_NUMBERS = INT32_MAX - (1 << 20);

/** Refuses numbers of elements that are negative or too large; BOREP_SIZES names them. */
template <class... Sizes>
void require_sizes(const char *names, Sizes... sizes) {
    size_t place = 0;
    const auto look = [&](int32_t size) {
        const bool fits = size >= 0 && size <= MOST_NUMBERS;
        require(
            fits, fits ? std::string()
                       : name_at(names, place) + " " + std::to_string(size) + ": must lie in [0, " + std::to_string(MOST_NUMBERS) + "]");
        place++;
    };
    (look(sizes), ...);
}

/** Refuses a number that an enumeration has no name for; `most` is its last. */
inline void require_named(const char *what, int32_t value, int32_t most) {
    require(
        value >= 0 && value <= most, std::string(what) + " " + std::to_string(value) + ": must lie in [0, " + std::to_string(most) + "]");
}

/** Writes as much of a line as fits into `size` bytes, and a zero. */
void write_line(const std::string &line, char *text, int32_t size);

/** Runs the body of an ABI function. */
template <class Body>
borep_status guarded(Body body) noexcept {
    try {
        body();
        return BOREP_OK;
    } catch (const Failure &failure) {
        return fail(failure.status, failure.what());
    } catch (const std::bad_alloc &) {
        return fail(BOREP_OUT_OF_MEMORY, "out of host memory");
    } catch (const std::exception &e) {
        return fail(BOREP_CUDA_ERROR, e.what());
    }
}

}  // namespace borep

/** Arguments of an ABI function that must be there. */
#define BOREP_GIVEN(...) ::borep::require_given(#__VA_ARGS__, __VA_ARGS__)

/** Arguments of an ABI function that count numbers or rows. */
#define BOREP_SIZES(...) ::borep::require_sizes(#__VA_ARGS__, __VA_ARGS__)

#define BOREP_CUDA(statement)                                                   \
    do {                                                                        \
        const cudaError_t borep_error = (statement);                            \
        if (borep_error != cudaSuccess) {                                       \
            ::borep::throw_cuda(borep_error, #statement, __FILE__, __LINE__);   \
        }                                                                       \
    } while (0)
