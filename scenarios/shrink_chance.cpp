// Random streams are silenced, all at once or one by one: what is left of chance is a list.
#include <algorithm>

#include "scenarios/reduce.h"
#include "scenarios/shrinker.h"

namespace weir {
namespace {

// What a delay comes to when nothing happens.
struct Usual {
  Duration operator()(const FixedDelay& d) const { return d.delay; }
  Duration operator()(const UniformDelay& d) const { return (d.low + d.high) / 2; }
  Duration operator()(const ExponentialDelay& d) const { return d.mean; }
  Duration operator()(const LognormalDelay& d) const { return d.median; }
};

Duration usual(const Delay& delay) { return std::visit(Usual{}, delay); }

Delay silent(const Delay& delay) { return FixedDelay{usual(delay)}; }

void silence_luck(Scenario& s) {
  s.buggify = false;
  s.buggify_points.reset();
}
void silence_loss(Scenario& s) { s.network.loss = {0, 1}; }
void silence_splits(Scenario& s) { s.network.split_reads = {0, 1}; }
void silence_latency(Scenario& s) { s.network.latency = silent(s.network.latency); }
void silence_disks(Scenario& s) {
  s.disk.read = silent(s.disk.read);
  s.disk.write = silent(s.disk.write);
  s.disk.sync = silent(s.disk.sync);
}
void silence_processing(Scenario& s) {
  for (ClientSpec& client : s.clients) {
    auto* consumer = std::get_if<ConsumerSpec>(&client.role);
    if (consumer != nullptr) consumer->loop.process_time = silent(consumer->loop.process_time);
  }
}

using Silence = void (*)(Scenario&);
constexpr Silence kStreams[] = {silence_luck,    silence_loss,  silence_splits,
                                silence_latency, silence_disks, silence_processing};

// Where it takes messages that are late or lost, those few are named and all others are as usual: a
// draw for every message would make any step another run. Those that stand out first; where they do
// not do it, whatever is later than usual.
void name_late_messages(Shrinker& shrinker) {
  const NetworkSpec network = shrinker.smallest().network;
  const bool fixed = std::holds_alternative<FixedDelay>(network.latency);
  if (fixed && network.loss.numerator == 0) return;
  Scenario named = shrinker.smallest();
  silence_latency(named);
  silence_loss(named);
  for (const Duration above : {2 * usual(network.latency), usual(network.latency)}) {
    RunOptions options;
    options.keep_delays_above = above;
    std::vector<LinkDelay> late = shrinker.rerun(options).long_delays;
    late.insert(late.end(), network.delays.begin(), network.delays.end());
    named.network.delays = std::move(late);
    if (shrinker.attempt(named)) return;
  }
}

void drop_late_messages(Shrinker& shrinker) {
  const std::vector<LinkDelay> late = shrinker.smallest().network.delays;
  static_cast<void>(reduce(late.size(), [&](const std::vector<std::size_t>& kept) {
    Scenario fewer = shrinker.smallest();
    fewer.network.delays = items_at(late, kept);
    return shrinker.attempt(std::move(fewer));
  }));
}

}  // namespace

void calm_chance(Shrinker& shrinker) {
  Scenario calm = shrinker.smallest();
  for (const Silence silence : kStreams) silence(calm);
  if (shrinker.attempt(std::move(calm))) return;
  for (const Silence silence : kStreams) {
    Scenario calmer = shrinker.smallest();
    silence(calmer);
    shrinker.attempt(std::move(calmer));
  }
  if (const auto& points = shrinker.smallest().buggify_points; points && !points->empty()) {
    const std::vector<std::string> all = *points;
    static_cast<void>(reduce(all.size(), [&](const std::vector<std::size_t>& kept) {
      Scenario fewer = shrinker.smallest();
      fewer.buggify_points = items_at(all, kept);
      return shrinker.attempt(std::move(fewer));
    }));
  }
  name_late_messages(shrinker);
  drop_late_messages(shrinker);
}

}  // namespace weir
