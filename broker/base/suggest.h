// "Did you mean": the nearest of the known words, for errors that people read.
//
// Distance is that of Damerau (insert, delete, replace, swap neighbours), without regard to case. A
// word is only suggested when it is near enough to be a slip of the fingers: at most a third of its
// letters differ. Ties go to the candidate that comes first.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace weir {

// Optimal string alignment distance; case counts.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that was probably meant, or an empty view.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> candidates);
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string> candidates);

// `; did you mean "acks"?`, or an empty text where nothing is near: to be put at a message's end.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string> candidates);

}  // namespace weir
