// durability.acked, order.partition and dup.idempotent.
//
// Durability and duplicates are judged from the logs read back, never from what a node says of
// itself. Not exercised means that nothing in the run could have broken the guarantee: durability
// without an acknowledgement, order without two records of one producer in a partition, dup without
// a retry of an idempotent producer.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "broker/base/text.h"
#include "checkers/identity_index.h"
#include "checkers/judge.h"

namespace weir::judging {
namespace {

using Outcome = SentRecord::Outcome;

std::string moment(Instant at) { return readable_duration(Duration(at.ns)); }

// Whether an acknowledged record may be gone for all that was promised: also where a leader alone
// acknowledged it.
bool loss_is_allowed(const RunSummary& run) {
  const bool some_wait_less =
      std::any_of(run.clients.begin(), run.clients.end(),
                  [](const ClientSummary& c) { return c.producer && !waits_for_all(c); });
  return std::any_of(run.topics.begin(), run.topics.end(), [&](const TopicSummary& topic) {
    return (topic.replicas > 1 && some_wait_less) || !copies_survive(run, topic).promised;
  });
}

Violation violation_of_loss(const Evidence& e, const Missing& m) {
  Violation v;
  const std::string key = m.sent->topic + "-" + std::to_string(m.sent->partition);
  v.record = m.sent->offset < 0 ? key : key + "@" + std::to_string(m.sent->offset);
  v.made = m.sent->completed;
  v.argument.push_back(v.record + " (" + *m.id + ") acknowledged to " +
                       std::string(client_of_id(*m.id)) + " at " + moment(m.sent->completed_at) +
                       ", " + event_at(m.sent->completed));
  const std::string node = m.log == nullptr ? "every node" : m.log->node;
  for (const LogCut& cut : e.facts.cuts) {
    const bool covers = cut.to <= m.sent->offset && m.sent->offset < cut.from;
    if (cut.key != key || cut.node != node || !covers || cut.event < m.sent->completed) continue;
    v.broken = cut.event;
    v.argument.push_back("lost: the log of " + cut.node + " went from " + grouped(cut.from) +
                         " to " + grouped(cut.to) + " at " + moment(cut.at) + ", " +
                         event_at(cut.event) + ": " + cut.why);
    break;
  }
  if (m.elsewhere >= 0) {
    v.argument.push_back("at the end the log of " + node + " has it at offset " +
                         grouped(m.elsewhere) + " instead");
  } else if (m.log != nullptr && !m.log->damage.empty()) {
    v.argument.push_back("the log of " + node + " is damaged: " + m.log->damage);
  } else {
    v.argument.push_back("at the end it is not in the log of " + node);
  }
  for (const Finding& f : e.findings.findings) {
    const bool same = f.key == key && f.integer("offset", -2) == m.sent->offset;
    if (f.kind != FindingKind::lost_write || !same) continue;
    if (!f.events.empty()) v.seen = {f.events.back()};
    v.argument.push_back("noticed: " + f.argument);
    break;
  }
  return v;
}

// Where it should be and is not: the first of the logs that must hold it, or of those of which one
// must.
void look_for(const std::string& id, const SentRecord& sent, const Shelf& shelf,
              const Copies::Holders& holders, bool promised, Survey& s) {
  std::optional<Missing> missing;
  for (const std::uint32_t l : holders.logs) {
    const bool there =
        sent.offset < 0 ? !shelf.offsets_of(l, id).empty() : shelf.lies_at(l, id, sent.offset);
    if (there && !holders.each) return;
    if (there || missing) continue;
    const std::vector<std::int64_t> offsets = shelf.offsets_of(l, id);
    const std::int64_t elsewhere = offsets.empty() ? -1 : offsets.front();
    missing = Missing{&id, &sent, &shelf.logs()[l], elsewhere, promised};
  }
  if (holders.logs.empty()) missing = Missing{&id, &sent, nullptr, -1, promised};
  if (missing) s.missing.push_back(*missing);
}

}  // namespace

Survey survey(const Evidence& e, const Shelf& shelf, const Copies& copies, bool claimed) {
  Survey s;
  s.claimed = claimed;
  std::map<std::string, bool, std::less<>> safe;  // per topic
  for (const TopicSummary& t : e.run.topics) safe[t.name] = copies_survive(e.run, t).promised;
  const std::string* client = nullptr;
  const ClientSummary* summary = nullptr;
  for (const auto& [id, sent] : e.facts.sent()) {
    if (sent.outcome != Outcome::acknowledged) continue;
    if (client == nullptr || client_of_id(id) != client_of_id(*client)) {
      summary = client_named(e.run, client_of_id(id));
    }
    client = &id;
    const std::string_view acks =
        summary == nullptr ? std::string_view("all") : setting(summary->config, "acks", "all");
    if (acks == "0") {
      ++s.unconfirmed;
      const bool there = shelf.anywhere(sent.topic, id);
      s.unconfirmed_missing += !there;
      if (there || !claimed) continue;
      s.missing.push_back({&id, &sent, nullptr, -1, true});
      continue;
    }
    ++s.acknowledged;
    const auto topic = safe.find(sent.topic);
    const bool promised = claimed || (acks != "1" && topic != safe.end() && topic->second);
    // What is newer of its key may have taken its place, and no fact tells keys.
    if (is_compacted(e.run, sent.topic)) {
      ++s.compacted;
      continue;
    }
    s.promised += promised;
    const std::string key = sent.topic + "-" + std::to_string(sent.partition);
    const auto start = e.facts.start_moved.find(key);
    if (start != e.facts.start_moved.end() && sent.offset >= 0 && sent.offset < start->second) {
      ++s.retired;
      continue;
    }
    look_for(id, sent, shelf, copies.holders(sent.topic, sent.partition), promised, s);
  }
  return s;
}

Verdict judge_durability(const Evidence& e, const Survey& s) {
  Verdict v = begin("durability.acked", e.run, promise_durability(e.run));
  const auto lost = static_cast<std::int64_t>(std::count_if(
      s.missing.begin(), s.missing.end(), [](const Missing& m) { return m.promised; }));
  const auto gone = static_cast<std::int64_t>(s.missing.size());
  v.looked_at = {{"acked", s.acknowledged}, {"missing", gone}};
  if (s.unconfirmed > 0) {
    v.looked_at.emplace_back("sent_with_acks_0", s.unconfirmed);
    v.looked_at.emplace_back("sent_with_acks_0_missing", s.unconfirmed_missing);
  }
  if (s.acknowledged > 0 && gone == 0) {
    v.text = grouped(s.acknowledged) + " acknowledged, all " +
             grouped(s.acknowledged - s.retired - s.compacted) + " on every surviving in-sync log";
    if (s.retired > 0) v.text += " (" + grouped(s.retired) + " removed by retention)";
    if (s.compacted > 0)
      v.text += " (" + grouped(s.compacted) + " in compacted logs not looked for)";
  } else if (s.acknowledged > 0) {
    v.text = grouped(gone) + " of " + grouped(s.acknowledged) + " acknowledged " +
             (s.acknowledged == 1 ? "record is"
              : gone == 1         ? "records is"
                                  : "records are") +
             " on no surviving log";
  }
  if (s.unconfirmed > 0) {
    v.text += (v.text.empty() ? "" : "; ") + grouped(s.unconfirmed_missing) + " of " +
              grouped(s.unconfirmed) + " sent with acks=0 are not there";
  }
  if (v.text.empty()) v.text = "nothing was acknowledged";
  for (const Missing& m : s.missing) {
    if (m.promised || !v.promised) keep(v, violation_of_loss(e, m));
  }
  // A leader that lacks what was shown: the loss, where it happens.
  std::int64_t short_leaders = 0;
  for (const TopicSummary& topic : e.run.topics) {
    const auto count = e.facts.watermarks.elections.of_topic.find(topic.name);
    const bool promised_here = claimed(e.run, v.id) || copies_survive(e.run, topic).promised;
    if (count == e.facts.watermarks.elections.of_topic.end() || !promised_here) continue;
    short_leaders += count->second;
    for (const FactBreach& b : e.facts.watermarks.elections.kept) {
      if (b.record.starts_with(topic.name + "-")) keep(v, violation_of(b));
    }
  }
  if (e.facts.watermarks.elections.looked_at > 0) {
    v.looked_at.emplace_back("leaders_without_what_was_shown", short_leaders);
    if (short_leaders > 0) {
      v.text += "; " + counted(short_leaders, "new leader lacks", "new leaders lack") +
                " what was shown before";
    }
  }
  const bool exercised = s.promised > 0 || (claimed(e.run, v.id) && s.unconfirmed > 0);
  conclude(v, e.run, lost + short_leaders, exercised);
  return v;
}

Verdict judge_order(const Evidence& e, const Shelf& shelf, const Copies& copies) {
  Verdict v = begin("order.partition", e.run, promise_order(e.run));
  const bool every = claimed(e.run, v.id);
  std::int64_t looked_at = 0, inversions = 0, pairs = 0;
  for (const std::uint32_t reference : copies.reference_logs()) {
    const ReadbackLog& log = shelf.logs()[reference];
    // Per producer session the record of the highest number that was met so far.
    std::map<std::string, const ReadbackRecord*, std::less<>> highest;
    std::map<std::string_view, bool> met;
    for (const ReadbackRecord& record : log.records) {
      if (record.id.empty() || !met.try_emplace(record.id, true).second) continue;
      const std::string_view name = client_of_id(record.id);
      const ClientSummary* client = client_named(e.run, name);
      const SentRecord* sent = e.facts.find_sent(record.id);
      ++looked_at;
      if (client == nullptr || sent == nullptr || !(every || keeps_order(*client))) continue;
      std::string session(name);
      if (record.producer_id >= 0) {
        session +=
            '/' + std::to_string(record.producer_id) + '/' + std::to_string(record.producer_epoch);
      } else if (sent->outcome != Outcome::acknowledged) {
        continue;  // what nobody knows about may land late
      }
      const ReadbackRecord*& before = highest[session];
      if (before == nullptr) {
        before = &record;
        continue;
      }
      ++pairs;
      const SentRecord* earlier = e.facts.find_sent(before->id);
      if (sent->invoked > earlier->invoked) {
        before = &record;
        continue;
      }
      ++inversions;
      Violation b;
      b.record =
          log.topic + "-" + std::to_string(log.partition) + "@" + std::to_string(record.offset);
      b.made = sent->invoked;
      b.seen = {earlier->invoked};
      b.argument.push_back(record.id + " was sent before " + before->id + " (" +
                           event_at(sent->invoked) + ", " + event_at(earlier->invoked) +
                           "), but lies behind it in the log of " + log.node + ": offsets " +
                           grouped(record.offset) + " and " + grouped(before->offset));
      keep(v, std::move(b));
    }
  }
  // What readers and acknowledgements tell. Where a loss is allowed, offsets are given out anew.
  for (const Finding& f : e.findings.findings) {
    const bool readers =
        f.kind == FindingKind::nonmonotonic_poll || f.kind == FindingKind::int_nonmonotonic_poll;
    const bool places =
        f.kind == FindingKind::inconsistent_offsets || f.kind == FindingKind::realtime_append_order;
    if (!readers && (!places || loss_is_allowed(e.run))) continue;
    ++inversions;
    keep(v, violation_of(f));
  }
  v.looked_at = {{"records", looked_at}, {"inversions", inversions}};
  v.text = counted(looked_at, "record", "records") + ", " +
           counted(inversions, "inversion", "inversions");
  conclude(v, e.run, inversions, pairs > 0);
  return v;
}

std::vector<Repeated> find_repeated(const Evidence& e, const Shelf& shelf, const Copies& copies,
                                    bool claimed) {
  std::vector<Repeated> all;
  for (const std::uint32_t l : copies.reference_logs()) {
    const ReadbackLog& log = shelf.logs()[l];
    IdentityIndex ids;
    std::vector<std::string_view> repeated;
    for (const ReadbackRecord& record : log.records) {
      if (record.id.empty()) continue;
      const std::uint32_t size = ids.size();
      if (ids.number(record.id) < size) repeated.push_back(record.id);
    }
    std::sort(repeated.begin(), repeated.end());
    repeated.erase(std::unique(repeated.begin(), repeated.end()), repeated.end());
    for (const std::string_view id : repeated) {
      std::vector<std::int64_t> where = shelf.offsets_of(l, id);
      const ClientSummary* client = client_named(e.run, client_of_id(id));
      const bool promised = claimed || (client != nullptr && is_idempotent(*client));
      all.push_back({id, &log, std::move(where), promised});
    }
  }
  return all;
}

// The sequences that lie in the logs: of each producer id and epoch they follow each other without
// a gap (unless compaction made it) and none comes again.
std::vector<Violation> find_stored_out_of_line(const Evidence& e, const Shelf& shelf,
                                               const Copies& copies) {
  constexpr std::uint32_t kSequences = 0x7fffffff;  // they wrap behind it
  std::vector<Violation> all;
  std::set<std::string> told;
  for (const std::uint32_t reference : copies.reference_logs()) {
    const ReadbackLog& log = shelf.logs()[reference];
    const bool gaps_are_legal = is_compacted(e.run, log.topic) || !log.damage.empty();
    std::map<std::pair<std::int64_t, std::int16_t>, std::uint32_t> next;
    for (const ReadbackRecord& record : log.records) {
      if (record.producer_id < 0 || record.sequence < 0) continue;
      const auto sequence = static_cast<std::uint32_t>(record.sequence);
      const auto [it, first] =
          next.try_emplace({record.producer_id, record.producer_epoch}, sequence);
      const std::uint32_t ahead = (sequence - it->second) & kSequences;
      const bool again = ahead > kSequences / 2;
      if (!first && ahead != 0 && (again || !gaps_are_legal)) {
        Violation b;
        b.record =
            log.topic + "-" + std::to_string(log.partition) + "@" + std::to_string(record.offset);
        b.argument.push_back("producer " + std::to_string(record.producer_id) + " epoch " +
                             std::to_string(record.producer_epoch) + ": the log of " + log.node +
                             " holds sequence " + std::to_string(sequence) + " where " +
                             std::to_string(it->second) +
                             (again ? " was next: stored again" : " was next: a gap"));
        if (told.insert(b.record).second) all.push_back(std::move(b));
      }
      it->second = (sequence + 1) & kSequences;
    }
  }
  return all;
}

Verdict judge_duplicates(const Evidence& e, const Shelf& shelf, const Copies& copies,
                         const std::vector<Repeated>& repeated) {
  Verdict v = begin("dup.idempotent", e.run, promise_no_duplicates(e.run));
  // What the facts already told of sequences is not counted twice.
  std::int64_t out_of_line = e.facts.sequences.breaches;
  std::vector<Violation> stored;
  if (out_of_line == 0) stored = find_stored_out_of_line(e, shelf, copies);
  out_of_line += static_cast<std::int64_t>(stored.size());
  std::int64_t retries = 0, breaches = out_of_line;
  for (const auto& [id, sent] : e.facts.sent()) {
    const ClientSummary* client = client_named(e.run, client_of_id(id));
    const bool counts = claimed(e.run, v.id) || (client != nullptr && is_idempotent(*client));
    if (sent.attempts > 1 && (counts || !v.promised)) retries += sent.attempts - 1;
  }
  for (const FactBreach& b : e.facts.sequences.kept) keep(v, violation_of(b));
  for (Violation& b : stored) keep(v, std::move(b));
  for (const Repeated& r : repeated) {
    breaches += r.promised;
    if (!r.promised && v.promised) continue;
    Violation b;
    const SentRecord* sent = e.facts.find_sent(r.id);
    b.record = r.log->topic + "-" + std::to_string(r.log->partition) + "@" +
               std::to_string(r.offsets.back());
    std::string list;
    for (const std::int64_t offset : r.offsets) {
      list += (list.empty() ? "" : ", ") + grouped(offset);
    }
    if (sent != nullptr) {
      b.made = sent->invoked;
      if (sent->completed >= 0) b.seen = {sent->completed};
      b.argument.push_back(std::string(r.id) + " was sent once, in " +
                           counted(sent->attempts, "attempt", "attempts") + ", " +
                           event_at(sent->invoked));
    }
    b.argument.push_back("stored at offsets " + list + " in the log of " + r.log->node);
    keep(v, std::move(b));
  }
  const auto duplicates = static_cast<std::int64_t>(repeated.size());
  v.looked_at = {{"retries", retries},
                 {"duplicates", duplicates},
                 {"batches", e.facts.sequences.looked_at},
                 {"deduplicated", e.facts.deduplicated}};
  v.text =
      counted(retries, "retry", "retries") + ", " + counted(duplicates, "duplicate", "duplicates");
  if (out_of_line > 0) {
    v.text += ", " + counted(out_of_line, "sequence", "sequences") + " out of line";
  }
  conclude(v, e.run, breaches, retries > 0);
  return v;
}

}  // namespace weir::judging
