#!/usr/bin/env python3
"""Frames and record batches as kafka-python 3 writes them, for the golden tests of broker/wire.

An implementation that shares nothing with Weir says here which bytes a message is. Run it only to
renew the data: pip install kafka-python python-snappy lz4 zstandard crc32c, then
make_golden.py FOLDER writes frames.txt, frames_described.txt and batches.txt there.
"""
import base64
import importlib
import pkgutil
import random
import sys
import uuid

import kafka.protocol
from kafka.protocol.api_message import ApiMessage
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

SERVED = {  # as broker/wire/api_key.cpp has them
    "ApiVersions": (0, 4), "Metadata": (0, 13), "Produce": (3, 12), "Fetch": (4, 17),
    "ListOffsets": (1, 9), "CreateTopics": (2, 7), "DeleteTopics": (1, 6),
    "InitProducerId": (0, 5), "FindCoordinator": (0, 6),
}
DESCRIBED = {  # known to broker/wire, and to kafka-python
    "Fetch": (18, 18), "AlterConfigs": (0, 2), "AlterPartitionReassignments": (0, 1),
    "CreatePartitions": (0, 3), "DeleteRecords": (0, 2), "DescribeCluster": (0, 2),
    "DescribeConfigs": (1, 4), "DescribeLogDirs": (1, 5), "DescribeQuorum": (0, 2),
    "DescribeTopicPartitions": (0, 0), "ElectLeaders": (0, 2), "IncrementalAlterConfigs": (0, 1),
    "ListPartitionReassignments": (0, 0), "OffsetForLeaderEpoch": (2, 4), "UpdateFeatures": (0, 2),
}
# A tagged field that happens to have its default: kafka-python writes it, and Kafka does not.
DEFAULTS = ("null", "[]", "0", "-1", "false", '""', "{}", "{ReplicaId: -1, ReplicaEpoch: -1}")
BITS = {"int8": 7, "int16": 15, "uint16": 16, "int32": 31, "int64": 63}


def in_range(text, version):
    if text in (None, "none"):
        return False
    low, _, high = text.partition("-")
    if low.endswith("+"):
        return version >= int(low[:-1])
    return int(low) <= version <= int(high or low)


def make_value(rng, kind, field, version, owner):
    """Returns (value for kafka-python, text as Weir prints it)."""
    if in_range(field.get("nullableVersions"), version) and kind != "records" and rng.random() < 0.2:
        return None, "null"
    if kind.startswith("[]"):
        items = [make_value(rng, kind[2:], dict(field, nullableVersions=None), version, owner)
                 for _ in range(rng.randrange(3))]
        return [v for v, _ in items], "[" + ", ".join(t for _, t in items) + "]"
    if kind in BITS:
        if field["name"] == "ErrorCode":
            code, name = rng.choice([(0, "NONE"), (3, "UNKNOWN_TOPIC_OR_PARTITION"),
                                     (6, "NOT_LEADER_OR_FOLLOWER"), (-1, "UNKNOWN_SERVER_ERROR")])
            return code, name
        value = rng.choice([0, 1, -1, rng.getrandbits(BITS[kind]), -rng.getrandbits(BITS[kind])])
        if kind == "uint16":
            value %= 1 << 16
        return value, str(value)
    if kind == "bitfield":  # kafka-python's own view of authorized operations, an int32
        bits = set(rng.sample(range(3, 13), rng.randrange(4)))
        return bits, str(sum(1 << bit for bit in bits))
    if kind == "bool":
        value = rng.random() < 0.5
        return value, "true" if value else "false"
    if kind == "string":
        value = "".join(rng.choice("abcdefghijklmnop-_.0123456789") for _ in range(rng.choice([0, 1, 7, 9])))
        return value, '"' + value + '"'
    if kind == "uuid":
        value = uuid.UUID(int=rng.getrandbits(128))
        return value, base64.urlsafe_b64encode(value.bytes).decode().rstrip("=")
    if kind == "records":
        value = bytes(rng.getrandbits(8) for _ in range(rng.choice([0, 3, 40])))
        return value, f"<{len(value)} bytes>"
    return make_struct(rng, field["fields"], getattr(owner, kind), version)


