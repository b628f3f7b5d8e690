// Topics made, removed and described; each call retries what may be retried until its deadline.
#include "broker/client/shell/admin.h"

#include <algorithm>

#include "broker/client/backoff.h"
#include "broker/client/shell/client_cluster.h"
#include "broker/client/shell/client_facts.h"

namespace weir {

class AdminShell final : public ClusterUser {
 public:
  AdminShell(Machine& machine, AdminOptions options, Recorder* recorder)
      : machine_(machine),
        options_(std::move(options)),
        facts_(machine.facts, recorder),
        cluster_(machine, options_.connection, *this, recorder),
        backoff_(machine.timers.alarm()) {}

  void start() {
    if (facts_.recorded()) facts_.emit(FactKind::client_configured, options_.to_json());
    cluster_.start();
  }

  Task<ClientResult<std::vector<TopicOutcome>>> create(std::vector<NewTopic> topics);
  Task<ClientResult<std::vector<TopicOutcome>>> remove(std::vector<std::string> names);
  Task<ClientResult<ClusterDescription>> describe(std::vector<std::string> topics);
  Task<> close();

 private:
  void node_ready(std::int32_t) override {}
  void node_lost(std::int32_t) override {}
  Instant step(Instant) override { return Instant::never(); }

  [[nodiscard]] std::int32_t timeout_ms(Instant deadline) const {
    const Duration left = deadline - machine_.clock.now();
    return static_cast<std::int32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
  }
  [[nodiscard]] Instant next_try(Instant deadline) {
    return std::min(deadline, machine_.clock.now() +
                                  exponential_backoff(options_.connection.retry_backoff,
                                                      options_.connection.retry_backoff_max,
                                                      failures_++, machine_.entropy.random()));
  }
  // Sends to any broker, which stands in for the controller; repeats after lost connections.
  template <class Request>
  Task<ClientResult<typename Request::Response>> ask_anybody(Request request, Instant deadline,
                                                             std::int16_t limit = INT16_MAX);

