// One pass over the events with what is known of the record so far; then the readback for its fate.
#include "scenarios/biography.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "broker/base/text.h"

namespace weir {
namespace {

// The sent record of that place: by whom it was read there, or to whom it was confirmed.
std::string identity_at(const EventFile& file, const RecordPlace& place) {
  for (const FactKind kind : {FactKind::poll_record, FactKind::send_acknowledged}) {
    for (const LoggedEvent& e : file.events()) {
      const bool here = e.tp == place.tp && e.value == place.offset;
      if (e.kind == kind && here && !e.record.empty()) return e.record;
    }
  }
  return {};
}

std::string joined(const std::set<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string times(std::int64_t n) {
  return n == 1 ? "once" : n == 2 ? "twice" : grouped(n) + " times";
}

class Chronicle {
 public:
  Chronicle(const EventFile& file, RecordPlace place, std::string identity)
      : file_(file), identity_(std::move(identity)), tp_(std::move(place.tp)) {
    if (place.offset >= 0) offsets_.insert(place.offset);
    for (const LoggedEvent& e : file.events()) {
      const bool placed = e.kind == FactKind::poll_record || e.kind == FactKind::send_acknowledged;
      if (identity_.empty() || e.record != identity_) continue;
      if (placed && e.value >= 0) {
        offsets_.insert(e.value);
        tp_ = e.tp;
        const bool read = e.kind == FactKind::poll_record && e.epoch >= 0;
        if (read) epochs_[e.value] = e.epoch;
      }
      if (e.kind == FactKind::send_attempted && tp_.empty()) tp_ = e.tp;
      if (e.kind == FactKind::send_invoked) client_ = e.node;
    }
  }

  void tell(Biography& life) {
    for (const LoggedEvent& e : file_.events()) {
      if (!identity_.empty() && e.record == identity_) on_record(e);
      if (e.node == client_ && attempts_ > 0 && !settled_) on_way(e);
      if (e.tp == tp_ && !tp_.empty()) on_log(e);
    }
    life.events = std::move(told_);
    life.identity = identity_;
    if (!offsets_.empty()) life.place = tp_ + "@" + std::to_string(*offsets_.rbegin());
  }

  [[nodiscard]] bool known() const { return !client_.empty() || !holders_.empty(); }
  [[nodiscard]] const std::string& tp() const { return tp_; }
  [[nodiscard]] const std::set<std::int64_t>& offsets() const { return offsets_; }
  [[nodiscard]] const std::string& outcome() const { return outcome_; }
  [[nodiscard]] const std::map<std::string, std::int64_t>& deliveries() const {
    return deliveries_;
  }

 private:
  void add(const LoggedEvent& e, std::string what, std::string comment) {
    told_.push_back({e.sequence, e.at, std::move(what), std::move(comment)});
  }

  // What its client and its readers say.
  void on_record(const LoggedEvent& e) {
    if (e.kind == FactKind::send_invoked) {
      add(e, "sent", "by the application of " + e.node + ", " + grouped(e.value) + " bytes");
    } else if (e.kind == FactKind::send_attempted) {
      ++attempts_;
      peer_ = e.peer;
      producer_ = e.producer;
      number_ = e.number;
      const std::string same = e.value > 1 && e.number >= 0 ? ", same sequence" : "";
      add(e, "attempt " + std::to_string(e.value), "to " + e.peer + same);
    } else if (e.kind == FactKind::send_acknowledged) {
      settle("acknowledged");
      add(e, "acknowledged", e.value < 0 ? "by nobody: acks=0" : "offset " + grouped(e.value));
    } else if (e.kind == FactKind::send_failed) {
      settle("failed");
      add(e, "failed", e.why);
    } else if (e.kind == FactKind::send_unknown) {
      settle("unknown");
      add(e, "unknown", "nobody knows: " + e.why);
    } else if (e.kind == FactKind::poll_record && e.node != "drain") {
      const bool again = ++deliveries_[e.node] > 1;
      add(e, again ? "delivered again" : "delivered",
          "to " + e.node + " at offset " + grouped(e.value));
    }
  }

  void settle(std::string outcome) {
    outcome_ = std::move(outcome);
    settled_ = true;
  }

  // Between an attempt and its outcome: what was lost on the way.
  void on_way(const LoggedEvent& e) {
    if (e.peer != peer_) return;
    if (e.kind == FactKind::message_dropped) {
      add(e, "lost on the way", "what " + e.peer + " sent: " + e.why);
    } else if (e.kind == FactKind::connection_closed && closed_ != std::pair(e.at, e.peer)) {
      closed_ = {e.at, e.peer};
      add(e, "connection lost", "to " + e.peer + ": " + e.why);
    }
  }

  [[nodiscard]] bool covers(const LoggedEvent& e) const {
    return std::ranges::any_of(offsets_, [&](std::int64_t o) { return appends(e, o); });
  }

  // What the logs of its partition say.
  void on_log(const LoggedEvent& e) {
    if (e.kind == FactKind::partition_changed) {
      const auto isr = ids_in(e.record, "isr");
      isr_ = {isr.begin(), isr.end()};
    }
    if (attempts_ == 0 && !client_.empty()) return;  // an earlier record had the place
    const auto offset = std::ranges::find_if(
        offsets_, [&](std::int64_t o) { return appends(e, o) || cuts_off(e, o) || passes(e, o); });
    if (e.kind == FactKind::append_deduplicated && bases_.contains(e.old)) {
      add(e, "deduplicated", e.node + " had it at offset " + grouped(e.old));
    } else if (e.kind == FactKind::append_refused && e.producer == producer_ &&
               e.number == number_ && producer_ >= 0) {
      add(e, "refused", e.node + ": " + e.why);
    } else if (e.kind == FactKind::log_start_advanced && !offsets_.empty() &&
               *offsets_.rbegin() < e.value && !holders_.empty()) {
      if (holders_.erase(e.node) > 0)
        add(e, "removed", "the log of " + e.node + " begins behind it");
    } else if (offset != offsets_.end()) {
      on_offset(e, *offset);
    }
  }

  void on_offset(const LoggedEvent& e, std::int64_t offset) {
    if (e.kind == FactKind::log_appended) {
      const auto epoch = epochs_.try_emplace(offset, e.epoch).first;
      if (epoch->second != e.epoch) {
        add(e, "place taken",
            e.node + " stores another record there (epoch " + std::to_string(e.epoch) + ")");
        holders_.erase(e.node);
        return;
      }
      bases_.insert(e.old);
      const bool first = stored_.insert(offset).second;
      holders_.insert(e.node);
      const std::string in_epoch = e.epoch < 0 ? "" : " (epoch " + std::to_string(e.epoch) + ")";
      const std::string in_sync = isr_.empty() || is_in_sync(e.node) ? "" : ", not in sync";
      add(e, first ? "stored" : "copied",
          (first ? "at offset " + grouped(offset) + " of " : "to ") + e.node + in_epoch + in_sync);
    } else if (e.kind == FactKind::log_truncated) {
      holders_.erase(e.node);
      add(e, "cut off",
          e.node + " cut its log from " + grouped(e.old) + " to " + grouped(e.value) + ": " +
              e.why);
    } else if (e.kind == FactKind::hw_advanced && holders_.contains(e.node) &&
               readable_.insert(offset).second) {
      add(e, "readable",
          "below the high watermark of " + e.node + ", which is " + grouped(e.value));
    }
  }

  [[nodiscard]] bool is_in_sync(const std::string& node) const {
    const auto number = parse_unsigned(std::string_view(node).substr(1));
    return !number || isr_.contains(static_cast<std::int64_t>(*number));
  }

  const EventFile& file_;
  std::string identity_, tp_, client_, peer_, outcome_ = "never told";
  std::set<std::int64_t> offsets_, stored_, readable_, bases_, isr_;
  std::set<std::string> holders_;
  std::map<std::int64_t, std::int64_t> epochs_;  // of the copy at each offset
  std::map<std::string, std::int64_t> deliveries_;
  std::pair<std::int64_t, std::string> closed_;
  std::int64_t attempts_ = 0, producer_ = -1, number_ = -1;
  bool settled_ = false;
  std::vector<LifeEvent> told_;
};

// Where the logs that were read back have it: node -> how often.
std::map<std::string, std::int64_t> copies_of(const History& history, const std::string& tp,
                                              const std::string& identity) {
  std::map<std::string, std::int64_t> copies;
  if (!history.truth) return copies;
  const ValueId value = history.values.find("s" + identity);
  for (const PartitionTruth& partition : history.truth->partitions) {
    if (history.name(partition.key) != tp || partition.replicas.empty()) continue;
    const std::vector<StoredAt>& first = partition.replicas.front().records;
    for (const ReplicaTruth& replica : partition.replicas) {
      const auto is_it = [&](const StoredAt& r) { return r.value == value; };
      const bool is_first = &replica == &partition.replicas.front();
      const auto shared =
          first.begin() + static_cast<std::ptrdiff_t>(
                              is_first ? 0 : std::min<std::size_t>(replica.shared, first.size()));
      copies[replica.node] = std::count_if(first.begin(), shared, is_it) +
                             std::ranges::count_if(replica.records, is_it);
    }
  }
  return copies;
}

std::string fate_of(const Chronicle& chronicle, const History& history,
                    const std::string& identity) {
  const auto copies = copies_of(history, chronicle.tp(), identity);
  std::set<std::string> nodes;
  std::int64_t most = 0;
  for (const auto& [node, count] : copies) {
    if (count > 0) nodes.insert(node);
    most = std::max(most, count);
  }
  std::string fate = chronicle.outcome();
  if (!history.truth || identity.empty()) {
    fate += "; the logs were not read back";
  } else if (nodes.empty()) {
    fate += "; at the end it is in no log";
  } else {
    fate += "; stored " + times(most) + ", at the end in the log of " + joined(nodes);
  }
  if (chronicle.deliveries().empty()) return fate + "; delivered to nobody";
  std::string readers;
  for (const auto& [reader, count] : chronicle.deliveries()) {
    readers += (readers.empty() ? "" : ", ") + times(count) + " to " + reader;
  }
  return fate + "; delivered " + readers;
}

}  // namespace

Biography biography_of(const EventFile& file, const History& history, const std::string& record,
                       std::string& error) {
  const bool by_place = record.find('@') != std::string::npos;
  const RecordPlace place = by_place ? parse_place(record) : RecordPlace{};
  Biography life;
  if (by_place && place.offset < 0) {
    error = record + ": expected a place such as orders-0@17, or an identity such as P1:17";
    return life;
  }
  Chronicle chronicle(file, place, by_place ? identity_at(file, place) : record);
  chronicle.tell(life);
  if (!chronicle.known()) {
    error = record +
            ": this run has no such record; expected a place such as orders-0@17, or an "
            "identity such as P1:17, the 18th record that P1 sent";
    return life;
  }
  life.fate = fate_of(chronicle, history, life.identity);
  return life;
}

std::string biography_text(const Biography& life) {
  std::string text = life.place + (life.place.empty() ? "" : "  ") +
                     (life.identity.empty() ? "not of a recorded client" : life.identity) + "\n";
  for (const LifeEvent& e : life.events) {
    char line[256];
    std::snprintf(line, sizeof line, "  %10.6f s  %-16s %-52s #%s", static_cast<double>(e.at) / 1e9,
                  e.what.c_str(), e.comment.c_str(), grouped(e.sequence).c_str());
    text += std::string(line) + "\n";
  }
  return text + "  fate: " + life.fate + "\n";
}

std::string biography_json(const Biography& life) {
  nlohmann::ordered_json json;
  json["format"] = "weir-biography/1";
  json["place"] = life.place;
  json["identity"] = life.identity;
  json["events"] = nlohmann::ordered_json::array();
  for (const LifeEvent& e : life.events) {
    json["events"].push_back(
        {{"event", e.sequence}, {"t", e.at}, {"what", e.what}, {"comment", e.comment}});
  }
  json["fate"] = life.fate;
  return json.dump(2) + "\n";
}

}  // namespace weir
