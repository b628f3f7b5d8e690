"""kafka-python behind the lines of support/records.py; runs with the Python of its own virtual environment.

    kafka_python_client.py produce ADDRESS TOPIC PARTITION [name=value ...]
    kafka_python_client.py consume ADDRESS TOPIC PARTITION COUNT
"""

import sys
import time

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from support.records import Record, consumed_line

PATIENCE_SECONDS = 60


def settings_of(arguments):
    settings = {}
    for argument in arguments:
        name, value = argument.split("=", 1)
        if name == "compression.type":
            settings["compression_type"] = None if value == "none" else value
        elif name == "acks":
            settings["acks"] = value if value == "all" else int(value)
        elif value in ("true", "false"):
            settings[name.replace(".", "_")] = value == "true"
        else:
            settings[name.replace(".", "_")] = int(value) if value.isdigit() else value
    return settings


def produce(address, topic, partition, arguments):
    producer = KafkaProducer(bootstrap_servers=address, linger_ms=5, **settings_of(arguments))
    futures = []
    for line in sys.stdin:
        record = Record.of_line(line)
        futures.append(producer.send(topic, value=record.value, key=record.key, headers=list(record.headers),
                                     partition=partition))
    producer.flush(PATIENCE_SECONDS)
    for index, future in enumerate(futures):
        try:
            print(f"{index}\t{future.get(PATIENCE_SECONDS).offset}")
        except Exception as error:  # whatever the client calls it, the test asks for the name
            print(f"{index}\terror\t{type(error).__name__}")
    producer.close()


def consume(address, topic, partition, count):
    consumer = KafkaConsumer(bootstrap_servers=address, enable_auto_commit=False, group_id=None)
    assigned = TopicPartition(topic, partition)
    consumer.assign([assigned])
    consumer.seek_to_beginning(assigned)
    deadline = time.monotonic() + PATIENCE_SECONDS
    got = 0
    while got < count and time.monotonic() < deadline:
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                print(consumed_line(record.offset, record.key, record.value, record.headers))
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
