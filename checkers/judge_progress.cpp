// progress.produce, .consume, .replicate and .controller: after the last fault, within the limit,
// for each client that asked for something and each replica.
//
// A producer asks with a send that is not completed, and must get an acknowledgement within the
// limit. A reader asks with polls; it is stuck where a record that was acknowledged lies at or
// behind the position that it is known to have, and it polled for longer than the limit without a
// pause, after that record was there and after all that it ever got. Who ends sooner, or whose
// position nobody told, proves nothing. A replica whose broker runs, registered, is in the ISR
// again where there is a leader. Of the controllers one must be in office.
#include <algorithm>
#include <optional>

#include "broker/base/text.h"
#include "checkers/judge.h"

namespace weir::judging {
namespace {

std::string ms(std::int64_t ns) { return readable_duration(Duration(ns)); }

std::int64_t run_length(const Evidence& e) {
  const ProgressWatch& p = e.facts.progress;
  return (e.run.end - (p.has_healed ? p.healed : e.run.healed)).count();
}

// "" where there is one client only.
std::string of_client(std::size_t clients, const std::string& client, const char* kind) {
  return clients < 2
             ? std::string()
             : " (" + client + ", the slowest of " + std::to_string(clients) + " " + kind + ")";
}

// From when on, after `healed`, the reader could have got something that it never got; nothing
// where it is not known to have missed anything.
std::optional<std::int64_t> waits_since(const Evidence& e, const Copies& copies,
                                        const ClientProgress& client) {
  std::optional<std::int64_t> since;
  for (const auto& [key, position] : client.positions) {
    const ReadbackLog* log = copies.reference(key.first, key.second);
    if (log == nullptr) continue;
    const auto from = std::lower_bound(
        log->records.begin(), log->records.end(), position,
        [](const ReadbackRecord& r, std::int64_t offset) { return r.offset < offset; });
    for (auto record = from; record != log->records.end(); ++record) {
      const SentRecord* sent = record->id.empty() ? nullptr : e.facts.find_sent(record->id);
      if (sent == nullptr || sent->outcome != SentRecord::Outcome::acknowledged) continue;
      const std::int64_t there =
          std::max<std::int64_t>((sent->completed_at - e.facts.progress.healed).count(), 0);
      if (!since || there < *since) since = there;
      break;
    }
  }
  if (!since) return since;
  return std::max(*since, client.asks_since);
}

}  // namespace

Verdict judge_produce_progress(const Evidence& e) {
  Verdict v = begin("progress.produce", e.run, {true, {"always, after the last fault"}});
  const std::int64_t limit = e.run.liveness_limit.count();
  const std::int64_t end = run_length(e);
  std::int64_t breaches = 0, slowest = -1, longest_wait = -1;
  std::size_t asking = 0;
  bool settled = true;
  std::string slow, stuck;
  for (const auto& [name, client] : e.facts.progress.clients) {
    if (client.asked < 0) continue;
    ++asking;
    if (client.acked >= 0) {
      if (client.acked > slowest) slow = name;
      slowest = std::max(slowest, client.acked);
      if (client.acked - client.asked <= limit) continue;
      ++breaches;
      keep(v, {"",
               -1,
               -1,
               {},
               {name + ": first ack " + ms(client.acked) + " after heal, asked for " + "at " +
                ms(client.asked) + " (limit " + ms(limit) + ")"}});
      continue;
    }
    // Its last send was completed otherwise, or its life has ended: from then on it asks no more.
    const std::int64_t until = client.resolved >= 0 ? client.resolved : end;
    const std::int64_t waited = until - client.asked;
    if (waited > longest_wait) stuck = name;
    longest_wait = std::max(longest_wait, waited);
    if (waited > limit) {
      ++breaches;
      keep(v, {"",
               -1,
               -1,
               {},
               {name + ": no ack within " + ms(waited) + " (limit " + ms(limit) + ")"}});
    } else if (client.resolved < 0) {
      settled = false;
    }
  }
  if (asking == 0) {
    v.text = "nothing was sent after the last fault";
  } else if (longest_wait >= 0 && (breaches > 0 || slowest < 0)) {
    v.text = "no ack within " + ms(longest_wait) +
             " after the first send behind the last fault (limit " + ms(limit) + ")" +
             of_client(asking, stuck, "producers");
  } else {
    v.text = "first ack " + ms(slowest) + " after heal (limit " + ms(limit) + ")" +
             of_client(asking, slow, "producers");
  }
  v.looked_at = {{"first_ack_ns", slowest},
                 {"limit_ns", limit},
                 {"producers", static_cast<std::int64_t>(asking)}};
  conclude(v, e.run.limit, breaches, slowest >= 0 || breaches > 0 || !settled);
  if (!settled && v.word == VerdictWord::holds) v.word = VerdictWord::unknown;
  return v;
}

Verdict judge_consume_progress(const Evidence& e, const Copies& copies) {
  Verdict v = begin("progress.consume", e.run, {true, {"always, after the last fault"}});
  const std::int64_t limit = e.run.liveness_limit.count();
  const std::int64_t end = run_length(e);
  std::int64_t breaches = 0, slowest = -1, first_poll = -1, longest_wait = -1;
  std::size_t asking = 0;
  std::string slow, stuck;
  for (const auto& [name, client] : e.facts.progress.clients) {
    if (client.polled < 0) continue;
    ++asking;
    first_poll = first_poll < 0 ? client.polled : std::min(first_poll, client.polled);
    if (client.first_record > slowest) {
      slowest = client.first_record;
      slow = name;
    }
    const auto since = waits_since(e, copies, client);
    if (!since) continue;
    const std::int64_t last =
        client.in_poll ? (client.ended >= 0 ? client.ended : end) : client.last_poll;
    if (last - *since <= limit) continue;
    ++breaches;
    if (last - *since > longest_wait) stuck = name;
    longest_wait = std::max(longest_wait, last - *since);
    keep(v, {"",
             -1,
             -1,
             {},
             {name + ": no record within " + ms(last - *since) +
              " of polling, though there was one (limit " + ms(limit) + ")"}});
  }
  bool exercised = slowest >= 0 || breaches > 0;
  if (asking == 0) {
    v.text = "nobody polled after the last fault";
  } else if (breaches > 0) {
    v.text = "no record within " + ms(longest_wait) + " of polling (limit " + ms(limit) + ")" +
             of_client(asking, stuck, "readers");
  } else if (slowest >= 0) {
    v.text = "first record " + ms(slowest) + " after heal (limit " + ms(limit) + ")" +
             of_client(asking, slow, "readers");
  } else {
    v.text = "nothing was left to read after the last fault";
  }
  // The drain is a reader, too: what it could not reach, nobody can.
  if (e.run.final_drain && !e.run.drain_complete && e.run.limit.empty()) {
    v.text += "; the drain did not reach every end";
    const bool in_vain = asking > 0 && end - first_poll > limit;
    if (in_vain && breaches == 0) keep(v, {"", -1, -1, {}, {v.text}});
    breaches += in_vain;
    exercised = exercised || in_vain;
  }
  v.looked_at = {{"first_record_ns", slowest},
                 {"limit_ns", limit},
                 {"readers", static_cast<std::int64_t>(asking)}};
  conclude(v, e.run.limit, breaches, exercised);
  return v;
}

Verdict judge_replica_progress(const Evidence& e) {
  const bool honest = std::none_of(e.run.faults.begin(), e.run.faults.end(), [](const auto& f) {
    return f.kind == "bit_rot" || f.kind == "misdirected";
  });
  Promise promise{honest, {"always, after the last fault"}};
  if (!honest) promise.because = {"a log may be damaged: its replica is offline"};
  Verdict v = begin("progress.replicate", e.run, std::move(promise));
  const Instant healed = e.facts.progress.has_healed ? e.facts.progress.healed : e.run.healed;
  const std::int64_t limit = e.run.liveness_limit.count();
  const std::int64_t led = e.facts.partitions.led();
  std::int64_t breaches = 0, longest = 0;
  for (const PartitionWatch::Outsider& out : e.facts.partitions.outsiders()) {
    const std::int64_t waited = (e.run.end - std::max(out.since, healed)).count();
    longest = std::max(longest, waited);
    if (waited <= limit) continue;
    ++breaches;
    keep(v, {out.topic + "-" + std::to_string(out.partition),
             out.event,
             -1,
             {},
             {"the replica of broker " + std::to_string(out.broker) + " is out of the ISR for " +
              ms(waited) + " (limit " + ms(limit) + ")"}});
  }
  v.text = counted(led, "partition", "partitions") + ", " +
           (breaches > 0 ? counted(breaches, "replica", "replicas") + " out of the ISR for " +
                               ms(longest) + " (limit " + ms(limit) + ")"
                         : "no replica out of the ISR for more than " + ms(longest));
  v.looked_at = {{"partitions", led}, {"longest_ns", longest}, {"limit_ns", limit}};
  conclude(v, e.run.limit, breaches, led > 0 && (e.run.end - healed).count() > limit);
  return v;
}

Verdict judge_controller_progress(const Evidence& e) {
  Verdict v = begin("progress.controller", e.run, {true, {"always, after the last fault"}});
  const ProgressWatch& p = e.facts.progress;
  const std::int64_t limit = e.run.liveness_limit.count();
  const std::int64_t end = run_length(e);
  std::int64_t breaches = 0;
  bool settled = true;
  if (p.controller_terms == 0) {
    v.text = "no controllers";
  } else if (p.controller_first < 0 || p.controller_first > limit) {
    breaches = p.controller_first > limit || end > limit;
    settled = breaches > 0;
    v.text = "no controller within " + ms(p.controller_first < 0 ? end : p.controller_first) +
             " after heal (limit " + ms(limit) + ")";
  } else if (!p.has_controller() && end - p.controller_none_since > limit) {
    breaches = 1;
    v.text = "no controller since " + ms(p.controller_none_since) + " after heal (limit " +
             ms(limit) + ")";
  } else {
    v.text = counted(p.controller_terms, "term", "terms") + ", a controller " +
             ms(p.controller_first) + " after heal (limit " + ms(limit) + ")";
  }
  if (breaches > 0) keep(v, {"", -1, -1, {}, {v.text}});
  v.looked_at = {{"terms", p.controller_terms}, {"first_ns", p.controller_first}};
  conclude(v, e.run.limit, breaches, p.controller_terms > 0);
  if (!settled && v.word == VerdictWord::holds) v.word = VerdictWord::unknown;
  return v;
}

}  // namespace weir::judging
