/*
 * What a cell does to one unit of one row, in the four sweeps: the equations of borep.kernel.reference, one to one. The
 * element-wise work of a thread; tapes are [R, G H] for gates and [R, H] for states.
 */
#pragma once

#include "kernels/activations.cuh"
#include "kernels/view.cuh"

namespace borep {

/** The packed rows of one step; empty before the first and past the last. */
struct Span {
    int start;
    int size;
};

/** The tape of a layer, as its kernels see it. */
struct RecurrentSweep {
    Steps packing;
    bool reverse;
    int hidden;
    int gate_rows;
    const float *weight_hh;
    /** V_hh, for sweeps that carry values and tangents together. */
    const float *direction_hh;
    /** Row of the same sample read before and after; −1: none. */
    const int *before;
    const int *after;
    /** Pre-activations before a sweep, i, f, g, o (or h) after it. */
    float *gates;
    float *cells;
    float *hiddens;
    float *gate_tangents;
    float *cell_tangents;
    float *hidden_tangents;
    float *gate_cotangents;
    float *gate_cotangent_tangents;
    /** Whole cotangents of h and of c. */
    float *u;
    float *q;
    float *q_tangents;
    /** [R, H] V_hhᵀ ā of each row; null without direction. */
    const float *handed_back;
    /** The caller's rows: h and R{h}, written, and their cotangents ȳ and R{ȳ}, read. */
    View output;
    View output_tangent;
    View cotangent;
    View cotangent_tangent;

    /** The k-th step that the layer reads. */
    __device__ __forceinline__ Span span(int k) const {
        return span(k, packing.shape[0]);
    }
    /** For those who have read the number of steps. */
    __device__ __forceinline__ Span span(int k, int steps) const {
        if (k < 0 || k >= steps) {
            return {0, 0};
        }
        const int step = reverse ? steps - 1 - k : k;
        return {packing.starts[step], packing.sizes[step]};
    }
    __device__ size_t state(int row, int unit) const {
        return static_cast<size_t>(row) * hidden + unit;
    }
    __device__ size_t gate(int row, int unit) const {
        return static_cast<size_t>(row) * gate_rows + unit;
    }
    /** V_hhᵀ ā⁺ of the row read after, if there is one, unless the steps add it themselves. */
    __device__ float handed_back_to(int after, int unit) const {
        return handed_back == nullptr || after < 0 ? 0.0f : handed_back[state(after, unit)];
    }
};

/** i, f, o = σ(a), g = tanh(a), c = f c⁻ + i g, h = o tanh(c). */
struct Lstm {
    static constexpr int GATES = 4;

    struct Gates {
        float i, f, g, o;
    };

    static __device__ __forceinline__ Gates load(const float *values, size_t at, int hidden) {
        return {values[at], values[at + hidden], values[at + 2 * hidden], values[at + 3 * hidden]};
    }

    static __device__ __forceinline__ void store(float *values, size_t at, int hidden, Gates gates) {
        values[at] = gates.i;
        values[at + hidden] = gates.f;
        values[at + 2 * hidden] = gates.g;
        values[at + 3 * hidden] = gates.o;
    }

    static __device__ __forceinline__ float at(const float *states, const RecurrentSweep &s, int row, int unit) {
        return row < 0 ? 0.0f : states[s.state(row, unit)];
    }

    /** Asks for what a forward sweep, or that of tangents, will read of a row and no step has touched before it. */
    static __device__ __forceinline__ void prefetch_forward(const RecurrentSweep &s, bool tangent, int row, int unit) {
        const size_t at_gate = s.gate(row, unit);
#pragma unroll
        for (int g = 0; g < GATES; g++) {
            prefetch(s.gates + at_gate + g * s.hidden);
            if (tangent) {
                prefetch(s.gate_tangents + at_gate + g * s.hidden);
            }
        }
        if (tangent) {
            prefetch(s.cells + s.state(row, unit));
        }
    }

    /** Likewise backward. */
    static __device__ __forceinline__ void prefetch_backward(
        const RecurrentSweep &s, bool tangent, int row, int before, int unit) {
        prefetch_forward(s, tangent, row, unit);
        prefetch((tangent ? s.cotangent_tangent : s.cotangent).row(row) + unit);
        if (before >= 0) {
            prefetch(s.cells + s.state(before, unit));
        }
        if (tangent) {
            prefetch(s.u + s.state(row, unit));
            prefetch(s.q + s.state(row, unit));
            if (before >= 0) {
                prefetch(s.cell_tangents + s.state(before, unit));
            }
        }
    }

