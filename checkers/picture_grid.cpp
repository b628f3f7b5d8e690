// What the picture of a finding shows: rows, columns, cells and bands, chosen within their limits.
#include "checkers/picture_grid.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "checkers/explain.h"
#include "checkers/picture_subject.h"

namespace weir {
namespace {

constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kBeginning = -1;  // of a list that was read and is empty
constexpr std::size_t kMaxCellText = 40;

struct PlacedCell {
  NameId key = kNoName;
  std::int64_t place = kNowhere;
  std::string value;  // as JSON; empty where it says nothing but the place
  PictureCell cell;
};

class GridMaker {
 public:
  GridMaker(const History& whole, const History& witness, const Finding& finding)
      : whole_(whole), h_(witness), subject_(finding), named_(operations_of(finding)) {}

  PictureGrid make() {
    grid_.lines = h_.ops.size();
    find_places();
    make_rows();
    mark_conflicts();
    choose_columns();
    choose_rows();
    grid_.bands = bands_of(whole_, grid_.rows, kMaxPictureBands, grid_.bands_left_out);
    return std::move(grid_);
  }

 private:
  // Where values lie: as read, else in the longest list.
  void find_places() {
    for (const HistoryOp& op : h_.ops) {
      for (const HistoryItem& item : h_.items_of(op)) {
        if (item.kind == ItemKind::record) {
          places_.try_emplace({item.key, item.value}, item.offset);
        }
        const auto list = h_.list_of(item);
        for (std::size_t i = 0; i < list.size(); ++i) {
          places_.try_emplace({item.key, list[i]}, static_cast<std::int64_t>(i));
        }
      }
    }
  }

  [[nodiscard]] std::int64_t place_of(const HistoryItem& item) const {
    if (item.kind != ItemKind::append && item.offset != kNoOffset) return item.offset;
    const auto it = places_.find({item.key, item.value});
    return it == places_.end() ? kNowhere : it->second;
  }

  void make_rows() {
    const std::vector<std::uint32_t> partner = pair_operations(h_);
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      if (partner[i] != kNoOperation && partner[i] < i) continue;
      const std::uint32_t last = partner[i] == kNoOperation ? i : partner[i];
      PictureRow row;
      row.index = h_.index_of(i);
      row.span = std::to_string(row.index);
      if (last != i) row.span += "-" + std::to_string(h_.index_of(last));
      row.from = i;
      row.to = last;
      row.outcome = h_.ops[last].type;
      const HistoryOp& op = h_.ops[i];
      const std::string f(op.name != kNoName ? h_.name(op.name) : name_of(op.function));
      row.label = (op.process < 0 ? "" : "process " + std::to_string(op.process) + "  ") + f;
      row.story = operation_text(h_, i, "");
      if (last != i) row.story += "\n" + operation_text(h_, last, "");
      row.named = is_named(i) || is_named(last);
      placed_.emplace_back();
      cells(h_.ops[last].items_begin == h_.ops[last].items_end ? op : h_.ops[last], row.outcome);
      grid_.rows.push_back(std::move(row));
    }
  }

  [[nodiscard]] bool is_named(std::uint32_t position) const {
    return std::binary_search(named_.begin(), named_.end(), h_.index_of(position));
  }

  static PictureMark written(OpType outcome) {
    return outcome == OpType::ok     ? PictureMark::written
           : outcome == OpType::fail ? PictureMark::failed
                                     : PictureMark::unknown;
  }

  void put(NameId key, std::int64_t place, PictureMark mark, std::string value, std::string text) {
    if (text.size() > kMaxCellText) text = text.substr(0, kMaxCellText - 3) + "...";
    PlacedCell& p = placed_.back().emplace_back();
    p.key = key;
    p.place = place;
    p.value = std::move(value);
    p.cell.mark = mark;
    p.cell.text = std::move(text);
  }

  void cells(const HistoryOp& op, OpType outcome) {
    const std::string f(op.name != kNoName ? h_.name(op.name) : name_of(op.function));
    for (const HistoryItem& item : h_.items_of(op)) {
      const std::string value = item.value == kNoValue ? "" : datum_of(h_, item.value).json;
      switch (item.kind) {
        case ItemKind::send:
        case ItemKind::append: put(item.key, place_of(item), written(outcome), value, value); break;
        case ItemKind::record: put(item.key, item.offset, PictureMark::read, value, value); break;
        case ItemKind::read_list: list(item); break;
        case ItemKind::entry:
        case ItemKind::reset:
          if (item.offset != kNoOffset) {
            put(item.key, item.offset, PictureMark::told, "", f);
          }
          break;
        case ItemKind::log: log(item); break;
        case ItemKind::poll:
        case ItemKind::polled:
        case ItemKind::offsets:
        case ItemKind::rebalance: break;
      }
    }
    if (op.text != kNoName && op.type != OpType::event) object(op, f, outcome);
  }

  void list(const HistoryItem& item) {
    if (item.meta == kNoMeta) return;
    const auto elements = h_.list_of(item);
    if (elements.empty()) put(item.key, kBeginning, PictureMark::read, "", "[]");
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const std::string value = datum_of(h_, elements[i]).json;
      put(item.key, static_cast<std::int64_t>(i), PictureMark::read, value, value);
    }
  }

  void log(const HistoryItem& item) {
    static constexpr const char* kWords[] = {"start", "hw", "lso", "end"};
    if (item.meta == kNoMeta) return;
    for (std::size_t n = 0; n < std::size(kWords); ++n) {
      const std::int64_t offset = h_.numbers[item.meta + n];
      if (offset != kNoOffset) put(item.key, offset, PictureMark::told, "", kWords[n]);
    }
  }

