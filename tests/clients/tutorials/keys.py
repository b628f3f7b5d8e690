"""Keys decide the partition: equal keys stay together and in order."""

import sys

from kafka import KafkaConsumer, KafkaProducer

address = sys.argv[1]

producer = KafkaProducer(bootstrap_servers=address, key_serializer=str.encode, value_serializer=str.encode, retries=5)
sent = [(f"key-{i % 7}", f"value {i}") for i in range(70)]
for key, value in sent:
    producer.send("keyed-topic", key=key, value=value)
producer.flush()

consumer = KafkaConsumer("keyed-topic", bootstrap_servers=address, auto_offset_reset="earliest",
                         consumer_timeout_ms=2000)
by_key, partitions = {}, {}
for message in consumer:
    key = message.key.decode()
    by_key.setdefault(key, []).append(message.value.decode())
    partitions.setdefault(key, set()).add(message.partition)
assert all(len(found) == 1 for found in partitions.values()), partitions
for key in {key for key, _ in sent}:
    assert by_key[key] == [value for k, value in sent if k == key], key
