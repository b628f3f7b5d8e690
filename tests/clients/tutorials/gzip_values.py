"""compression_type='gzip', and callbacks for each record."""

import sys

from kafka import KafkaConsumer, KafkaProducer

address = sys.argv[1]
metadata, errors = [], []

producer = KafkaProducer(bootstrap_servers=address, compression_type="gzip", linger_ms=10)
for i in range(1000):
    producer.send("gzip-topic", b"msg %d" % i).add_callback(metadata.append).add_errback(errors.append)
producer.flush()
assert not errors, errors[:3]
assert sorted(m.offset for m in metadata) == list(range(1000))

consumer = KafkaConsumer("gzip-topic", bootstrap_servers=address, auto_offset_reset="earliest",
                         consumer_timeout_ms=2000)
values = [message.value for message in consumer]
assert values == [b"msg %d" % i for i in range(1000)]
