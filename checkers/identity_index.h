// IdentityIndex: numbers for the identities of records ("P1:17"), in the order of their coming.
//
// Identities come by the million and are looked up several times each, so the form that recorded
// clients give theirs, a name and a count, is looked up by the count alone. Any other text works as
// well, only slower.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

class IdentityIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // Its number, or kNone.
  [[nodiscard]] std::uint32_t find(std::string_view id) const;
  // The same; a new one gets the next number, from 0.
  std::uint32_t number(std::string_view id);
  [[nodiscard]] std::uint32_t size() const { return size_; }

 private:
  struct Client {
    std::string name;
    std::vector<std::uint32_t> numbers;  // by count
  };
  // Counts beyond what was seen so far by this much are no counts; memory stays bounded by records.
  static constexpr std::size_t kFarAhead = 1 << 16;

  std::vector<Client> clients_;
  std::map<std::string, std::uint32_t, std::less<>> others_;
  std::uint32_t size_ = 0;
};

}  // namespace weir
