"""FedAdapt's agent, FedFly and ARES once more, in numpy, written from the specification before the sources were read.

    dotnet run -c Release --project Examples/Papers -- partition train --json > figures.json
    python3 fedadapt_agent.py figures.json

Takes some minutes. Without a file it prints its own figures alone.
"""
import itertools, json, sys
import numpy as np

FWD = dict(pi3=[.8615, .9475, 1.4471, 1.4670, 1.6472, 1.7772, 1.8515], nano=[.00935, .01496, .01994, .02016, .04313, .10707, .12375])
BWD = dict(pi3=[.4920, .5453, 1.5310, 1.4755, 1.9282, 2.0050, 2.0915], nano=[.01922, .01168, .01646, .02846, .02261, .09011, .08125])
CUM = {k: np.array(FWD[k]) + np.array(BWD[k]) for k in FWD}                    # cumulative s a batch of 100, VGG-5
POW = dict(pi3=(3.8, 1.1, .8), nano=(7.253, 2.320, 2.260))
def chain(text):                                                               # '32 32 M .. d10' -> out elements, MACs, dense index
    c, s, out, mac, dense = 3, 32, [], [], None
    for i, w in enumerate(text.split()):
        if w == 'M': s //= 2; m = 0
        elif w[0] == 'd':
            dense = i if dense is None else dense
            m = c * s * s * int(w[1:]); c, s = int(w[1:]), 1
        else: m = 9 * c * int(w) * s * s; c = int(w)
        out.append(c * s * s); mac.append(m)
    return np.array(out), np.array(mac, float), dense
class Model:
    def __init__(m, name):
        m.out, mac, m.dense = chain('32 M 64 M 64 d128 d10' if name == 'vgg5' else '32 32 M 64 64 M 128 128 M d128 d10')
        m.L, m.frac, five = len(mac), np.cumsum(mac) / mac.sum(), chain('32 M 64 M 64 d128 d10')[1].sum()
        size = mac.sum() / five                                                # vgg8: no profile, therefore MACs at VGG-5's rate
        m.cum = CUM if name == 'vgg5' else {k: m.frac * v[-1] * size for k, v in CUM.items()}
        m.server = .15 * size * (1 - m.cum['pi3'] / m.cum['pi3'][-1])          # what is left after split p
    def split(m, f):                                                           # nearest fraction, ties to the later, dense -> native
        d = np.abs(m.frac - f); p = np.flatnonzero(d <= d.min() + 1e-9).max()
        return m.L - 1 if p >= m.dense else p
    def parts(m, kind, p, up, dn, width, speed=1., theta=0.):                  # device, server, up, down seconds
        v = m.out[p] * 100 * width * 8 if p < m.L - 1 else 0
        return m.cum[kind][p] / speed, m.server[p], v / up, v / dn, theta
    def time(m, *a, **k): return sum(m.parts(*a, **k))
    def energy(m, kind, *a, **k):
        d, _, u, r, _ = m.parts(kind, *a, **k); return np.dot(POW[kind], (d, u, r))

FLEET = [('pi3', 1.), ('pi3', 1.), ('pi3', 1.9), ('pi3', 1.9), ('nano', 1.)]
def kmeans(x, g):                                                              # exact in one dimension; group 0 is the slowest
    o = np.argsort(x); best = None
    for cuts in itertools.combinations(range(1, len(x)), g - 1):
        parts = np.split(o, cuts); sse = sum(((x[q] - x[q].mean()) ** 2).sum() for q in parts)
        if best is None or sse < best[0]: best = sse, parts
    who = np.zeros(len(x), int)
    for k, q in enumerate(reversed(best[1])): who[q] = k
    return who
class World:
    def __init__(w, model, bw, width, drops=False, low=15e6, noise=0.):        # low: [code] has 5e6, above which a drop to 10e6 is not seen
        w.m, w.bw, w.width, w.drops, w.low, w.noise = model, bw, width, drops, low, noise
        w.base = np.array([model.time(k, model.L - 1, 1, 1, 1, speed=s) for k, s in FLEET])
        w.k = kmeans(w.base, 2 if drops else 3); w.reset()
    def reset(w): w.down, w.p, w.t = None, [w.m.L - 1] * 5, w.base.copy(); return w.state()
    def rate(w, i): return 10e6 if w.down == i else w.bw
    def group(w): return np.array([2 if w.drops and w.rate(i) < w.low else w.k[i] for i in range(5)])
    def state(w):
        g, s = w.group(), np.zeros(6); s[3:] = 1                               # an empty group: 0 s, keeps all (specification silent)
        for k in range(3):
            q = np.flatnonzero(g == k)
            if len(q): i = q[np.argmax(w.t[q])]; s[k], s[3 + k] = w.t[i], w.m.frac[w.p[i]]
        return s
    def step(w, a, down=None, rng=None):                                       # splits by last round's grouping, then the round
        w.p, w.down = [w.m.split(a[k]) for k in w.group()], down
        x = np.array([w.m.parts(k, p, w.rate(i), w.rate(i), w.width, speed=s) for i, ((k, s), p) in enumerate(zip(FLEET, w.p))])
        if rng is not None and w.noise: x[:, :2] *= 1 + w.noise * rng.normal(size=(5, 2)) / np.sqrt([[5], [5], [5], [5], [50]])
        w.t = x.sum(1); r = np.where(w.t < w.base, (w.base - w.t) / w.base, -(w.t - w.base) / w.t).sum()
        return w.state(), r, w.t.max() >= w.base.max()
