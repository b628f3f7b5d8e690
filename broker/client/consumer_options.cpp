// The one description of the options of consumer and admin each.
#include "broker/client/consumer_options.h"

namespace weir {
namespace {

constexpr OptionChoice kResets[] = {{"latest", static_cast<int>(AutoOffsetReset::latest)},
                                    {"earliest", static_cast<int>(AutoOffsetReset::earliest)},
                                    {"none", static_cast<int>(AutoOffsetReset::none)}};
constexpr OptionChoice kIsolations[] = {{"read_uncommitted", 0}, {"read_committed", 1}};

constexpr std::string_view kNoGroups =
    "not served yet: consumer groups; assign partitions by hand and leave it out";
constexpr RefusedOption kRefusedOfConsumer[] = {
    {"group.id", kNoGroups},
    {"group.instance.id", kNoGroups},
    {"group.protocol", kNoGroups},
    {"enable.auto.commit", "expected false: there is no group to commit to yet", "false"},
    {"auto.commit.interval.ms", kNoGroups},
    {"session.timeout.ms", kNoGroups},
    {"heartbeat.interval.ms", kNoGroups},
    {"max.poll.interval.ms", kNoGroups},
    {"partition.assignment.strategy", kNoGroups},
    {"key.deserializer", "not served: keys and values are bytes here"},
    {"value.deserializer", "not served: keys and values are bytes here"},
    {"security.protocol", "not served: expected PLAINTEXT", "PLAINTEXT"},
    {"connections.max.idle.ms", "not served: idle connections stay open", "-1"},
    {"client.rack", "not served: this consumer reads from leaders alone", ""},
};
constexpr RefusedOption kRefusedByAdmin[] = {
    {"security.protocol", "not served: expected PLAINTEXT", "PLAINTEXT"},
};

template <class Self, class Visitor>
void consumer_fields(Self& o, Visitor& v) {
  ConnectionOptions::fields(o.connection, v);
  v.choice("auto.offset.reset", o.auto_offset_reset, kResets);
  v.choice("isolation.level", o.isolation_level, kIsolations);
  v.number("fetch.min.bytes", o.fetch_min_bytes, 0, kMaxInt32);
  v.number("fetch.max.bytes", o.fetch_max_bytes, 0, kMaxInt32);
  v.millis("fetch.max.wait.ms", o.fetch_max_wait, 0, kMaxInt32);
  v.number("max.partition.fetch.bytes", o.max_partition_fetch_bytes, 0, kMaxInt32);
  v.number("max.poll.records", o.max_poll_records, 1, kMaxInt32);
  v.flag("check.crcs", o.check_crcs);
  v.millis("default.api.timeout.ms", o.default_api_timeout, 0, kMaxInt32);
}

template <class Self, class Visitor>
void admin_fields(Self& o, Visitor& v) {
  ConnectionOptions::fields(o.connection, v);
  v.millis("default.api.timeout.ms", o.default_api_timeout, 0, kMaxInt32);
}

}  // namespace

ParsedOptions<ConsumerOptions> ConsumerOptions::from(const OptionMap& given) {
  ConsumerOptions options;
  OptionReader reader(given);
  consumer_fields(options, reader);
  OptionErrors errors = reader.finish(kRefusedOfConsumer);
  if (!errors.errors.empty()) return errors;
  return options;
}

std::string ConsumerOptions::to_json() const {
  OptionPrinter printer;
  consumer_fields(*this, printer);
  return std::move(printer).finish();
}

ParsedOptions<AdminOptions> AdminOptions::from(const OptionMap& given) {
  AdminOptions options;
  OptionReader reader(given);
  admin_fields(options, reader);
  OptionErrors errors = reader.finish(kRefusedByAdmin);
  if (!errors.errors.empty()) return errors;
  return options;
}

std::string AdminOptions::to_json() const {
  OptionPrinter printer;
  admin_fields(*this, printer);
  return std::move(printer).finish();
}

}  // namespace weir
