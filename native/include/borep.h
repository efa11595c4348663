/*
 * The C ABI of borep: handwritten CUDA kernels of recurrent networks and their second order, usable from C alone.
 *
 * Every function returns a borep_status; 0 is success, and borep_last_error() tells the calling thread what went wrong. Work
 * is enqueued on the context's stream and runs in order; only borep_context_synchronise and borep_memory_read wait for it.
 * One context is used by one thread at a time.
 *
 * Addresses are device addresses. Vectors are float32, matrices row-major; [R, I] means R rows of I numbers. Lifetimes are
 * named read, written and accumulated: gradients of parameters, cotangents of inputs, and the tangents of both are
 * accumulated, everything else that is an output is written. Names, order of arguments and meanings are those of the Java
 * interfaces in borep.kernel, where every shape is documented; equations are in docs/sweeps.md.
 */
#ifndef BOREP_H
#define BOREP_H

#include <stdint.h>

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/* Enumerations may hold any int, so that a number without a name can be refused. */
#ifdef __cplusplus
#define BOREP_ENUM enum : int32_t
#else
#define BOREP_ENUM enum
#endif

/** Changes whenever a prototype or a struct below changes. */
#define BOREP_ABI_VERSION 8

typedef BOREP_ENUM {
    BOREP_OK = 0,
    BOREP_BAD_ARGUMENT = 1,  /* a size, a null pointer, a wrong order of calls; nothing was enqueued */
    BOREP_NO_DRIVER = 2,     /* no CUDA driver, or one that is too old */
    BOREP_NO_DEVICE = 3,     /* the driver knows no device of this number */
    BOREP_OUT_OF_MEMORY = 4, /* device memory is exhausted */
    BOREP_BAD_DATA = 5,      /* a kernel met a label, an index or a length outside its range */
    BOREP_WRONG_BUILD = 6,   /* the library holds no code for this device's architecture */
    BOREP_CUDA_ERROR = 7     /* anything else that CUDA reports */
} borep_status;

/** Address of device memory; 0 is "none" where a function says so. */
typedef uint64_t borep_address;

/** A device, its stream and its scratch memory. Owns every allocation, tape and program made with it. */
typedef struct borep_context borep_context;
/** What the sweeps of one recurrent layer leave for each other. */
typedef struct borep_recurrent_tape borep_recurrent_tape;
/** What the sweeps of one dense layer leave for each other. */
typedef struct borep_dense_tape borep_dense_tape;
/** What pooling leaves for its other sweeps. */
typedef struct borep_pooling_tape borep_pooling_tape;
/** What the loss leaves for its other sweeps. */
typedef struct borep_loss_tape borep_loss_tape;
/** A recorded sequence of calls. */
typedef struct borep_program borep_program;
/** Records that kernels leave in host memory. */
typedef struct borep_ring borep_ring;
/** Looks after the steps of a run that the host has enqueued ahead. */
typedef struct borep_guard borep_guard;
/** A kernel that a user supplies. */
typedef struct borep_kernel borep_kernel;

/** A matrix view: row r begins at element r * stride of values and holds width numbers, at most stride. Where the device alone knows how
 * many rows a batch has, as many as the tape was made for must lie in memory: cuBLAS reads them all. */
typedef struct {
    borep_address values;
    int32_t width;
    int32_t stride;
} borep_rows;

/** A vector of float32. */
typedef struct {
    borep_address values;
    int32_t size;
    int32_t reserved;
} borep_vector;

/** How a batch of sequences lies in memory (borep.kernel.Packing): five arrays of int32 on the device. */
typedef struct {
    borep_address shape;       /* [3] steps T, rows R, samples B */
    borep_address order;       /* [max_batch] rank to sample */
    borep_address lengths;     /* [max_batch] in batch order */
    borep_address step_sizes;  /* [max_steps] */
    borep_address step_starts; /* [max_steps + 1] */
    int32_t max_batch;
    int32_t max_steps;
} borep_packing;

/* ---- library and context ---------------------------------------------------------------------------------------- */

/** BOREP_ABI_VERSION of the library. */
int32_t borep_abi_version(void);

/** What went wrong in this thread's last failed call: one sentence; valid until the thread's next call. */
const char *borep_last_error(void);

/** Number of CUDA devices; 0 with BOREP_NO_DRIVER when there is no usable driver. */
borep_status borep_device_count(int32_t *count);

