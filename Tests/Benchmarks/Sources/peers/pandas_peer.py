"""A peer of the suite `sources`: pandas and numpy read the same files, and answer line by line in JSON. See README.md."""
import json
import sys
import time

import numpy as np
import pandas as pd

FLOATS = {f"c{c}": np.float32 for c in range(6)}


def csv(path):
    return pd.read_csv(path, engine="c", dtype={**FLOATS, "label": np.int32})


def csv_time(path):
    return pd.read_csv(path, engine="c", dtype={**FLOATS, "label": "category"}, parse_dates=["time"])


def json_lines(path):
    return pd.read_json(path, lines=True, dtype={**FLOATS, "label": np.int32})


def npy(path):
    return np.load(path)


READS = {"csv": csv, "csv.time": csv_time, "jsonl": json_lines, "npy": npy}


def total(read):
    if isinstance(read, np.ndarray):
        return float(read.sum(dtype=np.float64))
    return float(sum(read[name].to_numpy().sum(dtype=np.float64) for name in FLOATS))


def hello():
    return {"name": f"pandas {pd.__version__}, numpy {np.__version__}"}


def read(kind, path, times):
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(int(times)):
        READS[kind](path)
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def check(kind, path):
    return {"value": total(READS[kind](path))}


VERBS = {"hello": hello, "read": read, "check": check}
for line in sys.stdin:
    verb, *words = line.split()
    try:
        answer = VERBS[verb](*words)
    except Exception as e:
        answer = {"error": f"{type(e).__name__}: {e}"}
    print(json.dumps(answer), flush=True)
