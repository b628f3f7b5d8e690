// The table of settings, and how a written value is checked against it.
#include "broker/controller/settings.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <stdexcept>
#include <variant>

#include "broker/base/suggest.h"

namespace weir {
namespace {

constexpr std::int64_t kInt32 = 2147483647;
constexpr std::int64_t kMillisPerHour = 3600000;
constexpr std::int64_t kMillisPerMinute = 60000;

template <class Settings>
struct WholeNumber {
  void (*set)(Settings&, std::int64_t);
  std::int64_t low;
  std::int64_t high;
  std::int64_t unit = 1;  // what a written 1 means; a written -1 stays -1 (no limit)
};
template <class Settings>
struct Flag {
  bool Settings::* field;
};
struct TimestampKind {};
struct CleanupWords {};
// Known to Kafka, of no effect here yet: only the value that asks for nothing is taken.
struct Only {
  std::string_view fine;
  std::string_view why;
};
// Checked, and obeyed trivially by a broker with one replica a partition and no cleaner yet.
struct Trivial {
  std::int64_t low;
  std::int64_t high;
};
struct ZeroToOne {};

using TopicRule = std::variant<WholeNumber<TopicSettings>, Flag<TopicSettings>, TimestampKind,
                               CleanupWords, Only, Trivial, ZeroToOne>;
struct TopicEntry {
  std::string_view name;         // the topic's name of it; empty: only brokers have it
  std::string_view broker_name;  // the broker's name of it
  TopicRule rule;
};

using BrokerRule = std::variant<WholeNumber<BrokerSettings>, Flag<BrokerSettings>, Only, Trivial>;
struct BrokerEntry {
  std::string_view name;
  BrokerRule rule;
};

using T = TopicSettings;
using B = BrokerSettings;
using TopicNumber = WholeNumber<T>;
using BrokerNumber = WholeNumber<B>;

constexpr std::int64_t kMinSegmentBytes = 1 << 20;
// Kafka's back door for tests, below the public minimum. A segment must hold a batch header.
constexpr std::int64_t kMinInternalSegmentBytes = 128;

std::span<const TopicEntry> topic_entries() {
  static constexpr TopicEntry kEntries[] = {
      {"cleanup.policy", "log.cleanup.policy", CleanupWords{}},
      {"compression.type", "compression.type",
       Only{"producer", "the broker stores batches as the producer compressed them"}},
      {"delete.retention.ms", "log.cleaner.delete.retention.ms",
       TopicNumber{[](T& t, std::int64_t v) { t.log.delete_retention_ms = v; }, 0, INT64_MAX}},
      {"file.delete.delay.ms", "log.segment.delete.delay.ms",
       TopicNumber{[](T& t, std::int64_t v) { t.log.file_delete_delay_ms = v; }, 0, INT64_MAX}},
      {"flush.messages", "log.flush.interval.messages",
       TopicNumber{[](T& t, std::int64_t v) { t.log.flush_messages = v; }, 1, INT64_MAX}},
      {"flush.ms", "log.flush.interval.ms",
       TopicNumber{[](T& t, std::int64_t v) { t.log.flush_ms = v; }, 0, INT64_MAX}},
      {"index.interval.bytes", "log.index.interval.bytes",
       TopicNumber{
           [](T& t, std::int64_t v) { t.log.index_interval_bytes = static_cast<std::int32_t>(v); },
           0, kInt32}},
      {"internal.segment.bytes", "internal.log.segment.bytes",
       TopicNumber{[](T& t, std::int64_t v) { t.log.segment_bytes = v; }, kMinInternalSegmentBytes,
                   kInt32}},
      {"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms",
       TopicNumber{[](T& t, std::int64_t v) { t.log.max_compaction_lag_ms = v; }, 1, INT64_MAX}},
      {"max.message.bytes", "message.max.bytes",
       TopicNumber{
           [](T& t, std::int64_t v) { t.log.max_message_bytes = static_cast<std::int32_t>(v); }, 0,
           kInt32}},
      {"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms",
       TopicNumber{[](T& t, std::int64_t v) { t.log.timestamp_after_max_ms = v; }, 0, INT64_MAX}},
      {"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms",
       TopicNumber{[](T& t, std::int64_t v) { t.log.timestamp_before_max_ms = v; }, 0, INT64_MAX}},
      {"message.timestamp.type", "log.message.timestamp.type", TimestampKind{}},
      {"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio", ZeroToOne{}},
      {"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms",
       TopicNumber{[](T& t, std::int64_t v) { t.log.min_compaction_lag_ms = v; }, 0, INT64_MAX}},
      {"min.insync.replicas", "min.insync.replicas",
       TopicNumber{[](T& t, std::int64_t v) { t.min_insync_replicas = v; }, 1, kInt32}},
      {"preallocate", "log.preallocate", Only{"false", "segments grow as they are written"}},
      {"remote.storage.enable", "", Only{"false", "there is no tiered storage"}},
      {"retention.bytes", "log.retention.bytes",
       TopicNumber{[](T& t, std::int64_t v) { t.log.retention_bytes = v; }, -1, INT64_MAX}},
      {"retention.ms", "log.retention.ms",
       TopicNumber{[](T& t, std::int64_t v) { t.log.retention_ms = v; }, -1, INT64_MAX}},
      {"segment.bytes", "log.segment.bytes",
       TopicNumber{[](T& t, std::int64_t v) { t.log.segment_bytes = v; }, kMinSegmentBytes,
                   kInt32}},
      {"segment.index.bytes", "log.index.size.max.bytes",
       TopicNumber{
           [](T& t, std::int64_t v) { t.log.segment_index_bytes = static_cast<std::int32_t>(v); },
           4, kInt32}},
      {"segment.jitter.ms", "log.roll.jitter.ms", Only{"0", "segments roll at their own time"}},
      {"segment.ms", "log.roll.ms",
       TopicNumber{[](T& t, std::int64_t v) { t.log.segment_ms = v; }, 1, INT64_MAX}},
      {"unclean.leader.election.enable", "unclean.leader.election.enable",
       Flag<T>{&T::unclean_leader_election_enable}},
      {"", "log.retention.hours",
       TopicNumber{[](T& t, std::int64_t v) { t.log.retention_ms = v; }, -1, kInt32,
                   kMillisPerHour}},
      {"", "log.retention.minutes",
       TopicNumber{[](T& t, std::int64_t v) { t.log.retention_ms = v; }, -1, kInt32,
                   kMillisPerMinute}},
      {"", "log.roll.hours",
       TopicNumber{[](T& t, std::int64_t v) { t.log.segment_ms = v; }, 1, kInt32, kMillisPerHour}},
  };
  return kEntries;
}

std::span<const BrokerEntry> broker_entries() {
  static constexpr BrokerEntry kEntries[] = {
      {"auto.create.topics.enable", Flag<B>{&B::auto_create_topics_enable}},
      {"auto.leader.rebalance.enable", Flag<B>{&B::auto_leader_rebalance_enable}},
      {"broker.heartbeat.interval.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.broker_heartbeat_interval_ms = v; }, 1, kInt32}},
      {"broker.session.timeout.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.broker_session_timeout_ms = v; }, 1, kInt32}},
      {"connections.max.idle.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.connections_max_idle_ms = v; }, 1,
                    std::int64_t{1} << 40}},
      {"controlled.shutdown.enable", Flag<B>{&B::controlled_shutdown_enable}},
      {"controller.quorum.append.linger.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.quorum_append_linger_ms = v; }, 0, kInt32}},
      {"controller.quorum.election.backoff.max.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.quorum_election_backoff_max_ms = v; }, 0, kInt32}},
      {"controller.quorum.election.timeout.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.quorum_election_timeout_ms = v; }, 1, kInt32}},
      {"controller.quorum.fetch.snapshot.max.bytes",
       BrokerNumber{[](B& b, std::int64_t v) { b.quorum_fetch_snapshot_max_bytes = v; }, 1024,
                    kInt32}},
      {"controller.quorum.fetch.timeout.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.quorum_fetch_timeout_ms = v; }, 1, kInt32}},
      {"controller.quorum.request.timeout.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.quorum_request_timeout_ms = v; }, 1, kInt32}},
      {"controller.quorum.retry.backoff.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.quorum_retry_backoff_ms = v; }, 0, kInt32}},
      {"controller.socket.timeout.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.controller_socket_timeout_ms = v; }, 1, kInt32}},
      {"default.replication.factor",
       BrokerNumber{[](B& b, std::int64_t v) { b.default_replication_factor = v; }, 1, 32767}},
      {"delete.topic.enable", Flag<B>{&B::delete_topic_enable}},
      {"fetch.max.bytes",
       BrokerNumber{[](B& b, std::int64_t v) { b.fetch_max_bytes = v; }, 1024, kInt32}},
      {"initial.broker.registration.timeout.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.initial_broker_registration_timeout_ms = v; }, 1,
                    kInt32}},
      {"leader.imbalance.check.interval.seconds",
       BrokerNumber{[](B& b, std::int64_t v) { b.leader_imbalance_check_interval_seconds = v; }, 1,
                    kInt32}},
      {"max.connections",
       BrokerNumber{[](B& b, std::int64_t v) { b.max_connections = v; }, 0, kInt32}},
      {"metadata.log.max.record.bytes.between.snapshots",
       BrokerNumber{
           [](B& b, std::int64_t v) { b.metadata_log_max_record_bytes_between_snapshots = v; }, 1,
           INT64_MAX}},
      {"metadata.log.max.snapshot.interval.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.metadata_log_max_snapshot_interval_ms = v; }, 0,
                    std::int64_t{1} << 40}},
      {"metadata.max.idle.interval.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.metadata_max_idle_interval_ms = v; }, 0, kInt32}},
      {"num.partitions",
       BrokerNumber{[](B& b, std::int64_t v) { b.num_partitions = v; }, 1, 100000}},
      {"offsets.topic.replication.factor", Trivial{1, 32767}},
      {"log.cleaner.backoff.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.log_cleaner_backoff_ms = v; }, 1,
                    std::int64_t{1} << 40}},
      {"log.cleaner.enable", Flag<B>{&B::log_cleaner_enable}},
      {"log.flush.offset.checkpoint.interval.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.log_flush_offset_checkpoint_interval_ms = v; }, 1,
                    std::int64_t{1} << 40}},
      {"log.retention.check.interval.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.log_retention_check_interval_ms = v; }, 1,
                    std::int64_t{1} << 40}},
      {"producer.id.expiration.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.topic.log.producer_id_expiration_ms = v; }, 1,
                    kInt32}},
      {"replica.fetch.backoff.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.replica_fetch_backoff_ms = v; }, 0, kInt32}},
      {"replica.fetch.max.bytes",
       BrokerNumber{[](B& b, std::int64_t v) { b.replica_fetch_max_bytes = v; }, 0, kInt32}},
      {"replica.fetch.min.bytes",
       BrokerNumber{[](B& b, std::int64_t v) { b.replica_fetch_min_bytes = v; }, 0, kInt32}},
      {"replica.fetch.response.max.bytes",
       BrokerNumber{[](B& b, std::int64_t v) { b.replica_fetch_response_max_bytes = v; }, 0,
                    kInt32}},
      {"replica.fetch.wait.max.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.replica_fetch_wait_max_ms = v; }, 0, kInt32}},
      {"replica.high.watermark.checkpoint.interval.ms",
       BrokerNumber{
           [](B& b, std::int64_t v) { b.replica_high_watermark_checkpoint_interval_ms = v; }, 1,
           std::int64_t{1} << 40}},
      {"replica.lag.time.max.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.replica_lag_time_max_ms = v; }, 1,
                    std::int64_t{1} << 40}},
      {"replica.socket.timeout.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.replica_socket_timeout_ms = v; }, 1, kInt32}},
      {"request.timeout.ms", Trivial{1, kInt32}},
      {"socket.request.max.bytes",
       BrokerNumber{[](B& b, std::int64_t v) { b.socket_request_max_bytes = v; }, 1024, kInt32}},
      {"transaction.state.log.replication.factor", Trivial{1, 32767}},
      {"unclean.leader.election.interval.ms",
       BrokerNumber{[](B& b, std::int64_t v) { b.unclean_leader_election_interval_ms = v; }, 1,
                    std::int64_t{1} << 40}},
  };
  return kEntries;
}

// Empty when fine, else what would have been right.
using Expectation = std::string;

std::string range_text(std::int64_t low, std::int64_t high) {
  return "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> truth(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

Expectation check_range(std::string_view text, std::int64_t low, std::int64_t high) {
  const std::optional<std::int64_t> number = whole_number(text);
  if (!number || *number < low || *number > high) return range_text(low, high);
  return {};
}

// 0 to 1 in millionths, from decimal digits; no floating point. Further digits are cut off.
std::optional<std::int32_t> ratio_ppm(std::string_view text) {
  constexpr std::size_t kDigits = 6;
  constexpr std::int32_t kOne = 1'000'000;
  if (text == "0") return 0;
  if (text == "1" || text == "1.0") return kOne;
  if (!text.starts_with("0.") || text.size() < 3) return std::nullopt;
  std::int32_t ppm = 0;
  std::int32_t unit = kOne / 10;
  for (std::size_t i = 2; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    if (i >= 2 + kDigits) continue;
    ppm += (text[i] - '0') * unit;
    unit /= 10;
  }
  return ppm;
}

template <class Settings>
struct Apply {
  Settings& settings;
  std::string_view text;

  Expectation operator()(const WholeNumber<Settings>& rule) const {
    const std::optional<std::int64_t> number = whole_number(text);
    if (!number || *number < rule.low || *number > rule.high) {
      return range_text(rule.low, rule.high);
    }
    rule.set(settings, *number < 0 ? *number : *number * rule.unit);
    return {};
  }
  Expectation operator()(const Flag<Settings>& rule) const {
    const std::optional<bool> value = truth(text);
    if (!value) return "expected true or false";
    settings.*rule.field = *value;
    return {};
  }
  Expectation operator()(const Only& rule) const {
    if (text == rule.fine) return {};
    return "only \"" + std::string(rule.fine) + "\" is served: " + std::string(rule.why);
  }
  Expectation operator()(const Trivial& rule) const {
    return check_range(text, rule.low, rule.high);
  }
  Expectation operator()(const ZeroToOne&) const {
    const std::optional<std::int32_t> ppm = ratio_ppm(text);
    if (!ppm) return "expected a decimal number from 0 to 1";
    settings.log.min_cleanable_dirty_ppm = *ppm;
    return {};
  }
  Expectation operator()(const TimestampKind&) const {
    if (text == "CreateTime") {
      settings.log.timestamp_type = TimestampType::create_time;
    } else if (text == "LogAppendTime") {
      settings.log.timestamp_type = TimestampType::log_append_time;
    } else {
      return "expected CreateTime or LogAppendTime";
    }
    return {};
  }
  Expectation operator()(const CleanupWords&) const {
    CleanupPolicy policy{false, false};
    std::string_view rest = text;
    for (bool more = true; more;) {
      const std::size_t comma = rest.find(',');
      more = comma != std::string_view::npos;
      std::string_view word = rest.substr(0, comma);
      rest = more ? rest.substr(comma + 1) : std::string_view{};
      while (word.starts_with(' ')) word.remove_prefix(1);
      while (word.ends_with(' ')) word.remove_suffix(1);
      if (word == "compact") {
        policy.compact = true;
      } else if (word == "delete") {
        policy.remove = true;
      } else {
        return "expected delete, compact, or both with a comma between";
      }
    }
    settings.log.cleanup_policy = policy;
    return {};
  }
};

ConfigError unknown_name(const std::string& key, const std::string& value,
                         const std::vector<std::string_view>& names, const char* what) {
  return {key, value, std::string("expected the name of a ") + what,
          std::string(nearest(key, names))};
}

const TopicEntry* find_topic_entry(std::string_view key, bool broker_names_too) {
  for (const TopicEntry& e : topic_entries()) {
    if (!e.name.empty() && e.name == key) return &e;
    if (broker_names_too && !e.broker_name.empty() && e.broker_name == key) return &e;
  }
  return nullptr;
}

const BrokerEntry* find_broker_entry(std::string_view key) {
  for (const BrokerEntry& e : broker_entries()) {
    if (e.name == key) return &e;
  }
  return nullptr;
}

void note(ConfigErrors& errors, const std::string& key, const std::string& value,
          Expectation expected) {
  if (!expected.empty()) errors.errors.push_back({key, value, std::move(expected), {}});
}

std::vector<std::string_view> sorted(std::vector<std::string_view> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::string ConfigError::text() const {
  std::string text = key + " = \"" + value + "\": " + expected;
  if (!did_you_mean.empty()) text += "; did you mean " + did_you_mean + "?";
  return text;
}

std::string ConfigErrors::text() const {
  std::string text;
  for (const ConfigError& error : errors) {
    if (!text.empty()) text += '\n';
    text += error.text();
  }
  return text;
}

void throw_exception_from_error(const ConfigErrors& errors, const boost::source_location&) {
  throw std::invalid_argument(errors.text());
}

Checked<BrokerSettings> parse_broker_settings(const ConfigMap& given) {
  BrokerSettings settings;
  ConfigErrors errors;
  for (const auto& [key, value] : given) {
    if (const BrokerEntry* entry = find_broker_entry(key)) {
      const Apply<BrokerSettings> apply{settings, value};
      note(errors, key, value,
           std::visit([&](const auto& rule) { return apply(rule); }, entry->rule));
    } else if (const TopicEntry* shared = find_topic_entry(key, true)) {
      const Apply<TopicSettings> apply{settings.topic, value};
      note(errors, key, value,
           std::visit([&](const auto& rule) { return apply(rule); }, shared->rule));
    } else {
      errors.errors.push_back(unknown_name(key, value, broker_setting_names(), "broker setting"));
    }
  }
  if (!errors.errors.empty()) return errors;
  return settings;
}

Checked<TopicSettings> parse_topic_settings(const TopicSettings& defaults,
                                            const ConfigMap& overrides) {
  TopicSettings settings = defaults;
  ConfigErrors errors;
  for (const auto& [key, value] : overrides) {
    if (const TopicEntry* entry = find_topic_entry(key, false)) {
      const Apply<TopicSettings> apply{settings, value};
      note(errors, key, value,
           std::visit([&](const auto& rule) { return apply(rule); }, entry->rule));
    } else {
      errors.errors.push_back(unknown_name(key, value, topic_setting_names(), "topic setting"));
    }
  }
  if (!errors.errors.empty()) return errors;
  return settings;
}

std::vector<std::string_view> broker_setting_names() {
  std::vector<std::string_view> names = topic_setting_names();
  for (const TopicEntry& e : topic_entries()) {
    if (!e.broker_name.empty()) names.push_back(e.broker_name);
  }
  for (const BrokerEntry& e : broker_entries()) names.push_back(e.name);
  return sorted(std::move(names));
}

std::vector<std::string_view> topic_setting_names() {
  std::vector<std::string_view> names;
  for (const TopicEntry& e : topic_entries()) {
    if (!e.name.empty()) names.push_back(e.name);
  }
  return sorted(std::move(names));
}

}  // namespace weir
