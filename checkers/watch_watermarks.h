// hw.monotonic and the ghost of the highest watermark, online.
//
// The ghost of a partition is the highest watermark that a leader ever showed (kafka-invariants:
// trueHW): all below it may have been acknowledged and read. In one term of office a watermark only
// grows and stays within the log (A13, A17), its leader cuts nothing off its own log, and the log
// start does not pass it (E5). A watermark that moves is held by at least min.insync.replicas logs
// (A4, A18 and, for the quorum, B7: a majority): the facts of appends and openings say how far each
// log ever reached, and no leader counts what was not told before; where the present controller
// told the ISR of that very leader epoch, each member reached it (A4). A new leader whose log ends
// below the ghost has lost what was shown (A5, A6, B4). A leader of the quorum commits nothing
// before the beginning of its own epoch (B7); nobody takes a snapshot of, applies or compacts what
// was not shown to be committed, nor can have been (B8, A19, E3).
#pragma once

#include <array>
#include <cstdint>

#include "checkers/watch.h"

namespace weir {

class PartitionWatch;

// Something that is a breach only in some configurations: the first event of it for each count.
struct CountedEvents {
  static constexpr std::size_t kMost = 16;
  std::array<std::int64_t, kMost> first;  // -1: never
  std::array<std::string, kMost> about;

  CountedEvents() { first.fill(-1); }
  void note(std::size_t count, std::int64_t event, std::string text) {
    if (count >= kMost || first[count] >= 0) return;
    first[count] = event;
    about[count] = std::move(text);
  }
};

// What a replica told of its log and its office.
struct ReplicaMarks {
  std::int64_t start = 0;
  std::int64_t end = -1;              // -1: not known
  std::int64_t reach = 0;             // the furthest end of all lives, less what it cut off itself
  std::int64_t furthest_start = 0;    // of all lives
  std::int64_t shown = -1;            // the watermark of this term of office; -1: not told yet
  std::int32_t leads = -1;            // the epoch
  std::int32_t in_office_since = -1;  // the epoch with which an unbroken leadership began
  std::int32_t follows = -1;          // the newest epoch in which it followed, in any life
  std::int64_t epoch_start = -1;      // of what it leads
};

class WatermarkWatch {
 public:
  // `told`: what controllers told before this fact.
  void on(const watching::Seen&, const PartitionWatch& told);

  FactTally steps;      // of watermarks, of log starts, and of what rests on them
  FactTally elections;  // leaders that take office; breaches lack what was shown
  // By topic: watermarks that moved while only so many logs, fewer than replicas, reached them.
  watching::ByNode<CountedEvents> moved_with_copies;

  // The highest watermark that was shown of "orders", 0; 0 where none was.
  [[nodiscard]] std::int64_t ghost(std::string_view topic, std::int32_t partition) const;
  // Null where it told nothing.
  [[nodiscard]] const ReplicaMarks* replica(std::string_view topic, std::int32_t partition,
                                            std::string_view node) const;
  // Somebody led it: who stands alone has no roles.
  [[nodiscard]] bool has_roles(std::string_view topic, std::int32_t partition) const;

 private:
  using Replica = ReplicaMarks;
  struct Partition {
    watching::ByNode<Replica> replicas;
    std::int64_t ghost = 0;
    std::int64_t ghost_event = -1;
    std::int32_t ghost_epoch = -1;  // of the term in which it was shown
    std::string ghost_by;
    std::int32_t newest_epoch = -1;  // that anybody led
    watching::Creations creations;
    std::size_t replica_count = 0;  // the least that was told; 0: nothing was
  };

  void on_log(const watching::Seen&);
  void on_cut(Replica&, const watching::Seen&);
  void on_start_moved(Replica&, const watching::Seen&);
  void on_moved(const watching::Seen&, const PartitionWatch& told);
  void on_committed_use(const watching::Seen&, const std::string& deed);
  void find_isr_member_behind(const Partition&, const watching::Seen&, const PartitionWatch& told);
  void count_copies(const Partition&, const watching::Seen&);
  // Of the metadata log: whether a majority of the voters may hold what lies below.
  [[nodiscard]] std::size_t copies_of_metadata(const Partition&, std::int64_t below) const;
  [[nodiscard]] std::size_t majority() const;
  void on_leads(const watching::Seen&);
  void on_quorum_role(const watching::Seen&);
  void on_quorum_leader(const watching::Seen&);

  watching::ByPartition<Partition> partitions_;
  std::map<std::string, bool, std::less<>> voters_;  // of the quorum, as far as they showed it
  watching::ByNode<std::int64_t> epoch_starts_;      // of those who lead the quorum
  watching::ByNode<bool> brokers_;                   // they read the metadata log and count not
  bool voters_change_ = false;
};

}  // namespace weir
