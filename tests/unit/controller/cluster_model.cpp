// The cluster's log, its brokers and the random steps. The invariants are in model_checks.cpp.
#include "cluster_model.h"

#include <algorithm>
#include <type_traits>

namespace weir {
namespace {

ControllerOptions options_of(const ModelChoices& choices) {
  ControllerOptions options;
  options.cluster_id = kLabCluster;
  options.min_insync_replicas = choices.min_isr;
  options.bootstrap_features["eligible.leader.replicas.version"] = choices.elr ? 1 : 0;
  return options;
}

}  // namespace

ClusterModel::ClusterModel(const ModelChoices& choices)
    : choices_(choices), random_(choices.seed), controller_(options_of(choices)) {
  digests_.push_back(MetadataImage().digest());
  fail_over();
  for (std::int32_t id = 1; id <= choices.brokers; ++id) start(id);
  settle();
}

template <class Request>
typename Request::Response ClusterModel::ask(const Request& request) {
  const MetadataImage before = image();
  auto decided = controller_.decide(request, now_, random_);
  append(decided.append);
  const AlterPartitionRequest* by_leader = nullptr;
  if constexpr (std::is_same_v<Request, AlterPartitionRequest>) by_leader = &request;
  note_changes(before, decided.append, by_leader);
  return decided.response;
}

void ClusterModel::append(const Appends& appends) {
  if (appends.empty()) return;
  if (appends.base.value() != static_cast<std::int64_t>(log_.size())) throw Broken{"wrong base"};
  for (const auto& batch : appends.batches) {
    for (const VersionedRecord& r : batch) log_.emplace_back(r.record);
    batch_ends_.insert(log_.size());
  }
  if (appends.end.value() != static_cast<std::int64_t>(log_.size())) throw Broken{"wrong end"};
}

void ClusterModel::commit(std::size_t end) {
  for (std::size_t at = digests_.size() - 1; at < end; ++at) {
    const MetadataImage before = committed_.latest();
    const AppliedLog after{Offset{static_cast<std::int64_t>(at) + 1}, epoch_};
    std::vector<MetadataRecord> records;
    if (log_[at]) records.push_back(*log_[at]);
    std::string why;
    if (!committed_.apply(records, after, &why)) throw Broken{why};
    check_committed_step(before, committed_.latest());
    digests_.push_back(committed_.latest().digest());
  }
}

std::size_t ClusterModel::some_batch_end() {
  const std::size_t committed = digests_.size() - 1;
  std::size_t end = committed;
  for (auto it = batch_ends_.upper_bound(committed); it != batch_ends_.end(); ++it) {
    if (random_.chance({1, 3})) break;
    end = *it;
  }
  return end;
}

// Some of what was not committed survives on the next leader, and is committed by it.
void ClusterModel::fail_over() {
  const std::size_t kept = some_batch_end();
  counts_.lost_records += static_cast<int>(log_.size() - kept);
  log_.resize(kept);
  batch_ends_.erase(batch_ends_.upper_bound(kept), batch_ends_.end());
  log_.emplace_back(std::nullopt);  // the record of the new leader
  batch_ends_.insert(log_.size());
  epoch_ = epoch_ + 1;
  commit(log_.size());
  controller_.resign();
  append(controller_.activate(committed_, epoch_, now_));
  ++counts_.failovers;
  // A registration that was lost is not known to this controller: nor is that it was unclean.
  std::erase_if(dirty_, [&](const auto& mark) {
    const BrokerImage* broker = image().broker(BrokerId{mark.first.second});
    return broker == nullptr || broker->epoch < mark.second;
  });
}

void ClusterModel::look(Node& node, std::size_t end) {
  for (; node.applied < end; ++node.applied) {
    std::vector<MetadataRecord> records;
    if (log_[node.applied]) records.push_back(*log_[node.applied]);
    const AppliedLog after{Offset{static_cast<std::int64_t>(node.applied) + 1}, epoch_};
    std::string why;
    if (!node.view.apply(records, after, &why)) throw Broken{why};
  }
  if (node.view.latest().digest() != digests_[node.applied]) throw Broken{"A19: another image"};
}

const BrokerImage* ClusterModel::registered(std::int32_t id) const {
  const BrokerImage* broker = committed_.latest().broker(BrokerId{id});
  const Uuid incarnation{static_cast<std::uint64_t>(id), nodes_.at(id).incarnation};
  return broker != nullptr && broker->incarnation == incarnation ? broker : nullptr;
}

void ClusterModel::start(std::int32_t id) {
  Node& node = nodes_[id];
  node.alive = true;
  node.stopping = false;
  ++node.incarnation;
}

void ClusterModel::try_to_register(std::int32_t id) {
  const Node& node = nodes_.at(id);
  BrokerRegistrationRequest request;
  request.broker_id = id;
  request.cluster_id = kLabCluster;
  request.incarnation_id = {static_cast<std::uint64_t>(id), node.incarnation};
  request.listeners.push_back({"PLAINTEXT", "b" + std::to_string(id), 9092, 0});
  for (const FeatureRange& f : supported_features()) {
    request.features.push_back({f.name, f.min, f.max});
  }
  request.rack = "r" + std::to_string(id % 2);
  request.log_dirs.push_back({100, static_cast<std::uint64_t>(id)});
  request.previous_broker_epoch = node.clean_epoch;
  const BrokerImage* old = image().broker(BrokerId{id});
  const bool same_life = old != nullptr && old->incarnation == request.incarnation_id;
  const bool clean = old != nullptr && old->epoch.value() == node.clean_epoch;
  const auto response = ask(request);
  if (response.error_code != 0 || same_life || clean) return;
  ++counts_.unclean_starts;
  mark_dirty(BrokerId{id});
}

void ClusterModel::heartbeat(std::int32_t id) {
  Node& node = nodes_.at(id);
  const BrokerImage* broker = registered(id);
  if (broker == nullptr) return try_to_register(id);
  BrokerHeartbeatRequest request;
  request.broker_id = id;
  request.broker_epoch = broker->epoch.value();
  request.current_metadata_offset = static_cast<std::int64_t>(node.applied) - 1;
  request.want_shut_down = node.stopping;
  const std::int64_t epoch = request.broker_epoch;
  const auto response = ask(request);
  if (response.error_code != 0 || !response.should_shut_down) return;
  // The answer goes out when it is committed.
  commit(log_.size());
  node.alive = false;
  node.clean_epoch = epoch;
}

void ClusterModel::step_of_broker(std::int32_t id) {
  Node& node = nodes_.at(id);
  const std::size_t committed = digests_.size() - 1;
  if (!node.alive) {
    if (random_.chance({1, 3})) start(id);
    return;
  }
  switch (random_.below(12)) {
    case 0:  // killed: its file of a clean stop went when it started
      node.alive = false;
      node.clean_epoch = -1;
      return;
    case 1: node.stopping = true; return;
    case 2:
    case 3: look(node, node.applied + random_.below(committed - node.applied + 1)); return;
    case 4:
    case 5: look(node, committed); return;
    case 6:
    case 7:
    case 8: propose_isr(id, random_.chance({1, 3})); return;
    default: heartbeat(id); return;
  }
}

std::vector<std::int32_t> ClusterModel::some_brokers(std::size_t count) {
  std::vector<std::int32_t> all;
  for (std::int32_t id = 1; id <= choices_.brokers; ++id) all.push_back(id);
  for (std::size_t left = all.size(); left > 1; --left) {
    std::swap(all[left - 1], all[random_.below(left)]);
  }
  all.resize(std::min(count, all.size()));
  return all;
}

void ClusterModel::change_topics() {
  const auto& topics = image().topics();
  if (topics.size() > 4 || (!topics.empty() && random_.chance({1, 6}))) {
    auto it = topics.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(random_.below(topics.size())));
    DeleteTopicsRequest request;
    request.topics.push_back({std::nullopt, it->second->id});
    ask(request);
    return;
  }
  CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "t" + std::to_string(topics_made_++ % 6);
  topic.num_partitions = random_.chance({1, 2}) ? -1 : static_cast<std::int32_t>(random_.below(4));
  topic.replication_factor = static_cast<std::int16_t>(random_.below(5));
  if (random_.chance({1, 3})) {
    topic.num_partitions = -1;
    topic.replication_factor = -1;
    topic.assignments.push_back({0, some_brokers(1 + random_.below(4))});
  }
  if (random_.chance({1, 8})) topic.configs.push_back({"unclean.leader.election.enable", "true"});
  ask(request);
  // The image is another one now.
  const auto& present = image().topics();
  if (present.empty() || random_.chance({2, 3})) return;
  CreatePartitionsRequest more;
  auto& asked = more.topics.emplace_back();
  asked.name = present.begin()->first;
  asked.count = static_cast<std::int32_t>(present.begin()->second->partitions.size()) + 1;
  asked.assignments = std::nullopt;
  ask(more);
}

