// Progress after the last fault, online: of every client, and of the controllers.
//
// A producer wants progress from the moment after `healed` at which it has a send that is not
// completed, a reader from its first poll after it. What there was to read is known from the logs
// read back (judge_progress.cpp). The harness's own drain is no client.
#pragma once

#include <cstdint>

#include "checkers/watch.h"

namespace weir {

// Times are in nanoseconds after `healed`; -1: never.
struct ClientProgress {
  std::int64_t open_sends = 0;
  std::int64_t asked = -1;      // first moment with an open send
  std::int64_t acked = -1;      // first acknowledgement
  std::int64_t resolved = -1;   // when the last open send was completed, however; -1: some is open
  std::int64_t polled = -1;     // first poll
  std::int64_t last_poll = -1;  // when the last poll began or ended
  bool in_poll = false;
  // When the present series of polls began that brought nothing: at its first poll, at the last
  // record, or when the position was moved.
  std::int64_t asks_since = -1;
  std::int64_t first_record = -1;
  std::int64_t last_record = -1;
  std::int64_t ended = -1;  // closed, stopped or died; -1: it still runs
  // Where it reads on, as far as that is known.
  watching::ByPartition<std::int64_t> positions;
};

class ProgressWatch {
 public:
  void on(const watching::Seen&);

  std::int64_t consumed = 0;
  bool has_healed = false;
  Instant healed{};
  watching::ByNode<ClientProgress> clients;  // never erased from

  // Controllers: when one was first in office after `healed`, and since when none is any more.
  std::int64_t controller_terms = 0;
  std::int64_t controller_first = -1;
  std::int64_t controller_none_since = 0;
  [[nodiscard]] bool has_controller() const { return !in_office_.empty(); }

 private:
  ClientProgress& client_of(std::string_view node);
  void on_healed(Instant);
  void on_client(const watching::Seen&);
  void on_controller(const watching::Seen&);
  void on_end(const watching::Seen&);
  void leaves_office(const watching::Seen&);
  [[nodiscard]] std::int64_t since_heal(Instant at) const { return (at - healed).count(); }

  std::pair<const std::string, ClientProgress>* last_ = nullptr;  // that client_of() gave
  watching::ByNode<std::int32_t> in_office_;                      // controllers and their epochs
};

}  // namespace weir
