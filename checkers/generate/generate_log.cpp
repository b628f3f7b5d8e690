// Log histories: producers and consumers around logs in memory.
#include <algorithm>
#include <deque>

#include "broker/base/random.h"
#include "checkers/generate/generate.h"
#include "checkers/generate/scenes.h"

namespace weir {
namespace {

constexpr std::size_t kPollRecords = 40;
constexpr std::int64_t kStep = 1'000;  // ns between lines

struct Record {
  ValueId value = kNoValue;
  bool hidden = false;    // planted: no reader gets it
  bool reserved = false;  // its place is taken, the record comes later
};

struct Client {
  bool open = false;
  std::size_t partition = 0;
  ValueId value = kNoValue;
  std::size_t slot = kNoSlot;           // a reserved place that it fills
  std::vector<std::int64_t> positions;  // of a consumer
  static constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);
};

std::string bounds_text(const HistoryBounds& b) {
  std::string text;
  const auto add = [&text](std::string_view name, const std::optional<std::int64_t>& bound) {
    if (!bound) return;
    text += text.empty() ? ",\"bounds\":{" : ",";
    text += "\"" + std::string(name) + "\":" + std::to_string(*bound);
  };
  add("staleness_ns", b.staleness_ns);
  add("orphan_ns", b.orphan_ns);
  add("lso_ns", b.lso_ns);
  add("uncaused_rebalances", b.uncaused_rebalances);
  return text.empty() ? text : text + "}";
}

class LogWorld {
 public:
  explicit LogWorld(const GeneratePlan& plan)
      : plan_(plan), random_(Random::keyed(plan.seed, 0, "generate", "log")) {
    History& h = out_.history;
    h.title = "generated";
    h.config.final_drain = true;
    for (const FindingKind kind : plan.plants) set_bound_of(kind, h.config);
    h.config.text = R"({"isolation":"read_committed","acks":"all","final_drain":true)" +
                    bounds_text(h.config.bounds) + "}";
    for (int p = 0; p < plan.keys; ++p) keys_.push_back(h.names.intern("p-" + std::to_string(p)));
    logs_.resize(keys_.size());
    clients_.resize(static_cast<std::size_t>(plan.writers + plan.readers));
    for (Client& c : clients_) c.positions.assign(keys_.size(), 0);
    plants_.assign(plan.plants.begin(), plan.plants.end());
    gap_ = plan.operations / static_cast<std::int64_t>(plants_.size() + 2) + 1;
    next_plant_ = gap_;
  }