void ClusterModel::change_settings() {
  IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  const auto& topics = image().topics();
  if (!topics.empty() && random_.chance({2, 3})) {
    resource.resource_type = 2;
    resource.resource_name = topics.begin()->first;
  } else {
    resource.resource_type = 4;
  }
  const bool remove = random_.chance({1, 4});
  if (random_.chance({3, 4})) {
    const std::string value = std::to_string(1 + random_.below(3));
    resource.configs.push_back({"min.insync.replicas", remove ? std::int8_t{1} : std::int8_t{0},
                                remove ? std::nullopt : std::optional<std::string>(value)});
  } else {
    const char* value = random_.chance({1, 8}) ? "true" : "false";
    resource.configs.push_back({"unclean.leader.election.enable", 0, value});
  }
  ask(request);
}

void ClusterModel::reassign_or_elect() {
  const auto& topics = image().topics();
  const auto dead = std::find_if(nodes_.begin(), nodes_.end(),
                                 [](const auto& node) { return !node.second.alive; });
  if (dead != nodes_.end() && random_.chance({1, 12})) {
    UnregisterBrokerRequest request;
    request.broker_id = dead->first;
    ask(request);
    return;
  }
  if (topics.empty()) return;
  auto it = topics.begin();
  std::advance(it, static_cast<std::ptrdiff_t>(random_.below(topics.size())));
  if (it->second->partitions.empty()) return;
  const auto index = static_cast<std::int32_t>(random_.below(it->second->partitions.size()));
  if (random_.chance({1, 4})) {
    ElectLeadersRequest request;
    request.election_type = random_.chance({1, 8}) ? 1 : 0;
    request.topic_partitions = {{it->first, {index}}};
    ask(request);
    return;
  }
  AlterPartitionReassignmentsRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = it->first;
  auto& partition = asked.partitions.emplace_back();
  partition.partition_index = index;
  if (random_.chance({2, 3})) partition.replicas = some_brokers(1 + random_.below(4));
  ask(request);
}

