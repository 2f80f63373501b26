"""Makes rocket.json: samples of windows, kernels that plain numpy fits to them, and its features of a window. On Debian 12:

    apt-get install python3-numpy
    python3 rocket.py > rocket.json

Of the paper (Dempster, Schmidt, Webb, 2021) with the numbers of RandomStream, channels scaled. float32 in the order of the block, so that
the shares are the same to the last bit.
"""
import base64
import itertools
import json
import struct
import sys

import numpy as np

MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15
WEIGHTS = list(itertools.combinations(range(9), 3))


def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


class Stream:
    def __init__(self, seed, purpose):
        self.key = mix((seed + STEP) & MASK)
        self.counter = 0
        for value in f"{purpose}\0".encode():
            self.key = mix(self.key ^ value)

    def bits(self):
        self.counter += 1
        return mix((self.key + self.counter * STEP) & MASK)

    def below(self, bound):
        return self.bits() * bound >> 64

    def share(self):
        return (self.bits() >> 11) / (1 << 53)


def dilations(rows, per_kernel):
    places = min(per_kernel, 32)
    ends = np.logspace(0, np.log2((rows - 1) / 8), places, base=2) + 1e-9
    found, counts = np.unique(ends.astype(int), return_counts=True)
    counts = counts * per_kernel // places
    counts[:per_kernel - counts.sum()] += 1
    return list(zip(found, counts))


def places(channels, rows, features, seed):
    """Dilation, weights of 2, channels, number of features, and the rows that are left out at each end."""
    random, found = Stream(seed, "rocket-channels"), []
    for number, (dilation, count) in enumerate(dilations(rows, features // 84)):
        for kernel, weights in enumerate(WEIGHTS):
            chosen, order = int((min(channels, 9) + 1) ** random.share()), list(range(channels))
            for i in range(chosen):
                other = i + random.below(channels - i)
                order[i], order[other] = order[other], order[i]
            found.append((dilation, weights, order[:chosen], count, 4 * dilation * ((number + kernel) % 2)))
    return found


def outputs(window, dilation, weights, channels):
    rows = window.shape[1]
    padded = np.pad(window, ((0, 0), (4 * dilation, 4 * dilation)))
    taps = [padded[:, k * dilation:k * dilation + rows] for k in range(9)]
    nine = -sum(taps[1:], taps[0])
    mixed = [sum((tap[c] for c in channels[1:]), tap[channels[0]]) for tap in taps]
    a, b, c = weights
    return sum((nine[i] for i in channels[1:]), nine[channels[0]]) + (mixed[a] + mixed[b] + mixed[c]) * np.float32(3)


def fit(windows, seed, features):
    scales = (1 / windows.astype(float).std(axis=(0, 2))).astype(np.float32)
    random, biases = Stream(seed, "rocket-windows"), []
    for dilation, weights, channels, count, _ in places(*windows.shape[1:], features, seed):
        window = windows[random.below(len(windows))] * scales[:, None]
        found = np.sort(outputs(window, dilation, weights, channels)).astype(float)
        for _ in range(count):
            place = (len(biases) + 1) * 1.6180339887498949 % 1 * (len(found) - 1)
            below = int(place)
            biases.append(np.float32(found[below] + (found[min(below + 1, len(found) - 1)] - found[below]) * (place - below)))
    return scales, np.array(biases, np.float32)


def transform(window, seed, scales, biases):
    shares = []
    for dilation, weights, channels, count, cut in places(*window.shape, len(biases), seed):
        found = outputs(window * scales[:, None], dilation, weights, channels)[cut:window.shape[1] - cut]
        for _ in range(count):
            shares.append(np.float32((found > biases[len(shares)]).sum()) / np.float32(len(found)))
    return np.array(shares, np.float32)


def text(values):
    return base64.b64encode(values).decode()


def case(channels, rows, count, features, seed):
    random = np.random.default_rng(seed)
    windows = random.normal(size=(count, channels, rows)).cumsum(2) * 10.0 ** random.integers(-2, 3, channels)[:, None]
    windows = windows.astype(np.float32)
    scales, biases = fit(windows, seed, features)
    head = struct.pack("<Biiiq", 1, channels, rows, features, seed)
    return {
        "channels": channels, "rows": rows, "windows": text(windows.tobytes()), "seed": seed, "features": features,
        "kernels": text(head + scales.tobytes() + biases.tobytes()),
        "shares": text(transform(windows[0], seed, scales, biases).tobytes()),
    }


if __name__ == "__main__":
    json.dump([case(1, 9, 3, 84, 1), case(3, 128, 4, 1008, 2), case(12, 97, 2, 420, 3), case(2, 1000, 1, 504, 4)], sys.stdout, indent=1)
