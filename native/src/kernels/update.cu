/*
 * Vector operations of the solvers (borep.kernel.Update). All are bound by memory: one pass over their vectors, neighbouring
 * threads take neighbouring elements, each thread several of them (a grid-stride loop over at most 2048 blocks).
 *
 * Reductions: block b adds the elements of its stride in order, then its threads by a fixed tree, in float64; the partial sums
 * (at most 256, a number that depends on the length alone) are added again, in order, by whoever needs the total. No atomics,
 * no third launch: the same bits every time.
 *
 *   normalised momentum, pass 1   m = β m + (1 − β) d, partials of ‖m‖²     (reads m, d; writes m)
 *                        pass 2   x −= η m / (‖m‖ + guard)                  (reads m, x; writes x)
 */
#include <cmath>

#include "abi/context.h"
#include "kernels/vectors.cuh"

namespace borep {
namespace {

using vectors::blocks;
using vectors::first;
using vectors::reduction_blocks;
using vectors::stride;
using vectors::THREADS;
using vectors::total;

__global__ void __launch_bounds__(THREADS) fill(int size, float *out, float value) {
    for (int i = first(); i < size; i += stride()) {
        out[i] = value;
    }
}

__global__ void __launch_bounds__(THREADS) copy(int size, const float *a, float *out) {
    for (int i = first(); i < size; i += stride()) {
        out[i] = a[i];
    }
}

__global__ void __launch_bounds__(THREADS) scale(int size, float factor, float *out) {
    for (int i = first(); i < size; i += stride()) {
        out[i] *= factor;
    }
}

__global__ void __launch_bounds__(THREADS)
    axpy(int size, double factor, const float *scalar, const float *a, float *out) {
    const float f = static_cast<float>(scalar == nullptr ? factor : factor * *scalar);
    for (int i = first(); i < size; i += stride()) {
        out[i] += f * a[i];
    }
}

__global__ void __launch_bounds__(THREADS) average(int size, float keep, float take, const float *a, float *out) {
    for (int i = first(); i < size; i += stride()) {
        out[i] = keep * out[i] + take * a[i];
    }
}

__global__ void __launch_bounds__(THREADS) multiply(int size, const float *a, const float *b, float *out) {
    for (int i = first(); i < size; i += stride()) {
        out[i] = a[i] * b[i];
    }
}

__global__ void __launch_bounds__(THREADS) divide(int size, const float *a, const float *b, float *out) {
    for (int i = first(); i < size; i += stride()) {
        out[i] = b[i] == 0 ? 0.0f : a[i] / b[i];
    }
}

__device__ float evaluate(int function, float a) {
    switch (function) {
        case BOREP_SIN:
            return sinf(a);
        case BOREP_COS:
            return cosf(a);
        case BOREP_SINH:
            return sinhf(a);
        case BOREP_COSH:
            return coshf(a);
        case BOREP_EXP:
            return expf(a);
        case BOREP_POSITIVE:
            return a < 0 ? 0.0f : a;
        case BOREP_LOG:
            return logf(a);
        default:
            return 1.0f / (1.0f + expf(-a));
    }
}

__global__ void __launch_bounds__(THREADS) apply(int size, int function, const float *a, float *out) {
    for (int i = first(); i < size; i += stride()) {
        out[i] = evaluate(function, a[i]);
    }
}

__global__ void finish(const double *partials, int count, bool root, float *value) {
    double *scratch = shared_memory<double>();
    const double sum = total(partials, count, scratch);
    if (threadIdx.x == 0) {
        *value = static_cast<float>(root ? sqrt(sum) : sum);
    }
}

__global__ void __launch_bounds__(THREADS) distance(int size, const float *centre, const float *u, double *partials) {
    double sum = 0;
    for (int i = first(); i < size; i += stride()) {
        const double difference = static_cast<double>(u[i]) - centre[i];
        sum += difference * difference;
    }
    vectors::write_partial(sum, partials);
}

__global__ void __launch_bounds__(THREADS)
    project(int size, const double *partials, int count, const float *centre, double radius, float *u) {
    const double distance = sqrt(total(partials, count, shared_memory<double>()));
    if (distance <= radius) {
        return;
    }
    const float shrink = static_cast<float>(radius / distance);
    for (int i = first(); i < size; i += stride()) {
        u[i] = centre[i] + shrink * (u[i] - centre[i]);
    }
}

__global__ void __launch_bounds__(THREADS)
    momentum(int size, float keep, float take, const float *d, float *m, double *partials) {
    double sum = 0;
    for (int i = first(); i < size; i += stride()) {
        const float value = keep * m[i] + take * d[i];
        m[i] = value;
        sum += static_cast<double>(value) * value;
    }
    vectors::write_partial(sum, partials);
}

__global__ void __launch_bounds__(THREADS) momentum_step(
    int size, const double *partials, int count, const float *m, const float *step, double guard, float *x, float *norm) {
    const double length = sqrt(total(partials, count, shared_memory<double>()));
    if (blockIdx.x == 0 && threadIdx.x == 0) {
        *norm = static_cast<float>(length);
    }
    if (length == 0) { // 0 / (0 + guard) moves nothing, whatever the guard
        return;
    }
    const float factor = static_cast<float>(-*step / (length + guard));
    for (int i = first(); i < size; i += stride()) {
        x[i] += factor * m[i];
    }
}

__global__ void __launch_bounds__(THREADS) adam(
    int size, double keep_first, double keep_second, const float *d, float *m, float *v, const float *step,
    const int64_t *counter, float epsilon, float *x) {
    const double k = static_cast<double>(*counter) + 1;
    const float factor = static_cast<float>(-*step / (1 - pow(keep_first, k)));
    const float scale = static_cast<float>(1 / (1 - pow(keep_second, k)));
    const float first_keep = static_cast<float>(keep_first);
    const float second_keep = static_cast<float>(keep_second);
    for (int i = first(); i < size; i += stride()) {
        const float moment = first_keep * m[i] + (1 - first_keep) * d[i];
        const float square = second_keep * v[i] + (1 - second_keep) * d[i] * d[i];
        m[i] = moment;
        v[i] = square;
        x[i] += factor * moment / (sqrtf(scale * square) + epsilon);
    }
}

constexpr int MOST_UNKNOWNS = 32;

/** Gauss and Jordan with partial pivoting, by one thread in shared memory: a handful of unknowns. */
__global__ void solve(int n, const float *given, const float *rhs, float *out) {
    double *matrix = shared_memory<double>();      // [n, n + 1], the right-hand side last
    int *pivots = reinterpret_cast<int *>(matrix + n * (n + 1));
    unsigned used = 0;
    for (int row = 0; row < n; row++) {
        for (int column = 0; column < n; column++) {
            matrix[row * (n + 1) + column] = given[row * n + column];
        }
        matrix[row * (n + 1) + n] = rhs[row];
    }
    for (int column = 0; column < n; column++) {
        int best = -1;
        for (int row = 0; row < n; row++) {
            const double value = fabs(matrix[row * (n + 1) + column]);
            if ((used >> row & 1) == 0 && value != 0 && (best < 0 || value > fabs(matrix[best * (n + 1) + column]))) {
                best = row;
            }
        }
        pivots[column] = best;
        if (best < 0) {
            continue;
        }
        used |= 1u << best;
        for (int row = 0; row < n; row++) {
            const double factor = matrix[row * (n + 1) + column] / matrix[best * (n + 1) + column];
            for (int k = column; row != best && k <= n; k++) {
                matrix[row * (n + 1) + k] -= factor * matrix[best * (n + 1) + k];
            }
        }
    }
    for (int column = 0; column < n; column++) {
        const int row = pivots[column];
        out[column] = row < 0 ? 0.0f : static_cast<float>(matrix[row * (n + 1) + n] / matrix[row * (n + 1) + column]);
    }
}

__global__ void evaluate_schedule(borep_schedule schedule, const int64_t *counter, float *value) {
    const double k = static_cast<double>(*counter);
    double at = schedule.initial;
    if (schedule.kind == 1) {
        at *= pow(schedule.factor, static_cast<double>(*counter / schedule.period));
    } else if (schedule.kind == 2) {
        at /= pow(k + 1.0, schedule.factor);
    }
    *value = static_cast<float>(at);
}

__global__ void advance(int64_t *counter) {
    *counter += 1;
}

float *at(borep_address address) {
    return reinterpret_cast<float *>(address);
}

void finish_into(borep_context &context, int size, bool root, borep_address value) {
    BOREP_RUN(
        context, finish, 1, THREADS, vectors::SCRATCH, context.partials(), reduction_blocks(size), root, at(value));
}

}  // namespace

__global__ void __launch_bounds__(vectors::THREADS)
    vectors::dot_partials(int size, const float *a, const float *b, double *partials) {
    double sum = 0;
    for (int i = first(); i < size; i += stride()) {
        sum += static_cast<double>(a[i]) * b[i];
    }
    write_partial(sum, partials);
}

}  // namespace borep

