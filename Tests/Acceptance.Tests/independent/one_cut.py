"""One cut of a network between a device and a server once more: Neurosurgeon and EEoC, from the specification alone.

    python3 one_cut.py

Times are cumulative, forward, per batch of 100 rows, as the code of Samikwa et al. (2022) has them; a server takes 0.15 s forward and
backward for all layers, in proportion to the Pi. Cut i is the first layer that the server runs: 0 is all remote, 7 all local.
An answer of EEoC is ten values of four bytes.
"""
VALUES = [3072, 32768, 8192, 16384, 4096, 4096, 128, 10]
CUTS = range(8)
PI = ([0, .8615, .9475, 1.4471, 1.4670, 1.6472, 1.7772, 1.8515], (3.8, 1.1, .8))
NANO = ([0, .00935, .01496, .01994, .02016, .04313, .10707, .12375], (7.253, 2.320, 2.260))
SERVER = [t * .15 / (1.8515 + 2.0915) for t in PI[0]]
DEVICES = {"pi3": PI, "nano": NANO}


def neurosurgeon(device, mbit, load, size=4):
    """Seconds and joules of a row for each cut: the least of either is the choice."""
    times, (computing, sending, _) = device
    seconds, joules = [], []
    for i in CUTS:
        link = 8 * size * VALUES[i] / (mbit * 1e6) if i < 7 else 0
        seconds.append(times[i] / 100 + link + (SERVER[7] - SERVER[i]) / 100 * load)
        joules.append(computing * times[i] / 100 + sending * link)
    return seconds, joules


def eeoc(device, mbit, load, alpha, size=4, idle=0.0, delay=0.0):
    """Value, seconds and joules of a row for each cut."""
    times, (computing, sending, receiving) = device
    seconds, joules = [], []
    for i in CUTS:
        up, down, way = (8 * size * VALUES[i] / (mbit * 1e6), 8 * 40 / (mbit * 1e6), 2 * delay) if i < 7 else (0, 0, 0)
        wait = (SERVER[7] - SERVER[i]) / 100 * load + way
        seconds.append(times[i] / 100 + up + down + wait)
        joules.append(computing * times[i] / 100 + sending * up + receiving * down + idle * wait)
    worst_t, worst_e = max(seconds[0], seconds[7]), max(joules[0], joules[7])
    return [alpha * t / worst_t + (1 - alpha) * e / worst_e for t, e in zip(seconds, joules)], seconds, joules


def least(costs):
    return min(CUTS, key=lambda i: costs[i])


if __name__ == "__main__":
    for name, device in DEVICES.items():
        for mbit in (54, 12, 2):
            for load in (1, 10):
                t, e = neurosurgeon(device, mbit, load)
                print(f"Neurosurgeon {name} {mbit} Mbit/s load {load}: latency cut {least(t)} {1e3 * min(t):.4f} ms, "
                      f"energy cut {least(e)} {1e3 * min(e):.4f} mJ, all remote {1e3 * t[0]:.4f} ms {1e3 * e[0]:.4f} mJ")
    for name, device in DEVICES.items():
        for size in (4, 1):
            for mbit in (.5, 1, 2, 5, 10, 20, 50, 100):
                for alpha in (0, .5, 1):
                    values = [eeoc(device, mbit, load, alpha, size)[0] for load in (1, 2, 5, 10)]
                    print(f"EEoC {name} {size} bytes {mbit} Mbit/s alpha {alpha}, load 1 2 5 10:",
                          *(f"{least(v)} ({min(v) / min(v[0], v[7]):.3f})" for v in values))
