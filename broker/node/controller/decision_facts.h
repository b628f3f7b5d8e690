// The facts that a decision of the controller becomes, once it is committed.
//
// All records of a decision take effect together, so each broker and each partition is told once,
// in its state after the decision, with the cause of its last record.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/base/fact.h"
#include "broker/controller/controller.h"
#include "broker/ports/machine.h"

namespace weir {

struct DecisionFacts {
  struct Told {
    FactKind kind{};
    std::int32_t partition = -1;
    std::int32_t epoch = -1;
    std::int32_t sequence = -1;
    std::string topic = {};
    std::int64_t old = 0;
    std::int64_t value = 0;
    std::string record = {};
    std::string why = {};
  };
  // True when all below `end` is committed, in this epoch.
  Offset end{0};
  LeaderEpoch epoch = kNoLeaderEpoch;
  std::vector<Told> facts = {};
};

// `before` and `after`: the uncommitted image without and with the decision. `before` is needed
// only where brokers are registered or topics deleted.
[[nodiscard]] DecisionFacts facts_of(const Appends& appends, const MetadataImage* before,
                                     const MetadataImage& after);
// What changed between two committed images, with one cause for all.
[[nodiscard]] DecisionFacts facts_between(const MetadataImage& before, const MetadataImage& after,
                                          std::string_view cause);

void tell(Facts& facts, const DecisionFacts& told);

// "replicas=1,2,3 isr=1,2 elr=3", with " adding=" and " removing=" where a reassignment is under
// way.
[[nodiscard]] std::string print_partition(const PartitionImage& partition);

}  // namespace weir
