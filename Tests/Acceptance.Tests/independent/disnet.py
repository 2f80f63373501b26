"""Blocks of rows over meshes once more, from the specification alone: DISNET with head and set by cost, and its baselines.

    python3 disnet.py

Meshes are drawn by Python, so the figures are those of other meshes than the suite's. Throughputs are drawn in three ways: from half the cap
to the cap, from 10 to 50 Mbit/s and at most the cap, and from 1 to the cap. Then DISNET's own rule, with energy. Rows go in proportion to rates; a block takes max (in + computing) + gathering.
"""
import functools
import random
import statistics

LAYERS, channels, height = [], 3, 224
for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
    LAYERS.append((3, 1, 1, channels, width, height) if width else (2, 2, 0, channels, channels, height))
    channels, height = width or channels, height if width else height // 2
BLOCKS = ((0, 4, 6), (4, 9, 5), (9, 14, 4), (14, 18, 3))
UNIT, SOURCE, SINK = .05e9, 0, 9
DRAWS = {"half the cap to the cap": lambda r, cap: r.uniform(cap / 2, cap), "10 to 50, capped": lambda r, cap: min(cap, r.randint(10, 50)),
         "1 to the cap": lambda r, cap: r.randint(1, cap)}


def out(layer):
    k, s, q, _, _, h = layer
    return (h + 2 * q - k) // s + 1


def macs(layer):
    """Multiply-adds of an output row; a pool has none."""
    k, _, _, ci, co, _ = layer
    return k * k * ci * co * out(layer) if k == 3 else 0


def values(boundary):
    return 3 * 224 * 224 if boundary == 0 else LAYERS[boundary - 1][4] * out(LAYERS[boundary - 1]) ** 2


def share(rows, rates):
    exact = [rows * r / sum(rates) for r in rates]
    n = [int(x) for x in exact]
    for i in sorted(range(len(n)), key=lambda i: n[i] - exact[i])[:rows - sum(n)]:
        n[i] += 1
    return n


@functools.lru_cache(None)
def parts(first, end, rates):
    """Of each node: values in, multiply-adds, values out."""
    row, last, result = 0, LAYERS[end - 1], []
    for n in share(out(last), rates):
        a, b, work = row, row + n, 0
        for layer in reversed(LAYERS[first:end]):
            k, s, q, _, _, h = layer
            work += macs(layer) * (b - a)
            a, b = max(0, a * s - q), min(h, (b - 1) * s - q + k)
        result.append(((b - a) * LAYERS[first][3] * LAYERS[first][5], work, n * last[4] * out(last)) if n else None)
        row += n
    return result