  Machine& machine_;
  const AdminOptions options_;
  ClientFacts facts_;
  ClientCluster cluster_;
  std::unique_ptr<Alarm> backoff_;
  int failures_ = 0;
};

template <class Request>
Task<ClientResult<typename Request::Response>> AdminShell::ask_anybody(Request request,
                                                                       Instant deadline,
                                                                       std::int16_t limit) {
  std::string why = "no broker could be reached";
  while (machine_.clock.now() < deadline) {
    const std::optional<std::int32_t> node = co_await cluster_.wait_for_any_node(deadline);
    if (!node) break;
    Result<typename Request::Response> response = co_await cluster_.ask(*node, request, limit);
    if (response) {
      failures_ = 0;
      co_return std::move(*response);
    }
    why = response.error().message();
    if (response.error() == make_error_code(Errc::unsupported)) break;
    const Instant next = next_try(deadline);
    co_await backoff_->wait_until(next);
  }
  const ClientError error(code_of(ErrorCode::request_timed_out),
                          why + " within default.api.timeout.ms");
  co_return error;
}

namespace {

// Keeps what is settled; what may be retried stays open until `last`, and is then told as it is.
template <class Results>
void settle(const Results& results, bool last, std::map<std::string, TopicOutcome>& settled) {
  for (const auto& r : results) {
    const ErrorCode code = error_code_of(r.error_code);
    if (is_retriable(code) && !last) continue;
    std::string name;
    if constexpr (std::is_same_v<std::decay_t<decltype(r.name)>, std::string>) {
      name = r.name;
    } else {
      name = r.name.value_or("");
    }
    std::string why;
    if (code != ErrorCode::none) {
      why = std::string(name_of(code));
      if (r.error_message && !r.error_message->empty()) why += ": " + *r.error_message;
    }
    settled[name] = {name, code_of(code), why};
  }
}

std::vector<TopicOutcome> values(const std::map<std::string, TopicOutcome>& settled) {
  std::vector<TopicOutcome> out;
  for (const auto& [name, outcome] : settled) out.push_back(outcome);
  return out;
}

// Later versions of DeleteTopics spell names differently, to make room for ids.
constexpr std::int16_t kDeleteByNameUpTo = 5;

CreateTopicsRequest::CreatableTopic creatable(const NewTopic& topic) {
  CreateTopicsRequest::CreatableTopic out;
  out.name = topic.name;
  out.num_partitions = topic.partitions;
  out.replication_factor = topic.replication_factor;
  for (const auto& [key, value] : topic.configs) out.configs.push_back({key, value});
  return out;
}

}  // namespace

Task<ClientResult<std::vector<TopicOutcome>>> AdminShell::create(std::vector<NewTopic> topics) {
  const Instant deadline = machine_.clock.now() + options_.default_api_timeout;
  std::map<std::string, TopicOutcome> settled;
  for (;;) {
    CreateTopicsRequest request;
    request.timeout_ms = timeout_ms(deadline);
    for (const NewTopic& topic : topics) {
      if (!settled.contains(topic.name)) request.topics.push_back(creatable(topic));
    }
    if (request.topics.empty()) co_return values(settled);
    ClientResult<CreateTopicsResponse> response = co_await ask_anybody(request, deadline);
    if (response.has_error()) co_return response.error();
    const Instant next = next_try(deadline);
    settle(response->topics, next >= deadline, settled);
    if (settled.size() >= topics.size() || next >= deadline) co_return values(settled);
    co_await backoff_->wait_until(next);
  }
}

Task<ClientResult<std::vector<TopicOutcome>>> AdminShell::remove(std::vector<std::string> names) {
  const Instant deadline = machine_.clock.now() + options_.default_api_timeout;
  std::map<std::string, TopicOutcome> settled;
  for (;;) {
    DeleteTopicsRequest request;
    request.timeout_ms = timeout_ms(deadline);
    for (const std::string& name : names) {
      if (!settled.contains(name)) request.topic_names.push_back(name);
    }
    if (request.topic_names.empty()) co_return values(settled);
    ClientResult<DeleteTopicsResponse> response =
        co_await ask_anybody(request, deadline, kDeleteByNameUpTo);
    if (response.has_error()) co_return response.error();
    const Instant next = next_try(deadline);
    settle(response->responses, next >= deadline, settled);
    if (settled.size() >= names.size() || next >= deadline) co_return values(settled);
    co_await backoff_->wait_until(next);
  }
}

Task<ClientResult<ClusterDescription>> AdminShell::describe(std::vector<std::string> topics) {
  const Instant deadline = machine_.clock.now() + options_.default_api_timeout;
  MetadataRequest request;
  request.allow_auto_topic_creation = false;
  if (topics.empty()) {
    request.topics.reset();
  } else {
    request.topics.emplace();
    for (const std::string& name : topics) request.topics->push_back({{}, name});
  }
  ClientResult<MetadataResponse> response = co_await ask_anybody(request, deadline);
  if (response.has_error()) co_return response.error();
  ClusterDescription out;
  out.cluster_id = response->cluster_id.value_or("");
  out.controller = response->controller_id;
  for (const auto& b : response->brokers) {
    out.brokers.push_back({b.node_id, {b.host, static_cast<std::uint16_t>(b.port)}});
  }
  for (const auto& t : response->topics) {
    TopicDescription topic{t.name.value_or(""), t.error_code, {}};
    for (const auto& p : t.partitions) {
      topic.partitions.push_back(
          {p.partition_index, p.leader_id, p.leader_epoch, p.replica_nodes, p.isr_nodes});
    }
    std::ranges::sort(topic.partitions, {}, &PartitionDescription::partition);
    out.topics.push_back(std::move(topic));
  }
  co_return out;
}

Task<> AdminShell::close() {
  co_await cluster_.close();
  facts_.emit(FactKind::client_closed, "");
}

Admin::Admin(Machine& machine, AdminOptions options, Recorder* recorder)
    : shell_(std::make_unique<AdminShell>(machine, std::move(options), recorder)) {}
Admin::~Admin() = default;

Task<> Admin::start() {
  shell_->start();
  co_return;
}
Task<ClientResult<std::vector<TopicOutcome>>> Admin::create_topics(std::vector<NewTopic> topics) {
  return shell_->create(std::move(topics));
}
Task<ClientResult<std::vector<TopicOutcome>>> Admin::delete_topics(std::vector<std::string> names) {
  return shell_->remove(std::move(names));
}
Task<ClientResult<ClusterDescription>> Admin::describe(std::vector<std::string> topics) {
  return shell_->describe(std::move(topics));
}
Task<> Admin::close() { return shell_->close(); }

}  // namespace weir