using namespace borep;

borep_status borep_update_fill(borep_context *context, int32_t size, borep_address out, double value) {
    return guarded([&] {
        BOREP_GIVEN(context, out);
        BOREP_SIZES(size);
        BOREP_RUN(*context, fill, blocks(size), THREADS, 0, size, at(out), static_cast<float>(value));
    });
}

borep_status borep_update_copy(borep_context *context, int32_t size, borep_address a, borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, a, out);
        BOREP_SIZES(size);
        BOREP_RUN(*context, copy, blocks(size), THREADS, 0, size, at(a), at(out));
    });
}

borep_status borep_update_scale(borep_context *context, int32_t size, double factor, borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, out);
        BOREP_SIZES(size);
        BOREP_RUN(*context, scale, blocks(size), THREADS, 0, size, static_cast<float>(factor), at(out));
    });
}

borep_status borep_update_axpy(
    borep_context *context, int32_t size, double factor, borep_address scalar, borep_address a, borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, a, out);
        BOREP_SIZES(size);
        BOREP_RUN(*context, axpy, blocks(size), THREADS, 0, size, factor, at(scalar), at(a), at(out));
    });
}

borep_status borep_update_average(
    borep_context *context, int32_t size, double keep, borep_address a, borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, a, out);
        BOREP_SIZES(size);
        BOREP_RUN(
            *context, average, blocks(size), THREADS, 0, size, static_cast<float>(keep), static_cast<float>(1 - keep),
            at(a), at(out));
    });
}

