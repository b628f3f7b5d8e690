// The rounds.
#include "broker/node/replica/replica_fetchers.h"

#include <vector>

namespace weir {

ReplicaFetchers::ReplicaFetchers(Machine& machine, Host& host, BrokerId self,
                                 ReplicaFetchLimits limits, Duration request_timeout)
    : machine_(machine),
      host_(host),
      self_(self),
      plan_(limits),
      // A failed fetch waits itself (replica.fetch.backoff.ms).
      peers_(machine, "replica-fetch-" + std::to_string(self.value()), request_timeout,
             Duration{0}),
      tasks_(machine) {}

void ReplicaFetchers::on_registered(BrokerEpoch epoch) {
  epoch_ = epoch;
  wake();
}

void ReplicaFetchers::add(Partition& partition) {
  plan_.add(partition.key(), *partition.follower());
}

void ReplicaFetchers::refresh(Partition& partition) { plan_.refresh(partition.key()); }

void ReplicaFetchers::wake() {
  if (stopped_ || epoch_ == kUnknownBrokerEpoch) return;
  for (const BrokerId leader : plan_.leaders()) {
    std::unique_ptr<Alarm>& alarm = fetchers_[leader];
    if (alarm == nullptr) {
      alarm = machine_.timers.alarm();
      tasks_.spawn("replica-fetcher", fetch_from(leader));
    } else {
      alarm->notify();
    }
  }
}

void ReplicaFetchers::stop() {
  stopped_ = true;
  peers_.stop();
  for (const auto& [leader, alarm] : fetchers_) alarm->notify();
}

Task<> ReplicaFetchers::join() {
  co_await tasks_.join();
  co_await peers_.join();
}

Task<> ReplicaFetchers::fetch_from(BrokerId leader) {
  Alarm& alarm = *fetchers_.at(leader);
  while (!stopped_) {
    std::optional<ReplicaFetchRound> round = plan_.next(leader, machine_.clock.now());
    if (round) {
      co_await carry_out(std::move(*round));
    } else {
      co_await alarm.wait_until(plan_.next_deadline(leader));
    }
  }
}

FetchRequest ReplicaFetchers::request_for(const ReplicaFetchRound& round) {
  ReplicaFetchContext context{self_, epoch_, {}};
  const Uuid* named = nullptr;  // the topic of the part before, which has told the name
  for (const ReplicaFetchRound::Part& part : round.parts) {
    if (named == nullptr || *named != part.key.topic) {
      context.topics.push_back(host_.partition_of(part.key)->topic());
    }
    named = &part.key.topic;
  }
  return to_wire(round, plan_.limits(), context);
}

Task<> ReplicaFetchers::carry_out(ReplicaFetchRound round) {
  const std::optional<HostPort> address = host_.address_of(round.leader);
  if (!address) {
    plan_.fail(round, machine_.clock.now());
    co_return;
  }
  HostPort to = *address;
  FetchRequest request = request_for(round);
  Result<FetchResponse> response =
      co_await peers_.ask(round.leader, std::move(to), std::move(request));
  if (!response || response->error_code != code_of(ErrorCode::none)) {
    plan_.fail(round, machine_.clock.now());
    co_return;
  }
  FetchedParts parts = from_wire(std::move(*response), round);
  std::vector<PartitionKey> with_records;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const ReplicaFetchRound::Part& asked = round.parts[i];
    const std::shared_ptr<Partition> partition = host_.partition_of(asked.key);
    if (!parts[i] || partition == nullptr) continue;
    const Partition::Followed followed =
        co_await partition->take_fetched(asked.position, std::move(*parts[i]));
    if (followed.took_records) with_records.push_back(asked.key);
    if (followed.must_ask_ends) {
      co_await ask_ends(round.leader, partition, asked.position);
    }
    host_.check_log(*partition);
  }
  plan_.finish(round, with_records, machine_.clock.now());
}

Task<> ReplicaFetchers::ask_ends(BrokerId leader, std::shared_ptr<Partition> partition,
                                 FetchPosition asked) {
  const LeaderEpoch epoch = asked.leader_epoch;
  const EndAnswer start = co_await ask_end(leader, *partition, epoch, kEarliestTimestamp);
  EndAnswer end = start;
  if (start.error == ErrorCode::none) {
    end = co_await ask_end(leader, *partition, epoch, kLatestTimestamp);
  }
  const LogBounds bounds{start.offset, end.offset};
  co_await partition->take_ends(asked, end.error, bounds);
}

Task<EndAnswer> ReplicaFetchers::ask_end(BrokerId leader, const Partition& partition,
                                         LeaderEpoch epoch, std::int64_t timestamp) {
  EndAnswer answer{ErrorCode::network_exception, kUnknownOffset};
  const std::optional<HostPort> address = host_.address_of(leader);
  if (!address) co_return answer;
  HostPort to = *address;
  ListOffsetsRequest request =
      ends_request(self_, partition.topic(), partition.index(), epoch, timestamp);
  Result<ListOffsetsResponse> response =
      co_await peers_.ask(leader, std::move(to), std::move(request));
  if (response) answer = from_wire(*response, partition.index());
  co_return answer;
}

}  // namespace weir
