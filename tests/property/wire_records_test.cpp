// Laws of the metadata log's records: framed, in batches, and of any bytes.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <type_traits>
#include <utility>

#include "broker/wire/records/control_record.h"
#include "tests/property/wire_generators.h"

namespace weir {
namespace {

template <class... Records>
MetadataRecord pick_alternative(std::type_identity<std::variant<Records...>>, std::size_t index,
                                std::int16_t& version) {
  MetadataRecord picked;
  std::size_t at = 0;
  const auto pick = [&]<class Record>() {
    if (at++ != index) return;
    const auto end = static_cast<std::int16_t>(Record::kVersions.max + 1);
    version = *rc::gen::inRange<std::int16_t>(Record::kVersions.min, end);
    picked = FieldPicker(version).structure<Record>();
  };
  (pick.template operator()<Records>(), ...);
  return picked;
}

VersionedRecord pick_metadata_record() {
  VersionedRecord record;
  const auto index = *rc::gen::inRange<std::size_t>(0, std::variant_size_v<MetadataRecord>);
  record.record = pick_alternative(std::type_identity<MetadataRecord>{}, index, record.version);
  return record;
}

template <class Message>
ControlRecord pick_control() {
  const auto end = static_cast<std::int16_t>(Message::kVersions.max + 1);
  const auto version = *rc::gen::inRange<std::int16_t>(0, end);
  Message message = FieldPicker(version).structure<Message>();
  message.version = version;
  return message;
}

ControlRecord pick_control_record() {
  switch (*rc::gen::inRange(0, 5)) {
    case 0: return pick_control<LeaderChangeMessage>();
    case 1: return pick_control<SnapshotHeaderRecord>();
    case 2: return pick_control<SnapshotFooterRecord>();
    case 3: return pick_control<KRaftVersionRecord>();
  }
  return pick_control<VotersRecord>();
}

MetadataBatchPlace pick_place() {
  return {Offset(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000)),
          LeaderEpoch(*rc::gen::inRange(0, 1000)),
          WallTime{*rc::gen::inRange<std::int64_t>(0, 2'000'000'000'000)}};
}

TEST(WireRecords, AreReadAsTheyWereWritten) {
  EXPECT_TRUE(rc::check("one metadata record", [] {
    const VersionedRecord written = pick_metadata_record();
    std::string why;
    const Result<Slice> bytes = encode_metadata_record(written.record, written.version, &why);
    if (!bytes) RC_FAIL(why);
    const Result<MetadataRecord> read = decode_metadata_record(*bytes, &why);
    if (!read) RC_FAIL(why);
    RC_ASSERT(same_record(*read, written.record));
    RC_ASSERT(print(*read) == print(written.record));
  }));
}

TEST(WireRecords, ComeBackFromTheirBatchInOrder) {
  EXPECT_TRUE(rc::check("a metadata batch", [] {
    std::vector<VersionedRecord> written(*rc::gen::inRange<std::size_t>(1, 6));
    for (VersionedRecord& record : written) record = pick_metadata_record();
    const MetadataBatchPlace place = pick_place();
    const Result<Slice> bytes = build_metadata_batch(written, place);
    RC_ASSERT(bytes.has_value());
    const Result<RecordBatch> batch = parse_batch(*bytes);
    RC_ASSERT((batch && crc_is_right(*batch)));
    RC_ASSERT(batch->header.base_offset == place.base_offset);
    RC_ASSERT(batch->header.partition_leader_epoch == place.leader_epoch);
    RC_ASSERT(batch->header.attributes == 0);
    Codecs codecs;
    const Result<std::vector<MetadataRecord>> read = read_metadata_batch(*batch, codecs);
    RC_ASSERT((read && read->size() == written.size()));
    for (std::size_t i = 0; i < written.size(); ++i) {
      RC_ASSERT(same_record((*read)[i], written[i].record));
    }
  }));
}

TEST(WireRecords, OfControlComeBackFromTheirBatchInOrder) {
  EXPECT_TRUE(rc::check("a control batch", [] {
    std::vector<ControlRecord> written;
    for (int n = *rc::gen::inRange(1, 4); n > 0; --n) written.push_back(pick_control_record());
    const Result<Slice> bytes = build_control_batch(written, pick_place());
    RC_ASSERT(bytes.has_value());
    const Result<RecordBatch> batch = parse_batch(*bytes);
    RC_ASSERT((batch && crc_is_right(*batch)));
    RC_ASSERT(batch->header.attributes == BatchHeader::kControlBit);
    Codecs codecs;
    const Result<std::vector<ControlRecord>> read = read_control_batch(*batch, codecs);
    RC_ASSERT((read && read->size() == written.size()));
    for (std::size_t i = 0; i < written.size(); ++i) {
      RC_ASSERT(same_record((*read)[i], written[i]));
      RC_ASSERT(type_of((*read)[i]) == type_of(written[i]));
    }
  }));
}

// What is read can be written again, in the version that the bytes name.
void read_anything(const Slice& bytes) {
  std::string why;
  const Result<MetadataRecord> record = decode_metadata_record(bytes, &why);
  RC_ASSERT(record.has_value() == why.empty());
  if (!record) return;
  Reader in(bytes);
  in.unsigned_varint();
  in.unsigned_varint();
  const auto version = static_cast<std::int16_t>(in.unsigned_varint());
  const Result<Slice> again = encode_metadata_record(*record, version);
  RC_ASSERT(again.has_value());
  const Result<MetadataRecord> twice = decode_metadata_record(*again);
  RC_ASSERT((twice && same_record(*twice, *record)));
}

TEST(WireRecords, OfAnyBytesAreRefusedOrMakeSense) {
  EXPECT_TRUE(rc::check("any bytes", [] {
    auto bytes = *rc::gen::container<std::vector<std::uint8_t>>(
        rc::gen::oneOf(rc::gen::inRange<std::uint8_t>(0, 4), rc::gen::arbitrary<std::uint8_t>()));
    read_anything(slice_from(bytes));
    const std::vector<std::uint8_t> frame{1, *rc::gen::inRange<std::uint8_t>(0, 32),
                                          *rc::gen::inRange<std::uint8_t>(0, 6)};
    bytes.insert(bytes.begin(), frame.begin(), frame.end());
    read_anything(slice_from(bytes));
  }));
}

TEST(WireRecords, OfControlOfAnyBytesAreRefusedWithASentence) {
  EXPECT_TRUE(rc::check("any bytes", [] {
    const std::vector<std::uint8_t> key{0, 0, 0, *rc::gen::inRange<std::uint8_t>(0, 9)};
    const auto bytes = *rc::gen::container<std::vector<std::uint8_t>>(
        rc::gen::oneOf(rc::gen::inRange<std::uint8_t>(0, 4), rc::gen::arbitrary<std::uint8_t>()));
    std::string why;
    const Slice key_bytes = slice_from(key);
    const Result<ControlRecord> record = decode_control_record(key_bytes, slice_from(bytes), &why);
    RC_ASSERT(record.has_value() == why.empty());
  }));
}

TEST(WireRecords, WithDamagedBytesAreRefusedOrMakeSense) {
  EXPECT_TRUE(rc::check("damage", [] {
    const VersionedRecord written = pick_metadata_record();
    Buffer damaged;
    damaged.append(*encode_metadata_record(written.record, written.version));
    const std::size_t size = damaged.size();
    for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
      damaged.data()[*rc::gen::inRange<std::size_t>(0, size)] =
          static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
    }
    read_anything(std::move(damaged).share());
  }));
}

}  // namespace
}  // namespace weir