/** Opens device number `device`. */
borep_status borep_context_create(int32_t device, borep_context **context);

/** Waits for the stream and releases everything the context owns. A null context is allowed. */
void borep_context_destroy(borep_context *context);

/** The device's architecture, for example 90 for sm_90. */
borep_status borep_context_architecture(borep_context *context, int32_t *architecture);

/** Writes the device's name, architecture, memory, driver and how products are computed as one zero-terminated line of at most `size` bytes. */
borep_status borep_context_describe(borep_context *context, char *text, int32_t size);

/** The stream, for other libraries: a cudaStream_t in the device's primary context. */
borep_status borep_context_stream(borep_context *context, uint64_t *stream);

/**
 * From now on everything is enqueued on another library's stream (a cudaStream_t or CUstream of the device's primary context),
 * after all that has been enqueued so far; 0: on the context's own again. The other library keeps it until then, or until the
 * context is destroyed. Not allowed while recording.
 */
borep_status borep_context_use_stream(borep_context *context, uint64_t stream);

/** What is enqueued from now on waits for an event (a cudaEvent_t or CUevent) that another library has recorded. */
borep_status borep_context_wait_event(borep_context *context, uint64_t event);

/** Records an event, for others to wait for everything enqueued so far. */
borep_status borep_context_record_event(borep_context *context, uint64_t event);

typedef BOREP_ENUM {
    BOREP_FP32 = 0, /* float32 products and sums */
    BOREP_3XTF32 = 1, /* tensor cores, three TF32 products for each of float32: errors of float32's size */
    BOREP_TF32 = 2, /* tensor cores, operands rounded to 10 bits of mantissa */
    BOREP_BF16 = 3  /* tensor cores, operands rounded to bfloat16 (7 bits), to nearest even; sums in float32 */
} borep_precision;

/**
 * Chooses how matrix products are computed from now on; all but BOREP_FP32 need sm_80. A context begins with what the environment
 * variable BOREP_PRECISION says (fp32, 3xtf32, tf32 or bf16), else with BOREP_FP32.
 */
borep_status borep_context_set_precision(borep_context *context, borep_precision precision);

/** How matrix products are computed now. */
borep_status borep_context_precision(borep_context *context, borep_precision *precision);

typedef BOREP_ENUM {
    BOREP_GEMM_AUTO = 0,  /* borep's own (docs/cuda.md says why) */
    BOREP_GEMM_OWN = 1,   /* borep's kernels: the batch's true number of rows, gathers and epilogues without extra passes */
    BOREP_GEMM_CUBLAS = 2, /* NVIDIA's cuBLAS 12 or 13, opened at run time; 3xTF32 becomes its float32 */
    BOREP_GEMM_WARPGROUPS = 3 /* borep's kernels; large tiles in TF32 and 3xTF32 by warpgroups (wgmma), sm_90 alone. Has not run on a
                                 GPU yet, so AUTO does without */
} borep_gemm;

/**
 * Who computes matrix products from now on; not allowed while recording. A context begins with what the environment variable
 * BOREP_GEMM says (auto, own, cublas or warpgroups). cuBLAS is the file that BOREP_CUBLAS names, else what the loader knows as
 * libcublas.so.13 or libcublas.so.12. BOREP_BAD_ARGUMENT with the loader's words where there is none.
 */
borep_status borep_context_set_gemm(borep_context *context, borep_gemm gemm);

typedef BOREP_ENUM {
    BOREP_SWEEPS_CHOSEN = 0,     /* the way that is predicted to be fastest, of those that the device has */
    BOREP_SWEEPS_STEPWISE = 1,   /* one launch a step */
    BOREP_SWEEPS_PERSISTENT = 2, /* one cooperative launch a sweep; a sweep that does not fit is refused with its reason */
    BOREP_SWEEPS_CLUSTERED = 3,  /* one launch a sweep, in clusters of thread blocks (sm_90 and newer); likewise */
    BOREP_SWEEPS_STREAMED = 4    /* one cooperative launch a sweep, into which the recurrent weights stream; likewise */
} borep_sweep_path;

/**
 * How recurrent sweeps run. The last four fix parts of a kernel's geometry, for tests and measurements; 0: chosen. Stepwise, only
 * parts and samples have a meaning.
 */
