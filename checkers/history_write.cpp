// write_history: weir-history/1, byte-stable.
#include <charconv>
#include <ostream>
#include <sstream>

#include "checkers/history_json.h"
#include "checkers/json_tape.h"

namespace weir {
namespace {

class Writer {
 public:
  explicit Writer(const History& history, const RecordSet* only = nullptr)
      : h_(history), only_(only) {}

  std::string one(std::uint32_t position) {
    operation(position);
    return std::move(out_);
  }
  std::string only_header() {
    header();
    return std::move(out_);
  }

  void write(std::ostream& to) {
    constexpr std::size_t kPiece = std::size_t{1} << 20;
    header();
    std::int64_t operations = 0;
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      const OpType type = h_.ops[i].type;
      if (type == OpType::invoke || type == OpType::event) ++operations;
      operation(i);
      if (out_.size() < kPiece) continue;
      to << out_;
      out_.clear();
    }
    if (h_.truth) out_ += write_truth(h_);
    if (h_.complete) {
      out_ += "{\"end\":true,\"operations\":";
      integer(operations);
      if (!h_.fingerprint.empty()) member("fingerprint", h_.fingerprint);
      out_ += "}\n";
    }
    to << out_;
  }

 private:
  void integer(std::int64_t n) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
    out_.append(digits, end);
  }
  void offset(std::int64_t n) { n == kNoOffset ? void(out_ += "null") : integer(n); }
  void text(std::string_view s) { append_json_string(out_, s); }
  void name(NameId id) { text(h_.name(id)); }
  void value(ValueId id) { out_ += datum_of(h_, id).json; }
  void member(std::string_view key, std::string_view s) {
    (out_ += ",\"").append(key) += "\":";
    text(s);
  }
  void separate(bool& first) {
    if (!first) out_.push_back(',');
    first = false;
  }

  void header() {
    out_ += "{\"format\":\"weir-history/1\"";
    if (!h_.title.empty()) member("scenario", h_.title);
    if (!h_.seed.empty()) member("seed", h_.seed);
    if (!h_.build.empty()) member("build", h_.build);
    if (h_.family != "log") member("family", h_.family);
    out_ += ",\"config\":" + h_.config.text + "}\n";
  }

  void operation(std::uint32_t position) {
    const HistoryOp& op = h_.ops[position];
    out_ += "{\"index\":";
    integer(h_.index_of(position));
    out_ += ",\"time\":";
    integer(op.time);
    out_ += ",\"process\":";
    op.process < 0 ? void(out_ += "null") : integer(op.process);
    member("type", name_of(op.type));
    member("f", op.name != kNoName ? h_.name(op.name) : name_of(op.function));
    out_ += ",\"value\":";
    op_value(op);
    if (op.op >= 0) {
      out_ += ",\"op\":";
      integer(op.op);
    }
    context(op);
    if (op.automatic) out_ += ",\"auto\":true";
    if (op.retry) out_ += ",\"retry\":true";
    if (op.seek_beginning) out_ += ",\"seek\":\"beginning\"";
    rebalances(op);
    if (op.sequence >= 0) {
      out_ += ",\"fact\":";
      integer(op.sequence);
    }
    out_ += "}\n";
  }

  void context(const HistoryOp& op) {
    const OpContext& c = h_.context_of(op);
    if (c.has_producer) {
      out_ += ",\"producer\":{";
      bool first = true;
      if (c.producer_id != -1 || c.producer_epoch != -1 || c.txn_id == kNoName) {
        out_ += "\"id\":";
        integer(c.producer_id);
        out_ += ",\"epoch\":";
        integer(c.producer_epoch);
        first = false;
      }
      named("txn_id", c.txn_id, first);
      out_.push_back('}');
    }
    if (c.has_consumer) {
      out_ += ",\"consumer\":{";
      bool first = true;
      named("group", c.group, first);
      named("member", c.member, first);
      if (c.generation != -1) {
        separate(first);
        out_ += "\"generation\":";
        integer(c.generation);
      }
      named("instance", c.instance, first);
      out_.push_back('}');
    }
    if (c.txn != kNoName) member("txn", h_.name(c.txn));
    if (c.error != kNoName) member("error", h_.name(c.error));
  }

