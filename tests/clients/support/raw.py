"""Kafka's protocol by hand, as little of it as hostile input needs: frames, request headers, produce version 3."""

import socket
import struct

from support.segments import crc32c

PRODUCE, FETCH, METADATA, API_VERSIONS = 0, 1, 3, 18
ANSWER_SECONDS = 10


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def request(api, version, correlation, body=b""):
    """A whole frame, with the classic header that carries a client id."""
    inside = struct.pack(">hhi", api, version, correlation) + string("hostile") + body
    return struct.pack(">i", len(inside)) + inside


def varint(number):
    number = number << 1 ^ number >> 63
    out = b""
    while number & ~0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def record(delta, value):
    inside = b"\0" + varint(0) + varint(delta) + varint(-1) + varint(len(value)) + value + varint(0)
    return varint(len(inside)) + inside


def batch(body, count, attributes=0, crc=None, length=None, magic=2, last_delta=None):
    """A record batch of version 2; every field that may lie can be given."""
    last_delta = count - 1 if last_delta is None else last_delta
    tail = struct.pack(">hiqqqhii", attributes, last_delta, 0, 0, -1, -1, -1, count) + body
    crc = crc32c(tail) if crc is None else crc
    length = 9 + len(tail) if length is None else length
    return struct.pack(">qiibI", 0, length, -1, magic, crc) + tail


def produce(correlation, topic, records, size=None):
    size = len(records) if size is None else size
    body = struct.pack(">hhii", -1, -1, 10_000, 1) + string(topic) + struct.pack(">iii", 1, 0, size) + records
    return request(PRODUCE, 3, correlation, body)


def produce_error(answer):
    """The error code in an answer to produce(): correlation, one topic, one partition."""
    at = 4 + 4
    (name,) = struct.unpack_from(">h", answer, at)
    at += 2 + name + 4 + 4
    return struct.unpack_from(">h", answer, at)[0]


class Connection:
    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), ANSWER_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                return None
            data += piece
        return data

    def answer(self):
        """The next response without its length; None where the server has closed."""
        try:
            size = self._exactly(4)
            return None if size is None else self._exactly(struct.unpack(">i", size)[0])
        except ConnectionError:
            return None

    def closed_by_server(self):
        """True when the server ends the connection, whatever it says before; False when it goes on waiting."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True
