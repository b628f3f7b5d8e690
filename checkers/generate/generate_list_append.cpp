// List-append histories: transactions that take effect at once, when they complete.
#include <algorithm>
#include <deque>

#include "broker/base/random.h"
#include "checkers/generate/generate.h"
#include "checkers/generate/scenes.h"

namespace weir {
namespace {

constexpr std::size_t kAppendsPerKey = 32;
constexpr std::size_t kMicroOps = 4;

struct MicroOp {
  std::size_t key = 0;       // of the world
  ValueId value = kNoValue;  // kNoValue: a read
};

class ListWorld {
 public:
  explicit ListWorld(const GeneratePlan& plan)
      : plan_(plan), random_(Random::keyed(plan.seed, 0, "generate", "list-append")) {
    History& h = out_.history;
    h.title = "generated";
    h.family = "list-append";
    h.config.text = R"({"consistency_models":["strict-serializable"]})";
    h.config.models = {"strict-serializable"};
    for (int k = 0; k < plan.keys; ++k) active_.push_back(fresh_key());
    open_.resize(static_cast<std::size_t>(plan.writers));
    plants_.assign(plan.plants.begin(), plan.plants.end());
    gap_ = plan.operations / static_cast<std::int64_t>(plants_.size() + 2) + 1;
    next_plant_ = gap_;
  }

