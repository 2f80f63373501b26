"""FedAdapt once more, in numpy: shares of the work, the mapping to a split index, the groups, and what splits gain.

    python3 fedadapt_mapping.py

Times of VGG-8 are those of VGG-5 by multiply-adds, an assumption of this library.
"""
import itertools

import numpy as np

PI = np.array([.8615, .9475, 1.4471, 1.4670, 1.6472, 1.7772, 1.8515]) \
    + np.array([.4920, .5453, 1.5310, 1.4755, 1.9282, 2.0050, 2.0915])
NANO = np.array([.00935, .01496, .01994, .02016, .04313, .10707, .12375]) \
    + np.array([.01922, .01168, .01646, .02846, .02261, .09011, .08125])


def conv(inputs, outputs, side):
    return outputs * side * side, 9 * inputs * outputs * side * side


MODELS = {
    "vgg5": ([conv(3, 32, 32), (8192, 0), conv(32, 64, 16), (4096, 0), conv(64, 64, 8), (128, 4096 * 128), (10, 1280)], 5),
    "vgg8": ([conv(3, 32, 32), conv(32, 32, 32), (8192, 0), conv(32, 64, 16), conv(64, 64, 16), (4096, 0), conv(64, 128, 8),
              conv(128, 128, 8), (2048, 0), (128, 2048 * 128), (10, 1280)], 9),
}


def shares(layers):
    work = np.cumsum([m for _, m in layers])
    return work / work[-1]


def index_of(layers, dense, share):
    """The nearest share, of equal ones the last; a dense layer means all."""
    distance = np.abs(shares(layers) - share)
    nearest = max(np.flatnonzero(distance <= distance.min()))
    return len(layers) - 1 if nearest >= dense else int(nearest)


def times(name, whole):
    """Cumulative seconds of a batch."""
    layers, _ = MODELS[name]
    if name == "vgg5":
        return whole
    work = sum(m for _, m in layers) / sum(m for _, m in MODELS["vgg5"][0])
    return whole[-1] * work * shares(layers)


def batch(name, whole, mbit, size):
    """Seconds of a batch by split index."""
    layers, _ = MODELS[name]
    own, pi = times(name, whole), times(name, PI)
    link = np.array([o for o, _ in layers]) * 100 * 8 * size / (mbit * 1e6)
    link[-1] = 0
    return own + .15 * pi[-1] / PI[-1] * (1 - pi / pi[-1]) + 2 * link


def groups(baselines, count):
    """The optimum of k-means: of all ways to cut the sorted times."""
    values = np.sort(baselines)[::-1]
    cuts = itertools.combinations(range(1, len(values)), count - 1)
    return min((sum(((part - part.mean()) ** 2).sum() for part in np.split(values, cut)), [part.mean() for part in np.split(values, cut)])
               for cut in cuts)[1]


if __name__ == "__main__":
    for name, (layers, dense) in MODELS.items():
        print(name, "shares", np.round(shares(layers), 5))
        points = sorted({index_of(layers, dense, a) for a in np.linspace(0, 1, 100001)})
        print(name, "points", points)
        changes = [a for a in np.linspace(0, 1, 10001) if index_of(layers, dense, a) != index_of(layers, dense, a - 1e-4)]
        print(name, "first share of each later point", np.round(changes, 4))
        fleet = [PI, PI, PI / 1.9, PI / 1.9, NANO]
        for mbit, size in ((75, 4), (75, 1), (1000, 4)):
            costs = [batch(name, whole, mbit, size) for whole in fleet]
            local = max(c[-1] for c in costs)
            print(name, mbit, "Mbit/s", size, "bytes, round of each common split:", np.round([max(c[s] for c in costs)
                  for s in range(len(layers))], 3), "gain of the best:", round(local / min(max(c[s] for c in costs)
                  for s in range(len(layers))), 4))
        drops = []
        for s in range(len(layers)):
            total = 0
            for r in range(100):
                links = [10 if r >= 50 and (r - 50) // 10 == d else 75 for d in range(5)]
                total += max(batch(name, whole, mbit, 4)[s] for whole, mbit in zip(fleet, links))
            drops.append(total / (100 * max(batch(name, whole, 75, 4)[-1] for whole in fleet)))
        print(name, "time under drops of each common split:", np.round(drops, 4))
        print(name, "groups", np.round(groups([times(name, whole)[-1] for whole in fleet], 3), 4))
    for a in (.05, .38, .39, .79, .80, .97):
        print("vgg5", a, "->", index_of(*MODELS["vgg5"], a))
    normal = batch("vgg5", PI, 75, 4)
    slow = batch("vgg5", PI, 10, 4)
    pi4 = batch("vgg5", PI / 1.9, 75, 4)
    # FedAdapt's plan, round by round: classic first; split 1 on each Pi 3, all layers elsewhere; a dropped Pi 3 moves one round late
    total = normal[6] + 49 * normal[1]
    total += slow[1] + 9 * normal[6] + max(slow[1], normal[6]) + 9 * normal[6] + normal[6] + 29 * max(normal[1], pi4[6])
    print("vgg5 plan under drops: share of classic", round(total / (100 * normal[6]), 4))
