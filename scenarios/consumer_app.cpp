// The built-in consumer, assigned by hand, and the drain that reads everything at the end.
#include <algorithm>
#include <chrono>

#include "broker/client/shell/consumer.h"
#include "broker/ports/task_group.h"
#include "scenarios/app.h"
#include "scenarios/delay.h"

namespace weir {
namespace {

constexpr Duration kPollTimeout = std::chrono::seconds(1);

void add_partitions(const Scenario& scenario, const std::string& name,
                    std::vector<TopicPartition>& out) {
  for (const TopicSpec& topic : scenario.topics) {
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      const TopicPartition tp{topic.name, p};
      if (name == topic.name || name == to_text(tp)) out.push_back(tp);
    }
  }
}

class ConsumerApp final : public App {
 public:
  explicit ConsumerApp(ClientContext context)
      : context_(std::move(context)),
        loop_(std::get<ConsumerSpec>(context_.spec.role).loop),
        process_time_(latency_of(loop_.process_time)),
        pause_(context_.machine.timers.alarm()),
        consumer_(context_.machine, context_.consumer_options(), &context_.slot.recorder) {}

  Task<> run() override {
    co_await consumer_.start();
    const Instant first = context_.begin + loop_.start;
    co_await rest_until(first);
    std::vector<TopicPartition> assigned;
    for (const std::string& name : loop_.assign) add_partitions(context_.scenario, name, assigned);
    consumer_.assign(assigned);
    if (loop_.from == StartFrom::beginning) {
      consumer_.seek_to_beginning();
    } else {
      consumer_.seek_to_end();
    }
    if (loop_.ops) {
      co_await poll_as_told();
    } else {
      co_await poll_on();
    }
    co_await consumer_.close();
  }

  Task<> stop() override {
    stopping_ = true;
    pause_->notify();
    co_return;
  }

 private:
  Task<> poll_on() {
    while (!stopping_) {
      ClientResult<std::vector<ConsumerRecord>> got = co_await consumer_.poll(kPollTimeout);
      if (!got) {
        // What poll() reports is in the history already; a loop that goes on at once would spin.
        co_await rest_until(context_.machine.clock.now() + kPollTimeout);
        continue;
      }
      co_await process(got->size());
    }
  }

  // Over all lives of the client, as a producer counts its sends.
  Task<> poll_as_told() {
    while (!stopping_ && context_.slot.polls < loop_.ops->size()) {
      const PollOp op = (*loop_.ops)[context_.slot.polls];
      const Instant due = context_.begin + op.at;
      co_await rest_until(due);
      if (stopping_) break;
      ++context_.slot.polls;
      ClientResult<std::vector<ConsumerRecord>> got = co_await consumer_.poll(op.timeout);
      if (got) {
        co_await process(got->size());
      }
    }
  }

  Task<> process(std::size_t records) {
    Duration total{0};
    for (std::size_t i = 0; i < records; ++i) {
      total += Duration(process_time_.sample(context_.machine.entropy.random()));
    }
    if (total > Duration(0)) co_await rest_until(context_.machine.clock.now() + total);
  }

  Task<> rest_until(Instant moment) {
    while (!stopping_ && context_.machine.clock.now() < moment) {
      co_await pause_->wait_until(moment);
    }
  }

  ClientContext context_;
  const ConsumerLoop& loop_;
  const Latency process_time_;
  std::unique_ptr<Alarm> pause_;
  Consumer consumer_;
  bool stopping_ = false;
};

class DrainApp final : public App {
 public:
  explicit DrainApp(ClientContext context)
      : context_(std::move(context)),
        consumer_(context_.machine, context_.consumer_options(), &context_.slot.recorder) {}

  Task<> run() override {
    co_await consumer_.start();
    std::vector<TopicPartition> all;
    for (const TopicSpec& topic : context_.scenario.topics) {
      add_partitions(context_.scenario, topic.name, all);
    }
    consumer_.assign(all);
    consumer_.seek_to_beginning();
    using Ends = std::map<TopicPartition, Offset>;
    Ends ends;
    while (!stopping_ && ends.empty() && !all.empty()) {
      ClientResult<Ends> got = co_await consumer_.end_offsets(all);
      if (got) ends = std::move(*got);
    }
    while (!stopping_ && !reached(ends)) {
      ClientResult<std::vector<ConsumerRecord>> got = co_await consumer_.poll(kPollTimeout);
      static_cast<void>(got);  // records and errors are in the history
    }
    context_.slot.finished = !stopping_;
    co_await consumer_.close();
  }

  Task<> stop() override {
    stopping_ = true;
    co_return;
  }

 private:
  [[nodiscard]] bool reached(const std::map<TopicPartition, Offset>& ends) const {
    return std::all_of(ends.begin(), ends.end(), [this](const auto& end) {
      const std::optional<Offset> position = consumer_.known_position(end.first);
      return position.has_value() && *position >= end.second;
    });
  }

  ClientContext context_;
  Consumer consumer_;
  bool stopping_ = false;
};

// Runs an app as the main task of a client's node, and joins it on the way out.
class ClientProgram final : public Program {
 public:
  explicit ClientProgram(std::unique_ptr<App> app, Machine& machine)
      : app_(std::move(app)), tasks_(machine) {}

  Task<> run() override {
    tasks_.spawn("app", app_->run());
    co_return;
  }

  Task<> stop() override {
    co_await app_->stop();
    co_await tasks_.join();
  }

 private:
  std::unique_ptr<App> app_;
  TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<App> make_consumer_app(ClientContext context) {
  return std::make_unique<ConsumerApp>(std::move(context));
}

std::unique_ptr<App> make_drain_app(ClientContext context) {
  return std::make_unique<DrainApp>(std::move(context));
}

std::unique_ptr<Program> make_client_program(std::unique_ptr<App> app, Machine& machine) {
  return std::make_unique<ClientProgram>(std::move(app), machine);
}

}  // namespace weir
