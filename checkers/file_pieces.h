// A text piece by piece, as a file gives it: histories have hundreds of megabytes, and a text that
// is held while it is read doubles what is needed.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

class Pieces {
 public:
  // Of a text that is there already.
  explicit Pieces(std::string_view whole) : whole_(whole), ended_(true) {}
  // `size`: how long the text is, where that is known; else 0.
  Pieces(std::istream& from, std::size_t piece, std::size_t size = 0)
      : from_(&from), piece_(piece), size_(size) {
    read();
  }

  // What is there and was not taken.
  [[nodiscard]] std::string_view text() const {
    return from_ == nullptr ? whole_ : std::string_view(held_);
  }
  // Drops so much that was taken and reads on; false where nothing can follow, then nothing is
  // dropped.
  [[nodiscard]] bool more(std::size_t taken);
  // Reads on to the end.
  void rest();
  // Of what is read from a stream: all that is there, which is then gone.
  [[nodiscard]] std::string take() { return std::move(held_); }
  [[nodiscard]] std::size_t size() const { return size_; }
  // Whether it ended before its end.
  [[nodiscard]] bool failed() const {
    return from_ != nullptr && (from_->bad() || (ended_ && !from_->eof()));
  }

 private:
  void read();

  std::string_view whole_;
  std::istream* from_ = nullptr;
  std::string held_;
  std::size_t piece_ = 0, size_ = 0;
  bool ended_ = false;
};

}  // namespace weir
