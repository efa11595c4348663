/*
 * Weighted softmax cross-entropy in four sweeps, logistic sample weights, regularisers (borep.kernel.Loss).
 *
 *   forward           p = softmax(z), loss = log Σ exp(z − max) − (z_label − max)
 *   backward          w (p − onehot)
 *   tangent forward   ⟨p − onehot, R{z}⟩
 *   tangent backward  w p ⊙ (R{z} − ⟨p, R{z}⟩)
 *
 * A thread takes one sample: there are few classes, and p stays in the tape [B, C]. Sums over a sample's classes run in order.
 * p is kept in float64: p − onehot and R{z} − ⟨p, R{z}⟩ cancel where one class has almost all of it.
 */
#include "kernels/vectors.cuh"
#include "kernels/view.cuh"

namespace borep {

/** Class probabilities [B, C]. */
struct Softmax {
    double *values;
    int classes;
    __device__ double *row(int r) const {
        return values + static_cast<size_t>(r) * classes;
    }
    /** p − onehot. */
    __device__ double difference(int r, int c, const int *labels) const {
        return row(r)[c] - (labels[r] == c ? 1.0 : 0.0);
    }
};

namespace {

constexpr int THREADS = 64;

__global__ void forward(int rows, View logits, const int *labels, Softmax p, float *losses, Fault *fault) {
    const int row = blockIdx.x * THREADS + threadIdx.x;
    if (row >= rows) {
        return;
    }
    const float *z = logits.row(row);
    const int classes = p.classes;
    const int label = labels[row];
    if (label < 0 || label >= classes) {
        report(fault, Fault::LABEL, label, classes, row);
        losses[row] = NAN;
        return;
    }
    double largest = z[0];
    for (int c = 1; c < classes; c++) {
        largest = fmax(largest, static_cast<double>(z[c]));
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
        const double e = exp(z[c] - largest);
        p.row(row)[c] = e;
        sum += e;
    }
    for (int c = 0; c < classes; c++) {
        p.row(row)[c] /= sum;
    }
    losses[row] = static_cast<float>(log(sum) - (z[label] - largest));
}

__global__ void backward(int rows, Softmax p, const int *labels, const float *weights, View cotangents) {
    const int row = blockIdx.x * THREADS + threadIdx.x;
    if (row >= rows) {
        return;
    }
    for (int c = 0; c < p.classes; c++) {
        cotangents.row(row)[c] = static_cast<float>(weights[row] * p.difference(row, c, labels));
    }
}

__global__ void tangent_forward(int rows, Softmax p, const int *labels, View tangents, float *loss_tangents) {
    const int row = blockIdx.x * THREADS + threadIdx.x;
    if (row >= rows) {
        return;
    }
    double sum = 0;
    for (int c = 0; c < p.classes; c++) {
        sum += p.difference(row, c, labels) * tangents.row(row)[c];
    }
    loss_tangents[row] = static_cast<float>(sum);
}

__global__ void tangent_backward(int rows, Softmax p, const float *weights, View tangents, View out) {
    const int row = blockIdx.x * THREADS + threadIdx.x;
    if (row >= rows) {
        return;
    }
    double mean = 0;
    for (int c = 0; c < p.classes; c++) {
        mean += p.row(row)[c] * tangents.row(row)[c];
    }
    for (int c = 0; c < p.classes; c++) {
        out.row(row)[c] = static_cast<float>(weights[row] * (p.row(row)[c] * (tangents.row(row)[c] - mean)));
    }
}

__global__ void predict(int rows, View logits, int *predictions) {
    const int row = blockIdx.x * THREADS + threadIdx.x;
    if (row >= rows) {
        return;
    }
    int best = 0;
    for (int c = 1; c < logits.width; c++) {
        best = logits.row(row)[c] > logits.row(row)[best] ? c : best;
    }
    predictions[row] = best;
}

__device__ float sigmoid(float a) {
    return 1.0f / (1.0f + expf(-a));
}

__global__ void sample_weights(
    const float *x, int size, const int *indices, int count, float scale, float *weights, Fault *fault) {
    const int b = blockIdx.x * THREADS + threadIdx.x;
    if (b >= count) {
        return;
    }
    const int index = indices[b];
    if (index < 0 || index >= size) {
        report(fault, Fault::INDEX, index, size, b);
        weights[b] = NAN;
        return;
    }
    weights[b] = scale * sigmoid(x[index]);
}

/** The first place of an index adds up all of its places in batch order: repeated indices need no atomics. */
__global__ void sample_weights_backward(
    const float *x, int size, const int *indices, int count, float scale, const float *values, float *out, Fault *fault) {
    const int b = blockIdx.x * THREADS + threadIdx.x;
    if (b >= count) {
        return;
    }
    const int index = indices[b];
    if (index < 0 || index >= size) {
        report(fault, Fault::INDEX, index, size, b);
        return;
    }
    for (int before = 0; before < b; before++) {
        if (indices[before] == index) {
            return;
        }
    }
    const float s = sigmoid(x[index]);
    float value = out[index];
    for (int place = b; place < count; place++) {
        if (indices[place] == index) {
            value += scale * s * (1.0f - s) * values[place];
        }
    }
    out[index] = value;
}

/** ∇R(y) = scale · y: 1, or 1/‖y‖ with 0 at y = 0. */
__device__ double gradient_scale(int kind, double square) {
    return kind == BOREP_SQUARED ? 1.0 : square == 0 ? 0.0 : 1 / sqrt(square);
}

__global__ void add_regulariser(
    int kind, double factor, const float *coefficient, const double *partials, int count, float *value) {
    const double square = vectors::total(partials, count, shared_memory<double>());
    if (threadIdx.x == 0) {
        *value += static_cast<float>(factor * *coefficient * (kind == BOREP_SQUARED ? square / 2 : sqrt(square)));
    }
}

/** What the result is added to. */
__device__ float kept(const float *values, int i, int store) {
    return store == BOREP_ADD ? values[i] : 0.0f;
}

__global__ void __launch_bounds__(vectors::THREADS) regulariser_gradient(
    int kind, double factor, const float *coefficient, const double *partials, int count, int size, const float *y,
    float *gradient, int store) {
    const double square = kind == BOREP_SQUARED ? 0 : vectors::total(partials, count, shared_memory<double>());
    const float scale = static_cast<float>(factor * *coefficient * gradient_scale(kind, square));
    for (int i = vectors::first(); i < size; i += vectors::stride()) {
        gradient[i] = kept(gradient, i, store) + scale * y[i];
    }
}

/** ‖y‖² lies in totals[0], ⟨y, z⟩ in totals[1]. */
__global__ void __launch_bounds__(vectors::THREADS) regulariser_product(
    int kind, double factor, const float *coefficient, const double *totals, int size, const float *y, const float *z,
    float *product, int store) {
    const double scale = kind == BOREP_SQUARED ? 1.0 : gradient_scale(kind, totals[0]);
    const double along = kind == BOREP_SQUARED ? 0.0 : scale * totals[1]; // ⟨n, z⟩
    const float c = static_cast<float>(factor * *coefficient * scale);
    const float back = static_cast<float>(along * scale);
    for (int i = vectors::first(); i < size; i += vectors::stride()) {
        product[i] = kept(product, i, store) + c * (z[i] - back * y[i]);
    }
}

__global__ void add_regulariser_mixed(int kind, double factor, const double *totals, float *value) {
    *value += static_cast<float>(factor * gradient_scale(kind, totals[0]) * totals[1]);
}

__global__ void store_total(const double *partials, int count, double *total) {
    const double sum = vectors::total(partials, count, shared_memory<double>());
    if (threadIdx.x == 0) {
        *total = sum;
    }
}

/** totals = {‖y‖², ⟨y, z⟩} behind the partials of one sum, which are free again afterwards. */
const double *norm_and_product(borep_context &context, int size, const float *y, const float *z) {
    double *totals = context.totals();
    const int count = vectors::reduction_blocks(size);
    vectors::dot(context, size, y, y);
    BOREP_RUN(context, store_total, 1, vectors::THREADS, vectors::SCRATCH, context.partials(), count, totals);
    vectors::dot(context, size, y, z);
    BOREP_RUN(context, store_total, 1, vectors::THREADS, vectors::SCRATCH, context.partials(), count, totals + 1);
    return totals;
}

}  // namespace
}  // namespace borep

