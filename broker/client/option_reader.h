// Reading options by Kafka's names: every mistake is told with key, value and expectation.
//
// Each options struct has one description, `fields(visitor)`; reading, printing as JSON text and
// the list of known names come from it. All mistakes are reported, not only the first. What Kafka
// knows but this client does not serve is refused by name with the reason, never ignored in
// silence.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/result.h"
#include "broker/base/time.h"

namespace weir {

// Where a server listens: a node's name in the simulator, a name or an address on real machines.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  friend auto operator<=>(const HostPort&, const HostPort&) = default;
};

struct OptionError {
  std::string key;
  std::string value;
  std::string expected;  // what would have been right, as a phrase
  std::string did_you_mean = {};
  // "linger.ms = \"-1\": expected a whole number of milliseconds from 0 to 2147483647"
  [[nodiscard]] std::string text() const;
};

struct OptionErrors {
  std::vector<OptionError> errors;
  [[nodiscard]] std::string text() const;  // one line an error
};
// For Result::value() in tests and examples: throws std::invalid_argument with the text.
[[noreturn]] void throw_exception_from_error(const OptionErrors&, const boost::source_location&);

template <class Options>
using ParsedOptions = boost::system::result<Options, OptionErrors>;

using OptionMap = std::map<std::string, std::string, std::less<>>;

// A name that Kafka has and this client refuses, unless `fine` is its value.
struct RefusedOption {
  std::string_view key;
  std::string_view why;
  std::string_view fine = {};
};

// One value of an option that has a closed list of values.
struct OptionChoice {
  std::string_view name;
  int value;
};

// The visitor that reads. Absent keys leave the default as it is.
class OptionReader {
 public:
  explicit OptionReader(const OptionMap& given) : given_(given) {}

  void text(std::string_view key, std::string& value);
  void servers(std::string_view key, std::vector<HostPort>& value);
  void millis(std::string_view key, Duration& value, std::int64_t low, std::int64_t high);
  void number(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high);
  void flag(std::string_view key, bool& value);
  template <class Enum>
  void choice(std::string_view key, Enum& value, std::span<const OptionChoice> choices) {
    if (const OptionChoice* chosen = choose(key, choices)) value = static_cast<Enum>(chosen->value);
  }

  [[nodiscard]] bool given(std::string_view key) const;
  void fail(std::string_view key, std::string expected);

  // Reports the keys that no field asked for, and returns all that was wrong.
  [[nodiscard]] OptionErrors finish(std::span<const RefusedOption> refused);

 private:
  const std::string* find(std::string_view key);
  const OptionChoice* choose(std::string_view key, std::span<const OptionChoice> choices);
  bool whole_number(std::string_view key, std::int64_t low, std::int64_t high,
                    std::string_view unit, std::int64_t& out);

  const OptionMap& given_;
  std::set<std::string, std::less<>> known_;
  OptionErrors errors_;
};

// The visitor that prints the configuration in force as one JSON object, keys in the order of
// fields().
class OptionPrinter {
 public:
  void text(std::string_view key, const std::string& value);
  void servers(std::string_view key, const std::vector<HostPort>& value);
  void millis(std::string_view key, Duration value, std::int64_t, std::int64_t);
  void number(std::string_view key, std::int64_t value, std::int64_t, std::int64_t);
  void flag(std::string_view key, bool value);
  template <class Enum>
  void choice(std::string_view key, Enum value, std::span<const OptionChoice> choices) {
    for (const OptionChoice& c : choices) {
      if (c.value == static_cast<int>(value)) return raw(key, c.name, true);
    }
  }
  [[nodiscard]] std::string finish() && { return std::move(out_ += '}'); }

 private:
  void raw(std::string_view key, std::string_view value, bool quoted);
  std::string out_ = "{";
};

inline constexpr std::int64_t kMaxInt32 = 2147483647;

// What a client does when none of the brokers that it knows can be used (KIP-899).
enum class MetadataRecovery : int { rebootstrap, none };
inline constexpr OptionChoice kMetadataRecoveries[] = {
    {"rebootstrap", static_cast<int>(MetadataRecovery::rebootstrap)},
    {"none", static_cast<int>(MetadataRecovery::none)}};

// What producer, consumer and admin share: how to reach the cluster.
struct ConnectionOptions {
  std::vector<HostPort> bootstrap_servers;
  std::string client_id;
  Duration request_timeout = std::chrono::seconds(30);
  Duration connection_setup_timeout = std::chrono::seconds(10);
  Duration reconnect_backoff = std::chrono::milliseconds(50);
  Duration reconnect_backoff_max = std::chrono::seconds(1);
  Duration retry_backoff = std::chrono::milliseconds(100);
  Duration retry_backoff_max = std::chrono::seconds(1);
  Duration metadata_max_age = std::chrono::minutes(5);
  MetadataRecovery metadata_recovery = MetadataRecovery::rebootstrap;
  Duration rebootstrap_trigger = std::chrono::minutes(5);  // of failing refreshes (KIP-1102)

  template <class Self, class Visitor>
  static void fields(Self& o, Visitor& v) {
    v.servers("bootstrap.servers", o.bootstrap_servers);
    v.text("client.id", o.client_id);
    v.millis("request.timeout.ms", o.request_timeout, 0, kMaxInt32);
    v.millis("socket.connection.setup.timeout.ms", o.connection_setup_timeout, 1, kMaxInt32);
    v.millis("reconnect.backoff.ms", o.reconnect_backoff, 0, kMaxInt32);
    v.millis("reconnect.backoff.max.ms", o.reconnect_backoff_max, 0, kMaxInt32);
    v.millis("retry.backoff.ms", o.retry_backoff, 0, kMaxInt32);
    v.millis("retry.backoff.max.ms", o.retry_backoff_max, 0, kMaxInt32);
    v.millis("metadata.max.age.ms", o.metadata_max_age, 1, kMaxInt32);
    v.choice("metadata.recovery.strategy", o.metadata_recovery, kMetadataRecoveries);
    v.millis("metadata.recovery.rebootstrap.trigger.ms", o.rebootstrap_trigger, 0, kMaxInt32);
  }
};

}  // namespace weir