class Mesh:
    def __init__(self, seed, cap, draw):
        r = random.Random(1000 * seed + cap)
        self.rate, links = [r.randint(1, 10) for _ in range(10)], {}
        while len(links) < 15:
            a, b = (r.randrange(len(links) + 1), len(links) + 1) if len(links) < 9 else sorted(r.sample(range(10), 2))
            links.setdefault((a, b), DRAWS[draw](r, cap))
        self.links, self.power = links, [r.choice(((3.8, 1), (2.2, .8), (1.2, 1.1))) for _ in range(10)]
        self.near = [[b for b in range(10) if (min(a, b), max(a, b)) in links] for a in range(10)]
        self.way = [[0 if a == b else 8e-6 / links.get((min(a, b), max(a, b)), 1e-99) for b in range(10)] for a in range(10)]
        for c in range(10):
            for a in range(10):
                for b in range(10):
                    self.way[a][b] = min(self.way[a][b], self.way[a][c] + self.way[c][b])

    def sets(self, head, most):
        near = sorted(self.near[head], key=lambda i: -self.rate[i])
        return [(head, *near[:n]) for n in range(min(most, len(near) + 1))]

    def block(self, first, end, nodes, to):
        slowest = gather = 0
        for i, part in zip(nodes, parts(first, end, tuple(self.rate[i] for i in nodes))):
            if part:
                slowest = max(slowest, part[0] * self.way[nodes[0]][i] + part[1] / (UNIT * self.rate[i]))
                gather += part[2] * self.way[i][to]
        return slowest + gather

    def micro(self, blocks):
        cost = [values(0) * self.way[SOURCE][h] for h in range(10)]
        for first, end, most in blocks:
            cost = [min(cost[h] + self.block(first, end, s, to) for h in range(10) for s in self.sets(h, most)) for to in range(10)]
        return cost[SINK]

    def paths(self, path=(SOURCE,)):
        if path[-1] == SINK:
            return [path]
        return [p for n in self.near[path[-1]] if n not in path for p in self.paths((*path, n))]

    def rule(self, es, is_weighted):
        """Seconds and joules of DISNET's own rule. A byte that is passed on costs the power of its first sender on each link."""
        left = [[1 - (1 - es) * p[k] / max(q[k] for q in self.power) for p in self.power] for k in (0, 1)]
        weight = [r * x for r, x in zip(self.rate, left[0])]
        path = max(self.paths(), key=lambda p: sum(
            self.links[min(a, b), max(a, b)] / 5 * left[1][a] + weight[b] for a, b in zip(p, p[1:])) / (len(p) - 1))
        around = lambda h, n: (h, *sorted(self.near[h], key=lambda i: -weight[i])[:n - 1])
        heads, at = [], 0
        for *_, n in BLOCKS:
            at = max(range(at, len(path)), key=lambda i: sum(weight[j] for j in around(path[i], n)))
            heads.append(path[at])
        seconds = values(0) * self.way[SOURCE][heads[0]]
        joules = seconds * self.power[SOURCE][1]
        for (first, end, n), head, to in zip(BLOCKS, heads, [*heads[1:], SINK]):
            nodes = around(head, n)
            shares = [weight[i] for i in nodes] if is_weighted and any(weight[i] for i in nodes) else [self.rate[i] for i in nodes]
            slowest = gather = 0
            for i, part in zip(nodes, parts(first, end, tuple(shares))):
                if part:
                    given, work, back = part[0] * self.way[head][i], part[1] / (UNIT * self.rate[i]), part[2] * self.way[i][to]
                    slowest, gather = max(slowest, given + work), gather + back
                    joules += given * self.power[head][1] + work * self.power[i][0] + back * self.power[i][1]
            seconds += slowest + gather
        return seconds, joules

    def per_layer(self):
        return min(values(0) * self.way[SOURCE][h] + sum(self.block(i, i + 1, s, h if i < 17 else SINK) for i in range(18))
                   for h in range(10) for s in self.sets(h, 6)[1:])


if __name__ == "__main__":
    print(f"VGG-16: {sum(macs(x) * out(x) for x in LAYERS):,} multiply-adds")
    for draw in DRAWS:
        for cap in (10, 15):
            meshes = [Mesh(seed, cap, draw) for seed in range(20)]
            ours = [m.micro(BLOCKS) for m in meshes]
            layer = [a / m.per_layer() for a, m in zip(ours, meshes)]
            chain = [a / m.micro([(f, e, 1) for f, e, _ in BLOCKS]) for a, m in zip(ours, meshes)]
            print(f"cap {cap}, {draw}: per layer {statistics.median(layer):.3f} worst {max(layer):.2f}; "
                  f"chain {statistics.median(chain):.3f} worst {max(chain):.2f}")
            for is_weighted in (True, False) if draw.startswith("half") else ():
                costs = [[m.rule(es, is_weighted) for m in meshes] for es in (0, .25, .5, .75, 1)]
                print(f"  es 0 to 1, rows by {'weighted rates' if is_weighted else 'rates'}:", "; ".join(
                    f"{statistics.median(t for t, _ in c):.1f} s {statistics.median(e for _, e in c):.0f} J" for c in costs))
