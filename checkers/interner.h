// Interner: equal texts get equal small numbers, so that millions of records cost four bytes each.
//
// Ids are dense and count from 0 in the order of first sight, hence the same on every machine. The
// bytes live in blocks that never move; a moved Interner keeps its views valid.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace weir {

class Interner {
 public:
  Interner() = default;
  Interner(Interner&&) = default;
  Interner& operator=(Interner&&) = default;

  [[nodiscard]] std::uint32_t intern(std::string_view text);
  // The same of one letter and what follows it, so that nobody need put them together.
  [[nodiscard]] std::uint32_t intern(std::string_view head, std::string_view rest);
  // The id of a text seen before, or kUnknown.
  [[nodiscard]] std::uint32_t find(std::string_view text) const;
  [[nodiscard]] std::string_view text(std::uint32_t id) const { return texts_[id]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }

  static constexpr std::uint32_t kUnknown = 0xffffffffu;

 private:
  // The tag is a part of the hash: it spares looking at most texts of others.
  struct Slot {
    std::uint32_t id = kUnknown;
    std::uint32_t tag = 0;
  };

  [[nodiscard]] static std::uint32_t tag_of(std::string_view head, std::string_view rest);
  [[nodiscard]] std::size_t slot_of(std::string_view head, std::string_view rest,
                                    std::uint32_t tag) const;
  [[nodiscard]] std::string_view store(std::string_view head, std::string_view rest);
  void grow();

  std::vector<std::string_view> texts_;
  std::vector<Slot> slots_;  // open addressing; kUnknown = free
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t room_ = 0;
  char* next_ = nullptr;
};

}  // namespace weir
