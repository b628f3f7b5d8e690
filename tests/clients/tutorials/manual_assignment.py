"""Manual assignment, seeking, positions, and offsets by question."""

import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

address = sys.argv[1]

producer = KafkaProducer(bootstrap_servers=address)
for i in range(50):
    producer.send("assigned-topic", b"%d" % i, partition=0, timestamp_ms=1_700_000_000_000 + i * 1000)
producer.flush()

consumer = KafkaConsumer(bootstrap_servers=address, consumer_timeout_ms=2000)
partition = TopicPartition("assigned-topic", 0)
consumer.assign([partition])
consumer.seek_to_beginning(partition)
assert [m.value for m in consumer] == [b"%d" % i for i in range(50)]
assert consumer.position(partition) == 50

consumer.seek(partition, 45)
assert [m.offset for m in consumer] == [45, 46, 47, 48, 49]

consumer.seek_to_end(partition)
assert consumer.position(partition) == 50
assert consumer.poll(timeout_ms=200) == {}

assert consumer.beginning_offsets([partition]) == {partition: 0}
assert consumer.end_offsets([partition]) == {partition: 50}
at = consumer.offsets_for_times({partition: 1_700_000_000_000 + 20_500})
assert at[partition].offset == 21 and at[partition].timestamp == 1_700_000_000_000 + 21_000, at
assert consumer.partitions_for_topic("assigned-topic") == {0}
assert "assigned-topic" in consumer.topics()
consumer.close()
