"""A peer: the mean of 100 updates of a million float32 values, in ways that Python programs have. One thread."""
import os
import sys
import zlib
from functools import reduce

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Learning", "peers"))

import numpy as np      # noqa: E402

from asked import answer, cpu_of      # noqa: E402

UPDATES, COUNT = 100, 1_000_000
made = []


def updates():
    """The updates, made when they are asked for first."""
    if not made:
        first = np.random.default_rng(1).normal(0, 0.001, COUNT).astype(np.float32)
        made.extend(np.roll(first, u) for u in range(UPDATES))
    return made


def numpy_in_place():
    rows, total, product = updates(), np.zeros(COUNT, np.float32), np.empty(COUNT, np.float32)

    def work():
        for row in rows:
            np.multiply(row, np.float32(1.5), out=product)
            np.add(total, product, out=total)
    return cpu_of(work)


def torch_in_place():
    import torch
    torch.set_num_threads(1)
    rows, total = [torch.from_numpy(row) for row in updates()], torch.zeros(COUNT)

    def work():
        for row in rows:
            total.add_(row, alpha=1.5)
    return cpu_of(work)


def flower():
    """The formula of Flower's aggregate(): all products, then their sum, then the division."""
    results = [([row], 64) for row in updates()]

    def work():
        examples = sum(count for _, count in results)
        weighted = [[layer * count for layer in weights] for weights, count in results]
        for layers in zip(*weighted):
            reduce(np.add, layers) / examples
    return cpu_of(work)


def validated():
    """Checksum, finite values, norm, add, from bytes: crc32 of zlib, because Python has no crc32c."""
    frames, total, product = [row.tobytes() for row in updates()], np.zeros(COUNT, np.float32), np.empty(COUNT, np.float32)

    def work():
        for frame in frames:
            zlib.crc32(frame)
            row = np.frombuffer(frame, np.float32)
            if not np.isfinite(row).all() or not np.linalg.norm(row) < 1e9:
                raise ValueError("an update is refused")
            np.multiply(row, np.float32(1.5), out=product)
            np.add(total, product, out=total)
    return cpu_of(work)


answer("mean", {"numpy": numpy_in_place, "torch": torch_in_place, "flower": flower, "validated": validated})
