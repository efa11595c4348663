#!/usr/bin/env python3
"""One iteration of BO-REP in PyTorch on random texts, with the settings of the public code's experiments.

public   as the public code goes about it: each batch is padded, sorted and packed for nn.RNN, padded again for the maximum; every
         oracle is its own forward pass and autograd call; the state is a list of tensors that is updated one by one.
tuned    the same updates with the savings that the problems' structure allows: hyper-representation keeps the features of the
         encoder while only the head moves and takes the mixed term by one backward pass with the head's tangent cotangent;
         a coefficient's mixed term is one inner product; hyper-cleaning's is a forward-mode derivative of the losses (padded
         only: packed sequences have none); all tensors of a state are updated in one call. Packed and padded batches are
         timed, and the faster counts.

One repeat is one period of I iterations, so that each updates y once: medianMillis is the time of one iteration.
With --device cuda networks and states live on the GPU and batches are padded on the host; what is differentiated twice does
without cuDNN, which cannot, everything else has it.
"""
import warnings

import torch
from torch import nn
from torch.func import functional_call, jvp

import common

WORDS, TEXTS, INPUT, LONGEST, LAYERS, CLASSES = 5000, 4000, 300, 40, 2, 2
# batch, width of the head, eta, alpha, steps of y, period
SETTINGS = {
    "hyper-representation": (20, 1024, 1e-2, 1e-3, 3, 2),
    "hyperparameter": (50, 512, 1e-4, 2e-3, 3, 3),
    "hyper-cleaning": (512, 1024, 5e-2, 5e-2, 10, 2),
}
BETA, GAMMA, COEFFICIENT = 0.9, 1e-2, 1e-4


class Encoder(nn.Module):
    def __init__(self, cell, hidden, packs):
        super().__init__()
        self.packs = packs
        self.rnn = (nn.LSTM if cell == "lstm" else nn.RNN)(INPUT, hidden, LAYERS)

    def forward(self, texts, lengths):
        if self.packs:
            ranked, order = torch.sort(lengths, descending=True)  # on the host, as packing wants them
            order = order.to(texts.device)
            packed = nn.utils.rnn.pack_padded_sequence(texts.index_select(1, order), ranked)
            states = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0])[0]
            return states.max(0)[0].index_select(0, torch.argsort(order))
        mask = torch.arange(texts.shape[0])[:, None] < lengths.to(texts.device)[None, :]
        return (self.rnn(texts)[0] * mask[:, :, None]).max(0)[0]


class Head(nn.Sequential):
    def __init__(self, hidden, width):
        super().__init__(
            nn.Linear(hidden, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, CLASSES))


class Texts:
    """Random texts of one level; a batch is padded to its longest text when it is drawn."""

    def __init__(self, batch, seed):
        self.batch = batch
        self.table = torch.randn(WORDS, INPUT)
        self.lengths = torch.tensor(common.lengths(max(TEXTS, batch), LONGEST, True, seed), device="cpu")
        self.words = [torch.randint(WORDS, (length,), device="cpu") for length in self.lengths.tolist()]
        self.labels = torch.randint(CLASSES, (len(self.words),))

    def draw(self):
        chosen = torch.randperm(len(self.words), device="cpu")[: self.batch]
        words = nn.utils.rnn.pad_sequence([self.words[i] for i in chosen.tolist()]).to(self.table.device)
        places = chosen.to(self.table.device)
        return nn.functional.embedding(words, self.table), self.lengths[chosen], self.labels[places], places


def norm(tensors):
    return torch.sqrt(sum((t * t).sum() for t in tensors))


class Iteration:
    """The state that all three problems have, and what they share; subclasses give f, g and the products."""

    def __init__(self, options, packs):
        batch, width, self.eta, self.alpha, self.steps, self.period = SETTINGS[options.problem]
        batch, width = options.batch or batch, options.head or width
        self.encoder = Encoder(options.cell or "rnn", options.hidden or 256, packs)
        self.head = Head(options.hidden or 256, width)
        self.upper, self.lower = Texts(batch, 1), Texts(batch, 2)
        self.tuned = options.way == "tuned"
        self.count = 0

    def start(self, x, y):
        self.x, self.y = x, y
        size = sum(t.numel() for t in y)
        self.z = [(2 * torch.rand_like(t) - 1) * (6 / (size + 1)) ** 0.5 for t in y]
        self.m = [torch.zeros_like(t) for t in x]

    def losses(self, batch):
        texts, lengths, labels, _ = batch
        return nn.functional.cross_entropy(self.head(self.encoder(texts, lengths)), labels, reduction="none")

    def add(self, tensors, others, factor):
        with torch.no_grad():
            if self.tuned:
                torch._foreach_add_(tensors, others, alpha=factor)
            else:
                for tensor, other in zip(tensors, others):
                    tensor.add_(other, alpha=factor)

    def descend(self, gradients, total):
        """One step of y; gradients add up over the steps of one update, as without zero_grad."""
        self.add(total, gradients, 1)
        self.add(self.y, total, -self.alpha)

    def move(self, hypergradient):
        """m = beta m + (1 - beta) d;  x = x - eta m / |m|."""
        with torch.no_grad():
            for momentum, d in zip(self.m, hypergradient):
                momentum.mul_(BETA).add_(d, alpha=1 - BETA)
            self.add(self.x, self.m, -self.eta / (norm(self.m).item() + 1e-10))

    def run(self):
        for _ in range(self.period):
            self.iterate(self.count % self.period == 0)
            self.count += 1


