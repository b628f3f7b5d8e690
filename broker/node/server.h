// The server: accepts connections, keeps their number and their idleness within limits, and ends
// them in order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "broker/node/connection.h"
#include "broker/ports/task_group.h"

namespace weir {

class Server {
 public:
  // Each kind of listener is a server of its own, with the APIs of that kind.
  Server(Node& node, Endpoint address, ListenerKind kind);
  ~Server();

  [[nodiscard]] Result<void> listen();
  [[nodiscard]] ListenerKind kind() const { return kind_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  // Accepts nobody any more, lets requests under way be answered (for a while), joins all tasks.
  [[nodiscard]] Task<> stop();

 private:
  Task<> accept_connections();
  Task<> serve(std::uint64_t number);
  Task<> close_idle();
  Task<> end_patience();
  void admit(std::unique_ptr<Stream> stream);

  Node& node_;
  Endpoint address_;
  ListenerKind kind_;
  std::unique_ptr<Listener> listener_;
  std::uint16_t port_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t accepted_ = 0;
  bool stopping_ = false;
  TaskGroup tasks_;
  TaskGroup timers_;
  std::unique_ptr<Alarm> idle_alarm_;
  std::unique_ptr<Alarm> patience_alarm_;
};

}  // namespace weir
