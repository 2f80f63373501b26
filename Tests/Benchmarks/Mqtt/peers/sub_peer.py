"""mosquitto_sub and mosquitto_pub, each started for a request; processor time is that of the ended child. Answers line by line."""
import json
import resource
import shutil
import subprocess
import sys
import time


def say(reply):
    print(json.dumps(reply), flush=True)


def run(arguments, stdin=None):
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True, timeout=300, input=stdin)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, "wall": time.perf_counter() - wall}


def receive(port, qos, count):
    say({"ready": True})        # who asks waits for its subscription in the log of the broker
    return run(["mosquitto_sub", "-p", port, "-i", "mosquitto-sub", "-t", "bench/a", "-q", qos, "-C", count, "-F", "%q"])


VERBS = {
    "hello": lambda: {"name": "mosquitto_sub"} if shutil.which("mosquitto_sub") else {"missing": "mosquitto-clients is not installed"},
    "receive": receive,
    "publish": lambda port, qos, size, count: run(
        ["mosquitto_pub", "-p", port, "-t", "bench/a", "-q", qos, "-l"], (b"x" * int(size) + b"\n") * int(count)),
}

for line in sys.stdin:
    verb, *words = line.split()
    try:
        say(VERBS[verb](*words))
    except Exception as e:      # the benchmarks show it
        say({"error": f"{type(e).__name__}: {e}"})
