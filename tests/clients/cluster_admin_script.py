"""A recent kafka-python's admin client against three brokers: what it offers for topics, configs, records, leaders
and replicas. Runs in its virtual environment."""

import sys
import time

from kafka import KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, KafkaAdminClient

PATIENCE_SECONDS = 30
BROKERS = {1, 2, 3}


def wait_until(what, condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def partitions_of(admin, topic):
    found = admin.describe_topics([topic])
    return found[0]["partitions"]


def leader_of(admin, topic):
    # A broker may hear of a topic a little later than the one that was asked to make it.
    partitions = partitions_of(admin, topic)
    return partitions[0]["leader_id"] if partitions else None


def check_cluster(admin):
    cluster = admin.describe_cluster()
    assert {broker["broker_id"] for broker in cluster["brokers"]} == BROKERS, cluster
    quorum = admin.describe_metadata_quorum()["topics"][0]["partitions"][0]
    assert quorum["leader_id"] in BROKERS, quorum
    assert {voter["replica_id"] for voter in quorum["current_voters"]} == BROKERS, quorum


def check_topics(admin):
    admin.create_topics({"made": {"num_partitions": 2, "replication_factor": 3,
                                  "configs": {"retention.ms": "3600000"}}})
    wait_until("every replica is in sync",
               lambda: [set(p["isr_nodes"]) for p in partitions_of(admin, "made")] == [BROKERS, BROKERS])
    admin.create_partitions({"made": 4})
    wait_until("there are four partitions", lambda: len(partitions_of(admin, "made")) == 4)


def check_configs(admin):
    def topic_config(name):
        return admin.describe_configs([ConfigResource("TOPIC", "made")], config_filter="all")["topic"]["made"][name]

    assert "3600000" in str(topic_config("retention.ms")), topic_config("retention.ms")
    admin.alter_configs([ConfigResource("TOPIC", "made", {"retention.ms": "7200000"})])
    wait_until("the config changes", lambda: "7200000" in str(topic_config("retention.ms")))
    admin.reset_configs([ConfigResource("TOPIC", "made", ["retention.ms"])])
    wait_until("the config is the default", lambda: "604800000" in str(topic_config("retention.ms")))


def check_records(admin, address):
    first = TopicPartition("made", 0)
    producer = KafkaProducer(bootstrap_servers=address, acks="all")
    for i in range(10):
        producer.send("made", b"%d" % i, partition=0).get(10)
    producer.close()
    assert "6" in str(admin.delete_records({first: 6})), first
    directories = admin.describe_log_dirs()
    assert len(directories) == 3, directories
    assert str(directories).count("'made'") == 3, directories


def check_replicas(admin):
    moved = TopicPartition("moved", 0)
    admin.create_topics({"moved": {"assignments": {0: [1, 2]}}})
    wait_until("it leads", lambda: leader_of(admin, "moved") == 1)
    assert admin.alter_partition_reassignments({moved: [2, 3]}) == {moved: None}
    wait_until("it has moved", lambda: admin.list_partition_reassignments() == {}
               and partitions_of(admin, "moved")[0]["replica_nodes"] == [2, 3])
    if leader_of(admin, "moved") != 2:
        admin.elect_leaders(0, {"moved": [0]})
    wait_until("the preferred one leads", lambda: leader_of(admin, "moved") == 2)


def main():
    address = sys.argv[1]
    admin = KafkaAdminClient(bootstrap_servers=address.split(","))
    check_cluster(admin)
    check_topics(admin)
    check_configs(admin)
    check_records(admin, address)
    check_replicas(admin)
    admin.delete_topics(["made"])
    wait_until("the topic is gone", lambda: "made" not in admin.list_topics())
    admin.close()


if __name__ == "__main__":
    main()
