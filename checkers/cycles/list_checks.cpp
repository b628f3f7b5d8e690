// What list-append histories contradict without any graph.
#include <algorithm>
#include <limits>
#include <map>

#include "checkers/cycles/list_findings.h"
#include "checkers/json_tape.h"

namespace weir::analysis {
namespace {

std::string list_json(const History& h, std::span<const ValueId> values) {
  std::string out = "[";
  for (std::size_t i = 0; i < std::min(values.size(), kMaxListed); ++i) {
    out += (i == 0 ? "" : ",") + datum_of(h, values[i]).json;
  }
  return out + "]";
}

struct ListChecks {
  const ListIndex& index;
  Report& report;
  const History& h;

  [[nodiscard]] std::string key_text(NameId key) const { return std::string(h.name(key)); }
  [[nodiscard]] std::string value_text(ValueId v) const { return datum_of(h, v).json; }

  // An element that failed or that nobody appended, and elements twice.
  void elements(const ListRead& read) {
    const std::uint32_t reader = index.txns[read.txn].op();
    std::map<ValueId, std::uint32_t> times;
    for (const ValueId value : read.list) {
      ++times[value];
      const std::uint32_t a = index.append_of(read.key, value);
      if (a == kNone) {
        garbage(read, value, reader);
      } else if (index.txns[index.appends[a].txn].outcome == Outcome::failed) {
        aborted(read, value, index.txns[index.appends[a].txn].op(), reader);
      }
    }
    std::string twice;
    for (const auto& [value, count] : times) {
      if (count < 2) continue;
      twice += twice.empty() ? "{" : ",";
      append_json_string(twice, datum_of(h, value).text);
      twice += ":" + std::to_string(count);
    }
    if (twice.empty()) return;
    emit(index, report, FindingKind::duplicate_elements, [&](FindingBuilder& f) {
      f.about(read.key).with_op("op", reader).with_json("duplicates", twice + "}");
      f.because(op_text(h, reader) + " read a list of " + key_text(read.key) +
                " in which elements occur more than once: " + twice + "}");
    });
  }

  void garbage(const ListRead& read, ValueId value, std::uint32_t reader) {
    emit(index, report, FindingKind::garbage_read, [&](FindingBuilder& f) {
      f.about(read.key).with_value("value", value).with_op("reader", reader);
      f.because(op_text(h, reader) + " read " + value_text(value) + " in " + key_text(read.key) +
                ", which nobody appended");
    });
  }

  void aborted(const ListRead& read, ValueId value, std::uint32_t writer, std::uint32_t reader) {
    emit(index, report, FindingKind::g1a, [&](FindingBuilder& f) {
      f.about(read.key).with_value("value", value);
      f.with_op("writer", writer).with_op("reader", reader);
      f.because(op_text(h, reader) + " read " + value_text(value) + " in " + key_text(read.key) +
                ", but the append of " + op_text(h, writer) + " definitely failed");
    });
  }

  // Whether the same transaction had read the list so far already.
  [[nodiscard]] bool seen_before(const ListRead& read) const {
    return std::any_of(&index.reads[index.txns[read.txn].first_read], &read, [&](const auto& r) {
      return r.key == read.key && !r.list.empty() && r.list.back() == read.list.back();
    });
  }

  void intermediate(const ListRead& read) {
    if (read.list.empty()) return;
    const std::uint32_t a = index.append_of(read.key, read.list.back());
    if (a == kNone || index.appends[a].last || index.appends[a].txn == read.txn) return;
    const ListTxn& writer = index.txns[index.appends[a].txn];
    if (writer.outcome == Outcome::failed || seen_before(read)) return;
    emit(index, report, FindingKind::g1b, [&](FindingBuilder& f) {
      const std::uint32_t reader = index.txns[read.txn].op();
      f.about(read.key).with_value("value", read.list.back());
      f.with_op("writer", writer.op()).with_op("reader", reader);
      f.because(op_text(h, reader) + " read " + key_text(read.key) + " up to " +
                value_text(read.list.back()) + ", which is not the last that " +
                op_text(h, writer.op()) + " appended to it");
    });
  }

  void incompatible(const ListRead& read) {
    const ListOrder& order = index.orders[read.key];
    emit(index, report, FindingKind::incompatible_order, [&](FindingBuilder& f) {
      const std::string shorter = list_json(h, read.list), longer = list_json(h, order.longest);
      f.about(read.key).with_json("values", "[" + shorter + "," + longer + "]");
      const std::uint32_t other = index.txns[index.reads[order.longest_read].txn].op();
      f.with_ops({index.txns[read.txn].op(), other});
      f.because(op_text(h, index.txns[read.txn].op()) + " read " + key_text(read.key) + " as " +
                shorter + ", " + op_text(h, other) + " as " + longer +
                ": no order of appends has both");
    });
  }

