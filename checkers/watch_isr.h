// Strong ISR (A1, A4), online: what a leader shows as committed lies on every replica in sync.
//
// Judged at the two moments when it could begin to be false: when a leader raises its high
// watermark (hw.monotonic), and when a replica joins the ISR (controller.isr). A replica has a
// record if its log reaches beyond it and has it in the same leader epoch; so data that a replica
// is about to cut does not count (KAFKA-13141).
//
// Asked only where both sides are known: the present controller told the newest state, in the
// leader's own epoch, and the replica runs, and the metadata know of this life of it. A replica
// that joined since the leader looked was proposed by that leader, who waits for it already. And it
// was proposed in its present life: of the one before its disk may be gone (KIP-903).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "checkers/watch.h"
#include "checkers/watch_partitions.h"
#include "checkers/watch_watermarks.h"

namespace weir {

class IsrWatch {
 public:
  // After the other two have seen the fact.
  void on(const watching::Seen&, const PartitionWatch&, const WatermarkWatch&);

  // Which epochs the records of a log are of, and where they end; -1: not known.
  struct Copy {
    struct Stretch {
      std::int32_t epoch = -1;
      std::int64_t start = 0;
    };
    std::vector<Stretch> stretches;
    std::int64_t end = -1;

    void append(std::int32_t epoch, std::int64_t first, std::int64_t last);
    void cut(std::int64_t at);
    void open(std::int64_t found);
    // Of the record at this offset; -1 where it is not known.
    [[nodiscard]] std::int32_t epoch_at(std::int64_t offset) const;
  };
  // Null where nothing was told of it.
  [[nodiscard]] const Copy* copy(std::string_view topic, std::int32_t partition,
                                 std::string_view node) const;

  FactTally steps;  // of watermarks
  FactTally joins;  // of replicas

 private:
  struct Partition {
    watching::ByNode<Copy> copies;
    std::vector<std::int64_t> isr;                  // as it was told before
    std::map<std::int64_t, std::int64_t> proposed;  // broker -> last event
    std::int32_t leader_epoch = -1;
    watching::Creations creations;
  };

  // The present life of a broker.
  struct Registration {
    std::int64_t epoch = -1;
    std::int64_t event = -1;  // -1: not known
  };

  void on_registered(const watching::Seen&);
  void on_moved(Partition&, const watching::Seen&, const PartitionWatch&);
  void on_changed(Partition&, const watching::Seen&, const PartitionWatch&, const WatermarkWatch&);

  watching::ByPartition<Partition> partitions_;
  std::map<std::int64_t, Registration> registered_;  // by broker
};

}  // namespace weir