using namespace borep;

struct borep_loss_tape {
    borep_context &context;
    int max_rows;
    int classes;
    Memory p;
    int rows = 0;
    const int *labels = nullptr;
    bool has_forward = false;

    Softmax probabilities() const {
        return {p.as<double>(), classes};
    }
    unsigned blocks() const {
        return ceil_div(rows, THREADS);
    }
};

borep_status borep_loss_tape_create(
    borep_context *context, int32_t max_rows, int32_t classes, borep_loss_tape **tape) {
    return guarded([&] {
        BOREP_GIVEN(context, tape);
        *tape = nullptr;
        require(classes >= 1, "loss over " + std::to_string(classes) + " classes: must be at least 1");
        BOREP_SIZES(classes, max_rows);
        require(classes <= MOST_NUMBERS / 4, "loss over " + std::to_string(classes) + " classes: too many");
        auto made = std::make_unique<borep_loss_tape>(
            *context, max_rows, classes, Memory(*context, static_cast<size_t>(max_rows) * classes * sizeof(double)));
        *tape = context->keep(std::move(made));
    });
}

borep_status borep_loss_forward(
    borep_loss_tape *tape, int32_t rows, const borep_rows *logits, borep_address labels, borep_address losses) {
    return guarded([&] {
        BOREP_GIVEN(tape, labels, losses);
        require(
            rows >= 0 && rows <= tape->max_rows,
            "rows " + std::to_string(rows) + ": the tape was made for " + std::to_string(tape->max_rows));
        const View z = require_width("logits", logits, tape->classes);
        tape->has_forward = false;
        tape->rows = rows;
        tape->labels = ints_at(labels);
        if (rows > 0) {
            BOREP_RUN(
                tape->context, forward, tape->blocks(), THREADS, 0, rows, z, tape->labels, tape->probabilities(),
                floats_at(losses), tape->context.fault());
        }
        tape->has_forward = true;
    });
}