typedef struct {
    uint32_t size;    /* sizeof(borep_sweep_options) */
    int32_t path;     /* borep_sweep_path */
    int32_t weights;  /* registers of a thread that hold weights: 16, 32, 64 or 128; along a direction 16, 32 or 48 */
    int32_t slices;   /* warps of a block that share rows: 1, 2, 4 or 8 */
    int32_t parts;    /* parts of the batch; stepwise, of strips */
    int32_t samples;  /* of a chunk: 8, 16 or 32; stepwise, of a block: 32 (strips), 64 or 128 (tiles) */
} borep_sweep_options;

/** From now on. A context begins with all zero but the size, or with the path that the environment variable BOREP_SWEEPS says
 * (auto or stepwise). */
borep_status borep_context_set_sweeps(borep_context *context, const borep_sweep_options *options);

/** Waits for all enqueued work. BOREP_BAD_DATA when a kernel met bad data since the last wait; it says which. */
borep_status borep_context_synchronise(borep_context *context);

/** What the context has done so far; `size` is sizeof(borep_statistics). */
typedef struct {
    uint32_t size;
    uint32_t reserved;
    uint64_t kernels;          /* kernel launches enqueued or recorded one by one */
    uint64_t replays;          /* programs run */
    uint64_t launches;         /* launches that they took */
    uint64_t synchronisations; /* waits of the host for the device */
    uint64_t allocations;      /* live allocations */
    uint64_t bytes;            /* their size */
} borep_statistics;

borep_status borep_context_statistics(borep_context *context, borep_statistics *statistics);

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/** Zeroed device memory; allowed while recording. 0 bytes give an address that must not be read. */
borep_status borep_memory_allocate(borep_context *context, uint64_t bytes, borep_address *address);
/** What waits to be launched runs before; 0: nothing happens, an address of no allocation of this context is refused. */
borep_status borep_memory_free(borep_context *context, borep_address address);
/** Copies to the device, in order with the kernels; host memory may be reused at once. Not allowed while recording. */
borep_status borep_memory_write(borep_context *context, borep_address to, const void *from, uint64_t bytes);
/** Waits, then copies to the host. Not allowed while recording. */
borep_status borep_memory_read(borep_context *context, borep_address from, void *to, uint64_t bytes);

/* ---- programs ----------------------------------------------------------------------------------------------------- */

/**
 * From here to borep_program_end kernel calls are recorded instead of run. `guard`: whose steps the program is a part of; null: of
 * nobody's.
 */
borep_status borep_program_begin(borep_context *context, borep_guard *guard);
borep_status borep_program_end(borep_context *context, borep_program **program);
/** Ends a recording and forgets it, after an error in between. */
borep_status borep_program_abandon(borep_context *context);
/** Enqueues the recorded calls once. */
borep_status borep_program_run(borep_program *program);
/**
 * From now on up to `most` programs that are run one after the other are gathered into one launch, which the device walks by itself;
 * 1, the default: each is a launch of its own. Whatever else is enqueued, read or waited for comes after them as ever. In such a
 * launch a guard's programs are skipped once it has stopped. Where this driver (CUDA 12.4) or library has no such launches each
 * program is launched alone; borep_context_describe says so.
 */
borep_status borep_context_gather(borep_context *context, int32_t most);
/** Launches what has been gathered; to be called before other libraries enqueue on the context's stream. */
borep_status borep_context_flush(borep_context *context);

/* ---- ring --------------------------------------------------------------------------------------------------------- */

/** An empty ring of `capacity` records of `width` numbers. */
borep_status borep_ring_create(borep_context *context, int32_t width, int32_t capacity, borep_ring **ring);
/** Enqueues one record, also into a ring that a guard has closed; values [width] is read when the call executes. */
borep_status borep_ring_append(borep_ring *ring, borep_address values);
/**
 * The pinned host memory that the device writes. `header` points to two uint64 to be read with acquire semantics: the number of
 * records so far; 0, or 1 + the number of good steps once a guard has closed the ring. `records` points to [capacity, width]
 * float32; record r lies at r modulo capacity.
 */
borep_status borep_ring_memory(borep_ring *ring, uint64_t *header, uint64_t *records);

/* ---- guard -------------------------------------------------------------------------------------------------------- */

/**
 * Ends the steps of a run. `values` are the ring's width of numbers that judge a step, `counter` [1] int64 counts good ones, `state`
 * are the vectors that a later step depends on; the guard keeps a copy of them.
 */
