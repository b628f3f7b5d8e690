// Fetcher: positions of a consumer, what to fetch from whom, and what the application gets. Pure.
//
// As in Kafka's consumer: one fetch in flight a broker, for the partitions it leads that have a
// position and nothing buffered; a response counts only where the position still is what was asked
// for. Positions come from seek(), or from a reset (ListOffsets) to the beginning or the end; an
// offset out of range is reset by auto.offset.reset, or told under `none`. Passing errors refresh
// the metadata and wait retry.backoff.ms, or until a newer leader is known.
//
// A position knows the epoch of the record before it. When the leader epoch of its partition
// changes, nothing is fetched until the new leader has confirmed by OffsetForLeaderEpoch that this
// epoch reaches to the position in its log too (KIP-320). Where it does not, the position goes back
// to where the logs part; under auto.offset.reset=none the application is told instead, again and
// again until it seeks. Replicas are never preferred to leaders (KIP-392 is not taken up).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "broker/base/random.h"
#include "broker/client/fetched_records.h"
#include "broker/client/metadata_cache.h"

namespace weir {

inline constexpr std::int64_t kLatestTimestamp = -1;  // of ListOffsets
inline constexpr std::int64_t kEarliestTimestamp = -2;

struct FetchAnswer {
  TopicPartition tp;
  ErrorCode code = ErrorCode::none;
  Offset high_watermark{-1};
  Offset log_start{-1};
  Slice records = {};
  std::vector<AbortedTransaction> aborted = {};
};

struct OffsetAnswer {
  TopicPartition tp;
  ErrorCode code = ErrorCode::none;
  Offset offset{-1};
  std::int32_t leader_epoch = -1;
};

// Where an epoch ends in the leader's log; -1 and -1 where it knows nothing of it.
struct EpochAnswer {
  TopicPartition tp;
  ErrorCode code = ErrorCode::none;
  std::int32_t epoch = -1;
  Offset end{-1};
};

struct FetcherEffects {
  struct Target {
    TopicPartition tp;
    Offset offset;
    std::int32_t leader_epoch = -1;
  };
  struct Fetch {
    std::uint64_t request = 0;
    std::int32_t node = -1;
    std::vector<Target> targets;
  };
  struct Query {
    TopicPartition tp;
    std::int64_t timestamp = kLatestTimestamp;
    std::int32_t leader_epoch = -1;
  };
  struct ListOffsets {
    std::uint64_t request = 0;
    std::int32_t node = -1;
    std::vector<Query> queries;
  };
  struct Position {
    TopicPartition tp;
    Offset offset;
    std::int32_t epoch = -1;         // of the record before it
    std::int32_t leader_epoch = -1;  // of the leader that is asked
  };
  struct Validate {
    std::uint64_t request = 0;
    std::int32_t node = -1;
    std::vector<Position> positions;
  };
  struct Reset {
    TopicPartition tp;
    Offset old{-1};
    Offset position;
    std::string why;  // "earliest: no position yet"
  };
  std::vector<Fetch> fetch;
  std::vector<ListOffsets> list_offsets;
  std::vector<Validate> validate;
  std::vector<Reset> resets;
  std::vector<Position> validated;
  std::vector<LogTruncation> truncated;
  std::set<std::int32_t> connect;
  bool refresh_metadata = false;
};

// What the application waits for: in Kafka nothing happens to a consumer that is not polled.
enum class FetcherActivity {
  idle,
  resolve,  // positions that are not known
  fetch,    // those, and records
};

class Fetcher {
 public:
  explicit Fetcher(const ConsumerOptions& options) : options_(options) {}

  // -- the application --------------------------------------------------------------------------
  void assign(std::span<const TopicPartition> partitions);
  [[nodiscard]] std::vector<TopicPartition> assignment() const;
  [[nodiscard]] bool assigned(const TopicPartition& tp) const { return partitions_.contains(tp); }
  void seek(const TopicPartition& tp, Offset position);
  void seek_to(const TopicPartition& tp, AutoOffsetReset where);
  [[nodiscard]] std::optional<Offset> position(const TopicPartition& tp) const;

  // Up to max.poll.records buffered records. An error is told once, alone, after the records before
  // it; it comes again as long as its cause lasts.
  [[nodiscard]] ClientResult<std::vector<ConsumerRecord>> collect(Codecs& codecs);
  // Whether waiting for the partition's position is over.
  [[nodiscard]] bool settled(const TopicPartition& tp) const;
  // The error that keeps the partition from a position, told once.
  [[nodiscard]] std::optional<ClientError> take_error(const TopicPartition& tp);
  // Whether collect() may have something to give.
  [[nodiscard]] bool anything_to_collect() const;

