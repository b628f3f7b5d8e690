// DescribeConfigs (KIP-133, KIP-226): what is in force for a topic or a broker, and who said so.
//
// In the order in which they count: the topic's own setting, the dynamic one of this broker, the
// dynamic default of all brokers, the broker's file, Kafka's default. Settings of brokers are told
// by the broker itself, or, for all of them (an empty name), only the dynamic ones.
#include <algorithm>

#include "broker/base/text.h"
#include "broker/controller/setting_defaults.h"
#include "broker/node/handlers.h"
#include "broker/node/node.h"

namespace weir {
namespace {

using AskedConfigs = DescribeConfigsRequest::DescribeConfigsResource;
using AnsweredConfigs = DescribeConfigsResponse::DescribeConfigsResult;
using Config = DescribeConfigsResponse::DescribeConfigsResourceResult;
using Synonym = DescribeConfigsResponse::DescribeConfigsSynonym;

// Kafka's ConfigResource.Type and ConfigSource.
constexpr std::int8_t kTopic = 2;
constexpr std::int8_t kBroker = 4;
constexpr std::int8_t kSetByTopic = 1;
constexpr std::int8_t kSetByBroker = 2;
constexpr std::int8_t kSetForAllBrokers = 3;
constexpr std::int8_t kSetInFile = 4;
constexpr std::int8_t kDefault = 5;

struct Question {
  const Node& node;
  const MetadataImage& image;
  const AskedConfigs& asked;
  bool synonyms;
};

bool is_wanted(const AskedConfigs& asked, std::string_view name) {
  // An empty list asks for all as well, as in Kafka.
  if (!asked.configuration_keys || asked.configuration_keys->empty()) return true;
  const auto& keys = *asked.configuration_keys;
  return std::find(keys.begin(), keys.end(), name) != keys.end();
}

void add_if_set(const std::string* value, std::string_view name, std::int8_t source,
                std::vector<Synonym>& said) {
  if (value != nullptr) said.push_back({std::string(name), *value, source});
}

// What brokers say under this name, whatever counts first.
void add_of_broker(const Question& q, std::string_view name, std::vector<Synonym>& said) {
  const std::string self = std::to_string(q.node.config.id.value());
  add_if_set(q.image.broker_config(self, name), name, kSetByBroker, said);
  add_if_set(q.image.broker_config({}, name), name, kSetForAllBrokers, said);
  const auto in_file = q.node.config.settings.find(name);
  if (in_file != q.node.config.settings.end()) {
    said.push_back({std::string(name), in_file->second, kSetInFile});
  }
}

void tell(const Question& q, std::string_view name, SettingType type, bool read_only,
          std::vector<Synonym> said, AnsweredConfigs& answer) {
  Config& config = answer.configs.emplace_back();
  config.name = name;
  config.value = said.front().value;
  config.config_source = said.front().source;
  config.config_type = static_cast<std::int8_t>(type);
  config.read_only = read_only;
  config.documentation = std::nullopt;
  if (q.synonyms) config.synonyms = std::move(said);
}

void describe_topic(const Question& q, AnsweredConfigs& answer) {
  const std::string& name = q.asked.resource_name;
  const auto topic = q.image.topic(name);
  if (topic == nullptr) {
    answer.error_code =
        code_of(why_illegal_topic_name(name) != nullptr ? ErrorCode::invalid_topic_exception
                                                        : ErrorCode::unknown_topic_or_partition);
    return;
  }
  for (const TopicSettingInfo& info : topic_setting_infos()) {
    if (!is_wanted(q.asked, info.name)) continue;
    std::vector<Synonym> said;
    const auto own = topic->configs.find(info.name);
    add_if_set(own == topic->configs.end() ? nullptr : &own->second, info.name, kSetByTopic, said);
    if (!info.broker_name.empty()) add_of_broker(q, info.broker_name, said);
    said.push_back({std::string(info.broker_name.empty() ? info.name : info.broker_name),
                    std::string(info.default_value), kDefault});
    tell(q, info.name, info.type, false, std::move(said), answer);
  }
}

// The dynamic settings of all brokers; of one that is not this one nothing else is known here.
void describe_all_brokers(const Question& q, AnsweredConfigs& answer) {
  const auto found = q.image.broker_configs().find("");
  if (found == q.image.broker_configs().end()) return;
  for (const auto& [name, value] : found->second) {
    if (!is_wanted(q.asked, name)) continue;
    tell(q, name, SettingType::string, false, {{name, value, kSetForAllBrokers}}, answer);
  }
}

void describe_broker(const Question& q, AnsweredConfigs& answer) {
  const std::string& name = q.asked.resource_name;
  if (name.empty()) return describe_all_brokers(q, answer);
  if (parse_integer(name) != q.node.config.id.value()) {
    answer.error_code = code_of(ErrorCode::invalid_request);
    answer.error_message = "broker " + std::to_string(q.node.config.id.value()) +
                           " tells its own settings only, not those of \"" + name + "\"";
    return;
  }
  const auto one = [&](std::string_view setting, SettingType type, std::string_view fallback) {
    if (setting.empty() || !is_wanted(q.asked, setting)) return;
    std::vector<Synonym> said;
    add_of_broker(q, setting, said);
    said.push_back({std::string(setting), std::string(fallback), kDefault});
    tell(q, setting, type, false, std::move(said), answer);
  };
  for (const BrokerSettingInfo& i : broker_setting_infos()) one(i.name, i.type, i.default_value);
  for (const TopicSettingInfo& i : topic_setting_infos()) {
    one(i.broker_name, i.type, i.default_value);
  }
}

}  // namespace

Task<DescribeConfigsResponse> handle(Node& node, RequestContext&, DescribeConfigsRequest request) {
  DescribeConfigsResponse response;
  const std::shared_ptr<const MetadataImage> image = node.image();
  for (const AskedConfigs& asked : request.resources) {
    AnsweredConfigs& answer = response.results.emplace_back();
    answer.resource_type = asked.resource_type;
    answer.resource_name = asked.resource_name;
    answer.error_message = std::nullopt;
    const Question question{node, *image, asked, request.include_synonyms};
    if (asked.resource_type == kTopic) {
      describe_topic(question, answer);
    } else if (asked.resource_type == kBroker) {
      describe_broker(question, answer);
    } else {
      answer.error_code = code_of(ErrorCode::invalid_request);
      answer.error_message = "expected a topic (2) or a broker (4)";
    }
  }
  co_return response;
}

}  // namespace weir
