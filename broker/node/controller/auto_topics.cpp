// Asking for topics, each one once at a time.
#include "broker/node/controller/auto_topics.h"

#include "broker/wire/messages/create_topics.h"

namespace weir {
namespace {

constexpr Duration kPatienceForTopic = std::chrono::seconds(30);

}  // namespace

AutoTopics::AutoTopics(Machine& machine, ControllerChannel& channel, std::int32_t partitions,
                       std::int16_t replication_factor)
    : machine_(machine),
      channel_(channel),
      partitions_(partitions),
      replication_factor_(replication_factor),
      tasks_(machine) {}

void AutoTopics::want(const std::vector<std::string>& names) {
  std::vector<std::string> fresh;
  for (const std::string& name : names) {
    if (under_way_.size() >= kMaxAutoTopics) break;
    if (under_way_.insert(name).second) fresh.push_back(name);
  }
  if (!fresh.empty()) tasks_.spawn("create topics", create(std::move(fresh)));
}

Task<> AutoTopics::create(std::vector<std::string> names) {
  CreateTopicsRequest request;
  for (const std::string& name : names) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = partitions_;
    topic.replication_factor = replication_factor_;
  }
  // What cannot be created stays unknown; whoever asks again is told so again.
  const Instant deadline = machine_.clock.now() + kPatienceForTopic;
  static_cast<void>(co_await channel_.ask(std::move(request), deadline));
  for (const std::string& name : names) under_way_.erase(name);
}

Task<> AutoTopics::join() { co_await tasks_.join(); }

}  // namespace weir