    /** What the four sweeps leave of a row's unit. */
    struct Values {
        Gates v;
        float c, h;
    };
    struct ValueTangents {
        Gates r;
        float c, h;
    };
    struct Cotangents {
        Gates a;
        float u, q;
    };
    struct CotangentTangents {
        Gates a;
        float q;
    };

    /** What they read of the tape and of the caller's rows; `carried` is what the step before has computed from its unit. */
    struct Forward {
        Gates a;
        /** c⁻ */
        float carried;
    };
    struct TangentForward {
        Values values;
        Gates ra;
        float c_before;
        /** R{c⁻} */
        float carried;
    };
    struct Backward {
        Gates v;
        float c, c_before, cotangent;
        /** q⁺ f⁺ */
        float carried;
    };
    struct TangentBackward {
        Gates v, r;
        float c, c_before, rc, rc_before, u, q;
        /** R{ȳ}, and V_hhᵀ ā⁺ unless the steps add it themselves. */
        float cotangent, handed_back;
        /** R{q⁺ f⁺} */
        float carried;
    };

    static __device__ __forceinline__ Forward read_forward(const RecurrentSweep &s, int row, int before, int unit) {
        return {load(s.gates, s.gate(row, unit), s.hidden), at(s.cells, s, before, unit)};
    }

    static __device__ __forceinline__ Values forward(const Forward &in, const float *sums) {
        const float i = sigmoid(in.a.i + sums[0]);
        const float f = sigmoid(in.a.f + sums[1]);
        const float g = hyperbolic_tangent(in.a.g + sums[2]);
        const float o = sigmoid(in.a.o + sums[3]);
        const float c = f * in.carried + i * g;
        return {{i, f, g, o}, c, o * hyperbolic_tangent(c)};
    }

    static __device__ __forceinline__ void store(const RecurrentSweep &s, int row, int unit, const Values &values) {
        store(s.gates, s.gate(row, unit), s.hidden, values.v);
        s.cells[s.state(row, unit)] = values.c;
        s.hiddens[s.state(row, unit)] = values.h;
        s.output.row(row)[unit] = values.h;
    }

    static __device__ __forceinline__ TangentForward read_tangent_forward(
        const RecurrentSweep &s, int row, int before, int unit) {
        const size_t at_gate = s.gate(row, unit);
        return {{load(s.gates, at_gate, s.hidden), s.cells[s.state(row, unit)], 0},
                load(s.gate_tangents, at_gate, s.hidden), at(s.cells, s, before, unit), at(s.cell_tangents, s, before, unit)};
    }

    static __device__ __forceinline__ ValueTangents tangent_forward(const TangentForward &in, const float *sums) {
        const Gates &v = in.values.v;
        const float ri = v.i * (1 - v.i) * (in.ra.i + sums[0]);
        const float rf = v.f * (1 - v.f) * (in.ra.f + sums[1]);
        const float rg = (1 - v.g * v.g) * (in.ra.g + sums[2]);
        const float ro = v.o * (1 - v.o) * (in.ra.o + sums[3]);
        const float tau = hyperbolic_tangent(in.values.c);
        const float rc = rf * in.c_before + v.f * in.carried + ri * v.g + v.i * rg;
        return {{ri, rf, rg, ro}, rc, ro * tau + v.o * (1 - tau * tau) * rc};
    }

    static __device__ __forceinline__ void store(const RecurrentSweep &s, int row, int unit, const ValueTangents &tangents) {
        store(s.gate_tangents, s.gate(row, unit), s.hidden, tangents.r);
        s.cell_tangents[s.state(row, unit)] = tangents.c;
        s.hidden_tangents[s.state(row, unit)] = tangents.h;
        s.output_tangent.row(row)[unit] = tangents.h;
    }

    static __device__ __forceinline__ Backward read_backward(
        const RecurrentSweep &s, int row, int before, int after, int unit) {
        return {load(s.gates, s.gate(row, unit), s.hidden), s.cells[s.state(row, unit)], at(s.cells, s, before, unit),
                s.cotangent.row(row)[unit],
                after < 0 ? 0.0f : s.q[s.state(after, unit)] * s.gates[s.gate(after, s.hidden + unit)]};
    }

    static __device__ __forceinline__ Cotangents backward(const Backward &in, float sum) {
        const float u = in.cotangent + sum;
        const Gates &v = in.v;
        const float tau = hyperbolic_tangent(in.c);
        const float q = in.carried + u * v.o * (1 - tau * tau);
        return {{q * v.g * v.i * (1 - v.i), q * in.c_before * v.f * (1 - v.f), q * v.i * (1 - v.g * v.g),
                 u * tau * v.o * (1 - v.o)},
                u, q};
    }

