// The operator of a simulated cluster: creates the topics of the scenario whose time has come, and
// waits until they are whole.
#include <algorithm>
#include <chrono>
#include <map>

#include "broker/base/assertion.h"
#include "broker/client/shell/admin.h"
#include "scenarios/app.h"

namespace weir {
namespace {

// Between two looks at a cluster that is not ready yet.
constexpr Duration kPause = std::chrono::milliseconds(50);

AdminOptions parsed_admin(const OptionMap& options) {
  const ParsedOptions<AdminOptions> read = AdminOptions::from(options);
  WEIR_ASSERT(read.has_value());
  return *read;
}

class OperatorApp final : public App {
 public:
  explicit OperatorApp(ClientContext context)
      : context_(std::move(context)),
        pause_(context_.machine.timers.alarm()),
        admin_(context_.machine, parsed_admin(context_.options)) {}

  Task<> run() override {
    co_await admin_.start();
    bool ready = false;
    while (!ready && !stopping_) {
      ready = co_await look();
      if (!ready && !stopping_) {
        co_await pause_->wait_until(context_.machine.clock.now() + kPause);
      }
    }
    context_.slot.finished = ready;
    co_await admin_.close();
  }

  Task<> stop() override {
    stopping_ = true;
    pause_->notify();
    co_return;
  }

 private:
  Task<bool> look() {
    ClientResult<ClusterDescription> seen = co_await admin_.describe();
    if (!seen) co_return false;
    const auto brokers = static_cast<std::int64_t>(seen->brokers.size());
    if (brokers < context_.scenario.cluster.brokers) co_return false;
    std::vector<NewTopic> missing;
    bool whole = true;
    for (const TopicSpec& spec : context_.scenario.topics) {
      if (!is_due(spec)) continue;
      const auto found = std::find_if(seen->topics.begin(), seen->topics.end(),
                                      [&](const auto& topic) { return topic.name == spec.name; });
      if (found == seen->topics.end()) {
        missing.push_back({spec.name, static_cast<std::int32_t>(spec.partitions),
                           static_cast<std::int16_t>(spec.replication),
                           OptionMap(spec.config.begin(), spec.config.end())});
      } else {
        whole = whole && is_whole(*found, spec);
      }
    }
    if (missing.empty()) co_return whole;
    const auto created = co_await admin_.create_topics(std::move(missing));
    static_cast<void>(created);  // the next look tells
    co_return false;
  }

  [[nodiscard]] bool is_due(const TopicSpec& spec) const {
    const bool begun = context_.begin != Instant{};
    return spec.created_at == Duration(0) ||
           (begun && context_.machine.clock.now() >= context_.begin + spec.created_at);
  }

  static bool is_whole(const TopicDescription& topic, const TopicSpec& spec) {
    const auto replicas = static_cast<std::size_t>(spec.replication);
    return topic.partitions.size() == static_cast<std::size_t>(spec.partitions) &&
           std::all_of(topic.partitions.begin(), topic.partitions.end(), [&](const auto& p) {
             return p.leader >= 0 && p.in_sync.size() == replicas;
           });
  }

  ClientContext context_;
  std::unique_ptr<Alarm> pause_;
  Admin admin_;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<App> make_operator_app(ClientContext context) {
  return std::make_unique<OperatorApp>(std::move(context));
}

}  // namespace weir
