#!/usr/bin/env python3
"""bench/cuda/recurrent_bench in PyTorch on a GPU: nn.LSTM or nn.RNN, L = sum w * h over the states, one JSON line a measurement.

forward, gradient   cuDNN; eager, and as a CUDA graph
hvp                 cuDNN has no double backward: switched off; reverse over reverse and (torch.func) forward over reverse, eager,
                    and reverse over reverse as a CUDA graph, the strongest of them

Ragged batches are padded and masked, so that every way may be recorded. Precisions as borep's: fp32, and tf32 where PyTorch may
round products. `--device cpu --tiny` is a look whether it runs.
"""
import argparse
import contextlib
import json
import statistics
import time

import torch
from torch import nn

# cell, input, hidden, steps, batch, ragged: recurrent_bench.cpp's
SHAPES = [
    ("lstm", 300, 128, 64, 20, False), ("lstm", 300, 256, 50, 20, True), ("lstm", 300, 512, 64, 32, False),
    ("lstm", 300, 1024, 64, 32, False), ("lstm", 300, 512, 50, 50, True), ("rnn", 300, 1024, 64, 20, False),
    ("rnn", 300, 2048, 64, 50, False), ("rnn", 300, 4096, 40, 20, True),
]
TINY = [("lstm", 3, 5, 6, 2, True), ("rnn", 3, 5, 6, 2, False)]
SHORTEST = 5


def lengths(steps, batch, ragged):
    """Uniform between 5 and T, the longest T."""
    return [SHORTEST + (steps - SHORTEST) * (batch - 1 - b) // max(1, batch - 1) if ragged else steps for b in range(batch)]


class Layer:
    def __init__(self, shape, device):
        cell, inputs, hidden, steps, batch, ragged = shape
        torch.manual_seed(1)
        self.network = (nn.LSTM if cell == "lstm" else nn.RNN)(inputs, hidden).to(device)
        self.texts = torch.randn(steps, batch, inputs, device=device)
        mask = torch.arange(steps)[:, None] < torch.tensor(lengths(steps, batch, ragged))[None, :]
        self.weights = torch.randn(steps, batch, hidden, device=device) * mask.to(device)[:, :, None]
        self.parameters = dict(self.network.named_parameters())
        self.direction = {name: torch.randn_like(p) * (3 * hidden) ** -0.5 for name, p in self.parameters.items()}

    def loss(self, values):
        h = torch.func.functional_call(self.network, values, (self.texts,))[0]
        return (h * self.weights).sum()

    def forward(self):
        with torch.no_grad():
            self.network(self.texts)

    def gradient(self):
        return torch.autograd.grad(self.loss(self.parameters), self.parameters.values())

    def reverse_over_reverse(self):
        gradients = torch.autograd.grad(self.loss(self.parameters), self.parameters.values(), create_graph=True)
        return torch.autograd.grad(gradients, self.parameters.values(), grad_outputs=tuple(self.direction.values()))

    def forward_over_reverse(self):
        values = {name: p.detach() for name, p in self.parameters.items()}
        return torch.func.jvp(torch.func.grad(self.loss), (values,), (self.direction,))


class Timer:
    def __init__(self, device, repeats, seconds):
        self.cuda, self.repeats, self.seconds = device == "cuda", repeats, seconds

    def wait(self):
        if self.cuda:
            torch.cuda.synchronize()

    def micros(self, work):
        """Median of up to `repeats` runs, fewer when they take long."""
        for _ in range(3):
            work()
        times = []
        begin = time.perf_counter()
        while len(times) < self.repeats and (len(times) < 3 or time.perf_counter() - begin < self.seconds):
            self.wait()
            start = time.perf_counter()
            work()
            self.wait()
            times.append((time.perf_counter() - start) * 1e6)
        return statistics.median(times)


def graphed(work):
    """The work as a CUDA graph."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


def ways(layer, sweep, device):
    eager = {
        "forward": {"cuDNN": layer.forward},
        "gradient": {"cuDNN": layer.gradient},
        "hvp": {"reverse over reverse": layer.reverse_over_reverse, "forward over reverse": layer.forward_over_reverse},
    }[sweep]
    for name, work in eager.items():
        yield name, lambda work=work: work
        if device == "cuda" and name != "forward over reverse":
            yield name + ", CUDA graph", lambda work=work: graphed(work)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=2, help="most for one measurement")
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    timer = Timer(options.device, options.repeats, options.seconds)
    for shape in TINY if options.tiny else SHAPES:
        for precision in ["fp32", "tf32"]:
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
            layer = Layer(shape, options.device)
            for sweep in ["forward", "gradient", "hvp"]:
                for way, make in ways(layer, sweep, options.device):
                    line = dict(zip(["cell", "input", "hidden", "steps", "batch", "ragged"], shape))
                    line.update({"precision": precision, "pass": sweep, "way": way, "torch": torch.__version__})
                    with contextlib.ExitStack() as stack:
                        if sweep == "hvp":
                            stack.enter_context(torch.backends.cudnn.flags(enabled=False))
                        try:
                            line["medianMicros"] = round(timer.micros(make()), 1)
                        except (RuntimeError, NotImplementedError) as e:
                            line["failed"] = str(e).splitlines()[0]
                    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
