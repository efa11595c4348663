#!/usr/bin/env python3
"""borep bench recurrent in PyTorch: nn.LSTM or nn.RNN under L = 1/2 sum w * h * h of the top layer's states.

Every way that PyTorch has is timed and the fastest counts: oneDNN on and off, ragged batches packed and padded, and for
Hessian-vector products reverse over reverse and (torch.func) forward over reverse. A padded batch masks w, so that its
gradient is that of the packed one.
"""
import contextlib

import torch
from torch import nn

import common


def ways(options, cell):
    """Every way to do the work: its name, and which work it is, whether the batch is packed, and whether oneDNN may help."""
    names = ["reverse over reverse", "forward over reverse"] if options.sweep == "hvp" else [options.sweep]
    found = {}
    for name in names:
        for packs in [False, True] if options.ragged else [False]:
            for enabled in [True, False] if cell == "lstm" and not packs else [True]:
                if name == "forward over reverse" and cell == "lstm" and not packs and enabled:
                    continue  # oneDNN's LSTM has no forward-mode derivative
                parts = [name if options.sweep == "hvp" else "", "packed" if packs else "padded" if options.ragged else ""]
                parts.append("" if cell == "rnn" or packs else "oneDNN" if enabled else "oneDNN off")
                found[", ".join(part for part in parts if part) or "nn.RNN"] = name, packs, enabled
    return found


def main():
    parser = common.arguments()
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--input", type=int, default=300)
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--pass", dest="sweep", choices=["forward", "gradient", "hvp"], default="hvp")
    parser.add_argument("--ragged", action="store_true")
    parser.add_argument("--memory", action="store_true", help="the smallest peak of memory instead of the shortest time")
    options = parser.parse_args()
    cell, hidden, batch = options.cell or "lstm", options.hidden or 512, options.batch or 32
    if not options.memory and common.chosen(parser, options, ways(options, cell)) is None:
        common.time_all(ways(options, cell))
        return
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    before = common.resident()
    network = (nn.LSTM if cell == "lstm" else nn.RNN)(options.input, hidden, options.layers)
    # longest first: sorting is no part of the work
    lengths = sorted(common.lengths(batch, options.steps, options.ragged), reverse=True)
    texts = torch.randn(options.steps, batch, options.input)
    curvature = torch.randn(options.steps, batch, hidden)
    mask = torch.arange(options.steps)[:, None] < torch.tensor(lengths)[None, :]
    curvature = curvature * mask[:, :, None]
    parameters = dict(network.named_parameters())
    direction = {name: torch.randn_like(p) * (3 * hidden) ** -0.5 for name, p in parameters.items()}
    packed = nn.utils.rnn.pack_padded_sequence(texts, lengths)
    packed_curvature = nn.utils.rnn.pack_padded_sequence(curvature, lengths).data

    def states(values, is_packed):
        if is_packed:
            return torch.func.functional_call(network, values, (packed,))[0].data
        return torch.func.functional_call(network, values, (texts,))[0]

    def loss(values, is_packed):
        h = states(values, is_packed)
        return 0.5 * (h * h * (packed_curvature if is_packed else curvature)).sum()

    def forward(is_packed):
        with torch.no_grad():
            network(packed if is_packed else texts)

    def gradient(is_packed):
        return torch.autograd.grad(loss(parameters, is_packed), parameters.values())

    def reverse_over_reverse(is_packed):
        gradients = torch.autograd.grad(loss(parameters, is_packed), parameters.values(), create_graph=True)
        torch.autograd.grad(gradients, parameters.values(), grad_outputs=tuple(direction.values()))

    def forward_over_reverse(is_packed):
        values = {name: p.detach() for name, p in parameters.items()}
        torch.func.jvp(torch.func.grad(lambda v: loss(v, is_packed)), (values,), (direction,))

    def one_dnn(enabled, work, is_packed):
        def run():
            with contextlib.ExitStack() as stack:
                if not enabled:
                    stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
                work(is_packed)

        return run

    works = {
        "forward": forward, "gradient": gradient,
        "reverse over reverse": reverse_over_reverse, "forward over reverse": forward_over_reverse,
    }
    runs = {way: one_dnn(enabled, works[name], packs) for way, (name, packs, enabled) in ways(options, cell).items()}
    shape = dict(
        cell=cell, layers=options.layers, input=options.input, hidden=hidden, steps=options.steps, batch=batch,
        ragged=options.ragged, rows=sum(lengths), **{"pass": options.sweep})
    if options.memory:
        result = common.leanest(runs, before)
    else:
        result = common.timed(options.only, runs[options.only], options.warm_up, options.seconds)
    common.emit(result, torch, **shape)


if __name__ == "__main__":
    main()
