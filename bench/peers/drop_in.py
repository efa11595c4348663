#!/usr/bin/env python3
"""borep's sweeps behind PyTorch's autograd, in place of nn.LSTM and nn.RNN where code differentiates twice: cuDNN cannot, and PyTorch's
own cells are slow. A bilevel code keeps its autograd.grad(..., create_graph=True) and changes the layer:

    layer = Layer(Library(path), "lstm", nn.LSTM(100, 128).cuda())
    h = layer(pack_padded_sequence(x, lengths, enforce_sorted=False))     # a PackedSequence, as nn.LSTM's first result

As a program it compares gradients, Hessian-vector products and mixed products with PyTorch's in float64 (exit code 1 if they differ), and on
a GPU the time of both:

    bench/peers/drop_in.py --library target/native/native/libborep_cuda.so
    bench/peers/drop_in.py --library target/native/native/libborep_simt.so     # the same kernels run by the host: only the comparison
"""
import argparse
import ctypes
import os
import statistics
import sys
import time
import weakref

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

CELLS = {"lstm": 0, "rnn": 1}
ABI_VERSION = 7  # of the header that the structures below are written from


class Rows(ctypes.Structure):
    """borep_rows"""
    _fields_ = [("values", ctypes.c_uint64), ("width", ctypes.c_int32), ("stride", ctypes.c_int32)]


class Packing(ctypes.Structure):
    """borep_packing"""
    _fields_ = [(name, ctypes.c_uint64) for name in ("shape", "order", "lengths", "step_sizes", "step_starts")] + [
        ("max_batch", ctypes.c_int32), ("max_steps", ctypes.c_int32)]


class Shape(ctypes.Structure):
    """borep_recurrent_shape"""
    _fields_ = [(name, ctypes.c_int32) for name in ("cell", "input", "hidden", "reverse")]


def rows_of(tensor):
    """A view of a matrix; None: a null pointer."""
    return None if tensor is None else ctypes.byref(Rows(tensor.data_ptr(), tensor.shape[1], tensor.stride(0)))


class Library:
    """The C library and a context on the first device, whose primary context PyTorch uses, too."""

    def __init__(self, path):
        self._library = ctypes.CDLL(path)
        self._library.borep_last_error.restype = ctypes.c_char_p
        version = self._library.borep_abi_version()
        if version != ABI_VERSION:
            raise RuntimeError(f"{path} has ABI version {version}, this script needs {ABI_VERSION}: build it from the same sources")
        self._context = ctypes.c_void_p()
        self.call("context_create", 0, ctypes.byref(self._context))
        self._stream = 0

    def call(self, function, *arguments):
        if getattr(self._library, "borep_" + function)(*arguments) != 0:
            raise RuntimeError(f"borep_{function}: {self._library.borep_last_error().decode()}")

    def on_context(self, function, *arguments):
        self.call(function, self._context, *arguments)

    def follow(self, device):
        """What is called now comes after what PyTorch has enqueued, and before what it enqueues next."""
        stream = torch.cuda.current_stream(device).cuda_stream if device.type == "cuda" else 0
        if stream != self._stream:
            self.on_context("context_use_stream", ctypes.c_uint64(stream))
            self._stream = stream


class Tape:
    """A tape on loan; it goes back to its layer when nobody refers to it any more."""

    def __init__(self, library, handle, packing, tensors):
        self.library = library
        self.handle = handle
        self.packing = packing
        self.tensors = tensors
        self.adjoint = None  # whose backward sweep it holds

    def sweep(self, name, *arguments):
        self.library.call("recurrent_" + name, self.handle, *arguments)


def address(tensor):
    return ctypes.c_uint64(tensor.data_ptr())


