// Writing of events.jsonl: fixed key order, integers only, digests as 16 hex digits.
#include "scenarios/event_log.h"

#include <nlohmann/json.hpp>

namespace weir {
namespace {

// A line under construction; the first member needs no comma.
class Line {
 public:
  explicit Line(std::string& out) : out_(out) { out_ += '{'; }

  void number(std::string_view key, std::int64_t value) {
    name(key);
    out_ += std::to_string(value);
  }
  void count(std::string_view key, std::uint64_t value) {
    name(key);
    out_ += std::to_string(value);
  }
  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    name(key);
    out_ += nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  void hex(std::string_view key, std::uint64_t value) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    name(key);
    out_ += '"';
    for (int shift = 60; shift >= 0; shift -= 4) out_ += kDigits[(value >> shift) & 15];
    out_ += '"';
  }
  void end() { out_ += "}\n"; }

 private:
  void name(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += key;
    out_ += "\":";
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace

std::string_view timeline_class(FactKind kind) {
  const std::string_view name = name_of(kind);
  if (kind == FactKind::request_sent || kind == FactKind::response_sent) return "send";
  if (kind == FactKind::request_received || kind == FactKind::response_received) return "recv";
  if (kind == FactKind::message_dropped) return "drop";
  if (kind == FactKind::send_acknowledged) return "promise";
  if (name.starts_with("fault.") || name.starts_with("node.") || name.starts_with("disk.")) {
    return "fault";
  }
  return "state";
}

std::uint64_t EventLog::fact_behind(std::uint64_t sequence) const {
  return sequence < origin_.size() ? origin_[sequence] : 0;
}

void EventLog::on_event(const TracedEvent& event) {
  const std::uint64_t origin = fact_behind(event.cause);
  origin_.resize(event.sequence + 1, 0);
  origin_[event.sequence] = origin;
}

void EventLog::on(const Observed& seen) {
  const Fact& f = seen.fact;
  origin_.resize(seen.sequence + 1, 0);
  origin_[seen.sequence] = seen.sequence;
  Line line(text_);
  line.count("seq", seen.sequence);
  line.number("t", seen.at.ns);
  line.text("n", seen.node_name);
  line.text("k", timeline_class(f.kind));
  line.count("cause", fact_behind(seen.cause));
  line.text("what", name_of(f.kind));
  if (f.partition >= 0) {
    line.text("tp", std::string(f.topic) + "-" + std::to_string(f.partition));
  } else {
    line.text("topic", f.topic);
  }
  if (f.api >= 0) line.number("api", f.api);
  if (f.epoch >= 0) line.number("epoch", f.epoch);
  if (f.old != 0 || f.value != 0) {
    line.number("old", f.old);
    line.number("value", f.value);
  }
  if (f.operation >= 0) line.number("op", f.operation);
  if (f.producer >= 0) {
    line.number("producer", f.producer);
    line.number("producer_epoch", f.producer_epoch);
  }
  if (f.sequence >= 0) line.number("sequence", f.sequence);
  if (f.digest != 0) line.hex("digest", f.digest);
  line.text("record", f.record);
  line.text("peer", f.peer);
  line.text("why", f.why);
  line.end();
  ++lines_;
}

}  // namespace weir
