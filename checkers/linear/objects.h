// Histories of one linearizable object: a register, and a stream.
//
// A register knows put, get and cas (also write and read, as Jepsen calls them); a cas that failed
// shows that the value was another. A stream knows append, with or without the tail that it
// expects, read (the whole stream) and check_tail. What failed did not happen, what nobody knows
// about may happen at any later time or never.
#pragma once

#include "checkers/report.h"

namespace weir::analysis {

void check_register(const History&, Report&);
void check_stream(const History&, Report&);

// A register of numbered values, exactly: puts, gets and compare-and-sets.
enum class RegisterAction : std::uint8_t { put, get, cas, cas_failed };
struct RegisterOp {
  std::uint32_t invoked = 0;
  std::uint32_t returned = 0xffffffffu;
  std::uint32_t op = kNoOperation;
  RegisterAction action{};
  std::int64_t value = 0;  // put: new; get: seen; cas: new
  std::int64_t old = 0;    // cas, cas_failed: compared with
};
struct RegisterBreach {
  std::uint32_t op = kNoOperation;  // as RegisterOp calls it
  std::int64_t held = 0;            // what some order that goes as far as it can holds
  std::int64_t seen = 0;
};
struct RegisterResult {
  std::vector<RegisterBreach> breaches;
  bool gave_up = false;
};
// Goes on behind a breach where `go_on`, as if the register held what was seen.
[[nodiscard]] RegisterResult check_register_ops(std::vector<RegisterOp> ops, std::int64_t initial,
                                                bool go_on);

}  // namespace weir::analysis
