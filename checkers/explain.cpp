// explain: a finding in sentences.
#include "checkers/explain.h"

#include <algorithm>
#include <charconv>

#include "broker/base/suggest.h"
#include "broker/base/text.h"
#include "checkers/checkers.h"
#include "checkers/history_json.h"
#include "checkers/json_tape.h"

namespace weir {
namespace {

constexpr std::size_t kMaxRecordsTold = 8;
constexpr std::size_t kMaxOperationsTold = 40;

std::string who(const History& h, const HistoryOp& op) {
  if (op.process < 0) return "event";
  std::string out = "process " + std::to_string(op.process);
  const OpContext& c = h.context_of(op);
  if (c.member != kNoName) out += " (" + std::string(h.name(c.member)) + ")";
  return out;
}

std::string outcome(const HistoryOp& op) {
  switch (op.type) {
    case OpType::invoke: return "invokes";
    case OpType::ok: return "has completed";
    case OpType::fail: return "definitely failed at";
    case OpType::info: return "does not know what became of";
    case OpType::event: return "reports";
  }
  return "";
}

std::string list_text(const History& h, const HistoryItem& item) {
  if (item.meta == kNoMeta) return "?";
  std::string out = "[";
  for (const ValueId v : h.list_of(item)) {
    if (out.size() > 200) return out + " ...]";
    out += (out.size() > 1 ? " " : "") + datum_of(h, v).json;
  }
  return out + "]";
}

std::string items_text(const History& h, const HistoryOp& op, std::string_view key) {
  std::string out;
  std::size_t told = 0, left = 0;
  for (const HistoryItem& item : h.items_of(op)) {
    const std::string_view name = h.name(item.key);
    if (item.kind == ItemKind::poll || item.kind == ItemKind::polled) continue;
    if (!key.empty() && name != key) continue;
    if (++told > kMaxRecordsTold) {
      ++left;
      continue;
    }
    out += out.empty() ? ": " : ", ";
    out += name;
    if (item.kind == ItemKind::read_list) {
      out += " = " + list_text(h, item);
      continue;
    }
    if (item.kind == ItemKind::append) out += " +";
    if (item.value != kNoValue) out += " " + datum_of(h, item.value).json;
    if (item.offset != kNoOffset) out += " at " + std::to_string(item.offset);
  }
  if (left > 0) out += " and " + std::to_string(left) + " more";
  if (out.empty() && op.type != OpType::invoke && op.function == OpFunction::poll) {
    out = key.empty() ? ": nothing" : ": nothing of " + std::string(key);
  }
  return out;
}

// The finding that was asked for: a number from 1, a kind, or nothing for the first.
const Finding* choose(const std::vector<const Finding*>& all, const std::string& which,
                      std::string& error, std::size_t& number) {
  if (all.empty()) {
    error = "nothing was found in it, so there is nothing to explain";
    return nullptr;
  }
  std::size_t n = which.empty() ? 1 : 0;
  std::from_chars(which.data(), which.data() + which.size(), n);
  std::vector<std::string> kinds;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string kind(name_of(all[i]->kind));
    kinds.push_back(kind);
    if (n == 0 && kind == which) n = i + 1;
  }
  if (n == 0 || n > all.size()) {
    error = which + ": no such finding (there are " + std::to_string(all.size()) + ")" +
            did_you_mean(which, kinds);
    return nullptr;
  }
  number = n;
  return all[n - 1];
}

}  // namespace

std::string operation_text(const History& h, std::uint32_t position, std::string_view key) {
  const HistoryOp& op = h.ops[position];
  std::string out = "#" + std::to_string(h.index_of(position)) + "  " + who(h, op) + " " +
                    outcome(op) + " " +
                    std::string(op.name != kNoName ? h.name(op.name) : name_of(op.function));
  if (op.text != kNoName) {
    const std::string_view text = h.name(op.text);
    out += ": " + std::string(text.substr(0, 200)) + (text.size() > 200 ? " ..." : "");
  } else {
    out += items_text(h, op, key);
  }
  const NameId error = h.context_of(op).error;
  if (error != kNoName) out += " (" + std::string(h.name(error)) + ")";
  return out;
}

Explanation explain(const History& history, const std::string& which) {
  Explanation out;
  const Findings found = find(history);
  std::vector<const Finding*> all;
  for (const Finding& f : found.findings) all.push_back(&f);
  for (const Finding& f : found.notes) all.push_back(&f);
  std::size_t number = 0;
  const Finding* finding = choose(all, which, out.error, number);
  if (finding == nullptr) return out;
  const bool note = number > found.findings.size();
  out.text = std::string(name_of(finding->kind)) + (finding->key.empty() ? "" : " in ") +
             finding->key + (note ? " (a note: it fails nothing)" : "") + "\n\n";
  out.text += "What happened\n  " + finding->argument + ".\n\n";
  out.text += "Why it matters\n  " + std::string(meaning_of(finding->kind)) + "\n\n";
  const std::vector<std::int64_t> named = operations_of(*finding);
  out.text += "The operations\n";
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    if (std::binary_search(named.begin(), named.end(), history.index_of(i))) {
      out.text += "  " + operation_text(history, i, finding->key) + "\n";
    }
  }
  out.witness = witness_of(history, found, *finding);
  const Witness& w = out.witness;
  out.text += "\nThe smallest history that still shows it: " + grouped(w.operations) + " of " +
              grouped(w.of) + " operations" + (w.minimal ? "" : " (perhaps not the smallest)") +
              "\n";
  auto read = read_history(w.text, "witness");
  if (const auto* small = std::get_if<History>(&read)) {
    for (std::uint32_t i = 0; i < small->ops.size() && i < kMaxOperationsTold; ++i) {
      out.text += "  " + operation_text(*small, i, "") + "\n";
    }
    if (small->ops.size() > kMaxOperationsTold) out.text += "  ...\n";
  }
  if (w.finding.argument != finding->argument) out.text += "In it\n  " + w.finding.argument + ".\n";
  return out;
}

}  // namespace weir
