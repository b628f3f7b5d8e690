// events.jsonl read back: the facts of a run as values, for whatever tells of a run afterwards.
//
// Stories, biographies and differences are folds over this list. It is made from the text, whether
// that comes from a run of this very process or from a folder that somebody else sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/fact.h"

namespace weir {

// A line of the file; members as in Fact, absent ones have its defaults.
struct LoggedEvent {
  std::int64_t sequence = -1;        // its number, strictly rising
  std::int64_t cause = 0;            // the number of the event that led to it; 0: none
  std::int64_t at = 0;               // virtual nanoseconds
  std::string node;                  // "world" where it is nobody's
  FactKind kind = FactKind::count_;  // count_: of a kind that this build does not know
  std::string what;                  // its name
  std::string tp;                    // "orders-0", or empty
  std::int64_t api = -1;
  std::int64_t epoch = -1;
  std::int64_t old = 0;
  std::int64_t value = 0;
  std::int64_t operation = -1;
  std::int64_t producer = -1;
  std::int64_t producer_epoch = -1;
  std::int64_t number = -1;  // Fact::sequence: of a producer's batch, or a broker's id
  std::string record;
  std::string peer;
  std::string why;
  std::string line;  // as it stands in the file
};

class EventFile {
 public:
  // On failure `error` names the line and what was expected; what came before it is kept.
  [[nodiscard]] static EventFile parse(std::string_view text, std::string& error);

  [[nodiscard]] const std::vector<LoggedEvent>& events() const { return events_; }
  // The event of this number, or null.
  [[nodiscard]] const LoggedEvent* find(std::int64_t sequence) const;
  // The position of the first event of this number or a later one.
  [[nodiscard]] std::size_t position(std::int64_t sequence) const;

 private:
  std::vector<LoggedEvent> events_;
};

// Whether the range of offsets that an append or a cut is about holds `offset`.
[[nodiscard]] bool appends(const LoggedEvent&, std::int64_t offset);
[[nodiscard]] bool cuts_off(const LoggedEvent&, std::int64_t offset);
// Whether a watermark passes it: it is below the new one, and not below the old one.
[[nodiscard]] bool passes(const LoggedEvent&, std::int64_t offset);

// "orders-0@17" in its two parts; no offset: -1.
struct RecordPlace {
  std::string tp;
  std::int64_t offset = -1;
};
[[nodiscard]] RecordPlace parse_place(std::string_view text);

}  // namespace weir