  // -- the cluster ------------------------------------------------------------------------------
  void node_ready(std::int32_t node) { ready_.insert(node); }
  void node_lost(std::int32_t node) { ready_.erase(node); }
  void fetch_answered(std::uint64_t request, std::vector<FetchAnswer> answers, Instant now,
                      Random& random, FetcherEffects& effects);
  void fetch_failed(std::uint64_t request, Instant now, Random& random, FetcherEffects& effects);
  void offsets_answered(std::uint64_t request, std::span<const OffsetAnswer> answers, Instant now,
                        Random& random, FetcherEffects& effects);
  void offsets_failed(std::uint64_t request, Instant now, Random& random, FetcherEffects& effects);
  void epochs_answered(std::uint64_t request, std::span<const EpochAnswer> answers, Instant now,
                       Random& random, FetcherEffects& effects);
  void epochs_failed(std::uint64_t request, Instant now, Random& random, FetcherEffects& effects);
  // The broker is too old to be asked: the positions stand unproven, as in Kafka.
  void epochs_unsupported(std::uint64_t request);

  void step(const MetadataCache& metadata, FetcherActivity activity, Instant now,
            FetcherEffects& effects);
  [[nodiscard]] Instant next_deadline() const { return next_deadline_; }

 private:
  struct PendingReset {
    AutoOffsetReset where = AutoOffsetReset::latest;
    std::string why;
    Offset old{-1};
  };
  struct Partition {
    std::optional<Offset> position;
    std::int32_t epoch = -1;          // of the record before the position
    std::int32_t checked_epoch = -1;  // of the leader that has the position in its log
    std::optional<PendingReset> reset;
    std::optional<FetchedRecords> buffered;
    std::optional<ClientError> error;
    std::uint64_t asking = 0;  // the ListOffsets or OffsetForLeaderEpoch that is under way
    Instant not_before{};
    std::int32_t failed_epoch = -1;  // of the leader that failed last
    int failures = 0;

    // Must the leader of that epoch confirm the position?
    [[nodiscard]] bool unproven(std::int32_t leader_epoch) const {
      return epoch >= 0 && leader_epoch >= 0 && leader_epoch != checked_epoch;
    }
  };
  struct Request {
    std::uint64_t number = 0;
    std::int32_t node = -1;
    std::vector<FetcherEffects::Target> targets;      // of a fetch
    std::vector<FetcherEffects::Query> queries;       // of ListOffsets
    std::vector<FetcherEffects::Position> positions;  // of OffsetForLeaderEpoch
  };
  using Requests = std::map<std::int32_t, Request>;  // by node

  void take_answer(FetchAnswer& answer, const FetcherEffects::Target& target, Instant now,
                   Random& random, FetcherEffects& effects);
  void out_of_range(Partition& p, const FetchAnswer& answer, Offset asked);
  void reset_by_policy(const TopicPartition& tp, Partition& p, const std::string& cause,
                       ErrorCode code);
  void take_end(Partition& p, const EpochAnswer& answer, const FetcherEffects::Position& asked,
                FetcherEffects& effects);
  void truncated(Partition& p, const FetcherEffects::Position& asked,
                 std::optional<EpochAnswer> end, FetcherEffects& effects);
  void back_off(Partition& p, std::int32_t leader_epoch, Instant now, Random& random);
  Request take_request(std::uint64_t request);
  // The partition where it still waits for the answer to this request, or null.
  Partition* asker(const TopicPartition& tp, std::uint64_t request);
  void begin(Requests& fetches, Requests& questions, Requests& validations,
             FetcherEffects& effects);
  // The partition's ready leader at `now`, or -1; asks for what is missing.
  std::int32_t usable_leader(const TopicPartition& tp, const Partition& p,
                             const MetadataCache& metadata, Instant now, FetcherEffects& effects);

  const ConsumerOptions options_;
  std::map<TopicPartition, Partition> partitions_;
  std::map<std::uint64_t, Request> requests_;
  std::set<std::int32_t> fetching_;  // nodes with a fetch in flight
  std::set<std::int32_t> ready_;
  std::uint64_t last_request_ = 0;
  TopicPartition last_collected_;  // partitions take turns
  Instant next_deadline_ = Instant::never();
};

}  // namespace weir