def twice():
    """For what is differentiated twice; on the CPU it changes nothing."""
    return torch.backends.cudnn.flags(enabled=False)


def product(value, y, z):
    """Gradient and Hessian-vector product of value(), reverse over reverse."""
    with twice():
        gradients = torch.autograd.grad(value(), y, create_graph=True)
        return torch.autograd.grad(gradients, y, grad_outputs=z)


class HyperRepresentation(Iteration):
    """x = encoder, y = head; the mixed term is taken on the query batch, with the new z."""

    def __init__(self, options, packs):
        super().__init__(options, packs)
        self.start(list(self.encoder.parameters()), list(self.head.parameters()))

    def g(self, batch):
        return self.losses(batch).mean() + COEFFICIENT * norm(self.y)

    def g_of(self, features, labels):
        return nn.functional.cross_entropy(self.head(features), labels) + COEFFICIENT * norm(self.y)

    def iterate(self, refresh):
        support, query = self.lower.draw(), self.upper.draw()
        if self.tuned:
            self.iterate_on_features(refresh, support, query)
            return
        if refresh:
            total = [torch.zeros_like(t) for t in self.y]
            for _ in range(self.steps):
                gradients = torch.autograd.grad(self.g(support), self.x + self.y)  # backward() reaches the encoder too
                self.descend(gradients[len(self.x):], total)
        with twice():
            gradients = torch.autograd.grad(self.g(support), self.x + self.y, create_graph=True)[len(self.x):]
            hessian = torch.autograd.grad(gradients, self.y, grad_outputs=self.z)
        upper = torch.autograd.grad(self.losses(query).mean(), self.x + self.y)
        self.add(self.z, [h - d for h, d in zip(hessian, upper[len(self.x):])], -GAMMA)
        with twice():
            gradients = torch.autograd.grad(self.g(query), self.y, create_graph=True)
            mixed = torch.autograd.grad(gradients, self.x, grad_outputs=self.z)
        self.move([d - j for d, j in zip(upper, mixed)])

    def iterate_on_features(self, refresh, support, query):
        with torch.no_grad():
            features = self.encoder(support[0], support[1])
        if refresh:
            total = [torch.zeros_like(t) for t in self.y]
            for _ in range(self.steps):
                self.descend(torch.autograd.grad(self.g_of(features, support[2]), self.y), total)
        hessian = product(lambda: self.g_of(features, support[2]), self.y, self.z)
        encoded = self.encoder(query[0], query[1])
        leaf = encoded.detach().requires_grad_()
        loss = nn.functional.cross_entropy(self.head(leaf), query[2])
        *upper, below = torch.autograd.grad(loss, self.y + [leaf], create_graph=True)
        with torch.no_grad():
            difference = torch._foreach_sub(list(hessian), upper)
        self.add(self.z, difference, -GAMMA)
        # both levels are measured on the query batch: one backward pass carries both cotangents; |y| has no mixed term
        (along,) = torch.autograd.grad(upper, leaf, grad_outputs=self.z)
        self.move(torch.autograd.grad(encoded, self.x, grad_outputs=below.detach() - along))


class Hyperparameter(Iteration):
    """x = coefficient of |y|, y = the network."""

    def __init__(self, options, packs):
        super().__init__(options, packs)
        x = torch.tensor([COEFFICIENT], requires_grad=True)
        self.start([x], [*self.encoder.parameters(), *self.head.parameters()])

    def g(self, batch):
        return self.losses(batch).mean() + self.x[0].sum() * norm(self.y)

    def iterate(self, refresh):
        support, query = self.lower.draw(), self.upper.draw()
        if refresh:
            total = [torch.zeros_like(t) for t in self.y]
            for _ in range(self.steps):
                self.descend(torch.autograd.grad(self.g(support), self.y), total)
        hessian = product(lambda: self.g(support), self.y, self.z)
        upper = torch.autograd.grad(self.losses(query).mean(), self.y)
        self.add(self.z, torch._foreach_sub(list(hessian), list(upper)), -GAMMA)
        if self.tuned:
            with torch.no_grad():
                mixed = [sum((y * z).sum() for y, z in zip(self.y, self.z)).reshape(1) / norm(self.y)]
        else:
            with twice():
                gradients = torch.autograd.grad(self.g(query), self.y, create_graph=True)
                mixed = torch.autograd.grad(gradients, self.x, grad_outputs=self.z)
        self.move([-j for j in mixed])


