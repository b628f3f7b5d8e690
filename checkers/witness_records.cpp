// The records of a witness: of which its finding speaks, and what tells operations apart.
#include "checkers/witness_records.h"

#include <algorithm>
#include <map>
#include <span>
#include <variant>

namespace weir {
namespace {

template <class What>
void for_items(const History& h, const std::vector<std::uint32_t>& ops, What what) {
  for (const std::uint32_t op : ops) {
    for (const HistoryItem& item : h.items_of(h.ops[op])) what(op, item);
  }
}

}  // namespace

std::set<std::string> named_values(const Finding& finding) {
  std::set<std::string> values;
  for (const FindingField& field : finding.fields) {
    if (const auto* one = std::get_if<Datum>(&field.value)) values.insert(one->json);
    if (const auto* list = std::get_if<std::vector<Datum>>(&field.value)) {
      for (const Datum& value : *list) values.insert(value.json);
    }
  }
  return values;
}

RecordSet records_named(const History& h, const std::vector<std::uint32_t>& ops,
                        const std::set<std::string>& names) {
  RecordSet records;
  if (names.empty()) return records;
  for_items(h, ops, [&](std::uint32_t, const HistoryItem& item) {
    const auto take = [&](ValueId value) {
      const bool named = value != kNoValue && names.contains(datum_of(h, value).json);
      if (named) records.insert({item.key, value});
    };
    const bool record = item.kind == ItemKind::send || item.kind == ItemKind::record;
    if (record || item.kind == ItemKind::append) take(item.value);
    for (const ValueId value : h.list_of(item)) take(value);
  });
  return records;
}

void add_farthest(const History& h, const std::vector<std::uint32_t>& ops, NameId key,
                  RecordSet& records) {
  std::map<std::uint32_t, const HistoryItem*> last;
  for_items(h, ops, [&](std::uint32_t op, const HistoryItem& item) {
    if (item.kind != ItemKind::record || item.key != key) return;
    const auto it = last.try_emplace(op, &item).first;
    if (it->second->offset < item.offset) it->second = &item;
  });
  for (const auto& [op, item] : last) records.insert({key, item->value});
}

void add_appended(const History& h, const std::vector<std::uint32_t>& ops, RecordSet& records) {
  for_items(h, ops, [&](std::uint32_t, const HistoryItem& item) {
    if (item.kind == ItemKind::append) records.insert({item.key, item.value});
  });
}

void add_telling_elements(const History& h, const std::vector<std::uint32_t>& ops,
                          RecordSet& records) {
  std::map<NameId, std::vector<std::span<const ValueId>>> lists;
  for_items(h, ops, [&](std::uint32_t, const HistoryItem& item) {
    if (item.kind != ItemKind::read_list) return;
    const std::span<const ValueId> list = h.list_of(item);
    std::set<ValueId> seen;
    for (const ValueId value : list) {
      if (!seen.insert(value).second) records.insert({item.key, value});
    }
    for (const std::span<const ValueId> other : lists[item.key]) {
      const auto [a, b] = std::ranges::mismatch(list, other);
      if (a == list.end() || b == other.end()) continue;
      records.insert({item.key, *a});
      records.insert({item.key, *b});
      // How far each has read stays so, and thereby which is longer.
      records.insert({item.key, list.back()});
      records.insert({item.key, other.back()});
    }
    lists[item.key].push_back(list);
  });
}

}  // namespace weir