borep_status borep_update_multiply(
    borep_context *context, int32_t size, borep_address a, borep_address b, borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, a, b, out);
        BOREP_SIZES(size);
        BOREP_RUN(*context, borep::multiply, blocks(size), THREADS, 0, size, at(a), at(b), at(out));
    });
}

borep_status borep_update_divide(
    borep_context *context, int32_t size, borep_address a, borep_address b, borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, a, b, out);
        BOREP_SIZES(size);
        BOREP_RUN(*context, divide, blocks(size), THREADS, 0, size, at(a), at(b), at(out));
    });
}

borep_status borep_update_apply(
    borep_context *context, int32_t size, borep_function function, borep_address a, borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, a, out);
        BOREP_SIZES(size);
        require_named("function", function, BOREP_LOG);
        BOREP_RUN(*context, apply, blocks(size), THREADS, 0, size, function, at(a), at(out));
    });
}

borep_status borep_update_dot(
    borep_context *context, int32_t size, borep_address a, borep_address b, borep_address value) {
    return guarded([&] {
        BOREP_GIVEN(context, a, b, value);
        BOREP_SIZES(size);
        vectors::dot(*context, size, at(a), at(b));
        finish_into(*context, size, false, value);
    });
}

borep_status borep_update_norm(borep_context *context, int32_t size, borep_address a, borep_address value) {
    return guarded([&] {
        BOREP_GIVEN(context, a, value);
        BOREP_SIZES(size);
        vectors::dot(*context, size, at(a), at(a));
        finish_into(*context, size, true, value);
    });
}