  // What a transaction read before and appended since is what it must read now.
  void own_view(const ListTxn& txn) {
    struct View {
      bool read = false;
      std::vector<ValueId> list;
    };
    std::map<NameId, View> views;
    for (const HistoryItem& item : h.items_of(h.ops[txn.told])) {
      View& view = views[item.key];
      if (item.kind == ItemKind::append) view.list.push_back(item.value);
      if (item.kind != ItemKind::read_list || item.meta == kNoMeta) continue;
      const std::span<const ValueId> got = h.list_of(item);
      const bool shorter = got.size() < view.list.size();
      const bool fits = !shorter && (!view.read || got.size() == view.list.size()) &&
                        std::equal(view.list.rbegin(), view.list.rend(), got.rbegin());
      if (!fits) {
        emit(index, report, FindingKind::internal, [&](FindingBuilder& f) {
          f.about(item.key).with_op("op", txn.op()).with_json("value", list_json(h, got));
          f.with_json(view.read ? "expected" : "expected_suffix", list_json(h, view.list));
          f.because(op_text(h, txn.op()) + " read " + key_text(item.key) + " as " +
                    list_json(h, got) + (view.read ? ", expected " : ", expected an end of ") +
                    list_json(h, view.list) + " from what it had done itself");
        });
      }
      view.read = true;
      view.list.assign(got.begin(), got.end());
    }
  }

  void from_the_future(const ListRead& read) {
    for (const ValueId value : read.list) {
      const std::uint32_t a = index.append_of(read.key, value);
      if (a == kNone || index.appends[a].txn != read.txn) continue;
      if (index.appends[a].micro < read.micro) continue;
      emit(index, report, FindingKind::future_read, [&](FindingBuilder& f) {
        const std::uint32_t op = index.txns[read.txn].op();
        f.about(read.key).with_op("op", op).with_value("value", value);
        f.because(op_text(h, op) + " read " + value_text(value) + " in " + key_text(read.key) +
                  " before it appended it");
      });
    }
  }

  // An aborted element below a committed one, and what lies between them. Whatever was read and did
  // not fail has committed; one that is told to have is shown sooner.
  void dirty_updates(NameId key) {
    const std::span<const ValueId> order = index.orders[key].order;
    constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
    std::size_t dirty = kNowhere, behind = kNowhere;
    const auto settle = [&] {
      if (behind != kNowhere) dirty_update(key, order.subspan(dirty, behind + 1 - dirty));
      dirty = behind = kNowhere;
    };
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::uint32_t a = index.append_of(key, order[i]);
      if (a == kNone) continue;
      const Outcome outcome = index.txns[index.appends[a].txn].outcome;
      if (outcome == Outcome::failed) {
        settle();
        dirty = i;
      } else if (dirty != kNowhere) {
        behind = i;
        if (outcome == Outcome::ok) settle();
      }
    }
    settle();
  }

  void dirty_update(NameId key, std::span<const ValueId> values) {
    emit(index, report, FindingKind::dirty_update, [&](FindingBuilder& f) {
      const auto op_of = [&](ValueId value) {
        return index.txns[index.appends[index.append_of(key, value)].txn].op();
      };
      const std::uint32_t failed = op_of(values.front()), writer = op_of(values.back());
      f.about(key).with_json("values", list_json(h, values)).with_ops({failed, writer});
      f.because(value_text(values.back()) + " of " + op_text(h, writer) + " lies behind " +
                value_text(values.front()) + " in " + key_text(key) + ", and " +
                op_text(h, failed) + ", which appended that, definitely failed");
    });
  }

  // The elements of one transaction lie in the order in which it appended them.
  void own_order() {
    std::map<NameId, std::uint32_t> before;  // per key: the append of this transaction
    std::uint32_t txn = kNone;
    for (std::uint32_t a = 0; a < index.appends.size(); ++a) {
      const ListAppend& append = index.appends[a];
      if (append.txn != txn) before.clear();
      txn = append.txn;
      if (!append.read || !index.txns[txn].committed ||
          index.append_of(append.key, append.value) != a) {
        continue;
      }
      const auto [it, first] = before.try_emplace(append.key, a);
      const ValueId earlier = index.appends[it->second].value;
      if (!first &&
          index.place_of(append.key, earlier) > index.place_of(append.key, append.value)) {
        overtaken(append, earlier);
      }
      it->second = a;
    }
  }

