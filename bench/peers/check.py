#!/usr/bin/env python3
"""Checks that the ways of iteration.py are the same work: from one seed, all leave the same x, y and z. Exit code 1 if not."""
import argparse
import sys

import torch

import iteration


def main():
    worst = 0.0
    for problem, kind in iteration.PROBLEMS.items():
        for cell in ["rnn", "lstm"]:
            states = []
            for way, packs in [("public", True), ("tuned", True), ("tuned", False)]:
                torch.manual_seed(1)
                options = argparse.Namespace(problem=problem, cell=cell, hidden=12, head=8, batch=6, way=way)
                run = kind(options, packs)
                run.run()
                run.run()
                states.append([t.detach().clone() for t in [*run.x, *run.y, *run.z]])
            for other in states[1:]:
                worst = max(worst, max((a - b).abs().max().item() for a, b in zip(states[0], other)))
            print(f"{problem}, {cell}: largest difference so far {worst:.1e}")
    sys.exit(worst > 1e-4)


if __name__ == "__main__":
    main()
