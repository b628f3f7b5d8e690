"""kcat, as people use it: list, produce with every codec and with keys and headers, consume, ask for offsets."""

import json
import subprocess
import unittest

from support import clients, segments
from support.server import Server

PATIENCE_SECONDS = 60


class Kcat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def kcat(self, *arguments, text=""):
        done = subprocess.run(["kcat", "-b", self.server.address, *arguments], input=text, capture_output=True,
                              text=True, timeout=PATIENCE_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-1000:] + done.stderr[-3000:])
        return done.stdout

    def consume(self, topic, form):
        return self.kcat("-C", "-t", topic, "-p", "0", "-o", "beginning", "-e", "-q", "-f", form)

    def test_produces_and_consumes_every_codec(self):
        lines = "".join(f"line {i} {'and so on ' * 20}\n" for i in range(100))
        for codec in clients.CODECS:
            with self.subTest(codec=codec):
                topic = f"kcat-{codec}"
                self.kcat("-P", "-t", topic, "-p", "0", "-z", codec, text=lines)
                self.assertEqual(self.consume(topic, "%s\n"), lines)
                batches = segments.batches(self.server.data, topic)
                self.assertEqual({batch.codec for batch in batches}, {codec})
                self.assertTrue(all(batch.crc_holds for batch in batches))

    def test_keeps_keys_headers_and_offsets(self):
        self.kcat("-P", "-t", "kcat-keys", "-p", "0", "-K", ":", "-H", "from=kcat", text="a:1\nb:2\na:3\n")
        self.assertEqual(self.consume("kcat-keys", "%o %k %s %h\n"), "0 a 1 from=kcat\n1 b 2 from=kcat\n2 a 3 from=kcat\n")

    def test_lists_brokers_and_topics(self):
        self.kcat("-P", "-t", "kcat-list", "-p", "0", text="x\n")
        listed = json.loads(self.kcat("-L", "-J"))
        self.assertEqual([broker["name"] for broker in listed["brokers"]], [self.server.address])
        topics = {topic["topic"]: topic for topic in listed["topics"]}
        self.assertIn("kcat-list", topics)
        partition = topics["kcat-list"]["partitions"][0]
        broker = listed["brokers"][0]["id"]
        self.assertEqual((partition["partition"], partition["leader"]), (0, broker))
        self.assertEqual([replica["id"] for replica in partition["replicas"]], [broker])
        self.assertEqual([replica["id"] for replica in partition["isrs"]], [broker])
        self.assertIn(f"broker {broker} at {self.server.address}", self.kcat("-L"))

    def test_finds_offsets_by_time(self):
        self.kcat("-P", "-t", "kcat-times", "-p", "0", text="x\ny\n")
        self.assertEqual(self.kcat("-Q", "-t", "kcat-times:0:-1").split()[-1], "2")
        self.assertEqual(self.kcat("-Q", "-t", "kcat-times:0:0").split()[-1], "0")

    def test_reads_the_last_records(self):
        self.kcat("-P", "-t", "kcat-tail", "-p", "0", text="".join(f"{i}\n" for i in range(20)))
        self.assertEqual(self.kcat("-C", "-t", "kcat-tail", "-p", "0", "-o", "-3", "-e", "-q"), "17\n18\n19\n")


if __name__ == "__main__":
    unittest.main()
