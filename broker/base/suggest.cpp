// Edit distance over three rows, and the choice of a suggestion.
#include "broker/base/suggest.h"

#include <algorithm>
#include <vector>

namespace weir {
namespace {

// Longer words are not typed by hand; the bound keeps hostile input from costing anything.
constexpr std::size_t kMaxSuggestedLength = 128;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

template <class Word>
std::string_view nearest_of(std::string_view word, std::span<const Word> candidates) {
  if (word.empty() || word.size() > kMaxSuggestedLength) return {};
  const std::string wanted = lower(word);
  std::string_view best;
  std::size_t best_distance = 0;
  for (const auto& candidate : candidates) {
    const std::size_t longest = std::max(word.size(), candidate.size());
    const std::size_t allowed = std::max<std::size_t>(1, longest / 3);
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    if (distance > allowed || distance >= longest) continue;
    if (best.empty() || distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string phrase(std::string_view found) {
  if (found.empty()) return {};
  return "; did you mean \"" + std::string(found) + "\"?";
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  return nearest_of(word, candidates);
}
std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  return nearest_of(word, candidates);
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  return phrase(nearest(word, candidates));
}
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  return phrase(nearest(word, candidates));
}

}  // namespace weir
