// Framing and batches of metadata records; the variant's list of types is the table.
#include "broker/wire/records/metadata_record.h"

#include <type_traits>
#include <utility>

#include "broker/base/assertion.h"
#include "broker/wire/codec_types.h"
#include "broker/wire/records/record_reading.h"

namespace weir {
namespace {

constexpr std::uint32_t kFrameVersion = 1;

template <class Record>
Result<MetadataRecord> decode_as(const Reader& body, std::uint32_t version, std::string* why) {
  Result<Record> record = detail::decode_known<Record>(body, version, why);
  if (!record) return record.error();
  return MetadataRecord(std::move(*record));
}

// As the alternative of the variant that has this key.
template <class... Records>
Result<MetadataRecord> decode_any(std::type_identity<std::variant<Records...>>, std::uint32_t key,
                                  std::uint32_t version, const Reader& body, std::string* why) {
  Result<MetadataRecord> found = Errc::unsupported;
  const bool known = ((static_cast<std::uint32_t>(Records::kType) == key &&
                       (found = decode_as<Records>(body, version, why), true)) ||
                      ...);
  if (known) return found;
  return detail::refuse(Errc::unsupported, why,
                        "metadata record type " + std::to_string(key) + " is unknown");
}

}  // namespace

MetadataRecordType type_of(const MetadataRecord& record) {
  return std::visit([]<class R>(const R&) { return R::kType; }, record);
}

std::string_view name_of(const MetadataRecord& record) {
  return std::visit([]<class R>(const R&) { return R::kName; }, record);
}

std::int16_t highest_version(const MetadataRecord& record) {
  return std::visit([]<class R>(const R&) { return R::kVersions.max; }, record);
}

std::string print(const MetadataRecord& record) {
  return std::visit(
      []<class R>(const R& r) { return std::string(R::kName) + print(r, R::kVersions.max); },
      record);
}

bool same_record(const MetadataRecord& a, const MetadataRecord& b) {
  if (a.index() != b.index()) return false;
  return std::visit([&]<class R>(const R& r) { return detail::same(r, std::get<R>(b)); }, a);
}

Result<Slice> encode_metadata_record(const MetadataRecord& record, std::int16_t version,
                                     std::string* why) {
  Writer out;
  out.unsigned_varint(kFrameVersion);
  out.unsigned_varint(static_cast<std::uint64_t>(type_of(record)));
  out.unsigned_varint(static_cast<std::uint16_t>(version));
  const Result<void> done =
      std::visit([&](const auto& r) { return encode(r, version, out, why); }, record);
  if (!done) return done.error();
  return join(std::move(out).finish());
}

Result<MetadataRecord> decode_metadata_record(const Slice& value, std::string* why) {
  Reader in(value);
  const std::uint32_t frame = in.unsigned_varint();
  if (in.ok() && frame != kFrameVersion) {
    return detail::refuse(Errc::unsupported, why,
                          "a metadata record of frame version " + std::to_string(frame) +
                              ": only version 1 is known");
  }
  const std::uint32_t key = in.unsigned_varint();
  const std::uint32_t version = in.unsigned_varint();
  if (!in.ok()) {
    return detail::refuse(in.error(), why,
                          "a metadata record of " + std::to_string(value.size()) +
                              " bytes without frame version, key and version");
  }
  return decode_any(std::type_identity<MetadataRecord>{}, key, version, in, why);
}

Result<Slice> build_metadata_batch(std::span<const VersionedRecord> records,
                                   const MetadataBatchPlace& place, std::string* why) {
  WEIR_ASSERT(!records.empty());
  RecordBatchBuilder builder;
  for (const VersionedRecord& record : records) {
    const Result<Slice> value = encode_metadata_record(record.record, record.version, why);
    if (!value) return value.error();
    NewRecord added;
    added.timestamp = place.append_time.ms;
    added.value = value->bytes();
    if (!detail::append_within_limits(builder, added)) {
      return detail::refuse(Errc::too_large, why, "too many metadata records for one batch");
    }
  }
  BatchOptions options;
  options.base_offset = place.base_offset;
  options.partition_leader_epoch = place.leader_epoch;
  Codecs unused;
  return builder.build(options, unused);
}

Result<std::vector<MetadataRecord>> read_metadata_batch(const RecordBatch& batch, Codecs& codecs,
                                                        std::string* why) {
  if (batch.header.is_control()) {
    return detail::refuse(Errc::malformed, why, "a control batch, not one of metadata records");
  }
  return detail::read_each<MetadataRecord>(
      batch, codecs, why,
      [why](const Record& record, const Slice& value) -> Result<MetadataRecord> {
        if (!record.key.has_value()) return decode_metadata_record(value, why);
        return detail::refuse(Errc::malformed, why, "a metadata record has no key");
      });
}

}  // namespace weir
