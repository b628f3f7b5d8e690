// Positions, resets, fetches and their answers.
#include "broker/client/fetcher.h"

#include <algorithm>

#include "broker/base/assertion.h"
#include "broker/client/backoff.h"

namespace weir {
namespace {

constexpr std::size_t kUsualPoll = 128;  // records; more make it grow

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
    const std::size_t before = out.size();
    if (p.buffered && out.empty()) out.reserve(std::min(limit, kUsualPoll));
    while (p.buffered && out.size() < limit) {
      const ClientResult<bool> more = p.buffered->next(codecs, out.emplace_back());
      p.position = p.buffered->position();
      p.epoch = std::max(p.epoch, p.buffered->leader_epoch().value());
      if (more.has_value() && *more) continue;
      out.pop_back();
      if (more.has_error()) p.error = more.error();
      p.buffered.reset();
    }
    if (out.size() > before) last_collected_ = turn->first;
    if (p.error && out.empty()) return *std::exchange(p.error, std::nullopt);
    if (out.size() >= limit) break;
  }
  return out;
}

std::int32_t Fetcher::usable_leader(const TopicPartition& tp, const Partition& p,
                                    const MetadataCache& metadata, Instant now,
                                    FetcherEffects& effects) {
  const PartitionMetadata* known = metadata.partition(tp);
  // A new leader need not be spared for what the one before it did.
  const bool newer =
      known != nullptr && p.failed_epoch >= 0 && known->leader_epoch > p.failed_epoch;
  if (p.not_before > now && !newer) {
    next_deadline_ = std::min(next_deadline_, p.not_before);
    return -1;
  }
  const std::int32_t leader = known == nullptr ? -1 : known->leader;
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
  Requests fetches;
  Requests questions;
  Requests validations;
  const auto number = [this](Request& request) {
    if (request.number == 0) request.number = ++last_request_;
    return request.number;
  };
  for (auto& [tp, p] : partitions_) {
    if (p.error || p.asking != 0) continue;
    if (!p.position && !p.reset) reset_by_policy(tp, p, "no position yet", ErrorCode::none);
    if (!p.reset && (!p.position || !fetch || p.buffered)) continue;
    const std::int32_t leader = usable_leader(tp, p, metadata, now, effects);
    if (leader < 0) continue;
    const std::int32_t epoch = metadata.partition(tp)->leader_epoch;
    if (p.reset) {
      const bool latest = p.reset->where == AutoOffsetReset::latest;
      questions[leader].queries.push_back(
          {tp, latest ? kLatestTimestamp : kEarliestTimestamp, epoch});
      p.asking = number(questions[leader]);
    } else if (p.unproven(epoch)) {
      validations[leader].positions.push_back({tp, *p.position, p.epoch, epoch});
      p.asking = number(validations[leader]);
    } else if (!fetching_.contains(leader)) {
      fetches[leader].targets.push_back({tp, *p.position, epoch});
      number(fetches[leader]);
    }
  }
  begin(fetches, questions, validations, effects);
}

void Fetcher::begin(Requests& fetches, Requests& questions, Requests& validations,
                    FetcherEffects& effects) {
  const auto keep = [this](std::int32_t node, Request& request) {
    request.node = node;
    requests_.emplace(request.number, std::move(request));
  };
  for (auto& [node, request] : fetches) {
    fetching_.insert(node);
    effects.fetch.push_back({request.number, node, request.targets});
    keep(node, request);
  }
  for (auto& [node, request] : questions) {
    effects.list_offsets.push_back({request.number, node, request.queries});
    keep(node, request);
  }
  for (auto& [node, request] : validations) {
    effects.validate.push_back({request.number, node, request.positions});
    keep(node, request);
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

Fetcher::Partition* Fetcher::asker(const TopicPartition& tp, std::uint64_t request) {
  const auto it = partitions_.find(tp);
  return it == partitions_.end() || it->second.asking != request ? nullptr : &it->second;
}

void Fetcher::back_off(Partition& p, std::int32_t leader_epoch, Instant now, Random& random) {
  p.failed_epoch = leader_epoch;
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
  // A seek, a reset or a new leader came between: the answer is about a place nobody reads any
  // more, or about a log that is being questioned.
  if (p.position != target.offset || p.reset || p.buffered || p.asking != 0) return;
  if (answer.code == ErrorCode::none) {
    p.failures = 0;
    if (answer.records.empty()) return;
    p.checked_epoch = target.leader_epoch;
    p.buffered.emplace(FetchedPartition{target.tp, target.offset, std::move(answer.records),
                                        std::move(answer.aborted)},
                       options_.isolation_level, options_.check_crcs);
    return;
  }
  effects.refresh_metadata |= wants_new_metadata(answer.code);
  if (answer.code == ErrorCode::offset_out_of_range) return out_of_range(p, answer, target.offset);
  const bool passing = is_retriable(answer.code) || answer.code == ErrorCode::unknown_server_error;
  if (passing && answer.code != ErrorCode::corrupt_message) {
    return back_off(p, target.leader_epoch, now, random);
  }
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
    if (it != partitions_.end()) back_off(it->second, target.leader_epoch, now, random);
  }
}

}  // namespace weir
