// EDN, Clojure's data notation, read as JSON: one form after the other.
//
// Keywords and symbols become texts without their colon, sets and lists arrays, the keys of maps
// texts; a tag (#inst, #jepsen.history.Op) is passed over and what it marks is read. Integers stay
// exact. Comments and discarded forms are left out. Hostile depth is refused.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

class EdnReader {
 public:
  explicit EdnReader(std::string_view text) : text_(text) {}

  enum class Next { form, end, broken };
  // The next form, appended to `json`. A vector or list at the top is entered: its elements are
  // the forms.
  [[nodiscard]] Next next(std::string& json);
  // The same without entering anything.
  [[nodiscard]] Next next_whole(std::string& json);

  // With more of the text behind what is there, and the first so many bytes gone: whatever the
  // reader that this one was copied from met at the end, it is read again.
  void go_on(std::string_view text, std::size_t gone) {
    text_ = text;
    at_ -= gone;
  }

  [[nodiscard]] std::size_t position() const { return at_; }
  // Whether the text ended in the middle of a form.
  [[nodiscard]] bool cut_off() const { return at_ >= text_.size(); }
  // "found ')', expected a value"
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  bool value(std::string& json, int depth);
  bool sequence(std::string& json, char close, int depth);
  bool map(std::string& json, int depth);
  bool map_key(std::string& json, int depth);
  bool text(std::string& json);
  bool character(std::string& json);
  bool dispatch(std::string& json, int depth);
  bool token(std::string& json);
  void skip_space();
  bool fail(std::string_view expected);
  [[nodiscard]] std::string_view word();

  std::string_view text_;
  std::size_t at_ = 0;
  char top_ = 0;  // the bracket that closes the top, where it was entered
  std::string problem_;
};

}  // namespace weir