  // A register's value or a stream's tail is its place.
  void object(const HistoryOp& op, const std::string& f, OpType outcome) {
    const ObjectPlace at = object_place(h_.name(op.text));
    if (at.value.empty()) return;
    std::int64_t place = at.tail;
    if (place < 0) {
      const auto next = static_cast<std::int64_t>(values_.size());
      place = values_.try_emplace(at.value, next).first->second;
    }
    const bool asks = f == "get" || f == "read" || f == "check_tail";
    put(kNoName, place, asks ? PictureMark::read : written(outcome), at.value, f);
    place_names_[place] = at.value;
  }

  void mark_conflicts() {
    bool any = false;
    const auto about = [&](const PlacedCell& p) {
      return subject_.keys.empty() || subject_.keys.contains(std::string(h_.name(p.key)));
    };
    for (std::size_t r = 0; r < placed_.size(); ++r) {
      const bool named = grid_.rows[r].named;
      for (PlacedCell& p : placed_[r]) {
        const bool place = subject_.offsets.contains(p.place);
        const bool value = !p.value.empty() && subject_.values.contains(p.value);
        const bool nothing = p.place == kBeginning && named;  // it missed what is there
        p.cell.conflict =
            about(p) && (value || nothing || (place && (named || subject_.values.empty())));
        any |= p.cell.conflict;
      }
    }
    for (std::size_t r = 0; r < placed_.size() && !any; ++r) {
      for (PlacedCell& p : placed_[r]) p.cell.conflict = grid_.rows[r].named && about(p);
    }
  }

  // The columns of the conflict, and of the rest those nearest to it.
  void choose_columns() {
    std::map<std::pair<std::string, std::int64_t>, bool> all;
    for (const auto& row : placed_) {
      for (const PlacedCell& p : row) {
        all[{std::string(h_.name(p.key)), p.place}] |= p.cell.conflict;
      }
    }
    std::vector<std::size_t> far(all.size(), all.size());
    std::vector<bool> conflict;
    for (const auto& [place, is] : all) conflict.push_back(is);
    for (std::size_t i = 0, d = all.size(); i < far.size(); ++i) {
      d = conflict[i] ? 0 : d + 1;
      far[i] = std::min(far[i], d);
    }
    for (std::size_t i = far.size(), d = all.size(); i-- > 0;) {
      d = conflict[i] ? 0 : d + 1;
      far[i] = std::min(far[i], d);
    }
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < far.size(); ++i) order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(far[a], a) < std::pair(far[b], b);
    });
    if (order.size() > kMaxPictureColumns) order.resize(kMaxPictureColumns);
    const std::set<std::size_t> chosen(order.begin(), order.end());
    grid_.columns_left_out = all.size() - chosen.size();
    std::map<std::pair<std::string, std::int64_t>, std::size_t> column;
    std::size_t i = 0;
    std::pair<std::string, std::int64_t> before{"", kNowhere};
    for (const auto& [place, is] : all) {
      if (!chosen.contains(i++)) continue;
      const bool gap = before.first == place.first && before.second != place.second - 1;
      column[place] = grid_.columns.size();
      grid_.columns.push_back({place.first, place_name(place.second), gap, is});
      before = place;
    }
    for (std::size_t r = 0; r < placed_.size(); ++r) {
      for (PlacedCell& p : placed_[r]) {
        const auto it = column.find({std::string(h_.name(p.key)), p.place});
        if (it == column.end()) continue;
        p.cell.column = it->second;
        grid_.rows[r].cells.push_back(std::move(p.cell));
      }
    }
  }

  [[nodiscard]] std::string place_name(std::int64_t place) const {
    if (place == kNowhere) return "?";
    if (place == kBeginning) return "[]";
    const auto it = place_names_.find(place);
    return it == place_names_.end() ? std::to_string(place) : it->second;
  }

  // What the finding names comes first, then what shows it, then what came last.
  void choose_rows() {
    std::vector<std::size_t> order;
    for (std::size_t r = 0; r < grid_.rows.size(); ++r) order.push_back(r);
    const auto rank = [&](std::size_t r) {
      const PictureRow& row = grid_.rows[r];
      if (row.named) return 0;
      return std::any_of(row.cells.begin(), row.cells.end(),
                         [](const PictureCell& c) { return c.conflict; })
                 ? 1
                 : 2;
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(rank(a), b) < std::pair(rank(b), a);
    });
    if (order.size() <= kMaxPictureRows) return;
    grid_.rows_left_out = order.size() - kMaxPictureRows;
    order.resize(kMaxPictureRows);
    std::sort(order.begin(), order.end());
    std::vector<PictureRow> kept;
    for (const std::size_t r : order) kept.push_back(std::move(grid_.rows[r]));
    grid_.rows = std::move(kept);
  }

  const History& whole_;
  const History& h_;
  PictureSubject subject_;
  std::vector<std::int64_t> named_;
  PictureGrid grid_;
  std::vector<std::vector<PlacedCell>> placed_;  // per row
  std::map<std::pair<NameId, ValueId>, std::int64_t> places_;
  std::map<std::string, std::int64_t> values_;  // of a register, in their order
  std::map<std::int64_t, std::string> place_names_;
};

}  // namespace

PictureGrid picture_grid(const History& whole, const History& witness, const Finding& finding) {
  return GridMaker(whole, witness, finding).make();
}

}  // namespace weir
