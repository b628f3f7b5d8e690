// The event queue: a hierarchical timing wheel of exact nanoseconds, with a FIFO list of what is
// due in front.
//
// 11 levels of 64 slots cover 64-bit time. A slot is a list in order of insertion, a slot of level
// 0 holds one single instant, and slots are handed down in order, so ties stay first in, first out
// without a stored sequence number. Events are plain values of 64 bytes from a pool; cancelling
// one is an unlinking.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace weir::sim {

enum class EventKind : std::uint8_t {
  operation,     // a waiting operation of a process completes
  deliver,       // the next segment of a connection's direction arrives
  connect,       // a connection request arrives at its target
  refused,       // the answer "nobody listens" arrives
  window,        // a blocked sender learns that its peer has read
  user_timeout,  // a sender has been cut off for too long
  overdue,       // the delayed reset of a black hole
  run_held,      // a node is free for the next of its held wake-ups
  action,        // of the harness
  count_,        // not a kind
};

struct alignas(64) Event {
  Event* next;
  Event* prev;
  std::int64_t at;
  std::uint64_t cause;
  std::uint32_t node;
  std::uint32_t life;
  std::uint32_t slot;        // of an operation table, a connection table or the actions
  std::uint32_t generation;  // of that slot
  std::uint64_t word;        // result: an error number, a direction
  std::uint16_t list;        // where it is linked: a wheel slot, kReady, kHeld or kNowhere
  EventKind kind;
};
static_assert(sizeof(Event) == 64);

struct EventList {
  Event* head = nullptr;
  Event* tail = nullptr;

  [[nodiscard]] bool empty() const { return head == nullptr; }
  void append(Event* e) {
    e->next = nullptr;
    e->prev = tail;
    (tail != nullptr ? tail->next : head) = e;
    tail = e;
  }
  void remove(Event* e) {
    (e->prev != nullptr ? e->prev->next : head) = e->next;
    (e->next != nullptr ? e->next->prev : tail) = e->prev;
  }
  Event* take_first() {
    Event* e = head;
    head = e->next;
    (head != nullptr ? head->prev : tail) = nullptr;
    return e;
  }
};

class EventPool {
 public:
  EventPool() = default;
  EventPool(const EventPool&) = delete;
  EventPool& operator=(const EventPool&) = delete;

  Event* take() {
    if (free_ == nullptr) grow();
    Event* e = free_;
    free_ = e->next;
    return e;
  }
  void give_back(Event* e) {
    e->next = free_;
    free_ = e;
  }

 private:
  static constexpr std::size_t kSlab = 256;  // events allocated together: 16 KiB

  void grow() {
    slabs_.push_back(std::make_unique<Event[]>(kSlab));
    for (std::size_t i = kSlab; i-- > 0;) give_back(&slabs_.back()[i]);
  }

  Event* free_ = nullptr;
  std::vector<std::unique_ptr<Event[]>> slabs_;
};

class EventQueue {
 public:
  static constexpr std::uint16_t kReady = 704;  // 11 levels x 64 slots come before it
  static constexpr std::uint16_t kHeld = 705;   // in a node's own list
  static constexpr std::uint16_t kNowhere = 706;

  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  [[nodiscard]] Event* take_free() { return pool_.take(); }
  void give_back(Event* e) { pool_.give_back(e); }

  // e->at is not earlier than `now`, the instant of the event that is being executed.
  void push(Event* e, std::int64_t now) {
    ++size_;
    if (e->at == now) {
      e->list = kReady;
      lists_[kReady].append(e);
    } else {
      insert(e);
    }
  }

  // Unlinks an event that is pending (not held, not executing).
  void remove(Event* e) {
    --size_;
    lists_[e->list].remove(e);
    if (e->list != kReady && lists_[e->list].empty()) clear(e->list);
    e->list = kNowhere;
  }

  // The next event at or before `until`, unlinked; null where there is none.
  Event* pop(std::int64_t until) {
    if (lists_[kReady].empty() && !advance(until)) return nullptr;
    Event* e = lists_[kReady].take_first();
    e->list = kNowhere;
    --size_;
    return e;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr unsigned kBits = 6;
  static constexpr unsigned kLevels = 11;
  static constexpr unsigned kSlots = 64;

  void insert(Event* e) {
    const std::uint64_t at = static_cast<std::uint64_t>(e->at);
    const std::uint64_t differs = at ^ base_;
    const unsigned level =
        differs == 0 ? 0 : (63u - static_cast<unsigned>(std::countl_zero(differs))) / kBits;
    const unsigned slot = static_cast<unsigned>(at >> (level * kBits)) & (kSlots - 1);
    e->list = static_cast<std::uint16_t>(level * kSlots + slot);
    occupied_[level] |= std::uint64_t{1} << slot;
    levels_ |= 1u << level;
    lists_[e->list].append(e);
  }

  void clear(unsigned list) {
    const unsigned level = list / kSlots;
    occupied_[level] &= ~(std::uint64_t{1} << (list % kSlots));
    if (occupied_[level] == 0) levels_ &= ~(1u << level);
  }

  // Makes the events of the next occupied instant ready; false where that is after `until`.
  bool advance(std::int64_t until) {
    while (levels_ != 0) {
      const unsigned level = static_cast<unsigned>(std::countr_zero(levels_));
      const unsigned slot = static_cast<unsigned>(std::countr_zero(occupied_[level]));
      const unsigned index = level * kSlots + slot;
      EventList& list = lists_[index];
      Event* e = list.head;
      if (level == 0 || e->next == nullptr) {  // one instant alone
        if (e->at > until) return false;
        base_ = static_cast<std::uint64_t>(e->at);
        lists_[kReady] = std::exchange(list, {});
        clear(index);
        for (; e != nullptr; e = e->next) e->list = kReady;
        return true;
      }
      const std::uint64_t start = static_cast<std::uint64_t>(e->at) >> (level * kBits)
                                                                           << (level * kBits);
      if (start > static_cast<std::uint64_t>(until)) return false;
      base_ = start;
      list = {};
      clear(index);
      while (e != nullptr) {
        Event* next = e->next;
        insert(e);
        e = next;
      }
    }
    return false;
  }

  std::uint64_t base_ = 0;  // every event in the wheel is at or after it; slots are relative to it
  std::size_t size_ = 0;
  std::uint32_t levels_ = 0;
  std::array<std::uint64_t, kLevels> occupied_{};
  std::array<EventList, kLevels * kSlots + 1> lists_{};  // the last one is kReady
  EventPool pool_;
};

}  // namespace weir::sim
