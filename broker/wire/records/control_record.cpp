// Keys, values and batches of control records.
#include "broker/wire/records/control_record.h"

#include <array>
#include <type_traits>
#include <utility>

#include "broker/base/assertion.h"
#include "broker/wire/codec_types.h"
#include "broker/wire/records/record_reading.h"

namespace weir {
namespace {

constexpr std::size_t kKeyBytes = 4;  // version, type

template <class Message>
Result<ControlRecord> decode_as(const Slice& value, std::string* why) {
  Reader peek(value);
  const std::int16_t version = peek.int16();
  if (!peek.ok()) {
    return detail::refuse(peek.error(), why, std::string(Message::kName) + " without a version");
  }
  Result<Message> message = detail::decode_known<Message>(Reader(value), version, why);
  if (!message) return message.error();
  return ControlRecord(std::move(*message));
}

// As the alternative of the variant that has this type.
template <class... Messages>
Result<ControlRecord> decode_any(std::type_identity<std::variant<Messages...>>,
                                 ControlRecordType type, const Slice& value, std::string* why) {
  Result<ControlRecord> found = Errc::unsupported;
  const bool known =
      ((Messages::kType == type && (found = decode_as<Messages>(value, why), true)) || ...);
  if (known) return found;
  return detail::refuse(Errc::unsupported, why, "the end of a transaction in the metadata log");
}

}  // namespace

ControlRecordType type_of(const ControlRecord& record) {
  return std::visit([]<class R>(const R&) { return R::kType; }, record);
}

std::string_view name_of(const ControlRecord& record) {
  return std::visit([]<class R>(const R&) { return R::kName; }, record);
}

std::string print(const ControlRecord& record) {
  return std::visit([]<class R>(const R& r) { return std::string(R::kName) + print(r, r.version); },
                    record);
}

bool same_record(const ControlRecord& a, const ControlRecord& b) {
  if (a.index() != b.index()) return false;
  return std::visit([&]<class R>(const R& r) { return detail::same(r, std::get<R>(b)); }, a);
}

Result<ControlRecordType> read_control_key(Bytes key, std::string* why) {
  Reader in(Slice::borrowed(key));
  in.int16();
  const std::int16_t type = in.int16();
  if (!in.ok())
    return detail::refuse(Errc::truncated, why, "a control record's key has four bytes");
  if (type < 0 || type > static_cast<std::int16_t>(ControlRecordType::kraft_voters)) {
    return detail::refuse(Errc::unsupported, why,
                          "control record type " + std::to_string(type) + " is unknown");
  }
  return static_cast<ControlRecordType>(type);
}

Result<ControlRecord> decode_control_record(Bytes key, const Slice& value, std::string* why) {
  const Result<ControlRecordType> type = read_control_key(key, why);
  if (!type) return type.error();
  return decode_any(std::type_identity<ControlRecord>{}, *type, value, why);
}

Result<Slice> build_control_batch(std::span<const ControlRecord> records,
                                  const MetadataBatchPlace& place, std::string* why) {
  WEIR_ASSERT(!records.empty());
  RecordBatchBuilder builder;
  for (const ControlRecord& record : records) {
    std::array<std::byte, kKeyBytes> key{};
    store_be16(key.data() + 2, static_cast<std::uint16_t>(type_of(record)));
    Writer out;
    const Result<void> done =
        std::visit([&](const auto& r) { return encode(r, r.version, out, why); }, record);
    if (!done) return done.error();
    const Slice value = join(std::move(out).finish());
    NewRecord added;
    added.timestamp = place.append_time.ms;
    added.key = Bytes(key);
    added.value = value.bytes();
    if (!detail::append_within_limits(builder, added)) {
      return detail::refuse(Errc::too_large, why, "too many control records for one batch");
    }
  }
  BatchOptions options;
  options.base_offset = place.base_offset;
  options.partition_leader_epoch = place.leader_epoch;
  options.control = true;
  Codecs unused;
  return builder.build(options, unused);
}

Result<std::vector<ControlRecord>> read_control_batch(const RecordBatch& batch, Codecs& codecs,
                                                      std::string* why) {
  if (!batch.header.is_control())
    return detail::refuse(Errc::malformed, why, "not a control batch");
  return detail::read_each<ControlRecord>(
      batch, codecs, why, [why](const Record& record, const Slice& value) -> Result<ControlRecord> {
        if (record.key.has_value()) return decode_control_record(*record.key, value, why);
        return detail::refuse(Errc::malformed, why, "a control record has a key");
      });
}

}  // namespace weir
