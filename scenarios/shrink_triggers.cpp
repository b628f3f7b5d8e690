// Times become triggers: a fault that strikes at 412 ms because a batch was appended at 411.8 ms is
// told to wait for that batch.
//
// Triggers survive what comes afterwards, further shrinking and changes of the product, better than
// times do, and they say what the moment was.
#include <algorithm>
#include <array>
#include <chrono>

#include "scenarios/rewrite.h"
#include "scenarios/shrinker.h"

namespace weir {
namespace {

// Kinds that mark a moment in the life of a cluster, the most telling first.
constexpr std::array kTelling = {
    FactKind::hw_advanced,       FactKind::replica_leads,        FactKind::log_appended,
    FactKind::log_truncated,     FactKind::controller_activated, FactKind::replica_follows,
    FactKind::partition_changed, FactKind::isr_proposed,         FactKind::send_acknowledged,
    FactKind::node_started,
};
// A moment that is longer ago has nothing to do with it.
constexpr Duration kRecent = std::chrono::milliseconds(100);
// So many of the latest facts are tried for each fault.
constexpr std::size_t kTried = 6;

struct Moment {
  Instant at;
  Trigger trigger;  // without its delay
};

// Facts that could be triggers, each with how often the like of it had come until then.
class Moments final : public FactReader {
 public:
  void on(const Observed& seen) override {
    if (std::ranges::find(kTelling, seen.fact.kind) == kTelling.end()) return;
    Moment moment;
    moment.at = seen.at;
    moment.trigger.event = seen.fact.kind;
    moment.trigger.node = seen.node_name;
    if (!seen.fact.topic.empty() && seen.fact.partition >= 0) {
      moment.trigger.tp = std::string(seen.fact.topic) + "-" + std::to_string(seen.fact.partition);
    }
    all.push_back(std::move(moment));
  }

  std::vector<Moment> all;
};

// The trigger that this moment fulfils, and none since `begin` before it; nothing where the
// scenario cannot name it.
std::optional<Trigger> trigger_of(const std::vector<Moment>& all, std::size_t at, Instant begin) {
  Trigger trigger = all[at].trigger;
  if (all[at].at < begin) return std::nullopt;
  trigger.nth = 0;
  for (std::size_t i = 0; i <= at; ++i) {
    const Trigger& other = all[i].trigger;
    const bool same =
        other.event == trigger.event && other.node == trigger.node && other.tp == trigger.tp;
    if (same && all[i].at >= begin) ++trigger.nth;
  }
  return trigger;
}

// The candidates for a fault that strikes at this instant, the most telling first.
std::vector<std::pair<Trigger, Duration>> candidates(const std::vector<Moment>& all, Instant begin,
                                                     Instant struck) {
  std::vector<std::pair<Trigger, Duration>> found;
  for (const FactKind kind : kTelling) {
    for (std::size_t i = all.size(); i-- > 0;) {
      if (all[i].trigger.event != kind || all[i].at > struck) continue;
      if (struck - all[i].at > kRecent) break;
      if (const auto trigger = trigger_of(all, i, begin)) {
        found.emplace_back(*trigger, struck - all[i].at);
      }
      break;
    }
  }
  if (found.size() > kTried) found.resize(kTried);
  return found;
}

bool names_a_topic_of(const Scenario& s, const std::string& tp) {
  return tp.empty() || std::ranges::any_of(s.topics, [&](const TopicSpec& topic) {
           return tp.starts_with(topic.name + "-");
         });
}

void lower(Shrinker& shrinker, std::size_t i) {
  const Scenario before = shrinker.smallest();
  std::vector<std::uint64_t> counts = counts_in(before);
  const std::uint64_t nth = counts[i];
  for (const std::uint64_t earlier : {std::uint64_t{1}, std::uint64_t{2}, nth / 2, nth - 1}) {
    if (earlier < 1 || earlier >= nth) continue;
    Scenario simpler = before;
    counts[i] = earlier;
    set_counts(simpler, counts);
    if (shrinker.attempt(std::move(simpler))) return;
  }
}

}  // namespace

// The first match, operation or message instead of a later one: what came before may then go, too.
void simplify_triggers(Shrinker& shrinker) {
  const std::size_t count =
      shrinker.smallest().faults.fired ? shrinker.smallest().faults.fired->size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    Scenario s = shrinker.smallest();
    auto* trigger = std::get_if<Trigger>(&(*s.faults.fired)[i].when);
    if (trigger == nullptr || trigger->since == Duration(0)) continue;
    trigger->since = Duration(0);
    shrinker.attempt(std::move(s));
  }
  const std::size_t counts = counts_in(shrinker.smallest()).size();
  for (std::size_t i = 0; i < counts; ++i) lower(shrinker, i);
}

void times_to_triggers(Shrinker& shrinker) {
  const std::size_t count =
      shrinker.smallest().faults.fired ? shrinker.smallest().faults.fired->size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* at = std::get_if<Duration>(&(*shrinker.smallest().faults.fired)[i].when);
    if (at == nullptr) continue;
    Moments moments;
    RunOptions options;
    options.reader = &moments;
    const RunOutcome outcome = shrinker.rerun(options);
    const Instant struck = outcome.begin + *at;
    for (const auto& [trigger, delay] : candidates(moments.all, outcome.begin, struck)) {
      if (!names_a_topic_of(shrinker.smallest(), trigger.tp)) continue;
      bool taken = false;
      for (const Duration after : {Duration(0), delay}) {
        Scenario candidate = shrinker.smallest();
        (*candidate.faults.fired)[i].when = trigger;
        std::get<Trigger>((*candidate.faults.fired)[i].when).delay = after;
        taken = shrinker.attempt(std::move(candidate));
        if (taken || delay == Duration(0)) break;
      }
      if (taken) break;
    }
  }
}

}  // namespace weir