borep_status borep_update_project_ball(
    borep_context *context, int32_t size, borep_address centre, double radius, borep_address u) {
    return guarded([&] {
        BOREP_GIVEN(context, centre, u);
        BOREP_SIZES(size);
        if (std::isinf(radius)) {
            return;
        }
        const int count = reduction_blocks(size);
        BOREP_RUN(
            *context, distance, count, THREADS, vectors::SCRATCH, size, at(centre), at(u), context->partials());
        BOREP_RUN(
            *context, project, blocks(size), THREADS, vectors::SCRATCH, size, context->partials(), count, at(centre),
            radius, at(u));
    });
}

borep_status borep_update_normalised_momentum(
    borep_context *context, int32_t size, double keep, borep_address d, borep_address m, borep_address step,
    double guard, borep_address x, borep_address norm) {
    return guarded([&] {
        BOREP_GIVEN(context, d, m, step, x, norm);
        BOREP_SIZES(size);
        const int count = reduction_blocks(size);
        BOREP_RUN(
            *context, momentum, count, THREADS, vectors::SCRATCH, size, static_cast<float>(keep),
            static_cast<float>(1 - keep), at(d), at(m), context->partials());
        BOREP_RUN(
            *context, momentum_step, blocks(size), THREADS, vectors::SCRATCH, size, context->partials(), count, at(m),
            at(step), guard, at(x), at(norm));
    });
}

borep_status borep_update_adam(
    borep_context *context, int32_t size, double keep_first, double keep_second, borep_address d, borep_address m,
    borep_address v, borep_address step, borep_address counter, double epsilon, borep_address x) {
    return guarded([&] {
        BOREP_GIVEN(context, d, m, v, step, counter, x);
        BOREP_SIZES(size);
        BOREP_RUN(
            *context, adam, blocks(size), THREADS, 0, size, keep_first, keep_second, at(d), at(m), at(v), at(step),
            reinterpret_cast<const int64_t *>(counter), static_cast<float>(epsilon), at(x));
    });
}

borep_status borep_update_solve(
    borep_context *context, int32_t n, borep_address matrix, borep_address rhs, borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, matrix, rhs, out);
        require(n >= 0 && n <= MOST_UNKNOWNS, "solve for " + std::to_string(n) + " unknowns: must lie in [0, 32]");
        const size_t shared = static_cast<size_t>(n) * (n + 1) * sizeof(double) + n * sizeof(int);
        BOREP_RUN(*context, solve, 1, 1, shared, n, at(matrix), at(rhs), at(out));
    });
}

borep_status borep_update_schedule(
    borep_context *context, const borep_schedule *schedule, borep_address counter, borep_address value) {
    return guarded([&] {
        BOREP_GIVEN(context, schedule, counter, value);
        require_named("kind of a schedule", schedule->kind, 2);
        require(
            schedule->kind != 1 || schedule->period >= 1,
            "schedule in steps of period " + std::to_string(schedule->period) + ": must be at least 1");
        BOREP_RUN(
            *context, evaluate_schedule, 1, 1, 0, *schedule, reinterpret_cast<const int64_t *>(counter), at(value));
    });
}

borep_status borep_update_advance(borep_context *context, borep_address counter) {
    return guarded([&] {
        BOREP_GIVEN(context, counter);
        BOREP_RUN(*context, advance, 1, 1, 0, reinterpret_cast<int64_t *>(counter));
    });
}
