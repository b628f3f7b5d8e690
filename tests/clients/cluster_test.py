"""Real clients against `weir serve --brokers 3`: each produces with acks=all and consumes, kcat lists and works as with
one broker, the admin clients of Java and Python do everything that they offer; and what it refuses to start on."""

import json
import socket
import subprocess
import time
import unittest

import kcat_test
from support import clients, places, records, segments
from support.cluster import Cluster
from support.server import Server

COUNT = 120
PATIENCE_SECONDS = 120

# Short sessions: who did not stop in order may come back soon.
CLUSTER = ["default.replication.factor=3", "min.insync.replicas=2", "broker.session.timeout.ms=2000",
           "broker.heartbeat.interval.ms=300"]


class KcatOnACluster(kcat_test.Kcat):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(*CLUSTER, brokers=3).start()

    def test_lists_brokers_and_topics(self):
        self.kcat("-P", "-t", "kcat-list", "-p", "0", text="x\n")
        listed = json.loads(self.kcat("-L", "-J"))
        self.assertEqual(sorted(broker["name"] for broker in listed["brokers"]), self.server.addresses)
        topics = {topic["topic"]: topic for topic in listed["topics"]}
        partition = topics["kcat-list"]["partitions"][0]
        self.assertIn(partition["leader"], {1, 2, 3})
        self.assertEqual({replica["id"] for replica in partition["replicas"]}, {1, 2, 3})
        self.assertEqual({replica["id"] for replica in partition["isrs"]}, {1, 2, 3})


class ClientsOnACluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(*CLUSTER, brokers=3).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_every_client_produces_and_consumes(self):
        for number, client in enumerate(clients.all_clients()):
            codec = clients.CODECS[number % len(clients.CODECS)]
            with self.subTest(client=client.name, codec=codec):
                topic = client.topic_name()
                sent = records.sample(COUNT, topic)
                offsets = client.produce(self.server.address, topic, sent, compression_type=codec, acks="all")
                self.assertEqual(offsets, list(range(COUNT)))
                self.assertEqual(client.consume(self.server.address, topic, COUNT), list(enumerate(sent)))
                self.assertEqual(len(segments.partition_folders(self.server.data, topic)), 3)
                self.assertEqual(sum(batch.records for batch in segments.batches(self.server.data, topic)), COUNT)


class ServingACluster(unittest.TestCase):
    def refused(self, why, *config, **options):
        with self.assertRaisesRegex(AssertionError, why):
            Server(*config, **options).start()

    def test_stops_soon_and_starts_again_on_its_data(self):
        sent = records.sample(COUNT, "kept")
        with Server(*CLUSTER, brokers=3) as server:
            clients.librdkafka().produce(server.address, "kept", sent, acks="all")
            for _ in range(2):
                begin = time.monotonic()
                self.assertEqual(server.stop(), 0, server.story())
                self.assertLess(time.monotonic() - begin, 3, "the nodes of one process stop together")
                server.start()
                self.assertEqual(clients.librdkafka().consume(server.address, "kept", COUNT), list(enumerate(sent)))
            server.kill()
            server.start()
            self.assertEqual(clients.librdkafka().consume(server.address, "kept", COUNT), list(enumerate(sent)))

    def test_refuses_directories_of_another_kind(self):
        with Server() as server:
            self.refused("in use by process|belongs to a broker that stands alone", data=server.data, brokers=3)
            server.stop()
            self.refused("belongs to a broker that stands alone", data=server.data, brokers=3)
            server.start()
        with Server(brokers=3) as server:
            server.stop()
            self.refused("belongs to a cluster", data=server.data)
            self.refused("belongs to a node of a cluster", data=server.data / "b2")
            server.start()

    def test_refuses_the_directory_of_another_node(self):
        with Cluster() as cluster:
            cluster.stop()
            first, second, _ = cluster.nodes
            first.command += ["--data", second.data]
            with self.assertRaisesRegex(AssertionError, "belongs to node 2, this node is 1"):
                first.start()

    def test_refuses_a_port_that_is_taken(self):
        with Server(*CLUSTER, brokers=3) as server:
            with socket.create_server(("127.0.0.1", 0)) as taken:
                server.stop()
                listen = server.command.index("--listen") + 1
                was = server.command[listen]
                server.command[listen] = f"127.0.0.1:{taken.getsockname()[1] - 1}"
                with self.assertRaisesRegex(AssertionError, "cannot listen on .*: address in use"):
                    server.start()
            server.command[listen] = was
            server.start()


class AdminOnACluster(unittest.TestCase):
    def setUp(self):
        self.server = Server(*CLUSTER, brokers=3).start()
        self.addCleanup(self.server.close)

    def run_to_the_end(self, command):
        done = subprocess.run(command + [self.server.address], capture_output=True, text=True,
                              timeout=PATIENCE_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr[-3000:] + self.server.story())

    def test_java(self):
        if not clients.has_java():
            self.skipTest("SKIPPED ALOUD: there is no Java client here, see clients.set_up")
        self.run_to_the_end(clients.java_command("Administer"))

    def test_kafka_python_recent(self):
        self.run_to_the_end([places.python_of("kafka-python"), places.sources() / "cluster_admin_script.py"])

    def test_kafka_python_2_0_2(self):
        self.run_to_the_end([places.python_of("kafka-python-2.0.2"), places.sources() / "admin_script.py"])


if __name__ == "__main__":
    unittest.main()
