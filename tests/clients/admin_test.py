"""Topics made and deleted by kafka-python's admin client; deleted ones leave the disk, made ones survive a restart."""

import subprocess
import time
import unittest

from support import clients, places, records, segments
from support.server import Server

PATIENCE_SECONDS = 90


class Admin(unittest.TestCase):
    def run_script(self, environment):
        with Server() as server:
            done = subprocess.run([places.python_of(environment), places.sources() / "admin_script.py", server.address],
                                  capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr[-3000:])
            self.assertTrue(segments.partition_folder(server.data, "made-1").is_dir())
            deadline = time.monotonic() + 10
            while list(server.data.rglob("made-3-2")) and time.monotonic() < deadline:
                time.sleep(0.1)
            self.assertEqual(list(server.data.rglob("made-3-2")), [])
            server.kill()
            server.start()
            offsets = clients.librdkafka().produce(server.address, "made-1", records.sample(3, "after"))
            self.assertEqual(offsets, [0, 1, 2])

    def test_kafka_python_2_0_2(self):
        self.run_script("kafka-python-2.0.2")

    def test_kafka_python_recent(self):
        self.run_script("kafka-python")


if __name__ == "__main__":
    unittest.main()
