// What came of the difference: what clients were told, what was lost or doubled, how long it took,
// who led, and what the judges said.
#include <algorithm>
#include <map>
#include <set>

#include "broker/base/text.h"
#include "scenarios/diff.h"

namespace weir {
namespace {

struct Tally {
  std::map<std::string, std::int64_t> acknowledged;  // by client
  std::map<std::string, std::int64_t> unanswered;    // sends of unknown or failed outcome
  std::vector<std::int64_t> latencies;               // of acknowledged sends
  std::int64_t attempts = 0, sends = 0, leaders = 0, cuts = 0, deliveries = 0;
};

Tally tally_of(const EventFile& file) {
  Tally tally;
  std::map<std::string, std::int64_t> sent;
  for (const LoggedEvent& e : file.events()) {
    if (e.kind == FactKind::send_invoked) {
      ++tally.sends;
      sent[e.record] = e.at;
      tally.acknowledged[e.node] += 0;
    } else if (e.kind == FactKind::send_attempted) {
      ++tally.attempts;
    } else if (e.kind == FactKind::send_acknowledged) {
      ++tally.acknowledged[e.node];
      if (const auto at = sent.find(e.record); at != sent.end()) {
        tally.latencies.push_back(e.at - at->second);
      }
    } else if (e.kind == FactKind::send_unknown || e.kind == FactKind::send_failed) {
      ++tally.unanswered[e.node];
    } else if (e.kind == FactKind::replica_leads) {
      ++tally.leaders;
    } else if (e.kind == FactKind::log_truncated) {
      ++tally.cuts;
    } else if (e.kind == FactKind::poll_record && e.node != "drain") {
      ++tally.deliveries;
    }
  }
  std::ranges::sort(tally.latencies);
  return tally;
}

// The smallest latency that so many hundredths of all do not exceed; "none" without any.
std::string percentile(const std::vector<std::int64_t>& sorted, std::size_t hundredths) {
  if (sorted.empty()) return "none";
  const std::size_t rank = std::max<std::size_t>(1, (sorted.size() * hundredths + 99) / 100);
  return readable_duration(Duration(sorted[rank - 1]));
}

using Words = std::vector<std::pair<std::string, std::string>>;

// Guarantee and word, in the order of the table; and what a guarantee looked at.
Words words_of(const nlohmann::ordered_json& verdict) {
  Words words;
  if (!verdict.contains("guarantees") || !verdict["guarantees"].is_array()) return words;
  for (const nlohmann::ordered_json& g : verdict["guarantees"]) {
    words.emplace_back(g.value("id", std::string()), g.value("verdict", std::string()));
  }
  return words;
}

std::int64_t looked_at(const nlohmann::ordered_json& verdict, const std::string& guarantee,
                       const char* what) {
  if (!verdict.contains("guarantees") || !verdict["guarantees"].is_array()) return 0;
  for (const nlohmann::ordered_json& g : verdict["guarantees"]) {
    if (g.value("id", std::string()) != guarantee || !g.contains("looked_at")) continue;
    const nlohmann::ordered_json& counts = g["looked_at"];
    if (counts.is_object() && counts.contains(what) && counts[what].is_number_integer()) {
      return counts[what].get<std::int64_t>();
    }
  }
  return 0;
}

std::int64_t at(const std::map<std::string, std::int64_t>& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

void add_verdicts(const RunFiles& a, const RunFiles& b, std::vector<Consequence>& all) {
  const Words right = words_of(b.verdict);
  for (const auto& [id, word] : words_of(a.verdict)) {
    const auto other = std::ranges::find(right, id, [](const auto& w) { return w.first; });
    const std::string now = other == right.end() ? "not judged" : other->second;
    if (now != word) all.push_back({id, word, now});
  }
}

}  // namespace

std::vector<Consequence> consequences(const RunFiles& a, const RunFiles& b) {
  const Tally left = tally_of(a.events);
  const Tally right = tally_of(b.events);
  std::vector<Consequence> all;
  // What both say is worth a line only where it is about what clients were told.
  const auto add = [&](std::string name, std::int64_t x, std::int64_t y, bool always = false) {
    if (x != y || always) all.push_back({std::move(name), grouped(x), grouped(y)});
  };
  std::set<std::string> clients;
  for (const Tally* tally : {&left, &right}) {
    for (const auto& [client, n] : tally->acknowledged) clients.insert(client);
  }
  for (const std::string& client : clients) {
    add("acks seen by " + client, at(left.acknowledged, client), at(right.acknowledged, client),
        true);
  }
  for (const std::string& client : clients) {
    add("sends of " + client + " that failed or are unknown", at(left.unanswered, client),
        at(right.unanswered, client));
  }
  add("acknowledged and lost", looked_at(a.verdict, "durability.acked", "missing"),
      looked_at(b.verdict, "durability.acked", "missing"), true);
  add("stored twice", looked_at(a.verdict, "dup.idempotent", "duplicates"),
      looked_at(b.verdict, "dup.idempotent", "duplicates"), true);
  add("attempts to send", left.attempts, right.attempts);
  all.push_back(
      {"p50 produce latency", percentile(left.latencies, 50), percentile(right.latencies, 50)});
  all.push_back(
      {"p99 produce latency", percentile(left.latencies, 99), percentile(right.latencies, 99)});
  add("records delivered", left.deliveries, right.deliveries);
  add("times a replica began to lead", left.leaders, right.leaders);
  add("logs cut", left.cuts, right.cuts);
  add_verdicts(a, b, all);
  return all;
}

}  // namespace weir