  Generated run() {
    for (std::size_t c = writers(); c < clients_.size(); ++c) assign(c);
    while (invoked_ < plan_.operations || !due_.empty()) {
      if (invoked_ >= plan_.operations + 100'000) break;
      if (invoked_ >= next_plant_ && !plants_.empty()) {
        has_scene(plants_.front()) ? play(plants_.front()) : due_.push_back(plants_.front());
        plants_.pop_front();
        next_plant_ += gap_;
      }
      const std::size_t c = random_.below(clients_.size());
      clients_[c].open ? complete(c) : invoke(c);
    }
    for (std::size_t c = 0; c < clients_.size(); ++c) {
      if (clients_[c].open) complete(c);
    }
    fill_reserved();
    drain();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::size_t writers() const { return static_cast<std::size_t>(plan_.writers); }
  [[nodiscard]] bool writes(std::size_t c) const { return c < writers(); }

  void play(FindingKind kind) {
    constexpr std::int64_t kProcesses = 10;  // of a scene
    const auto number = static_cast<std::int64_t>(out_.planted.size());
    const auto first = static_cast<std::int64_t>(clients_.size()) + kProcesses * (1 + number);
    const Stage stage{"p-scene-" + std::to_string(number), first,
                      static_cast<std::int64_t>(out_.history.ops.size()) * kStep};
    play_scene(kind, stage, out_.history);
    out_.planted.push_back({kind, stage.key, ""});
  }

  // One line: the items added since `begin` are its own.
  void line(std::size_t c, OpType type, OpFunction f, std::size_t begin) {
    History& h = out_.history;
    HistoryOp op;
    op.time = static_cast<std::int64_t>(h.ops.size()) * kStep;
    op.process = static_cast<std::int64_t>(c);
    op.type = type;
    op.function = f;
    op.items_begin = static_cast<std::uint32_t>(begin);
    op.items_end = static_cast<std::uint32_t>(h.items.size());
    op.seek_beginning = f == OpFunction::assign;
    h.ops.push_back(op);
    invoked_ += type == OpType::invoke;
  }
  HistoryItem& item(ItemKind kind, std::size_t partition) {
    HistoryItem& i = out_.history.items.emplace_back();
    i.kind = kind;
    i.key = kind == ItemKind::poll ? kNoName : keys_[partition];
    return i;
  }

  void assign(std::size_t c) {
    for (const OpType type : {OpType::invoke, OpType::ok}) {
      const std::size_t begin = out_.history.items.size();
      for (std::size_t p = 0; p < keys_.size(); ++p) item(ItemKind::entry, p);
      line(c, type, OpFunction::assign, begin);
    }
  }

  void invoke(std::size_t c) {
    Client& client = clients_[c];
    client.open = true;
    const std::size_t begin = out_.history.items.size();
    client.partition = random_.below(keys_.size());
    if (!writes(c)) {
      item(ItemKind::poll, 0);
      return line(c, OpType::invoke, OpFunction::poll, begin);
    }
    client.value = out_.history.integer_value(next_value_++);
    if (reserved_ && reserved_ready_) {
      client.partition = reserved_partition_;
      client.slot = reserved_slot_;
      plant(FindingKind::realtime_append_order, client.partition, client.value);
      reserved_ = false;
    }
    item(ItemKind::send, client.partition).value = client.value;
    line(c, OpType::invoke, OpFunction::send, begin);
  }

  void complete(std::size_t c) {
    clients_[c].open = false;
    writes(c) ? complete_send(c) : complete_poll(c, kPollRecords);
  }

  void plant(FindingKind kind, std::size_t partition, ValueId value) {
    out_.planted.push_back({kind, std::string(out_.history.name(keys_[partition])),
                            value == kNoValue ? "" : datum_of(out_.history, value).json});
  }
  bool take(FindingKind kind) {
    const auto it = std::find(due_.begin(), due_.end(), kind);
    if (it == due_.end()) return false;
    due_.erase(it);
    return true;
  }

  void complete_send(std::size_t c) {
    Client& client = clients_[c];
    std::vector<Record>& log = logs_[client.partition];
    OpType type = OpType::ok;
    bool stored = true;
    std::size_t at = log.size(), told = at;
    if (client.slot != Client::kNoSlot) {
      at = told = client.slot;
      log[at] = {client.value};
      client.slot = Client::kNoSlot;
      stored = false;
    } else if (take(FindingKind::lost_write)) {
      log.push_back({client.value, true});
      log.push_back({fresh_garbage_free(c), false});
      plant(FindingKind::lost_write, client.partition, client.value);
      stored = false;
    } else if (take(FindingKind::duplicate)) {
      log.push_back({client.value});
      plant(FindingKind::duplicate, client.partition, client.value);
    } else if (at > 0 && take(FindingKind::ack_offset_mismatch)) {
      told = 0;
      plant(FindingKind::ack_offset_mismatch, client.partition, client.value);
    } else if (take(FindingKind::g1a)) {
      type = OpType::fail;
      plant(FindingKind::g1a, client.partition, client.value);
    } else if (keys_.size() > 1 && take(FindingKind::misrouted_record)) {
      logs_[(client.partition + 1) % keys_.size()].push_back({client.value});
      plant(FindingKind::misrouted_record, (client.partition + 1) % keys_.size(), client.value);
      stored = false;
      type = OpType::info;
    } else if (take(FindingKind::garbage_read)) {
      const ValueId nobody = out_.history.integer_value(-next_value_++);
      log.push_back({nobody});
      at = told = log.size();
      plant(FindingKind::garbage_read, client.partition, nobody);
    } else if (!reserved_ && take(FindingKind::realtime_append_order)) {
      reserved_ = true;
      reserved_ready_ = true;
      reserved_partition_ = client.partition;
      reserved_slot_ = log.size();
      log.push_back({kNoValue, false, true});
      at = told = log.size();
    } else if (const std::uint64_t fate = random_.below(200); fate < 3) {
      // Nobody knows, or it definitely failed.
      type = fate < 2 ? OpType::info : OpType::fail;
      stored = fate == 0;
    }
    if (stored) log.push_back({client.value});
    const std::size_t begin = out_.history.items.size();
    HistoryItem& sent = item(ItemKind::send, client.partition);
    sent.value = client.value;
    if (type == OpType::ok) sent.offset = static_cast<std::int64_t>(told);
    line(c, type, OpFunction::send, begin);
  }

  // A record of another producer behind a lost one, so that readers pass its place.
  ValueId fresh_garbage_free(std::size_t c) {
    const ValueId value = out_.history.integer_value(next_value_++);
    pending_.push_back({clients_[c].partition, value});
    return value;
  }

  void complete_poll(std::size_t c, std::size_t limit) {
    Client& client = clients_[c];
    send_pending();
    const std::size_t begin = out_.history.items.size();
    item(ItemKind::poll, 0);
    std::size_t taken = 0;
    for (std::size_t n = 0; n < keys_.size() && taken < limit; ++n) {
      const std::size_t p = (client.partition + n) % keys_.size();
      if (static_cast<std::size_t>(client.positions[p]) >= logs_[p].size()) continue;
      taken += read(client, p, limit - taken);
    }
    line(c, OpType::ok, OpFunction::poll, begin);
  }

  std::size_t read(Client& client, std::size_t p, std::size_t limit) {
    const std::vector<Record>& log = logs_[p];
    auto at = static_cast<std::size_t>(client.positions[p]);
    if (at > 3 && at < log.size() && !log[at - 1].hidden && take(FindingKind::nonmonotonic_poll)) {
      --at;
      plant(FindingKind::nonmonotonic_poll, p, kNoValue);
    } else if (at > 3 && at + 2 < log.size() && !log[at].hidden && !log[at].reserved &&
               !log[at + 1].hidden && !log[at + 1].reserved && take(FindingKind::poll_skip)) {
      plant(FindingKind::poll_skip, p, log[at].value);
      ++at;
    }
    std::size_t count = 0;
    bool opened = false;
    for (; at < log.size() && count < limit && !log[at].reserved; ++at) {
      if (log[at].hidden) continue;
      if (!opened) item(ItemKind::polled, p);
      opened = true;
      if (count == 2 && at + 2 < log.size() && !log[at + 1].reserved && !log[at + 1].hidden &&
          limit - count > 2 && take(FindingKind::int_poll_skip)) {
        plant(FindingKind::int_poll_skip, p, log[at].value);
        ++at;
      }
      HistoryItem& got = item(ItemKind::record, p);
      got.offset = static_cast<std::int64_t>(at);
      got.value = log[at].value;
      if (count == 1 && take(FindingKind::inconsistent_offsets)) {
        got.value = out_.history.integer_value(-next_value_++);
        plant(FindingKind::inconsistent_offsets, p, log[at].value);
      }
      ++count;
    }
    client.positions[p] = static_cast<std::int64_t>(at);
    return count;
  }

  // What was put into the logs for a plant is sent by a client of its own.
  void send_pending() {
    const std::size_t c = clients_.size();
    for (const auto& [partition, value] : pending_) {
      for (const OpType type : {OpType::invoke, OpType::info}) {
        const std::size_t begin = out_.history.items.size();
        item(ItemKind::send, partition).value = value;
        line(c, type, OpFunction::send, begin);
      }
    }
    pending_.clear();
  }

  void fill_reserved() {
    if (!reserved_) return;
    invoke(0);
    complete(0);
  }

  void drain() {
    for (std::size_t c = writers(); c < clients_.size(); ++c) {
      while (true) {
        bool more = false;
        for (std::size_t p = 0; p < keys_.size(); ++p) {
          more |= static_cast<std::size_t>(clients_[c].positions[p]) < logs_[p].size();
        }
        invoke(c);
        clients_[c].open = false;
        complete_poll(c, 10 * kPollRecords);
        if (!more) break;
      }
    }
  }

  const GeneratePlan& plan_;
  Random random_;
  Generated out_;
  std::vector<NameId> keys_;
  std::vector<std::vector<Record>> logs_;
  std::vector<Client> clients_;
  std::deque<FindingKind> plants_;
  std::vector<FindingKind> due_;
  std::vector<std::pair<std::size_t, ValueId>> pending_;
  std::int64_t invoked_ = 0, gap_ = 0, next_plant_ = 0, next_value_ = 1;
  bool reserved_ = false, reserved_ready_ = false;
  std::size_t reserved_partition_ = 0, reserved_slot_ = 0;
};

}  // namespace

Generated generate_log(const GeneratePlan& plan) { return LogWorld(plan).run(); }

}  // namespace weir
