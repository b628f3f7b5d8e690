// log.agreement, online: equal (offset, leader epoch) means equal batch on every replica.
//
// Each replica's log is mirrored from its own facts: appends, truncations, what an opening found. A
// batch that is appended is compared with the batches of the other replicas at the same offset: of
// the same leader epoch it must be the same batch (invariants A8, A15, B2), whatever lies above or
// below a watermark, since an epoch has one leader, and a leader gives an offset out once. Within
// one log offsets and epochs only grow (A16, E1). Metadata is a log like any other.
//
// A leader cuts nothing off its own log: what it said to be synced is there when it is opened again
// (E2). A follower may have cut its log and died before it told.
#pragma once

#include <cstdint>
#include <deque>

#include "checkers/watch.h"

namespace weir {

class AgreementWatch {
 public:
  void on(const watching::Seen&);

  FactTally batches;   // compared with another replica's; of a topic
  FactTally openings;  // of logs that were a leader's, or that have no roles

 private:
  struct Batch {
    std::int64_t base;
    std::int64_t last;
    std::uint64_t digest;
    std::int64_t event;
    std::int32_t epoch;
  };
  using Mirror = std::deque<Batch>;
  struct Synced {
    std::int64_t up_to = -1;  // told in the last life; -1: nothing
    std::int64_t event = -1;
    bool follows = false;  // it is not its leader, or was not when its life ended
  };
  struct Partition {
    watching::ByNode<Mirror> mirrors;
    watching::ByNode<Synced> synced;
    bool has_roles = false;
    watching::Creations creations;
    bool compacted = false;  // replicas clean on their own: their batches differ, legally
  };

  void on_append(Partition&, const watching::Seen&);
  void on_opened(Partition&, const watching::Seen&);
  void compare(const Mirror& other, std::string_view other_node, const watching::Seen&);
  static void cut(Mirror&, std::int64_t end);

  watching::ByPartition<Partition> partitions_;
};

}  // namespace weir
