"""The programs of kafka-python's documentation and of the usual tutorials run unchanged, with an old and a recent
kafka-python."""

import subprocess
import unittest

from support import places, segments
from support.server import Server

PATIENCE_SECONDS = 90


class Tutorials(unittest.TestCase):
    def setUp(self):
        self.server = Server().start()
        self.addCleanup(self.server.close)

    def run_all(self, environment):
        programs = sorted((places.sources() / "tutorials").glob("*.py"))
        self.assertGreaterEqual(len(programs), 5)
        for program in programs:
            with self.subTest(program=program.stem, kafka=environment):
                done = subprocess.run([places.python_of(environment), program, self.server.address],
                                      capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr[-3000:])
        self.assertEqual({batch.codec for batch in segments.batches(self.server.data, "gzip-topic")}, {"gzip"})
        self.assertEqual({batch.codec for batch in segments.batches(self.server.data, "my-topic")}, {"none"})

    def test_kafka_python_2_0_2(self):
        self.run_all("kafka-python-2.0.2")

    def test_kafka_python_recent(self):
        self.run_all("kafka-python")


if __name__ == "__main__":
    unittest.main()
