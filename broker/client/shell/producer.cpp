// The application's side of the producer: send, flush, close.
#include "broker/client/shell/producer.h"

#include <utility>

#include "broker/base/record_digest.h"
#include "broker/client/shell/producer_shell.h"

namespace weir {
namespace {

constexpr const char* kClosed = "the producer is closed";

}  // namespace

Producer::Producer(Machine& machine, ProducerOptions options, Recorder* recorder)
    : shell_(std::make_unique<ProducerShell>(machine, std::move(options), recorder)) {}
Producer::~Producer() = default;

Task<> Producer::start() {
  shell_->start();
  co_return;
}
Task<> Producer::send(ProducerRecord record, SendCallback done) {
  return shell_->send(std::move(record), std::move(done));
}
Task<SendResult> Producer::send_and_wait(ProducerRecord record) {
  return shell_->send_and_wait(std::move(record));
}
Task<> Producer::flush() { return shell_->flush(); }
Task<> Producer::close(Duration timeout) { return shell_->close(timeout); }

ProducerShell::Pending ProducerShell::invoke(ProducerRecord& record, SendCallback done) {
  Pending pending;
  pending.done = std::move(done);
  if (!record.timestamp) record.timestamp = machine_.clock.wall();
  if (!facts_.recorded()) return pending;
  const auto bytes = [](const std::optional<Slice>& s) { return s ? s->bytes() : Bytes(); };
  pending.operation = facts_.next_operation();
  pending.identity = facts_.identity(facts_.recorder()->sends++);
  pending.digest = record_digest(bytes(record.key), bytes(record.value));
  pending.topic = record.topic;
  record.headers.push_back({std::string(kIdentityHeader), Slice::copy_of(pending.identity)});
  Fact fact;
  fact.kind = FactKind::send_invoked;
  fact.operation = pending.operation;
  fact.topic = record.topic;
  fact.partition = record.partition.value_or(-1);
  fact.record = pending.identity;
  fact.digest = pending.digest;
  fact.value = record.value ? static_cast<std::int64_t>(bytes(record.value).size()) : -1;
  if (record.key) fact.old = static_cast<std::int64_t>(key_digest(bytes(record.key)));
  std::string origin;
  if (record.derived_from) {
    const RecordOrigin& from = *record.derived_from;
    origin = to_text(from.tp) + "@" + std::to_string(from.offset.value());
    fact.peer = origin;
  }
  facts_.emit(fact);
  return pending;
}

// Nearly every record is taken at once, without a coroutine.
Task<> ProducerShell::send(ProducerRecord&& record, SendCallback done) {
  Pending pending = invoke(record, std::move(done));
  if (closed_) {
    refuse(pending, kClosed);
    return Task<>::done();
  }
  std::string why_wait;
  const bool in_turn = senders_.empty();
  if (in_turn && try_append(record, pending, why_wait) == Try::settled) return Task<>::done();
  return wait_to_send(std::move(record), std::move(pending), std::move(why_wait));
}

Task<> ProducerShell::wait_to_send(ProducerRecord record, Pending pending, std::string why_wait) {
  const Instant deadline = machine_.clock.now() + options_.max_block;
  WaitingLine::Place place;
  for (;;) {
    if (machine_.clock.now() >= deadline) {
      if (why_wait.empty()) why_wait = "others were waiting";
      refuse(pending, why_wait + " for max.block.ms");
      break;
    }
    if (!place) place = senders_.join(machine_.timers);
    cluster_.poke();
    co_await place->wait_until(deadline);
    if (closed_) {
      refuse(pending, kClosed);
      break;
    }
    if (!senders_.is_first(place)) continue;
    if (try_append(record, pending, why_wait) == Try::settled) break;
  }
  if (!place) co_return;
  core_.set_memory_waiters(0);
  senders_.leave(place);
  if (closed_) watchers_.notify_all();
}

ProducerShell::Try ProducerShell::try_append(ProducerRecord& record, Pending& pending,
                                             std::string& why_wait) {
  MetadataCache& metadata = cluster_.metadata();
  const TopicMetadata* topic = metadata.topic(record.topic);
  if (topic == nullptr) metadata.want(record.topic);
  if (topic != nullptr && topic->code != ErrorCode::none && !is_retriable(topic->code)) {
    refuse(pending, "topic " + record.topic + ": " + std::string(name_of(topic->code)));
    return Try::settled;
  }
  const auto count = topic == nullptr ? 0 : static_cast<std::int32_t>(topic->partitions.size());
  if (count == 0 || record.partition.value_or(0) >= count) {
    why_wait = "no metadata of " + record.topic;
    if (record.partition) why_wait += '-' + std::to_string(*record.partition);
    if (topic != nullptr) metadata.request_refresh();
    return Try::wait;
  }
  if (record.partition.value_or(0) < 0) {
    refuse(pending, "partition " + std::to_string(*record.partition) + " cannot be");
    return Try::settled;
  }
  BufferedRecord buffered{std::move(record.key), std::move(record.value), std::move(record.headers),
                          *record.timestamp, 0};
  if (const std::string why = core_.refusal(buffered); !why.empty()) {
    refuse(pending, why);
    return Try::settled;
  }
  buffered.token = first_token_ + pending_.size();
  const std::int64_t size = record_size_bound(buffered);
  const bool has_key = buffered.key.has_value();
  const std::int32_t partition = choose_partition(record.partition, buffered.key, *topic);
  const ProducerCore::Appended appended =
      core_.append({record.topic, partition}, std::move(buffered), machine_.clock.now());
  if (appended == ProducerCore::Appended::no_memory) {
    why_wait = "no room in buffer.memory";
    core_.set_memory_waiters(1);
    record.key = std::move(buffered.key);
    record.value = std::move(buffered.value);
    record.headers = std::move(buffered.headers);
    return Try::wait;
  }
  if (!record.partition && !has_key) partitioner_.appended(record.topic, size);
  pending_.push_back(std::move(pending));
  if (appended == ProducerCore::Appended::wake) cluster_.poke();
  return Try::settled;
}

std::int32_t ProducerShell::choose_partition(std::optional<std::int32_t> wanted,
                                             const std::optional<Slice>& key,
                                             const TopicMetadata& topic) {
  if (wanted) return *wanted;
  available_.clear();
  for (const PartitionMetadata& p : topic.partitions) {
    if (p.leader >= 0) available_.push_back(p.partition);
  }
  return partitioner_.choose(topic.name, key, static_cast<std::int32_t>(topic.partitions.size()),
                             available_, machine_.entropy.random());
}

void ProducerShell::refuse(Pending& pending, const std::string& why) {
  const SendResult result{SendOutcome::failed, -1, -1, why};
  record_outcome(pending, result);
  if (pending.done) pending.done(result);
}

Task<SendResult> ProducerShell::send_and_wait(ProducerRecord record) {
  struct Slot {
    std::unique_ptr<Alarm> done;
    std::optional<SendResult> result;
  };
  auto slot = std::make_shared<Slot>();
  slot->done = machine_.timers.alarm();
  SendCallback callback = [slot](const SendResult& result) {
    slot->result = result;
    slot->done->notify();
  };
  co_await send(std::move(record), std::move(callback));
  while (!slot->result) {
    co_await slot->done->wait_until(Instant::never());
  }
  SendResult result = *slot->result;
  co_return result;
}

Task<> ProducerShell::flush() {
  const std::uint64_t end = first_token_ + pending_.size();
  if (first_token_ >= end) co_return;
  core_.begin_flush();
  cluster_.poke();
  const WaitingLine::Place place = watchers_.join(machine_.timers);
  while (first_token_ < end) {
    co_await place->wait_until(Instant::never());
  }
  watchers_.leave(place);
  core_.end_flush();
}

Task<> ProducerShell::close(Duration timeout) {
  if (closed_) co_return;
  closed_ = true;
  const Instant deadline = machine_.clock.now() + timeout;
  core_.begin_flush();
  senders_.notify_all();
  cluster_.poke();
  const WaitingLine::Place place = watchers_.join(machine_.timers);
  while (machine_.clock.now() < deadline) {
    if (core_.unfinished() == 0 && senders_.empty()) break;
    co_await place->wait_until(deadline);
  }
  watchers_.leave(place);
  ProducerEffects effects;
  core_.abandon("closed before the outcome was known", effects);
  carry_out(effects);
  co_await cluster_.close();
  facts_.emit(FactKind::client_closed, "");
}

}  // namespace weir
