// Handing facts and traced events to their readers.
#include "sim/kernel.h"

#include <array>
#include <cstddef>
#include <utility>

namespace weir::sim {

// Owns the texts, because the views of a fact live only during emit().
struct Kernel::WaitingFact {
  WaitingFact(const Observed& o)
      : fact(o.fact),
        sequence(o.sequence),
        cause(o.cause),
        at(o.at),
        node(o.node),
        life(o.life),
        name(o.node_name),
        topic(o.fact.topic),
        record(o.fact.record),
        peer(o.fact.peer),
        why(o.fact.why) {}

  Fact fact;
  std::uint64_t sequence;
  std::uint64_t cause;
  Instant at;
  NodeId node;
  std::uint32_t life;
  std::string name, topic, record, peer, why;
};

Kernel::Kernel() = default;
Kernel::~Kernel() = default;

void Kernel::emit(const Fact& fact, NodeId node, std::string_view node_name, std::uint32_t life) {
  ++sequence_;
  fingerprint_ = fold(fold(fingerprint_, static_cast<std::uint64_t>(now_)),
                      static_cast<std::uint64_t>(node.value()) << 32 | life);
  fingerprint_ = fold(fingerprint_, fact);
  if (readers_.empty()) return;
  const Observed observed{sequence_, Instant{now_}, node, node_name, life, executing_, fact};
  if (notifying_) {
    waiting_.emplace_back(observed);
    return;
  }
  notifying_ = true;
  deliver(observed);
  while (!waiting_.empty()) {
    const std::vector<WaitingFact> batch = std::exchange(waiting_, {});
    for (const WaitingFact& w : batch) {
      Fact owned = w.fact;
      owned.topic = w.topic;
      owned.record = w.record;
      owned.peer = w.peer;
      owned.why = w.why;
      deliver({w.sequence, w.at, w.node, w.name, w.life, w.cause, owned});
    }
  }
  notifying_ = false;
}

void Kernel::deliver(const Observed& observed) {
  // By index: a reader may add or remove readers.
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    try {
      readers_[i]->on(observed);
    } catch (const std::exception&) {
      reader_error_ = std::current_exception();
    }
  }
}

void Kernel::trace(const Event& e) {
  if (trace_ == nullptr) return;
  trace_->on_event(
      {sequence_, Instant{now_}, NodeId{e.node}, e.life, name_of(e.kind), e.cause, e.word});
}

std::string_view name_of(EventKind kind) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(EventKind::count_)> kNames = {
      "operation",    "deliver", "connect",  "refused", "window",
      "user timeout", "overdue", "run held", "action"};
  const auto i = static_cast<std::size_t>(kind);
  return i < kNames.size() ? kNames[i] : std::string_view("unknown");
}

}  // namespace weir::sim