// As this broker sees the cluster, which may be long ago. Sent now, delivered at some time.
void ClusterModel::propose_isr(std::int32_t leader, bool all_replicas) {
  const MetadataImage& view = nodes_.at(leader).view.latest();
  const BrokerImage* self = view.broker(BrokerId{leader});
  if (self == nullptr) return;
  for (const auto& [name, topic] : view.topics()) {
    for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
      const PartitionImage& partition = topic->partitions[p];
      if (partition.leader != BrokerId{leader}) continue;
      if (!all_replicas && random_.chance({1, 2})) continue;
      AlterPartitionRequest request;
      request.broker_id = leader;
      request.broker_epoch = self->epoch.value();
      auto& asked = request.topics.emplace_back();
      asked.topic_id = topic->id;
      auto& data = asked.partitions.emplace_back();
      data.partition_index = static_cast<std::int32_t>(p);
      data.leader_epoch = partition.leader_epoch.value();
      data.partition_epoch = partition.partition_epoch.value();
      for (const BrokerId id : partition.replicas) {
        const BrokerImage* broker = view.broker(id);
        const bool joins =
            all_replicas ? broker != nullptr && broker->is_active() : random_.chance({1, 2});
        if (!joins && id != partition.leader) continue;
        const std::int64_t epoch = broker == nullptr ? 0 : broker->epoch.value();
        data.new_isr_with_epochs.push_back({id.value(), epoch});
      }
      in_flight_.push_back(std::move(request));
    }
  }
  while (in_flight_.size() > 40) in_flight_.pop_front();
}

