"""A disk that fills up under the server: an error for the producer, nothing acknowledged is lost, and the server lives
on and takes records again when there is room."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import clients, places, records
from support.server import Server

DISK = "24m"
PIECE = 100_000


class FullDisk(unittest.TestCase):
    def setUp(self):
        base = places.work() / "data"
        base.mkdir(parents=True, exist_ok=True)
        self.disk = pathlib.Path(tempfile.mkdtemp(prefix="disk-", dir=base))
        self.addCleanup(shutil.rmtree, self.disk, True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", self.disk],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            self.skipTest(f"SKIPPED: a small disk can be mounted by root only ({mounted.stderr.strip()})")
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(self.disk)], check=True)

    def test_answers_an_error_and_keeps_what_was_acknowledged(self):
        client = clients.librdkafka()
        with Server("log.segment.bytes=1048576", data=self.disk / "broker") as server:
            early = records.sample(20, "early")
            client.produce(server.address, "early", early)
            ballast = self.disk / "ballast"
            ballast.write_bytes(b"x" * 8_000_000)
            sent = [records.Record(b"%d" % i, bytes([i % 256]) * PIECE) for i in range(300)]
            told = client.try_produce(server.address, "filling", sent, retries="0", message_timeout_ms="30000",
                                      batch_num_messages="1", max_in_flight="1")
            acknowledged = {i: offset for i, offset in enumerate(told) if isinstance(offset, int)}
            errors = {result for result in told if not isinstance(result, int)}
            self.assertGreater(len(acknowledged), 20)
            self.assertLess(len(acknowledged), len(sent), "the disk did not fill up")
            self.assertIn("KAFKA_STORAGE_ERROR", errors)
            self.assertTrue(server.alive(), server.story())
            self.check(client, server, acknowledged, sent, early)

            ballast.unlink()
            more = client.try_produce(server.address, "afterwards", records.sample(5, "afterwards"))
            if any(not isinstance(result, int) for result in more):
                server.stop()  # a broker whose log folder failed may ask for a restart, as Kafka's does
                server.start()
                more = client.produce(server.address, "afterwards", records.sample(5, "afterwards"))
            self.assertEqual(more, list(range(5)))
            server.kill()
            server.start()
            self.check(client, server, acknowledged, sent, early)

    def check(self, client, server, acknowledged, sent, early):
        self.assertEqual(client.consume(server.address, "early", 20), list(enumerate(early)))
        stored = dict(client.consume(server.address, "filling", max(acknowledged.values()) + 1))
        self.assertEqual([i for i, offset in acknowledged.items() if stored.get(offset) != sent[i]], [])


if __name__ == "__main__":
    unittest.main()
