// HistoryRecorder: folds the facts of a run into a History.
//
// A process is one incarnation of a client: node and life together, numbered in the order of first
// sight. Sends and polls carry their operation number, by which a completion finds its invocation.
// Faults and the configuration of clients become events. Facts of brokers, the network and disks
// are not part of a history: clients could not see them. A record whose partition its producer had
// not chosen yet is sent to "topic-?" until its completion names the place.
#pragma once

#include <cstdint>
#include <map>
#include <span>
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
  struct Process {
    std::int64_t number = -1;
    std::vector<HistoryItem> polled;  // of the open poll, in delivery order
  };
  // Facts of one assign() follow each other immediately.
  struct Assignment {
    std::int64_t process = -1;
    std::int64_t operation = -1;
    Instant at{};
    std::int64_t sequence = -1;
    std::vector<NameId> keys;
    bool open = false;
  };
  struct Moment {
    Instant at;
    std::int64_t sequence;
  };
  // Found last: the next fact is most often of the same.
  struct LastProcess {
    std::string node;
    std::uint64_t life = 0;
    Process* process = nullptr;
  };
  struct LastKey {
    std::string topic;
    std::int32_t partition = 0;
    NameId id = kNoName;
  };

  Process& process_of(std::string_view node, std::uint64_t life);
  void add(OpFunction, OpType, std::int64_t process, std::int64_t operation, Moment,
           std::span<const HistoryItem> items, std::string_view error = {});
  void add_event(OpFunction, std::int64_t process, Moment, const std::string& json,
                 std::span<const HistoryItem> items = {});
  void on_send(Process&, Moment, const Fact&);
  void on_poll(Process&, Moment, const Fact&);
  void on_assigned(Process&, Moment, const Fact&);
  void on_position(Process&, Moment, const Fact&);
  void on_fault(Moment, const Fact&);
  void on_end_of_life(std::string_view node, std::uint64_t life, Moment);
  void close_assignment();
  [[nodiscard]] std::uint32_t meta_of(const Fact&);
  [[nodiscard]] NameId key_of(const Fact&);

  History history_;
  std::map<std::string, std::map<std::uint64_t, Process>, std::less<>> processes_;
  LastProcess last_;
  LastKey last_key_;
  std::int64_t next_process_ = 0;
  Assignment assignment_;
};

}  // namespace weir
