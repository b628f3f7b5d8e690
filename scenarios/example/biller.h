// Two ways to bill orders, of which one is right: the code that this example puts to the test.
//
// A biller reads orders and keeps a ledger in a database of its own. The database survives when the
// biller dies; what the biller had in memory does not. Biller stores how far it has read together
// with what it billed. HastyBiller stores how far it has read as soon as it has read it, and bills
// afterwards: what lies between is lost when it dies there.
#pragma once

#include <any>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/client/shell/consumer.h"
#include "scenarios/app.h"

namespace shipping {

// The database: lives in the client's slot, outside the simulated machine.
struct Ledger {
  std::map<weir::TopicPartition, weir::Offset> next;  // to be read
  std::map<std::string, int> billed;                  // "orders-0@17": how often
};

enum class Position { stored_with_the_bill, stored_before_the_bill };

template <Position position>
class BillerApp final : public weir::App {
 public:
  explicit BillerApp(weir::ClientContext context)
      : context_(std::move(context)),
        pause_(context_.machine.timers.alarm()),
        consumer_(context_.machine, context_.consumer_options(), &context_.slot.recorder) {
    if (!context_.slot.store.has_value()) context_.slot.store = Ledger{};
  }

  weir::Task<> run() override {
    co_await consumer_.start();
    take_up();
    while (!stopping_) {
      auto polled = co_await consumer_.poll(std::chrono::milliseconds(200));
      if (!polled) {
        co_await rest(std::chrono::milliseconds(200));
        continue;
      }
      for (const weir::ConsumerRecord& order : *polled) co_await handle(order);
    }
    co_await consumer_.close();
  }

  weir::Task<> stop() override {
    stopping_ = true;
    pause_->notify();
    co_return;
  }

 private:
  Ledger& ledger() { return *std::any_cast<Ledger>(&context_.slot.store); }

  // All partitions of the topic, each from where the ledger says.
  void take_up() {
    std::vector<weir::TopicPartition> all;
    for (const weir::TopicSpec& topic : context_.scenario.topics) {
      for (std::int32_t p = 0; p < topic.partitions; ++p) all.push_back({topic.name, p});
    }
    consumer_.assign(all);
    for (const weir::TopicPartition& tp : all) {
      consumer_.seek(tp, ledger().next.try_emplace(tp, weir::Offset{0}).first->second);
    }
  }

  weir::Task<> handle(const weir::ConsumerRecord& order) {
    const weir::TopicPartition tp{order.topic, order.partition};
    const weir::Offset behind{order.offset.value() + 1};
    if (position == Position::stored_before_the_bill) ledger().next[tp] = behind;
    co_await rest(std::chrono::milliseconds(2));  // the work; a crash may come here
    ++ledger().billed[weir::to_text(tp) + "@" + std::to_string(order.offset.value())];
    ledger().next[tp] = behind;
  }

  weir::Task<> rest(weir::Duration time) {
    const weir::Instant until = context_.machine.clock.now() + time;
    while (!stopping_ && context_.machine.clock.now() < until) co_await pause_->wait_until(until);
  }

  weir::ClientContext context_;
  std::unique_ptr<weir::Alarm> pause_;
  weir::Consumer consumer_;
  bool stopping_ = false;
};

using Biller = BillerApp<Position::stored_with_the_bill>;
using HastyBiller = BillerApp<Position::stored_before_the_bill>;

}  // namespace shipping
