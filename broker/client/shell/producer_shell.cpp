// The cluster's side of the producer: effects into requests, answers into inputs, outcomes told.
#include "broker/client/shell/producer_shell.h"

#include <algorithm>

#include "broker/client/produce_messages.h"

namespace weir {

ProducerShell::ProducerShell(Machine& machine, ProducerOptions options, Recorder* recorder)
    : machine_(machine),
      options_(std::move(options)),
      facts_(machine.facts, recorder),
      cluster_(machine, options_.connection, *this, recorder),
      core_(options_),
      partitioner_(options_.partitioner, options_.batch_size) {}

void ProducerShell::start() {
  if (facts_.recorded()) facts_.emit(FactKind::client_configured, options_.to_json());
  cluster_.start();
}

Instant ProducerShell::step(Instant now) {
  ProducerEffects effects;
  core_.step(cluster_.metadata(), now, effects);
  carry_out(effects);
  if (producer_id_wanted_) ask_producer_id();
  if (const std::uint64_t version = cluster_.metadata().version(); version != seen_metadata_) {
    seen_metadata_ = version;
    senders_.notify_first();
  }
  return core_.next_deadline();
}

void ProducerShell::carry_out(ProducerEffects& effects) {
  for (const std::int32_t node : effects.connect) cluster_.want(node);
  if (effects.refresh_metadata) cluster_.metadata().request_refresh();
  for (const ProducerEffects::Produce& produce : effects.send) send_produce(produce);
  producer_id_wanted_ |= effects.init_producer_id;
  if (!effects.complete.empty()) finish(std::move(effects.complete));
}

void ProducerShell::send_produce(const ProducerEffects::Produce& produce) {
  if (facts_.recorded()) record_attempts(produce);
  const ProduceRequest request = make_produce_request(produce, options_, codecs_);
  const std::uint64_t number = produce.request;
  if (options_.acks == Acks::none) {
    const std::vector<PartitionAnswer> answers = answers_without_acks(produce);
    cluster_.send_unanswered(produce.node, request,
                             [this, number, answers](bool written, bool sent) {
                               ProducerEffects effects;
                               const Instant now = machine_.clock.now();
                               Random& random = machine_.entropy.random();
                               if (written) {
                                 core_.produce_answered(number, answers, now, random, effects);
                               } else {
                                 core_.produce_lost(number, sent, now, random, effects);
                               }
                               carry_out(effects);
                             });
    return;
  }
  cluster_.send(produce.node, request, [this, number](Result<ProduceResponse> response, bool sent) {
    ProducerEffects effects;
    const Instant now = machine_.clock.now();
    Random& random = machine_.entropy.random();
    if (response) {
      learn_leaders(*response, cluster_.metadata());
      core_.produce_answered(number, answers_of(*response), now, random, effects);
    } else {
      core_.produce_lost(number, sent, now, random, effects);
    }
    carry_out(effects);
  });
}

void ProducerShell::record_attempts(const ProducerEffects::Produce& produce) {
  const auto broker = cluster_.metadata().brokers().find(produce.node);
  const std::string peer =
      broker == cluster_.metadata().brokers().end() ? std::string() : broker->second.host;
  for (const BatchPtr& batch : produce.batches) {
    std::size_t index = 0;
    for (const BufferedRecord& record : batch->records) {
      const Pending& pending = pending_[record.token - first_token_];
      Fact fact;
      fact.kind = FactKind::send_attempted;
      fact.operation = pending.operation;
      fact.topic = batch->tp.topic;
      fact.partition = batch->tp.partition;
      fact.record = pending.identity;
      fact.value = batch->failed_attempts + 1;
      fact.producer = batch->producer_id.value();
      fact.producer_epoch = batch->producer_epoch.value();
      fact.sequence =
          batch->has_sequence() ? sequence_after(batch->base_sequence, index) : kNoSequence;
      fact.digest = pending.digest;
      fact.peer = peer;
      facts_.emit(fact);
      ++index;
    }
  }
}

void ProducerShell::ask_producer_id() {
  const std::optional<std::int32_t> node = cluster_.any_node();
  if (!node) return;
  producer_id_wanted_ = false;
  InitProducerIdRequest request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = INT32_MAX;
  cluster_.send(*node, request, [this](Result<InitProducerIdResponse> response, bool) {
    ProducerEffects effects;
    const ErrorCode code =
        response ? error_code_of(response->error_code) : ErrorCode::network_exception;
    if (code == ErrorCode::none) {
      core_.producer_id_assigned(ProducerId{response->producer_id},
                                 ProducerEpoch{response->producer_epoch});
    } else {
      core_.producer_id_failed(is_retriable(code), std::string(name_of(code)), machine_.clock.now(),
                               machine_.entropy.random(), effects);
    }
    carry_out(effects);
  });
}

void ProducerShell::finish(std::vector<RecordCompletion> completions) {
  std::vector<SendCallback> callbacks;
  callbacks.reserve(completions.size());
  for (const RecordCompletion& completion : completions) {
    Pending& pending = pending_[completion.token - first_token_];
    pending.finished = true;
    record_outcome(pending, completion.result);
    callbacks.push_back(std::move(pending.done));
  }
  while (!pending_.empty() && pending_.front().finished) {
    pending_.pop_front();
    ++first_token_;
  }
  senders_.notify_first();
  watchers_.notify_all();
  for (std::size_t i = 0; i < callbacks.size(); ++i) {
    if (callbacks[i]) callbacks[i](completions[i].result);
  }
}

void ProducerShell::record_outcome(const Pending& pending, const SendResult& result) {
  if (!facts_.recorded()) return;
  Fact fact;
  switch (result.outcome) {
    case SendOutcome::acknowledged: fact.kind = FactKind::send_acknowledged; break;
    case SendOutcome::failed: fact.kind = FactKind::send_failed; break;
    case SendOutcome::unknown: fact.kind = FactKind::send_unknown; break;
  }
  fact.operation = pending.operation;
  fact.topic = pending.topic;
  fact.partition = result.partition;
  fact.record = pending.identity;
  fact.digest = pending.digest;
  fact.value = result.offset;
  fact.why = result.why;
  facts_.emit(fact);
}

}  // namespace weir