  void named(std::string_view key, NameId id, bool& first) {
    if (id == kNoName) return;
    separate(first);
    (out_ += "\"").append(key) += "\":";
    name(id);
  }

  void op_value(const HistoryOp& op) {
    if (op.text != kNoName) {
      out_ += h_.name(op.text);
      return;
    }
    switch (op.function) {
      case OpFunction::send:
      case OpFunction::poll:
      case OpFunction::txn: micro_ops(op); return;
      case OpFunction::assign:
      case OpFunction::subscribe: keys(op); return;
      case OpFunction::committed:
        op.type == OpType::invoke ? keys(op) : key_offsets(h_.items_of(op));
        return;
      case OpFunction::seek:
      case OpFunction::commit:
      case OpFunction::delete_records: key_offsets(h_.items_of(op)); return;
      case OpFunction::handle: handled(op); return;
      case OpFunction::init_txns:
      case OpFunction::begin:
      case OpFunction::commit_txn:
      case OpFunction::abort_txn:
      case OpFunction::crash:
      case OpFunction::assigned:
      case OpFunction::revoked:
      case OpFunction::lost:
      case OpFunction::log:
      case OpFunction::compaction:
      case OpFunction::offset_reset:
      case OpFunction::topic_recreated:
      case OpFunction::fault:
      case OpFunction::client:
      case OpFunction::other: out_ += "null"; return;
    }
  }

  void micro_ops(const HistoryOp& op) {
    const auto items = h_.items_of(op);
    out_.push_back('[');
    bool first = true;
    for (std::size_t i = 0; i < items.size() && items[i].kind != ItemKind::rebalance;) {
      const bool written = items[i].kind == ItemKind::send || items[i].kind == ItemKind::append;
      if (written && !told(items[i].key, items[i].value)) {
        ++i;
        continue;
      }
      separate(first);
      if (items[i].kind == ItemKind::send) {
        send(op, items[i++]);
      } else if (items[i].kind == ItemKind::poll) {
        poll(op, items, ++i);
      } else if (items[i].kind == ItemKind::append || items[i].kind == ItemKind::read_list) {
        list_micro_op(items[i++]);
      } else {
        out_ += "[\"offsets\",";
        name(items[i].key);
        out_.push_back(',');
        const std::size_t begin = ++i;
        while (i < items.size() && items[i].kind == ItemKind::entry) ++i;
        key_offsets(items.subspan(begin, i - begin));
        out_.push_back(']');
      }
    }
    out_.push_back(']');
  }

  [[nodiscard]] bool told(NameId key, ValueId value) const {
    return only_ == nullptr || only_->contains({key, value});
  }

  void list_micro_op(const HistoryItem& item) {
    out_ += item.kind == ItemKind::append ? "[\"append\"," : "[\"r\",";
    name(item.key);
    out_.push_back(',');
    if (item.kind == ItemKind::append) {
      value(item.value);
    } else if (item.meta == kNoMeta) {
      out_ += "null";
    } else {
      out_.push_back('[');
      bool first = true;
      for (const ValueId v : h_.list_of(item)) {
        if (!told(item.key, v)) continue;
        separate(first);
        value(v);
      }
      out_.push_back(']');
    }
    out_.push_back(']');
  }

  void send(const HistoryOp& op, const HistoryItem& item) {
    out_ += "[\"send\",";
    name(item.key);
    out_.push_back(',');
    if (op.type == OpType::invoke) {
      value(item.value);
    } else {
      out_.push_back('[');
      offset(item.offset);
      out_.push_back(',');
      value(item.value);
      out_.push_back(']');
    }
    meta(item);
    out_.push_back(']');
  }

