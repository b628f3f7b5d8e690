"""Three nodes as separate processes, killed with -9 and restarted at random, while librdkafka produces with acks=all:
nothing that was acknowledged is lost, and an idempotent producer's records are there once each, in order.

WEIR_SEED chooses another plan of kills.
"""

import os
import random
import time
import unittest

from support import clients, records, segments
from support.cluster import Cluster

SECONDS = 32
RATE = 600  # records a second and producer
TICK_SECONDS = 0.02

# Everything three times, two of which an acknowledgement needs; short sessions, so that who was killed may come back
# soon.
CLUSTER = ["default.replication.factor=3", "min.insync.replicas=2", "broker.session.timeout.ms=2000",
           "broker.heartbeat.interval.ms=300"]
# A client that looks again soon after a broker went away.
CLIENT = {"reconnect_backoff_max_ms": "300", "topic_metadata_refresh_fast_interval_ms": "100"}
PRODUCER = {**CLIENT, "acks": "all", "batch_num_messages": "100", "request_timeout_ms": "5000"}


def numbered(first, count):
    return [records.Record(b"%d" % i, b"value %d" % i) for i in range(first, first + count)]


class Kills(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster(*CLUSTER).start()
        self.addCleanup(self.cluster.close)
        self.client = clients.librdkafka()

    def begin(self, topic, **options):
        self.client.produce(self.cluster.address, topic, numbered(0, 1), **PRODUCER)
        producer = self.client.begin("produce", self.cluster.address, topic, **PRODUCER, **options)
        self.addCleanup(producer.kill)
        return producer

    def produce_through(self, producers, plan):
        """Feeds the producers at a steady rate while the plan, a generator of pauses, acts."""
        begin = time.monotonic()
        act = begin
        fed = 0
        while act is not None or time.monotonic() < begin + SECONDS:
            now = time.monotonic()
            due = int((now - begin) * RATE)
            for producer in producers:
                producer.feed(numbered(1 + fed, due - fed))
            fed = due
            if act is not None and now >= act:
                pause = next(plan, None)
                act = None if pause is None else now + pause
            time.sleep(TICK_SECONDS)
        return 1 + fed

    def random_kills(self, seed):
        choose = random.Random(seed)
        begin = time.monotonic()
        kills = 0
        while time.monotonic() < begin + SECONDS - 5:
            yield choose.uniform(0.2, 4)
            victims = choose.sample(self.cluster.nodes, choose.choice([1, 1, 1, 2, 3]))
            for node in victims:
                node.kill()
            for node in victims:
                yield choose.uniform(0, 1.5)
                node.launch()
            kills += len(victims)
        for node in self.cluster.nodes:
            node.wait_until_ready()
        print(f"seed {seed}: {kills} nodes were killed")

    def check(self, topic, count, told):
        """Every record was acknowledged, and stands where the producer was told, on every replica."""
        self.assertEqual([outcome for outcome in told if not isinstance(outcome, int)], [])
        acknowledged = dict(zip(told, numbered(1, len(told))))
        self.assertEqual(len(acknowledged), len(told), "two records at one offset")
        end = sum(batch.records for batch in segments.batches(self.cluster.folder, topic))
        stored = dict(self.client.consume(self.cluster.address, topic, end))
        lost = [offset for offset, record in acknowledged.items() if stored.get(offset) != record]
        self.assertEqual(lost, [])
        self.assertEqual(len(told), count - 1)
        return stored

    def check_exact(self, topic, count, told):
        stored = self.check(topic, count, told)
        self.assertEqual(list(stored.items()), list(enumerate(numbered(0, count))))

    def test_nothing_acknowledged_is_lost_through_random_kills(self):
        plain = self.begin("plain")
        exact = self.begin("exact", enable_idempotence="true")
        seed = int(os.environ.get("WEIR_SEED", "20"))
        count = self.produce_through([plain, exact], self.random_kills(seed))
        self.check("plain", count, plain.told())
        self.check_exact("exact", count, exact.told())

    def test_all_nodes_at_once(self):
        sent = numbered(0, 2000)
        self.assertEqual(self.client.produce(self.cluster.address, "all", sent, **PRODUCER, enable_idempotence="true"),
                         list(range(len(sent))))
        for _ in range(2):
            self.cluster.kill()
            self.cluster.start()
            self.assertEqual(self.client.consume(self.cluster.address, "all", len(sent)), list(enumerate(sent)))
            more = numbered(len(sent), 500)
            self.assertEqual(self.client.produce(self.cluster.address, "all", more, **PRODUCER),
                             list(range(len(sent), len(sent) + len(more))))
            sent += more
        begin = time.monotonic()
        self.cluster.stop()
        self.assertLess(time.monotonic() - begin, 5, "all of them stop together, and soon")
        self.cluster.start()
        self.assertEqual(self.client.consume(self.cluster.address, "all", len(sent)), list(enumerate(sent)))


if __name__ == "__main__":
    unittest.main()
