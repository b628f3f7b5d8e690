// Operations: the table of what one life of a process is waiting for.
//
// The queue holds an operation's number (slot and generation), never its handler: a handler owns
// the coroutine that waits behind it, and only its process may own coroutines. A number that is no
// longer in the table finds nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/result.h"
#include "broker/ports/disk.h"
#include "broker/ports/fiber.h"
#include "broker/ports/network.h"
#include "broker/ports/once.h"
#include "sim/event_queue.h"

namespace weir::sim {

struct OperationId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // 0: none
};

// A handler and, once it is known, what it will be called with.
template <class T>
struct Waiting {
  explicit Waiting(Once<T>&& h) : handler(std::move(h)) {}
  Once<T> handler;
  std::optional<T> value;
};

inline constexpr std::int64_t kNoDeadline = std::numeric_limits<std::int64_t>::max();

struct OperationSlot {
  std::variant<std::monostate, Waiting<Resume>, Waiting<bool>, Waiting<Result<void>>,
               Waiting<Result<Slice>>, Waiting<Result<std::unique_ptr<Stream>>>,
               Waiting<Result<std::unique_ptr<File>>>, Waiting<Result<std::vector<std::string>>>>
      waiting;
  Event* event = nullptr;               // pending completion or deadline
  std::int64_t deadline = kNoDeadline;  // on the node's own clock, while `event` is the deadline
  std::uint32_t generation = 1;
  bool used = false;     // else what waited there is done
  bool decided = false;  // `event` is the completion: nothing else may complete it
};

class Operations {
 public:
  template <class T>
  OperationId add(Once<T>&& handler) {
    std::uint32_t index = 0;
    if (free_.empty()) {
      index = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      index = free_.back();
      free_.pop_back();
    }
    OperationSlot& slot = slots_[index];
    slot.used = true;
    if (auto* done = std::get_if<Waiting<T>>(&slot.waiting)) {
      done->handler = std::move(handler);
      done->value.reset();
    } else {
      slot.waiting.template emplace<Waiting<T>>(std::move(handler));
    }
    return {index, slot.generation};
  }

  [[nodiscard]] OperationSlot& at(OperationId id) { return slots_[id.slot]; }

  [[nodiscard]] OperationSlot* find(OperationId id) {
    if (id.slot >= slots_.size()) return nullptr;
    OperationSlot& slot = slots_[id.slot];
    return slot.generation == id.generation ? &slot : nullptr;
  }

  // Takes the handler out of the table; the slot's event has been dealt with.
  template <class T>
  [[nodiscard]] Once<T> take(OperationId id) {
    Once<T> handler = std::move(std::get<Waiting<T>>(slots_[id.slot].waiting).handler);
    release(id.slot);
    return handler;
  }

  // Takes the operation out of the table and calls its handler: with the value that waits, else
  // with what `word` says (an error number; 0 is success, or false for an alarm).
  void complete(OperationId id, std::uint64_t word);

  // Every slot in use, in order of slots.
  template <class F>
  void for_each(F visit) {
    for (OperationSlot& slot : slots_) {
      if (slot.used) visit(slot);
    }
  }

  // Destroys every handler uncalled, also those that are added meanwhile.
  void drop_all();

 private:
  // Its handler has been taken out.
  void release(std::uint32_t index) {
    OperationSlot& slot = slots_[index];
    slot.used = false;
    slot.event = nullptr;
    slot.deadline = kNoDeadline;
    slot.decided = false;
    if (++slot.generation == 0) slot.generation = 1;
    free_.push_back(index);
  }

  std::vector<OperationSlot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace weir::sim
