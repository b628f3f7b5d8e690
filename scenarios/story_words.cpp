// Events in words: a few letters for the column of a node, and what that means for the reader.
#include "broker/base/text.h"
#include "scenarios/story.h"

namespace weir {
namespace {

std::string range(std::int64_t from, std::int64_t to) {
  return from == to ? std::to_string(from) : std::to_string(from) + ".." + std::to_string(to);
}

std::string arrow(const LoggedEvent& e) {
  return std::to_string(e.old) + " -> " + std::to_string(e.value);
}

// "Fetch" of "Fetch v17 orders-0@3".
std::string first_word(const std::string& text) { return text.substr(0, text.find(' ')); }

std::string in_parentheses(const std::string& text) {
  return text.empty() ? "" : " (" + text + ")";
}

std::string cell_of_log(const LoggedEvent& e) {
  if (e.kind == FactKind::log_appended) return "store " + range(e.old, e.value);
  if (e.kind == FactKind::hw_advanced) return "HW " + arrow(e);
  if (e.kind == FactKind::log_truncated) return "cut " + arrow(e);
  if (e.kind == FactKind::append_deduplicated) return "knows it";
  if (e.kind == FactKind::append_refused) return "refuses";
  if (e.kind == FactKind::replica_leads) return "leads e" + std::to_string(e.epoch);
  if (e.kind == FactKind::replica_follows) return "follows e" + std::to_string(e.epoch);
  if (e.kind == FactKind::replica_offline) return "offline";
  if (e.kind == FactKind::log_opened) return "opens ..." + std::to_string(e.value);
  if (e.kind == FactKind::partition_changed) return "decides";
  return {};
}

std::string cell_of_client(const LoggedEvent& e) {
  if (e.kind == FactKind::send_invoked) return "send";
  if (e.kind == FactKind::send_attempted) return "Produce ->";
  if (e.kind == FactKind::send_acknowledged) {
    return e.value < 0 ? "done" : "<- ACK " + std::to_string(e.value);
  }
  if (e.kind == FactKind::send_failed) return "failed";
  if (e.kind == FactKind::send_unknown) return "?";
  if (e.kind == FactKind::poll_record) return "reads " + std::to_string(e.value);
  if (e.kind == FactKind::poll_completed) return "polls";
  return {};
}

std::string comment_of_log(const LoggedEvent& e) {
  const std::string epoch = e.epoch < 0 ? "" : ", epoch " + std::to_string(e.epoch);
  if (e.kind == FactKind::log_appended) {
    return e.tp + " at offset " + range(e.old, e.value) + " of " + e.node + epoch;
  }
  if (e.kind == FactKind::hw_advanced) return "readers of " + e.node + " may see it";
  if (e.kind == FactKind::log_truncated) {
    const std::int64_t gone = e.old - e.value;
    return e.node + " cuts off " + grouped(gone) + (gone == 1 ? " record" : " records") + ": " +
           e.why;
  }
  if (e.kind == FactKind::append_deduplicated) {
    return e.node + " had it at offset " + std::to_string(e.old) + ": not stored again";
  }
  if (e.kind == FactKind::append_refused) return e.node + " refuses the batch: " + e.why;
  if (e.kind == FactKind::replica_leads) {
    return e.node + " leads " + e.tp + epoch + ", its log ends at " + std::to_string(e.value);
  }
  if (e.kind == FactKind::replica_follows) {
    const std::string whom = e.value < 0 ? "nobody" : "b" + std::to_string(e.value);
    return e.node + " follows " + whom + epoch;
  }
  if (e.kind == FactKind::log_opened) {
    return "the log of " + e.node + " ends at " + std::to_string(e.value) + " when it is opened";
  }
  if (e.kind == FactKind::replica_offline) return e.tp + " is offline at " + e.node + ": " + e.why;
  const std::string leader = e.value < 0 ? "no leader" : "leader b" + std::to_string(e.value);
  return e.tp + ": " + leader + epoch + ", " + e.record + in_parentheses(e.why);
}

std::string comment_of_cluster(const LoggedEvent& e) {
  const std::string epoch = "epoch " + std::to_string(e.epoch);
  if (e.kind == FactKind::quorum_voted) {
    return e.node + " votes for " + std::to_string(e.value) + " in " + epoch;
  }
  if (e.kind == FactKind::quorum_state) return e.node + ": " + epoch + ", " + e.why;
  if (e.kind == FactKind::controller_activated) {
    return e.node + " is the active controller, " + epoch;
  }
  if (e.kind == FactKind::controller_resigned) {
    return e.node + " is it no longer" + in_parentheses(e.why);
  }
  return "b" + std::to_string(e.number) + " is fenced" + in_parentheses(e.why);
}

}  // namespace

std::string cell_of(const LoggedEvent& e) {
  std::string cell = cell_of_log(e);
  if (cell.empty()) cell = cell_of_client(e);
  if (!cell.empty()) return cell;
  if (e.kind == FactKind::fault_injected) return "x " + first_word(e.why);
  if (e.kind == FactKind::fault_healed) return "over";
  if (e.kind == FactKind::records_served) {
    return e.node + " serves " + e.peer + " what is below offset " + std::to_string(e.value);
  }
  if (e.kind == FactKind::answer_told) return "answers " + std::to_string(e.value);
  if (e.kind == FactKind::node_failed) return e.node + " halts: " + e.why;
  if (e.kind == FactKind::disk_lost) {
    return e.node + " lost " + grouped(e.value) + " bytes of " + e.record + in_parentheses(e.why);
  }
  if (e.kind == FactKind::node_started) return "starts";
  if (e.kind == FactKind::records_served) return "serves ..." + std::to_string(e.value);
  if (e.kind == FactKind::request_sent || e.kind == FactKind::response_sent) {
    return first_word(e.why) + " ->";
  }
  if (e.kind == FactKind::request_received || e.kind == FactKind::response_received) {
    return "<- " + first_word(e.why);
  }
  return e.what.substr(e.what.find('.') + 1);
}

std::string comment_of(const LoggedEvent& e) {
  if (!cell_of_log(e).empty()) return comment_of_log(e);
  if (e.kind == FactKind::send_invoked) return "the application sends " + e.record;
  if (e.kind == FactKind::send_attempted) {
    return e.record + " to " + e.peer + ", attempt " + std::to_string(e.value);
  }
  if (e.kind == FactKind::send_acknowledged) return e.record + " is acknowledged";
  if (e.kind == FactKind::send_failed) return e.record + " failed: " + e.why;
  if (e.kind == FactKind::send_unknown) return e.record + ": nobody knows (" + e.why + ")";
  if (e.kind == FactKind::poll_record) {
    return e.node + " reads " + (e.record.empty() ? "a record" : e.record) + " at offset " +
           std::to_string(e.value);
  }
  if (e.kind == FactKind::poll_completed) {
    return e.node + " is given " + grouped(e.value) + (e.value == 1 ? " record" : " records");
  }
  if (e.kind == FactKind::fault_injected) return "fault: " + e.why + in_parentheses(e.record);
  if (e.kind == FactKind::fault_healed) return "over: " + e.why;
  if (e.kind == FactKind::records_served) {
    return e.node + " serves " + e.peer + " what is below offset " + std::to_string(e.value);
  }
  if (e.kind == FactKind::node_failed) return e.node + " halts: " + e.why;
  if (e.kind == FactKind::disk_lost) {
    return e.node + " lost " + grouped(e.value) + " bytes of " + e.record + in_parentheses(e.why);
  }
  if (e.kind == FactKind::node_started) return e.node + " begins a new life";
  if (e.kind == FactKind::quorum_voted || e.kind == FactKind::quorum_state ||
      e.kind == FactKind::controller_activated || e.kind == FactKind::controller_resigned ||
      e.kind == FactKind::broker_fenced) {
    return comment_of_cluster(e);
  }
  const bool message = e.what.starts_with("request.") || e.what.starts_with("response.");
  if (message && !e.why.empty()) return e.why;
  const std::string about = e.tp + (e.record.empty() ? "" : " " + e.record);
  return e.what + (about.empty() ? "" : " " + about) + (e.why.empty() ? "" : ": " + e.why);
}

}  // namespace weir
