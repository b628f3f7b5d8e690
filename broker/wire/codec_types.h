// Which kind of field a member's type makes it, and what its default is; shared by all visitors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/wire/field.h"
#include "broker/wire/uuid.h"

namespace weir::detail {

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsStructure =
    std::is_class_v<T> && !kIsVector<T> && !kIsOptional<T> && !std::is_same_v<T, std::string> &&
    !std::is_same_v<T, Uuid> && !std::is_same_v<T, Slice>;
template <class T>
inline constexpr bool kIsNullableStructure = false;
template <class T>
inline constexpr bool kIsNullableStructure<std::optional<T>> = kIsStructure<T>;

// A number or an id: it always takes the same few bytes.
template <class T>
inline constexpr bool kIsFixed = std::is_arithmetic_v<T> || std::is_same_v<T, Uuid>;

// Whether a struct has tagged fields of its own; few have, and the others need no code for them.
struct TagFinder {
  bool found = false;
  template <class F, class S>
  constexpr void operator()(const char*, F S::*, FieldVersions f) {
    found = found || f.is_tagged();
  }
};
template <class S>
inline constexpr bool kHasTags = [] {
  TagFinder tags;
  S::fields(tags);
  return tags.found;
}();

// A struct as its member initialisers leave it; constant, so shared.
template <class S>
const S& default_of() {
  static const S kDefault{};
  return kDefault;
}

template <class T>
bool same(const T& a, const T& b);

template <class S>
struct SameFields {
  const S& a;
  const S& b;
  bool equal = true;
  template <class F>
  void operator()(const char*, F S::* member, FieldVersions) {
    if (equal) equal = same(a.*member, b.*member);
  }
};

template <class T>
bool same(const T& a, const T& b) {
  if constexpr (kIsVector<T>) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return same(x, y); });
  } else if constexpr (kIsOptional<T>) {
    return a.has_value() == b.has_value() && (!a.has_value() || same(*a, *b));
  } else if constexpr (std::is_same_v<T, Slice>) {
    return a.text() == b.text();
  } else if constexpr (kIsStructure<T>) {
    SameFields<T> fields{a, b};
    T::fields(fields);
    return fields.equal;
  } else {
    return a == b;
  }
}

// The fewest bytes that a value can take; an array's count is checked against it.
struct LeastSize {
  std::int16_t version;
  bool flexible;
  std::size_t bytes = 0;

  template <class F, class S>
  void operator()(const char*, F S::*, FieldVersions f) {
    if (f.in(version) && !f.is_tagged()) add<F>();
  }
  template <class T>
  void add() {
    if constexpr (std::is_arithmetic_v<T>) {
      bytes += sizeof(T);
    } else if constexpr (std::is_same_v<T, Uuid>) {
      bytes += 16;
    } else if constexpr (std::is_same_v<T, std::string> ||
                         std::is_same_v<T, std::optional<std::string>>) {
      bytes += flexible ? 1 : 2;
    } else if constexpr (kIsStructure<T>) {
      T::fields(*this);
      if (flexible) bytes += 1;
    } else if constexpr (kIsNullableStructure<T>) {
      bytes += 1;
    } else {
      bytes += flexible ? 1 : 4;  // bytes and arrays, empty or null
    }
  }
};

template <class T>
std::size_t least_size(std::int16_t version, bool flexible) {
  LeastSize least{version, flexible};
  least.add<T>();
  return least.bytes > 0 ? least.bytes : 1;
}

}  // namespace weir::detail