def make_struct(rng, fields, cls, version):
    values, texts = {}, []
    for field in fields:
        if not in_range(field["versions"], version):
            continue
        name = field["name"]
        attribute = next(f for f in cls._struct._fields
                         if f.name.replace("_", "").lower() == name.replace("_", "").lower())
        if name == "authorized_operations":  # renamed by kafka-python
            name = ("Cluster" if cls.__name__ in ("MetadataResponse", "DescribeClusterResponse") else "Topic") + "AuthorizedOperations"
        if "tag" in field and rng.random() < 0.5:
            continue  # left at its default, so neither written nor printed
        value, text = make_value(rng, field["type"], field, version, cls)
        if "tag" in field and text in DEFAULTS:
            continue
        values[attribute.name] = value
        texts.append(f"{name}: {text}")
    return cls(version=version, **values), "{" + ", ".join(texts) + "}"


def make_frames(out, apis):
    for module in pkgutil.walk_packages(kafka.protocol.__path__, "kafka.protocol."):
        if ".old" not in module.name and "generate_stubs" not in module.name:
            importlib.import_module(module.name)
    classes = {}

    def collect(cls):
        for sub in cls.__subclasses__():
            if getattr(sub, "_json", None) and sub._class_version is None:
                classes[sub.name] = sub
            collect(sub)

    collect(ApiMessage)
    out.write("# message, version, whole frame, text (kafka-python wrote the bytes)\n")
    for api, (first, last) in apis.items():
        for version in range(first, last + 1):
            for kind in ("Request", "Response"):
                cls = classes[api + kind]
                for n in range(2):
                    rng = random.Random(f"{api}{kind}{version}{n}")
                    message, text = make_struct(rng, cls.json["fields"], cls, version)
                    message.with_header(correlation_id=7 + n, **({"client_id": "golden"} if kind == "Request" else {}))
                    frame = bytes(message.encode(header=True, framed=True))
                    out.write(f"{api}{kind}|{version}|{frame.hex()}|{text}\n")


def make_batches(out):
    out.write("# codec, producer id, epoch, sequence, transactional, records as delta:key:value:headers, batch\n")
    for codec, name in enumerate(["none", "gzip", "snappy", "lz4", "zstd"]):
        for shape in range(4):
            rng = random.Random(f"{name}{shape}")
            idempotent = shape >= 2
            producer = (4711 + shape, 3, 2147483646) if idempotent else (-1, -1, -1)
            builder = DefaultRecordBatchBuilder(2, codec, shape == 3, *producer, 1 << 20)
            texts = []
            for offset in range([2, 3, 20, 5][shape]):
                key = None if rng.random() < 0.3 else b"k%d" % rng.randrange(9)
                value = None if rng.random() < 0.2 else b"value %d " % offset * rng.randrange(1, 8)
                headers = [("h%d" % h, None if rng.random() < 0.3 else b"x" * h) for h in range(rng.randrange(3))]
                delta = rng.randrange(-5, 1000)
                builder.append(offset, 1700000000000 + delta, key, value, headers)
                show = lambda b: "null" if b is None else b.hex()
                texts.append(":".join([str(delta), show(key), show(value)] +
                                      [k + "=" + show(v) for k, v in headers]))
            batch = bytes(builder.build())
            assert DefaultRecordBatch(batch).validate_crc()
            out.write("|".join([name, *map(str, producer), str(int(shape == 3)), ",".join(texts), batch.hex()]) + "\n")


if __name__ == "__main__":
    with open(sys.argv[1] + "/frames.txt", "w") as frames:
        make_frames(frames, SERVED)
    with open(sys.argv[1] + "/frames_described.txt", "w") as frames:
        make_frames(frames, DESCRIBED)
    with open(sys.argv[1] + "/batches.txt", "w") as batches:
        make_batches(batches)
