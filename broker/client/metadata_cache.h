// MetadataCache: what the client knows of brokers, topics and leaders, and when it must ask again.
//
// A partition's leader is only replaced by information of the same or a higher leader epoch
// (KIP-320), unless the topic was made anew: a stale broker must not send us back to an old leader,
// not even after another one denied that the topic exists. Only topics that somebody wants are
// asked for. When to refresh: on demand (with backoff), and when the information is
// metadata.max.age.ms old. When all the brokers known are of no use, the bootstrap servers are
// asked again (KIP-899, KIP-1102): see rebootstrap().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/base/random.h"
#include "broker/client/client_types.h"
#include "broker/client/option_reader.h"
#include "broker/wire/error_code.h"
#include "broker/wire/uuid.h"

namespace weir {

struct PartitionMetadata {
  ErrorCode code = ErrorCode::none;
  std::int32_t partition = -1;
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
};

struct TopicMetadata {
  std::string name;
  ErrorCode code = ErrorCode::none;
  Uuid id = {};
  std::vector<PartitionMetadata> partitions = {};  // sorted by number, no gaps
};

struct MetadataUpdate {
  std::map<std::int32_t, HostPort> brokers;
  std::int32_t controller = -1;
  std::vector<TopicMetadata> topics;
};

class MetadataCache {
 public:
  explicit MetadataCache(const ConnectionOptions& options) : options_(options) {}

  // Topics that are to be known from now on; asks for a refresh where one is new.
  void want(const std::string& topic);
  void unwant(const std::string& topic);
  [[nodiscard]] const std::set<std::string, std::less<>>& wanted() const { return wanted_; }

  // Brokers may create the topics that are wanted, where their own settings allow it.
  void create_no_topics() { creates_topics_ = false; }
  [[nodiscard]] bool creates_topics() const { return creates_topics_; }

  // Something was found to be stale.
  void request_refresh() { refresh_needed_ = true; }
  // A refresh begins, fails, or yields.
  void refresh_started() {
    refreshing_ = true;
    wanted_anew_ = false;
  }
  void refresh_failed(Instant now, Random& random);
  void update(const MetadataUpdate& update, Instant now, Random& random);

  // The answer was REBOOTSTRAP_REQUIRED.
  void require_rebootstrap() { rebootstrap_required_ = true; }
  // Whether the next refresh must ask the bootstrap servers alone: a broker demanded it, or no
  // refresh succeeded for metadata.recovery.rebootstrap.trigger.ms.
  [[nodiscard]] bool rebootstrap(Instant now) const;

  // When a refresh is due: a moment not after now means at once; never() while one is under way.
  [[nodiscard]] Instant refresh_at() const;

  // A leader hint of a produce or fetch response (KIP-951).
  void learn_leader(const TopicPartition& tp, std::int32_t leader, std::int32_t epoch);
  void learn_broker(std::int32_t id, const HostPort& address);

  [[nodiscard]] const TopicMetadata* topic(std::string_view name) const;
  [[nodiscard]] const TopicMetadata* topic(const Uuid& id) const;
  [[nodiscard]] const PartitionMetadata* partition(const TopicPartition& tp) const;
  // The leader, or -1 where none is known.
  [[nodiscard]] std::int32_t leader(const TopicPartition& tp) const;
  [[nodiscard]] const std::map<std::int32_t, HostPort>& brokers() const { return brokers_; }
  [[nodiscard]] std::int32_t controller() const { return controller_; }
  // How many refreshes have succeeded.
  [[nodiscard]] std::uint64_t updates() const { return updates_; }
  // Grows with every change; equal numbers mean equal content.
  [[nodiscard]] std::uint64_t version() const { return version_; }

 private:
  struct Seen {
    Uuid topic;
    std::int32_t leader_epoch = -1;
  };
  void merge(TopicMetadata fresh);

  const ConnectionOptions options_;
  std::set<std::string, std::less<>> wanted_;
  std::map<std::int32_t, HostPort> brokers_;
  std::int32_t controller_ = -1;
  std::map<std::string, TopicMetadata, std::less<>> topics_;
  std::map<TopicPartition, Seen> seen_;  // the highest epoch ever told, also of forgotten topics
  bool refresh_needed_ = false;
  bool wanted_anew_ = false;  // a topic that the refresh under way does not ask for
  bool rebootstrap_required_ = false;
  std::optional<Instant> failing_since_;
  bool refreshing_ = false;
  bool creates_topics_ = true;
  std::optional<Instant> updated_;
  Instant not_before_{};
  int failures_ = 0;
  std::uint64_t version_ = 0;
  std::uint64_t updates_ = 0;
};

}  // namespace weir
