/*
 * A sweep of one small recurrent layer in clusters (cluster.cuh): the weights stay in registers as in recurrent_persistent.cu, but
 * all blocks that share samples form a cluster, and states go straight from the cells into the shared memory of those that multiply
 * them. Steps of small layers are latency and little else: here the way through L2 and the barrier of the grid fall away, and what a
 * cell reads of the tape is under way while the states are. A step of a block:
 *
 *   1  each thread reads what its unit and sample need of the tape
 *   2  wait until the states of all blocks have come; they lie in shared memory
 *   3  each warp multiplies its part of M by them; the warps' sums meet in shared memory
 *   4  the cell of the thread's unit and sample, which writes the tape and sends the state to every block of the cluster
 *
 * A cluster has samples of its own (a part of the batch) and never meets another one, so the launch is an ordinary one. A thread has
 * the same unit and sample at every step: what it reads of other steps it wrote itself. Of states and sums there are two buffers.
 * Whoever sends what step t + 1 multiplies has all that t multiplies, so all blocks have left t − 1, whose buffer it writes
 * into; sums of a step are read before the block's next __syncthreads, those of the next one go into the other buffer.
 * What a step does not multiply, because a sample begins or ends, nobody sends.
 */
#include "kernels/cluster.cuh"
#include "kernels/recurrent_block.cuh"
#include "kernels/recurrent_tape.h"