borep_status borep_loss_backward(borep_loss_tape *tape, borep_address weights, const borep_rows *logits_cotangents) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(tape->has_forward, "loss backward: needs forward on this tape before");
        const View out = require_width("logitsCotangents", logits_cotangents, tape->classes);
        if (tape->rows > 0) {
            BOREP_RUN(
                tape->context, backward, tape->blocks(), THREADS, 0, tape->rows, tape->probabilities(), tape->labels,
                floats_at(weights), out);
        }
    });
}

borep_status borep_loss_tangent_forward(
    borep_loss_tape *tape, const borep_rows *logits_tangents, borep_address loss_tangents) {
    return guarded([&] {
        BOREP_GIVEN(tape, loss_tangents);
        require(tape->has_forward, "loss tangent forward: needs forward on this tape before");
        const View tangents = require_width("logitsTangents", logits_tangents, tape->classes);
        if (tape->rows > 0) {
            BOREP_RUN(
                tape->context, tangent_forward, tape->blocks(), THREADS, 0, tape->rows, tape->probabilities(),
                tape->labels, tangents, floats_at(loss_tangents));
        }
    });
}

borep_status borep_loss_tangent_backward(
    borep_loss_tape *tape, borep_address weights, const borep_rows *logits_tangents,
    const borep_rows *logits_cotangent_tangents) {
    return guarded([&] {
        BOREP_GIVEN(tape, weights);
        require(tape->has_forward, "loss tangent backward: needs forward on this tape before");
        const View tangents = require_width("logitsTangents", logits_tangents, tape->classes);
        const View out = require_width("logitsCotangentTangents", logits_cotangent_tangents, tape->classes);
        if (tape->rows > 0) {
            BOREP_RUN(
                tape->context, tangent_backward, tape->blocks(), THREADS, 0, tape->rows, tape->probabilities(),
                floats_at(weights), tangents, out);
        }
    });
}

borep_status borep_loss_predict(
    borep_context *context, int32_t rows, const borep_rows *logits, borep_address predictions) {
    return guarded([&] {
        BOREP_GIVEN(context, logits, predictions);
        BOREP_SIZES(rows);
        const View z = require_width("logits", logits, logits->width);
        require(z.width >= 1, "logits of width 0: must be at least 1");
        if (rows > 0) {
            BOREP_RUN(*context, predict, ceil_div(rows, THREADS), THREADS, 0, rows, z, ints_at(predictions));
        }
    });
}

