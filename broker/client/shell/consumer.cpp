// The application's side of the consumer: assign, seek, poll, positions.
#include "broker/client/shell/consumer.h"

#include <algorithm>

#include "broker/base/record_digest.h"
#include "broker/client/shell/consumer_shell.h"

namespace weir {

Consumer::Consumer(Machine& machine, ConsumerOptions options, Recorder* recorder)
    : shell_(std::make_unique<ConsumerShell>(machine, std::move(options), recorder)) {}
Consumer::~Consumer() = default;

Task<> Consumer::start() {
  shell_->start();
  co_return;
}
void Consumer::assign(const std::vector<TopicPartition>& partitions) { shell_->assign(partitions); }
std::vector<TopicPartition> Consumer::assignment() const { return shell_->fetcher().assignment(); }
bool Consumer::seek(const TopicPartition& tp, Offset position) {
  return shell_->seek(tp, position);
}
bool Consumer::seek_to_beginning(const std::vector<TopicPartition>& partitions) {
  return shell_->seek_to(partitions, AutoOffsetReset::earliest);
}
bool Consumer::seek_to_end(const std::vector<TopicPartition>& partitions) {
  return shell_->seek_to(partitions, AutoOffsetReset::latest);
}
Task<ClientResult<std::vector<ConsumerRecord>>> Consumer::poll(Duration timeout) {
  return shell_->poll(timeout);
}
Task<ClientResult<Offset>> Consumer::position(TopicPartition tp) {
  return shell_->position(std::move(tp));
}
std::optional<Offset> Consumer::known_position(const TopicPartition& tp) const {
  return shell_->fetcher().position(tp);
}
Task<ClientResult<std::map<TopicPartition, Offset>>> Consumer::beginning_offsets(
    std::vector<TopicPartition> partitions) {
  return shell_->offsets(std::move(partitions), kEarliestTimestamp);
}
Task<ClientResult<std::map<TopicPartition, Offset>>> Consumer::end_offsets(
    std::vector<TopicPartition> partitions) {
  return shell_->offsets(std::move(partitions), kLatestTimestamp);
}
Task<> Consumer::close() { return shell_->close(); }

void ConsumerShell::assign(const std::vector<TopicPartition>& partitions) {
  fetcher_.assign(partitions);
  std::set<std::string> topics;
  for (const TopicPartition& tp : partitions) topics.insert(tp.topic);
  const std::set<std::string, std::less<>> wanted = cluster_.metadata().wanted();
  for (const std::string& topic : wanted) {
    if (!topics.contains(topic)) cluster_.metadata().unwant(topic);
  }
  for (const std::string& topic : topics) cluster_.metadata().want(topic);
  const std::int64_t operation = facts_.next_operation();
  for (const TopicPartition& tp : fetcher_.assignment()) {
    Fact fact;
    fact.kind = FactKind::consumer_assigned;
    fact.operation = operation;
    fact.topic = tp.topic;
    fact.partition = tp.partition;
    facts_.emit(fact);
  }
  cluster_.poke();
}

void ConsumerShell::record_seek(const TopicPartition& tp, std::int64_t value,
                                std::string_view why) {
  Fact fact;
  fact.kind = FactKind::consumer_seek;
  fact.topic = tp.topic;
  fact.partition = tp.partition;
  fact.value = value;
  fact.why = why;
  facts_.emit(fact);
}

bool ConsumerShell::seek(const TopicPartition& tp, Offset position) {
  if (!fetcher_.assigned(tp) || position < Offset{0}) return false;
  fetcher_.seek(tp, position);
  record_seek(tp, position.value(), "seek");
  cluster_.poke();
  return true;
}

// The new position is not known yet: facts name it as ListOffsets does, -2 and -1, and
// position.reset tells it when the broker has answered.
bool ConsumerShell::seek_to(const std::vector<TopicPartition>& partitions, AutoOffsetReset where) {
  const std::vector<TopicPartition> all = partitions.empty() ? fetcher_.assignment() : partitions;
  for (const TopicPartition& tp : all) {
    if (!fetcher_.assigned(tp)) return false;
  }
  const bool end = where == AutoOffsetReset::latest;
  for (const TopicPartition& tp : all) {
    fetcher_.seek_to(tp, where);
    record_seek(tp, end ? kLatestTimestamp : kEarliestTimestamp, end ? "end" : "beginning");
  }
  cluster_.poke();
  return true;
}

Task<ClientResult<std::vector<ConsumerRecord>>> ConsumerShell::poll(Duration timeout) {
  const std::int64_t operation = facts_.next_operation();
  facts_.emit(FactKind::poll_invoked, operation);
  const Instant deadline = machine_.clock.now() + timeout;
  for (;;) {
    ClientResult<std::vector<ConsumerRecord>> got = fetcher_.collect(codecs_);
    if (got.has_error()) {
      activity_ = FetcherActivity::idle;
      facts_.emit(FactKind::poll_failed, operation, got.error().why);
      co_return got;
    }
    activity_ = FetcherActivity::fetch;
    const Instant now = machine_.clock.now();
    if (!got->empty() || now >= deadline || closed_) {
      record_poll(operation, *got);
      // What the next poll will want is on its way while the application works on this one.
      step_fetcher(now);
      activity_ = FetcherActivity::idle;
      cluster_.poke();
      co_return got;
    }
    cluster_.poke();
    co_await polled_->wait_until(deadline);
  }
}

void ConsumerShell::record_poll(std::int64_t operation,
                                const std::vector<ConsumerRecord>& records) {
  if (!facts_.recorded()) return;
  for (const ConsumerRecord& record : records) {
    Fact fact;
    fact.kind = FactKind::poll_record;
    fact.operation = operation;
    fact.topic = record.topic;
    fact.partition = record.partition;
    fact.value = record.offset.value();
    fact.epoch = record.leader_epoch.value();
    fact.digest = record_digest(record.key ? record.key->bytes() : Bytes(),
                                record.value ? record.value->bytes() : Bytes());
    for (const ClientHeader& h : record.headers) {
      if (h.key == kIdentityHeader && h.value) fact.record = h.value->text();
    }
    facts_.emit(fact);
  }
  Fact fact;
  fact.kind = FactKind::poll_completed;
  fact.operation = operation;
  fact.value = static_cast<std::int64_t>(records.size());
  facts_.emit(fact);
}

Task<ClientResult<Offset>> ConsumerShell::position(TopicPartition tp) {
  if (!fetcher_.assigned(tp)) {
    const ClientError error(-1, to_text(tp) + " is not assigned to this consumer");
    co_return error;
  }
  const Instant deadline = machine_.clock.now() + options_.default_api_timeout;
  while (!fetcher_.position(tp) && machine_.clock.now() < deadline && !closed_) {
    const std::optional<ClientError> failure = fetcher_.take_error(tp);
    if (failure) {
      activity_ = FetcherActivity::idle;
      co_return *failure;
    }
    activity_ = FetcherActivity::resolve;
    resolving_ = tp;
    cluster_.poke();
    co_await polled_->wait_until(deadline);
  }
  activity_ = FetcherActivity::idle;
  const std::optional<Offset> position = fetcher_.position(tp);
  if (position) co_return *position;
  const ClientError error(code_of(ErrorCode::request_timed_out),
                          "no position of " + to_text(tp) + " within default.api.timeout.ms");
  co_return error;
}

Task<ClientResult<std::map<TopicPartition, Offset>>> ConsumerShell::offsets(
    std::vector<TopicPartition> partitions, std::int64_t timestamp) {
  const Instant deadline = machine_.clock.now() + options_.default_api_timeout;
  std::set<TopicPartition> open(partitions.begin(), partitions.end());
  Offsets found;
  const WaitingLine::Place place = cluster_.changes().join(machine_.timers);
  Instant retry = machine_.clock.now();
  while (!open.empty() && machine_.clock.now() < deadline && !closed_) {
    const std::map<std::int32_t, Queries> questions = by_leader(open, timestamp);
    for (const auto& question : questions) {
      if (!cluster_.ready(question.first)) continue;
      const ListOffsetsRequest request =
          make_list_offsets_request(question.second, options_.isolation_level);
      Result<ListOffsetsResponse> response = co_await cluster_.ask(question.first, request);
      if (!response) continue;
      for (const OffsetAnswer& answer : answers_of(*response)) {
        if (answer.code != ErrorCode::none) continue;
        found[answer.tp] = answer.offset;
        open.erase(answer.tp);
      }
    }
    if (open.empty()) break;
    cluster_.metadata().request_refresh();
    cluster_.poke();
    retry = std::min(deadline, machine_.clock.now() + options_.connection.retry_backoff);
    co_await place->wait_until(retry);
  }
  cluster_.changes().leave(place);
  if (open.empty()) co_return found;
  const ClientError error(
      code_of(ErrorCode::request_timed_out),
      "no offset of " + to_text(*open.begin()) + " within default.api.timeout.ms");
  co_return error;
}

Task<> ConsumerShell::close() {
  if (closed_) co_return;
  closed_ = true;
  polled_->notify();
  co_await cluster_.close();
  facts_.emit(FactKind::client_closed, "");
}

}  // namespace weir
