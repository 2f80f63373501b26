"""The part that the Python peers share: answers the benchmarks line by line, in JSON. See README.md."""
import json
import sys
import time


class Rows:
    """Rows, labels and initial values, as the benchmarks wrote them; numpy arrays."""

    def __init__(self, path):
        import numpy as np
        with open(path, "rb") as file:
            rows, features, self.classes, values = (int(v) for v in np.fromfile(file, np.int32, 4))
            self.features = np.fromfile(file, np.float32, rows * features).reshape(rows, features)
            self.labels = np.fromfile(file, np.int32, rows)
            self.values = np.fromfile(file, np.float32, values)
        self.rows = rows


def layers(text):
    """[name, number, ...] of each layer of "conv1d:32:5:1:0,relu,dense:6"."""
    parsed = []
    for part in text.split(","):
        name, *numbers = part.split(":")
        parsed.append((name, *(int(n) if n.lstrip("-").isdigit() else float(n) for n in numbers)))
    return parsed


def median_us(call, count):
    """Median time of a call, which is given its number; in microseconds."""
    clock = time.perf_counter_ns
    took = []
    for i in range(count):
        start = clock()
        call(i)
        took.append(clock() - start)
    took.sort()
    return took[count // 2] / 1e3


def cpu_of(work):
    """Processor seconds of the process, and what the work gave."""
    cpu, wall = time.process_time(), time.perf_counter()
    value = work()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "value": value}


def answer(name, verbs):
    """Answers until the input ends. A verb gets the words behind it."""
    for line in sys.stdin:
        verb, *words = line.split()
        try:
            reply = {"name": name} if verb == "hello" else verbs[verb](*words)
        except NotImplementedError as e:
            reply = {"missing": str(e)}
        except Exception as e:      # the benchmarks show it, and go on with other cases
            reply = {"error": f"{type(e).__name__}: {e}".replace("\n", " ")}
        print(json.dumps(reply), flush=True)
