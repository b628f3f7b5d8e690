// The derivation of promises from configuration and faults.
#include "checkers/promises.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace weir {
namespace {

// Faults after which a copy may lack what it had acknowledged, and those that a sync before the
// acknowledgement makes harmless.
constexpr std::array<std::string_view, 2> kHarmUnsynced = {"power_loss", "fail_sync"};
constexpr std::array<std::string_view, 4> kHarmAlways = {"bit_rot", "disk_wiped", "misdirected",
                                                         "wipe"};
// Faults after which a broker comes back as one that stopped uncleanly. Its copy is whole, the page
// cache survives; but its controllers cannot know that and do not count on it any more (KIP-966).
constexpr std::array<std::string_view, 5> kUnclean = {"kill", "fail_read", "fail_write",
                                                      "disk_full", "stuck_disk"};

std::int64_t number(const ConfigTexts& config, std::string_view key, std::int64_t otherwise) {
  const std::string_view text = setting(config, key, "");
  std::int64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct Struck {
  std::set<std::string> nodes;
  bool in_budget = true;  // all of them
};

template <class Kinds>
void find_struck(const RunSummary& run, const Kinds& kinds, Struck& struck) {
  for (const FaultSummary& fault : run.faults) {
    if (!fault.broker || std::find(kinds.begin(), kinds.end(), fault.kind) == kinds.end()) continue;
    struck.nodes.insert(fault.node);
    struck.in_budget = struck.in_budget && fault.in_budget;
  }
}

template <class Test>
std::int64_t producers_with(const RunSummary& run, Test test) {
  return std::count_if(run.clients.begin(), run.clients.end(),
                       [&](const ClientSummary& c) { return c.producer && test(c); });
}

// What a client sent before it died may still reach the log after its next life has looked there,
// and that one makes the output once more. Only a transaction fences it off.
void unfenced_pipeline(const RunSummary& run, Promise& p) {
  if (!run.pipeline) return;
  p.promised = false;
  p.because.push_back("a pipeline's outputs outside of transactions");
}

bool commits(const ClientSummary& c) {
  return c.consumer && !setting(c.config, "group.id", "").empty();
}

}  // namespace

std::string_view setting(const ConfigTexts& config, std::string_view key,
                         std::string_view otherwise) {
  const auto it = config.find(key);
  return it == config.end() ? otherwise : std::string_view(it->second);
}

bool is_compacted(const TopicSummary& topic) {
  return setting(topic.config, "cleanup.policy", "delete").find("compact") !=
         std::string_view::npos;
}

bool is_compacted(const RunSummary& run, std::string_view topic) {
  return std::ranges::any_of(
      run.topics, [&](const TopicSummary& t) { return t.name == topic && is_compacted(t); });
}

bool waits_for_all(const ClientSummary& c) {
  const std::string_view acks = setting(c.config, "acks", "all");
  return acks == "all" || acks == "-1";
}

bool is_idempotent(const ClientSummary& c) {
  return setting(c.config, "enable.idempotence", "true") == "true";
}

bool never_repeats(const ClientSummary& c) {
  return is_idempotent(c) || setting(c.config, "retries", "2147483647") == "0";
}

// Without answers a producer may be done with a record that is still on its way to a former leader.
bool keeps_order(const ClientSummary& c) {
  if (setting(c.config, "acks", "all") == "0") return false;
  return never_repeats(c) || setting(c.config, "max.in.flight.requests.per.connection", "5") == "1";
}

bool claimed(const RunSummary& run, std::string_view guarantee) {
  return std::find(run.promise.begin(), run.promise.end(), guarantee) != run.promise.end();
}

std::string_view client_of_id(std::string_view id) { return id.substr(0, id.rfind(':')); }

const ClientSummary* client_named(const RunSummary& run, std::string_view id) {
  for (const ClientSummary& c : run.clients) {
    if (c.id == id) return &c;
  }
  return nullptr;
}

// Kills alone lose nothing: a record below the watermark is in the page cache of every in-sync
// replica, which outlives the process, and whoever leads next was in sync, or eligible, or the last
// leader. Where something does get lost, the copies that are left must not have become strangers
// meanwhile:
//   - all such faults inside the budget: whenever one struck, at least min.insync.replicas live
//     in-sync replicas beside its victim held all that was ever shown, and a victim counts again
//     only when it has caught up. So the in-sync set, with those that are eligible, always has a
//     whole member that never stopped uncleanly since, whatever the order of the faults. (With
//     min.insync.replicas=1 the set may shrink to a victim before its fall is noticed, and nobody
//     else is eligible: there no such fault is inside the budget.)
//   - else fewer victims in the whole run than min.insync.replicas: each acknowledged record is on
//     one in-sync replica more, which never stopped uncleanly (KIP-966's own promise).
Promise copies_survive(const RunSummary& run, const TopicSummary& topic) {
  Promise p;
  const std::string of = topic.name + ": ";
  if (setting(topic.config, "unclean.leader.election.enable", "false") != "false") {
    p.because.push_back(of + "unclean.leader.election.enable=true");
    return p;
  }
  const bool synced = number(topic.config, "flush.messages", 0) == 1;
  Struck harmed;
  find_struck(run, kHarmAlways, harmed);
  if (!synced) find_struck(run, kHarmUnsynced, harmed);
  const std::int64_t min_isr =
      std::min(number(topic.config, "min.insync.replicas", 1), topic.replicas);
  if (harmed.nodes.empty()) {
    p.promised = true;
    p.because.push_back(of + (min_isr >= 2 ? "min.insync.replicas=" + std::to_string(min_isr)
                              : topic.replicas == 1 ? std::string("one copy")
                                                    : std::string("min.insync.replicas=1")));
    p.because.push_back(synced ? "flush.messages=1: synced before it is acknowledged"
                               : "no power loss: the page cache survives a kill");
    return p;
  }
  Struck struck = harmed;
  find_struck(run, kUnclean, struck);
  if (synced) find_struck(run, kHarmUnsynced, struck);
  if (struck.in_budget) {
    p.promised = true;
    p.because.push_back(of + "every fault left min.insync.replicas=" + std::to_string(min_isr) +
                        " whole in-sync copies");
    return p;
  }
  p.promised = static_cast<std::int64_t>(struck.nodes.size()) < min_isr;
  p.because.push_back(of + (min_isr >= 2          ? "min.insync.replicas=" + std::to_string(min_isr)
                            : topic.replicas == 1 ? std::string("one copy")
                                                  : std::string("min.insync.replicas=1")));
  p.because.push_back(p.promised ? "the faults leave one in-sync copy whole"
                      : min_isr >= 2
                          ? "the faults may take every in-sync copy"
                          : "a fault may take what was not synced, or the disk's content");
  return p;
}

Promise promise_durability(const RunSummary& run) {
  Promise p;
  const std::int64_t all = producers_with(run, [](const auto&) { return true; });
  const std::int64_t waiting = producers_with(run, waits_for_all);
  if (waiting == 0) {
    for (const ClientSummary& c : run.clients) {
      if (!c.producer) continue;
      p.because.push_back("acks=" + std::string(setting(c.config, "acks", "all")));
      break;
    }
    return p;
  }
  p.because.push_back(waiting == all ? "acks=all"
                                     : "acks=all of " + std::to_string(waiting) + " producers");
  for (const TopicSummary& topic : run.topics) {
    const Promise copies = copies_survive(run, topic);
    p.because.insert(p.because.end(), copies.because.begin(), copies.because.end());
    p.promised = p.promised || copies.promised;
  }
  return p;
}

Promise promise_order(const RunSummary& run) {
  Promise p;
  p.promised = producers_with(run, keeps_order) > 0;
  if (producers_with(run, is_idempotent) > 0) {
    p.because.push_back("enable.idempotence=true");
  } else if (p.promised) {
    p.because.push_back("no retries, or one request in flight");
  } else {
    p.because.push_back("retries with several requests in flight, without idempotence");
  }
  return p;
}

Promise promise_no_duplicates(const RunSummary& run) {
  Promise p;
  p.promised = producers_with(run, is_idempotent) > 0;
  p.because.push_back(p.promised ? "enable.idempotence=true" : "enable.idempotence=false");
  return p;
}

Promise promise_at_most_once(const RunSummary& run) {
  Promise p;
  p.promised = producers_with(run, [](const auto& c) { return !never_repeats(c); }) == 0;
  p.because.push_back(p.promised ? "no retries without idempotence"
                                 : "retries without idempotence may store a record twice");
  unfenced_pipeline(run, p);
  for (const ClientSummary& c : run.clients) {
    if (!commits(c) || c.commits_before_processing) continue;
    p.promised = false;
    p.because.push_back(c.id + " commits after processing");
  }
  return p;
}

Promise promise_at_least_once(const RunSummary& run) {
  Promise p = promise_durability(run);
  for (const ClientSummary& c : run.clients) {
    if (c.producer && !waits_for_all(c)) {
      p.promised = false;
      p.because.push_back(c.id + ": acks=" + std::string(setting(c.config, "acks", "all")));
    }
    if (commits(c) && c.commits_before_processing) {
      p.promised = false;
      p.because.push_back(c.id + " commits before processing");
    }
  }
  return p;
}

Promise promise_exactly_once(const RunSummary& run) {
  Promise p = promise_at_least_once(run);
  if (producers_with(run, [](const auto& c) { return !is_idempotent(c); }) > 0) {
    p.promised = false;
    p.because.push_back("a producer without idempotence");
  }
  unfenced_pipeline(run, p);
  for (const ClientSummary& c : run.clients) {
    if (!commits(c)) continue;
    p.promised = false;
    p.because.push_back(c.id + " commits outside of transactions");
  }
  return p;
}

}  // namespace weir
