"""Records as lines of text, the one language that the client programs of these tests speak.

    key TAB value TAB headers      bytes in hexadecimal, "-" for null; headers as name=hex;name=hex

A client program reads such lines and produces them, answering `index TAB offset` or `index TAB error TAB name` for
each; or it consumes and writes `offset TAB key TAB value TAB headers`.
"""

import dataclasses
import hashlib
import typing


@dataclasses.dataclass(frozen=True)
class Record:
    key: typing.Optional[bytes]
    value: typing.Optional[bytes]
    headers: tuple = ()

    def line(self):
        headers = ";".join(f"{name}={_hex(value)}" for name, value in self.headers)
        return f"{_hex(self.key)}\t{_hex(self.value)}\t{headers}"

    @staticmethod
    def of_line(line):
        key, value, headers = line.rstrip("\n").split("\t")
        pairs = (pair.split("=") for pair in headers.split(";") if pair)
        return Record(_bytes(key), _bytes(value), tuple((name, _bytes(text)) for name, text in pairs))


def _hex(data):
    return "-" if data is None else bytes(data).hex()


def _bytes(text):
    return None if text == "-" else bytes.fromhex(text)


def consumed_line(offset, key, value, headers):
    return f"{offset}\t{Record(key, value, tuple(headers)).line()}"


def sample(count, name):
    """Records of many shapes: null and empty keys and values, headers, binary, text, small and large."""
    records = []
    for i in range(count):
        digest = hashlib.sha256(f"{name}/{i}".encode()).digest()
        key = [f"key-{i % 10}".encode(), None, b"", digest][i % 4]
        value = f"{name} number {i}: ".encode() + "größer ".encode() * (i % 50) + digest
        if i % 29 == 7:
            value = b""
        if i % 31 == 8:
            value = digest * 1000
        if i % 37 == 9 and key:
            value = None
        headers = ((), (("number", str(i).encode()),), (("a", b""), ("b", b"\x00\xff"), ("a", digest)))[i % 3]
        records.append(Record(key, value, headers))
    return records