#if defined(BOREP_SIMT) // GCC does not see that a sweep uses what it has read, and nothing else
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace borep {
namespace {

/** What a thread reads of a step before its states are there, in one sweep of one cell: there is room for one. */
template <class Cell>
struct SingleInputs {
    union {
        typename Cell::Forward forward;
        typename Cell::Backward backward;
        typename Cell::TangentForward tangent_forward;
        typename Cell::TangentBackward tangent_backward;
    };
};

/** Along a direction both of a sweep's are needed, and a thread holds fewer weights: room for each. */
template <class Cell>
struct InputsAlong {
    typename Cell::Forward forward;
    typename Cell::Backward backward;
    typename Cell::TangentForward tangent_forward;
    typename Cell::TangentBackward tangent_backward;
};

union SingleStep {
    SingleInputs<Lstm> lstm;
    SingleInputs<TanhRnn> tanh_rnn;
};

struct StepAlong {
    InputsAlong<Lstm> lstm;
    InputsAlong<TanhRnn> tanh_rnn;
};

/** A row and those of the same sample read before and after; −1: none. */
struct Rows {
    int here;
    int before;
    int after;
};

/** One block of a sweep. ALONG: values and tangents together. */
template <class Engine, int WEIGHTS, bool ALONG>
class ClusterBlock : OwnedBlock<Engine, WEIGHTS, ALONG> {
    using Owned = OwnedBlock<Engine, WEIGHTS, ALONG>;

   public:
    __device__ __forceinline__ ClusterBlock(const RecurrentSweep &sweep, const Geometry &geometry, const Task &task)
        : Owned(sweep, geometry, task, static_cast<int>(cluster_rank()), 0, blockIdx.x / geometry.groups),
          mailboxes_(shared_memory<Mailbox>()),
          states_(shared_memory<float>() + Geometry::MAILBOX_FLOATS),
          sums_(states_ + 2 * MATRICES * geometry.samples * geometry.pitch()) {
        const int units = Owned::tile_bits() + Owned::unit_bits();
        const int own = threadIdx.x & ((1 << units) - 1);
        sample_ = threadIdx.x >> units;
        unit_ = (group_ << units) + own;
        const auto blocks = static_cast<unsigned>(geometry.groups);
#pragma unroll
        for (unsigned i = 0; i < Chip::CLUSTER; i++) { // each block begins with itself
            const unsigned rank = group_ + i;
            neighbours_[i] = Neighbour(rank < blocks ? rank : i < blocks ? rank - blocks : 0);
        }
        pieces_ = Owned::pieces_of(sums_, sample_, own >> Owned::unit_bits(), own & (Owned::units() - 1));
    }

    __device__ __forceinline__ void run() {
        Owned::load_weights(task_.lstm && task_.backward); // so that what a thread sends lies side by side
        Owned::clear_missing_columns(states_, 2 * MATRICES * geometry_.samples);
        if (threadIdx.x == 0) {
            open(mailboxes_);
            open(mailboxes_ + 1);
        }
        cluster_barrier();
        const int steps = sweep_.packing.shape[0];
        const int first = task_.backward ? steps - 1 : 0;
        const int next = task_.backward ? -1 : 1;
        Span from{0, 0}, here = sweep_.span(first, steps), to = sweep_.span(first + next, steps);
        for (int i = 0; i < steps; i++) {
            const Span after_next = sweep_.span(first + (i + 2) * next, steps);
            step(from, here, to);
            from = here;
            here = to;
            to = after_next;
        }
    }

   private:
    using Owned::geometry_;
    using Owned::group_;
    using Owned::MATRICES;
    using Owned::share;
    using Owned::sweep_;
    using Owned::task_;
    using typename Owned::UnitSums;

    /** Of the exchange under way: of a matrix, the states of all its samples, and the sums of this block's warps. */
    __device__ __forceinline__ float *states(int matrix) const {
        return states_ + ((exchanges_ & 1) * MATRICES + matrix) * geometry_.samples * geometry_.pitch();
    }
    __device__ __forceinline__ float *sums(unsigned exchange, int matrix) const {
        return sums_ + ((exchange & 1) * MATRICES + matrix) * geometry_.samples * Owned::SUM_PITCH;
    }

    /** One step, between the ones that are done before it and after it. */
    __device__ __forceinline__ void step(Span from, Span here, Span to) {
        const int rank = sample_ * geometry_.parts + Owned::part_;
        const int multiplied = multiplied_next_;
        const bool active = rank < here.size && unit_ < sweep_.hidden;
        sends_ = rank < min(here.size, to.size);
        const Span before = task_.backward ? to : from, after = task_.backward ? from : to;
        const Rows rows{here.start + rank, rank < before.size ? before.start + rank : -1, rank < after.size ? after.start + rank : -1};
        std::conditional_t<ALONG, StepAlong, SingleStep> inputs;
        if (active) {
            task_.lstm ? read(inputs.lstm, rows) : read(inputs.tanh_rnn, rows);
        }
        const unsigned exchange = exchanges_;
        if (multiplied > 0) {
            Mailbox *mailbox = mailboxes_ + (exchange & 1);
            if (threadIdx.x == 0) {
                expect(mailbox, MATRICES * multiplied * Owned::depth() * static_cast<unsigned>(sizeof(float)));
            }
            wait(mailbox, exchange >> 1 & 1);
            Owned::multiply(states(0), states(MATRICES - 1), multiplied, sums(exchange, 0), sums(exchange, MATRICES - 1));
            __syncthreads();
            exchanges_++;
        }
        if (active) {
            const UnitSums unit_sums = sums_of(exchange, sample_ < multiplied);
            task_.lstm ? finish(inputs.lstm, rows.here, unit_sums) : finish(inputs.tanh_rnn, rows.here, unit_sums);
        }
        multiplied_next_ = share(min(here.size, to.size)); // here a division keeps nobody waiting
    }

    /** W_hh h⁻ (or the like) of this thread's unit and sample; 0 where there is no state to multiply. */
    __device__ __forceinline__ UnitSums sums_of(unsigned exchange, bool multiplied) const {
        const int slices = multiplied ? geometry_.slices : 0;
        UnitSums all{};
#pragma unroll
        for (int matrix = 0; matrix < MATRICES; matrix++) {
            const float *pieces = pieces_ + (sums(exchange, matrix) - sums_);
            all.of[matrix][0] = sum_of(pieces, slices);
            if (Owned::sums_of_unit() > 1) {
#pragma unroll
                for (int g = 1; g < Lstm::GATES; g++) {
                    if (WEIGHTS == 128 && g == 2) {
                        read_again(); // all at once would take registers that weights need
                    }
                    all.of[matrix][g] = sum_of(pieces + g * (Geometry::TILE / Lstm::GATES), slices);
                }
            }
        }
        return all;
    }

    /** All reads under way at once: branches would take longer than the cell. */
    __device__ __forceinline__ static float sum_of(const float *pieces, int slices) {
        float sum = 0.0f;
#pragma unroll
        for (int i = 0; i < Geometry::WARPS; i++) {
            sum += i < slices ? pieces[i * Geometry::TILE] : 0.0f;
        }
        return sum;
    }

    /** What the step before has left for this one this thread remembers: it need not come from the tape. */
    template <template <class> class Inputs, class Cell>
    __device__ __forceinline__ void read(Inputs<Cell> &in, const Rows &rows) const {
        if (ALONG || !task_.tangent) {
            if (task_.backward) {
                in.backward = Cell::read_backward(sweep_, rows.here, rows.before, rows.after, unit_);
                in.backward.carried = carried_[0];
            } else {
                in.forward = Cell::read_forward(sweep_, rows.here, rows.before, unit_);
                in.forward.carried = carried_[0];
            }
        }
        if (ALONG || task_.tangent) {
            if (task_.backward) {
                in.tangent_backward = Cell::read_tangent_backward(sweep_, rows.here, rows.before, rows.after, unit_);
                in.tangent_backward.carried = carried_[MATRICES - 1];
            } else {
                in.tangent_forward = Cell::read_tangent_forward(sweep_, rows.here, rows.before, unit_);
                in.tangent_forward.carried = carried_[MATRICES - 1];
            }
        }
    }

    /** The cell: what the next step waits for leaves first, then what goes to the tape. */
    template <template <class> class Inputs, class Cell>
    __device__ __forceinline__ void finish(Inputs<Cell> &in, int row, const UnitSums &unit_sums) {
        if (ALONG || !task_.tangent) {
            if (task_.backward) {
                const auto cotangents = Cell::backward(in.backward, unit_sums.of[0][0]);
                send_all(0, cotangents.a);
                leave<Cell>(0, row, in.backward, cotangents);
                if constexpr (ALONG) {
                    Cell::pass_on(in.backward, cotangents, in.tangent_backward);
                }
            } else {
                const auto values = Cell::forward(in.forward, unit_sums.of[0]);
                send_all(0, values.h);
                leave<Cell>(0, row, in.forward, values);
                if constexpr (ALONG) {
                    Cell::pass_on(in.forward, values, in.tangent_forward);
                }
            }
        }
        if (ALONG || task_.tangent) {
            if (task_.backward) {
                const auto tangents = Cell::tangent_backward(in.tangent_backward, unit_sums.of[MATRICES - 1][0]);
                send_all(MATRICES - 1, tangents.a);
                leave<Cell>(MATRICES - 1, row, in.tangent_backward, tangents);
            } else {
                const auto tangents = Cell::tangent_forward(in.tangent_forward, unit_sums.of[MATRICES - 1]);
                send_all(MATRICES - 1, tangents.h);
                leave<Cell>(MATRICES - 1, row, in.tangent_forward, tangents);
            }
        }
    }

    /** To the tape, and to this thread's next step. */
    template <class Cell, class Inputs, class Outputs>
    __device__ __forceinline__ void leave(int matrix, int row, const Inputs &in, const Outputs &out) {
        Cell::store(sweep_, row, unit_, out);
        carried_[matrix] = Cell::carry(in, out);
    }

    /** To every block of the cluster, itself included. */
    template <class Numbers>
    __device__ __forceinline__ void send_all(int matrix, int column, const Numbers &numbers) const {
        if (!sends_) {
            return;
        }
        float *to = states(matrix) + sample_ * geometry_.pitch() + column;
#pragma unroll
        for (int i = 0; i < Chip::CLUSTER; i++) {
            if (i < geometry_.groups) {
                neighbours_[i].send(to, numbers, mailboxes_ + (exchanges_ & 1));
            }
        }
    }
    __device__ __forceinline__ void send_all(int matrix, float state) const {
        send_all(matrix, unit_, state);
    }
    __device__ __forceinline__ void send_all(int matrix, const Lstm::Gates &gates) const {
        send_all(matrix, Lstm::GATES * unit_, Quad{gates.i, gates.f, gates.g, gates.o});
    }

    /** Of the even and of the odd exchanges of states. */
    Mailbox *mailboxes_;
    /** [2 exchanges][1 or 2][samples][pitch] states, then [2][1 or 2][samples][SUM_PITCH] sums. */
    float *states_;
    float *sums_;
    /** This thread's. */
    int sample_, unit_;
    bool sends_ = false;
    Neighbour neighbours_[Chip::CLUSTER];
    float carried_[MATRICES] = {};
    /** Where the sums of the thread's unit and sample begin, in even exchanges. */
    const float *pieces_;
    /** Samples whose states the next step multiplies. */
    int multiplied_next_ = 0;
    /** Exchanges that are done; steps without states to multiply have none. */
    unsigned exchanges_ = 0;
};

template <class Engine, int WEIGHTS, bool ALONG>
__global__ void __launch_bounds__(Geometry::THREADS, 1) sweep_in_clusters(RecurrentSweep sweep, Geometry geometry, Task task) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900 // older devices have no clusters
    ClusterBlock<Engine, WEIGHTS, ALONG>(sweep, geometry, task).run();
#endif
}

using Kernel = void (*)(RecurrentSweep, Geometry, Task);

template <class Engine>
Kernel kernel_of(int weights, bool along) {
    switch (weights) {
        case 16:
            return along ? sweep_in_clusters<Engine, 16, true> : sweep_in_clusters<Engine, 16, false>;
        case 32:
            return along ? sweep_in_clusters<Engine, 32, true> : sweep_in_clusters<Engine, 32, false>;
        case 64:
            return sweep_in_clusters<Engine, 64, false>;
        default:
            if constexpr (!std::is_same_v<Engine, Tensor<true>>) { // would spill: never planned
                return sweep_in_clusters<Engine, 128, false>;
            }
            return nullptr;
    }
}

Kernel kernel_of(const PlannedSweep &planned) {
    return with_engine(planned.plan.arithmetic, [&](auto engine) {
        return kernel_of<decltype(engine)>(planned.plan.geometry.weights, planned.shape.along());
    });
}

/** A limit that belongs to the kernel, not to a plan. */
void allow_shared_memory(borep_context &context, Kernel kernel) {
    context.make_current();
    BOREP_CUDA(cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(context.properties().sharedMemPerBlockOptin)));
}

}  // namespace

int resident_clusters(borep_context &context) {
    if (context.properties().major < 9) {
        return 0;
    }
    const Kernel kernel = kernel_of<Scalar>(64, false); // no kernel here shares a multiprocessor: one speaks for all
    allow_shared_memory(context, kernel);
    int clusters = 0;
    BOREP_CUDA(resident_clusters(
        &clusters, kernel, Chip::CLUSTER, Geometry::THREADS, context.properties().sharedMemPerBlockOptin));
    return clusters;
}

void prepare_clusters(borep_context &context, const PlannedSweep &planned) {
    allow_shared_memory(context, kernel_of(planned));
}

void run_clusters(borep_recurrent_tape &tape, const PlannedSweep &planned) {
    const Geometry &geometry = planned.plan.geometry;
    const Kernel sweep_in_clusters = kernel_of(planned);
    BOREP_RUN_CLUSTERS(
        tape.context, sweep_in_clusters, static_cast<unsigned>(geometry.groups), geometry.blocks(), Geometry::THREADS,
        planned.plan.shared_bytes, tape.sweep, geometry, task_of(planned.shape));
}

}  // namespace borep
