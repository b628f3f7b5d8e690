// IsrSender: takes the proposals of this broker's leaders to the controller, and the verdicts back.
//
// What is sent when, and when a verdict is final, is decided by IsrChannel; finding the controller
// is the business of whom it asks.
#pragma once

#include <functional>
#include <memory>

#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"
#include "broker/replica/isr_channel.h"
#include "broker/wire/messages/alter_partition.h"

namespace weir {

class IsrSender {
 public:
  // Yields an error where no answer came.
  using Ask = std::function<Task<Result<AlterPartitionResponse>>(AlterPartitionRequest)>;
  using Deliver = std::function<void(const IsrOutcome&)>;

  IsrSender(Machine& machine, BrokerId self, Ask ask, Deliver deliver);

  void start();
  // Sends nothing more. join() waits for the request under way: who carries it ends it first.
  void stop();
  [[nodiscard]] Task<> join();

  void on_registered(BrokerEpoch epoch);
  void submit(const IsrProposal& proposal);
  void withdraw(const PartitionKey& key) { channel_.withdraw(key); }

 private:
  Task<> run();
  Task<> send(IsrRequest request);

  Machine& machine_;
  IsrChannel channel_;
  Ask ask_;
  Deliver deliver_;
  std::unique_ptr<Alarm> wake_;
  TaskGroup tasks_;
  bool stopped_ = false;
};

}  // namespace weir
