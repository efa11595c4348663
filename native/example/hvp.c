/*
 * The C ABI alone: gradient and Hessian-vector product of f(w) = sum over steps and samples of |h|^2 / 2, where h are the hidden states
 * of an LSTM layer with parameters w. Compares the product with the central difference of two gradients.
 *
 *   hvp [HIDDEN [STEPS [SAMPLES]]]
 */
#include <borep.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT = 16 };

/** Ends the program with the library's own words. */
static void ok(borep_status status) {
    if (status != BOREP_OK) {
        fprintf(stderr, "hvp: %s\n", borep_last_error());
        exit(1);
    }
}

/** Device memory for `count` numbers of 4 bytes, filled from the host unless `values` is null. */
static borep_address upload(borep_context *context, const void *values, size_t count) {
    borep_address address;
    ok(borep_memory_allocate(context, count * 4, &address)); /* zeros; freed with the context */
    if (values != NULL) {
        ok(borep_memory_write(context, address, values, count * 4));
    }
    return address;
}

/** The same numbers on every machine, in +-scale. */
static float *noise(size_t count, float scale, unsigned seed) {
    float *values = malloc(count * sizeof *values);
    if (values == NULL) {
        fprintf(stderr, "hvp: no memory for %zu numbers\n", count);
        exit(1);
    }
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = scale * ((float)(seed >> 8) / (float)(1 << 23) - 1.0f);
    }
    return values;
}

/** Sequences of one length: step t of sample b is row t * samples + b. */
static borep_packing pack(borep_context *context, int steps, int samples) {
    const int32_t shape[3] = {steps, steps * samples, samples};
    int32_t *numbers = malloc((size_t)(steps + samples + 1) * sizeof *numbers);
    if (numbers == NULL) {
        fprintf(stderr, "hvp: no memory for %d steps\n", steps);
        exit(1);
    }
    borep_packing packing = {.max_batch = samples, .max_steps = steps};
    packing.shape = upload(context, shape, 3);
    for (int b = 0; b < samples; b++) {
        numbers[b] = b;
    }
    packing.order = upload(context, numbers, (size_t)samples);
    for (int b = 0; b < samples; b++) {
        numbers[b] = steps;
    }
    packing.lengths = upload(context, numbers, (size_t)samples);
    for (int t = 0; t < steps; t++) {
        numbers[t] = samples;
    }
    packing.step_sizes = upload(context, numbers, (size_t)steps);
    for (int t = 0; t <= steps; t++) {
        numbers[t] = t * samples;
    }
    packing.step_starts = upload(context, numbers, (size_t)steps + 1);
    free(numbers);
    return packing;
}

static int number(int argc, char **argv, int place, int otherwise) {
    if (argc <= place) {
        return otherwise;
    }
    char *end;
    const long value = strtol(argv[place], &end, 10);
    if (*end != '\0' || value < 1 || value > 4096) {
        fprintf(stderr, "hvp: '%s': must be a number from 1 to 4096\n", argv[place]);
        exit(2);
    }
    return (int)value;
}

int main(int argc, char **argv) {
    const int hidden = number(argc, argv, 1, 32), steps = number(argc, argv, 2, 12), samples = number(argc, argv, 3, 4);
    const size_t rows = (size_t)steps * (size_t)samples;
    /* [4H, I], [4H, H], [4H], [4H]: weight_ih, weight_hh, bias_ih, bias_hh as in PyTorch */
    const size_t parameters = 4 * (size_t)hidden * (size_t)(INPUT + hidden + 2);

    borep_context *context;
    ok(borep_context_create(0, &context));
    char text[512];
    ok(borep_context_describe(context, text, sizeof text));
    puts(text);

    const borep_packing packing = pack(context, steps, samples);
    const borep_recurrent_shape shape = {BOREP_LSTM, INPUT, hidden, 0};
    borep_recurrent_tape *tape;
    ok(borep_recurrent_tape_create(context, &shape, (int32_t)rows, samples, &tape));
    ok(borep_recurrent_describe(tape, BOREP_FORWARD, text, sizeof text));
    printf("forward sweep: %s\n", text);

    float *w = noise(parameters, 1.0f / sqrtf((float)hidden), 1), *v = noise(parameters, 1.0f, 2);
    float *x = noise(rows * INPUT, 1.0f, 3);
    const borep_address weights = upload(context, w, parameters), direction = upload(context, v, parameters);
    const borep_rows input = {upload(context, x, rows * INPUT), INPUT, INPUT};
    const borep_rows h = {upload(context, NULL, rows * (size_t)hidden), hidden, hidden};
    const borep_rows tangent = {upload(context, NULL, rows * (size_t)hidden), hidden, hidden};
    const borep_address gradient = upload(context, NULL, parameters), product = upload(context, NULL, parameters);

    /* df/dh = h, and its tangent is R{h}: what forward sweeps write backward sweeps read. */
    ok(borep_recurrent_forward(tape, &packing, weights, &input, &h));
    ok(borep_recurrent_backward(tape, weights, &h, gradient, NULL));
    ok(borep_recurrent_tangent_forward(tape, weights, direction, NULL, &tangent));
    ok(borep_recurrent_tangent_backward(tape, weights, direction, &tangent, product, NULL));
    float *hv = malloc(3 * parameters * sizeof *hv);
    if (hv == NULL) {
        fprintf(stderr, "hvp: no memory for %zu parameters\n", parameters);
        return 1;
    }
    ok(borep_memory_read(context, product, hv, parameters * 4)); /* waits; everything before was only enqueued */

    const float epsilon = 1e-3f;
    for (int side = 0; side < 2; side++) {
        ok(borep_update_axpy(context, (int32_t)parameters, side == 0 ? epsilon : -2 * epsilon, 0, direction, weights));
        ok(borep_update_fill(context, (int32_t)parameters, gradient, 0));
        ok(borep_recurrent_forward(tape, &packing, weights, &input, &h));
        ok(borep_recurrent_backward(tape, weights, &h, gradient, NULL));
        ok(borep_memory_read(context, gradient, hv + (size_t)(1 + side) * parameters, parameters * 4));
    }
    double difference = 0, norm = 0;
    for (size_t i = 0; i < parameters; i++) {
        const double quotient = ((double)hv[parameters + i] - hv[2 * parameters + i]) / (2 * epsilon);
        difference += (hv[i] - quotient) * (hv[i] - quotient);
        norm += (double)hv[i] * hv[i];
    }
    const double error = sqrt(difference / norm);
    printf("Hessian-vector product: norm %.4g, against central differences %.1e\n", sqrt(norm), error);
    free(hv);
    free(x);
    free(v);
    free(w);
    borep_context_destroy(context);
    return error < 1e-3 ? 0 : 1;
}