class Sweep(torch.autograd.Function):
    """h [R, H] of rows [R, I] and weights [P]."""

    @staticmethod
    def forward(ctx, rows, weights, tape, hidden):
        rows, weights = rows.contiguous(), weights.contiguous()
        h = rows.new_empty(rows.shape[0], hidden)
        tape.library.follow(rows.device)
        tape.sweep("forward", ctypes.byref(tape.packing), address(weights), rows_of(rows), rows_of(h))
        ctx.save_for_backward(rows, weights)
        ctx.tape = tape
        return h

    @staticmethod
    def backward(ctx, cotangent):
        return *Adjoint.apply(cotangent, *ctx.saved_tensors, ctx.tape), None, None


class Adjoint(torch.autograd.Function):
    """Gradients of Sweep, which can be differentiated once more: cotangents of these gradients are a direction u, and what belongs to
    it are R{h} along u and the derivative of the gradients along u (Pearlmutter 1994)."""

    @staticmethod
    def forward(ctx, cotangent, rows, weights, tape):
        cotangent = cotangent.contiguous()
        ctx.save_for_backward(cotangent, rows, weights)
        ctx.tape = tape
        return Adjoint.sweep(ctx, cotangent, rows, weights)

    @staticmethod
    def sweep(ctx, cotangent, rows, weights):
        tape = ctx.tape
        to_rows, to_weights = torch.zeros_like(rows), torch.zeros_like(weights)
        tape.library.follow(rows.device)
        tape.sweep("backward", address(weights), rows_of(cotangent), address(to_weights), rows_of(to_rows))
        tape.adjoint = weakref.ref(ctx)
        return to_rows, to_weights

    @staticmethod
    def backward(ctx, along_rows, along_weights):
        cotangent, rows, weights = ctx.saved_tensors
        tape = ctx.tape
        if tape.adjoint() is not ctx:  # another cotangent has been swept since
            Adjoint.sweep(ctx, cotangent, rows, weights)
        along_rows, along_weights = along_rows.contiguous(), along_weights.contiguous()
        tangent, nothing = torch.empty_like(cotangent), torch.zeros_like(cotangent)
        to_rows, to_weights = torch.zeros_like(rows), torch.zeros_like(weights)
        tape.library.follow(rows.device)
        tape.sweep("tangent_forward", address(weights), address(along_weights), rows_of(along_rows), rows_of(tangent))
        tape.sweep(
            "tangent_backward", address(weights), address(along_weights), rows_of(nothing), address(to_weights), rows_of(to_rows))
        return tangent, to_rows, to_weights, None


class Layer(nn.Module):
    """One direction of one layer, with the parameters of an nn.LSTM or nn.RNN (tanh); float32."""

    def __init__(self, library, cell, module, reverse=False):
        super().__init__()
        if module.num_layers != 1 or module.bidirectional or not module.bias or getattr(module, "nonlinearity", "tanh") != "tanh":
            raise ValueError(f"{module}: must be one layer in one direction with biases, an RNN with tanh")
        self.module = module
        self._library = library
        self._shape = Shape(CELLS[cell], module.input_size, module.hidden_size, int(reverse))
        self._free = {}

    def forward(self, packed):
        data, sizes, order, back = packed
        if data.dtype != torch.float32:
            raise TypeError(f"input of {data.dtype}: must be torch.float32")
        tape = self._tape(data, sizes, order)
        m = self.module
        weights = torch.cat([p.reshape(-1) for p in (m.weight_ih_l0, m.weight_hh_l0, m.bias_ih_l0, m.bias_hh_l0)])
        return PackedSequence(Sweep.apply(data, weights, tape, m.hidden_size), sizes, order, back)

    def _tape(self, data, sizes, order):
        steps, batch = len(sizes), int(sizes[0])
        ranks = torch.arange(batch)
        order = ranks if order is None else order.cpu()
        lengths = torch.empty(batch, dtype=torch.int64)
        lengths[order] = (sizes[:, None] > ranks[None, :]).sum(0)
        starts = torch.cat([torch.zeros(1, dtype=torch.int64), sizes.cumsum(0)])
        shape = torch.tensor([steps, data.shape[0], batch])
        tensors = [t.to(data.device, torch.int32) for t in (shape, order, lengths, sizes, starts)]
        packing = Packing(*[t.data_ptr() for t in tensors], batch, steps)
        free = self._free.setdefault((data.shape[0], batch), [])
        if free:
            handle = free.pop()
        else:
            handle = ctypes.c_void_p()
            self._library.on_context(
                "recurrent_tape_create", ctypes.byref(self._shape), data.shape[0], batch, ctypes.byref(handle))
        tape = Tape(self._library, handle, packing, tensors)
        weakref.finalize(tape, free.append, handle)
        return tape


