// FactChecks: what each fact may not say, given the facts before it.
#include "checkers/fact_checks.h"

#include <algorithm>

#include "checkers/read_rule.h"

namespace weir {
namespace {

std::string key_of(const Fact& fact) {
  return std::string(fact.topic) + "-" + std::to_string(fact.partition);
}

// Sequences wrap behind the largest 32-bit integer.
std::int32_t sequence_after(std::int32_t first, std::int64_t count) {
  return static_cast<std::int32_t>((first + count) & 0x7fffffff);
}

}  // namespace

void FactChecks::on(std::string_view node, Instant at, std::int64_t sequence, const Fact& fact) {
  watch({node, at, sequence, fact});
  switch (fact.kind) {
    case FactKind::log_opened:
    case FactKind::log_appended:
    case FactKind::log_truncated:
    case FactKind::log_start_advanced:
    case FactKind::hw_advanced:
    case FactKind::replica_leads:
    case FactKind::replica_follows:
    case FactKind::records_served:
    case FactKind::append_deduplicated: on_log(node, at, sequence, fact); break;
    case FactKind::send_invoked:
    case FactKind::send_attempted:
    case FactKind::send_acknowledged:
    case FactKind::send_failed:
    case FactKind::send_unknown: on_client(at, sequence, fact); break;
    case FactKind::poll_record: on_poll_record(sequence, fact); break;
    case FactKind::node_started: ++assertions.looked_at; break;
    case FactKind::assertion_failed:
      assertions.add({"", -1, sequence, std::string(node) + ": " + std::string(fact.why)});
      break;
    default: break;  // not a fact of these promises
  }
}

std::int64_t FactChecks::breaches() const {
  std::int64_t sum = 0;
  for (const FactTally* tally :
       {&sequences, &served, &polled, &assertions, &agreement.batches, &agreement.openings,
        &epochs.leaders, &epochs.quorum, &watermarks.steps, &metadata.images, &partitions.states,
        &answers.offsets, &answers.appends, &answers.metadata, &answers.searched}) {
    sum += tally->breaches;
  }
  return sum;
}

SentRecord* FactChecks::find_sent(std::string_view id) {
  return const_cast<SentRecord*>(std::as_const(*this).find_sent(id));
}

const SentRecord* FactChecks::find_sent(std::string_view id) const {
  const std::uint32_t number = sent_ids_.find(id);
  return number == IdentityIndex::kNone ? nullptr : &sent_[number].second;
}

// Most facts are those of clients and messages, of which the guarantees of clusters take no notice;
// but to `watermarks` some requests tell of voters, to `answers` some of deleted topics, and to
// `partitions` each says how late it is.
void FactChecks::watch(const watching::Seen& seen) {
  if (is_of_message(seen.fact.kind)) {
    if (seen.fact.kind == FactKind::request_received) {
      watermarks.on(seen, partitions);
      answers.on(seen, watermarks, in_sync);
    }
    partitions.pass(seen.at);
    return;
  }
  if (is_of_record(seen.fact.kind)) {
    partitions.pass(seen.at);
  } else {
    agreement.on(seen);
    epochs.on(seen);
    watermarks.on(seen, partitions);
    metadata.on(seen);
    partitions.on(seen);
    in_sync.on(seen, partitions, watermarks);
    answers.on(seen, watermarks, in_sync);
  }
  if (onlooker.empty() || !same_text(seen.node, onlooker)) progress.on(seen);
}

void FactChecks::on_log(std::string_view node, Instant at, std::int64_t sequence,
                        const Fact& fact) {
  Log& log = watching::at_node(logs_.at(fact.topic, fact.partition), node);
  switch (fact.kind) {
    case FactKind::log_opened:
      // What the log lost while its node was down is only seen now.
      on_cut(log, node, at, sequence, fact);
      forget_beyond(log, fact.value);
      log.end = fact.value;
      log.high_watermark = -1;
      break;
    case FactKind::log_truncated:
      on_cut(log, node, at, sequence, fact);
      forget_beyond(log, fact.value);  // a recovery, which cuts a torn tail behind such a batch
      log.end = fact.value;
      if (log.high_watermark > fact.value) log.high_watermark = fact.value;
      break;
    case FactKind::log_appended: on_append(log, sequence, fact); break;
    case FactKind::log_start_advanced: on_start_moved(log, fact); break;
    case FactKind::replica_leads:
    case FactKind::replica_follows:
      log.leads = fact.kind == FactKind::replica_leads;
      replicated_[key_of(fact)] = true;
      // What it learned in another office it need not have told.
      log.high_watermark = -1;
      break;
    case FactKind::hw_advanced: log.high_watermark = fact.value; break;
    case FactKind::records_served: on_served(log, node, sequence, fact); break;
    case FactKind::append_deduplicated: ++deduplicated; break;
    default: break;  // on() sends no others
  }
}

// It is not known what a batch was that reached the disk, but whose node died before it could say
// so: what follows it is judged from the log read back.
void FactChecks::forget_beyond(Log& log, std::int64_t end) {
  if (log.end >= 0 && end > log.end) log.producers.clear();
}

// In a cluster the leader decides what is deleted; a follower that begins anew loses what it had.
void FactChecks::on_start_moved(Log& log, const Fact& fact) {
  if (log.leads || !replicated_.contains(key_of(fact))) {
    std::int64_t& start = start_moved.try_emplace(key_of(fact), 0).first->second;
    start = std::max(start, fact.value);
  }
  if (log.end < 0 || fact.value <= log.end) return;
  // What lies between its old end and its new start it never saw.
  log.end = fact.value;
  log.producers.clear();
}

// Where two histories parted before the leader's log start, the follower goes on there with the
// leader's: what it held of its own is deleted, and so is what it never saw of the leader's. They
// part only where epochs change.
bool FactChecks::follows_deleted(const Log& log, const Fact& fact) const {
  if (log.leads || fact.epoch == log.epoch || start_moved.empty()) return false;
  const std::string key = key_of(fact);
  const auto start = start_moved.find(key);
  return start != start_moved.end() && fact.old <= start->second && replicated_.contains(key);
}

void FactChecks::on_append(Log& log, std::int64_t sequence, const Fact& fact) {
  ++appended;
  // A follower of a log that was cleaned gets only what is left of it.
  if (log.end >= 0 && fact.old > log.end) log.producers.clear();
  if (follows_deleted(log, fact)) log.producers.clear();
  log.end = fact.value + 1;
  log.epoch = fact.epoch;
  if (fact.producer < 0 || fact.sequence < 0) return;
  ++sequences.looked_at;
  Producer& producer = log.producers[{fact.producer, fact.producer_epoch}];
  if (producer.next >= 0 && fact.sequence != producer.next) {
    sequences.add(
        {key_of(fact) + "@" + std::to_string(fact.old), -1, sequence,
         "producer " + std::to_string(fact.producer) + " epoch " +
             std::to_string(fact.producer_epoch) + " appended sequence " +
             std::to_string(fact.sequence) + " where " + std::to_string(producer.next) +
             (fact.sequence < producer.next ? " was next: stored again" : " was next: a gap")});
  }
  producer.next = sequence_after(fact.sequence, fact.value - fact.old + 1);
  producer.last_offset = fact.value;
}

void FactChecks::on_cut(Log& log, std::string_view node, Instant at, std::int64_t sequence,
                        const Fact& fact) {
  const bool shorter = log.end >= 0 && fact.value < log.end;
  if (!shorter) return;
  if (cuts.size() < kMaxCutsKept) {
    const bool opened = fact.kind == FactKind::log_opened;
    cuts.push_back({std::string(node), key_of(fact), sequence, at, log.end, fact.value,
                    opened ? "found shorter when it was opened" : std::string(fact.why)});
  }
  // Of a producer whose batches were cut off, any sequence from there on may come again.
  for (auto& [id, producer] : log.producers) {
    if (producer.last_offset >= fact.value) producer.next = -1;
  }
}

bool FactChecks::is_replica(const Fact& fact) {
  const watching::ByNode<Log>* logs = logs_.find(fact.topic, fact.partition);
  return logs != nullptr && logs->contains(fact.peer);
}

void FactChecks::on_served(Log& log, std::string_view node, std::int64_t sequence,
                           const Fact& fact) {
  // A replica of the partition may see more than a client: its fetches are replication.
  if (is_replica(fact)) return;
  ++served.looked_at;
  const auto bound = static_cast<std::int64_t>(fact.digest);
  std::string why;
  if (fact.value > bound) {
    why = "beyond its own bound " + std::to_string(bound);
  } else if (log.end >= 0 && fact.value > log.end) {
    why = "beyond the log's end " + std::to_string(log.end);
  } else if (log.high_watermark >= 0 && fact.value > log.high_watermark) {
    why = "beyond the high watermark " + std::to_string(log.high_watermark);
  }
  if (why.empty()) return;
  served.add(
      {key_of(fact) + "@" + std::to_string(fact.value - 1), -1, sequence,
       std::string(node) + " served up to offset " + std::to_string(fact.value) + ", " + why});
}

void FactChecks::on_client(Instant at, std::int64_t sequence, const Fact& fact) {
  switch (fact.kind) {
    case FactKind::send_invoked: {
      const auto fresh = static_cast<std::uint32_t>(sent_.size());
      if (sent_ids_.number(fact.record) != fresh) break;
      SentRecord& sent = sent_.emplace_back(fact.record, SentRecord{}).second;
      sent.topic = fact.topic;
      sent.partition = fact.partition;
      sent.digest = fact.digest;
      sent.invoked = sequence;
      sent.invoked_at = at;
      break;
    }
    case FactKind::send_attempted: {
      SentRecord* sent = find_sent(fact.record);
      if (sent == nullptr) break;
      sent->partition = fact.partition;
      if (++sent->attempts > 1) ++retries;
      break;
    }
    case FactKind::send_acknowledged:
      ++acks;
      on_outcome(at, sequence, fact, SentRecord::Outcome::acknowledged);
      break;
    case FactKind::send_failed: on_outcome(at, sequence, fact, SentRecord::Outcome::failed); break;
    case FactKind::send_unknown:
      on_outcome(at, sequence, fact, SentRecord::Outcome::unknown);
      break;
    default: break;  // on() sends no others
  }
}

void FactChecks::on_outcome(Instant at, std::int64_t sequence, const Fact& fact,
                            SentRecord::Outcome outcome) {
  SentRecord* sent = find_sent(fact.record);
  if (sent == nullptr) return;
  sent->outcome = outcome;
  sent->completed = sequence;
  sent->completed_at = at;
  if (fact.partition >= 0) sent->partition = fact.partition;
  if (outcome == SentRecord::Outcome::acknowledged) sent->offset = fact.value;
}

void FactChecks::on_poll_record(std::int64_t sequence, const Fact& fact) {
  ++polled.looked_at;
  // Records of clients that are not recorded carry no identity.
  if (fact.record.empty()) return;
  const std::string_view id = fact.record;
  SentRecord* sent = find_sent(id);
  const auto place = [&fact] { return key_of(fact) + "@" + std::to_string(fact.value); };
  const bool known = sent != nullptr;
  const WrongRead wrong =
      wrong_read({known, known && sent->digest == fact.digest, known && sent->topic == fact.topic,
                  known && sent->outcome == SentRecord::Outcome::failed});
  if (wrong == WrongRead::none) {
    if (sent->partition < 0) sent->partition = fact.partition;
    return;
  }
  const std::string returned = "a poll returned " + std::string(id);
  switch (wrong) {
    case WrongRead::none: return;
    case WrongRead::never_sent:
      return polled.add({place(), -1, sequence, returned + ", which nobody sent"});
    case WrongRead::altered:
      return polled.add(
          {place(), sent->invoked, sequence, returned + " with another content than was sent"});
    case WrongRead::misrouted:
      return polled.add(
          {place(), sent->invoked, sequence, returned + ", which was sent to " + sent->topic});
    case WrongRead::failed:
      return polled.add({place(), sent->completed, sequence,
                         returned + ", of which its producer was told that it failed"});
  }
}

}  // namespace weir
