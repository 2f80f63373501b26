"""paho-mqtt. Answers line by line; a line 'receive' has two answers: when it is subscribed, and when all has come."""
import json
import sys
import threading
import time

import paho.mqtt.client as mqtt


def client(name):
    return mqtt.Client(client_id=name, protocol=mqtt.MQTTv311)


def say(reply):
    print(json.dumps(reply), flush=True)


def receive(port, qos, count):
    done, ready = threading.Event(), threading.Event()
    state = {"n": 0, "first": 0.0, "last": 0.0}

    def on_message(_c, _u, _m):
        n = state["n"] = state["n"] + 1
        if n == 1:
            state["first"] = time.perf_counter()
        elif n == count:
            state["last"] = time.perf_counter()
            done.set()

    c = client("paho-receive")
    c.on_message = on_message
    c.on_connect = lambda *_: c.subscribe("bench/a", qos)
    c.on_subscribe = lambda *_: ready.set()
    cpu = time.process_time()
    c.connect("127.0.0.1", port)
    c.loop_start()
    ready.wait(60)
    say({"ready": True})
    done.wait(300)
    cpu = time.process_time() - cpu
    c.disconnect()
    c.loop_stop()
    return {"cpu": cpu, "wall": state["last"] - state["first"]}


def publish(port, qos, size, count):
    payload = bytes(size)
    c = client("paho-publish")
    connected, done = threading.Event(), threading.Event()
    c.on_connect = lambda *_: connected.set()
    window = threading.Semaphore(256)
    left = [count]

    def on_publish(*_):
        window.release()
        left[0] -= 1
        if left[0] == 0:
            done.set()

    c.on_publish = on_publish
    c.max_inflight_messages_set(256)
    cpu, wall = time.process_time(), time.perf_counter()
    c.connect("127.0.0.1", port)
    c.loop_start()
    connected.wait(60)
    for _ in range(count):
        window.acquire()
        c.publish("bench/a", payload, qos)
    done.wait(300)
    reply = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    c.disconnect()
    c.loop_stop()
    return reply


VERBS = {
    "hello": lambda: {"name": "paho"},
    "receive": lambda port, qos, count: receive(int(port), int(qos), int(count)),
    "publish": lambda port, qos, size, count: publish(int(port), int(qos), int(size), int(count)),
}

for line in sys.stdin:
    verb, *words = line.split()
    try:
        say(VERBS[verb](*words))
    except Exception as e:      # the benchmarks show it
        say({"error": f"{type(e).__name__}: {e}"})
