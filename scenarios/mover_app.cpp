// The operator who moves leaders while faults strike: some replica in sync becomes the preferred
// one of its partition, and is elected.
//
// Nothing fails by that, so a leader gives way although it is well and in sync, with what it has
// not replicated yet, and may lead again a moment later: a course of events in which leader epochs
// must prove themselves, and which no crash brings about (KIP-101, KIP-279, KIP-320).
//
// Which leader moves when is drawn from a stream of its own, or told by the scenario; what was
// really asked for is kept, so that another run can be told the same.
#include <algorithm>
#include <chrono>

#include "broker/base/assertion.h"
#include "broker/base/text.h"
#include "broker/client/shell/admin.h"
#include "faults/cluster_view.h"
#include "scenarios/app.h"

namespace weir {
namespace {

constexpr Ratio kAgain{3, 4};
constexpr Ratio kBack{1, 2};  // of those: to where it came from

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
        admin_(context_.machine, mover_options(context_.options)),
        random_(Random::keyed(context_.scenario.seed, 0, "leader moves", context_.spec.id)) {
    const std::optional<Duration>& heal_by = context_.scenario.faults.heal_by;
    end_ = context_.begin + heal_by.value_or(context_.scenario.until);
  }

  Task<> run() override {
    co_await admin_.start();
    if (context_.scenario.cluster.leader_moves) {
      co_await move_as_told();
    } else {
      co_await move_at_random();
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
  Task<> move_as_told() {
    for (const LeaderMove& told : *context_.scenario.cluster.leader_moves) {
      const bool goes_on = co_await rest_until(context_.begin + told.at);
      if (!goes_on) co_return;
      const std::size_t dash = told.tp.rfind('-');
      TopicPartition tp{told.tp.substr(0, dash), 0};
      tp.partition = static_cast<std::int32_t>(parse_integer(told.tp.substr(dash + 1)).value_or(0));
      std::optional<std::string> to = told.to;
      co_await move(tp, std::move(to));
    }
    // It stays as long as one that goes on moving.
    const bool goes_on = co_await rest_until(end_);
    static_cast<void>(goes_on);
  }

  Task<> move_at_random() {
    bool goes_on = true;
    while (goes_on) {
      goes_on = co_await rest(2 * context_.scenario.cluster.move_leaders_every);
      if (goes_on) {
        co_await take_turn();
      }
    }
  }

  // Any time up to the longest. False: it is over.
  Task<bool> rest(Duration longest) {
    const Duration pause(random_.between(0, longest.count()));
    return rest_until(context_.machine.clock.now() + pause);
  }

  Task<bool> rest_until(Instant moment) {
    const Instant until = std::min(moment, end_);
    while (!stopping_ && context_.machine.clock.now() < until) {
      co_await pause_->wait_until(until);
    }
    co_return !stopping_ && context_.machine.clock.now() < end_;
  }

  // One partition, which may be moved again before everybody has heard of it.
  Task<> take_turn() {
    const std::vector<TopicSpec>& topics = context_.scenario.topics;
    const TopicSpec& topic = topics[random_.below(topics.size())];
    const auto index = random_.below(static_cast<std::uint64_t>(topic.partitions));
    const TopicPartition tp{topic.name, static_cast<std::int32_t>(index)};
    bool again = true;
    std::optional<std::string> to;
    while (again) {
      std::optional<std::string> former = co_await move(tp, std::move(to));
      to = random_.chance(kBack) ? std::move(former) : std::nullopt;
      again = random_.chance(kAgain);
      if (again) {
        again = co_await rest(context_.scenario.cluster.move_leaders_every / 2);
      }
    }
  }

  // What is refused, or finds nobody, is left alone: the next turn comes soon. Without a wish, to
  // any that is in sync. An attempt that moves nothing is kept, too: its requests were on their way
  // like any. Yields who led before.
  Task<std::optional<std::string>> move(TopicPartition tp, std::optional<std::string> to) {
    const std::size_t attempt = context_.slot.leader_moves.size();
    const Duration asked = context_.machine.clock.now() - context_.begin;
    context_.slot.leader_moves.push_back({asked, to_text(tp), {}});
    std::vector<std::string> names;
    names.push_back(tp.topic);
    ClientResult<ClusterDescription> seen = co_await admin_.describe(std::move(names));
    if (!seen || seen->topics.empty()) co_return std::nullopt;
    const std::vector<PartitionDescription>& partitions = seen->topics.front().partitions;
    const auto found =
        std::ranges::find(partitions, tp.partition, &PartitionDescription::partition);
    if (found == partitions.end()) co_return std::nullopt;
    std::string former = broker_node(found->leader);
    std::vector<std::int32_t> order = order_for(*found, to);
    if (order.empty()) co_return std::nullopt;
    if (context_.slot.left_out.contains(static_cast<std::int64_t>(attempt))) co_return std::nullopt;
    context_.slot.leader_moves[attempt].to = broker_node(order.front());
    std::vector<Reassignment> wish;
    wish.push_back({tp, std::move(order)});
    const auto reordered = co_await admin_.reassign(std::move(wish));
    if (!reordered) co_return std::nullopt;
    std::vector<TopicPartition> which;
    which.push_back(tp);
    const auto elected = co_await admin_.elect_leaders(LeaderElection::preferred, std::move(which));
    static_cast<void>(elected);
    co_return former;
  }

  // The same replicas, with another one in sync as the first; none where there is no other.
  std::vector<std::int32_t> order_for(const PartitionDescription& partition,
                                      const std::optional<std::string>& to) {
    std::vector<std::int32_t> others;
    for (const std::int32_t id : partition.in_sync) {
      if (id != partition.leader && (!to || broker_node(id) == *to)) others.push_back(id);
    }
    if (others.empty()) return {};
    const std::int32_t next = to ? others.front() : others[random_.below(others.size())];
    std::vector<std::int32_t> order = {next};
    for (const std::int32_t id : partition.replicas) {
      if (id != next) order.push_back(id);
    }
    return order;
  }

  ClientContext context_;
  std::unique_ptr<Alarm> pause_;
  Admin admin_;
  Random random_;
  Instant end_;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<App> make_mover_app(ClientContext context) {
  return std::make_unique<MoverApp>(std::move(context));
}

}  // namespace weir
