// From records, and from differences, to facts.
#include "broker/node/controller/decision_facts.h"

#include <map>
#include <utility>
#include <variant>

#include "broker/base/text.h"
#include "broker/controller/image_diff.h"

namespace weir {
namespace {

using Told = DecisionFacts::Told;

void append_ids(std::string& text, std::string_view name, const std::vector<BrokerId>& ids) {
  if (!text.empty()) text += ' ';
  text += name;
  text += '=';
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(ids[i].value());
  }
}

Told partition_fact(const TopicImage& topic, std::int32_t index, std::string_view why) {
  const PartitionImage& partition = *topic.partition(index);
  Told told{.kind = FactKind::partition_changed, .partition = index};
  told.epoch = partition.leader_epoch.value();
  told.topic = topic.name;
  told.old = partition.partition_epoch.value();
  told.value = partition.leader.value();
  told.record = print_partition(partition);
  told.why = why;
  return told;
}

Told broker_fact(FactKind kind, BrokerId id, BrokerEpoch epoch, std::string_view why) {
  Told told{.kind = kind, .sequence = id.value()};
  told.value = epoch.value();
  told.why = why;
  return told;
}

Told registration(BrokerId id, BrokerEpoch epoch, const BrokerImage* before, std::string_view why) {
  Told told = broker_fact(FactKind::broker_registered, id, epoch, why);
  told.old = before == nullptr ? kNoBrokerEpoch.value() : before->epoch.value();
  return told;
}

Told topic_fact(FactKind kind, const TopicImage& topic, std::string_view why) {
  Told told{.kind = kind};
  told.topic = topic.name;
  told.value = static_cast<std::int64_t>(topic.partitions.size());
  told.why = why;
  return told;
}

// Collects what the records of one decision say; partitions at the end, since only their last
// state counts.
class Collector {
 public:
  Collector(const MetadataImage* before, const MetadataImage& after)
      : before_(before), after_(after) {}

  void see(const MetadataRecord& record, std::string_view cause) {
    cause_ = cause;
    std::visit([this](const auto& r) { take(r); }, record);
  }
  std::vector<Told> finish() {
    for (const auto& [place, cause] : partitions_) {
      const auto topic = after_.topic(place.first);
      if (topic == nullptr || topic->partition(place.second) == nullptr) continue;
      facts_.push_back(partition_fact(*topic, place.second, cause));
    }
    return std::move(facts_);
  }

 private:
  template <class Other>
  void take(const Other&) {}
  void take(const RegisterBrokerRecord& r) {
    const BrokerImage* old = before_ == nullptr ? nullptr : before_->broker(BrokerId{r.broker_id});
    if (old != nullptr && old->epoch.value() == r.broker_epoch) return;  // the same life
    facts_.push_back(registration(BrokerId{r.broker_id}, BrokerEpoch{r.broker_epoch}, old, cause_));
  }
  void take(const UnregisterBrokerRecord& r) {
    facts_.push_back(broker_fact(FactKind::broker_fenced, BrokerId{r.broker_id},
                                 BrokerEpoch{r.broker_epoch}, cause_));
  }
  void take(const BrokerRegistrationChangeRecord& r) {
    if (r.fenced == 0) return;
    const FactKind kind = r.fenced > 0 ? FactKind::broker_fenced : FactKind::broker_unfenced;
    facts_.push_back(broker_fact(kind, BrokerId{r.broker_id}, BrokerEpoch{r.broker_epoch}, cause_));
  }
  void take(const TopicRecord& r) {
    const auto topic = after_.topic(r.topic_id);
    if (topic != nullptr) facts_.push_back(topic_fact(FactKind::topic_created, *topic, cause_));
  }
  void take(const RemoveTopicRecord& r) {
    const auto topic = before_ == nullptr ? nullptr : before_->topic(r.topic_id);
    if (topic != nullptr) facts_.push_back(topic_fact(FactKind::topic_deleted, *topic, cause_));
  }
  void take(const PartitionRecord& r) { note(r.topic_id, r.partition_id); }
  void take(const PartitionChangeRecord& r) { note(r.topic_id, r.partition_id); }
  void note(const Uuid& topic, std::int32_t index) { partitions_[{topic, index}] = cause_; }

  const MetadataImage* before_;
  const MetadataImage& after_;
  std::string_view cause_;
  std::vector<Told> facts_;
  std::map<std::pair<Uuid, std::int32_t>, std::string_view> partitions_;
};

void tell_broker(const ChangedBroker& changed, std::string_view cause, std::vector<Told>& facts) {
  const BrokerImage* old = changed.before ? &*changed.before : nullptr;
  if (!changed.after) {
    facts.push_back(broker_fact(FactKind::broker_fenced, changed.id, old->epoch, cause));
    return;
  }
  const BrokerImage& now = *changed.after;
  const bool registered = old == nullptr || old->epoch != now.epoch;
  if (registered) facts.push_back(registration(now.id, now.epoch, old, cause));
  const bool was_fenced = registered || old->fenced;
  if (was_fenced == now.fenced) return;
  const FactKind kind = now.fenced ? FactKind::broker_fenced : FactKind::broker_unfenced;
  facts.push_back(broker_fact(kind, now.id, now.epoch, cause));
}

}  // namespace

std::string print_partition(const PartitionImage& partition) {
  std::string text;
  append_ids(text, "replicas", partition.replicas);
  append_ids(text, "isr", partition.isr);
  if (!partition.elr.empty()) append_ids(text, "elr", partition.elr);
  if (!partition.adding.empty()) append_ids(text, "adding", partition.adding);
  if (!partition.removing.empty()) append_ids(text, "removing", partition.removing);
  return text;
}

DecisionFacts facts_of(const Appends& appends, const MetadataImage* before,
                       const MetadataImage& after) {
  Collector collector(before, after);
  std::size_t number = 0;
  for (const auto& batch : appends.batches) {
    for (const VersionedRecord& record : batch) {
      collector.see(record.record, appends.causes[number++]);
    }
  }
  return {appends.end, after.applied().epoch, collector.finish()};
}

DecisionFacts facts_between(const MetadataImage& before, const MetadataImage& after,
                            std::string_view cause) {
  const ImageDiff changes = diff(before, after);
  DecisionFacts facts{after.applied().end, after.applied().epoch, {}};
  for (const ChangedBroker& broker : changes.brokers) tell_broker(broker, cause, facts.facts);
  for (const auto& topic : changes.topics_deleted) {
    facts.facts.push_back(topic_fact(FactKind::topic_deleted, *topic, cause));
  }
  for (const auto& topic : changes.topics_created) {
    facts.facts.push_back(topic_fact(FactKind::topic_created, *topic, cause));
  }
  for (const ChangedPartition& partition : changes.partitions) {
    if (partition.new_state() == nullptr) continue;
    facts.facts.push_back(partition_fact(*partition.after, partition.index, cause));
  }
  return facts;
}

void tell(Facts& facts, const DecisionFacts& told) {
  const auto end = static_cast<std::uint64_t>(told.end.value());
  for (const Told& t : told.facts) {
    facts.emit({.kind = t.kind,
                .partition = t.partition,
                .epoch = t.epoch,
                .sequence = t.sequence,
                .topic = t.topic,
                .old = t.old,
                .value = t.value,
                .digest = t.kind == FactKind::partition_changed ? end : 0,
                .record = t.record,
                .why = t.why});
  }
}

}  // namespace weir
