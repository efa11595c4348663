/*
 * Kernels that users supply, on the host executor: in place of a compiled image stands the path of a library that any C++20 compiler has
 * made of the same source, with this header before it and BOREP_SIMT_KERNEL(name) behind it.
 */
#pragma once

#include <cstddef>
#include <functional>
#include <tuple>
#include <utility>

#include "simt/simt.h"

namespace borep::simt {

struct UserKernel {
    /** What a thread does with these arguments, which are copied. */
    std::function<void()> (*bind)(void *const *arguments);
    const size_t *sizes;
    size_t parameters;
};

template <auto kernel>
struct User;

template <class... Parameters, void (*kernel)(Parameters...)>
struct User<kernel> {
    static std::function<void()> bind(void *const *arguments) {
        return [&]<size_t... places>(std::index_sequence<places...>) {
            const std::tuple<Parameters...> values(*static_cast<Parameters *>(arguments[places])...);
            return std::function<void()>([values] { std::apply(kernel, values); });
        }(std::index_sequence_for<Parameters...>());
    }
    static constexpr size_t sizes[sizeof...(Parameters) + 1] = {sizeof(Parameters)...};
    static constexpr UserKernel description = {bind, sizes, sizeof...(Parameters)};
};

}  // namespace borep::simt

#define BOREP_SIMT_KERNEL(name)                                                                                       \
    extern "C" __attribute__((visibility("default"))) const borep::simt::UserKernel *borep_simt_kernel_##name() {     \
        return &borep::simt::User<&name>::description;                                                                \
    }
