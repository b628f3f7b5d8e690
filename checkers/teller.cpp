// Teller: violations made of findings, each with its record, its events and its argument.
#include <algorithm>

#include "broker/base/text.h"
#include "checkers/judge.h"

namespace weir::judging {
namespace {

std::string moment(Instant at) { return readable_duration(Duration(at.ns)); }

std::string text_field(const Finding& f, std::string_view name) {
  const FieldValue* field = f.field(name);
  const auto* datum = field == nullptr ? nullptr : std::get_if<Datum>(field);
  return datum == nullptr ? std::string() : datum->text;
}

std::vector<std::int64_t> offsets_of(const Finding& f) {
  const FieldValue* field = f.field("offsets");
  const auto* list = field == nullptr ? nullptr : std::get_if<std::vector<std::int64_t>>(field);
  return list == nullptr ? std::vector<std::int64_t>() : *list;
}

std::string place(const Finding& f, std::int64_t offset) {
  return offset == kNoOffset ? f.key : f.key + "@" + std::to_string(offset);
}

// At the furthest of its offsets, where it names several.
std::string place(const Finding& f) {
  const std::vector<std::int64_t> offsets = offsets_of(f);
  const std::int64_t offset = f.integer("offset", kNoOffset);
  if (offset != kNoOffset || offsets.empty()) return place(f, offset);
  return place(f, *std::ranges::max_element(offsets));
}

std::string listed(const std::vector<std::int64_t>& offsets) {
  std::string list;
  for (const std::int64_t offset : offsets) list += (list.empty() ? "" : ", ") + grouped(offset);
  return list;
}

// ", event #117", where it is known.
std::string behind(std::int64_t event) { return event < 0 ? "" : ", " + event_at(event); }

}  // namespace

Violation Teller::plain(const Finding& f) const {
  Violation v;
  v.record = place(f);
  if (!f.events.empty()) v.made = f.events.front();
  if (f.events.size() > 1) v.seen.assign(f.events.begin() + 1, f.events.end());
  v.argument.push_back(std::string(name_of(f.kind)) + ": " + f.argument);
  return v;
}

const HistoryOp* Teller::op_of(const Finding& f, std::string_view name) const {
  const std::int64_t index = f.integer(name, -1);
  if (index < 0) return nullptr;
  auto position = static_cast<std::size_t>(index);
  if (!history_.indexes.empty()) {
    const auto at = std::ranges::lower_bound(history_.indexes, index);
    position = static_cast<std::size_t>(at - history_.indexes.begin());
  }
  return position < history_.ops.size() ? &history_.ops[position] : nullptr;
}

Violation Teller::loss(const Finding& f) const {
  Violation v = plain(f);
  v.argument.clear();
  const std::string id = text_field(f, "value"), node = text_field(f, "replica");
  const HistoryOp* writer = op_of(f, "writer");
  const Instant acked{writer == nullptr ? 0 : writer->time};
  v.argument.push_back(v.record + " (" + id + ") acknowledged to " + std::string(client_of_id(id)) +
                       " at " + moment(acked) + behind(v.made));
  tell_cut(v, f, node.empty() ? "every node" : node);
  const std::int64_t elsewhere = f.integer("elsewhere", kNoOffset);
  const std::string damage = text_field(f, "damage");
  const std::string whose = "the log of " + (node.empty() ? std::string("every node") : node);
  if (elsewhere != kNoOffset) {
    v.argument.push_back("at the end " + whose + " has it at offset " + grouped(elsewhere) +
                         " instead");
  } else if (!damage.empty()) {
    v.argument.push_back(whose + " is damaged: " + damage);
  } else {
    const bool of_a_key = f.field("record_key") != nullptr;
    v.argument.push_back(of_a_key
                             ? "at the end neither it nor anything newer of its key is in " + whose
                             : "at the end it is not in " + whose);
  }
  if (f.field("max_read") != nullptr) {
    v.argument.push_back("noticed: operation " + std::to_string(f.integer("max_read", -1)) +
                         " read beyond it, and no poll ever saw it");
  }
  return v;
}

void Teller::tell_cut(Violation& v, const Finding& f, const std::string& node) const {
  const std::int64_t offset = f.integer("offset", kNoOffset);
  if (facts_ == nullptr) return;
  for (const LogCut& cut : facts_->cuts) {
    const bool covers = cut.to <= offset && offset < cut.from;
    if (cut.key != f.key || cut.node != node || !covers || cut.event < v.made) continue;
    v.broken = cut.event;
    v.argument.push_back("lost: the log of " + cut.node + " went from " + grouped(cut.from) +
                         " to " + grouped(cut.to) + " at " + moment(cut.at) + ", " +
                         event_at(cut.event) + ": " + cut.why);
    return;
  }
}

Violation Teller::missing(const Finding& f) const {
  Violation v = plain(f);
  v.seen.clear();
  const bool acknowledged = f.integer("offset", kNoOffset) != kNoOffset;
  v.argument = {text_field(f, "value") + (acknowledged ? " was acknowledged" : " was sent") +
                behind(v.made) + ", and is on no log"};
  return v;
}

Violation Teller::duplicate(const Finding& f) const {
  Violation v = plain(f);
  const std::string id = text_field(f, "value");
  const SentRecord* sent = facts_ == nullptr ? nullptr : facts_->find_sent(id);
  v.argument.clear();
  if (!f.events.empty()) {
    v.argument.push_back(
        id + " was sent once" +
        (sent == nullptr ? "" : ", in " + counted(sent->attempts, "attempt", "attempts")) +
        behind(v.made));
  }
  v.argument.push_back("stored at offsets " + listed(offsets_of(f)) + " in the log of " +
                       text_field(f, "replica"));
  return v;
}

Violation Teller::stored_twice(const Finding& f) const {
  Violation v = plain(f);
  v.seen.clear();
  const std::vector<std::int64_t> offsets = offsets_of(f);
  if (offsets.empty()) return v;
  v.argument = {text_field(f, "value") + " is stored " +
                counted(f.integer("count", 0), "time", "times") + ", first at offset " +
                grouped(offsets.front())};
  return v;
}

Violation Teller::vanished(const Finding& f) const {
  Violation v = plain(f);
  const std::string node = text_field(f, "replica");
  v.argument = {text_field(f, "value") + " was read at offset " +
                grouped(f.integer("offset", kNoOffset)) + behind(v.made) +
                ", and at the end it is not there in " +
                (node.empty() ? std::string("any log") : "the log of " + node)};
  return v;
}

}  // namespace weir::judging
