// Recorder: who a recorded client is, and how far its counting went.
//
// The owner is the caller (the process slot, not the client), so that numbers go on over all
// incarnations of a client: a restarted P1 continues with P1:18. With a Recorder the client marks
// every record with its identity and emits the facts of broker/base/fact.h; without one it emits
// none. A crash ends a client in silence: an invocation without completion counts as unknown.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

struct Recorder {
  std::string identity;         // "P1"
  std::int64_t operations = 0;  // invocations so far: sends, polls, assignments
  std::int64_t sends = 0;       // the application's sends so far; the next is "P1:<sends>"
};

}  // namespace weir
