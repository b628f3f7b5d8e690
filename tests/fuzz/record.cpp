// Any bytes as a record of the metadata log: the first byte is the type of a control record, or
// else the rest is a metadata record. What is accepted must be written and read again as the same.
#include <array>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>

#include "broker/wire/records.h"
#include "broker/wire/records/control_record.h"

namespace {

using namespace weir;

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << what << '\n';
  std::abort();
}

void check_metadata(const Slice& bytes) {
  std::string why;
  const Result<MetadataRecord> record = decode_metadata_record(bytes, &why);
  if (record.has_value() != why.empty()) give_up("an error without a sentence: " + why);
  if (!record) return;
  Reader in(bytes);
  in.unsigned_varint();
  in.unsigned_varint();
  const VersionedRecord versioned{*record, static_cast<std::int16_t>(in.unsigned_varint())};
  const Result<Slice> batch_bytes = build_metadata_batch(std::span(&versioned, 1), {}, &why);
  if (!batch_bytes) give_up(why);
  Codecs codecs;
  const auto again = read_metadata_batch(*parse_batch(*batch_bytes), codecs, &why);
  if (!again || !same_record(again->at(0), *record)) give_up(why + print(*record));
}

void check_control(std::uint8_t type, const Slice& bytes) {
  const std::array<std::byte, 4> key{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{type}};
  std::string why;
  const Result<ControlRecord> record = decode_control_record(Bytes(key), bytes, &why);
  if (record.has_value() != why.empty()) give_up("an error without a sentence: " + why);
  if (!record) return;
  const Result<Slice> batch_bytes = build_control_batch(std::span(&*record, 1), {}, &why);
  if (!batch_bytes) give_up(why);
  Codecs codecs;
  const auto again = read_control_batch(*parse_batch(*batch_bytes), codecs, &why);
  if (!again || !same_record(again->at(0), *record)) give_up(why + print(*record));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Slice bytes = Slice::copy_of(std::as_bytes(std::span(data + 1, size - 1)));
  if (data[0] >= 2 && data[0] <= 6) {
    check_control(data[0], bytes);
  } else {
    check_metadata(bytes);
  }
  return 0;
}
