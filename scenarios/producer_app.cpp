// The built-in producer: sends the workload's records in order, at the workload's rate.
//
// The n-th send of the client, counted over all its lives, is the n-th record, so a client that was
// killed goes on where it was. Outcomes need no handling here: the client's shell records them.
#include <chrono>

#include "broker/client/shell/producer.h"
#include "scenarios/app.h"

namespace weir {
namespace {

constexpr Duration kCloseTimeout = std::chrono::seconds(5);

class ProducerApp final : public App {
 public:
  explicit ProducerApp(ClientContext context)
      : context_(std::move(context)),
        workload_(std::get<ProducerSpec>(context_.spec.role).workload),
        pace_(context_.machine.timers.alarm()),
        producer_(context_.machine, context_.producer_options(), &context_.slot.recorder) {}

  Task<> run() override {
    co_await producer_.start();
    while (!stopping_ && next() < context_.records->size()) {
      const Instant due = context_.begin + due_of(workload_, next());
      while (!stopping_ && context_.machine.clock.now() < due) {
        co_await pace_->wait_until(due);
      }
      if (stopping_) break;
      if (context_.slot.left_out.contains(next())) {
        ++context_.slot.recorder.sends;
        continue;
      }
      ProducerRecord record = record_at(next());
      co_await producer_.send(std::move(record), [](const SendResult&) {});
    }
    co_await producer_.flush();
    if (!stopping_) context_.slot.finished = true;
  }

  Task<> stop() override {
    stopping_ = true;
    pace_->notify();
    co_await producer_.close(kCloseTimeout);
  }

 private:
  [[nodiscard]] std::int64_t next() const { return context_.slot.recorder.sends; }

  [[nodiscard]] ProducerRecord record_at(std::int64_t index) const {
    WorkloadRecord made = context_.records->at(index);
    ProducerRecord record;
    record.topic = workload_.topic;
    record.partition = workload_.partition;
    if (workload_.ops) {
      const SendOp& op = (*workload_.ops)[static_cast<std::size_t>(index)];
      record.topic = op.topic;
      record.partition = op.partition;
    }
    record.key = std::move(made.key);
    record.value = std::move(made.value);
    return record;
  }

  ClientContext context_;
  const Workload& workload_;
  std::unique_ptr<Alarm> pace_;
  Producer producer_;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<App> make_producer_app(ClientContext context) {
  return std::make_unique<ProducerApp>(std::move(context));
}

}  // namespace weir
