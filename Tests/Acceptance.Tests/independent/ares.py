"""The calibration of ARES once more, in numpy: the cost of each split, the rule of each device, and the joint rule by trying all plans.

    python3 ares.py

Times are cumulative, per batch of 100 rows, as the code of Samikwa et al. (2022) has them; an edge server takes 0.15 s for all layers.
"""
import itertools

import numpy as np

OUT = np.array([32768, 8192, 16384, 4096, 4096, 128, 10])
PI = (np.array([.8615, .9475, 1.4471, 1.4670, 1.6472, 1.7772, 1.8515])
      + np.array([.4920, .5453, 1.5310, 1.4755, 1.9282, 2.0050, 2.0915]), (3.8, 1.1, .8))
NANO = (np.array([.00935, .01496, .01994, .02016, .04313, .10707, .12375])
        + np.array([.01922, .01168, .01646, .02846, .02261, .09011, .08125]), (7.253, 2.320, 2.260))
BATCHES = 100


def cost(device, mbit, size):
    """Seconds and joules of a batch for each split index, 6 being all layers."""
    times, (computing, sending, receiving) = device
    server = .15 * (1 - PI[0] / PI[0][-1])
    link = OUT * 100 * 8 * size / (mbit * 1e6)
    link[-1] = 0
    return times + server + 2 * link, computing * times + (sending + receiving) * link


def per_device(device, mbit, size, alpha):
    t, e = cost(device, mbit, size)
    return int(np.argmin(alpha * t / np.linalg.norm(t) + (1 - alpha) * e / np.linalg.norm(e)))


def joint(devices, mbit, size, alpha):
    """The best of all plans, and of all common ones: (value, splits, seconds, joules of a round)."""
    costs = [cost(device, mbit, size) for device in devices]
    t0, e0 = max(t[-1] for t, _ in costs), sum(e[-1] for _, e in costs)

    def value(splits):
        t = max(c[0][s] for c, s in zip(costs, splits))
        e = sum(c[1][s] for c, s in zip(costs, splits))
        return alpha * t / t0 + (1 - alpha) * e / e0, splits, BATCHES * t, BATCHES * e

    return min(map(value, itertools.product(range(7), repeat=len(devices)))), min(value((s,) * len(devices)) for s in range(7))


if __name__ == "__main__":
    for size, name in ((1, "1 byte"), (4, "4 bytes")):
        t, e = cost(PI, 40, size)
        s = per_device(PI, 40, size, .5)
        print(f"Pi 40 Mbit/s {name}: split {s} {t[s]:.4f} s {e[s]:.4f} J, local {t[6]:.4f} s {e[6]:.4f} J, "
              f"time {100 * (t[s] / t[6] - 1):.2f} %, energy {100 * (e[s] / e[6] - 1):.2f} %")
    for name, device in (("Pi", PI), ("Nano", NANO)):
        for mbit in (1, 10, 15, 20, 30, 40, 75):
            print(f"{name} {mbit} Mbit/s, alpha 0 .25 .5 .75 1:", *(per_device(device, mbit, 1, a) for a in (0, .25, .5, .75, 1)))
    for alpha in (0, .25, .5, .75, 1):
        best, common = joint([PI, PI, NANO, NANO, NANO], 40, 1, alpha)
        print(f"fleet 40 Mbit/s alpha {alpha}: value {best[0]:.4f} {best[1]} {best[2]:.1f} s {best[3]:.1f} J, "
              f"common {common[0]:.4f} {common[1][0]}")
    t, _ = cost(PI, 75, 4)
    parameters = 36928 + 128 + 524416 + 1290
    move = 8 * (8 * parameters + 4 * 100 * OUT[3]) / 75e6
    for q in (.25, .5, .9):
        total = BATCHES * t[3]
        print(f"FedFly q {q}: T {total:.1f} s, move {move:.4f} s, saving {100 * (q * total - move) / (total * (1 + q)):.2f} %")
