// WaitingLine: coroutines that wait for something to change, first come, first served.
//
// A place holds an alarm of the node's timers; whoever leaves lets the next one try. Nothing here
// looks at the line when a coroutine is destroyed by a crash.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>

#include "broker/ports/clock.h"

namespace weir {

class WaitingLine {
 public:
  using Place = std::shared_ptr<Alarm>;

  [[nodiscard]] Place join(Timers& timers) {
    places_.push_back(timers.alarm());
    return places_.back();
  }
  // A place that stands in other lines too: it is woken by whichever moves first.
  void join(const Place& place) { places_.push_back(place); }
  void leave(const Place& place) {
    std::erase(places_, place);
    notify_first();
  }
  [[nodiscard]] bool empty() const { return places_.empty(); }
  [[nodiscard]] bool is_first(const Place& place) const {
    return !places_.empty() && places_.front() == place;
  }
  void notify_first() {
    if (!places_.empty()) places_.front()->notify();
  }
  void notify_all() {
    for (const Place& place : places_) place->notify();
  }

 private:
  std::deque<Place> places_;
};

}  // namespace weir
