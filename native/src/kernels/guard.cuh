/* A run's state with a copy of its last good value. */
#pragma once

#include "kernels/ring.cuh"

namespace borep {

/** A vector of the state and where its last good value is kept. */
struct Guarded {
    float *state;
    float *kept;
    int size;
};

}  // namespace borep

struct borep_guard {
    borep_guard(borep_ring &ring, borep_address values, borep_address counter, const borep_vector *state, int count);

    /** What the state is now is good, and nothing has gone wrong. */
    void begin();
    /** Enqueues the end of a step. */
    void end();
    /** Enqueues the copy that ends a step: keeps the state, or puts the kept one back once the guard has stopped. */
    void settle();
    /** The same as the first node of a graph. */
    void add_settling(cudaGraph_t graph);
    /** Whether the guard has stopped, in device memory. */
    const int *stopped() const {
        return stopped_.as<int>();
    }

    borep_context &context;

   private:
    dim3 blocks() const;

    borep_ring &ring_;
    const float *values_;
    int64_t *counter_;
    int count_;
    int largest_ = 0;
    borep::Memory kept_;
    borep::Memory vectors_;
    borep::Memory stopped_;
};
