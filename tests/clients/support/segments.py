"""Reads Kafka's log segments from the disk, independently of Weir: record batches of version 2, one after another.

Written from the description of the format (kafka.apache.org, "Record Batch"), with a CRC-32C of its own, so that what
a client stored is judged by what lies there and not by what the server says.
"""

import dataclasses
import gzip
import struct
import time

CODECS = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}

AGREEMENT_SECONDS = 10

_HEAD = struct.Struct(">qiibIhiqqqhii")


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


@dataclasses.dataclass
class Batch:
    base_offset: int
    last_offset: int
    codec: str
    crc_holds: bool
    producer_id: int
    producer_epoch: int
    base_sequence: int
    records: int
    body: bytes


def batches_of(data):
    """The batches of one segment's bytes; a torn or empty tail ends them."""
    at = 0
    while at + _HEAD.size <= len(data):
        (base, length, _, magic, crc, attributes, last_delta, _, _, producer, epoch, sequence,
         records) = _HEAD.unpack_from(data, at)
        end = at + 12 + length
        if length <= 0 or end > len(data):
            return
        assert magic == 2, f"magic {magic} at byte {at}"
        yield Batch(base, base + last_delta, CODECS[attributes & 7], crc32c(data[at + 21:end]) == crc, producer, epoch,
                    sequence, records, data[at + _HEAD.size:end])
        at = end


def partition_folders(data_folder, topic, partition=0):
    """One a replica."""
    found = sorted(data_folder.rglob(f"{topic}-{partition}"))
    assert found, f"no folder of {topic}-{partition} below {data_folder}"
    return found


def partition_folder(data_folder, topic, partition=0):
    found = partition_folders(data_folder, topic, partition)
    assert len(found) == 1, f"folders of {topic}-{partition} below {data_folder}: {found}"
    return found[0]


def segment_files(folder):
    segments = sorted(folder.glob("*.log"))
    assert segments, f"no segment in {folder}"
    return segments


def agreed_folder(data_folder, topic, partition=0):
    """A folder of the partition, when all its replicas hold the same bytes; waits a while for followers."""
    folders = partition_folders(data_folder, topic, partition)
    deadline = time.monotonic() + AGREEMENT_SECONDS
    while True:
        held = {b"".join(file.read_bytes() for file in segment_files(folder)) for folder in folders}
        if len(held) == 1:
            return folders[0]
        assert time.monotonic() < deadline, f"{folders} differ; sizes {sorted(len(data) for data in held)}"
        time.sleep(0.05)


def batches(data_folder, topic, partition=0):
    """All batches of a partition, in the order of its segment files; offsets must go on without a gap."""
    found = []
    for segment in segment_files(agreed_folder(data_folder, topic, partition)):
        assert len(segment.stem) == 20 and segment.stem.isdigit(), segment.name
        inside = list(batches_of(segment.read_bytes()))
        if inside:
            assert inside[0].base_offset == int(segment.stem), (segment.name, inside[0].base_offset)
        found += inside
    for before, after in zip(found, found[1:]):
        assert after.base_offset == before.last_offset + 1, (before, after)
    return found


def plain_body(batch):
    """The records of a batch without its compression, where Python itself can undo it; else None."""
    if batch.codec == "none":
        return batch.body
    if batch.codec == "gzip":
        return gzip.decompress(batch.body)
    return None
