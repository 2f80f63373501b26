"""Codes of updates by numpy, for UpdateCodesIndependent in StreamLearn.Fleets.Tests: run it, and compare what it prints with the numbers there."""
import numpy as np

n, rounds = 200, 20
updates = [np.sin(np.arange(n) * (t + 1) * 0.7).astype(np.float32) for t in range(rounds)]


def ef_sign():
    e, total = np.zeros(n, np.float64), np.zeros(n)
    for g in updates:
        p = g + e
        sent = np.abs(p).mean() * np.where(p >= 0, 1, -1)
        e, total = p - sent, total + sent
    return total, e


def dgc(share=0.05, m=0.9):
    u, v, total = np.zeros(n), np.zeros(n), np.zeros(n)
    for g in updates:
        u = m * u + g
        v = v + u
        top = np.argsort(-np.abs(v), kind="stable")[: round(share * n)]
        total[top] += v[top]
        u[top], v[top] = 0, 0
    return total, v


def variance(code, draws=20000):
    rng, g = np.random.default_rng(1), updates[3][:24].astype(np.float64)
    all_ = np.array([code(g, rng) for _ in range(draws)])
    return all_.mean(0) - g, all_.var(0).sum()


def qsgd(g, rng, s=7):
    r = s * np.abs(g) / np.linalg.norm(g)
    low = np.floor(r)
    return np.linalg.norm(g) * np.sign(g) * (low + (rng.random(g.size) < r - low)) / s


def terngrad(g, rng):
    clipped = np.clip(g, -2.5 * g.std(), 2.5 * g.std())
    s = np.abs(clipped).max()
    return s * np.sign(clipped) * (rng.random(g.size) < np.abs(clipped) / s)


for name, run in [("ef-sign", ef_sign), ("dgc", dgc)]:
    total, rest = run()
    print(name, "sent", *(f"{x:.4f}" for x in total[:6]), "norm", f"{np.linalg.norm(total):.4f}", "rest", f"{np.linalg.norm(rest):.4f}")
for name, code in [("qsgd", qsgd), ("terngrad", terngrad)]:
    off, spread = variance(code)
    print(name, "mean off by", f"{np.abs(off).max():.4f}", "variance", f"{spread:.4f}")
