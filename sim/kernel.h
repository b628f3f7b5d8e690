// Kernel: virtual time, the queue, the running sequence number, the fingerprint and the readers.
//
// Knows nothing of nodes, networks or disks. The fingerprint folds every executed event and every
// fact as integer words, always.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/fact.h"
#include "broker/base/hash.h"
#include "broker/base/time.h"
#include "sim/event_queue.h"
#include "sim/observe.h"

namespace weir::sim {

class Kernel {
 public:
  // What an event is about; `at` in the past means now.
  Event& schedule(std::int64_t at, EventKind kind, std::uint32_t node, std::uint32_t life,
                  std::uint32_t slot, std::uint32_t generation, std::uint64_t word) {
    Event* e = queue_.take_free();
    e->at = at > now_ ? at : now_;
    e->cause = sequence_;
    e->node = node;
    e->life = life;
    e->slot = slot;
    e->generation = generation;
    e->word = word;
    e->kind = kind;
    queue_.push(e, now_);
    return *e;
  }

  void cancel(Event& e) {
    queue_.remove(&e);
    queue_.give_back(&e);
  }
  // A pending event comes now, behind those that are due already, with another word.
  void hasten(Event& e, std::uint64_t word) {
    queue_.remove(&e);
    e.at = now_;
    e.cause = sequence_;
    e.word = word;
    queue_.push(&e, now_);
  }

  // Takes the next event up to `until`, makes its time now and folds it; null where there is none.
  // The caller gives it back when it is done with it.
  Event* next(std::int64_t until) {
    Event* e = queue_.pop(until);
    if (e == nullptr) return nullptr;
    if (e->at != now_) {
      now_ = e->at;
      events_at_instant_start_ = events_;
    }
    ++events_;
    executing_ = ++sequence_;
    const std::uint64_t who = static_cast<std::uint64_t>(e->node) << 32 | e->slot;
    const std::uint64_t what = e->word << 8 | static_cast<std::uint64_t>(e->kind);
    fingerprint_ =
        fold(fingerprint_, static_cast<std::uint64_t>(e->at) * 0xd6e8feb86659fd93ull +
                               who * 0xa0761d6478bd642full + what * 0xe7037ed1a0b428dbull);
    return e;
  }
  void give_back(Event* e) { queue_.give_back(e); }
  // Instead of executing it: it stays pending, behind the others of its instant.
  void put_back(Event* e) { queue_.push(e, now_); }

  // The executing event is over; facts that the harness emits from now on have no cause.
  void end_event() { executing_ = 0; }

  // Moves time on to an instant before which nothing is pending.
  void move_to(std::int64_t now) {
    if (now > now_) {
      now_ = now;
      events_at_instant_start_ = events_;
    }
  }

  // Gives the fact its number, folds it and hands it to every reader, after the facts before it.
  void emit(const Fact&, NodeId node, std::string_view node_name, std::uint32_t life);
  void trace(const Event&);

  void add_reader(FactReader& reader) { readers_.push_back(&reader); }
  void remove_reader(FactReader& reader) { std::erase(readers_, &reader); }
  void set_trace(TraceReader* trace) { trace_ = trace; }
  [[nodiscard]] bool traced() const { return trace_ != nullptr; }
  // A reader's own exception is no failure of the node that happened to emit: it is kept, and
  // thrown from here.
  void rethrow_reader_error() {
    if (reader_error_) std::rethrow_exception(std::exchange(reader_error_, nullptr));
  }
  // Whether a reader is being called just now.
  [[nodiscard]] bool notifying() const { return notifying_; }

  [[nodiscard]] std::int64_t now() const { return now_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t events_at_instant() const {
    return events_ - events_at_instant_start_;
  }
  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }
  [[nodiscard]] std::uint64_t fingerprint() const { return mix(fingerprint_); }
  [[nodiscard]] std::size_t pending() const { return queue_.size(); }

 private:
  struct WaitingFact;  // emitted by a reader while another fact was on its way
  void deliver(const Observed&);

  std::int64_t now_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t executing_ = 0;
  std::uint64_t fingerprint_ = 0x243f6a8885a308d3ull;  // an arbitrary constant: digits of pi
  std::uint64_t events_ = 0;
  std::uint64_t events_at_instant_start_ = 0;
  TraceReader* trace_ = nullptr;
  bool notifying_ = false;
  EventQueue queue_;
  std::vector<FactReader*> readers_;
  std::vector<WaitingFact> waiting_;
  std::exception_ptr reader_error_;

 public:
  Kernel();
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
};

[[nodiscard]] std::string_view name_of(EventKind);

}  // namespace weir::sim