  Generated run() {
    while (invoked_ < plan_.operations || (!due_.empty() && invoked_ < plan_.operations + 10'000)) {
      if (invoked_ >= next_plant_ && !plants_.empty()) {
        due_.push_back(plants_.front());
        plants_.pop_front();
        next_plant_ += gap_;
      }
      const std::size_t process = random_.below(open_.size());
      open_[process].empty() ? invoke(process) : complete(process);
    }
    for (std::size_t process = 0; process < open_.size(); ++process) {
      if (!open_[process].empty()) complete(process);
    }
    return std::move(out_);
  }

 private:
  struct Key {
    NameId name;
    std::vector<ValueId> list;
  };

  std::size_t fresh_key() {
    keys_.push_back({out_.history.names.intern("k" + std::to_string(keys_.size())), {}});
    return keys_.size() - 1;
  }

  void line(std::size_t process, OpType type, std::size_t begin) {
    History& h = out_.history;
    HistoryOp op;
    op.time = static_cast<std::int64_t>(h.ops.size()) * 1'000;
    op.process = static_cast<std::int64_t>(process);
    op.type = type;
    op.function = OpFunction::txn;
    op.items_begin = static_cast<std::uint32_t>(begin);
    op.items_end = static_cast<std::uint32_t>(h.items.size());
    h.ops.push_back(op);
    invoked_ += type == OpType::invoke;
  }

  HistoryItem& item(ItemKind kind, std::size_t key) {
    HistoryItem& i = out_.history.items.emplace_back();
    i.kind = kind;
    i.key = keys_[key].name;
    return i;
  }

  void invoke(std::size_t process) {
    std::vector<MicroOp>& txn = open_[process];
    const std::size_t count = 1 + random_.below(kMicroOps);
    for (std::size_t n = 0; n < count; ++n) {
      std::size_t& active = active_[random_.below(active_.size())];
      MicroOp op{active, kNoValue};
      if (random_.below(2) == 0) {
        op.value = out_.history.integer_value(next_value_++);
        if (++appends_ % kAppendsPerKey == 0) active = fresh_key();
      }
      txn.push_back(op);
    }
    const std::size_t begin = out_.history.items.size();
    for (const MicroOp& op : txn) {
      item(op.value == kNoValue ? ItemKind::read_list : ItemKind::append, op.key).value = op.value;
    }
    line(process, OpType::invoke, begin);
  }

  bool take(FindingKind kind) {
    const auto it = std::find(due_.begin(), due_.end(), kind);
    if (it == due_.end()) return false;
    due_.erase(it);
    return true;
  }
  void plant(FindingKind kind, std::size_t key, ValueId value) {
    out_.planted.push_back({kind, std::string(out_.history.name(keys_[key].name)),
                            value == kNoValue ? "" : datum_of(out_.history, value).json});
  }

  void complete(std::size_t process) {
    const std::vector<MicroOp> txn = std::move(open_[process]);
    open_[process].clear();
    History& h = out_.history;
    OpType type = OpType::ok;
    const std::uint64_t fate = random_.below(100);
    bool happens = true;
    if (fate < 2) {
      type = fate == 0 ? OpType::fail : OpType::info;
      happens = fate == 1 && random_.below(2) == 0;
    }
    const auto first = std::find_if(txn.begin(), txn.end(),
                                    [](const MicroOp& op) { return op.value != kNoValue; });
    if (first != txn.end() && type == OpType::fail && take(FindingKind::g1a)) {
      happens = true;
      plant(FindingKind::g1a, first->key, first->value);
    }
    const std::size_t begin = h.items.size();
    for (const MicroOp& op : txn) {
      if (op.value != kNoValue) {
        if (happens) keys_[op.key].list.push_back(op.value);
        item(ItemKind::append, op.key).value = op.value;
      } else if (type != OpType::ok) {
        item(ItemKind::read_list, op.key);
      } else {
        read(op.key, txn);
      }
    }
    line(process, type, begin);
  }

  void read(std::size_t key, const std::vector<MicroOp>& txn) {
    History& h = out_.history;
    std::vector<ValueId> list = keys_[key].list;
    if (txn.size() == 1 && list.size() > 4 && take(FindingKind::g_single_realtime)) {
      // What was there long before: later appends have completed since.
      list.resize(1);
      plant(FindingKind::g_single_realtime, key, kNoValue);
    } else if (list.size() > 2 && take(FindingKind::incompatible_order)) {
      std::swap(list[0], list[1]);
      plant(FindingKind::incompatible_order, key, kNoValue);
    } else if (list.size() > 2 && take(FindingKind::duplicate_elements)) {
      list.push_back(list[0]);
      plant(FindingKind::duplicate_elements, key, kNoValue);
    } else if (take(FindingKind::garbage_read)) {
      list.push_back(h.integer_value(-next_value_++));
      plant(FindingKind::garbage_read, key, list.back());
    }
    const auto at = static_cast<std::int64_t>(h.elements.size());
    h.elements.insert(h.elements.end(), list.begin(), list.end());
    HistoryItem& i = item(ItemKind::read_list, key);
    i.offset = at;
    i.meta = static_cast<std::uint32_t>(list.size());
  }

  const GeneratePlan& plan_;
  Random random_;
  Generated out_;
  std::vector<Key> keys_;
  std::vector<std::size_t> active_;
  std::vector<std::vector<MicroOp>> open_;
  std::deque<FindingKind> plants_;
  std::vector<FindingKind> due_;
  std::int64_t invoked_ = 0, gap_ = 0, next_plant_ = 0, next_value_ = 1;
  std::size_t appends_ = 0;
};

}  // namespace

Generated generate_list_append(const GeneratePlan& plan) { return ListWorld(plan).run(); }

std::vector<FindingKind> plantable(std::string_view family) {
  if (family == "list-append") {
    return {FindingKind::g1a, FindingKind::g_single_realtime, FindingKind::incompatible_order,
            FindingKind::duplicate_elements, FindingKind::garbage_read};
  }
  std::vector<FindingKind> kinds = {FindingKind::lost_write,
                                    FindingKind::duplicate,
                                    FindingKind::inconsistent_offsets,
                                    FindingKind::ack_offset_mismatch,
                                    FindingKind::garbage_read,
                                    FindingKind::misrouted_record,
                                    FindingKind::g1a,
                                    FindingKind::poll_skip,
                                    FindingKind::int_poll_skip,
                                    FindingKind::nonmonotonic_poll,
                                    FindingKind::realtime_append_order};
  const std::vector<FindingKind> scenes = kinds_with_scenes();
  kinds.insert(kinds.end(), scenes.begin(), scenes.end());
  return kinds;
}

}  // namespace weir
