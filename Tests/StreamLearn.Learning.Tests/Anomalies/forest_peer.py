"""The area under the ROC curve of scikit-learn's isolation forest: learns from N.learn.csv, judges N.judge.csv, whose last column is 1 for
anomalies. Prints a line a set."""
import glob
import sys

import numpy
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

for path in sorted(glob.glob(sys.argv[1] + "/*.learn.csv")):
    learn = numpy.loadtxt(path, delimiter=",", ndmin=2)
    judge = numpy.loadtxt(path.replace(".learn.", ".judge."), delimiter=",", ndmin=2)
    forest = IsolationForest(random_state=0).fit(learn)
    print(roc_auc_score(judge[:, -1], -forest.score_samples(judge[:, :-1])))
