// Positions, resets, fetches and their answers.
#include "broker/client/fetcher.h"

#include <algorithm>

#include "broker/base/assertion.h"
#include "broker/client/backoff.h"

namespace weir {
namespace {

std::string_view policy_name(AutoOffsetReset where) {
  switch (where) {
    case AutoOffsetReset::latest: return "latest";
    case AutoOffsetReset::earliest: return "earliest";
    case AutoOffsetReset::none: return "none";
  }
  return "";
}

}  // namespace

void Fetcher::assign(std::span<const TopicPartition> partitions) {
  const std::set<TopicPartition> wanted(partitions.begin(), partitions.end());
  std::erase_if(partitions_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  for (const TopicPartition& tp : wanted) partitions_.try_emplace(tp);
}

std::vector<TopicPartition> Fetcher::assignment() const {
  std::vector<TopicPartition> out;
  for (const auto& [tp, p] : partitions_) out.push_back(tp);
  return out;
}

void Fetcher::seek(const TopicPartition& tp, Offset position) {
  Partition fresh;
  fresh.position = position;
  partitions_.at(tp) = std::move(fresh);
}

void Fetcher::seek_to(const TopicPartition& tp, AutoOffsetReset where) {
  Partition& p = partitions_.at(tp);
  const Offset old = p.position.value_or(Offset{-1});
  p = Partition();
  p.reset = PendingReset{where, std::string(policy_name(where)) + ": seek", old};
}

std::optional<Offset> Fetcher::position(const TopicPartition& tp) const {
  const auto it = partitions_.find(tp);
  return it == partitions_.end() ? std::nullopt : it->second.position;
}

bool Fetcher::settled(const TopicPartition& tp) const {
  const auto it = partitions_.find(tp);
  return it == partitions_.end() || it->second.position || it->second.error;
}

std::optional<ClientError> Fetcher::take_error(const TopicPartition& tp) {
  const auto it = partitions_.find(tp);
  return it == partitions_.end() ? std::nullopt : std::exchange(it->second.error, std::nullopt);
}

bool Fetcher::anything_to_collect() const {
  return std::ranges::any_of(
      partitions_, [](const auto& entry) { return entry.second.buffered || entry.second.error; });
}

ClientResult<std::vector<ConsumerRecord>> Fetcher::collect(Codecs& codecs) {
  std::vector<ConsumerRecord> out;
  const auto limit = static_cast<std::size_t>(options_.max_poll_records);
  // Begin after the partition that was served last, so that none is starved.
  std::vector<std::map<TopicPartition, Partition>::iterator> turns;
  const auto middle = partitions_.upper_bound(last_collected_);
  for (auto it = middle; it != partitions_.end(); ++it) turns.push_back(it);
  for (auto it = partitions_.begin(); it != middle; ++it) turns.push_back(it);
  for (const auto& turn : turns) {
    Partition& p = turn->second;
    while (p.buffered && out.size() < limit) {
      auto record = p.buffered->next(codecs);
      p.position = p.buffered->position();
      if (record.has_error()) {
        p.error = record.error();
        p.buffered.reset();
      } else if (!*record) {
        p.buffered.reset();
      } else {
        out.push_back(std::move(**record));
        last_collected_ = turn->first;
      }
    }
    if (p.error && out.empty()) return *std::exchange(p.error, std::nullopt);
    if (out.size() >= limit) break;
  }
  return out;
}

std::int32_t Fetcher::usable_leader(const TopicPartition& tp, const Partition& p,
                                    const MetadataCache& metadata, Instant now,
                                    FetcherEffects& effects) {
  if (p.not_before > now) {
    next_deadline_ = std::min(next_deadline_, p.not_before);
    return -1;
  }
  const std::int32_t leader = metadata.leader(tp);
  if (leader < 0 || !metadata.brokers().contains(leader)) {
    effects.refresh_metadata = true;
    return -1;
  }
  if (ready_.contains(leader)) return leader;
  effects.connect.insert(leader);
  return -1;
}

void Fetcher::step(const MetadataCache& metadata, FetcherActivity activity, Instant now,
                   FetcherEffects& effects) {
  next_deadline_ = Instant::never();
  if (activity == FetcherActivity::idle) return;
  const bool fetch = activity == FetcherActivity::fetch;
  std::map<std::int32_t, Request> fetches;
  std::map<std::int32_t, Request> questions;
  for (auto& [tp, p] : partitions_) {
    if (p.error) continue;
    if (!p.position && !p.reset) reset_by_policy(tp, p, "no position yet", ErrorCode::none);
    if (p.reset && !p.asked) {
      const std::int32_t leader = usable_leader(tp, p, metadata, now, effects);
      if (leader < 0) continue;
      p.asked = true;
      const bool latest = p.reset->where == AutoOffsetReset::latest;
      questions[leader].queries.push_back({tp, latest ? kLatestTimestamp : kEarliestTimestamp,
                                           metadata.partition(tp)->leader_epoch});
    } else if (p.position && !p.reset && fetch && !p.buffered) {
      const std::int32_t leader = usable_leader(tp, p, metadata, now, effects);
      if (leader < 0 || fetching_.contains(leader)) continue;
      fetches[leader].targets.push_back({tp, *p.position, metadata.partition(tp)->leader_epoch});
    }
  }
  for (auto& [node, request] : fetches) {
    request.node = node;
    fetching_.insert(node);
    effects.fetch.push_back({++last_request_, node, request.targets});
    requests_.emplace(last_request_, std::move(request));
  }
  for (auto& [node, request] : questions) {
    request.node = node;
    effects.list_offsets.push_back({++last_request_, node, request.queries});
    requests_.emplace(last_request_, std::move(request));
  }
}

Fetcher::Request Fetcher::take_request(std::uint64_t request) {
  const auto it = requests_.find(request);
  WEIR_ASSERT(it != requests_.end());
  Request taken = std::move(it->second);
  requests_.erase(it);
  if (!taken.targets.empty()) fetching_.erase(taken.node);
  return taken;
}

void Fetcher::back_off(Partition& p, Instant now, Random& random) {
  p.not_before =
      now + exponential_backoff(options_.connection.retry_backoff,
                                options_.connection.retry_backoff_max, p.failures++, random);
}

void Fetcher::fetch_answered(std::uint64_t request, std::vector<FetchAnswer> answers, Instant now,
                             Random& random, FetcherEffects& effects) {
  const Request taken = take_request(request);
  for (const FetcherEffects::Target& target : taken.targets) {
    const auto answer = std::ranges::find(answers, target.tp, &FetchAnswer::tp);
    if (answer != answers.end()) take_answer(*answer, target, now, random, effects);
  }
}

void Fetcher::take_answer(FetchAnswer& answer, const FetcherEffects::Target& target, Instant now,
                          Random& random, FetcherEffects& effects) {
  const auto it = partitions_.find(target.tp);
  if (it == partitions_.end()) return;
  Partition& p = it->second;
  // A seek or a reset came between: the answer is about a place nobody reads any more.
  if (p.position != target.offset || p.reset || p.buffered) return;
  if (answer.code == ErrorCode::none) {
    p.failures = 0;
    if (answer.records.empty()) return;
    p.buffered.emplace(FetchedPartition{target.tp, target.offset, std::move(answer.records),
                                        std::move(answer.aborted)},
                       options_.isolation_level, options_.check_crcs);
    return;
  }
  effects.refresh_metadata |= wants_new_metadata(answer.code);
  if (answer.code == ErrorCode::offset_out_of_range) return out_of_range(p, answer, target.offset);
  const bool passing = is_retriable(answer.code) || answer.code == ErrorCode::unknown_server_error;
  if (passing && answer.code != ErrorCode::corrupt_message) return back_off(p, now, random);
  p.error = ClientError{code_of(answer.code), to_text(target.tp) + " at offset " +
                                                  std::to_string(target.offset.value()) + ": " +
                                                  std::string(name_of(answer.code))};
}

void Fetcher::out_of_range(Partition& p, const FetchAnswer& answer, Offset asked) {
  reset_by_policy(answer.tp, p,
                  "offset " + std::to_string(asked.value()) + " out of range, the log begins at " +
                      std::to_string(answer.log_start.value()),
                  ErrorCode::offset_out_of_range);
}

void Fetcher::reset_by_policy(const TopicPartition& tp, Partition& p, const std::string& cause,
                              ErrorCode code) {
  if (options_.auto_offset_reset == AutoOffsetReset::none) {
    p.error = ClientError{code == ErrorCode::none ? std::int16_t{-1} : code_of(code),
                          to_text(tp) + ": " + cause + ", and auto.offset.reset=none"};
    return;
  }
  const AutoOffsetReset where = options_.auto_offset_reset;
  p.reset = PendingReset{where, std::string(policy_name(where)) + ": " + cause,
                         p.position.value_or(Offset{-1})};
}

void Fetcher::fetch_failed(std::uint64_t request, Instant now, Random& random,
                           FetcherEffects& effects) {
  const Request taken = take_request(request);
  effects.refresh_metadata = true;
  for (const FetcherEffects::Target& target : taken.targets) {
    const auto it = partitions_.find(target.tp);
    if (it != partitions_.end()) back_off(it->second, now, random);
  }
}

void Fetcher::offsets_answered(std::uint64_t request, std::span<const OffsetAnswer> answers,
                               Instant now, Random& random, FetcherEffects& effects) {
  const Request taken = take_request(request);
  for (const FetcherEffects::Query& query : taken.queries) {
    const auto it = partitions_.find(query.tp);
    if (it == partitions_.end() || !it->second.asked) continue;
    Partition& p = it->second;
    p.asked = false;
    if (!p.reset) continue;
    const bool latest = p.reset->where == AutoOffsetReset::latest;
    if (query.timestamp != (latest ? kLatestTimestamp : kEarliestTimestamp)) continue;
    const auto answer = std::ranges::find(answers, query.tp, &OffsetAnswer::tp);
    const ErrorCode code = answer == answers.end() ? ErrorCode::unknown_server_error : answer->code;
    if (code == ErrorCode::none && answer->offset >= Offset{0}) {
      effects.resets.push_back({query.tp, p.reset->old, answer->offset, p.reset->why});
      p.position = answer->offset;
      p.reset.reset();
      p.failures = 0;
      continue;
    }
    effects.refresh_metadata |= wants_new_metadata(code);
    if (is_retriable(code) || code == ErrorCode::unknown_server_error || code == ErrorCode::none) {
      back_off(p, now, random);
    } else {
      p.error = ClientError{code_of(code), to_text(query.tp) + ": " + std::string(name_of(code))};
    }
  }
}

void Fetcher::offsets_failed(std::uint64_t request, Instant now, Random& random,
                             FetcherEffects& effects) {
  const Request taken = take_request(request);
  effects.refresh_metadata = true;
  for (const FetcherEffects::Query& query : taken.queries) {
    const auto it = partitions_.find(query.tp);
    if (it == partitions_.end() || !it->second.asked) continue;
    it->second.asked = false;
    back_off(it->second, now, random);
  }
}

}  // namespace weir
