// The steps of change_partition(), in the order in which they rest on each other.
#include "broker/controller/election.h"

#include <algorithm>

#include "broker/base/assertion.h"

namespace weir {
namespace {

using Brokers = std::vector<BrokerId>;

Brokers all_but(const Brokers& list, const Brokers& others) {
  Brokers rest;
  for (const BrokerId id : list) {
    if (!contains_broker(others, id)) rest.push_back(id);
  }
  return rest;
}

struct Elected {
  BrokerId leader = kNoBroker;
  bool alone = false;  // it may lack what was committed: it starts a new ISR and recovers
};

class Change {
 public:
  Change(const MetadataImage& image, const PartitionImage& old, const PartitionRules& rules,
         const WantedPartition& wanted)
      : image_(image), old_(old), rules_(rules), wanted_(wanted), next_(old) {
    if (wanted.isr) next_.isr = *wanted.isr;
    if (wanted.replicas) next_.replicas = *wanted.replicas;
    if (wanted.adding) next_.adding = *wanted.adding;
    if (wanted.removing) next_.removing = *wanted.removing;
    if (wanted.recovery) next_.recovery = *wanted.recovery;
  }

  void run() {
    complete_reassignment();
    update_eligible();
    elect();
    keep_last_member();
    remember_last_leader();
    follow_directories();
  }

  [[nodiscard]] std::optional<PartitionChangeRecord> record(const Uuid& topic,
                                                            std::int32_t index) const;

 private:
  [[nodiscard]] bool is_active(BrokerId id) const {
    const BrokerImage* broker = image_.broker(id);
    return broker != nullptr && broker->is_active() && id != wanted_.stopped_uncleanly;
  }
  [[nodiscard]] bool may_lead(BrokerId id) const {
    if (!is_active(id) || !contains_broker(next_.replicas, id)) return false;
    if (contains_broker(next_.isr, id)) return true;
    return rules_.elr && next_.isr.empty() && contains_broker(next_.elr, id);
  }

  void complete_reassignment();
  void update_eligible();
  void elect();
  void keep_last_member();
  void remember_last_leader();
  void follow_directories();
  [[nodiscard]] Elected candidate() const;
  [[nodiscard]] std::size_t needed_in_isr() const;