borep_status borep_guard_create(
    borep_ring *ring, borep_address values, borep_address counter, const borep_vector *state, int32_t count,
    borep_guard **guard);
/** Waits for enqueued steps; the state as it is now is good, and nothing has gone wrong so far. Not allowed while recording. */
borep_status borep_guard_begin(borep_guard *guard);
/**
 * Enqueues the end of a step: its values go into the ring. Are all of them finite, the counter goes on and the state is kept. Else
 * the ring is closed and the kept state put back; from then on nothing is counted or appended, and each end puts the state back.
 */
borep_status borep_guard_end(borep_guard *guard);

/* ---- kernels of users ---------------------------------------------------------------------------------------------- */

/** Blocks, threads of a block, and bytes of dynamic shared memory (at most 48 KiB). */
typedef struct {
    uint32_t grid[3];
    uint32_t block[3];
    uint32_t shared;
    uint32_t reserved;
} borep_launch;

/** The bits of one argument, at the low end: an address, an integer, a float or a double. */
typedef struct {
    uint64_t bits;
    uint32_t size; /* bytes: 4 or 8 */
    uint32_t reserved;
} borep_argument;

/**
 * Loads a kernel from its compiled code (a zero-terminated PTX text, a cubin or a fatbin) by its unmangled name. Not allowed while
 * recording.
 */
borep_status borep_kernel_load(borep_context *context, const void *image, const char *name, borep_kernel **kernel);
/** Enqueues or records a launch; `arguments` [count] are copied. Refuses arguments whose number or sizes are not the parameters'. */
borep_status borep_kernel_launch(
    borep_kernel *kernel, const borep_launch *launch, const borep_argument *arguments, int32_t count);

/* ---- matrix products ----------------------------------------------------------------------------------------------- */

typedef BOREP_ENUM {
    BOREP_ROWS_TRANSPOSED = 0, /* C[m, n] = sum_k A[m, k] B[n, k] */
    BOREP_ROWS = 1,            /* C[m, n] = sum_k A[m, k] B[k, n] */
    BOREP_OUTER = 2            /* C[m, n] = sum_k A[k, m] B[k, n] */
} borep_form;

/** A product as the sweeps make it: m of the first two forms and k of the third count rows that the device may know alone. */
typedef struct {
    uint32_t size; /* sizeof(borep_product) */
    int32_t form;
    borep_rows a;        /* [rows, a.width] read */
    borep_rows b;        /* [c.width, a.width], [a.width, c.width] or [rows, c.width] read */
    borep_rows c;        /* [rows, n], or [a.width, n]: written, or accumulated */
    borep_address count; /* int32: how many rows there are; 0: `rows` */
    borep_address a_map; /* [rows] int32: row r is row a_map[r] of a, zeros where that is negative; 0: r */
    borep_address b_map; /* likewise for BOREP_OUTER */
    int32_t rows;        /* how many rows there are at most */
    int32_t accumulate;  /* 1: adds to c */
} borep_product;

/** The product that every sweep is made of, in the context's precision; for tests, benchmarks and users' own layers. */
borep_status borep_multiply(borep_context *context, const borep_product *product);

/* ---- recurrent ---------------------------------------------------------------------------------------------------- */

typedef BOREP_ENUM { BOREP_LSTM = 0, BOREP_TANH_RNN = 1 } borep_cell;

/** One direction of one layer; parameters as in PyTorch: weight_ih, weight_hh, bias_ih, bias_hh, gates i, f, g, o. */
typedef struct {
    int32_t cell;
    int32_t input;
    int32_t hidden;
    int32_t reverse;
} borep_recurrent_shape;

/** @param max_rows rows of a batch at most; one of more is BOREP_BAD_DATA, and its sweeps do nothing */
borep_status borep_recurrent_tape_create(
    borep_context *context, const borep_recurrent_shape *shape, int32_t max_rows, int32_t max_batch,
    borep_recurrent_tape **tape);
/** @param input read, unchanged until the last sweep @param output written [R, H] */
borep_status borep_recurrent_forward(
    borep_recurrent_tape *tape, const borep_packing *packing, borep_address weights, const borep_rows *input,
    const borep_rows *output);