borep_status borep_loss_sample_weights(
    borep_context *context, borep_address x, int32_t x_size, borep_address indices, int32_t count, double scale,
    borep_address weights) {
    return guarded([&] {
        BOREP_GIVEN(context, x, indices, weights);
        BOREP_SIZES(x_size, count);
        if (count > 0) {
            BOREP_RUN(
                *context, sample_weights, ceil_div(count, THREADS), THREADS, 0, floats_at(x), x_size, ints_at(indices),
                count, static_cast<float>(scale), floats_at(weights), context->fault());
        }
    });
}

borep_status borep_loss_sample_weights_backward(
    borep_context *context, borep_address x, int32_t x_size, borep_address indices, int32_t count, double scale,
    borep_address values, borep_address out) {
    return guarded([&] {
        BOREP_GIVEN(context, x, indices, values, out);
        BOREP_SIZES(x_size, count);
        if (count > 0) {
            BOREP_RUN(
                *context, sample_weights_backward, ceil_div(count, THREADS), THREADS, 0, floats_at(x), x_size,
                ints_at(indices), count, static_cast<float>(scale), floats_at(values), floats_at(out),
                context->fault());
        }
    });
}

borep_status borep_loss_regularise(
    borep_context *context, borep_regulariser kind, double factor, borep_address coefficient, borep_address y,
    int32_t size, borep_address value) {
    return guarded([&] {
        BOREP_GIVEN(context, coefficient, y, value);
        BOREP_SIZES(size);
        require_named("regulariser", kind, BOREP_NORM);
        vectors::dot(*context, size, floats_at(y), floats_at(y));
        BOREP_RUN(
            *context, add_regulariser, 1, vectors::THREADS, vectors::SCRATCH, kind, factor, floats_at(coefficient),
            context->partials(), vectors::reduction_blocks(size), floats_at(value));
    });
}

borep_status borep_loss_regulariser_gradient(
    borep_context *context, borep_regulariser kind, double factor, borep_address coefficient, borep_address y,
    int32_t size, borep_address gradient, borep_store store) {
    return guarded([&] {
        BOREP_GIVEN(context, coefficient, y, gradient);
        BOREP_SIZES(size);
        require_named("regulariser", kind, BOREP_NORM);
        require_named("store", store, BOREP_ADD);
        if (kind == BOREP_NORM) {
            vectors::dot(*context, size, floats_at(y), floats_at(y));
        }
        BOREP_RUN(
            *context, regulariser_gradient, vectors::blocks(size), vectors::THREADS, vectors::SCRATCH, kind, factor,
            floats_at(coefficient), context->partials(), vectors::reduction_blocks(size), size, floats_at(y),
            floats_at(gradient), store);
    });
}

borep_status borep_loss_regulariser_hessian_vector(
    borep_context *context, borep_regulariser kind, double factor, borep_address coefficient, borep_address y,
    borep_address z, int32_t size, borep_address product, borep_store store) {
    return guarded([&] {
        BOREP_GIVEN(context, coefficient, y, z, product);
        BOREP_SIZES(size);
        require_named("regulariser", kind, BOREP_NORM);
        require_named("store", store, BOREP_ADD);
        const double *totals = kind == BOREP_NORM
                                   ? norm_and_product(*context, size, floats_at(y), floats_at(z))
                                   : context->totals();
        BOREP_RUN(
            *context, regulariser_product, vectors::blocks(size), vectors::THREADS, 0, kind, factor,
            floats_at(coefficient), totals, size, floats_at(y), floats_at(z), floats_at(product), store);
    });
}

borep_status borep_loss_regulariser_mixed(
    borep_context *context, borep_regulariser kind, double factor, borep_address y, borep_address z, int32_t size,
    borep_address value) {
    return guarded([&] {
        BOREP_GIVEN(context, y, z, value);
        BOREP_SIZES(size);
        require_named("regulariser", kind, BOREP_NORM);
        const double *totals = norm_and_product(*context, size, floats_at(y), floats_at(z));
        BOREP_RUN(*context, add_regulariser_mixed, 1, 1, 0, kind, factor, totals, floats_at(value));
    });
}
