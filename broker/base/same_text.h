// Whether two texts are equal, compared in place.
//
// Names of nodes, topics and clients are compared once or more for every fact and request, and most
// have a few letters: a call of the library's comparison costs more than it does.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir {
namespace detail {

template <class Word>
[[nodiscard]] inline bool same_word(const char* a, const char* b) {
  Word x = 0;
  Word y = 0;
  std::memcpy(&x, a, sizeof(Word));
  std::memcpy(&y, b, sizeof(Word));
  return x == y;
}

// Of at least a word, both: the last word may overlap the one before.
template <class Word>
[[nodiscard]] inline bool same_words(const char* a, const char* b, std::size_t size) {
  std::size_t i = 0;
  for (; i + sizeof(Word) < size; i += sizeof(Word)) {
    if (!same_word<Word>(a + i, b + i)) return false;
  }
  return same_word<Word>(a + size - sizeof(Word), b + size - sizeof(Word));
}

}  // namespace detail

[[nodiscard]] inline bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.size() >= 8) return detail::same_words<std::uint64_t>(a.data(), b.data(), a.size());
  if (a.size() >= 4) return detail::same_words<std::uint32_t>(a.data(), b.data(), a.size());
  if (a.size() >= 2) return detail::same_words<std::uint16_t>(a.data(), b.data(), a.size());
  return a.empty() || a[0] == b[0];
}

}  // namespace weir
