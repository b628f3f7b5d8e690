// `weir check`: read a history, find, judge, and say it as JSON or as text.
#include <algorithm>
#include <array>

#include "broker/base/text.h"
#include "checkers/checkers.h"
#include "checkers/history_json.h"
#include "checkers/json_writer.h"
#include "checkers/verdict_json.h"

namespace weir {
namespace {

constexpr int kUsage = 64;

std::optional<bool> kept(const Contracts& c, const std::string& contract) {
  return contract_named(c, contract).value_or(std::nullopt);
}

constexpr std::array<std::string_view, 8> kContracts = {
    "at-most-once", "at-least-once", "exactly-once", "idempotence",
    "linearizable", "serializable",  "kafka",        "valid"};

// Whether a contract speaks of histories of this family at all.
bool speaks_of(std::string_view contract, std::string_view family) {
  if (contract == "valid") return true;
  if (contract == "linearizable") return family == "stream" || family == "register";
  if (contract == "serializable" || contract == "kafka") {
    return family == "log" || family == "list-append";
  }
  return family == "log";
}

// A contract decides where one is declared, else what the run promised, else any finding.
int exit_of(const CheckReport& report, const RunTruth* run) {
  if (!report.contract.empty()) {
    const auto verdict = kept(report.contracts, report.contract);
    return !verdict.has_value() ? 2 : *verdict ? 0 : 1;
  }
  if (run != nullptr) {
    const int code = exit_code_of(report.guarantees, run->required);
    return code == 0 && !report.not_judged.empty() ? 2 : code;
  }
  for (const Finding& f : report.found.findings) {
    if (f.kind != FindingKind::vacuous_history) return 1;
  }
  return report.contracts.valid.has_value() ? 0 : 2;
}

void write_field(JsonWriter& json, const FieldValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    json.integer(*number);
  } else if (const auto* datum = std::get_if<Datum>(&value)) {
    json.raw(datum->json);
  } else if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value)) {
    json.begin_array();
    for (const std::int64_t n : *numbers) json.integer(n);
    json.end_array();
  } else if (const auto* list = std::get_if<std::vector<Datum>>(&value)) {
    json.begin_array();
    for (const Datum& d : *list) json.raw(d.json);
    json.end_array();
  }
}

void write_findings(JsonWriter& json, std::string_view key, const std::vector<Finding>& list) {
  json.key(key).begin_array();
  for (const Finding& f : list) {
    json.begin_object().key("kind").text(name_of(f.kind));
    if (!f.key.empty()) json.key("key").text(f.key);
    for (const FindingField& field : f.fields) write_field(json.key(field.name), field.value);
    if (!f.events.empty()) {
      json.key("events").begin_array();
      for (const std::int64_t event : f.events) json.integer(event);
      json.end_array();
    }
    json.key("argument").text(f.argument).end_object();
  }
  json.end_array();
}

void write_contract(JsonWriter& json, std::string_view key, std::optional<bool> kept_it) {
  json.key(key).raw(!kept_it.has_value() ? "null" : *kept_it ? "true" : "false");
}

std::string word_of(std::optional<bool> kept_it) {
  return !kept_it.has_value() ? "unknown" : *kept_it ? "holds" : "VIOLATED";
}

void append_findings(std::string& out, const std::string& title, const std::vector<Finding>& list) {
  constexpr std::size_t kShown = 20;
  if (list.empty()) return;
  out += title + "\n";
  std::size_t shown = 0;
  for (const Finding& f : list) {
    if (shown++ == kShown) break;
    out += "  " + std::string(name_of(f.kind)) + (f.key.empty() ? "" : " " + f.key) + "\n    " +
           f.argument + "\n";
  }
  if (list.size() > kShown) {
    out += "  and " + grouped(static_cast<std::int64_t>(list.size() - kShown)) +
           " more; --json lists them\n";
  }
}

void append_contracts(std::string& out, const CheckReport& r) {
  for (const std::string_view contract : kContracts) {
    if (!speaks_of(contract, r.family)) continue;
    std::string line(contract);
    line.resize(15, ' ');
    out += line + word_of(*contract_named(r.contracts, contract)) + "\n";
  }
}

// Those that the history tells of, as the run that recorded it promised them.
void append_guarantees(std::string& out, const std::vector<Verdict>& guarantees) {
  for (const Verdict& v : guarantees) {
    if (v.id == "determinism") continue;  // a matter of two runs
    std::string line = v.id;
    line.resize(std::max<std::size_t>(line.size() + 1, 24), ' ');
    line += name_of(v.word);
    line.resize(39, ' ');
    out += line + v.text + "\n";
  }
}

}  // namespace

