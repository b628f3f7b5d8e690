"""JSON through a value_serializer, read back through a value_deserializer."""

import json
import sys

from kafka import KafkaConsumer, KafkaProducer

address = sys.argv[1]

producer = KafkaProducer(bootstrap_servers=address, value_serializer=lambda v: json.dumps(v).encode("utf-8"))
for i in range(10):
    producer.send("json-topic", {"number": i, "text": f"grüße {i}"})
producer.flush()

consumer = KafkaConsumer("json-topic", bootstrap_servers=address, auto_offset_reset="earliest",
                         value_deserializer=lambda m: json.loads(m.decode("utf-8")), consumer_timeout_ms=2000)
values = [message.value for message in consumer]
assert values == [{"number": i, "text": f"grüße {i}"} for i in range(10)], values
