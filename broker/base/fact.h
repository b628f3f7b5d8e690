// Facts: what nodes, clients and the world say that happened; one stream, many readers.
//
// A fact is a plain value. Nodes and clients emit it through the write-only port Facts; the world
// adds number, time, node and cause, and hands it to every reader: fingerprint, online checkers,
// history, trace, fault triggers, the directory of roles. Nobody emits a fact for one reader's
// sake, and no fact is believed as proof of what a disk holds: at the end the logs are read back.
//
// The name of a kind is also the name of the trigger that waits for it ("hw.advanced").
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

enum class FactKind : std::uint16_t {
  // Processes. `why` says how or by whom.
  node_started,
  node_stopped,
  node_killed,
  node_power_lost,
  node_paused,
  node_resumed,
  node_failed,       // the node halted itself, e.g. after a fatal disk error
  assertion_failed,  // why = "file:line: condition"

  // Requests between nodes. api = Kafka's API key, operation = correlation id, peer = the other
  // node,
  // why = one phrase for people ("Produce v12 orders-0 1 batch").
  request_sent,
  request_received,
  response_sent,
  response_received,
  connection_opened,
  connection_closed,  // why = reason

  // The partition log; topic and partition are set.
  log_opened,     // old = log start offset, value = log end offset, epoch = latest leader epoch
  log_appended,   // old = base offset, value = last offset, producer, producer_epoch, sequence
                  // (of the first record), epoch, digest of the batch from its attributes on
  log_rolled,     // value = base offset of the new segment
  log_truncated,  // old = log end before, value = after, why
  log_synced,     // value = offset below which everything is durable
  log_start_advanced,   // old, value
  hw_advanced,          // old, value
  append_deduplicated,  // old = base offset found, producer, producer_epoch, sequence
  append_refused,       // producer, producer_epoch, sequence, why = error name
  records_served,       // a fetch answered: old = first offset, value = next offset, peer = asker,
                        // epoch = isolation level; digest = the high watermark it was bounded by
  answer_told,          // a question about a partition was answered without an error: api,
                        // operation, peer = asker, epoch = the leader epoch told.
                        // ListOffsets: old = the timestamp asked for, value = offset; where records
                        // were searched also digest = the offset at which the search ended,
                        // record = the timestamp found; why = "replica" where one asks.
                        // Metadata: old = offset below which its image holds all, value = leader
                        // or -1, sequence = partition epoch, record = "replicas=1,2,3 isr=1,2".
                        // DeleteRecords: old = the offset asked for, value = low watermark,
                        // record = "replicas=1,2", those whose log starts count.
                        // Produce with acks=all: old and value = the first and the last offset
  topic_created,        // value = number of partitions
  topic_deleted,

  // The cluster. Metadata of the quorum is the log of topic "__cluster_metadata", partition 0: its
  // appends, truncations and watermark are told by the log's own kinds.
  quorum_state,    // a voter or observer moved: epoch, old and value = QuorumRole before and after,
                   // peer = the leader's node where known, why = what moved it
  quorum_voted,    // durable: epoch, value = the candidate's id
  snapshot_taken,  // value = end offset, epoch = its last epoch
  snapshot_loaded,       // the same, by the one who replaced its log or its image with it
  controller_activated,  // epoch, value = first offset of its epoch
  controller_resigned,   // epoch, why
  metadata_applied,      // value = offset below which the image holds all, digest = of that image
  broker_registered,     // value = broker epoch, old = the one before or -1, sequence = broker id,
                         // why = "clean" | "unclean" | "first"
  broker_fenced,         // sequence = broker id, value = broker epoch, why
  broker_unfenced,       // sequence = broker id, value = broker epoch
  partition_changed,     // committed state: topic, partition, epoch = leader epoch, value = leader
                         // or -1, old = partition epoch, record = "replicas=1,2,3 isr=1,2 elr=3",
                         // why = what changed it, digest = offset of the metadata log below
                         // which it was decided
  replica_leads,         // topic, partition, epoch, value = log end at the start of the epoch
  replica_follows,       // topic, partition, epoch, value = the leader's id or -1
  replica_offline,       // topic, partition, why
  isr_proposed,          // as partition_changed, but value = how many join, record = "isr=1,2"
  follower_position,     // to the leader: topic, partition, epoch, sequence = follower's broker id,
                         // old and value = its log end before and after; only when ISR may change
  log_compacted,         // topic, partition, old = from, value = up to, digest = records removed

  // Clients. operation = number of the invocation, counted per client over all its incarnations.
  client_configured,  // why = the configuration in force as JSON text, fixed key order
  send_invoked,       // record = identity "P1:17", digest, value = size or -1, old = key's digest,
                      // peer = the record that it was made of, "orders-0@17", if any
  send_attempted,     // operation, value = attempt number (1 first), sequence, peer
  send_acknowledged,  // operation, record, value = offset (-1 when acks=0 tells none)
  send_failed,        // operation, record, why: it definitely is not in the log
  send_unknown,       // operation, record, why: nobody knows
  poll_invoked,       // operation
  poll_record,     // operation, topic, partition, value = offset, record = identity, digest, epoch
  poll_completed,  // operation, value = number of records
  poll_failed,     // operation, why
  consumer_assigned,   // topic, partition: one fact a partition; operation groups a set
  consumer_seek,       // topic, partition, value = new position, why = "seek" | "beginning" | "end"
  position_validated,  // topic, partition, epoch = the leader's, value = position (KIP-320)
  position_truncated,  // topic, partition, old = position, value = where the logs part (KIP-320)
  position_reset,      // topic, partition, old, value, why = policy and cause
  client_closed,

  // Faults and luck, emitted by the injector and the world. record = the fault's label.
  fault_injected,  // why = kind and target
  fault_healed,    // why = kind and target
  fault_skipped,   // why = the guard that forbade it
  buggify_fired,   // why = the point
  healed,          // all faults are over: liveness is demanded from here

  // The network and the disk of the world.
  message_dropped,  // peer, value = bytes, why
  disk_error,       // record = path, why = operation and error
  disk_wiped,       // why
  disk_lost,  // after a power loss: record = path, value = bytes not kept, why = "dropped" | "torn"

  count_,  // not a kind
};

// Facts that come by the thousand and say nothing of nodes and replicas: of messages between nodes,
// and of clients' records.
[[nodiscard]] constexpr bool is_of_message(FactKind kind) {
  return kind >= FactKind::request_sent && kind <= FactKind::response_received;
}
[[nodiscard]] constexpr bool is_of_record(FactKind kind) {
  return kind >= FactKind::send_invoked && kind <= FactKind::poll_failed;
}

// The stable, dotted name ("log.appended"); never null.
[[nodiscard]] std::string_view name_of(FactKind);

// The kind of that name, or count_ where there is none.
[[nodiscard]] FactKind fact_kind_named(std::string_view name);

// Text fields are views: they live during the call of emit() only, readers copy what they keep.
struct Fact {
  FactKind kind{};
  std::int16_t api = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t partition = -1;
  std::int32_t epoch = -1;
  std::int32_t sequence = -1;
  std::string_view topic = {};
  std::int64_t old = 0;
  std::int64_t value = 0;
  std::int64_t operation = -1;
  std::int64_t producer = -1;
  std::uint64_t digest = 0;
  std::string_view record = {};
  std::string_view peer = {};
  std::string_view why = {};
};

// Folds every field, strings by content.
[[nodiscard]] std::uint64_t fold(std::uint64_t hash, const Fact&);

}  // namespace weir
