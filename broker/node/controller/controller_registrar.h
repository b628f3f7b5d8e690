// ControllerRegistrar: a controller reports its endpoints and features to the active one (KIP-919).
//
// Whenever the image does not show this incarnation, it registers again; the active controller also
// with itself.
#pragma once

#include <string>
#include <vector>

#include "broker/client/shell/waiting_line.h"
#include "broker/controller/image_parts.h"
#include "broker/node/controller/controller_channel.h"
#include "broker/node/quorum/metadata_publisher.h"
#include "broker/ports/task_group.h"

namespace weir {

class ControllerRegistrar {
 public:
  ControllerRegistrar(Machine& machine, MetadataLog& log, MetadataPublisher& publisher, BrokerId id,
                      std::vector<ListenerImage> listeners);
  void start();
  [[nodiscard]] Task<> stop();

 private:
  Task<> run();
  [[nodiscard]] bool is_registered() const;

  Machine& machine_;
  MetadataPublisher& publisher_;
  BrokerId id_;
  Uuid incarnation_;
  std::vector<ListenerImage> listeners_;
  ControllerChannel channel_;
  TaskGroup tasks_;
  WaitingLine::Place wake_;
  bool stopping_ = false;
};

}  // namespace weir
