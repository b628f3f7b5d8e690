// The operator who moves leaders while faults strike: some replica in sync becomes the preferred
// one of its partition, and is elected.
//
// Nothing fails by that, so a leader gives way although it is well and in sync, with what it has
// not replicated yet, and may lead again a moment later: a course of events in which leader epochs
// must prove themselves, and which no crash brings about (KIP-101, KIP-279, KIP-320).
#include <algorithm>
#include <chrono>

#include "broker/base/assertion.h"
#include "broker/client/shell/admin.h"
#include "scenarios/app.h"

namespace weir {
namespace {

constexpr Ratio kAgain{1, 2};

AdminOptions mover_options(const OptionMap& options) {
  const ParsedOptions<AdminOptions> read = AdminOptions::from(options);
  WEIR_ASSERT(read.has_value());
  return *read;
}

class MoverApp final : public App {
 public:
  explicit MoverApp(ClientContext context)
      : context_(std::move(context)),
        pause_(context_.machine.timers.alarm()),
        admin_(context_.machine, mover_options(context_.options)) {
    const std::optional<Duration>& heal_by = context_.scenario.faults.heal_by;
    end_ = context_.begin + heal_by.value_or(context_.scenario.until);
  }

  Task<> run() override {
    co_await admin_.start();
    const Duration pause = context_.scenario.cluster.move_leaders_every;
    bool goes_on = true;
    while (goes_on) {
      goes_on = co_await rest(2 * pause);
      if (goes_on) {
        co_await take_turn();
      }
    }
    context_.slot.finished = true;
    co_await admin_.close();
  }

  Task<> stop() override {
    stopping_ = true;
    pause_->notify();
    co_return;
  }

 private:
  // Any time up to the longest. False: it is over.
  Task<bool> rest(Duration longest) {
    const Duration pause(random().between(0, longest.count()));
    const Instant until = std::min(context_.machine.clock.now() + pause, end_);
    while (!stopping_ && context_.machine.clock.now() < until) {
      co_await pause_->wait_until(until);
    }
    co_return !stopping_ && context_.machine.clock.now() < end_;
  }

  // One partition, which may be moved again before everybody has heard of it.
  Task<> take_turn() {
    const std::vector<TopicSpec>& topics = context_.scenario.topics;
    const TopicSpec& topic = topics[random().below(topics.size())];
    const auto index = random().below(static_cast<std::uint64_t>(topic.partitions));
    const TopicPartition tp{topic.name, static_cast<std::int32_t>(index)};
    bool again = true;
    while (again) {
      co_await move(tp);
      again = random().chance(kAgain);
      if (again) {
        again = co_await rest(context_.scenario.cluster.move_leaders_every / 2);
      }
    }
  }

  // What is refused, or finds nobody, is left alone: the next turn comes soon.
  Task<> move(TopicPartition tp) {
    std::vector<std::string> names;
    names.push_back(tp.topic);
    ClientResult<ClusterDescription> seen = co_await admin_.describe(std::move(names));
    if (!seen || seen->topics.empty()) co_return;
    const std::vector<PartitionDescription>& partitions = seen->topics.front().partitions;
    const auto found =
        std::ranges::find(partitions, tp.partition, &PartitionDescription::partition);
    if (found == partitions.end()) co_return;
    std::vector<std::int32_t> order = order_for(*found);
    if (order.empty()) co_return;
    std::vector<Reassignment> wish;
    wish.push_back({tp, std::move(order)});
    const auto reordered = co_await admin_.reassign(std::move(wish));
    if (!reordered) co_return;
    std::vector<TopicPartition> which;
    which.push_back(tp);
    const auto elected = co_await admin_.elect_leaders(LeaderElection::preferred, std::move(which));
    static_cast<void>(elected);
  }

  // The same replicas, with another one in sync as the first; none where there is no other.
  std::vector<std::int32_t> order_for(const PartitionDescription& partition) {
    std::vector<std::int32_t> others;
    for (const std::int32_t id : partition.in_sync) {
      if (id != partition.leader) others.push_back(id);
    }
    if (others.empty()) return {};
    const std::int32_t next = others[random().below(others.size())];
    std::vector<std::int32_t> order = {next};
    for (const std::int32_t id : partition.replicas) {
      if (id != next) order.push_back(id);
    }
    return order;
  }

  [[nodiscard]] Random& random() { return context_.machine.entropy.random(); }

  ClientContext context_;
  std::unique_ptr<Alarm> pause_;
  Admin admin_;
  Instant end_;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<App> make_mover_app(ClientContext context) {
  return std::make_unique<MoverApp>(std::move(context));
}

}  // namespace weir
