// The observer: asks while faults strike what clients seldom ask in so short a run, so that the
// answers are put to the test: where the log of a partition begins and ends, which record is the
// first at or after a time, which the newest, and, before each question, who leads. It also deletes
// the oldest records of a log now and then.
//
// What is asked when is drawn from a stream of its own: whether it asks or not changes no draw of
// anybody else. The answers are not kept here; brokers tell them as facts, and the checkers compare
// those with what was told before.
#include <array>
#include <chrono>

#include "broker/base/assertion.h"
#include "broker/client/shell/admin.h"
#include "scenarios/app.h"

namespace weir {
namespace {

// Now and then it deletes records at the beginning of a log, mostly few and old: that beginnings
// move, and nearly nobody misses them.
constexpr Ratio kDeletes{1, 6};
constexpr std::int64_t kPartDeleted = 4;  // of all, but for
constexpr Ratio kAlmostAll{1, 4};         // of the times, when this many stay at most
constexpr std::uint64_t kStay = 8;

AdminOptions observer_options(const OptionMap& options) {
  const ParsedOptions<AdminOptions> read = AdminOptions::from(options);
  WEIR_ASSERT(read.has_value());
  return *read;
}

class ObserverApp final : public App {
 public:
  explicit ObserverApp(ClientContext context)
      : context_(std::move(context)),
        pause_(context_.machine.timers.alarm()),
        admin_(context_.machine, observer_options(context_.options)),
        random_(Random::keyed(context_.scenario.seed, 0, "questions", context_.spec.id)),
        first_(context_.machine.clock.wall()) {
    const std::optional<Duration>& heal_by = context_.scenario.faults.heal_by;
    end_ = context_.begin + heal_by.value_or(context_.scenario.until);
  }

  Task<> run() override {
    co_await admin_.start();
    bool goes_on = true;
    while (goes_on) {
      goes_on = co_await rest();
      if (goes_on) {
        co_await ask();
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
  // False: it is over.
  Task<bool> rest() {
    const Duration pause(random_.between(0, 2 * context_.scenario.cluster.ask_every.count()));
    const Instant until = std::min(context_.machine.clock.now() + pause, end_);
    while (!stopping_ && context_.machine.clock.now() < until) {
      co_await pause_->wait_until(until);
    }
    co_return !stopping_ && context_.machine.clock.now() < end_;
  }

  // Half of the questions are about the end, where most happens.
  std::int64_t timestamp() {
    constexpr std::array<std::int64_t, 5> kPlaces = {kLatestOffset, kLatestOffset, kLatestOffset,
                                                     kEarliestOffset, kMaxTimestampOffset};
    const std::uint64_t draw = random_.below(kPlaces.size() + 2);
    if (draw < kPlaces.size()) return kPlaces[draw];
    const std::int64_t now = context_.machine.clock.wall().ms;
    return random_.between(first_.ms, std::max(first_.ms, now));
  }

  // What is refused is left alone.
  Task<> ask() {
    const std::vector<TopicSpec>& topics = context_.scenario.topics;
    const TopicSpec& topic = topics[random_.below(topics.size())];
    const auto index = random_.below(static_cast<std::uint64_t>(topic.partitions));
    const TopicPartition tp{topic.name, static_cast<std::int32_t>(index)};
    const std::int64_t place = timestamp();
    std::map<TopicPartition, std::int64_t> question;
    question[tp] = place;
    const ClientResult<std::vector<ListedOffset>> answer =
        co_await admin_.list_offsets(std::move(question));
    if (!answer || place != kLatestOffset || answer->front().code != 0) co_return;
    const Offset end = answer->front().offset;
    if (random_.chance(kDeletes)) {
      std::int64_t before = end.value() / kPartDeleted;
      if (random_.chance(kAlmostAll)) {
        const auto stay = static_cast<std::int64_t>(random_.below(kStay + 1));
        before = std::max(before, end.value() - stay);
      }
      co_await remove_before(tp, Offset{before});
    }
  }

  Task<> remove_before(TopicPartition tp, Offset offset) {
    std::map<TopicPartition, Offset> before;
    before[tp] = offset;
    const auto removed = co_await admin_.delete_records(std::move(before));
    static_cast<void>(removed);
  }

  ClientContext context_;
  std::unique_ptr<Alarm> pause_;
  Admin admin_;
  Random random_;
  const WallTime first_;  // questions about times reach back to it
  Instant end_;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<App> make_observer_app(ClientContext context) {
  return std::make_unique<ObserverApp>(std::move(context));
}

}  // namespace weir
