// DeleteTopics: by name, and from v6 also by id. In a cluster the active controller deletes.
#include "broker/node/controller/forward.h"
#include "broker/node/handlers.h"
#include "broker/node/node.h"
#include "broker/wire/error_code.h"

namespace weir {
namespace {

using AskedDeletion = DeleteTopicsRequest::DeleteTopicState;
using AnsweredDeletion = DeleteTopicsResponse::DeletableTopicResult;

constexpr std::int16_t kFirstWithIds = 6;
constexpr std::int16_t kFirstWithDeletionDisabled = 3;

std::vector<AskedDeletion> what_is_asked(DeleteTopicsRequest& request, std::int16_t version) {
  if (version >= kFirstWithIds) return std::move(request.topics);
  std::vector<AskedDeletion> asked;
  for (std::string& name : request.topic_names) asked.push_back({std::move(name), {}});
  return asked;
}

// Fills in name and id of the topic that is meant, or says why there is none.
ErrorCode identify(const Node& node, std::int16_t version, AnsweredDeletion& answer) {
  const bool by_id = !answer.topic_id.is_zero();
  if (by_id == answer.name.has_value()) return ErrorCode::invalid_request;
  if (!node.settings.delete_topic_enable) {
    return version >= kFirstWithDeletionDisabled ? ErrorCode::topic_deletion_disabled
                                                 : ErrorCode::invalid_request;
  }
  const auto topic =
      by_id ? node.image()->topic(answer.topic_id) : node.image()->topic(*answer.name);
  if (topic == nullptr) {
    return by_id ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
  }
  answer.name = topic->name;
  answer.topic_id = topic->id;
  return ErrorCode::none;
}

}  // namespace

Task<DeleteTopicsResponse> handle(Node& node, RequestContext& context,
                                  DeleteTopicsRequest request) {
  DeleteTopicsResponse response;
  if (context.listener == ListenerKind::broker) {
    response = co_await forward(node, context, std::move(request));
    co_return response;
  }
  const std::vector<AskedDeletion> all = what_is_asked(request, context.version());
  for (const AskedDeletion& asked : all) {
    AnsweredDeletion answer;
    answer.name = asked.name;
    answer.topic_id = asked.topic_id;
    ErrorCode error = identify(node, context.version(), answer);
    if (error == ErrorCode::none) {
      error = co_await node.topics.remove(*answer.name);
    }
    answer.error_code = code_of(error);
    response.responses.push_back(std::move(answer));
  }
  co_return response;
}

void describe(const DeleteTopicsResponse& response, Phrase& phrase) {
  for (const AnsweredDeletion& topic : response.responses) {
    if (phrase.full()) return;
    phrase << " " << (topic.name ? std::string_view(*topic.name) : std::string_view("by-id"));
    if (topic.error_code != 0) phrase << " " << name_of(error_code_of(topic.error_code));
  }
}

}  // namespace weir
