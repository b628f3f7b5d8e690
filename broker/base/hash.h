// 64-bit mixing and content hashes: equal on every compiler, machine and address layout.
//
// Not for defence against hostile keys; for fingerprints, keyed randomness and digests of payloads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "broker/base/bytes.h"

namespace weir {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection with full avalanche.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

// One step of a running hash; order matters.
[[nodiscard]] constexpr std::uint64_t fold(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
  return hash ^ (hash >> 32);
}

namespace detail {

// One to seven bytes as a number. In fixed steps: a copy of any length would be a call.
[[nodiscard]] inline std::uint64_t little_endian_tail(Bytes bytes) {
  std::uint64_t tail = 0;
  std::size_t at = 0;
  if ((bytes.size() & 4) != 0) {
    std::uint32_t four = 0;
    std::memcpy(&four, bytes.data(), 4);
    tail = four;
    at = 4;
  }
  if ((bytes.size() & 2) != 0) {
    std::uint16_t two = 0;
    std::memcpy(&two, bytes.data() + at, 2);
    tail |= std::uint64_t{two} << (at * 8);
    at += 2;
  }
  if ((bytes.size() & 1) != 0) tail |= std::to_integer<std::uint64_t>(bytes[at]) << (at * 8);
  return tail;
}

}  // namespace detail

// Hash of the content, never of the address. Little-endian words, so equal on the machines we run
// on.
[[nodiscard]] inline std::uint64_t hash_bytes(Bytes bytes, std::uint64_t seed = 0) {
  std::uint64_t h = seed ^ (bytes.size() * 0x9e3779b97f4a7c15ull);
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    h = fold(h, word);
  }
  if (i < bytes.size()) h = fold(h, detail::little_endian_tail(bytes.subspan(i)));
  return mix(h);
}

[[nodiscard]] inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0) {
  return hash_bytes(as_bytes(text), seed);
}

}  // namespace weir
