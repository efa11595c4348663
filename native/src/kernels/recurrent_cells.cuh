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
    /** u: sum is W_hhᵀ ā⁺. */
    __device__ float total(float sum, int row, int unit) const {
        return cotangent.row(row)[unit] + sum;
    }
    /** R{u}: sum is W_hhᵀ R{ā⁺}, and V_hhᵀ ā⁺ unless that was handed back before. */
    __device__ float total_tangent(float sum, int row, int after, int unit) const {
        const float own = cotangent_tangent.row(row)[unit] + sum;
        return own + (handed_back == nullptr || after < 0 ? 0.0f : handed_back[state(after, unit)]);
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

    static __device__ void forward(const RecurrentSweep &s, int row, int before, int unit, const float *sums) {
        const size_t at_gate = s.gate(row, unit);
        const Gates a = load(s.gates, at_gate, s.hidden);
        const float i = sigmoid(a.i + sums[0]);
        const float f = sigmoid(a.f + sums[1]);
        const float g = hyperbolic_tangent(a.g + sums[2]);
        const float o = sigmoid(a.o + sums[3]);
        const float c = f * at(s.cells, s, before, unit) + i * g;
        const float h = o * hyperbolic_tangent(c);
        store(s.gates, at_gate, s.hidden, {i, f, g, o});
        s.cells[s.state(row, unit)] = c;
        s.hiddens[s.state(row, unit)] = h;
        s.output.row(row)[unit] = h;
    }

    static __device__ void tangent_forward(const RecurrentSweep &s, int row, int before, int unit, const float *sums) {
        const size_t at_gate = s.gate(row, unit);
        const Gates v = load(s.gates, at_gate, s.hidden);
        const Gates ra = load(s.gate_tangents, at_gate, s.hidden);
        const float ri = v.i * (1 - v.i) * (ra.i + sums[0]);
        const float rf = v.f * (1 - v.f) * (ra.f + sums[1]);
        const float rg = (1 - v.g * v.g) * (ra.g + sums[2]);
        const float ro = v.o * (1 - v.o) * (ra.o + sums[3]);
        const float tau = hyperbolic_tangent(s.cells[s.state(row, unit)]);
        const float rc = rf * at(s.cells, s, before, unit) + v.f * at(s.cell_tangents, s, before, unit) + ri * v.g + v.i * rg;
        const float rh = ro * tau + v.o * (1 - tau * tau) * rc;
        store(s.gate_tangents, at_gate, s.hidden, {ri, rf, rg, ro});
        s.cell_tangents[s.state(row, unit)] = rc;
        s.hidden_tangents[s.state(row, unit)] = rh;
        s.output_tangent.row(row)[unit] = rh;
    }

    static __device__ void backward(const RecurrentSweep &s, int row, int before, int after, int unit, float sum) {
        const float u = s.total(sum, row, unit);
        const size_t at_gate = s.gate(row, unit);
        const Gates v = load(s.gates, at_gate, s.hidden);
        const float c = at(s.cells, s, before, unit);
        const float tau = hyperbolic_tangent(s.cells[s.state(row, unit)]);
        const float carried = after < 0 ? 0.0f : s.q[s.state(after, unit)] * s.gates[s.gate(after, s.hidden + unit)];
        const float q = carried + u * v.o * (1 - tau * tau);
        store(
            s.gate_cotangents, at_gate, s.hidden,
            {q * v.g * v.i * (1 - v.i), q * c * v.f * (1 - v.f), q * v.i * (1 - v.g * v.g), u * tau * v.o * (1 - v.o)});
        s.u[s.state(row, unit)] = u;
        s.q[s.state(row, unit)] = q;
    }

    static __device__ void tangent_backward(
        const RecurrentSweep &s, int row, int before, int after, int unit, float sum) {
        const size_t at_gate = s.gate(row, unit);
        const size_t at_state = s.state(row, unit);
        const Gates v = load(s.gates, at_gate, s.hidden);
        const Gates r = load(s.gate_tangents, at_gate, s.hidden);
        const float c = at(s.cells, s, before, unit);
        const float rc = at(s.cell_tangents, s, before, unit);
        const float tau = hyperbolic_tangent(s.cells[at_state]);
        const float rtau = (1 - tau * tau) * s.cell_tangents[at_state];
        const float u = s.u[at_state];
        const float ru = s.total_tangent(sum, row, after, unit);
        const float q = s.q[at_state];
        float carried = 0;
        if (after >= 0) {
            const size_t after_gate = s.gate(after, s.hidden + unit);
            const size_t after_state = s.state(after, unit);
            carried = s.q_tangents[after_state] * s.gates[after_gate] + s.q[after_state] * s.gate_tangents[after_gate];
        }
        const float rq = carried + (ru * v.o + u * r.o) * (1 - tau * tau) - 2 * u * v.o * tau * rtau;
        store(
            s.gate_cotangent_tangents, at_gate, s.hidden,
            {(rq * v.g + q * r.g) * v.i * (1 - v.i) + q * v.g * (1 - 2 * v.i) * r.i,
             (rq * c + q * rc) * v.f * (1 - v.f) + q * c * (1 - 2 * v.f) * r.f,
             (rq * v.i + q * r.i) * (1 - v.g * v.g) - 2 * q * v.i * v.g * r.g,
             (ru * tau + u * rtau) * v.o * (1 - v.o) + u * tau * (1 - 2 * v.o) * r.o});
        s.q_tangents[at_state] = rq;
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

    static __device__ void forward(const RecurrentSweep &s, int row, int, int unit, const float *sums) {
        const float h = hyperbolic_tangent(s.gates[s.gate(row, unit)] + sums[0]);
        s.gates[s.gate(row, unit)] = h;
        s.hiddens[s.state(row, unit)] = h;
        s.output.row(row)[unit] = h;
    }

    static __device__ void tangent_forward(const RecurrentSweep &s, int row, int, int unit, const float *sums) {
        const float h = s.hiddens[s.state(row, unit)];
        const float rh = (1 - h * h) * (s.gate_tangents[s.gate(row, unit)] + sums[0]);
        s.hidden_tangents[s.state(row, unit)] = rh;
        s.output_tangent.row(row)[unit] = rh;
    }

    static __device__ void backward(const RecurrentSweep &s, int row, int, int, int unit, float sum) {
        const float u = s.total(sum, row, unit);
        const float h = s.hiddens[s.state(row, unit)];
        s.gate_cotangents[s.gate(row, unit)] = (1 - h * h) * u;
        s.u[s.state(row, unit)] = u;
    }

    static __device__ void tangent_backward(const RecurrentSweep &s, int row, int, int after, int unit, float sum) {
        const float h = s.hiddens[s.state(row, unit)];
        const float rh = s.hidden_tangents[s.state(row, unit)];
        const float ru = s.total_tangent(sum, row, after, unit);
        s.gate_cotangent_tangents[s.gate(row, unit)] = (1 - h * h) * ru - 2 * h * rh * s.u[s.state(row, unit)];
    }
};

}  // namespace borep
