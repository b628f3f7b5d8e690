"""acks=0, 1 and all, and idempotent producers, with the producer id and the sequences that lie in the log."""

import time
import unittest

from support import clients, records, segments
from support.server import Server

COUNT = 200


class Acks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def produce_and_consume(self, client, acks, **options):
        topic = f"acks-{acks}-{client.topic_name()}"
        sent = records.sample(COUNT, topic)
        told = client.produce(self.server.address, topic, sent, acks=acks, **options)
        self.assertEqual(client.consume(self.server.address, topic, COUNT), list(enumerate(sent)))
        return told

    def test_acks_1_and_all_tell_the_offset(self):
        for client in clients.all_clients():
            options = {"enable_idempotence": "false"} if client.idempotent_by_default else {}
            with self.subTest(client=client.name):
                self.assertEqual(self.produce_and_consume(client, "1", **options), list(range(COUNT)))
                self.assertEqual(self.produce_and_consume(client, "all"), list(range(COUNT)))

    def test_acks_0_stores_without_an_answer(self):
        for client in clients.all_clients():
            options = {"enable_idempotence": "false"} if client.idempotent_by_default else {}
            with self.subTest(client=client.name):
                self.produce_and_consume(client, "0", **options)

    def test_idempotent_producers_number_their_batches(self):
        for client in (clients.librdkafka(), clients.kafka_python(), clients.confluent(), clients.java()):
            if client is None:
                print("SKIPPED ALOUD: there is no Java client here, see clients.set_up")
                continue
            with self.subTest(client=client.name):
                topic = f"idempotent-{client.topic_name()}"
                sent = records.sample(COUNT, topic)
                client.produce(self.server.address, topic, sent, enable_idempotence="true", acks="all")
                self.assertEqual(client.consume(self.server.address, topic, COUNT), list(enumerate(sent)))
                batches = segments.batches(self.server.data, topic)
                self.assertEqual(len({batch.producer_id for batch in batches}), 1)
                self.assertGreaterEqual(batches[0].producer_id, 0)
                self.assertEqual({batch.producer_epoch for batch in batches}, {0})
                expected = 0
                for batch in batches:
                    self.assertEqual(batch.base_sequence, expected)
                    expected += batch.records

    def test_producers_get_different_ids(self):
        for topic in ("ids-1", "ids-2"):
            clients.librdkafka().produce(self.server.address, topic, records.sample(5, topic),
                                         enable_idempotence="true")
        ids = [segments.batches(self.server.data, topic)[0].producer_id for topic in ("ids-1", "ids-2")]
        self.assertNotEqual(ids[0], ids[1])

    def test_plain_producers_have_no_id(self):
        clients.librdkafka().produce(self.server.address, "plain", records.sample(5, "plain"))
        self.assertEqual({batch.producer_id for batch in segments.batches(self.server.data, "plain")}, {-1})

    def test_a_long_poll_ends_when_records_come(self):
        consumer = clients.librdkafka()
        clients.librdkafka().produce(self.server.address, "waiting", records.sample(1, "waiting"))
        begin = time.monotonic()
        consumer.consume(self.server.address, "waiting", 1)
        self.assertLess(time.monotonic() - begin, 5)


if __name__ == "__main__":
    unittest.main()
