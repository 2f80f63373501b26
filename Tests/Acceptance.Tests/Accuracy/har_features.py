"""What scikit-learn's logistic regression reaches on the features of AT-9c, computed by numpy. On Debian 12:

    apt-get install python3-sklearn python3-scipy
    python3 har_features.py FOLDER_OF_HAR
"""
import csv
import gzip
import pathlib
import sys
import time

import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "StreamLearn.Operators.Tests" / "Golden"))
from features import imu_case  # noqa: E402

UNSEEN = {2, 4, 9, 10, 12, 13, 18, 20, 24}


def main(folder):
    steps = np.array([1 / 720] * 3 + [0.0175 * np.pi / 180] * 3)
    with gzip.open(folder / "raw50hz.i16.gz") as file:
        samples = (np.frombuffer(file.read(), "<i2").reshape(-1, 6) * steps).astype(np.float32)
    experiments = [{k: int(v) for k, v in row.items()} for row in csv.DictReader(open(folder / "raw_experiments.csv"))]
    labels = np.zeros(len(samples), int)
    offsets = {e["experiment"]: e["offset"] for e in experiments}
    for row in csv.DictReader(open(folder / "raw_labels.csv")):
        if int(row["activity"]) <= 6:
            offset = offsets[int(row["experiment"])]
            labels[offset + int(row["start"]) - 1:offset + int(row["end"])] = int(row["activity"])
    features, classes, unseen = [], [], []
    for experiment in experiments:
        for first in range(experiment["offset"], experiment["offset"] + experiment["length"] - 127, 64):
            window = labels[first:first + 128]
            if window[0] > 0 and (window == window[0]).all():
                features.append(list(imu_case(50, list(samples[first:first + 128].T))["features"].values()))
                classes.append(window[0])
                unseen.append(experiment["user"] in UNSEEN)
    features, classes, unseen = np.array(features), np.array(classes), np.array(unseen)
    mean, deviation = features[~unseen].mean(axis=0), np.sqrt(features[~unseen].var(axis=0) + 1e-8)
    features = (features - mean) / deviation
    for strength in (0.01, 0.1, 1):
        start = time.perf_counter()
        model = LogisticRegression(C=strength, max_iter=2000).fit(features[~unseen], classes[~unseen])
        print(f"C = {strength}: {100 * model.score(features[unseen], classes[unseen]):.2f} % of {unseen.sum()} windows, from "
              f"{features.shape[1]} features of {(~unseen).sum()} windows; {time.perf_counter() - start:.0f} s", flush=True)


main(pathlib.Path(sys.argv[1]))