  void poll(const HistoryOp& op, std::span<const HistoryItem> items, std::size_t& i) {
    out_ += "[\"poll\"";
    const bool any = i < items.size() && items[i].kind == ItemKind::polled;
    if (any || op.type != OpType::invoke) {
      out_ += ",{";
      bool first = true;
      while (i < items.size() && items[i].kind == ItemKind::polled) {
        separate(first);
        name(items[i++].key);
        out_ += ":[";
        bool first_record = true;
        for (; i < items.size() && items[i].kind == ItemKind::record; ++i) {
          if (!told(items[i].key, items[i].value)) continue;
          separate(first_record);
          out_.push_back('[');
          integer(items[i].offset);
          out_.push_back(',');
          value(items[i].value);
          meta(items[i]);
          out_.push_back(']');
        }
        out_.push_back(']');
      }
      out_.push_back('}');
    }
    out_.push_back(']');
  }

  void meta(const HistoryItem& item) {
    if (item.meta == kNoMeta && item.epoch < 0) return;
    const RecordMeta none;
    const RecordMeta& m = item.meta == kNoMeta ? none : h_.metas[item.meta];
    out_ += ",{";
    bool first = true;
    const auto key = [&](std::string_view k) {
      separate(first);
      (out_ += "\"").append(k) += "\":";
    };
    if (item.epoch >= 0) key("leader_epoch"), integer(item.epoch);
    if (m.sequence >= 0) key("seq"), integer(m.sequence);
    if (m.record_key != kNoValue) key("record_key"), value(m.record_key);
    if (m.tombstone) key("tombstone"), out_ += "true";
    if (m.send_id != kNoValue) key("send_id"), value(m.send_id);
    if (m.derived_key != kNoName) {
      key("derived_from");
      out_.push_back('[');
      name(m.derived_key);
      out_.push_back(',');
      integer(m.derived_offset);
      out_.push_back(']');
    }
    if (m.digest.has_value()) {
      key("digest");
      out_.push_back('"');
      constexpr std::string_view kHex = "0123456789abcdef";
      for (int shift = 60; shift >= 0; shift -= 4) out_.push_back(kHex[*m.digest >> shift & 15]);
      out_.push_back('"');
    }
    out_.push_back('}');
  }

  void keys(const HistoryOp& op) {
    out_.push_back('[');
    bool first = true;
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind != ItemKind::entry) continue;
      separate(first);
      name(item.key);
    }
    out_.push_back(']');
  }

  void key_offsets(std::span<const HistoryItem> items) {
    out_.push_back('{');
    bool first = true;
    for (const HistoryItem& item : items) {
      if (item.kind != ItemKind::entry) continue;
      separate(first);
      name(item.key);
      out_.push_back(':');
      offset(item.offset);
    }
    out_.push_back('}');
  }

  void handled(const HistoryOp& op) {
    out_.push_back('[');
    bool first = true;
    for (const HistoryItem& item : h_.items_of(op)) {
      separate(first);
      out_.push_back('[');
      name(item.key);
      out_.push_back(',');
      integer(item.offset);
      out_.push_back(']');
    }
    out_.push_back(']');
  }

  void rebalances(const HistoryOp& op) {
    bool first = true;
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind != ItemKind::rebalance) continue;
      out_ += first ? ",\"rebalances\":[" : ",";
      first = false;
      out_ += "{\"event\":";
      value(item.value);
      out_ += ",\"keys\":[";
      name(item.key);
      out_ += "]}";
    }
    if (!first) out_.push_back(']');
  }

  const History& h_;
  const RecordSet* only_;  // null: all
  std::string out_;
};

}  // namespace

void write_history(const History& history, std::ostream& to) { Writer(history).write(to); }

std::string write_history(const History& history) {
  std::ostringstream to;
  write_history(history, to);
  return std::move(to).str();
}

std::string write_header(const History& history) { return Writer(history).only_header(); }

std::string write_operation(const History& history, std::uint32_t position, const RecordSet* only) {
  return Writer(history, only).one(position);
}

}  // namespace weir
