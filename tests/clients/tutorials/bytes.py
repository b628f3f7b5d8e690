"""The first program of every kafka-python tutorial: send bytes, wait for each, read them back."""

import sys

from kafka import KafkaConsumer, KafkaProducer

address = sys.argv[1]

producer = KafkaProducer(bootstrap_servers=[address])
future = producer.send("my-topic", b"raw_bytes")
metadata = future.get(timeout=10)
print("sent", metadata.topic, metadata.partition, metadata.offset)
for i in range(100):
    producer.send("my-topic", b"message %d" % i)
producer.flush()
producer.close()

consumer = KafkaConsumer("my-topic", bootstrap_servers=[address], auto_offset_reset="earliest", group_id=None,
                         consumer_timeout_ms=2000)
values = [message.value for message in consumer]
consumer.close()
assert values == [b"raw_bytes"] + [b"message %d" % i for i in range(100)], values[:5]