/** @param gradient accumulated, 0: not wanted @param input_cotangent accumulated, null: not wanted */
borep_status borep_recurrent_backward(
    borep_recurrent_tape *tape, borep_address weights, const borep_rows *output_cotangent, borep_address gradient,
    const borep_rows *input_cotangent);
/** @param direction 0: zero @param input_tangent null: zero */
borep_status borep_recurrent_tangent_forward(
    borep_recurrent_tape *tape, borep_address weights, borep_address direction, const borep_rows *input_tangent,
    const borep_rows *output_tangent);
borep_status borep_recurrent_tangent_backward(
    borep_recurrent_tape *tape, borep_address weights, borep_address direction,
    const borep_rows *output_cotangent_tangent, borep_address gradient_tangent,
    const borep_rows *input_cotangent_tangent);

/** forward, then tangent_forward: one sweep of the device where both matrices fit on its chip. */
borep_status borep_recurrent_forward_along(
    borep_recurrent_tape *tape, const borep_packing *packing, borep_address weights, borep_address direction,
    const borep_rows *input, const borep_rows *input_tangent, const borep_rows *output,
    const borep_rows *output_tangent);
/** backward, then tangent_backward. */
borep_status borep_recurrent_backward_along(
    borep_recurrent_tape *tape, borep_address weights, borep_address direction, const borep_rows *output_cotangent,
    const borep_rows *output_cotangent_tangent, borep_address gradient, borep_address gradient_tangent,
    const borep_rows *input_cotangent, const borep_rows *input_cotangent_tangent);

typedef BOREP_ENUM {
    BOREP_FORWARD = 0,
    BOREP_TANGENT_FORWARD = 1,
    BOREP_BACKWARD = 2,
    BOREP_TANGENT_BACKWARD = 3,
    BOREP_FORWARD_ALONG = 4,
    BOREP_BACKWARD_ALONG = 5
} borep_sweep;

/** Writes how a sweep would run, and why, as one zero-terminated line of at most `size` bytes. */
borep_status borep_recurrent_describe(borep_recurrent_tape *tape, borep_sweep sweep, char *text, int32_t size);

/* ---- dense -------------------------------------------------------------------------------------------------------- */

borep_status borep_dense_tape_create(
    borep_context *context, int32_t input, int32_t output, int32_t tanh, int32_t max_rows, borep_dense_tape **tape);
borep_status borep_dense_forward(
    borep_dense_tape *tape, int32_t rows, borep_address weights, const borep_rows *input, const borep_rows *output);
borep_status borep_dense_backward(
    borep_dense_tape *tape, borep_address weights, const borep_rows *output_cotangent, borep_address gradient,
    const borep_rows *input_cotangent);
borep_status borep_dense_tangent_forward(
    borep_dense_tape *tape, borep_address weights, borep_address direction, const borep_rows *input_tangent,
    const borep_rows *output_tangent);
borep_status borep_dense_tangent_backward(
    borep_dense_tape *tape, borep_address weights, borep_address direction,
    const borep_rows *output_cotangent_tangent, borep_address gradient_tangent,
    const borep_rows *input_cotangent_tangent);

/* ---- pooling ------------------------------------------------------------------------------------------------------ */

typedef BOREP_ENUM { BOREP_MAX = 0, BOREP_MAX_PADDED = 1, BOREP_MEAN = 2, BOREP_LAST = 3 } borep_pooling;

borep_status borep_pooling_tape_create(
    borep_context *context, borep_pooling mode, int32_t width, int32_t max_batch, borep_pooling_tape **tape);
borep_status borep_pooling_forward(
    borep_pooling_tape *tape, const borep_packing *packing, const borep_rows *rows, const borep_rows *features);
borep_status borep_pooling_backward(
    borep_pooling_tape *tape, const borep_rows *feature_cotangents, const borep_rows *row_cotangents);
borep_status borep_pooling_tangent_forward(
    borep_pooling_tape *tape, const borep_rows *row_tangents, const borep_rows *feature_tangents);
borep_status borep_pooling_pair_forward(
    borep_context *context, int32_t rows, const borep_rows *u, const borep_rows *v, const borep_rows *features);
borep_status borep_pooling_pair_backward(
    borep_context *context, int32_t rows, const borep_rows *u, const borep_rows *v,
    const borep_rows *feature_cotangents, const borep_rows *cotangent_u, const borep_rows *cotangent_v);