  const MetadataImage& image_;
  const PartitionImage& old_;
  const PartitionRules& rules_;
  const WantedPartition& wanted_;
  PartitionImage next_;
  bool starts_alone_ = false;
};

// Only the adding replicas must be in sync: one that stays and is dead must not hold it up.
void Change::complete_reassignment() {
  if (!next_.is_reassigned()) return;
  const Brokers isr = all_but(next_.isr, next_.removing);
  const Brokers missing = all_but(next_.adding, isr);
  if (isr.empty() || !missing.empty()) return;
  next_.isr = isr;
  next_.replicas = all_but(next_.replicas, next_.removing);
  next_.adding.clear();
  next_.removing.clear();
}

std::size_t Change::needed_in_isr() const {
  return std::min(static_cast<std::size_t>(std::max(rules_.min_isr, 1)), next_.replicas.size());
}

void Change::update_eligible() {
  if (!rules_.elr) return;
  if (next_.isr.size() >= needed_in_isr()) {
    next_.elr.clear();
    next_.last_known_elr.clear();
    return;
  }
  Brokers eligible = next_.elr;
  for (const BrokerId id : old_.isr) {
    if (!contains_broker(eligible, id)) eligible.push_back(id);
  }
  next_.elr.clear();
  for (const BrokerId id : eligible) {
    const bool stays = contains_broker(next_.replicas, id) && !contains_broker(next_.isr, id) &&
                       id != wanted_.stopped_uncleanly;
    if (stays) next_.elr.push_back(id);
  }
}

Elected Change::candidate() const {
  if (wanted_.election == ElectionKind::preferred && may_lead(next_.preferred_leader())) {
    return {next_.preferred_leader()};
  }
  if (may_lead(old_.leader)) return {old_.leader};
  for (const BrokerId id : next_.replicas) {
    if (may_lead(id)) return {id};
  }
  const bool nobody_eligible = rules_.elr && next_.isr.empty() && next_.elr.empty();
  if (nobody_eligible && next_.last_known_elr.size() == 1) {
    const BrokerId last = next_.last_known_elr.front();
    if (is_active(last) && contains_broker(next_.replicas, last)) return {last, true};
  }
  if (wanted_.election == ElectionKind::unclean) {
    for (const BrokerId id : next_.replicas) {
      if (is_active(id)) return {id, true};
    }
  }
  return {};
}

void Change::elect() {
  const Elected elected = candidate();
  next_.leader = elected.leader;
  if (elected.alone) {
    starts_alone_ = true;
    next_.isr = {elected.leader};
    next_.elr.clear();
    next_.last_known_elr.clear();
    next_.recovery = LeaderRecovery::recovering;
    return;
  }
  if (elected.leader == kNoBroker || contains_broker(next_.isr, elected.leader)) return;
  // Out of the eligible ones: it holds all that was committed.
  next_.isr = {elected.leader};
  next_.elr = without_broker(next_.elr, elected.leader);
  if (next_.isr.size() >= needed_in_isr()) {
    next_.elr.clear();
    next_.last_known_elr.clear();
  }
}

// Without eligible replicas the ISR must tell who holds the data.
void Change::keep_last_member() {
  if (rules_.elr || !next_.isr.empty()) return;
  for (const BrokerId id : old_.isr) {
    if (contains_broker(next_.replicas, id)) next_.isr.push_back(id);
  }
}

// The ISR may be without a leader only if it comes from a time without eligible replicas. Who led
// last may be no replica any more, as when the reassignment that added it was cancelled: then one
// that is eligible stands for it, which may lose its eligibility later.
void Change::remember_last_leader() {
  if (!rules_.elr || !next_.isr.empty()) return;
  Brokers known;
  if (old_.leader != kNoBroker) known.push_back(old_.leader);
  known.insert(known.end(), old_.isr.begin(), old_.isr.end());
  known.insert(known.end(), next_.last_known_elr.begin(), next_.last_known_elr.end());
  known.insert(known.end(), next_.elr.begin(), next_.elr.end());
  for (const BrokerId id : known) {
    if (!contains_broker(next_.replicas, id)) continue;
    next_.last_known_elr = {id};
    return;
  }
}

// In the order of the replicas; a new one has none as yet.
void Change::follow_directories() {
  if (old_.directories.empty() || next_.replicas == old_.replicas) return;
  next_.directories.clear();
  for (const BrokerId id : next_.replicas) {
    const auto it = std::find(old_.replicas.begin(), old_.replicas.end(), id);
    const auto place = static_cast<std::size_t>(it - old_.replicas.begin());
    const bool known = it != old_.replicas.end() && place < old_.directories.size();
    next_.directories.push_back(known ? old_.directories[place] : Uuid{});
  }
}

std::optional<PartitionChangeRecord> Change::record(const Uuid& topic, std::int32_t index) const {
  PartitionChangeRecord record;
  record.partition_id = index;
  record.topic_id = topic;
  bool changed = false;
  const auto tell = [&](std::optional<std::vector<std::int32_t>>& field, const Brokers& before,
                        const Brokers& after) {
    if (before == after) return;
    field = to_numbers(after);
    changed = true;
  };
  tell(record.isr, old_.isr, next_.isr);
  tell(record.replicas, old_.replicas, next_.replicas);
  tell(record.adding_replicas, old_.adding, next_.adding);
  tell(record.removing_replicas, old_.removing, next_.removing);
  tell(record.eligible_leader_replicas, old_.elr, next_.elr);
  tell(record.last_known_elr, old_.last_known_elr, next_.last_known_elr);
  if (next_.recovery != old_.recovery) {
    record.leader_recovery_state = static_cast<std::int8_t>(next_.recovery);
    changed = true;
  }
  if (next_.directories != old_.directories) record.directories = next_.directories;
  // A replica that is removed must not go on under the old epoch, whoever leads.
  const bool removed = !all_but(old_.replicas, next_.replicas).empty();
  if (next_.leader != old_.leader || removed || starts_alone_) {
    record.leader = next_.leader.value();
    changed = true;
  }
  if (!changed) return std::nullopt;
  return record;
}

}  // namespace

std::optional<PartitionChangeRecord> change_partition(const MetadataImage& image, const Uuid& topic,
                                                      std::int32_t index,
                                                      const PartitionRules& rules,
                                                      const WantedPartition& wanted) {
  const PartitionImage* old = image.partition(topic, index);
  WEIR_ASSERT(old != nullptr);
  Change change(image, *old, rules, wanted);
  change.run();
  return change.record(topic, index);
}

}  // namespace weir
