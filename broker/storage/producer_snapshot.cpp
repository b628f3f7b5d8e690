// The file form of the producer state. A snapshot that a crash cut, or that rotted, is told from a
// whole one by its checksum and is never half believed (KAFKA-9892).
#include "broker/base/crc32c.h"
#include "broker/storage/producer_state.h"
#include "broker/wire/reader.h"
#include "broker/wire/writer.h"

namespace weir {
namespace {

constexpr std::int16_t kProducerSnapshotVersion = 1;
constexpr std::size_t kCrcFrom = 6;  // version i16, crc u32
constexpr std::int64_t kNoTransaction = -1;

void write_entry(Writer& writer, ProducerId id, const ProducerStates::Entry& entry) {
  writer.int64(id.value());
  writer.int16(entry.epoch.value());
  writer.int64(entry.last_seen.ms);
  writer.int64(entry.transaction_first_offset ? entry.transaction_first_offset->value()
                                              : kNoTransaction);
  writer.int32(static_cast<std::int32_t>(entry.batches.size()));
  for (const ProducerStates::StoredBatch& batch : entry.batches) {
    writer.int32(batch.first_sequence);
    writer.int32(batch.last_sequence);
    writer.int64(batch.last_offset.value());
    writer.int32(batch.offset_delta);
    writer.int64(batch.timestamp.ms);
  }
}

ProducerStates::StoredBatch read_batch(Reader& reader) {
  ProducerStates::StoredBatch batch;
  batch.first_sequence = reader.int32();
  batch.last_sequence = reader.int32();
  batch.last_offset = Offset{reader.int64()};
  batch.offset_delta = reader.int32();
  batch.timestamp = WallTime{reader.int64()};
  return batch;
}

ProducerStates::Entry read_entry(Reader& reader) {
  ProducerStates::Entry entry;
  entry.epoch = ProducerEpoch{reader.int16()};
  entry.last_seen = WallTime{reader.int64()};
  const std::int64_t first = reader.int64();
  if (first != kNoTransaction) entry.transaction_first_offset = Offset{first};
  const std::int32_t batches = reader.int32();
  if (batches < 0 || batches > static_cast<std::int32_t>(ProducerStates::kBatchesKept)) {
    reader.fail(Errc::malformed);
  }
  for (std::int32_t i = 0; i < batches && reader.ok(); ++i) {
    entry.batches.push_back(read_batch(reader));
  }
  return entry;
}

}  // namespace

Slice ProducerStates::encode() const {
  Writer body;
  body.int32(static_cast<std::int32_t>(entries_.size()));
  for (const auto& [id, entry] : entries_) write_entry(body, id, entry);
  const Slice bytes = join(std::move(body).finish());
  Buffer file(kCrcFrom + bytes.size());
  store_be16(file.extend(2), static_cast<std::uint16_t>(kProducerSnapshotVersion));
  store_be32(file.extend(4), crc32c(bytes));
  file.append(bytes);
  return std::move(file).share();
}

Result<ProducerStates> ProducerStates::decode(const Slice& snapshot) {
  Reader reader(snapshot);
  const std::int16_t version = reader.int16();
  const std::uint32_t crc = reader.uint32();
  if (!reader.ok()) return Errc::truncated;
  if (version != kProducerSnapshotVersion) return Errc::unsupported;
  if (crc != crc32c(snapshot.subslice(kCrcFrom))) return Errc::corrupt;
  ProducerStates states;
  const std::int32_t count = reader.int32();
  for (std::int32_t i = 0; i < count && reader.ok(); ++i) {
    const ProducerId id{reader.int64()};
    Entry entry = read_entry(reader);
    if (reader.ok()) states.entries_.insert_or_assign(id, std::move(entry));
  }
  if (!reader.ok()) return reader.error();
  if (count < 0 || reader.remaining() != 0) return Errc::malformed;
  return states;
}

}  // namespace weir
