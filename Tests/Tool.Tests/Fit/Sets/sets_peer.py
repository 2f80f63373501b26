"""Learns the splits that a folder holds as NumPy files, and prints a line of JSON for each: how many of those who judge it answers right,
or how far it is off.

    sets_peer.py sklearn FOLDER     logistic regression and a random forest of scikit-learn, on the features as they are, scaled;
                                    and logistic regression whose penalty groups left out choose, where n.groups.npy has them
    sets_peer.py rocket FOLDER      MiniRocket (Dempster, Schmidt, Webb, 2021) as the paper and its authors' code for several channels
                                    have it, in plain numpy, but with 1,008 features; and ridge regression of scikit-learn
    sets_peer.py small FOLDER       no splits: writes small sets that scikit-learn has, as rows of devices
    sets_peer.py ridge FOLDER       ridge regression of scikit-learn on the features of values, scaled: the mean absolute error
    sets_peer.py forecast FOLDER ROWS AHEAD    forecasts of series.csv (time, device, value of one device) so many seconds ahead, one at
                                    each row: ridge regression of scikit-learn on the last 48 rows, hour and weekday, scaled; the value
                                    of now; the mean; the value of a day before. Judged on the last fifth of the windows of so many rows

Split n is n.x.npy and n.y.npy to learn from, n.judge.x.npy and n.judge.y.npy to judge by.
"""
import csv
import datetime
import itertools
import json
import pathlib
import sys
import warnings

import numpy as np
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, RidgeClassifierCV, RidgeCV
from sklearn.model_selection import GroupKFold
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


def sklearn(rows, labels, judging, judges, groups=None):
    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    forest = RandomForestClassifier(random_state=0)
    scores = {"logistic": logistic.fit(rows, labels).score(judging, judges), "forest": forest.fit(rows, labels).score(judging, judges)}
    if groups is not None:
        folds = list(GroupKFold(min(5, len(set(groups)))).split(rows, labels, groups))
        chosen = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=np.logspace(-3, 1, 9), cv=folds, max_iter=500))
        scores["chosen"] = chosen.fit(rows, labels).score(judging, judges)
    return scores


def ridge(rows, targets, judging, judges):
    fitted = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(-3, 3, 10))).fit(rows, targets)
    return {"ridge": float(np.abs(fitted.predict(judging) - judges).mean())}


def forecast(folder, rows, ahead):
    with open(pathlib.Path(folder, "series.csv"), newline="") as file:
        read = list(csv.reader(file))[1:]
    values = np.array([float(row[2]) for row in read])
    dates = [datetime.datetime.fromisoformat(row[0].replace("Z", "")).replace(tzinfo=datetime.timezone.utc) for row in read]
    times = np.array([date.timestamp() for date in dates])
    step = np.median(np.diff(times))
    later, day = round(ahead / step), round(86400 / step)
    begins = np.concatenate([[0], np.where(np.diff(times) > 3.5 * step)[0] + 1, [len(times)]])
    ends = np.concatenate([np.arange(a + rows - 1, b - later) for a, b in itertools.pairwise(begins)])
    begin = begins[np.searchsorted(begins, ends, side="right") - 1]
    targets, when = values[ends + later], times[ends] + ahead
    lags = np.stack([values[ends - back] for back in range(min(rows, 48))], 1)
    inputs = np.hstack([lags, np.eye(24)[(when // 3600 % 24).astype(int)], np.eye(7)[((when // 86400 + 3) % 7).astype(int)]])
    first = len(ends) - len(ends) // 5
    learned, judged = slice(0, first - later), slice(first, None)
    fitted = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(-3, 3, 10))).fit(inputs[learned], targets[learned])
    before = np.where(ends + later - day >= begin, ends + later - day, ends)
    answers = {"ridge": fitted.predict(inputs)[judged], "now": values[ends][judged], "mean": targets[learned].mean(),
               "naive": values[before][judged]}
    return {"windows": len(ends) - first, **{name: float(np.abs(a - targets[judged]).mean()) for name, a in answers.items()}}


def small(folder):
    for name, rows in {"iris": 15, "wine": 15, "breast_cancer": 30, "digits": 60}.items():      # of a device
        found = getattr(datasets, f"load_{name}")()
        order = np.random.default_rng(0).permutation(len(found.target))
        lines = [f"d{at // rows:02},{','.join(f'{v:g}' for v in found.data[i])},c{found.target[i]}" for at, i in enumerate(order)]
        head = f"device,{','.join(f'f{i}' for i in range(found.data.shape[1]))},activity"
        pathlib.Path(folder, f"{name}.csv").write_text("\n".join([head, *lines]) + "\n")


def splits(folder):
    for number in itertools.count():
        names = [pathlib.Path(folder, f"{number}.{name}.npy") for name in ("x", "y", "judge.x", "judge.y")]
        if not names[0].exists():
            return
        groups = pathlib.Path(folder, f"{number}.groups.npy")
        yield [np.load(name) for name in [*names, *([groups] if groups.exists() else [])]]


if __name__ == "__main__":
    warnings.simplefilter("ignore", ConvergenceWarning)
    what, folder, *more = sys.argv[1:]
    if what == "forecast":
        print(json.dumps(forecast(folder, int(more[0]), float(more[1]))))
    elif what == "small":
        small(folder)
    for split in splits(folder):
        print(json.dumps({"sklearn": sklearn, "rocket": rocket, "ridge": ridge}[what](*split)), flush=True)