borep_status borep_pooling_pair_tangent_forward(
    borep_context *context, int32_t rows, const borep_rows *u, const borep_rows *v, const borep_rows *tangent_u,
    const borep_rows *tangent_v, const borep_rows *feature_tangents);
borep_status borep_pooling_pair_tangent_backward(
    borep_context *context, int32_t rows, const borep_rows *u, const borep_rows *v, const borep_rows *tangent_u,
    const borep_rows *tangent_v, const borep_rows *feature_cotangents, const borep_rows *feature_cotangent_tangents,
    const borep_rows *cotangent_tangent_u, const borep_rows *cotangent_tangent_v);

/* ---- loss --------------------------------------------------------------------------------------------------------- */

typedef BOREP_ENUM { BOREP_SQUARED = 0, BOREP_NORM = 1 } borep_regulariser;

/** Whether a result replaces what lies in its place, which is then not read, or is added to it. */
typedef BOREP_ENUM { BOREP_WRITE = 0, BOREP_ADD = 1 } borep_store;

borep_status borep_loss_tape_create(
    borep_context *context, int32_t max_rows, int32_t classes, borep_loss_tape **tape);
borep_status borep_loss_forward(
    borep_loss_tape *tape, int32_t rows, const borep_rows *logits, borep_address labels, borep_address losses);
borep_status borep_loss_backward(borep_loss_tape *tape, borep_address weights, const borep_rows *logits_cotangents);
borep_status borep_loss_tangent_forward(
    borep_loss_tape *tape, const borep_rows *logits_tangents, borep_address loss_tangents);
borep_status borep_loss_tangent_backward(
    borep_loss_tape *tape, borep_address weights, const borep_rows *logits_tangents,
    const borep_rows *logits_cotangent_tangents);
borep_status borep_loss_predict(
    borep_context *context, int32_t rows, const borep_rows *logits, borep_address predictions);
borep_status borep_loss_sample_weights(
    borep_context *context, borep_address x, int32_t x_size, borep_address indices, int32_t count, double scale,
    borep_address weights);
borep_status borep_loss_sample_weights_backward(
    borep_context *context, borep_address x, int32_t x_size, borep_address indices, int32_t count, double scale,
    borep_address values, borep_address out);
borep_status borep_loss_regularise(
    borep_context *context, borep_regulariser kind, double factor, borep_address coefficient, borep_address y,
    int32_t size, borep_address value);
borep_status borep_loss_regulariser_gradient(
    borep_context *context, borep_regulariser kind, double factor, borep_address coefficient, borep_address y,
    int32_t size, borep_address gradient, borep_store store);
borep_status borep_loss_regulariser_hessian_vector(
    borep_context *context, borep_regulariser kind, double factor, borep_address coefficient, borep_address y,
    borep_address z, int32_t size, borep_address product, borep_store store);
borep_status borep_loss_regulariser_mixed(
    borep_context *context, borep_regulariser kind, double factor, borep_address y, borep_address z, int32_t size,
    borep_address value);

/* ---- update ------------------------------------------------------------------------------------------------------- */

typedef BOREP_ENUM {
    BOREP_SIN = 0,
    BOREP_COS = 1,
    BOREP_SINH = 2,
    BOREP_COSH = 3,
    BOREP_EXP = 4,
    BOREP_SIGMOID = 5,
    BOREP_POSITIVE = 6,
    BOREP_LOG = 7
} borep_function;

/** A step size in closed form (borep.device.Schedule). */
typedef struct {
    int32_t kind; /* 0 constant, 1 step, 2 power */
    int32_t reserved;
    double initial;
    int64_t period;
    double factor;
} borep_schedule;

borep_status borep_update_fill(borep_context *context, int32_t size, borep_address out, double value);
borep_status borep_update_copy(borep_context *context, int32_t size, borep_address a, borep_address out);
borep_status borep_update_scale(borep_context *context, int32_t size, double factor, borep_address out);
/** out += factor * scalar * a; scalar 0: 1. */
borep_status borep_update_axpy(
    borep_context *context, int32_t size, double factor, borep_address scalar, borep_address a, borep_address out);
borep_status borep_update_average(
    borep_context *context, int32_t size, double keep, borep_address a, borep_address out);
borep_status borep_update_multiply(
    borep_context *context, int32_t size, borep_address a, borep_address b, borep_address out);
/** 0 where b is 0. */
borep_status borep_update_divide(
    borep_context *context, int32_t size, borep_address a, borep_address b, borep_address out);
