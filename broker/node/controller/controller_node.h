// ControllerNode: the driver of the controller on a node with that role.
//
// It makes the pure Controller (broker/controller/controller.h) active when this node leads the
// quorum and all of the log is committed and replayed; then one coroutine takes the commands one
// after the other and appends what each decides before it takes the next. Who asked waits until the
// decision is committed, beside the others. An append that fails or lands elsewhere than decided
// ends the office, here and in the quorum.
//
// Facts are told when they are committed, once for a decision, with its cause. What a former
// controller may have left untold is told at activation, with the cause "failover"; so a fact may
// be told twice, never not at all.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "broker/client/shell/waiting_line.h"
#include "broker/controller/controller.h"
#include "broker/node/controller/decision_facts.h"
#include "broker/node/quorum/metadata_log.h"
#include "broker/node/quorum/metadata_publisher.h"
#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"

namespace weir {

// Commands that wait for their turn; what comes beyond is refused as by a controller that is not
// active, so that it is tried again.
inline constexpr std::size_t kMaxWaitingCommands = 10'000;

class ControllerNode {
 public:
  // Log and publisher are open before start(), and outlive it.
  ControllerNode(Machine& machine, MetadataLog& log, MetadataPublisher& publisher,
                 ControllerOptions options);

  void start();
  // Refuses what waits, and ends. Leadership of the quorum is given up by MetadataLog::close().
  [[nodiscard]] Task<> stop();

  // A command that the Controller decides; its answer once that is committed. Nothing: this node is
  // not the active controller, or was not for long enough (NOT_CONTROLLER).
  template <class Request>
  [[nodiscard]] Task<std::optional<typename Request::Response>> ask(Request request) {
    const auto command = std::make_shared<CommandOf<Request>>(std::move(request));
    std::shared_ptr<Command> waiting = command;
    const bool committed = co_await carry_out(std::move(waiting));
    if (!committed) co_return std::nullopt;
    co_return std::move(command->response);
  }

  [[nodiscard]] bool active() const { return controller_.active(); }
  [[nodiscard]] const Controller& controller() const { return controller_; }

 private:
  struct Command {
    virtual ~Command() = default;
    // Keeps the response.
    virtual Appends decide(Controller&, Instant now, Random& random) = 0;
    // Whether its facts speak of what will be gone. A copy makes changes dear, so only where it is
    // needed.
    [[nodiscard]] virtual bool needs_image_before() const = 0;
    std::unique_ptr<Alarm> alarm;
    bool done = false;      // decided and appended, or refused
    LeaderEpoch epoch{-1};  // of the office; none: refused
    Offset end{0};          // must be committed before the answer goes out
  };
  template <class Request>
  struct CommandOf final : Command {
    explicit CommandOf(Request r) : request(std::move(r)) {}
    Appends decide(Controller& controller, Instant now, Random& random) override {
      auto decided = controller.decide(request, now, random);
      response = std::move(decided.response);
      return std::move(decided.append);
    }
    [[nodiscard]] bool needs_image_before() const override {
      return std::is_same_v<Request, DeleteTopicsRequest> ||
             std::is_same_v<Request, BrokerRegistrationRequest>;
    }
    Request request;
    std::optional<typename Request::Response> response;
  };

  Task<bool> carry_out(std::shared_ptr<Command> command);
  Task<> run();
  Task<bool> step();
  Task<> take_office();
  Task<> decide(std::shared_ptr<Command> command);
  Task<bool> append(Appends appends);
  void leave_office(std::string_view why);
  void refuse_commands();
  void tell_when_committed(DecisionFacts facts);
  void tell_committed();
  void finish(Command& command);

  Machine& machine_;
  MetadataLog& log_;
  MetadataPublisher& publisher_;
  Controller controller_;
  std::deque<std::shared_ptr<Command>> commands_;
  WaitingLine::Place wake_;  // stands in the lines of log and publisher
  // The image when this node began to lead: what is committed since then may be untold.
  std::shared_ptr<const MetadataImage> before_office_;
  LeaderEpoch office_seen_{-1};
  std::deque<DecisionFacts> untold_;  // appended, not committed yet
  TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace weir
