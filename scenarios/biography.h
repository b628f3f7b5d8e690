// The life of one record: sent, stored, copied, acknowledged, delivered, and what became of it.
//
// Folded from the events of a run, in their order; its fate is told from the logs that were read
// back at the end, where the history has them. The answer to "which of my responses was wrong?".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/history.h"
#include "scenarios/event_file.h"

namespace weir {

struct LifeEvent {
  std::int64_t sequence = -1;
  std::int64_t at = 0;
  std::string what;     // "sent", "stored", "delivered again"
  std::string comment;  // "attempt 1 to b3"
};

struct Biography {
  std::string place;     // "orders-2@881", or empty: it is nowhere
  std::string identity;  // "P2:1440", or empty: nobody recorded sent it
  std::vector<LifeEvent> events;
  std::string fate;
};

// `record` is "orders-2@881" or "P2:1440". On failure `error` says what there is instead.
[[nodiscard]] Biography biography_of(const EventFile&, const History&, const std::string& record,
                                     std::string& error);

[[nodiscard]] std::string biography_text(const Biography&);
[[nodiscard]] std::string biography_json(const Biography&);

}  // namespace weir
