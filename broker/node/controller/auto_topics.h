// AutoTopics: topics that clients ask about and that do not exist are created on the way
// (auto.create.topics.enable), by the controller.
//
// Kafka's AutoTopicCreationManager: the client is answered at once that there is no such topic,
// which makes it ask again; meanwhile the topic is asked for, once.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "broker/node/controller/controller_channel.h"
#include "broker/ports/task_group.h"

namespace weir {

// Under way at one time; more are not asked for, and the client's next question tries again.
inline constexpr std::size_t kMaxAutoTopics = 1000;

class AutoTopics {
 public:
  // Partitions and replication factor are this broker's (num.partitions, ...).
  AutoTopics(Machine& machine, ControllerChannel& channel, std::int32_t partitions,
             std::int16_t replication_factor);

  void want(const std::vector<std::string>& names);
  // After the channel was stopped.
  [[nodiscard]] Task<> join();

 private:
  Task<> create(std::vector<std::string> names);

  Machine& machine_;
  ControllerChannel& channel_;
  std::int32_t partitions_;
  std::int16_t replication_factor_;
  std::set<std::string, std::less<>> under_way_;
  TaskGroup tasks_;
};

}  // namespace weir