  void overtaken(const ListAppend& append, ValueId earlier) {
    emit(index, report, FindingKind::incompatible_order, [&](FindingBuilder& f) {
      const std::string own = "[" + value_text(earlier) + "," + value_text(append.value) + "]";
      const ListOrder& order = index.orders[append.key];
      const std::uint32_t writer = index.txns[append.txn].op();
      const std::uint32_t reader = index.txns[index.reads[order.longest_read].txn].op();
      f.about(append.key);
      f.with_json("values", "[" + own + "," + list_json(h, order.longest) + "]");
      f.with_ops({writer, reader});
      f.because(op_text(h, writer) + " appended " + own + " to " + key_text(append.key) +
                " in this order, " + op_text(h, reader) + " read " + list_json(h, order.longest));
    });
  }

  // Several transactions that read the same list and appended to it.
  void lost_updates() {
    struct Update {
      NameId key;
      std::uint32_t length;
      std::span<const ValueId> other;  // the list, where it is no beginning of the key's order
      std::uint32_t txn, read;
    };
    std::vector<Update> updates;
    for (std::uint32_t r = 0; r < index.reads.size(); ++r) {
      const ListRead& read = index.reads[r];
      if (!read.first || read.own_before > 0 || !index.txns[read.txn].committed) continue;
      if (!appends_to(index.txns[read.txn], read.key)) continue;
      const std::span<const ValueId> other = index.fits(read) ? read.list.first(0) : read.list;
      updates.push_back(
          {read.key, static_cast<std::uint32_t>(read.list.size()), other, read.txn, r});
    }
    std::sort(updates.begin(), updates.end(), [](const Update& a, const Update& b) {
      if (a.key != b.key || a.length != b.length) {
        return std::pair(a.key, a.length) < std::pair(b.key, b.length);
      }
      const auto order = std::lexicographical_compare_three_way(a.other.begin(), a.other.end(),
                                                                b.other.begin(), b.other.end());
      return order != 0 ? order < 0 : a.txn < b.txn;
    });
    for (std::size_t i = 0; i < updates.size();) {
      std::size_t end = i + 1;
      while (end < updates.size() && updates[end].key == updates[i].key &&
             updates[end].length == updates[i].length &&
             std::ranges::equal(updates[end].other, updates[i].other)) {
        ++end;
      }
      if (end - i > 1) lost_update(updates, i, end);
      i = end;
    }
  }

  template <class Updates>
  void lost_update(const Updates& updates, std::size_t begin, std::size_t end) {
    emit(index, report, FindingKind::lost_update, [&](FindingBuilder& f) {
      const NameId key = updates[begin].key;
      const std::string list = list_json(h, index.reads[updates[begin].read].list);
      std::vector<std::int64_t> txns;
      std::string names;
      for (std::size_t i = begin; i < end && txns.size() < kMaxListed; ++i) {
        const std::uint32_t op = index.txns[updates[i].txn].op();
        txns.push_back(h.index_of(op));
        names += (i == begin ? "" : ", ") + op_text(h, op);
      }
      f.about(key).with_json("value", list).with_numbers("txns", txns);
      f.because(names + " read " + key_text(key) + " as " + list +
                " and each appended to it: all but one did so to a list that was no longer so");
    });
  }

  [[nodiscard]] bool appends_to(const ListTxn& txn, NameId key) const {
    for (const HistoryItem& item : h.items_of(h.ops[txn.told])) {
      if (item.kind == ItemKind::append && item.key == key) return true;
    }
    return false;
  }
};

}  // namespace

void check_lists(const ListIndex& index, Report& report) {
  ListChecks checks{index, report, index.history};
  for (const ListTxn& txn : index.txns) {
    if (!txn.committed) continue;
    if (txn.last_read > txn.first_read) checks.own_view(txn);
    for (std::uint32_t r = txn.first_read; r < txn.last_read; ++r) {
      const ListRead& read = index.reads[r];
      const bool fits = index.fits(read);
      if (!fits) checks.incompatible(read);
      if (!fits || index.orders[read.key].flawed) checks.elements(read);
      checks.intermediate(read);
      checks.from_the_future(read);
    }
  }
  for (NameId key = 0; key < index.orders.size(); ++key) {
    if (index.orders[key].flawed) checks.dirty_updates(key);
  }
  checks.own_order();
  checks.lost_updates();
}

}  // namespace weir::analysis
