// The life of the replicas, and what partitions and fetchers ask of them.
#include "broker/node/replica/replicas.h"

#include <utility>

namespace weir {
namespace {

Duration millis(std::int64_t ms) { return std::chrono::milliseconds(ms); }

ReplicaFetchLimits limits_of(const BrokerSettings& settings) {
  ReplicaFetchLimits limits;
  limits.max_wait = millis(settings.replica_fetch_wait_max_ms);
  limits.min_bytes = static_cast<std::int32_t>(settings.replica_fetch_min_bytes);
  limits.max_bytes = static_cast<std::int32_t>(settings.replica_fetch_response_max_bytes);
  limits.partition_max_bytes = static_cast<std::int32_t>(settings.replica_fetch_max_bytes);
  limits.backoff = millis(settings.replica_fetch_backoff_ms);
  return limits;
}

}  // namespace

Replicas::Replicas(Machine& machine, BrokerId self, const BrokerSettings& settings,
                   IsrSender::Ask ask_controller)
    : machine_(machine),
      self_(self),
      settings_(settings),
      checkpoints_(
          machine,
          [this](PartitionOffsets& offsets) {
            for (const auto& [key, replica] : replicas_) {
              const Partition& partition = *replica.partition;
              offsets[{partition.topic(), key.index}] = partition.high_watermark();
            }
          },
          [this](PartitionOffsets& offsets) {
            for (const auto& [key, replica] : replicas_) {
              const Partition& partition = *replica.partition;
              offsets[{partition.topic(), key.index}] = partition.recovery_point();
            }
          }),
      isr_sender_(machine, self, std::move(ask_controller),
                  [this](const IsrOutcome& outcome) {
                    const std::shared_ptr<Partition> partition = partition_of(outcome.partition);
                    if (partition != nullptr) partition->on_isr_outcome(outcome);
                  }),
      fetchers_(machine, *this, self, limits_of(settings),
                millis(settings.replica_socket_timeout_ms)),
      turn_(machine.timers),
      changes_(machine),
      care_(machine),
      deadline_alarm_(machine.timers.alarm()),
      restore_alarm_(machine.timers.alarm()) {}

Task<bool> Replicas::open() {
  const std::string unreadable = co_await checkpoints_.read();
  if (!unreadable.empty()) {
    halt(unreadable);
    co_return false;
  }
  FoundDirectories found = co_await find_log_directories(machine_.disk);
  if (!found.complaint.empty()) {
    halt(found.complaint);
    co_return false;
  }
  found_ = std::move(found.directories);
  isr_sender_.start();
  start_care();
  co_return true;
}

Task<> Replicas::on_registered(BrokerEpoch epoch) {
  co_await turn_.take();
  epoch_ = epoch;
  isr_sender_.on_registered(epoch);
  fetchers_.on_registered(epoch);
  co_await act();
  turn_.give();
}

Task<> Replicas::publish(std::shared_ptr<const MetadataImage>,
                         std::shared_ptr<const MetadataImage> after) {
  co_await turn_.take();
  newest_ = std::move(after);
  co_await act();
  turn_.give();
}

Task<bool> Replicas::close() {
  closing_ = true;
  isr_sender_.stop();
  fetchers_.stop();
  deadline_alarm_->notify();
  restore_alarm_->notify();
  for (const std::unique_ptr<Alarm>& alarm : care_alarms_) alarm->notify();
  co_await isr_sender_.join();
  co_await fetchers_.join();
  co_await care_.join();
  co_await turn_.take();
  for (const auto& [key, replica] : replicas_) {
    fetchers_.remove(key);
    changes_.spawn("close-log", close_log(replica.partition));
  }
  co_await changes_.join();
  bool clean = closed_in_order_ && !halted_;
  if (clean) {
    const Result<void> watermarks = co_await checkpoints_.write_high_watermarks();
    const Result<void> points = co_await checkpoints_.write_recovery_points();
    clean = watermarks && points;
  }
  replicas_.clear();
  by_name_.clear();
  turn_.give();
  co_return clean;
}

Task<> Replicas::close_log(std::shared_ptr<Partition> partition) {
  const ErrorCode error = co_await partition->close();
  if (error != ErrorCode::none) closed_in_order_ = false;
}

std::shared_ptr<Partition> Replicas::partition(std::string_view topic, std::int32_t index) const {
  const auto partitions = by_name_.find(topic);
  if (partitions == by_name_.end()) return nullptr;
  const auto at = partitions->second.find(index);
  return at == partitions->second.end() ? nullptr : at->second;
}

std::shared_ptr<Partition> Replicas::partition_of(const PartitionKey& key) {
  const auto at = replicas_.find(key);
  return at == replicas_.end() ? nullptr : at->second.partition;
}

std::vector<std::shared_ptr<Partition>> Replicas::all() const {
  std::vector<std::shared_ptr<Partition>> all;
  for (const auto& [key, replica] : replicas_) all.push_back(replica.partition);
  return all;
}

bool Replicas::is_alive(BrokerId broker) const {
  const BrokerStanding* standing = brokers_.find(broker);
  return standing != nullptr && !standing->fenced;
}

std::optional<HostPort> Replicas::address_of(BrokerId broker) {
  const BrokerImage* found = acted_ == nullptr ? nullptr : acted_->broker(broker);
  if (found == nullptr) return std::nullopt;
  return HostPort{found->host, found->port};
}

void Replicas::propose(const IsrProposal& proposal) { isr_sender_.submit(proposal); }

void Replicas::deadline_is(Instant deadline) {
  if (deadline < watched_until_) deadline_alarm_->notify();
}

Task<bool> Replicas::before_cut(const Partition& partition) {
  ReplicaCheckpoints::Name name(partition.topic(), partition.index());
  const Result<void> lowered = co_await checkpoints_.lower(
      std::move(name), partition.high_watermark(), partition.recovery_point());
  if (!lowered) disk_failed("the checkpoints", lowered.error());
  co_return lowered.has_value();
}

void Replicas::check_log(Partition& partition) {
  const PartitionLog& log = partition.log();
  if (log.failed() && !halted_ && !partition.gone()) {
    machine_.facts.emit({.kind = FactKind::replica_offline,
                         .partition = partition.index(),
                         .topic = partition.topic(),
                         .why = log.failure()});
    halt("the log directory failed: " + log.failure());
    return;
  }
  if (log.damage() && partition.follower() != nullptr) restore_soon();
  const auto found = replicas_.find(partition.key());
  if (!log.damage() || found == replicas_.end()) return;
  if (found->second.damage_told == log.damage()->from) return;
  found->second.damage_told = log.damage()->from;
  const std::string why = "damaged from offset " + std::to_string(log.damage()->from.value()) +
                          " on: " + log.damage()->what;
  machine_.facts.emit({.kind = FactKind::disk_error,
                       .partition = partition.index(),
                       .topic = partition.topic(),
                       .record = log_directory_name(partition.topic(), partition.index()),
                       .why = why});
}

void Replicas::disk_failed(std::string_view what, const boost::system::error_code& error) {
  if (error == Errc::no_space) return;
  halt(std::string(what) + ": " + error.message());
}

void Replicas::halt(const std::string& why) {
  if (std::exchange(halted_, true)) return;
  machine_.tasks.halt(why);
}

}  // namespace weir