CheckReport check_history(const History& history, const CheckOptions& options) {
  CheckReport report;
  report.name = history.title;
  report.family = history.family;
  report.complete = history.complete;
  report.broken = !history.broken.empty();
  report.contract = options.contract.empty() ? history.config.contract : options.contract;
  for (const HistoryOp& op : history.ops) {
    report.operations += op.type == OpType::invoke || op.type == OpType::event;
    for (const HistoryItem& item : history.items_of(op)) {
      report.records_sent += item.kind == ItemKind::send && op.type == OpType::invoke;
      report.records_polled += item.kind == ItemKind::record;
    }
  }
  report.found = find(history);
  report.contracts = judge_contracts(history, report.found);
  report.guarantees = judge_history(history, report.found);
  report.not_judged = not_judged(history);
  if (!history.broken.empty()) {
    report.not_judged.insert(report.not_judged.begin(), "what follows: " + history.broken);
  }
  report.not_judged.insert(report.not_judged.end(), report.found.unknown.begin(),
                           report.found.unknown.end());
  report.exit_code = exit_of(report, history.truth ? &*history.truth : nullptr);
  report.of_a_run = history.truth.has_value();
  return report;
}

namespace {

CheckReport check_read(std::variant<History, HistoryError> read, const CheckOptions& options) {
  if (const auto* error = std::get_if<HistoryError>(&read)) {
    CheckReport report;
    report.exit_code = kUsage;
    report.error = error->text;
    return report;
  }
  History& history = std::get<History>(read);
  if (options.final_drain.has_value()) history.config.final_drain = *options.final_drain;
  if (!options.contract.empty()) history.config.contract = options.contract;
  return check_history(history, options);
}

}  // namespace

CheckReport check_text(std::string_view text, const std::string& file_name,
                       const CheckOptions& options) {
  return check_read(read_history_so_far(text, file_name), options);
}

CheckReport check_file(const std::string& path, const CheckOptions& options) {
  auto read = read_history_file(path);
  if (!read) {
    CheckReport report;
    report.exit_code = kUsage;
    report.error = path + ": cannot be read; expected a file with a history";
    return report;
  }
  return check_read(std::move(*read), options);
}

std::string to_json(const CheckReport& r) {
  JsonWriter json;
  json.begin_object().key("format").text("weir-verdict/1");
  if (!r.error.empty()) {
    json.key("error").text(r.error).key("exit").integer(r.exit_code).end_object();
    return json.take() + "\n";
  }
  json.key("scenario").text(r.name).key("complete").boolean(r.complete);
  json.key("looked_at").begin_object();
  json.key("operations").integer(r.operations).key("sent").integer(r.records_sent);
  json.key("polled").integer(r.records_polled).end_object();
  write_findings(json, "findings", r.found.findings);
  write_findings(json, "notes", r.found.notes);
  json.key("suppressed").integer(static_cast<std::int64_t>(r.found.suppressed));
  write_guarantees(json, r.guarantees);
  json.key("verdicts").begin_object();
  for (const std::string_view contract : kContracts) {
    if (speaks_of(contract, r.family))
      write_contract(json, contract, *contract_named(r.contracts, contract));
  }
  json.end_object();
  if (!r.contract.empty()) json.key("contract").text(r.contract);
  json.key("not_judged").begin_array();
  for (const std::string& what : r.not_judged) json.text(what);
  json.end_array().key("exit").integer(r.exit_code).end_object();
  return json.take() + "\n";
}

std::string to_text(const CheckReport& r) {
  if (!r.error.empty()) return r.error + "\n";
  std::string out = (r.name.empty() ? std::string("history") : r.name) + ": " +
                    grouped(r.operations) + " operations, " + grouped(r.records_sent) +
                    " records sent, " + grouped(r.records_polled) + " polled\n";
  if (!r.complete) {
    out += std::string("the history ") + (r.broken ? "is broken" : "was cut off (no end mark)") +
           ": what is absent proves nothing\n";
  }
  append_findings(out, "findings", r.found.findings);
  append_findings(out, "notes (they fail nothing)", r.found.notes);
  if (r.found.findings.empty()) out += "no findings\n";
  if (r.of_a_run && r.contract.empty()) {
    append_guarantees(out, r.guarantees);
  } else {
    append_contracts(out, r);
  }
  for (const std::string& what : r.not_judged) out += "not judged: " + what + "\n";
  if (!r.contract.empty()) {
    out += "judged by the contract " + r.contract + ": " + word_of(kept(r.contracts, r.contract)) +
           "\n";
  }
  return out;
}

}  // namespace weir
