// controller.isr and controller.election, online: what controllers say that was committed.
//
// Each state alone: the leader is in the ISR, the ISR is empty only without a leader, ISR and
// eligible replicas are replicas and no replica is in both (A3, A12). From one to the next: epochs
// only grow, a partition epoch has one state, another leader has another leader epoch (A15), and
// comes out of the former ISR or the eligible replicas, unless it is the last known leader or the
// election was unclean (A6). A broker that the controller fenced, or that stopped uncleanly (A14),
// does not stay where that same controller in that same term has put it.
//
// And for progress: since when a replica is out of the ISR, and its broker back.
//
// States that were committed but not told leave gaps in the partition epochs; over a gap only what
// holds over any distance is judged.
#pragma once

#include <cstdint>
#include <vector>

#include "checkers/watch.h"
#include "checkers/watch_watermarks.h"

namespace weir {

// Committed, as the newest telling has it.
struct PartitionTold {
  std::int64_t partition_epoch = -1;
  std::int32_t leader_epoch = -1;
  std::int64_t leader = -1;
  std::vector<std::int64_t> replicas, isr, elr;
  std::int64_t event = -1;
  std::int64_t term = -1;  // of the controller that told it
  std::string teller;
};

class PartitionWatch {
 public:
  void on(const watching::Seen&);
  // Of facts that tell nothing but how late it is.
  void pass(Instant now) {
    if (now >= next_settling_) settle(now);
  }

  FactTally states;     // controller.isr
  FactTally elections;  // controller.election; breaches are leaders from outside
  // By topic: eligible replicas beside an ISR of so many members, not all replicas.
  watching::ByNode<CountedEvents> eligible_beside_isr;

  // Null where nothing was told. `is_newest`: the present controller told it, so that no later one
  // was committed that it did not tell.
  struct Newest {
    const PartitionTold* state = nullptr;
    bool is_newest = false;
  };
  [[nodiscard]] Newest newest(std::string_view topic, std::int32_t partition) const;
  // The broker runs, and the metadata know of this life: what a power loss took from it has no
  // part in any ISR that was told since.
  [[nodiscard]] bool is_settled(std::int64_t broker) const;

  // A replica that is out of the ISR, as the present controller told it, although it and its leader
  // are settled: since when all of that is so.
  struct Outsider {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t broker = -1;
    Instant since{};
    std::int64_t event = -1;  // of the newest state
  };
  [[nodiscard]] std::vector<Outsider> outsiders() const;
  // Partitions that outsiders() looks at.
  [[nodiscard]] std::int64_t led() const;

 private:
  struct Partition {
    PartitionTold now;
    // Per partition epoch: hash of the state, and who told it when.
    std::map<std::int64_t, std::pair<std::uint64_t, std::int64_t>> told;
    std::map<std::int64_t, Instant> out_since;  // replicas that are not in the ISR
    Instant leader_since{};
    std::vector<std::int64_t> proposed;      // by the leader, on top of `now`
    std::vector<std::int64_t> last_leaders;  // who led last, or may have, where it was not told
    watching::Creations creations;
  };
  // A broker that must be out of every ISR from then on, as this controller knows.
  struct Outcast {
    std::int64_t event = -1;
    Instant at{};
    std::string teller;
    std::int64_t term = -1;
    bool uncleanly = false;
    bool settled = false;  // looked at
  };

  void on_changed(const watching::Seen&);
  void judge_state(const PartitionTold&, const watching::Seen&);
  void judge_members(const PartitionTold&, const watching::Seen&);
  void judge_step(Partition&, const PartitionTold& next, const watching::Seen&);
  static void remember_leaders(Partition&, const PartitionTold& next);
  void settle(Instant now);
  void judge_outcast(std::int64_t broker, const Outcast&);
  [[nodiscard]] std::int64_t term_of(std::string_view node) const;
  [[nodiscard]] bool is_of_present_controller(const PartitionTold&) const;
  [[nodiscard]] bool is_led(const Partition&) const;
  static void note_outsiders(Partition&, Instant at);

  watching::ByPartition<Partition> partitions_;
  watching::ByNode<std::int64_t> terms_;  // of controllers in office
  std::map<std::int64_t, Outcast> outcasts_;
  watching::ByNode<std::int64_t> lives_;  // event of the last start; -1: it is down
  struct Registration {
    std::int64_t event = -1;
    Instant at{};
  };
  std::map<std::int64_t, Registration> registered_;  // the last one
  Instant next_settling_ = Instant::never();
  std::int64_t newest_term_ = -1;
};

}  // namespace weir