    static __device__ __forceinline__ void store(const RecurrentSweep &s, int row, int unit, const Cotangents &cotangents) {
        store(s.gate_cotangents, s.gate(row, unit), s.hidden, cotangents.a);
        s.u[s.state(row, unit)] = cotangents.u;
        s.q[s.state(row, unit)] = cotangents.q;
    }

    static __device__ __forceinline__ TangentBackward read_tangent_backward(
        const RecurrentSweep &s, int row, int before, int after, int unit) {
        const size_t at_gate = s.gate(row, unit);
        const size_t at_state = s.state(row, unit);
        TangentBackward in{load(s.gates, at_gate, s.hidden), load(s.gate_tangents, at_gate, s.hidden), s.cells[at_state],
                           at(s.cells, s, before, unit), s.cell_tangents[at_state], at(s.cell_tangents, s, before, unit),
                           s.u[at_state], s.q[at_state], s.cotangent_tangent.row(row)[unit], s.handed_back_to(after, unit), 0};
        if (after >= 0) {
            const size_t after_gate = s.gate(after, s.hidden + unit);
            const size_t after_state = s.state(after, unit);
            in.carried = s.q_tangents[after_state] * s.gates[after_gate] + s.q[after_state] * s.gate_tangents[after_gate];
        }
        return in;
    }

    static __device__ __forceinline__ CotangentTangents tangent_backward(const TangentBackward &in, float sum) {
        const Gates &v = in.v, &r = in.r;
        const float tau = hyperbolic_tangent(in.c);
        const float rtau = (1 - tau * tau) * in.rc;
        const float u = in.u;
        const float ru = in.cotangent + in.handed_back + sum;
        const float q = in.q;
        const float rq = in.carried + (ru * v.o + u * r.o) * (1 - tau * tau) - 2 * u * v.o * tau * rtau;
        return {{(rq * v.g + q * r.g) * v.i * (1 - v.i) + q * v.g * (1 - 2 * v.i) * r.i,
                 (rq * in.c_before + q * in.rc_before) * v.f * (1 - v.f) + q * in.c_before * (1 - 2 * v.f) * r.f,
                 (rq * v.i + q * r.i) * (1 - v.g * v.g) - 2 * q * v.i * v.g * r.g,
                 (ru * tau + u * rtau) * v.o * (1 - v.o) + u * tau * (1 - 2 * v.o) * r.o},
                rq};
    }

    static __device__ __forceinline__ void store(const RecurrentSweep &s, int row, int unit, const CotangentTangents &tangents) {
        store(s.gate_cotangent_tangents, s.gate(row, unit), s.hidden, tangents.a);
        s.q_tangents[s.state(row, unit)] = tangents.q;
    }

    /** What the next step finds in `carried`. */
    static __device__ __forceinline__ float carry(const Forward &, const Values &values) {
        return values.c;
    }
    static __device__ __forceinline__ float carry(const TangentForward &, const ValueTangents &tangents) {
        return tangents.c;
    }
    static __device__ __forceinline__ float carry(const Backward &in, const Cotangents &cotangents) {
        return cotangents.q * in.v.f;
    }
    static __device__ __forceinline__ float carry(const TangentBackward &in, const CotangentTangents &tangents) {
        return tangents.q * in.v.f + in.q * in.r.f;
    }
    /** What along a direction the sweep of values has just left for that of tangents. */
    static __device__ __forceinline__ void pass_on(const Forward &from, const Values &values, TangentForward &to) {
        to.values = values;
        to.c_before = from.carried;
    }
    static __device__ __forceinline__ void pass_on(const Backward &, const Cotangents &cotangents, TangentBackward &to) {
        to.u = cotangents.u;
        to.q = cotangents.q;
    }
};

/** h = tanh(a); the gates hold h. */
struct TanhRnn {
    static constexpr int GATES = 1;

    static __device__ __forceinline__ void prefetch_forward(const RecurrentSweep &s, bool tangent, int row, int unit) {
        prefetch((tangent ? s.gate_tangents : s.gates) + s.gate(row, unit));
        if (tangent) {
            prefetch(s.hiddens + s.state(row, unit));
        }
    }

    static __device__ __forceinline__ void prefetch_backward(const RecurrentSweep &s, bool tangent, int row, int, int unit) {
        prefetch((tangent ? s.cotangent_tangent : s.cotangent).row(row) + unit);
        prefetch(s.hiddens + s.state(row, unit));
        if (tangent) {
            prefetch(s.hidden_tangents + s.state(row, unit));
            prefetch(s.u + s.state(row, unit));
        }
    }

    struct Values {
        float h;
    };
    struct ValueTangents {
        float h;
    };
    struct Cotangents {
        float a, u;
    };
    struct CotangentTangents {
        float a;
    };

