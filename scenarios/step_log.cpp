// Draws are counted between events, for all streams at once.
#include "scenarios/step_log.h"

#include <algorithm>

namespace weir {

void StepLog::account() {
  world_.count_draws(now_);
  before_.resize(now_.size(), 0);
  if (!steps_.events.empty()) {
    for (std::size_t i = 0; i < now_.size(); ++i) {
      // A stream that was drawn anew under another branch counts from its beginning.
      const std::uint64_t drawn = now_[i] - (now_[i] < before_[i] ? 0 : before_[i]);
      if (drawn > 0) {
        steps_.events.back().drawn.push_back({static_cast<std::uint32_t>(i), drawn});
      }
    }
  }
  std::swap(before_, now_);
}

void StepLog::on_event(const TracedEvent& event) {
  account();
  auto kind = std::ranges::find(steps_.kinds, event.kind);
  if (kind == steps_.kinds.end()) {
    steps_.kinds.emplace_back(event.kind);
    kind = steps_.kinds.end() - 1;
  }
  steps_.events.push_back({event.sequence,
                           event.at.ns,
                           event.node.value(),
                           static_cast<std::uint32_t>(kind - steps_.kinds.begin()),
                           event.result,
                           {}});
  if (next_ != nullptr) next_->on_event(event);
}

Steps StepLog::take() {
  account();
  steps_.streams = world_.stream_names();
  for (std::size_t n = 0; n < world_.nodes(); ++n) {
    steps_.nodes.push_back(world_.name(NodeId(static_cast<std::uint32_t>(n))));
  }
  return std::move(steps_);
}

}  // namespace weir
