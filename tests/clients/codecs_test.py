"""Every client, every codec: what was produced comes back, and what lies in the log has the codec that was asked for.

Each client reads its own records; librdkafka's and kafka-python's decoders read all the others' too.
"""

import unittest

from support import clients, records, segments
from support.server import Server

COUNT = 120

# librdkafka leaves a batch as it is that would not become smaller, such as one small record alone.
SMALL_BYTES = 160


class Codecs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def round_trip(self, client, leaves_small=False):
        readers = [client] + [other for other in (clients.librdkafka(), clients.kafka_python())
                              if other.name != client.name]
        for codec in clients.CODECS:
            with self.subTest(client=client.name, codec=codec):
                topic = f"{client.topic_name()}-{codec}"
                sent = records.sample(COUNT, topic)
                offsets = client.produce(self.server.address, topic, sent, compression_type=codec, acks="all")
                self.assertEqual(offsets, list(range(COUNT)))
                for reader in readers:
                    self.assertEqual(reader.consume(self.server.address, topic, COUNT), list(enumerate(sent)),
                                     f"as read by {reader.name}")
                self.check_log(topic, codec, leaves_small)

    def check_log(self, topic, codec, leaves_small):
        batches = segments.batches(self.server.data, topic)
        judged = [batch for batch in batches
                  if not (leaves_small and batch.records == 1 and len(batch.body) < SMALL_BYTES)]
        self.assertEqual({batch.codec for batch in judged}, {codec})
        self.assertTrue(all(batch.crc_holds for batch in batches))
        self.assertEqual(sum(batch.records for batch in batches), COUNT)
        self.assertEqual(batches[0].base_offset, 0)
        self.assertEqual(batches[-1].last_offset, COUNT - 1)
        needle = f"{topic} number 0: ".encode()
        plain = segments.plain_body(batches[0])
        if plain is not None:
            self.assertIn(needle, plain)
        if batches[0].codec == "gzip":
            self.assertNotIn(needle, batches[0].body)

    def test_librdkafka(self):
        self.round_trip(clients.librdkafka(), leaves_small=True)

    def test_kafka_python_2_0_2(self):
        self.round_trip(clients.kafka_python_old())

    def test_kafka_python_recent(self):
        self.round_trip(clients.kafka_python())

    def test_confluent_kafka(self):
        self.round_trip(clients.confluent(), leaves_small=True)

    def test_java(self):
        client = clients.java()
        if client is None:
            self.skipTest("SKIPPED ALOUD: there is no Java client here, see clients.set_up")
        self.round_trip(client)


if __name__ == "__main__":
    unittest.main()
