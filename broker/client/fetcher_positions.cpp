// Where the Fetcher's positions come from and whether they hold: the answers of ListOffsets, and of
// OffsetForLeaderEpoch after a change of leaders (KIP-320).
#include <algorithm>

#include "broker/client/fetcher.h"

namespace weir {

void Fetcher::offsets_answered(std::uint64_t request, std::span<const OffsetAnswer> answers,
                               Instant now, Random& random, FetcherEffects& effects) {
  const Request taken = take_request(request);
  for (const FetcherEffects::Query& query : taken.queries) {
    // A seek since then wants another place (KAFKA-7703).
    Partition* p = asker(query.tp, request);
    if (p == nullptr) continue;
    p->asking = 0;
    const auto answer = std::ranges::find(answers, query.tp, &OffsetAnswer::tp);
    const ErrorCode code = answer == answers.end() ? ErrorCode::unknown_server_error : answer->code;
    if (code == ErrorCode::none && answer->offset >= Offset{0}) {
      effects.resets.push_back({query.tp, p->reset->old, answer->offset, p->reset->why});
      p->position = answer->offset;
      p->epoch = answer->leader_epoch;
      p->checked_epoch = query.leader_epoch;
      p->reset.reset();
      p->failures = 0;
      continue;
    }
    effects.refresh_metadata |= wants_new_metadata(code);
    if (is_retriable(code) || code == ErrorCode::unknown_server_error || code == ErrorCode::none) {
      back_off(*p, query.leader_epoch, now, random);
    } else {
      p->error = ClientError{code_of(code), to_text(query.tp) + ": " + std::string(name_of(code))};
    }
  }
}

void Fetcher::offsets_failed(std::uint64_t request, Instant now, Random& random,
                             FetcherEffects& effects) {
  const Request taken = take_request(request);
  effects.refresh_metadata = true;
  for (const FetcherEffects::Query& query : taken.queries) {
    Partition* p = asker(query.tp, request);
    if (p == nullptr) continue;
    p->asking = 0;
    back_off(*p, query.leader_epoch, now, random);
  }
}

void Fetcher::epochs_answered(std::uint64_t request, std::span<const EpochAnswer> answers,
                              Instant now, Random& random, FetcherEffects& effects) {
  const Request taken = take_request(request);
  for (const FetcherEffects::Position& asked : taken.positions) {
    Partition* p = asker(asked.tp, request);
    if (p == nullptr) continue;
    p->asking = 0;
    const auto answer = std::ranges::find(answers, asked.tp, &EpochAnswer::tp);
    const ErrorCode code = answer == answers.end() ? ErrorCode::unknown_server_error : answer->code;
    if (code == ErrorCode::none) {
      take_end(*p, *answer, asked, effects);
      continue;
    }
    // Whatever it is, an unproven position is not read from: it is asked again.
    effects.refresh_metadata |= wants_new_metadata(code);
    back_off(*p, asked.leader_epoch, now, random);
  }
}

void Fetcher::epochs_failed(std::uint64_t request, Instant now, Random& random,
                            FetcherEffects& effects) {
  const Request taken = take_request(request);
  effects.refresh_metadata = true;
  for (const FetcherEffects::Position& asked : taken.positions) {
    Partition* p = asker(asked.tp, request);
    if (p == nullptr) continue;
    p->asking = 0;
    back_off(*p, asked.leader_epoch, now, random);
  }
}

void Fetcher::epochs_unsupported(std::uint64_t request) {
  const Request taken = take_request(request);
  for (const FetcherEffects::Position& asked : taken.positions) {
    Partition* p = asker(asked.tp, request);
    if (p == nullptr) continue;
    p->asking = 0;
    p->checked_epoch = asked.leader_epoch;
  }
}

void Fetcher::take_end(Partition& p, const EpochAnswer& answer,
                       const FetcherEffects::Position& asked, FetcherEffects& effects) {
  p.failures = 0;
  if (answer.epoch < 0 || answer.end < Offset{0}) return truncated(p, asked, {}, effects);
  if (answer.end < asked.offset) return truncated(p, asked, answer, effects);
  p.checked_epoch = asked.leader_epoch;
  effects.validated.push_back(asked);
}

void Fetcher::truncated(Partition& p, const FetcherEffects::Position& asked,
                        std::optional<EpochAnswer> end, FetcherEffects& effects) {
  LogTruncation truncation{asked.tp, asked.offset, {}};
  std::string cause = "the log was cut off below offset " + std::to_string(asked.offset.value());
  if (end) {
    truncation.divergent = end->end;
    cause += ", the logs part at " + std::to_string(end->end.value());
  }
  effects.truncated.push_back(truncation);
  if (options_.auto_offset_reset == AutoOffsetReset::none) {
    p.error = ClientError{code_of(ErrorCode::offset_out_of_range),
                          to_text(asked.tp) + ": " + cause + ", and auto.offset.reset=none"};
    p.error->truncation = truncation;
    return;
  }
  if (!end) return reset_by_policy(asked.tp, p, cause, ErrorCode::offset_out_of_range);
  // As in Kafka whatever the policy: what follows the common part has not been read yet.
  effects.resets.push_back({asked.tp, asked.offset, end->end, "divergence: " + cause});
  p.position = end->end;
  p.epoch = end->epoch;
  p.checked_epoch = asked.leader_epoch;
}

}  // namespace weir
