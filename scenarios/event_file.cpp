// Reading of events.jsonl, line by line.
#include "scenarios/event_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"
#include "scenarios/json_text.h"

namespace weir {
namespace {

std::int64_t integer(const nlohmann::json& line, const char* key, std::int64_t otherwise) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number_integer() ? found->get<std::int64_t>() : otherwise;
}

std::string text(const nlohmann::json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

LoggedEvent event_of(const nlohmann::json& line) {
  LoggedEvent event;
  event.sequence = integer(line, "seq", -1);
  event.cause = integer(line, "cause", 0);
  event.at = integer(line, "t", 0);
  event.node = text(line, "n");
  event.what = text(line, "what");
  event.kind = fact_kind_named(event.what);
  event.tp = text(line, "tp");
  event.api = integer(line, "api", -1);
  event.epoch = integer(line, "epoch", -1);
  event.old = integer(line, "old", 0);
  event.value = integer(line, "value", 0);
  event.operation = integer(line, "op", -1);
  event.producer = integer(line, "producer", -1);
  event.producer_epoch = integer(line, "producer_epoch", -1);
  event.number = integer(line, "sequence", -1);
  event.record = text(line, "record");
  event.peer = text(line, "peer");
  event.why = text(line, "why");
  return event;
}

}  // namespace

EventFile EventFile::parse(std::string_view text, std::string& error) {
  EventFile file;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++number;
    const nlohmann::json json = parse_json(line);
    LoggedEvent event = json.is_object() ? event_of(json) : LoggedEvent{};
    const std::int64_t before = file.events_.empty() ? -1 : file.events_.back().sequence;
    if (event.sequence <= before || event.what.empty()) {
      error = "line " + std::to_string(number) +
              ": expected an event, an object with \"seq\" (above the one before) and \"what\"";
      return file;
    }
    event.line = line;
    file.events_.push_back(std::move(event));
  }
  return file;
}

std::size_t EventFile::position(std::int64_t sequence) const {
  const auto at = std::ranges::lower_bound(events_, sequence, {}, &LoggedEvent::sequence);
  return static_cast<std::size_t>(at - events_.begin());
}

const LoggedEvent* EventFile::find(std::int64_t sequence) const {
  const std::size_t at = position(sequence);
  return at < events_.size() && events_[at].sequence == sequence ? &events_[at] : nullptr;
}

bool appends(const LoggedEvent& e, std::int64_t offset) {
  return e.kind == FactKind::log_appended && e.old <= offset && offset <= e.value;
}

bool cuts_off(const LoggedEvent& e, std::int64_t offset) {
  return e.kind == FactKind::log_truncated && e.value <= offset && offset < e.old;
}

bool passes(const LoggedEvent& e, std::int64_t offset) {
  return e.kind == FactKind::hw_advanced && e.old <= offset && offset < e.value;
}

RecordPlace parse_place(std::string_view text) {
  RecordPlace place;
  const std::size_t at = text.rfind('@');
  place.tp = text.substr(0, at);
  if (at == std::string_view::npos) return place;
  const auto offset = parse_unsigned(text.substr(at + 1));
  if (offset) place.offset = static_cast<std::int64_t>(*offset);
  return place;
}

}  // namespace weir
