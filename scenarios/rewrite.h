// Rewriting a scenario as a whole: a node, a client or a partition goes or gets another name, and
// everything that speaks of it follows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace weir {

// What aims at the node goes with it: faults, moves of leaders, delays. Of a client, itself too.
void drop_node(Scenario&, const std::string& name);

// Every mention of a node by name; the new names are valid.
using Rename = std::function<std::string(const std::string&)>;
void rename_nodes(Scenario&, const Rename&);

// Fewer brokers: the n-th goes (from 1), those behind it move up; replication as far as possible.
void drop_broker(Scenario&, std::int64_t n);
void drop_controller(Scenario&, std::int64_t n);

// The partitions of a topic that anything speaks of: operations, faults, moves, assignments.
[[nodiscard]] std::vector<std::int32_t> partitions_in_use(const Scenario&,
                                                          const std::string& topic);

// The topic keeps these partitions (sorted), numbered anew; nothing may speak of the others.
void keep_partitions(Scenario&, const std::string& topic, const std::vector<std::int32_t>&);
// The topic keeps one partition, which takes the place of all.
void merge_partitions(Scenario&, const std::string& topic);
// Nothing may speak of it but assignments.
void drop_topic(Scenario&, const std::string& topic);

// Whatever is counted up to, in the order of the file: operations of a fault's disk, matches of its
// trigger, messages of a link up to the one that is late.
[[nodiscard]] std::vector<std::uint64_t> counts_in(const Scenario&);
// As many as counts_in().
void set_counts(Scenario&, const std::vector<std::uint64_t>&);

// Ends it earlier: all heals by `heal_by`, and clients work until `until`; what would come later is
// left out.
void cut_time(Scenario&, Duration heal_by, Duration until);

}  // namespace weir
