"""The decision process of task offloading once more, in plain Python: value iteration and the baselines, by simulation of their own.

    python3 offload.py

A device with a queue of tasks and a store of energy runs a task itself, or sends it to one of two stations whose links change. After Chen
et al. (2018); the figures are those of OffloadedTasks.cs.
"""
import itertools
import math
import random

TASKS, ENERGY, STATIONS = 4, 4, 2
LOCAL, BITS, SNR, HANDOVER = 1.3, .9, (.4, 3.0), .4
STAY, UNITS, PRICES = .7, 1.2, (.5, 1.5)
DELAY, DROP, QUEUE, FAILURE, PAYMENT = 1, 15, 1, 3, 1
DISCOUNT, SLOTS = .9, 20000
ACTIONS = [(0, 0)] + [(c, e) for c in range(STATIONS + 1) for e in range(1, ENERGY + 1)]
LINKS = list(itertools.product(range(len(SNR)), repeat=STATIONS))


def outcome(state, action):
    """Delay in slots, whether the task is done, payment, station after it and energy that is left."""
    tasks, energy, station, links = state
    place, units = action
    units = min(units, energy)
    if tasks == 0 or units == 0:
        return 0, None, 0, station, energy
    if place == 0:
        delay, pay, after = LOCAL / math.sqrt(units), 0, station
    else:
        time = BITS / math.log2(1 + SNR[links[place - 1]] * units)
        delay, pay, after = time + (HANDOVER if place - 1 != station else 0), PRICES[place - 1] * min(time, 1), place - 1
    return min(delay, 1), delay <= 1, pay, after, energy - units


def cost(state, action, arrivals):
    """The expected cost of a slot, and what is left of the queue before tasks arrive."""
    delay, done, pay, after, energy = outcome(state, action)
    left = state[0] - (1 if done else 0)
    base = DELAY * delay + QUEUE * left + FAILURE * (done is False) + PAYMENT * pay
    return base, arrivals * DROP * (left == TASKS), left, after, energy


def energy_chances(left):
    """Chances of the energy after the units that arrive, of which the store holds no more than its size."""
    chances = [0.0] * (ENERGY + 1)
    for units in range(ENERGY - left):
        chances[left + units] = math.exp(-UNITS) * UNITS ** units / math.factorial(units)
    chances[ENERGY] += 1 - sum(chances)
    return chances


def link_chance(before, after):
    return math.prod(STAY if a == b else (1 - STAY) / (len(SNR) - 1) for a, b in zip(before, after))


def states():
    return itertools.product(range(TASKS + 1), range(ENERGY + 1), range(STATIONS), LINKS)


def value_iteration(arrivals):
    chances = [energy_chances(left) for left in range(ENERGY + 1)]
    moves = {a: [(b, link_chance(a, b)) for b in LINKS] for a in LINKS}
    steps = {s: [cost(s, a, arrivals) for a in ACTIONS] for s in states()}
    values = {s: 0.0 for s in states()}
    while True:
        ahead = {(t, e, b, l): sum(p * values[t, e, b, n] for n, p in moves[l]) for t, e, b, l in states()}
        next_ = {(t, e, b, l): sum(p * ((1 - arrivals) * ahead[t, n, b, l] + arrivals * ahead[min(t + 1, TASKS), n, b, l])
                                   for n, p in enumerate(chances[e])) for t, e, b, l in states()}
        q = {s: [base + drop + DISCOUNT * next_[left, e, b, s[3]] for base, drop, left, b, e in steps[s]] for s in states()}
        change = max(abs(min(q[s]) - values[s]) for s in states())
        values = {s: min(q[s]) for s in states()}
        if change < 1e-6:
            return {s: q[s].index(min(q[s])) for s in states()}


def greedy(state, arrivals):
    allowed = [i for i, (c, e) in enumerate(ACTIONS) if e <= state[1]]
    return min(allowed, key=lambda i: sum(cost(state, ACTIONS[i], arrivals)[:2]))


def least(state, place):
    """The least energy with which a task is done in the slot; 0 if there is not so much."""
    done = [i for i, (c, e) in enumerate(ACTIONS) if c == place and 0 < e <= state[1] and outcome(state, (c, e))[1]]
    return done[0] if done else 0


def best_link(state):
    links = state[3]
    return 1 + max(range(STATIONS), key=lambda c: (links[c], c == state[2], -c))


def simulate(policy, arrivals, seed=1):
    draw, state, total, drops, tasks = random.Random(seed), (0, ENERGY, 0, LINKS[0]), 0.0, 0, 0
    for _ in range(SLOTS):
        base, _, left, station, energy = cost(state, ACTIONS[policy(state)], arrivals)
        total += base
        arrived = draw.random() < arrivals
        tasks += arrived
        if arrived and left == TASKS:
            total, drops = total + DROP, drops + 1
        units, chance, at = 0, math.exp(-UNITS), draw.random()
        while at > chance and units < ENERGY:
            at -= chance
            units += 1
            chance *= UNITS / units
        links = tuple(l if draw.random() < STAY else 1 - l for l in state[3])
        state = (min(left + arrived, TASKS), min(energy + units, ENERGY), station, links)
    return total / SLOTS, drops / max(tasks, 1)


if __name__ == "__main__":
    for arrivals in (.3, .4, .5, .6, .7):
        best = value_iteration(arrivals)
        draws = random.Random(2)
        policies = {
            "value iteration": lambda s: best[s],
            "local": lambda s: least(s, 0),
            "best link": lambda s: least(s, best_link(s)),
            "greedy": lambda s: greedy(s, arrivals),
            "random": lambda s: draws.randrange(len(ACTIONS)),
        }
        print(arrivals, {name: tuple(round(x, 4) for x in simulate(policy, arrivals)) for name, policy in policies.items()})