class HyperCleaning(Iteration):
    """x = one logit for each training text, y = the network; every batch is a new one."""

    def __init__(self, options, packs):
        super().__init__(options, packs)
        x = torch.ones(len(self.lower.words), requires_grad=True)
        self.start([x], [*self.encoder.parameters(), *self.head.parameters()])
        modules = [("encoder." + name, p) for name, p in self.encoder.named_parameters()]
        modules += [("head." + name, p) for name, p in self.head.named_parameters()]
        self.names = [name for name, _ in modules]
        self.whole = nn.ModuleDict({"encoder": self.encoder, "head": self.head})

    def g(self, batch):
        weights = torch.sigmoid(self.x[0][batch[3]])
        return (weights * self.losses(batch)).mean() + COEFFICIENT * norm(self.y)

    def mixed(self, batch):
        """sigmoid'(x_i) R{loss_i} / B: forward mode, no backward pass."""
        encoder = [name[len("encoder."):] for name in self.names if name.startswith("encoder.")]
        head = [name[len("head."):] for name in self.names if name.startswith("head.")]

        def losses(*values):
            features = functional_call(self.encoder, dict(zip(encoder, values)), (batch[0], batch[1]))
            logits = functional_call(self.head, dict(zip(head, values[len(encoder):])), (features,))
            return nn.functional.cross_entropy(logits, batch[2], reduction="none")

        with torch.backends.mkldnn.flags(enabled=False), twice():  # their LSTM has no forward mode
            along = jvp(losses, tuple(t.detach() for t in self.y), tuple(self.z))[1]
        weights = torch.sigmoid(self.x[0].detach()[batch[3]])
        out = torch.zeros_like(self.x[0])
        return [out.index_add_(0, batch[3], weights * (1 - weights) * along / len(along))]

    def iterate(self, refresh):
        if refresh:
            total = [torch.zeros_like(t) for t in self.y]
            for _ in range(self.steps):
                self.descend(torch.autograd.grad(self.g(self.lower.draw()), self.y), total)
        hessian = product(lambda: self.g(self.lower.draw()), self.y, self.z)
        upper = torch.autograd.grad(self.losses(self.upper.draw()).mean(), self.y)
        self.add(self.z, torch._foreach_sub(list(hessian), list(upper)), -GAMMA)
        batch = self.lower.draw()
        if self.tuned and not self.encoder.packs:
            mixed = self.mixed(batch)
        else:
            with twice():
                gradients = torch.autograd.grad(self.g(batch), self.y, create_graph=True)
                mixed = torch.autograd.grad(gradients, self.x, grad_outputs=self.z)
        self.move([-j for j in mixed])


PROBLEMS = {
    "hyper-representation": HyperRepresentation,
    "hyperparameter": Hyperparameter,
    "hyper-cleaning": HyperCleaning,
}


def ways(options):
    """Every way to do the work: its name, and whether batches are packed and oneDNN may help."""
    found = {}
    for packs in [True] if options.way == "public" else [True, False]:
        for one_dnn in [True, False] if options.cell == "lstm" and not packs else [True]:
            name = f"{options.way}, {'packed' if packs else 'padded'}{'' if one_dnn else ', oneDNN off'}"
            found[name] = packs, one_dnn
    return found


def main():
    parser = common.arguments()
    parser.add_argument("--problem", choices=sorted(SETTINGS), default="hyper-representation")
    parser.add_argument("--head", type=int, default=None)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--tf32", action="store_true", help="on the GPU: products may be rounded")
    parser.add_argument("--way", choices=["public", "tuned"], default="public")
    options = parser.parse_args()
    runs = ways(options)
    if common.chosen(parser, options, runs) is None:
        common.time_all(runs)
        return
    warnings.filterwarnings("ignore", category=UserWarning)
    torch.set_num_threads(options.threads)
    torch.set_default_device(options.device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
    torch.manual_seed(1)
    packs, one_dnn = runs[options.only]
    iteration = PROBLEMS[options.problem](options, packs)

    def run():
        with torch.backends.mkldnn.flags(enabled=one_dnn):
            iteration.run()
        if options.device == "cuda":
            torch.cuda.synchronize()

    batch, head = SETTINGS[options.problem][:2]
    common.emit(
        common.timed(options.only, run, options.warm_up, options.seconds, SETTINGS[options.problem][5]),
        torch,
        problem=options.problem, cell=options.cell or "rnn", hidden=options.hidden or 256,
        head=options.head or head, batch=options.batch or batch, paper=False,
        device=options.device, precision="tf32" if options.tf32 else "fp32",
    )


if __name__ == "__main__":
    main()
