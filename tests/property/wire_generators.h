// Random messages from their own descriptions: every field that the version has gets a value that
// the version can carry, so that what is written must be read back.
#pragma once

#include <rapidcheck.h>

#include <optional>
#include <string>
#include <vector>

#include "broker/wire/codec_types.h"

namespace weir {

inline Slice slice_from(const std::vector<std::uint8_t>& bytes) {
  return Slice::copy_of(std::as_bytes(std::span(bytes)));
}

// Inside a property: picks the values of one struct.
class FieldPicker {
 public:
  explicit FieldPicker(std::int16_t version) : version_(version) {}

  template <class S>
  S structure() {
    S s;
    Fields<S> fields{*this, s};
    S::fields(fields);
    return s;
  }

 private:
  template <class S>
  struct Fields {
    FieldPicker& picker;
    S& self;
    template <class F>
    void operator()(const char*, F S::* member, FieldVersions f) {
      if (!f.in(picker.version_)) return;
      if (f.is_tagged() && *rc::gen::inRange(0, 2) == 0) return;
      picker.pick(self.*member, f.nullable_in(picker.version_));
    }
  };

  template <class T>
  void pick(T& value, bool nullable) {
    if constexpr (detail::kIsOptional<T>) {
      value.reset();
      if (!nullable || *rc::gen::inRange(0, 4) > 0) pick(value.emplace(), false);
    } else if constexpr (detail::kIsVector<T>) {
      value.resize(*rc::gen::inRange<std::size_t>(0, 4));
      for (auto& element : value) pick(element, false);
    } else if constexpr (detail::kIsStructure<T>) {
      value = structure<T>();
    } else if constexpr (std::is_same_v<T, Uuid>) {
      value = {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()};
    } else if constexpr (std::is_same_v<T, Slice>) {
      value = slice_from(*rc::gen::arbitrary<std::vector<std::uint8_t>>());
    } else {
      value = *rc::gen::arbitrary<T>();
    }
  }

  std::int16_t version_;
};

// The bytes cut into pieces, as a network may deliver them.
inline std::vector<Slice> cut_anywhere(const Slice& bytes) {
  std::vector<Slice> pieces;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto n = *rc::gen::inRange<std::size_t>(1, bytes.size() - at + 1);
    pieces.push_back(bytes.subslice(at, n));
    at += n;
  }
  return pieces;
}

}  // namespace weir
