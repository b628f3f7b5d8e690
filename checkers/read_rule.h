// What is wrong with a record that was read: one rule, asked online as the record comes, and of a
// whole history.
#pragma once

#include <cstdint>

namespace weir {

enum class WrongRead : std::uint8_t { none, never_sent, altered, misrouted, failed };

// What is known of the send whose record was read.
struct ReadOf {
  bool sent = false;
  bool same_content = true;
  bool same_place = true;  // it was sent to where it was read
  bool failed = false;     // for certain
};

[[nodiscard]] constexpr WrongRead wrong_read(const ReadOf& of) {
  if (!of.sent) return WrongRead::never_sent;
  if (!of.same_content) return WrongRead::altered;
  if (!of.same_place) return WrongRead::misrouted;
  return of.failed ? WrongRead::failed : WrongRead::none;
}

}  // namespace weir
