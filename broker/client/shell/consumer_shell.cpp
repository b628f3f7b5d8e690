// The cluster's side of the consumer: effects into requests, answers into inputs.
#include "broker/client/shell/consumer_shell.h"

namespace weir {

ConsumerShell::ConsumerShell(Machine& machine, ConsumerOptions options, Recorder* recorder)
    : machine_(machine),
      options_(std::move(options)),
      facts_(machine.facts, recorder),
      cluster_(machine, options_.connection, *this, recorder),
      fetcher_(options_),
      polled_(machine.timers.alarm()) {}

void ConsumerShell::start() {
  if (facts_.recorded()) facts_.emit(FactKind::client_configured, options_.to_json());
  cluster_.start();
}

Instant ConsumerShell::step(Instant now) {
  step_fetcher(now);
  if (activity_ == FetcherActivity::idle) return Instant::never();
  const bool waited_for = activity_ == FetcherActivity::fetch ? fetcher_.anything_to_collect()
                                                              : fetcher_.settled(resolving_);
  if (waited_for) polled_->notify();
  return fetcher_.next_deadline();
}

void ConsumerShell::step_fetcher(Instant now) {
  FetcherEffects effects;
  fetcher_.step(cluster_.metadata(), activity_, now, effects);
  carry_out(effects);
}

void ConsumerShell::carry_out(FetcherEffects& effects) {
  for (const std::int32_t node : effects.connect) cluster_.want(node);
  if (effects.refresh_metadata) cluster_.metadata().request_refresh();
  record_positions(effects);
  for (const FetcherEffects::Fetch& fetch : effects.fetch) send_fetch(fetch);
  for (const FetcherEffects::ListOffsets& q : effects.list_offsets) send_list_offsets(q);
  for (const FetcherEffects::Validate& q : effects.validate) send_validation(q);
}

// A truncation is told before the reset that it causes.
void ConsumerShell::record_positions(const FetcherEffects& effects) {
  const auto about = [](FactKind kind, const TopicPartition& tp) {
    Fact fact;
    fact.kind = kind;
    fact.topic = tp.topic;
    fact.partition = tp.partition;
    return fact;
  };
  for (const FetcherEffects::Position& position : effects.validated) {
    Fact fact = about(FactKind::position_validated, position.tp);
    fact.epoch = position.leader_epoch;
    fact.value = position.offset.value();
    facts_.emit(fact);
  }
  for (const LogTruncation& truncation : effects.truncated) {
    Fact fact = about(FactKind::position_truncated, truncation.tp);
    fact.old = truncation.position.value();
    fact.value = truncation.divergent.value_or(Offset{-1}).value();
    facts_.emit(fact);
  }
  for (const FetcherEffects::Reset& reset : effects.resets) {
    Fact fact = about(FactKind::position_reset, reset.tp);
    fact.old = reset.old.value();
    fact.value = reset.position.value();
    fact.why = reset.why;
    facts_.emit(fact);
  }
}

void ConsumerShell::send_fetch(const FetcherEffects::Fetch& fetch) {
  FetchMessage message = make_fetch_request(fetch, options_, cluster_.metadata());
  const auto request = std::make_shared<const FetchRequest>(std::move(message.request));
  const std::uint64_t number = fetch.request;
  cluster_.send(
      fetch.node, *request,
      [this, number, request](Result<FetchResponse> response, bool) {
        FetcherEffects effects;
        const Instant now = machine_.clock.now();
        Random& random = machine_.entropy.random();
        if (response) {
          learn_leaders(*response, *request, cluster_.metadata());
          fetcher_.fetch_answered(number, answers_of(*response, *request), now, random, effects);
        } else {
          fetcher_.fetch_failed(number, now, random, effects);
        }
        carry_out(effects);
      },
      message.max_version);
}

void ConsumerShell::send_list_offsets(const FetcherEffects::ListOffsets& question) {
  const ListOffsetsRequest request =
      make_list_offsets_request(question.queries, options_.isolation_level);
  const std::uint64_t number = question.request;
  cluster_.send(question.node, request, [this, number](Result<ListOffsetsResponse> response, bool) {
    FetcherEffects effects;
    const Instant now = machine_.clock.now();
    Random& random = machine_.entropy.random();
    if (response) {
      fetcher_.offsets_answered(number, answers_of(*response), now, random, effects);
    } else {
      fetcher_.offsets_failed(number, now, random, effects);
    }
    carry_out(effects);
  });
}

void ConsumerShell::send_validation(const FetcherEffects::Validate& question) {
  const OffsetForLeaderEpochRequest request = make_validation_request(question.positions);
  const std::uint64_t number = question.request;
  cluster_.send(question.node, request,
                [this, number](Result<OffsetForLeaderEpochResponse> response, bool) {
                  FetcherEffects effects;
                  const Instant now = machine_.clock.now();
                  Random& random = machine_.entropy.random();
                  if (response) {
                    fetcher_.epochs_answered(number, answers_of(*response), now, random, effects);
                  } else if (response.error() == make_error_code(Errc::unsupported)) {
                    fetcher_.epochs_unsupported(number);
                  } else {
                    fetcher_.epochs_failed(number, now, random, effects);
                  }
                  carry_out(effects);
                });
}

std::map<std::int32_t, ConsumerShell::Queries> ConsumerShell::by_leader(
    const std::set<TopicPartition>& open, std::int64_t timestamp) {
  std::map<std::int32_t, Queries> questions;
  MetadataCache& metadata = cluster_.metadata();
  for (const TopicPartition& tp : open) {
    metadata.want(tp.topic);
    const PartitionMetadata* p = metadata.partition(tp);
    if (p == nullptr || !metadata.brokers().contains(p->leader)) continue;
    if (cluster_.ready(p->leader)) {
      questions[p->leader].push_back({tp, timestamp, p->leader_epoch});
    } else {
      cluster_.want(p->leader);
    }
  }
  return questions;
}

}  // namespace weir
