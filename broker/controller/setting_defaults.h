// The settings as DescribeConfigs tells them: each with its type and its default as text.
//
// What a setting means, and which values it takes, settings.h knows. A test holds the two together.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir {

// Kafka's ConfigDef types as DescribeConfigs numbers them.
enum class SettingType : std::int8_t {
  boolean = 1,
  string = 2,
  int32 = 3,
  int16 = 4,
  int64 = 5,
  real = 6,
  list = 7,
};

struct TopicSettingInfo {
  std::string_view name;
  std::string_view broker_name;  // by which brokers give the default of all topics
  SettingType type;
  std::string_view default_value;
};
struct BrokerSettingInfo {
  std::string_view name;
  SettingType type;
  std::string_view default_value;
};

// Sorted by name. Names that are for tests alone ("internal.") are left out, as Kafka does.
[[nodiscard]] std::span<const TopicSettingInfo> topic_setting_infos();
// Those that are brokers' own, not defaults of topics.
[[nodiscard]] std::span<const BrokerSettingInfo> broker_setting_infos();

}  // namespace weir
