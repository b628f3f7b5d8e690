// Calling and dropping of waiting handlers.
#include "sim/operations.h"

#include <type_traits>

namespace weir::sim {
namespace {

// What a handler is called with where no value was kept for it.
template <class T>
T value_of(std::uint64_t word) {
  if constexpr (std::is_same_v<T, Resume>) {
    return {};
  } else if constexpr (std::is_same_v<T, bool>) {
    return word != 0;
  } else {
    if constexpr (std::is_same_v<T, Result<void>>) {
      if (word == 0) return {};
    }
    return make_error_code(word == 0 ? Errc::io_error : static_cast<Errc>(word));
  }
}

}  // namespace

void Operations::complete(OperationId id, std::uint64_t word) {
  std::visit(
      [this, id, word](auto& w) {
        using W = std::decay_t<decltype(w)>;
        if constexpr (!std::is_same_v<W, std::monostate>) {
          using T = typename decltype(w.value)::value_type;
          Once<T> handler = std::move(w.handler);
          T value = w.value ? std::move(*w.value) : value_of<T>(word);
          release(id.slot);  // the handler may start the next operation
          handler(std::move(value));
        }
      },
      slots_[id.slot].waiting);
}

void Operations::drop_all() {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].used) continue;
    // Out of the table first: destroying a handler may add further operations, also before i.
    auto doomed = std::exchange(slots_[i].waiting, std::monostate{});
    release(i);
  }
  if (free_.size() < slots_.size()) drop_all();
}

}  // namespace weir::sim
