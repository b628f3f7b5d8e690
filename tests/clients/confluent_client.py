"""confluent-kafka (a recent librdkafka) behind the lines of support/records.py.

    confluent_client.py produce ADDRESS TOPIC PARTITION [name=value ...]
    confluent_client.py consume ADDRESS TOPIC PARTITION COUNT
"""

import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition

from support.records import Record, consumed_line

PATIENCE_SECONDS = 60


def produce(address, topic, partition, arguments):
    settings = dict(argument.split("=", 1) for argument in arguments)
    producer = Producer({"bootstrap.servers": address, "linger.ms": 5, **settings})
    outcomes = {}

    def delivered(index, error, message):
        offset = -1 if message.offset() is None else message.offset()
        outcomes[index] = f"error\t{error.name()}" if error else str(offset)

    for index, line in enumerate(sys.stdin):
        record = Record.of_line(line)
        producer.produce(topic, value=record.value, key=record.key, headers=list(record.headers), partition=partition,
                         on_delivery=lambda error, message, index=index: delivered(index, error, message))
        producer.poll(0)
    left = producer.flush(PATIENCE_SECONDS)
    for index, outcome in sorted(outcomes.items()):
        print(f"{index}\t{outcome}")
    if left:
        raise SystemExit(f"{left} records without a report")


def consume(address, topic, partition, count):
    consumer = Consumer({"bootstrap.servers": address, "group.id": "unused", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)])
    deadline = time.monotonic() + PATIENCE_SECONDS
    got = 0
    while got < count and time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is None:
            continue
        if message.error():
            if message.error().code() == KafkaError._PARTITION_EOF:
                continue
            raise SystemExit(f"consume: {message.error()}")
        print(consumed_line(message.offset(), message.key(), message.value(), message.headers() or []))
        got += 1
    consumer.close()
    if got < count:
        raise SystemExit(f"only {got} of {count} records came")


def main():
    verb, address, topic, partition, *rest = sys.argv[1:]
    if verb == "produce":
        produce(address, topic, int(partition), rest)
    else:
        consume(address, topic, int(partition), int(rest[0]))


if __name__ == "__main__":
    main()