borep_status borep_update_apply(
    borep_context *context, int32_t size, borep_function function, borep_address a, borep_address out);
borep_status borep_update_dot(
    borep_context *context, int32_t size, borep_address a, borep_address b, borep_address value);
borep_status borep_update_norm(borep_context *context, int32_t size, borep_address a, borep_address value);
borep_status borep_update_project_ball(
    borep_context *context, int32_t size, borep_address centre, double radius, borep_address u);
borep_status borep_update_normalised_momentum(
    borep_context *context, int32_t size, double keep, borep_address d, borep_address m, borep_address step,
    double guard, borep_address x, borep_address norm);
/** @param counter [1] int64, the number of steps before this one */
borep_status borep_update_adam(
    borep_context *context, int32_t size, double keep_first, double keep_second, borep_address d, borep_address m,
    borep_address v, borep_address step, borep_address counter, double epsilon, borep_address x);
/** n at most 32; an unknown whose pivot is 0 becomes 0. */
borep_status borep_update_solve(
    borep_context *context, int32_t n, borep_address matrix, borep_address rhs, borep_address out);
/** @param counter [1] int64 */
borep_status borep_update_schedule(
    borep_context *context, const borep_schedule *schedule, borep_address counter, borep_address value);
/** counter += 1, in order with the kernels. */
borep_status borep_update_advance(borep_context *context, borep_address counter);

/* ---- batch -------------------------------------------------------------------------------------------------------- */

/** Names one random choice (borep.kernel.Batch.Stream). */
typedef struct {
    int64_t seed;
    int32_t purpose;
    int32_t lane;
} borep_stream;

/** Sample numbers by domain and class (borep.kernel.Batch.Tasks). */
typedef struct {
    borep_address members; /* [n] */
    borep_address starts;  /* [domains * classes + 1] */
    int32_t members_size;
    int32_t domains;
    int32_t classes;
    int32_t reserved;
} borep_tasks;

/** Token sequences with their frozen table of vectors (borep.kernel.Sequences). */
typedef struct {
    borep_address tokens;  /* [tokens_size] */
    borep_address starts;  /* [count] */
    borep_address lengths; /* [count] */
    borep_address table;   /* [vocabulary, width] */
    int32_t count;
    int32_t width;
} borep_sequences;

borep_status borep_batch_draw(
    borep_context *context, const borep_stream *stream, borep_address counter, int32_t population,
    int32_t replacement, borep_address indices, int32_t count);
borep_status borep_batch_draw_task(
    borep_context *context, const borep_stream *stream, borep_address counter, const borep_tasks *tasks,
    int32_t balanced, int32_t skip, borep_address indices, int32_t count);
/** @param out [count] written: independent standard normal numbers */
borep_status borep_batch_normal(
    borep_context *context, const borep_stream *stream, borep_address counter, borep_address out, int32_t count);
borep_status borep_batch_gather(
    borep_context *context, borep_address indices, int32_t count, borep_address table, int32_t table_size,
    borep_address out);
/** @param max_rows capacity of rows; a batch that needs more is bad data */
borep_status borep_batch_pack(
    borep_context *context, const borep_sequences *sequences, borep_address indices, int32_t count,
    const borep_packing *packing, const borep_rows *rows, int32_t max_rows);

/* ---- sparse ------------------------------------------------------------------------------------------------------- */

/** A constant sparse matrix, row after row (borep.kernel.SparseRows): int32 and float32 arrays on the device. */
typedef struct {
    borep_address starts; /* [rows + 1] */
    borep_address places; /* ascending within a row, each in [0, columns); not checked */
    borep_address values;
    int32_t rows;
    int32_t columns;
} borep_sparse;

/**
 * @param rows [count] which rows; 0: all of them in order, whatever count is
 * @param accumulate not 0: out is accumulated
 */
borep_status borep_sparse_multiply(
    borep_context *context, const borep_sparse *a, borep_address rows, int32_t count, const borep_rows *w,
    const borep_rows *out, int32_t accumulate);
/** @param rows [count] which rows; for all of them multiply by the transposed matrix instead */
borep_status borep_sparse_multiply_transposed(
    borep_context *context, const borep_sparse *a, borep_address rows, int32_t count, const borep_rows *cotangents,
    const borep_rows *gradient);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
