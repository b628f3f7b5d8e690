"""kill -9 and start again on the same data: whatever was acknowledged is there, in order, and what goes on goes on."""

import threading
import time
import unittest

from support import clients, records, segments
from support.server import Server

COUNT = 1000
KILLS = 3
MANY = 30_000


def small(count):
    return [records.Record(b"%d" % i, b"value %d" % i) for i in range(count)]


class Restart(unittest.TestCase):
    def setUp(self):
        self.server = Server().start()
        self.addCleanup(self.server.close)
        self.client = clients.librdkafka()

    def test_acknowledged_records_survive_a_kill(self):
        for codec in clients.CODECS:
            with self.subTest(codec=codec):
                topic = f"kept-{codec}"
                sent = records.sample(COUNT, topic)
                offsets = self.client.produce(self.server.address, topic, sent, acks="all", compression_type=codec)
                self.server.kill()
                self.server.start()
                self.assertEqual(offsets, list(range(COUNT)))
                self.assertEqual(self.client.consume(self.server.address, topic, COUNT), list(enumerate(sent)))
                more = records.sample(10, "more")
                self.assertEqual(self.client.produce(self.server.address, topic, more), list(range(COUNT, COUNT + 10)))

    def test_an_orderly_stop_keeps_everything_too(self):
        sent = records.sample(COUNT, "stopped")
        self.client.produce(self.server.address, "stopped", sent)
        for _ in range(2):
            self.assertEqual(self.server.stop(), 0, self.server.story())
            self.server.start()
            self.assertEqual(self.client.consume(self.server.address, "stopped", COUNT), list(enumerate(sent)))

    def produce_through_kills(self, topic, sent, **options):
        """Kills and restarts the server while a producer works; returns what the producer was told."""
        told = []
        failure = []

        def work():
            try:
                told.extend(self.client.try_produce(self.server.address, topic, sent, acks="all", **options))
            except AssertionError as error:
                failure.append(error)

        producer = threading.Thread(target=work)
        producer.start()
        for kill in range(KILLS):
            enough = len(sent) * (kill + 1) // (KILLS + 1)
            deadline = time.monotonic() + 60
            while producer.is_alive() and self.stored(topic) < enough and time.monotonic() < deadline:
                time.sleep(0.002)
            self.assertTrue(producer.is_alive(), "the producer was faster than the kill")
            self.server.kill()
            self.server.start()
        producer.join()
        self.assertEqual(failure, [])
        return told

    def stored(self, topic):
        return sum(batch.records for path in self.server.data.rglob(f"{topic}-0/*.log")
                   for batch in self.heads(path.read_bytes()))

    @staticmethod
    def heads(data):
        """As segments.batches_of, without the checksums, for these are many bytes and often."""
        at = 0
        while at + 61 <= len(data):
            length = int.from_bytes(data[at + 8:at + 12], "big", signed=True)
            if length <= 0 or at + 12 + length > len(data):
                return
            yield segments.Batch(0, 0, "", True, 0, 0, 0, int.from_bytes(data[at + 57:at + 61], "big"), b"")
            at += 12 + length

    def test_acknowledged_records_survive_kills_in_the_middle(self):
        sent = small(MANY)
        told = self.produce_through_kills("middle", sent, batch_num_messages="100")
        acknowledged = {index: offset for index, offset in enumerate(told) if isinstance(offset, int)}
        self.assertGreater(len(acknowledged), MANY // 2)
        end = max(acknowledged.values()) + 1
        stored = dict(self.client.consume(self.server.address, "middle", end))
        lost = [index for index, offset in acknowledged.items() if stored.get(offset) != sent[index]]
        self.assertEqual(lost, [])

    def test_idempotent_producers_go_on_without_duplicates(self):
        sent = small(MANY)
        told = self.produce_through_kills("exactly", sent, batch_num_messages="100", enable_idempotence="true")
        self.assertEqual(told, list(range(MANY)))
        self.assertEqual(self.client.consume(self.server.address, "exactly", MANY), list(enumerate(sent)))
        self.assertEqual(sum(batch.records for batch in segments.batches(self.server.data, "exactly")), MANY)

    def test_a_torn_tail_is_cut(self):
        sent = records.sample(100, "torn")
        self.client.produce(self.server.address, "torn", sent)
        self.server.kill()
        segment = sorted(segments.partition_folder(self.server.data, "torn").glob("*.log"))[-1]
        whole = segment.read_bytes()
        batches = list(segments.batches_of(whole))
        with open(segment, "ab") as log:
            log.write(whole[:70])  # the beginning of some batch, at the wrong place and not complete
        self.server.start()
        self.assertEqual(self.client.consume(self.server.address, "torn", 100), list(enumerate(sent)))
        more = records.sample(5, "more")
        self.assertEqual(self.client.produce(self.server.address, "torn", more), list(range(100, 105)))
        after = segments.batches(self.server.data, "torn")
        self.assertEqual(after[:len(batches)], batches)
        self.assertEqual(after[-1].last_offset, 104)

    def test_two_servers_do_not_share_a_folder(self):
        second = Server(data=self.server.data)
        with self.assertRaisesRegex(AssertionError, "in use by process"):
            second.start()
        self.assertTrue(self.server.alive())


if __name__ == "__main__":
    unittest.main()
