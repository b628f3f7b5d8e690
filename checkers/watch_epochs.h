// epoch.single-leader, online: an epoch has one leader, for partitions and for the quorum.
//
// Partitions (A15): who says that it leads an epoch is the only one, is the one whom the controller
// named, and appends nothing of an older epoch any more. Quorum (B1, B3, B6): one leader of an
// epoch, whoever names it, and in one of its lives (it resigns when it starts again, KAFKA-10527);
// one vote of a voter per epoch over all its lives, legal steps between roles, and epochs that only
// grow in a life. A disk that was wiped has forgotten its votes: the node is another
// voter then (KIP-853).
#pragma once

#include <cstdint>

#include "checkers/watch.h"

namespace weir {

class EpochWatch {
 public:
  void on(const watching::Seen&);

  FactTally leaders;  // terms of office of partitions
  FactTally quorum;   // steps and votes of the quorum
  std::int64_t votes = 0;

 private:
  struct Term {
    std::string leader;  // who says so
    std::int64_t leads_event = -1;
    std::int64_t named = -1;  // the broker whom a controller named
    std::int64_t named_event = -1;
  };
  struct Partition {
    std::map<std::int32_t, Term> terms;        // by leader epoch
    watching::ByNode<std::int32_t> in_office;  // the epoch that a node leads in this life
    watching::Creations creations;
  };
  struct Voter {
    std::int32_t epoch = -1;                                              // the newest of this life
    bool has_moved = false;                                               // in this life
    std::map<std::int32_t, std::pair<std::int64_t, std::int64_t>> votes;  // epoch -> whom, event
    std::int64_t log_end = 0;                                             // of the metadata log
    int life = 0;                                                         // counted from 0
  };

  void on_leads(const watching::Seen&);
  void on_named(const watching::Seen&);
  void on_append(const watching::Seen&);
  void on_role(const watching::Seen&);
  void on_quorum_named(const watching::Seen&);
  void on_vote(const watching::Seen&);
  void judge(const Term&, const watching::Seen&);

  watching::ByPartition<Partition> partitions_;
  watching::ByNode<Voter> voters_;
  using Naming = std::pair<std::string, std::int64_t>;  // whom, event
  struct QuorumTerm {
    std::string node;
    int life;
    std::int64_t event;
  };
  std::map<std::int32_t, QuorumTerm> quorum_leaders_;  // by epoch: who said that it leads
  std::map<std::int32_t, Naming> quorum_named_;        // the leader's id, as anybody named it
};

}  // namespace weir
