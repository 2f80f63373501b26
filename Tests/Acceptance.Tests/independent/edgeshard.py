"""EdgeShard once more, from the specification alone: the scenario of 15 devices, with each kind of device counted and not searched.

    python3 edgeshard.py

Links carry 50 Mbit/s, that between source and server 1 Mbit/s. Equal devices are interchangeable, so a plan is: how many blocks the source,
the server, and each of the other devices have.
"""
import itertools

BLOCKS, SPEED, BITS = 32, 4.5, 65536
BLOCK, LINK, FAR, TOKEN = .14034 / BLOCKS, BITS / 50e6, BITS / 1e6, 32
ROOM = {"orin": int(32 / .875), "nx": int(16 / .875), "server": int(24 / .875)}


def plans():
    """Blocks of source and server, and of the devices between source and server (or none) and behind the server."""
    for source, server in itertools.product(range(1, ROOM["orin"] + 1), range(ROOM["server"] + 1)):
        rest = BLOCKS - source - server
        if rest == 0:
            yield source, server, 0, 0
        for before in range(max(0, rest) + 1):
            if rest > 0 and max(before, rest - before) <= ROOM["orin"]:
                yield source, server, before, rest - before


def latency(source, server, before, after):
    links = LINK * ((before > 0) + (after > 0) + (server > 0 and before > 0))
    links += FAR if server and not before else 0
    last = server > 0 and after == 0
    back = TOKEN / 1e6 if last else 0 if source == BLOCKS else TOKEN / 50e6
    return BLOCK * (source + before + after + server / SPEED) + links + back


def slowest():
    """The least stage for which all blocks find a place: 14 equal devices, none of them with more than its memory holds."""
    stages = sorted({n * BLOCK for n in range(1, BLOCKS + 1)} | {n * BLOCK / SPEED for n in range(1, BLOCKS + 1)} | {LINK, FAR})
    for stage in stages:
        held = lambda kind, speed: min(ROOM[kind], int(stage / BLOCK * speed + 1e-9))
        if stage >= LINK and 12 * held("orin", 1) + 2 * held("nx", 1) + held("server", SPEED) >= BLOCKS:
            return stage


def play(stages, batches, tokens, has_bubbles):
    """Micro-batches in rounds: each begins a token when its own, or all of them, have come back."""
    free, ready = [0.] * len(stages), [0.] * batches
    for _ in range(tokens):
        for b in sorted(range(batches), key=lambda b: ready[b]):
            at = ready[b]
            for i, seconds in enumerate(stages):
                at = free[i] = max(at, free[i]) + seconds
            ready[b] = at
        if has_bubbles:
            ready = [max(ready)] * batches
    return max(ready)


if __name__ == "__main__":
    best = min(plans(), key=lambda p: latency(*p))
    two = min(BLOCK * (s + (BLOCKS - s) / SPEED) + FAR + TOKEN / 1e6 for s in range(BLOCKS - ROOM["server"], BLOCKS))
    halves = BLOCK * 16 * (1 + 1 / SPEED) + FAR + TOKEN / 1e6
    simple = min(two, halves, BLOCK * BLOCKS)
    print(f"latency {1e3 * latency(*best):.2f} ms, blocks {best}; alone {1e3 * BLOCK * BLOCKS:.2f}, halves {1e3 * halves:.2f}, "
          f"best two {1e3 * two:.2f}; {latency(*best) / simple:.3f}")
    stage, pair = slowest(), min(max(16 * BLOCK, LINK), max(min(max(s * BLOCK, (BLOCKS - s) * BLOCK / SPEED) for s in range(5, 32)), FAR))
    print(f"throughput {1 / stage:.1f} tokens/s, best simple {1 / pair:.1f}: {pair / stage:.2f}x; as many on all {3 * BLOCK / stage:.2f}x")
    stages = [x for _ in range(14) for x in (2 * BLOCK, LINK)] + [4 * BLOCK / SPEED, TOKEN / 50e6]
    for batches in (1, 2, 8, 32):
        rates = [batches * 96 / play(stages, batches, 96, bubbles) for bubbles in (False, True)]
        print(f"{batches} micro-batches: {rates[0]:.1f} tokens/s, with bubbles {rates[1]:.1f}")
