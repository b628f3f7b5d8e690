"""kafka-python's admin client: topics are made, described, refused and deleted. Runs in its virtual environment."""

import sys
import time

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import InvalidTopicError, TopicAlreadyExistsError, UnknownTopicOrPartitionError

PATIENCE_SECONDS = 20


def expect(error, action):
    try:
        result = action()
    except error:
        return
    # Recent releases tell it in the answer instead of raising.
    assert error.__name__ in repr(result) or str(error.errno) in repr(result), result


def wait_until(what, condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def main():
    address = sys.argv[1]
    admin = KafkaAdminClient(bootstrap_servers=address)
    admin.create_topics([NewTopic("made-3", num_partitions=3, replication_factor=1),
                         NewTopic("made-1", num_partitions=1, replication_factor=1)])
    wait_until("topics are listed", lambda: {"made-3", "made-1"} <= set(admin.list_topics()))
    consumer = KafkaConsumer(bootstrap_servers=address, consumer_timeout_ms=2000)
    assert consumer.partitions_for_topic("made-3") == {0, 1, 2}
    expect(TopicAlreadyExistsError, lambda: admin.create_topics([NewTopic("made-1", 1, 1)]))
    expect(InvalidTopicError, lambda: admin.create_topics([NewTopic("no/such/../name", 1, 1)]))
    admin.create_topics([NewTopic("not-made", 1, 1)], validate_only=True)
    assert "not-made" not in admin.list_topics()

    producer = KafkaProducer(bootstrap_servers=address)
    for partition in range(3):
        producer.send("made-3", b"to %d" % partition, partition=partition).get(10)
    partitions = [TopicPartition("made-3", partition) for partition in range(3)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    found = sorted((message.partition, message.value) for message in consumer)
    assert found == [(0, b"to 0"), (1, b"to 1"), (2, b"to 2")], found

    admin.delete_topics(["made-3"])
    wait_until("the topic is gone", lambda: "made-3" not in admin.list_topics())
    assert "made-1" in admin.list_topics()
    expect(UnknownTopicOrPartitionError, lambda: admin.delete_topics(["made-3"]))

    # Made again, it is a new topic: nothing of the old one is in it.
    admin.create_topics([NewTopic("made-3", num_partitions=1, replication_factor=1)])
    wait_until("the topic is back", lambda: "made-3" in admin.list_topics())
    consumer = KafkaConsumer(bootstrap_servers=address)
    again = TopicPartition("made-3", 0)
    assert consumer.end_offsets([again]) == {again: 0}
    admin.close()


if __name__ == "__main__":
    main()
