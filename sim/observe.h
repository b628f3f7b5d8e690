// Readers: how anything outside a node learns what happened inside.
//
// A reader may call the world from on(): what touches a node's life (kill, start, ...) is carried
// out right after the current event, a fact that is emitted from on() reaches every reader after
// the present one did.
#pragma once

#include <cstdint>
#include <string_view>

#include "broker/base/fact.h"
#include "broker/base/time.h"
#include "sim/options.h"

namespace weir {

// A fact, with what the world adds. Views live during the call.
struct Observed {
  std::uint64_t sequence;      // one counter over executed events and facts
  Instant at;                  // virtual time
  NodeId node;                 // kNoNode: the world
  std::string_view node_name;  // "world" for kNoNode
  std::uint32_t life;          // 1 for the first start; 0 for the world
  std::uint64_t cause;         // sequence of the event during which it was emitted
  const Fact& fact;
};

class FactReader {
 public:
  virtual ~FactReader() = default;
  virtual void on(const Observed&) = 0;
};

// An executed event of the world itself, for traces.
struct TracedEvent {
  std::uint64_t sequence;
  Instant at;
  NodeId node;  // whose event it is, or kNoNode
  std::uint32_t life;
  std::string_view kind;  // "operation", "deliver", "connect", "action", ...
  std::uint64_t cause;    // sequence that was current when it was scheduled
  std::uint64_t result;   // result word: an error number, a flag
};

class TraceReader {
 public:
  virtual ~TraceReader() = default;
  virtual void on_event(const TracedEvent&) = 0;
};

}  // namespace weir
