"""Input from people who do not wish us well: the connection ends or the request is refused, and everyone else is served
as before."""

import gzip
import pathlib
import random
import struct
import unittest

from support import clients, raw, records, segments
from support.server import Server

RESIDENT_KIB_MAX = 400_000
CORRUPT_MESSAGE, UNSUPPORTED_VERSION, MESSAGE_TOO_LARGE, INVALID_RECORD = 2, 35, 10, 87
REFUSALS = (CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, INVALID_RECORD, 42, 43, 76)
UNKNOWN = 9999


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.rounds = 0

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def tearDown(self):
        """Whatever happened, the server lives and a good client works."""
        self.assertTrue(self.server.alive(), self.server.story())
        type(self).rounds += 1
        topic = f"good-{self.rounds}"
        sent = records.sample(20, topic)
        client = clients.librdkafka()
        client.produce(self.server.address, topic, sent)
        self.assertEqual(client.consume(self.server.address, topic, 20), list(enumerate(sent)))

    def ends_connection(self, data):
        with raw.Connection(self.server) as connection:
            connection.send(data)
            self.assertTrue(connection.closed_by_server(), data[:40])

    def refuses_records(self, topic, batch, errors=REFUSALS):
        """Answered with an error or with a closed connection, and nothing is stored."""
        with raw.Connection(self.server) as connection:
            connection.send(raw.request(raw.METADATA, 4, 1, struct.pack(">i", 1) + raw.string(topic) + b"\1"))
            connection.answer()
            connection.send(raw.produce(2, topic, batch))
            answer = connection.answer()
            if answer is not None:
                self.assertIn(raw.produce_error(answer), errors)
        stored = [found for path in self.server.data.rglob(f"{topic}-0/*.log")
                  for found in segments.batches_of(path.read_bytes())]
        self.assertEqual(stored, [])

    def test_garbage(self):
        random_bytes = random.Random(1).randbytes
        for size in (5, 64, 1000, 100_000):
            with self.subTest(size=size), raw.Connection(self.server) as connection:
                try:
                    connection.send(random_bytes(size))
                except ConnectionError:
                    pass
        self.ends_connection(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    def test_lengths_that_no_frame_can_have(self):
        for length in (-1, -2**31, 2**31 - 1, 2**30, 0, 1, 7):
            with self.subTest(length=length):
                self.ends_connection(struct.pack(">i", length) + b"\0" * max(0, min(length, 7)))

    def test_unknown_apis(self):
        for api in (UNKNOWN, -1, 99, 500):
            with self.subTest(api=api):
                self.ends_connection(raw.request(api, 0, 7))

    def test_unknown_versions(self):
        for api in (raw.PRODUCE, raw.FETCH, raw.METADATA):
            with self.subTest(api=api):
                self.ends_connection(raw.request(api, 99, 7))
        # Of this one API every client may ask too much: the answer is in the oldest form.
        with raw.Connection(self.server) as connection:
            connection.send(raw.request(raw.API_VERSIONS, 99, 7, b"\0"))  # the header's tagged fields: none
            answer = connection.answer()
            self.assertEqual(struct.unpack_from(">ih", answer), (7, UNSUPPORTED_VERSION))
            connection.send(raw.request(raw.API_VERSIONS, 0, 8))
            self.assertEqual(struct.unpack_from(">ih", connection.answer()), (8, 0))

    def test_counts_that_lie(self):
        for count in (2**31 - 1, 2**24, -2):
            with self.subTest(count=count):
                self.ends_connection(raw.request(raw.METADATA, 1, 1, struct.pack(">i", count)))
        topic_length_lies = struct.pack(">i", 1) + struct.pack(">h", 30_000) + b"abc"
        self.ends_connection(raw.request(raw.METADATA, 1, 1, topic_length_lies))
        self.ends_connection(raw.produce(1, "lies", b"", size=2**30))
        self.ends_connection(raw.produce(1, "lies", b"", size=-7))

    def test_half_frames(self):
        whole = raw.request(raw.API_VERSIONS, 0, 1)
        for size in range(len(whole)):
            with raw.Connection(self.server) as connection:
                connection.send(whole[:size])
        with raw.Connection(self.server) as waiting:  # says the rest never, while others are served
            waiting.send(whole[:9])
            self.tearDown()

    def test_a_frame_that_comes_byte_by_byte(self):
        with raw.Connection(self.server) as connection:
            for byte in raw.request(raw.API_VERSIONS, 0, 77):
                connection.send(bytes([byte]))
            self.assertEqual(struct.unpack_from(">ih", connection.answer()), (77, 0))

    def test_answers_come_in_the_order_of_requests(self):
        with raw.Connection(self.server) as connection:
            connection.send(b"".join(raw.request(raw.API_VERSIONS, 0, i) for i in range(200)))
            answers = [struct.unpack_from(">i", connection.answer())[0] for _ in range(200)]
            self.assertEqual(answers, list(range(200)))

    def test_many_idle_connections(self):
        idle = [raw.Connection(self.server) for _ in range(300)]
        self.tearDown()
        for connection in idle:
            connection.socket.close()

    def test_batches_that_lie(self):
        body = raw.record(0, b"value")
        good = raw.batch(body, 1)
        self.refuses_records("crc", raw.batch(body, 1, crc=12345))
        self.refuses_records("too-long", raw.batch(body, 1, length=len(good) * 2))
        self.refuses_records("too-short", raw.batch(body, 1, length=20))
        self.refuses_records("negative", raw.batch(body, 1, length=-5))
        self.refuses_records("magic", raw.batch(body, 1, magic=7))
        self.refuses_records("codec", raw.batch(body, 1, attributes=7))
        self.refuses_records("torn", good[:-3])
        self.refuses_records("head", good[:30])
        self.refuses_records("count", raw.batch(body, 1000))
        self.refuses_records("deltas", raw.batch(body, 1, last_delta=500))
        self.refuses_records("record", raw.batch(raw.varint(9000) + b"abc", 1))
        self.refuses_records("not-gzip", raw.batch(b"this is not gzip", 1, attributes=1))

    def test_a_good_batch_by_hand_is_stored(self):
        """The tests above could all pass on a server that stores nothing."""
        with raw.Connection(self.server) as connection:
            connection.send(raw.request(raw.METADATA, 4, 1, struct.pack(">i", 1) + raw.string("by-hand") + b"\1"))
            connection.answer()
            connection.send(raw.produce(2, "by-hand", raw.batch(raw.record(0, b"value"), 1)))
            self.assertEqual(raw.produce_error(connection.answer()), 0)
        self.assertEqual(clients.librdkafka().consume(self.server.address, "by-hand", 1),
                         [(0, records.Record(None, b"value"))])

    def test_compression_bombs(self):
        bomb = gzip.compress(b"\0" * 900_000_000, 9)
        self.assertLess(len(bomb), 1_000_000)
        with raw.Connection(self.server) as connection:
            connection.socket.settimeout(60)
            connection.send(raw.produce(1, "bomb", raw.batch(bomb, 1, attributes=1)))
            connection.answer()
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
        resident = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
        self.assertLess(resident, RESIDENT_KIB_MAX)


if __name__ == "__main__":
    unittest.main()
