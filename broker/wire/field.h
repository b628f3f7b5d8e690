// How a message describes itself: one list of fields, from which everything else is derived.
//
// Each message struct has
//
//     template <class V> static constexpr void fields(V& v) { v("Acks", &Self::acks, from(0)); ... }
//
// in the order of the wire. Decoder, encoder, printer, generators and the comparison with
// Kafka's schemas are visitors; which versions have a field is data, so a visitor that wants to
// know it needs no message. Defaults are the struct's own member initialisers, and equal Kafka's.
#pragma once

#include <cstdint>

#include "broker/wire/api_key.h"

namespace weir {

// Which versions have a field, and how it appears in them.
struct FieldVersions {
  static constexpr std::int16_t kNever = INT16_MAX;
  static constexpr std::int32_t kNoTag = -1;

  VersionRange versions;
  std::int16_t nullable_since = kNever;
  std::int32_t tag_number = kNoTag;  // a tagged field is tagged in all versions that have it
  bool may_be_ignored = false;  // a value is dropped silently where the version lacks the field

  [[nodiscard]] constexpr FieldVersions nullable(std::int16_t since) const {
    FieldVersions f = *this;
    f.nullable_since = since;
    return f;
  }
  [[nodiscard]] constexpr FieldVersions tag(std::int32_t number) const {
    FieldVersions f = *this;
    f.tag_number = number;
    return f;
  }
  [[nodiscard]] constexpr FieldVersions ignorable() const {
    FieldVersions f = *this;
    f.may_be_ignored = true;
    return f;
  }

  [[nodiscard]] constexpr bool in(std::int16_t version) const { return versions.contains(version); }
  [[nodiscard]] constexpr bool nullable_in(std::int16_t version) const {
    return version >= nullable_since;
  }
  [[nodiscard]] constexpr bool is_tagged() const { return tag_number != kNoTag; }
};

[[nodiscard]] constexpr FieldVersions from(std::int16_t first) { return {{first, INT16_MAX}}; }
[[nodiscard]] constexpr FieldVersions versions(std::int16_t first, std::int16_t last) {
  return {{first, last}};
}

}  // namespace weir
