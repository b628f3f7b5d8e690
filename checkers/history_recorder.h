// HistoryRecorder: folds the facts of a run into a History.
//
// A process is one incarnation of a client: node and life together, numbered in the order of first
// sight. Sends are pipelined and answered by their operation number; polls, assignments and seeks
// are one at a time. Faults and the configuration of clients become events. Facts of brokers, the
// network and disks are not part of a history: clients could not see them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/fact.h"
#include "broker/base/time.h"
#include "checkers/history.h"

namespace weir {

class HistoryRecorder {
 public:
  // Every fact of the run, in order. `life` counts the incarnations of the node.
  void on(std::string_view node, std::uint64_t life, Instant at, std::int64_t sequence,
          const Fact&);

  // The history so far; header, config and end are the caller's to fill in. The recorder is empty
  // afterwards.
  [[nodiscard]] History take();

 private:
  struct PendingPoll {
    std::int64_t operation = -1;
    std::vector<HistoryItem> records;  // in delivery order
  };
  struct Process {
    std::int64_t number = -1;
    std::string node;
    PendingPoll poll;
    std::vector<NameId> assigned;  // of the open group of consumer.assigned facts
    std::int64_t assign_operation = -1;
    bool assign_open = false;
    std::int64_t assign_time = 0;
    std::int64_t assign_sequence = -1;
    bool crashed = false;
  };

  Process& process_of(std::string_view node, std::uint64_t life);
  HistoryOp& add(OpFunction, OpType, std::int64_t process, Instant at, std::int64_t sequence);
  void on_send(Process&, Instant at, std::int64_t sequence, const Fact&);
  void on_poll(Process&, Instant at, std::int64_t sequence, const Fact&);
  void on_assigned(Process&, Instant at, std::int64_t sequence, const Fact&);
  void on_seek(Process&, Instant at, std::int64_t sequence, const Fact&);
  void on_reset(Process&, Instant at, std::int64_t sequence, const Fact&);
  void on_fault(Instant at, std::int64_t sequence, std::string_view what, const Fact&);
  void on_configured(Process&, Instant at, std::int64_t sequence, const Fact&);
  void on_killed(std::string_view node, std::uint64_t life, Instant at, std::int64_t sequence);
  void close_assignment(Process&);
  NameId key_of(const Fact&);

  History history_;
  std::map<std::pair<std::string, std::uint64_t>, Process, std::less<>> processes_;
  std::int64_t next_process_ = 0;
};

}  // namespace weir
