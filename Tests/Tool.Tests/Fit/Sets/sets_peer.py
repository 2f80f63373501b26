"""Learns the splits that a folder holds as NumPy files, and prints a line of JSON for each: how many of those who judge it answers right,
or how far it is off.

    sets_peer.py sklearn FOLDER     logistic regression and a random forest of scikit-learn, on the features as they are, scaled
    sets_peer.py rocket FOLDER      MiniRocket (Dempster, Schmidt, Webb, 2021) as the paper and its authors' code for several channels
                                    have it, in plain numpy, but with 1,008 features; and ridge regression of scikit-learn
    sets_peer.py ridge FOLDER       ridge regression of scikit-learn on the features of values, scaled: the mean absolute error

Split n is n.x.npy and n.y.npy to learn from, n.judge.x.npy and n.judge.y.npy to judge by.
"""
import itertools
import json
import pathlib
import sys
import warnings

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeClassifierCV, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

KERNELS = list(itertools.combinations(range(9), 3))     # the places of the weights of 2; the others are -1
GOLDEN = (np.sqrt(5) + 1) / 2
FEATURES = 1008


def dilations(rows, per_kernel):
    count = min(per_kernel, 32)
    found, features = np.unique(np.logspace(0, np.log2((rows - 1) / 8), count, base=2).astype(int), return_counts=True)
    features = (features * (per_kernel / count)).astype(int)
    for i in range(per_kernel - features.sum()):
        features[i % len(features)] += 1
    return list(zip(found, features))


class Rocket:
    def __init__(self, windows, random):
        channels, rows = windows.shape[1:]
        self.places, number = [], 0
        for at, (dilation, count) in enumerate(dilations(rows, FEATURES // len(KERNELS))):
            for kernel, weights in enumerate(KERNELS):
                most = min(channels, 9)
                chosen = random.choice(channels, int(2 ** random.uniform(0, np.log2(most + 1))), replace=False)
                window = windows[[random.integers(len(windows))]]
                shares = np.arange(number + 1, number + count + 1) * GOLDEN % 1
                biases = np.quantile(self.outputs(self.padded(window, dilation), rows, dilation, weights, chosen), shares)
                self.places.append((dilation, weights, chosen, 4 * dilation * ((at + kernel) % 2), biases.astype(np.float32)))
                number += count

    @staticmethod
    def padded(windows, dilation):
        return np.pad(windows, ((0, 0), (0, 0), (4 * dilation, 4 * dilation)))

    @staticmethod
    def outputs(padded, rows, dilation, weights, channels):
        mixed = padded[:, channels].sum(1)
        taps = [mixed[:, k * dilation:k * dilation + rows] for k in range(9)]
        return sum((2 if k in weights else -1) * tap for k, tap in enumerate(taps))

    def transform(self, windows):
        rows, shares, padded, last = windows.shape[2], [], None, 0
        for dilation, weights, channels, cut, biases in self.places:
            if dilation != last:
                padded, last = self.padded(windows, dilation), dilation
            found = self.outputs(padded, rows, dilation, weights, channels)[:, cut:rows - cut]
            shares += [(found > bias).mean(1) for bias in biases]
        return np.stack(shares, 1)


def rocket(windows, labels, judging, judges):
    fitted = Rocket(windows, np.random.default_rng(0))
    ridge = make_pipeline(StandardScaler(), RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)))
    return {"rocket": ridge.fit(fitted.transform(windows), labels).score(fitted.transform(judging), judges)}


def sklearn(rows, labels, judging, judges):
    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    forest = RandomForestClassifier(random_state=0)
    return {"logistic": logistic.fit(rows, labels).score(judging, judges), "forest": forest.fit(rows, labels).score(judging, judges)}


def ridge(rows, targets, judging, judges):
    fitted = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(-3, 3, 10))).fit(rows, targets)
    return {"ridge": float(np.abs(fitted.predict(judging) - judges).mean())}


def splits(folder):
    for number in itertools.count():
        names = [pathlib.Path(folder, f"{number}.{name}.npy") for name in ("x", "y", "judge.x", "judge.y")]
        if not names[0].exists():
            return
        yield [np.load(name) for name in names]


if __name__ == "__main__":
    warnings.simplefilter("ignore", ConvergenceWarning)
    what, folder = sys.argv[1:]
    for split in splits(folder):
        print(json.dumps({"sklearn": sklearn, "rocket": rocket, "ridge": ridge}[what](*split)), flush=True)
