// Laws of record batches and codecs: what goes in comes out, and no bytes do harm.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>

#include "broker/wire/produce_check.h"
#include "tests/property/wire_generators.h"

namespace weir {
namespace {

using OptionalText = std::optional<std::string>;

OptionalText pick_text() {
  if (*rc::gen::inRange(0, 5) == 0) return std::nullopt;
  return *rc::gen::arbitrary<std::string>();
}

// A record that owns its bytes.
struct OwnedRecord {
  std::int64_t timestamp = 0;
  OptionalText key;
  OptionalText value;
  std::vector<std::pair<std::string, OptionalText>> headers;
  friend bool operator==(const OwnedRecord&, const OwnedRecord&) = default;
};

OwnedRecord pick_record() {
  OwnedRecord record;
  record.timestamp = *rc::gen::arbitrary<std::int64_t>();
  record.key = pick_text();
  record.value = pick_text();
  for (int n = *rc::gen::inRange(0, 3); n > 0; --n) {
    record.headers.emplace_back(*rc::gen::arbitrary<std::string>(), pick_text());
  }
  return record;
}

std::optional<Bytes> view(const OptionalText& text) {
  return text.has_value() ? std::optional<Bytes>(as_bytes(*text)) : std::nullopt;
}
OptionalText owned(const std::optional<Bytes>& bytes) {
  return bytes.has_value() ? OptionalText(as_text(*bytes)) : std::nullopt;
}

OwnedRecord owned(const Record& record) {
  OwnedRecord copy{record.timestamp, owned(record.key), owned(record.value), {}};
  for (const RecordHeader& h : record.headers) {
    copy.headers.emplace_back(std::string(h.key), owned(h.value));
  }
  return copy;
}

Slice build(const std::vector<OwnedRecord>& records, Compression codec, Codecs& codecs) {
  RecordBatchBuilder builder;
  for (const OwnedRecord& record : records) {
    std::vector<RecordHeader> headers;
    for (const auto& [key, value] : record.headers) headers.push_back({key, view(value)});
    NewRecord added;
    added.timestamp = record.timestamp;
    added.key = view(record.key);
    added.value = view(record.value);
    added.headers = headers;
    const std::size_t expected = builder.size_with(added);
    builder.append(added);
    RC_ASSERT(builder.size() == expected);
  }
  BatchOptions options;
  options.compression = codec;
  return builder.build(options, codecs);
}

std::vector<OwnedRecord> pick_records() {
  std::vector<OwnedRecord> records(*rc::gen::inRange<std::size_t>(1, 20));
  for (OwnedRecord& record : records) record = pick_record();
  return records;
}

Compression pick_codec() { return static_cast<Compression>(*rc::gen::inRange(0, 5)); }

TEST(WireBatches, HoldWhatWasPutIn) {
  Codecs codecs;
  EXPECT_TRUE(rc::check("records come back", [&codecs] {
    const std::vector<OwnedRecord> records = pick_records();
    const Slice bytes = build(records, pick_codec(), codecs);
    const Result<RecordBatch> batch = parse_batch(bytes);
    RC_ASSERT(batch.has_value());
    RC_ASSERT(batch->size() == bytes.size());
    RC_ASSERT(crc_is_right(*batch));
    Result<RecordReader> reader = RecordReader::open(*batch, codecs);
    RC_ASSERT(reader.has_value());
    Record record;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const Result<bool> more = reader->next(record);
      RC_ASSERT((more.has_value() && *more));
      RC_ASSERT(owned(record) == records[i]);
      RC_ASSERT(record.offset == Offset(static_cast<std::int64_t>(i)));
    }
    RC_ASSERT(*reader->next(record) == false);
    compare_shapes(*batch, codecs, kDefaultMaxUncompressedBytes);
  }));
}

// Both ways of reading see the same records, and the same end.
void compare_shapes(const RecordBatch& batch, Codecs& codecs, std::size_t limit) {
  Result<RecordReader> one_by_one = RecordReader::open(batch, codecs, limit);
  Result<RecordReader> many = RecordReader::open(batch, codecs, limit);
  RC_ASSERT((one_by_one.has_value() == many.has_value()));
  if (!many) return;
  std::array<RecordShape, 3> shapes;
  Record record;
  for (;;) {
    const Result<std::size_t> found = many->next_shapes(shapes);
    for (std::size_t i = 0; i < (found ? *found : 0); ++i) {
      const Result<bool> more = one_by_one->next(record);
      RC_ASSERT((more.has_value() && *more));
      RC_ASSERT(shapes[i].offset == record.offset);
      RC_ASSERT(shapes[i].timestamp == record.timestamp);
      RC_ASSERT(shapes[i].has_key == record.key.has_value());
    }
    if (found && *found > 0) continue;
    const Result<bool> more = one_by_one->next(record);
    RC_ASSERT((found.has_value() == more.has_value()));
    if (found) RC_ASSERT(!*more);
    if (!found) RC_ASSERT((found.error() == more.error()));
    return;
  }
}

// Reads all there is; what matters is that it ends, and stays within the bytes (sanitizers watch).
void read_anything(const Slice& bytes, Codecs& codecs) {
  constexpr std::size_t kLimit = 1 << 20;
  BatchWalker walker(bytes);
  for (Result<RecordBatch> batch = walker.next(); batch; batch = walker.next()) {
    compare_shapes(*batch, codecs, kLimit);
    Result<RecordReader> reader = RecordReader::open(*batch, codecs, kLimit);
    if (!reader) continue;
    Record record;
    for (Result<bool> more = reader->next(record); more && *more; more = reader->next(record)) {
      if (record.value.has_value()) RC_ASSERT(reader->share(*record.value).size() <= kLimit);
    }
  }
  ProduceLimits limits;
  limits.max_uncompressed_bytes = kLimit;
  const CheckedBatch checked = check_produced(bytes, 9, limits, WallTime{0}, codecs);
  RC_ASSERT((checked.error == ErrorCode::none) == checked.why.empty());
}

TEST(WireBatches, DamagedAnywhereDoNoHarm) {
  Codecs codecs;
  EXPECT_TRUE(rc::check("damage is refused or harmless", [&codecs] {
    Buffer damaged;
    damaged.append(build(pick_records(), pick_codec(), codecs));
    for (int n = *rc::gen::inRange(1, 5); n > 0; --n) {
      const auto at = *rc::gen::inRange<std::size_t>(16, damaged.size());
      if (at == 16) continue;  // the magic: refused at once
      damaged.data()[at] = static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
    }
    read_anything(std::move(damaged).share(), codecs);
  }));
}

TEST(WireBatches, OfAnyBytesDoNoHarm) {
  Codecs codecs;
  EXPECT_TRUE(rc::check("any bytes", [&codecs] {
    const auto bytes = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
    read_anything(slice_from(bytes), codecs);
    for (int codec = 0; codec < 8; ++codec) {
      const auto result =
          codecs.decompress(static_cast<Compression>(codec), slice_from(bytes), 1 << 16);
      RC_ASSERT((!result || result->size() <= std::max<std::size_t>(1 << 16, bytes.size())));
    }
  }));
}

TEST(WireBatches, CompressToTheSameBytesWithUsedAndNewContexts) {
  Codecs used;
  EXPECT_TRUE(rc::check("equal output", [&used] {
    const std::vector<OwnedRecord> records = pick_records();
    const Compression codec = pick_codec();
    Codecs fresh;
    RC_ASSERT(build(records, codec, used).text() == build(records, codec, fresh).text());
  }));
}

}  // namespace
}  // namespace weir
