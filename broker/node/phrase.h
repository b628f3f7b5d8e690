// A phrase for people, made without allocation: facts carry one for every request and response.
//
// What does not fit is cut off, with dots.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <string_view>

namespace weir {

class Phrase {
 public:
  Phrase& operator<<(std::string_view text) {
    if (full_) return *this;
    const std::size_t room = size_ < kRoom ? kRoom - size_ : 0;
    size_ += text.copy(text_.data() + size_, room);
    if (text.size() > room) {
      std::fill(text_.begin() + kRoom, text_.end(), '.');
      size_ = text_.size();
      full_ = true;
    }
    return *this;
  }
  Phrase& operator<<(std::integral auto number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return *this << std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }

  [[nodiscard]] std::string_view view() const { return {text_.data(), size_}; }
  [[nodiscard]] bool full() const { return full_; }
  operator std::string_view() const { return view(); }

 private:
  static constexpr std::size_t kRoom = 157;
  std::array<char, kRoom + 3> text_;
  std::size_t size_ = 0;
  bool full_ = false;
};

}  // namespace weir
