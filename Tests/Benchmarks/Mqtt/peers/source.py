"""The other end of the benchmarks: a server that only sends or only takes, and a publisher for a broker. Answers line by line."""
import json
import socket
import sys
import threading

TOPIC = b"bench/a"
BLOCK = 256             # messages written at once


def length(n):
    """A variable byte integer."""
    out = bytearray()
    while True:
        n, low = divmod(n, 128)
        out.append(low | (128 if n else 0))
        if not n:
            return bytes(out)


def publish(qos, packet_id, payload, properties):
    body = len(TOPIC).to_bytes(2, "big") + TOPIC
    if qos:
        body += packet_id.to_bytes(2, "big")
    body += properties + payload
    return bytes([0x30 | qos << 1]) + length(len(body)) + body


class Reader:
    """Packets of a connection."""

    def __init__(self, connection):
        self.connection, self.bytes = connection, b""

    def fill(self):
        more = self.connection.recv(1 << 16)
        self.bytes += more
        return bool(more)

    def packet(self):
        """Type and body; None at the end."""
        while True:
            if len(self.bytes) >= 2:
                size, shift, at = 0, 0, 1
                while at < len(self.bytes):
                    size |= (self.bytes[at] & 127) << shift
                    shift += 7
                    at += 1
                    if not self.bytes[at - 1] & 128:
                        break
                else:
                    at = None
                if at is not None and len(self.bytes) >= at + size:
                    packet = self.bytes[0] >> 4, self.bytes[at:at + size]
                    self.bytes = self.bytes[at + size:]
                    return packet
            if not self.fill():
                return None


def greet(connection):
    """Answers CONNECT. The reader, the client's version and its receive maximum."""
    reader = Reader(connection)
    _, body = reader.packet()
    version = body[6]
    maximum = 65535
    if version == 5:
        size, at = body[10], 11             # properties of a CONNECT in tests are short
        end = at + size
        while at < end:
            kind = body[at]
            if kind == 0x21:
                maximum = int.from_bytes(body[at + 1:at + 3], "big")
            at += {0x11: 5, 0x21: 3, 0x27: 5, 0x22: 3, 0x19: 2, 0x17: 2}[kind]
    connection.sendall(b"\x20\x03\x00\x00\x00" if version == 5 else b"\x20\x02\x00\x00")
    return reader, version, maximum


def send(connection, size, qos):
    """After SUBSCRIBE sends messages until the client leaves; at QoS 1 never more than its receive maximum unacknowledged."""
    reader, version, maximum = greet(connection)
    properties = b"\x00" if version == 5 else b""
    payload = bytes(size)
    kind, body = reader.packet()
    while kind != 8:
        kind, body = reader.packet()
    connection.sendall(b"\x90" + (b"\x04" + body[:2] + b"\x00" if version == 5 else b"\x03" + body[:2]) + bytes([qos]))
    if qos == 0:
        block = publish(0, 0, payload, properties) * BLOCK
        threading.Thread(target=pings, args=(reader, connection), daemon=True).start()
        while True:
            connection.sendall(block)
    window = min(maximum, 60000)
    step = min(BLOCK, max(1, window // 4))
    ids = window // step
    blocks = [b"".join(publish(1, i * step + j + 1, payload, properties) for j in range(step)) for i in range(ids)]
    credit, at, rest = ids * step, 0, 0
    while True:
        while credit >= step:
            connection.sendall(blocks[at])
            at = (at + 1) % ids
            credit -= step
        got = connection.recv(1 << 16)
        if not got:
            return
        rest += len(got)                    # every acknowledgement of success has four bytes, in order; pings come seldom
        credit += rest // 4
        rest %= 4


def pings(reader, connection):
    try:
        while (packet := reader.packet()) is not None:
            if packet[0] == 12:
                connection.sendall(b"\xd0\x00")
    except OSError:
        pass                                # it left


def take(connection, qos):
    """Takes what is published until the client leaves; confirms it at QoS 1."""
    reader, _, _ = greet(connection)
    if qos == 0:
        buffer = bytearray(1 << 20)
        while connection.recv_into(buffer):
            pass
        return
    data = reader.bytes
    while True:
        acks = bytearray()
        at = 0
        while True:
            size, shift, head = 0, 0, at + 1
            done = False
            while head < len(data):
                size |= (data[head] & 127) << shift
                shift += 7
                head += 1
                if not data[head - 1] & 128:
                    done = True
                    break
            if not done or head + size > len(data):
                break
            if data[at] >> 4 == 3:
                place = head + 2 + (data[head] << 8 | data[head + 1])
                acks += b"\x40\x02" + data[place:place + 2]
            elif data[at] >> 4 == 12:
                acks += b"\xd0\x00"
            at = head + size
        if acks:
            connection.sendall(acks)
        more = connection.recv(1 << 18)
        if not more:
            return
        data = data[at:] + more


def serve(work, *arguments):
    """Listens, and does the work for every connection. The port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def each(connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            work(connection, *arguments)
        except OSError:
            pass                            # it left
        finally:
            connection.close()

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=each, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return {"port": listener.getsockname()[1]}


def feed(port, size, count):
    """Publishes to a broker at QoS 1, a window of messages at a time, so that the broker drops none."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04feed")
    connection.recv(4)
    step, ids = 16, 16
    blocks = [b"".join(publish(1, i * step + j + 1, bytes(size), b"") for j in range(step)) for i in range(ids)]
    credit, at, sent, rest = ids * step, 0, 0, 0
    while sent < count:
        while credit >= step and sent < count:
            connection.sendall(blocks[at])
            at = (at + 1) % ids
            credit -= step
            sent += step
        got = connection.recv(1 << 16)
        rest += len(got)
        credit += rest // 4
        rest %= 4
    while credit < ids * step:
        credit += len(connection.recv(1 << 16)) // 4
    connection.sendall(b"\xe0\x00")
    connection.close()
    return {"sent": sent}


VERBS = {
    "hello": lambda: {"name": "source"},
    "send": lambda size, qos: serve(send, int(size), int(qos)),
    "take": lambda qos: serve(take, int(qos)),
    "feed": lambda port, size, count: feed(int(port), int(size), int(count)),
}

for line in sys.stdin:
    verb, *words = line.split()
    try:
        reply = VERBS[verb](*words)
    except Exception as e:      # the benchmarks show it
        reply = {"error": f"{type(e).__name__}: {e}"}
    print(json.dumps(reply), flush=True)
