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
        const int steps = packing.shape[0];
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
    /** V_hhᵀ ā⁺ of the row read after, unless the steps add it themselves. */
    __device__ float handed_back_to(int after, int unit) const {
        return handed_back == nullptr ? 0.0f : handed_back[state(after, unit)];
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

    /** What forward leaves of a row's unit. */
    struct Values {
        Gates v;
        float c, h;
    };
    /** What backward leaves. */
    struct Cotangents {
        Gates a;
        float u, q;
    };

    /** What a sweep reads of the tape and of the caller's rows; a sweep's own results of the row are not yet there. */
    struct Forward {
        Gates a;
        float c_before;
    };
    struct TangentForward {
        Values values;
        Gates ra;
        float c_before, rc_before;
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
        /** R{ȳ}, and V_hhᵀ ā⁺ if that was handed back before. */
        float cotangent;
        /** R{q⁺ f⁺} */
        float carried;
    };

    static __device__ __forceinline__ Forward read_forward(const RecurrentSweep &s, int row, int before, int unit) {
        return {load(s.gates, s.gate(row, unit), s.hidden), at(s.cells, s, before, unit)};
    }

    static __device__ __forceinline__ Values forward(
        const RecurrentSweep &s, const Forward &in, int row, int unit, const float *sums) {
        const float i = sigmoid(in.a.i + sums[0]);
        const float f = sigmoid(in.a.f + sums[1]);
        const float g = hyperbolic_tangent(in.a.g + sums[2]);
        const float o = sigmoid(in.a.o + sums[3]);
        const float c = f * in.c_before + i * g;
        const float h = o * hyperbolic_tangent(c);
        store(s.gates, s.gate(row, unit), s.hidden, {i, f, g, o});
        s.cells[s.state(row, unit)] = c;
        s.hiddens[s.state(row, unit)] = h;
        s.output.row(row)[unit] = h;
        return {{i, f, g, o}, c, h};
    }

    static __device__ __forceinline__ TangentForward read_tangent_forward(
        const RecurrentSweep &s, int row, int before, int unit) {
        const size_t at_gate = s.gate(row, unit);
        return {{load(s.gates, at_gate, s.hidden), s.cells[s.state(row, unit)], 0},
                load(s.gate_tangents, at_gate, s.hidden), at(s.cells, s, before, unit), at(s.cell_tangents, s, before, unit)};
    }

    /** R{h} */
    static __device__ __forceinline__ float tangent_forward(
        const RecurrentSweep &s, const TangentForward &in, int row, int unit, const float *sums) {
        const Gates &v = in.values.v;
        const float ri = v.i * (1 - v.i) * (in.ra.i + sums[0]);
        const float rf = v.f * (1 - v.f) * (in.ra.f + sums[1]);
        const float rg = (1 - v.g * v.g) * (in.ra.g + sums[2]);
        const float ro = v.o * (1 - v.o) * (in.ra.o + sums[3]);
        const float tau = hyperbolic_tangent(in.values.c);
        const float rc = rf * in.c_before + v.f * in.rc_before + ri * v.g + v.i * rg;
        const float rh = ro * tau + v.o * (1 - tau * tau) * rc;
        store(s.gate_tangents, s.gate(row, unit), s.hidden, {ri, rf, rg, ro});
        s.cell_tangents[s.state(row, unit)] = rc;
        s.hidden_tangents[s.state(row, unit)] = rh;
        s.output_tangent.row(row)[unit] = rh;
        return rh;
    }

    static __device__ __forceinline__ Backward read_backward(
        const RecurrentSweep &s, int row, int before, int after, int unit) {
        return {load(s.gates, s.gate(row, unit), s.hidden), s.cells[s.state(row, unit)], at(s.cells, s, before, unit),
                s.cotangent.row(row)[unit],
                after < 0 ? 0.0f : s.q[s.state(after, unit)] * s.gates[s.gate(after, s.hidden + unit)]};
    }

    static __device__ __forceinline__ Cotangents backward(
        const RecurrentSweep &s, const Backward &in, int row, int unit, float sum) {
        const float u = in.cotangent + sum;
        const Gates &v = in.v;
        const float tau = hyperbolic_tangent(in.c);
        const float q = in.carried + u * v.o * (1 - tau * tau);
        const Gates a = {q * v.g * v.i * (1 - v.i), q * in.c_before * v.f * (1 - v.f), q * v.i * (1 - v.g * v.g),
                         u * tau * v.o * (1 - v.o)};
        store(s.gate_cotangents, s.gate(row, unit), s.hidden, a);
        s.u[s.state(row, unit)] = u;
        s.q[s.state(row, unit)] = q;
        return {a, u, q};
    }

    static __device__ __forceinline__ TangentBackward read_tangent_backward(
        const RecurrentSweep &s, int row, int before, int after, int unit) {
        const size_t at_gate = s.gate(row, unit);
        const size_t at_state = s.state(row, unit);
        TangentBackward in{load(s.gates, at_gate, s.hidden), load(s.gate_tangents, at_gate, s.hidden), s.cells[at_state],
                           at(s.cells, s, before, unit), s.cell_tangents[at_state], at(s.cell_tangents, s, before, unit),
                           s.u[at_state], s.q[at_state], s.cotangent_tangent.row(row)[unit], 0};
        if (after >= 0) {
            const size_t after_gate = s.gate(after, s.hidden + unit);
            const size_t after_state = s.state(after, unit);
            in.cotangent += s.handed_back_to(after, unit);
            in.carried = s.q_tangents[after_state] * s.gates[after_gate] + s.q[after_state] * s.gate_tangents[after_gate];
        }
        return in;
    }

    /** R{ā} */
    static __device__ __forceinline__ Gates tangent_backward(
        const RecurrentSweep &s, const TangentBackward &in, int row, int unit, float sum) {
        const Gates &v = in.v, &r = in.r;
        const float tau = hyperbolic_tangent(in.c);
        const float rtau = (1 - tau * tau) * in.rc;
        const float u = in.u;
        const float ru = in.cotangent + sum;
        const float q = in.q;
        const float rq = in.carried + (ru * v.o + u * r.o) * (1 - tau * tau) - 2 * u * v.o * tau * rtau;
        const Gates ra = {
            (rq * v.g + q * r.g) * v.i * (1 - v.i) + q * v.g * (1 - 2 * v.i) * r.i,
            (rq * in.c_before + q * in.rc_before) * v.f * (1 - v.f) + q * in.c_before * (1 - 2 * v.f) * r.f,
            (rq * v.i + q * r.i) * (1 - v.g * v.g) - 2 * q * v.i * v.g * r.g,
            (ru * tau + u * rtau) * v.o * (1 - v.o) + u * tau * (1 - 2 * v.o) * r.o};
        store(s.gate_cotangent_tangents, s.gate(row, unit), s.hidden, ra);
        s.q_tangents[s.state(row, unit)] = rq;
        return ra;
    }

    /** What along a direction the sweep of values has just left for that of tangents. */
    static __device__ __forceinline__ void pass_on(const Values &values, TangentForward &to) {
        to.values = values;
    }
    static __device__ __forceinline__ void pass_on(const Cotangents &cotangents, TangentBackward &to) {
        to.u = cotangents.u;
        to.q = cotangents.q;
    }
    /** What the next step multiplies. */
    static __device__ __forceinline__ float sent(const Values &values) {
        return values.h;
    }
    static __device__ __forceinline__ Gates sent(const Cotangents &cotangents) {
        return cotangents.a;
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
    struct Cotangents {
        float a, u;
    };

    struct Forward {
        float a;
    };
    struct TangentForward {
        Values values;
        float ra;
    };
    struct Backward {
        float h, cotangent;
    };
    struct TangentBackward {
        float h, rh, u, cotangent;
    };

    static __device__ __forceinline__ Forward read_forward(const RecurrentSweep &s, int row, int, int unit) {
        return {s.gates[s.gate(row, unit)]};
    }

    static __device__ __forceinline__ Values forward(
        const RecurrentSweep &s, const Forward &in, int row, int unit, const float *sums) {
        const float h = hyperbolic_tangent(in.a + sums[0]);
        s.gates[s.gate(row, unit)] = h;
        s.hiddens[s.state(row, unit)] = h;
        s.output.row(row)[unit] = h;
        return {h};
    }

    static __device__ __forceinline__ TangentForward read_tangent_forward(const RecurrentSweep &s, int row, int, int unit) {
        return {{s.hiddens[s.state(row, unit)]}, s.gate_tangents[s.gate(row, unit)]};
    }

    static __device__ __forceinline__ float tangent_forward(
        const RecurrentSweep &s, const TangentForward &in, int row, int unit, const float *sums) {
        const float h = in.values.h;
        const float rh = (1 - h * h) * (in.ra + sums[0]);
        s.hidden_tangents[s.state(row, unit)] = rh;
        s.output_tangent.row(row)[unit] = rh;
        return rh;
    }

    static __device__ __forceinline__ Backward read_backward(const RecurrentSweep &s, int row, int, int, int unit) {
        return {s.hiddens[s.state(row, unit)], s.cotangent.row(row)[unit]};
    }

    static __device__ __forceinline__ Cotangents backward(
        const RecurrentSweep &s, const Backward &in, int row, int unit, float sum) {
        const float u = in.cotangent + sum;
        const float a = (1 - in.h * in.h) * u;
        s.gate_cotangents[s.gate(row, unit)] = a;
        s.u[s.state(row, unit)] = u;
        return {a, u};
    }

    static __device__ __forceinline__ TangentBackward read_tangent_backward(
        const RecurrentSweep &s, int row, int, int after, int unit) {
        const size_t at_state = s.state(row, unit);
        return {s.hiddens[at_state], s.hidden_tangents[at_state], s.u[at_state],
                s.cotangent_tangent.row(row)[unit] + (after < 0 ? 0.0f : s.handed_back_to(after, unit))};
    }

    static __device__ __forceinline__ float tangent_backward(
        const RecurrentSweep &s, const TangentBackward &in, int row, int unit, float sum) {
        const float h = in.h;
        const float ra = (1 - h * h) * (in.cotangent + sum) - 2 * h * in.rh * in.u;
        s.gate_cotangent_tangents[s.gate(row, unit)] = ra;
        return ra;
    }

    static __device__ __forceinline__ void pass_on(const Values &values, TangentForward &to) {
        to.values = values;
    }
    static __device__ __forceinline__ void pass_on(const Cotangents &cotangents, TangentBackward &to) {
        to.u = cotangents.u;
    }
    static __device__ __forceinline__ float sent(const Values &values) {
        return values.h;
    }
    static __device__ __forceinline__ float sent(const Cotangents &cotangents) {
        return cotangents.a;
    }
};

/** The sweeps of a row's unit, reading included. */
template <class Cell>
struct Whole {
    static __device__ __forceinline__ void forward(
        const RecurrentSweep &s, int row, int before, int unit, const float *sums) {
        Cell::forward(s, Cell::read_forward(s, row, before, unit), row, unit, sums);
    }
    static __device__ __forceinline__ void tangent_forward(
        const RecurrentSweep &s, int row, int before, int unit, const float *sums) {
        Cell::tangent_forward(s, Cell::read_tangent_forward(s, row, before, unit), row, unit, sums);
    }
    static __device__ __forceinline__ void backward(
        const RecurrentSweep &s, int row, int before, int after, int unit, float sum) {
        Cell::backward(s, Cell::read_backward(s, row, before, after, unit), row, unit, sum);
    }
    static __device__ __forceinline__ void tangent_backward(
        const RecurrentSweep &s, int row, int before, int after, int unit, float sum) {
        Cell::tangent_backward(s, Cell::read_tangent_backward(s, row, before, after, unit), row, unit, sum);
    }
};

}  // namespace borep
