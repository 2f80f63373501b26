"""The other end of the benchmarks: a NATS server that only sends, or only takes. Answers line by line."""
import json
import socket
import sys
import threading

INFO = b'INFO {"server_id":"S","version":"2.9.10","max_payload":67108864,"headers":true}\r\n'
BLOCK = 512             # messages written at once


def lines(connection):
    rest = b""
    while True:
        more = connection.recv(1 << 16)
        if not more:
            return
        rest += more
        while (end := rest.find(b"\r\n")) >= 0:
            yield rest[:end]
            rest = rest[end + 2:]


def answer_pings(connection, rest):
    try:
        for line in rest:
            if line.startswith(b"PING"):
                connection.sendall(b"PONG\r\n")
    except OSError:
        pass                                # it left


def send(connection, size):
    """After the subscription to 'bench' sends messages until the client leaves."""
    connection.sendall(INFO)
    rest = lines(connection)
    for line in rest:
        if line.startswith(b"PING"):
            connection.sendall(b"PONG\r\n")
        if line.startswith(b"SUB bench "):
            sid = line.split()[-1]
            break
    block = (b"MSG bench " + sid + b" " + str(size).encode() + b"\r\n" + bytes(size) + b"\r\n") * BLOCK
    threading.Thread(target=answer_pings, args=(connection, rest), daemon=True).start()
    while True:
        connection.sendall(block)


def take(connection):
    """Takes all that comes; answers a PING wherever it stands."""
    connection.sendall(INFO)
    before = b""
    while more := connection.recv(1 << 18):
        if b"PING\r\n" in before[-5:] + more:
            connection.sendall(b"PONG\r\n")
        before = more


def serve(handle, *arguments):
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            handle(connection, *arguments)
        except OSError:
            pass
        finally:
            connection.close()
            listener.close()

    threading.Thread(target=run, daemon=True).start()
    return {"port": listener.getsockname()[1]}


for asked in sys.stdin:
    words = asked.split()
    if words[0] == "hello":
        reply = {"name": "source"}
    else:
        reply = serve(send, int(words[1])) if words[0] == "send" else serve(take)
    print(json.dumps(reply), flush=True)
