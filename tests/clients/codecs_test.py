"""Every client, every codec: what was produced comes back, and what lies in the log has the codec that was asked for.

Each client reads its own records; librdkafka's and kafka-python's decoders read all the others' too.
"""

import unittest

from support import clients, records, segments
from support.server import Server

COUNT = 120


class Codecs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def round_trip(self, client):
        readers = [client] + [other for other in (clients.librdkafka(), clients.kafka_python())
                              if other.name != client.name]
        for codec in clients.CODECS:
            with self.subTest(client=client.name, codec=codec):
                topic = f"{client.name}-{codec}".replace(" ", "-").replace(",", "").lower()
                sent = records.sample(COUNT, topic)
                offsets = client.produce(self.server.address, topic, sent, compression_type=codec, acks="all")
                self.assertEqual(offsets, list(range(COUNT)))
                for reader in readers:
                    self.assertEqual(reader.consume(self.server.address, topic, COUNT), list(enumerate(sent)),
                                     f"as read by {reader.name}")
                self.check_log(topic, codec)

    def check_log(self, topic, codec):
        batches = segments.batches(self.server.data, topic)
        self.assertEqual({batch.codec for batch in batches}, {codec})
        self.assertTrue(all(batch.crc_holds for batch in batches))
        self.assertEqual(sum(batch.records for batch in batches), COUNT)
        self.assertEqual(batches[0].base_offset, 0)
        self.assertEqual(batches[-1].last_offset, COUNT - 1)
        needle = f"{topic} number 0: ".encode()
        plain = segments.plain_body(batches[0])
        if plain is not None:
            self.assertIn(needle, plain)
        if codec == "gzip":
            self.assertNotIn(needle, batches[0].body)

    def test_librdkafka(self):
        self.round_trip(clients.librdkafka())

    def test_kafka_python_2_0_2(self):
        self.round_trip(clients.kafka_python_old())

    def test_kafka_python_recent(self):
        self.round_trip(clients.kafka_python())

    def test_confluent_kafka(self):
        self.round_trip(clients.confluent())

    def test_java(self):
        client = clients.java()
        if client is None:
            self.skipTest("SKIPPED ALOUD: there is no Java client here, see clients.set_up")
        self.round_trip(client)


if __name__ == "__main__":
    unittest.main()