class Net:                                                                     # K dense nets side by side, tanh inside, Adam
    def __init__(n, K, sizes, rng, out=lambda x: x):
        n.w = [(rng.uniform(-1, 1, (K,) + s) / np.sqrt(a)).astype('f') for a, b in zip(sizes, sizes[1:]) for s in ((a, b), (1, b))]
        n.out, n.mo, n.ve, n.k = out, [0 * w for w in n.w], [0 * w for w in n.w], 0
    def __call__(n, x):
        x = x.astype('f'); n.h = [x]
        for i in range(0, len(n.w), 2):
            x = x @ n.w[i] + n.w[i + 1]; x = np.tanh(x) if i < len(n.w) - 2 else n.out(x); n.h.append(x)
        return x
    def learn(n, d, lr=3e-4):                                                  # d: gradient before the last activation
        grads, d = [None] * len(n.w), d.astype('f')
        for i in range(len(n.w) - 2, -1, -2):
            h = n.h[i // 2]; grads[i], grads[i + 1] = h.swapaxes(1, 2) @ d, d.sum(1, keepdims=True)
            d = (d @ n.w[i].swapaxes(1, 2)) * (1 - h * h)
        n.k += 1
        for i, q in enumerate(grads):
            n.mo[i] *= .9; n.mo[i] += .1 * q; q *= q; q *= .001; n.ve[i] *= .999; n.ve[i] += q
            n.w[i] -= lr / (1 - .9 ** n.k) * n.mo[i] / (np.sqrt(n.ve[i] / (1 - .999 ** n.k)) + 1e-8)
def draw(world, rng): return int(rng.integers(6)) - 1 if world.drops else None  # -1: none; for ten steps (specification silent)
def agents(make, seed, K=1, updates=50):                                       # K independent agents in step, 10 steps and 50 epochs an update
    rng, worlds = np.random.default_rng(seed), [make() for _ in range(K)]
    actor, critic = Net(K, [6, 64, 32, 3], rng, lambda x: 1 / (1 + np.exp(-x))), Net(K, [6, 64, 32, 1], rng)
    s, n, down = np.array([w.reset() for w in worlds]), np.zeros(K, int), [None] * K
    for up in range(updates):
        S, A, L, R, E = (np.zeros((K, 10) + d) for d in ((6,), (3,), (), (), ())); sd = .5 * .9 ** max(0, up - 20)
        for j in range(10):
            mu = actor(s[:, None])[:, 0]; a = mu + sd * rng.normal(size=mu.shape)
            S[:, j], A[:, j], L[:, j] = s, a, -.5 * (((a - mu) / sd) ** 2).sum(1)
            for k, w in enumerate(worlds):
                if n[k] % 10 == 0: down[k] = draw(w, rng)
                s[k], R[k, j], E[k, j] = w.step(a[k], down[k], rng); n[k] += 1
                if E[k, j] or n[k] == 100: E[k, j], n[k], s[k] = 1, 0, w.reset()
        for j in range(8, -1, -1): R[:, j] += .9 * R[:, j + 1] * (1 - E[:, j])
        R = (R - R.mean(1, keepdims=True)) / (R.std(1, ddof=1, keepdims=True) + 1e-5)
        for _ in range(50):
            mu, V = actor(S), critic(S)[..., 0]; adv = R - V
            ratio = np.exp(-.5 * (((A - mu) / sd) ** 2).sum(2) - L)
            live = ratio * adv <= np.clip(ratio, .8, 1.2) * adv                # the min is the unclipped branch
            actor.learn(-(live * ratio * adv)[..., None] * (A - mu) / sd ** 2 * mu * (1 - mu) / 10)
            critic.learn((V - R)[..., None] / 10)
    return [lambda x, k=k: actor(np.tile(x, (K, 1, 1)))[k, 0] for k in range(K)]
def trial(world, policy, seed):                                                # rewards of 60 steps of the simulator: to choose among agents
    rng, s, n, total = np.random.default_rng(seed), world.reset(), 0, 0.
    for _ in range(60):
        if n % 10 == 0: down = draw(world, rng)
        s, r, end = world.step(policy(s), down, rng); total += r; n += 1
        if end: s, n = world.reset(), 0
    return total
def deploy(world, policy):                                                     # 100 rounds, the first classic -> share of classic time, plans
    s, total, plans = world.reset(), world.base.max(), {}
    for r in range(1, 100):
        s = world.step(policy(s), (r - 50) // 10 if world.drops and r >= 50 else None)[0]; total += world.t.max()
        key = ' '.join(str(int(x)) for x in world.p); plans[key] = plans.get(key, 0) + 1
    return total / (100 * world.base.max()), plans
def ares_alone(m, kind, bw, width, alpha):
    t = np.array([m.time(kind, p, bw, bw, width) for p in range(m.L)]); e = np.array([m.energy(kind, p, bw, bw, width) for p in range(m.L)])
    p = int(np.argmin(alpha * t / np.linalg.norm(t) + (1 - alpha) * e / np.linalg.norm(e))); return p, t[p], e[p]
def ares_joint(m, kinds, bw, width, alpha):
    t = np.array([[m.time(k, p, bw, bw, width) for p in range(m.L)] for k in kinds]); e = np.array([[m.energy(k, p, bw, bw, width) for p in range(m.L)] for k in kinds])
    best = None
    for x in np.unique(t):
        if (t.min(1) > x).any(): continue
        s = np.argmin(np.where(t <= x, e, np.inf), 1); q = range(len(kinds))
        v = alpha * t[q, s].max() / t[:, -1].max() + (1 - alpha) * e[q, s].sum() / e[:, -1].sum()
        if best is None or v < best[0] - 1e-12: best = v, s.tolist(), t[q, s].max(), e[q, s].sum(), t[:, -1].max(), e[:, -1].sum(), t[q, s], e[q, s]
    return best

if __name__ == '__main__':                                                     # [figures.json of partition train --json]
    five = Model('vgg5'); assert [five.split(x) for x in (.05, .38, .39, .79, .80, .97)] == [1, 1, 3, 3, 4, 6]      # AT-4d
    T, o = 100 * five.time('pi3', 3, 75e6, 75e6, 4), (2 * 4 * (36928 + 128 + 524416 + 1290) + 4096 * 100 * 4) * 8 / 75e6
    for bw, alpha, pi, nano in ((40e6, 1, 1, 6), (40e6, 0, 1, 3), (75e6, 0, 0, 3), (1e6, .5, 5, 6), (1e6, 1, 6, 6)):          # AT-4i; 75: Pi alone ours
        assert [ares_alone(five, k, bw, 1, alpha)[0] for k in ('pi3', 'nano')] == [pi, nano]
    one = [ares_alone(five, 'pi3', 40e6, width, .5) for width in (1, 4)]; j = ares_joint(five, ['pi3'] * 2 + ['nano'] * 3, 40e6, 1, .5)
    mine = [-(q * T - o) / (T * (1 + q)) for q in (.5, .9)] + [o] + [x / y - 1 for _, t, e in one for x, y in
        ((t, five.time('pi3', 6, 1, 1, 1)), (e, five.energy('pi3', 6, 1, 1, 1)))] + [j[2] / j[4] - 1, j[3] / j[5] - 1]
    theirs = [x['ours'] for x in json.load(open(sys.argv[1]))] if sys.argv[1:] else [np.nan] * 17
    print('FedFly 50 %, 90 %, s; ARES 8 bit s J, float32 s J, joint s J:', *(f'{a:.5f} ({b:.5f})' for a, b in zip(mine, theirs[8:])))
    assert not sys.argv[1:] or np.allclose(mine, theirs[8:], rtol=0, atol=1e-9)
    for i, (name, (bw, width, drops)) in enumerate(itertools.product(('vgg5', 'vgg8'), ((75e6, 4, 0), (75e6, 1, 0), (1e9, 4, 0), (75e6, 4, 1)))):
        m = Model(name); make = lambda: World(m, bw, width, drops, noise=.05)
        for seed in range(3):                                                  # the specification has one agent, the program the best of 16
            team = agents(make, seed, 16); alone = [deploy(make(), x) for x in team]; b = deploy(make(), agents(make, seed, 1, 0)[0])[0]
            share, plans = alone[int(np.argmax([trial(make(), x, seed) for x in team]))]
            print(f'{name} {bw / 1e6:.0f} Mbit/s {width} B{" drops" * drops} seed {seed}: best of 16 {1 / share:.4f}x ({share - 1:+.1%}), theirs '
                  f'{theirs[i]:.4f}; single agents {sorted(round(float(1 / x[0]), 2) for x in alone)}; untrained {1 / b:.3f}x; {plans}', flush=True)
