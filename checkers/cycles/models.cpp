// Which phenomena each consistency model forbids (Adya 1999; Cerone and Gotsman 2016; Elle 2020).
//
// A strong-session model also forbids the variants with process order, a strong one those with real
// time too. "kafka" is what read_committed logs promise: no aborted and no intermediate read, and
// no circle of reads alone (asked for apart); orders of writes over several lists may contradict
// each other.
#include <algorithm>
#include <array>
#include <optional>

#include "checkers/cycles/list_append.h"

namespace weir::analysis {
namespace {

using Kind = FindingKind;

enum Grade : std::uint8_t {  // what is worse comes first: a model forbids all up to its grade
  kWriteCycles,
  kReadCycles,
  kOneMissedWrite,
  kApartMissedWrites,
  kAnyMissedWrite,
};

struct Model {
  std::string_view name;
  Grade grade;
  bool reads_committed = true;  // aborted and intermediate reads
  bool internal = false;        // a transaction sees its own appends
  bool lost_update = false;
};

constexpr std::array kModels = {
    Model{"read-uncommitted", kWriteCycles, false},
    Model{"read-committed", kReadCycles},
    Model{"monotonic-atomic-view", kReadCycles},
    Model{"read-atomic", kReadCycles, true, true},
    Model{"cursor-stability", kReadCycles, true, false, true},
    Model{"monotonic-view", kReadCycles},
    Model{"monotonic-snapshot-read", kReadCycles},
    Model{"causal-cerone", kReadCycles, true, true},
    Model{"consistent-view", kOneMissedWrite, true, false, true},
    Model{"forward-consistent-view", kOneMissedWrite, true, false, true},
    Model{"parallel-snapshot-isolation", kOneMissedWrite, true, true, true},
    Model{"prefix", kApartMissedWrites, true, true},
    Model{"snapshot-isolation", kApartMissedWrites, true, true, true},
    Model{"repeatable-read", kAnyMissedWrite, true, true, true},
    Model{"update-serializable", kOneMissedWrite, true, true, true},
    Model{"full-serializable", kAnyMissedWrite, true, true, true},
    Model{"serializable", kAnyMissedWrite, true, true, true},
};

struct Named {
  Model model{};
  int orders = 0;  // 1: process order counts, 2: real time too
};

std::optional<Named> model_named(std::string_view name) {
  Named named;
  const auto strip = [&](std::string_view prefix) {
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    return true;
  };
  if (strip("strong-session-")) {
    named.orders = 1;
  } else if (strip("strong-") || strip("strict-")) {
    named.orders = 2;
  }
  if (name == "sequential") name = "serializable", named.orders = 1;
  if (name == "linearizable") name = "serializable", named.orders = 2;
  if (name == "view-serializable" || name == "conflict-serializable") name = "serializable";
  if (name == "causal" || name == "causal-consistency") name = "causal-cerone";
  if (name == "cut-isolation" || name == "item-cut-isolation") name = "read-atomic";
  if (name == "PL-1") name = "read-uncommitted";
  if (name == "PL-2") name = "read-committed";
  if (name == "PL-2+") name = "consistent-view";
  if (name == "PL-SI") name = "snapshot-isolation";
  if (name == "PL-2.99") name = "repeatable-read";
  if (name == "PL-3") name = "serializable";
  if (name == "PL-SS") name = "serializable", named.orders = 2;
  const auto it =
      std::find_if(kModels.begin(), kModels.end(), [&](const Model& m) { return m.name == name; });
  if (it == kModels.end()) return std::nullopt;
  named.model = *it;
  return named;
}

// The grade and the variant of a cycle's kind.
std::optional<std::pair<Grade, int>> cycle_of(Kind kind) {
  if (kind < Kind::g0 || kind > Kind::g2_item_realtime) return std::nullopt;
  switch (kind) {
    case Kind::g0: return std::pair(kWriteCycles, 0);
    case Kind::g1c: return std::pair(kReadCycles, 0);
    case Kind::g_single: return std::pair(kOneMissedWrite, 0);
    case Kind::g_nonadjacent: return std::pair(kApartMissedWrites, 0);
    case Kind::g2_item: return std::pair(kAnyMissedWrite, 0);
    case Kind::g1b: return std::nullopt;
    default: break;
  }
  const int n = static_cast<int>(kind) - static_cast<int>(Kind::g0_process);
  return std::pair(static_cast<Grade>(n % 5), 1 + n / 5);
}

bool forbids_in_kafka(Kind kind) {
  switch (kind) {
    case Kind::g1a:
    case Kind::g1b:
    case Kind::dirty_read:
    case Kind::precommitted_read:
    case Kind::torn_txn:
    case Kind::duplicate_elements:
    case Kind::incompatible_order:
    case Kind::garbage_read:
    case Kind::future_read: return true;
    default: return false;
  }
}

}  // namespace

bool forbidden_by(std::string_view name, FindingKind kind) {
  if (name == "kafka") return forbids_in_kafka(kind);
  const Named named =
      model_named(name).value_or(Named{kModels.back(), 2});  // unknown: the strictest
  const Model& m = named.model;
  if (const auto cycle = cycle_of(kind)) {
    return cycle->first <= m.grade && cycle->second <= named.orders;
  }
  switch (kind) {
    case Kind::g1a:
    case Kind::g1b:
    case Kind::future_read: return m.reads_committed;
    case Kind::internal: return m.internal;
    case Kind::lost_update: return m.lost_update;
    default: return true;  // no model lets a list contradict itself
  }
}

bool forbidden(const HistoryConfig& config, FindingKind kind) {
  if (config.models.empty()) return forbidden_by("strict-serializable", kind);
  return std::any_of(config.models.begin(), config.models.end(),
                     [&](const std::string& m) { return forbidden_by(m, kind); });
}

std::vector<std::string> unknown_models(const HistoryConfig& config) {
  std::vector<std::string> out;
  for (const std::string& m : config.models) {
    if (m != "kafka" && !model_named(m)) out.push_back("the consistency model " + m);
  }
  return out;
}

}  // namespace weir::analysis
