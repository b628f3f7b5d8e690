// What brokers answer about partitions, against what was told before: ListOffsets, Metadata,
// DeleteRecords, Produce.
//
// A broker tells an answer in the step in which it looks it up, and tells each change of its log
// start, its high watermark and its office in the step that makes it. So what it says of them must
// be just what it told last, and no answer is judged about which something may have been untold:
//
// - latest (hw.monotonic, A13): the watermark of this term of office. Nothing was told of it in
//   this term: it is where the epoch began, since below that a leader answers nobody (KIP-207), and
//   the watermark with which it took office lies within the log that it took over. A leader that
//   was deposed and does not know it answers its own watermark, as Kafka's does. The epoch is that
//   of its office. Another replica is told where the log ends: its leader counts an append a moment
//   after it is told, so of that only bounds are judged.
// - earliest (hw.monotonic, E5): the log start; and the epoch of the record there, where the
//   appends told it.
// - by time (read.visibility, E6): a record below the watermark and not older than asked for. No
//   record before it, at or above the log start, is as new: that is asked of the logs read back, by
//   judge_searches.cpp. A record that lies there counts where it is of the epoch that the appends
//   of the searched log told of that offset: then it is the same (log.agreement).
// - Metadata (controller.metadata, A19): the state of the partition epoch that it was taken from,
//   as the controller told it; and no older state than the newest that lies below the offset which
//   the image claims; and no older image than the one that this broker said it had applied. States
//   that were not told, or only told to be decided somewhere below a later offset, are judged not.
//   A leader whose broker is fenced is answered as none.
// - Produce with acks=all (durability.acked, A5): what is acknowledged lies below the watermark of
//   this term of office, or below where its epoch began, whether its client still listens or not.
// - DeleteRecords (hw.monotonic, E5): the low watermark is reached by the leader's log start, and
//   by those of the replicas that it counted, in whatever life they told it.
//
// Once a topic is to be deleted nothing is judged any more: its name may come to mean another one,
// of which some nodes know and others do not.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "checkers/watch.h"
#include "checkers/watch_isr.h"

namespace weir {

inline constexpr std::size_t kMaxSearchesKept = 1'000;

class AnswerWatch {
 public:
  // A record that was searched by its time: to be compared with the logs read back.
  struct Search {
    std::string topic;
    std::int32_t partition = -1;
    std::string node;
    std::int64_t event = -1;
    std::int64_t target = -1;     // -3: the largest timestamp
    std::int64_t offset = -1;     // -1: there is none
    std::int64_t timestamp = -1;  // of it
    std::int64_t start = 0;       // of the log, at the end of the search
    std::int64_t bound = 0;       // what lies below is there still, or was removed on purpose
    IsrWatch::Copy copy;          // the log that was searched
  };

  // After the others have seen the fact.
  void on(const watching::Seen&, const WatermarkWatch&, const IsrWatch&);

  FactTally offsets;   // ListOffsets and DeleteRecords
  FactTally appends;   // Produce with acks=all
  FactTally metadata;  // states of partitions
  FactTally searched;  // ListOffsets by time
  std::vector<Search> searches;

 private:
  // As it was committed.
  struct State {
    std::int64_t leader = -1;
    std::int32_t leader_epoch = -1;
    std::vector<std::int64_t> replicas, isr;  // ascending
    std::int64_t decided_below = 0;           // offset of the metadata log
    std::int64_t event = -1;
  };
  using States = std::map<std::int64_t, State>;  // by partition epoch

  void on_changed(const watching::Seen&);
  void on_latest(const watching::Seen&, const WatermarkWatch&);
  void on_earliest(const watching::Seen&, const WatermarkWatch&, const IsrWatch&);
  void on_search(const watching::Seen&, const WatermarkWatch&, const IsrWatch&);
  void on_cut(const watching::Seen&);
  void on_deleted(const watching::Seen&, const WatermarkWatch&);
  void on_acknowledged(const watching::Seen&, const WatermarkWatch&);
  void on_metadata(const watching::Seen&);
  void object(FactTally&, const watching::Seen&, std::int64_t made, std::string about);

  watching::ByPartition<States> states_;
  watching::ByNode<std::int64_t> applied_;  // offset of the metadata, in this life
  bool topics_are_deleted_ = false;
};

}  // namespace weir
