// Admin: topics are made, removed and described; on the ports.
//
// Every call retries what may be retried until default.api.timeout.ms, and answers one outcome a
// topic. A retried creation may find its own earlier success: TOPIC_ALREADY_EXISTS then is what
// Kafka tells too.
#pragma once

#include <memory>

#include "broker/client/client_types.h"
#include "broker/client/consumer_options.h"
#include "broker/client/shell/recorder.h"
#include "broker/ports/machine.h"

namespace weir {

class AdminShell;

class Admin {
 public:
  Admin(Machine&, AdminOptions, Recorder* = nullptr);
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  [[nodiscard]] Task<> start();
  [[nodiscard]] Task<ClientResult<std::vector<TopicOutcome>>> create_topics(std::vector<NewTopic>);
  [[nodiscard]] Task<ClientResult<std::vector<TopicOutcome>>> delete_topics(
      std::vector<std::string> names);
  // Brokers, and the named topics; all topics where no name is given.
  [[nodiscard]] Task<ClientResult<ClusterDescription>> describe(
      std::vector<std::string> topics = {});
  [[nodiscard]] Task<> close();

 private:
  std::unique_ptr<AdminShell> shell_;
};

}  // namespace weir