    /** Nothing is carried from step to step but the state. */
    struct Forward {
        float a, carried;
    };
    struct TangentForward {
        Values values;
        float ra, carried;
    };
    struct Backward {
        float h, cotangent, carried;
    };
    struct TangentBackward {
        float h, rh, u, cotangent, handed_back, carried;
    };

    static __device__ __forceinline__ Forward read_forward(const RecurrentSweep &s, int row, int, int unit) {
        return {s.gates[s.gate(row, unit)], 0};
    }

    static __device__ __forceinline__ Values forward(const Forward &in, const float *sums) {
        return {hyperbolic_tangent(in.a + sums[0])};
    }

    static __device__ __forceinline__ void store(const RecurrentSweep &s, int row, int unit, const Values &values) {
        s.gates[s.gate(row, unit)] = values.h;
        s.hiddens[s.state(row, unit)] = values.h;
        s.output.row(row)[unit] = values.h;
    }

    static __device__ __forceinline__ TangentForward read_tangent_forward(const RecurrentSweep &s, int row, int, int unit) {
        return {{s.hiddens[s.state(row, unit)]}, s.gate_tangents[s.gate(row, unit)], 0};
    }

    static __device__ __forceinline__ ValueTangents tangent_forward(const TangentForward &in, const float *sums) {
        const float h = in.values.h;
        return {(1 - h * h) * (in.ra + sums[0])};
    }

    static __device__ __forceinline__ void store(const RecurrentSweep &s, int row, int unit, const ValueTangents &tangents) {
        s.hidden_tangents[s.state(row, unit)] = tangents.h;
        s.output_tangent.row(row)[unit] = tangents.h;
    }

    static __device__ __forceinline__ Backward read_backward(const RecurrentSweep &s, int row, int, int, int unit) {
        return {s.hiddens[s.state(row, unit)], s.cotangent.row(row)[unit], 0};
    }

    static __device__ __forceinline__ Cotangents backward(const Backward &in, float sum) {
        const float u = in.cotangent + sum;
        return {(1 - in.h * in.h) * u, u};
    }

    static __device__ __forceinline__ void store(const RecurrentSweep &s, int row, int unit, const Cotangents &cotangents) {
        s.gate_cotangents[s.gate(row, unit)] = cotangents.a;
        s.u[s.state(row, unit)] = cotangents.u;
    }

    static __device__ __forceinline__ TangentBackward read_tangent_backward(
        const RecurrentSweep &s, int row, int, int after, int unit) {
        const size_t at_state = s.state(row, unit);
        return {s.hiddens[at_state], s.hidden_tangents[at_state], s.u[at_state], s.cotangent_tangent.row(row)[unit],
                s.handed_back_to(after, unit), 0};
    }

    static __device__ __forceinline__ CotangentTangents tangent_backward(const TangentBackward &in, float sum) {
        return {(1 - in.h * in.h) * (in.cotangent + in.handed_back + sum) - 2 * in.h * in.rh * in.u};
    }

    static __device__ __forceinline__ void store(const RecurrentSweep &s, int row, int unit, const CotangentTangents &tangents) {
        s.gate_cotangent_tangents[s.gate(row, unit)] = tangents.a;
    }

    template <class Inputs, class Outputs>
    static __device__ __forceinline__ float carry(const Inputs &, const Outputs &) {
        return 0;
    }
    static __device__ __forceinline__ void pass_on(const Forward &, const Values &values, TangentForward &to) {
        to.values = values;
    }
    static __device__ __forceinline__ void pass_on(const Backward &, const Cotangents &cotangents, TangentBackward &to) {
        to.u = cotangents.u;
    }
};

/** The sweeps of a row's unit, from tape to tape. */
template <class Cell>
struct Whole {
    static __device__ __forceinline__ void forward(
        const RecurrentSweep &s, int row, int before, int unit, const float *sums) {
        Cell::store(s, row, unit, Cell::forward(Cell::read_forward(s, row, before, unit), sums));
    }
    static __device__ __forceinline__ void tangent_forward(
        const RecurrentSweep &s, int row, int before, int unit, const float *sums) {
        Cell::store(s, row, unit, Cell::tangent_forward(Cell::read_tangent_forward(s, row, before, unit), sums));
    }
    static __device__ __forceinline__ void backward(
        const RecurrentSweep &s, int row, int before, int after, int unit, float sum) {
        Cell::store(s, row, unit, Cell::backward(Cell::read_backward(s, row, before, after, unit), sum));
    }
    static __device__ __forceinline__ void tangent_backward(
        const RecurrentSweep &s, int row, int before, int after, int unit, float sum) {
        Cell::store(s, row, unit, Cell::tangent_backward(Cell::read_tangent_backward(s, row, before, after, unit), sum));
    }
};

}  // namespace borep