def oracles(layer, x, lengths, target, along):
    """Gradient of a loss, and the Hessian's and the mixed derivative's product with a direction, as bilevel codes compute them."""
    x = x.detach().requires_grad_()
    parameters = list(layer.parameters())
    out = layer(pack_padded_sequence(x, lengths, enforce_sorted=False))
    h = out.data if isinstance(out, PackedSequence) else out[0].data
    loss = ((h - target) ** 2).sum() / 2
    gradient = torch.autograd.grad(loss, parameters, create_graph=True)
    dot = sum((g * v).sum() for g, v in zip(gradient, along))
    *product, mixed = torch.autograd.grad(dot, [*parameters, x])
    return [loss.detach(), *[g.detach() for g in gradient], *product, mixed]


def relative_error(ours, theirs):
    return max(((a.double() - b).norm() / b.norm()).item() for a, b in zip(ours, theirs))


def median_ms(work, seconds=2):
    work()
    work()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        torch.cuda.synchronize()
        begin = time.perf_counter()
        work()
        torch.cuda.synchronize()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def case(library, device, cell, width, hidden, lengths):
    torch.manual_seed(1)
    module = (nn.LSTM if cell == "lstm" else nn.RNN)(width, hidden).to(device)
    lengths = torch.tensor(lengths)
    x = torch.randn(int(lengths.max()), len(lengths), width, device=device)
    target = torch.randn(int(lengths.sum()), hidden, device=device)
    along = [torch.randn_like(p) for p in module.parameters()]
    layer = Layer(library, cell, module)
    with torch.backends.cudnn.flags(enabled=False):
        exact = type(module)(width, hidden).to(device, torch.float64)
        exact.load_state_dict(module.state_dict())
        theirs = oracles(exact, x.double(), lengths, target.double(), [v.double() for v in along])
        error = relative_error(oracles(layer, x, lengths, target, along), theirs)
        line = f"{cell} {hidden}, B {len(lengths)}, T up to {int(lengths.max())}: within {error:.1e} of float64"
        if device.type == "cuda":
            ours = median_ms(lambda: oracles(layer, x, lengths, target, along))
            peer = median_ms(lambda: oracles(module, x, lengths, target, along))
            line += f"; {ours:.2f} ms, PyTorch {peer:.2f} ms, ratio {peer / ours:.1f}"
    print(line, flush=True)
    return error < 1e-4


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--library", required=True, help="libborep_cuda.so, or libborep_simt.so")
    options = parser.parse_args()
    device = torch.device("cpu" if "simt" in os.path.basename(options.library) else "cuda")
    try:
        library = Library(options.library)
    except (OSError, AttributeError, RuntimeError) as e:
        print(f"drop_in: {options.library}: {e}", file=sys.stderr)
        sys.exit(2)
    good = all([
        case(library, device, "lstm", 5, 7, [3, 6, 1, 4]),
        case(library, device, "rnn", 3, 12, [2, 5, 5]),
        *([
            case(library, device, "lstm", 100, 128, [64] * 20),
            case(library, device, "lstm", 300, 512, [64] * 32),
            case(library, device, "lstm", 300, 1024, [64] * 32),
            case(library, device, "rnn", 300, 2048, [5 + 45 * i // 49 for i in range(50)]),
        ] if device.type == "cuda" else []),
    ])
    sys.exit(not good)


if __name__ == "__main__":
    main()
