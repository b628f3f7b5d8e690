// One coroutine, one request at a time.
#include "broker/node/replica/isr_sender.h"

#include "broker/node/replica/isr_wire.h"

namespace weir {

IsrSender::IsrSender(Machine& machine, BrokerId self, Ask ask, Deliver deliver)
    : machine_(machine),
      channel_(IsrChannelConfig{.self = self}),
      ask_(std::move(ask)),
      deliver_(std::move(deliver)),
      wake_(machine.timers.alarm()),
      tasks_(machine) {}

void IsrSender::start() { tasks_.spawn("isr-sender", run()); }

void IsrSender::stop() {
  stopped_ = true;
  wake_->notify();
}

Task<> IsrSender::join() { co_await tasks_.join(); }

void IsrSender::on_registered(BrokerEpoch epoch) {
  channel_.on_registered(epoch, machine_.clock.now());
  wake_->notify();
}

void IsrSender::submit(const IsrProposal& proposal) {
  channel_.submit(proposal);
  wake_->notify();
}

Task<> IsrSender::run() {
  while (!stopped_) {
    std::optional<IsrRequest> request = channel_.next_request(machine_.clock.now());
    if (request) {
      co_await send(std::move(*request));
    } else {
      co_await wake_->wait_until(channel_.next_deadline());
    }
  }
}

Task<> IsrSender::send(IsrRequest request) {
  AlterPartitionRequest question = to_wire(request);
  const Result<AlterPartitionResponse> answer = co_await ask_(std::move(question));
  const Instant now = machine_.clock.now();
  if (!answer) {
    channel_.on_failure(now);
    co_return;
  }
  const std::vector<IsrOutcome> parts = from_wire(*answer);
  const std::vector<IsrOutcome> outcomes =
      channel_.on_response(error_code_of(answer->error_code), parts, now);
  for (const IsrOutcome& outcome : outcomes) deliver_(outcome);
}

}  // namespace weir
