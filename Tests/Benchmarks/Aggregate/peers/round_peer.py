"""A peer: rounds of five device processes and an aggregator, nothing trained. Raw sockets, or the same frames through a nats-server."""
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Learning", "peers"))

import numpy as np      # noqa: E402

from asked import answer      # noqa: E402

DEVICES, ROUNDS, WARM_UP = 5, 400, 200
COUNT = 561 * 64 + 64 + 64 * 6 + 6
SIZE = 4 * COUNT


def read(link, buffer):
    """Fills a buffer."""
    view = memoryview(buffer)
    while view:
        got = link.recv_into(view)
        if got == 0:
            raise ConnectionError("the other side has gone")
        view = view[got:]


def connect(address):
    link = socket.create_connection(address)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


class Nats:
    """A connection to a nats-server, for frames of one size."""

    def __init__(self, address, subject):
        self.link = connect(address)
        self.lines = self.link.makefile("rb", 1 << 18)
        self.lines.readline()
        self.link.sendall(b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB ' + subject + b" 1\r\nPING\r\n")
        while self.lines.readline() != b"PONG\r\n":
            pass

    def send(self, subject, payload):
        self.link.sendall(b"".join((b"PUB ", subject, b" ", str(len(payload)).encode(), b"\r\n", payload, b"\r\n")))

    def receive(self, buffer):
        while True:
            line = self.lines.readline()
            if line.startswith(b"MSG "):
                break
            if line == b"PING\r\n":
                self.link.sendall(b"PONG\r\n")
            elif not line:
                raise ConnectionError("the server has gone")
        view = memoryview(buffer)
        while view:
            view = view[self.lines.readinto(view):]
        self.lines.read(2)


def measure(device, edge):
    """Median milliseconds of a round; the devices are processes of their own, made by fork."""
    children = []
    for number in range(DEVICES):
        child = os.fork()
        if child == 0:
            try:
                device(number)
            finally:
                os._exit(0)
        children.append(child)
    took = edge()
    for child in children:
        os.waitpid(child, 0)
    took = sorted(took[WARM_UP:])
    return {"value": 1e3 * took[len(took) // 2]}


def rounds(gather, spread):
    """An aggregator: receives from all, sums, and sends the mean to all."""
    buffer, took = bytearray(SIZE), []
    row = np.frombuffer(buffer, np.float32)
    total = np.zeros(COUNT, np.float32)
    start = time.perf_counter()
    for _ in range(WARM_UP + ROUNDS):
        total[:] = 0
        for number in range(DEVICES):
            gather(number, buffer)
            np.add(total, row, out=total)
        total /= DEVICES
        spread(total.tobytes())
        now = time.perf_counter()
        took.append(now - start)
        start = now
    return took


def sockets():
    server = socket.create_server(("127.0.0.1", 0))
    address = server.getsockname()
    update = np.full(COUNT, 0.001, np.float32).tobytes()

    def device(_):
        link, buffer = connect(address), bytearray(SIZE)
        for _ in range(WARM_UP + ROUNDS):
            link.sendall(update)
            read(link, buffer)

    def edge():
        links = [server.accept()[0] for _ in range(DEVICES)]
        for link in links:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def spread(model):
            for link in links:
                link.sendall(model)
        return rounds(lambda number, buffer: read(links[number], buffer), spread)
    return measure(device, edge)


def nats(port):
    address = ("127.0.0.1", int(port))
    update = np.full(COUNT, 0.001, np.float32).tobytes()
    hub = Nats(address, b"up")
    ready = socket.create_server(("127.0.0.1", 0))

    def device(_):
        link, buffer = Nats(address, b"down"), bytearray(SIZE)
        connect(ready.getsockname()).close()
        link.receive(buffer)
        for _ in range(WARM_UP + ROUNDS):
            link.send(b"up", update)
            link.receive(buffer)

    def edge():
        for _ in range(DEVICES):
            ready.accept()[0].close()
        hub.send(b"down", bytes(SIZE))      # all begin
        return rounds(lambda _, buffer: hub.receive(buffer), lambda model: hub.send(b"down", model))
    return measure(device, edge)


answer("round", {"sockets": sockets, "nats": nats})