void ClusterModel::deliver(const AlterPartitionRequest& request) {
  const auto response = ask(request);
  const bool accepted =
      response.error_code == 0 && response.topics.at(0).partitions.at(0).error_code == 0;
  ++(accepted ? counts_.isr_accepted : counts_.isr_refused);
}

void ClusterModel::step() {
  const std::uint64_t what = random_.below(24);
  if (what < 10) {
    step_of_broker(1 + static_cast<std::int32_t>(random_.below(nodes_.size())));
  } else if (what < 14) {
    if (!in_flight_.empty()) {
      const auto at = static_cast<std::ptrdiff_t>(random_.below(in_flight_.size()));
      const AlterPartitionRequest request = *(in_flight_.begin() + at);
      if (random_.chance({3, 4})) in_flight_.erase(in_flight_.begin() + at);  // else: twice
      deliver(request);
    }
  } else if (what < 15) {
    change_topics();
  } else if (what < 16) {
    reassign_or_elect();
  } else if (what < 17) {
    if (random_.chance({1, 3})) change_settings();
  } else if (what < 20) {
    commit(some_batch_end());
  } else if (what < 22) {
    now_ = now_ + std::chrono::milliseconds(random_.below(4000));
    const MetadataImage before = image();
    const Appends appends = controller_.deadline_passed(now_);
    append(appends);
    note_changes(before, appends, nullptr);
  } else if (what < 23) {
    AllocateProducerIdsRequest request;
    request.broker_id = 1;
    const BrokerImage* broker = image().broker(BrokerId{1});
    request.broker_epoch = broker == nullptr ? -1 : broker->epoch.value();
    const auto response = ask(request);
    if (response.error_code == 0) {
      commit(log_.size());
      if (response.producer_id_start < producer_ids_end_) throw Broken{"a producer id twice"};
      producer_ids_end_ = response.producer_id_start + response.producer_id_len;
    }
  } else if (random_.chance({1, 3})) {
    fail_over();
  }
  check_all();
}

// Everything is committed, seen and told; time passes so that sessions of the dead end.
void ClusterModel::settle() {
  for (int round = 0; round < 8; ++round) {
    for (auto& [id, node] : nodes_) {
      if (!node.alive) start(id);
      node.stopping = false;
      heartbeat(id);
      commit(log_.size());
      look(node, digests_.size() - 1);
    }
    now_ = now_ + std::chrono::seconds(4);
    const MetadataImage before = image();
    const Appends appends = controller_.deadline_passed(now_);
    append(appends);
    note_changes(before, appends, nullptr);
    commit(log_.size());
    check_all();
  }
}

void ClusterModel::heal() {
  // Brokers on their way out finish it, and come back.
  for (auto& [id, node] : nodes_) {
    if (node.stopping) {
      node.alive = false;
      node.clean_epoch = -1;
    }
  }
  settle();
  for (int round = 0; round < 6; ++round) {
    in_flight_.clear();
    for (auto& [id, node] : nodes_) {
      look(node, digests_.size() - 1);
      propose_isr(id, true);
    }
    const std::deque<AlterPartitionRequest> proposals = in_flight_;
    for (const AlterPartitionRequest& request : proposals) deliver(request);
    commit(log_.size());
    settle();
  }
  for (const auto& [name, topic] : image().topics()) {
    for (const PartitionImage& p : topic->partitions) {
      const std::string where = " in topic " + name;
      if (p.leader == kNoBroker) throw Broken{"A21: no leader after all faults are over" + where};
      if (p.isr.size() != p.replicas.size()) throw Broken{"A21: not all in sync" + where};
      if (p.is_reassigned()) throw Broken{"A21: a reassignment goes on" + where};
    }
  }
}

}  // namespace weir
