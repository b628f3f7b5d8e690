// Strong integer ids: an Offset is not a LeaderEpoch, and neither is a count.
//
// Ids compare and print like the integer they hold, convert to it only by value(), and never
// convert into each other. Positions (Offset) also know distance and advance.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace weir {

template <class Tag, class Rep>
class Id {
 public:
  using rep = Rep;

  constexpr Id() = default;
  constexpr explicit Id(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }

  friend constexpr auto operator<=>(Id, Id) = default;
  friend constexpr Id operator+(Id a, Rep n) { return Id(static_cast<Rep>(a.value_ + n)); }
  friend constexpr Id operator-(Id a, Rep n) { return Id(static_cast<Rep>(a.value_ - n)); }
  friend constexpr Rep operator-(Id a, Id b) { return static_cast<Rep>(a.value_ - b.value_); }

 private:
  Rep value_ = 0;
};

using Offset = Id<struct OffsetTag, std::int64_t>;
using LeaderEpoch = Id<struct LeaderEpochTag, std::int32_t>;
using PartitionEpoch = Id<struct PartitionEpochTag, std::int32_t>;
using Term = Id<struct TermTag, std::int32_t>;
using BrokerId = Id<struct BrokerIdTag, std::int32_t>;
using ProducerId = Id<struct ProducerIdTag, std::int64_t>;
using ProducerEpoch = Id<struct ProducerEpochTag, std::int16_t>;

inline constexpr LeaderEpoch kNoLeaderEpoch{-1};
inline constexpr ProducerId kNoProducerId{-1};
inline constexpr ProducerEpoch kNoProducerEpoch{-1};

}  // namespace weir

template <class Tag, class Rep>
struct std::hash<weir::Id<Tag, Rep>> {
  std::size_t operator()(weir::Id<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
