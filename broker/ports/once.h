// Once<T>: a move-only handler that is called at most once and may be destroyed uncalled.
//
// Destroying it uncalled destroys the coroutine that waits behind it: that is how a crash works.
// (boost::asio::any_completion_handler of Boost 1.81 recurses for ever on move assignment.) A
// handler that is moved by copying its bytes and forgetting where they were may say so by a member
// `static constexpr bool kMovesAsBytes = true`.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace weir {

template <class T>
class Once {
 public:
  Once() = default;

  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, Once>)
  explicit Once(F&& f) {
    using Stored = std::decay_t<F>;
    if constexpr (fits<Stored>()) {
      ::new (static_cast<void*>(storage_)) Stored(std::forward<F>(f));
      table_ = &kInline<Stored>;
    } else {
      ::new (static_cast<void*>(storage_)) Stored*(new Stored(std::forward<F>(f)));
      table_ = &kHeap<Stored>;
    }
  }

  Once(Once&& other) noexcept { take(other); }
  Once& operator=(Once&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;
  ~Once() { reset(); }

  [[nodiscard]] explicit operator bool() const { return table_ != nullptr; }

  // Calls the handler and lets go of it first, so that it may start the next operation.
  void operator()(T value) { std::exchange(table_, nullptr)->call(storage_, std::move(value)); }

  void reset() {
    if (const Table* t = std::exchange(table_, nullptr)) t->destroy(storage_);
  }

 private:
  static constexpr std::size_t kRoom = 4 * sizeof(void*);

  struct Table {
    // Destroys what was stored as well.
    void (*call)(void*, T&&);
    // Null: its bytes are all there is to move.
    void (*relocate)(void* to, void* from) noexcept;
    void (*destroy)(void*) noexcept;
  };

  void take(Once& other) noexcept {
    table_ = std::exchange(other.table_, nullptr);
    if (table_ == nullptr) return;
    if (table_->relocate == nullptr) {
      std::memcpy(storage_, other.storage_, kRoom);
    } else {
      table_->relocate(storage_, other.storage_);
    }
  }

  template <class F>
  static constexpr bool fits() {
    return sizeof(F) <= kRoom && alignof(F) <= alignof(std::max_align_t) &&
           std::is_nothrow_move_constructible_v<F>;
  }

  // Of a handler that is moved six times on its way into a table and out of it, a call each.
  template <class F>
  static constexpr bool moves_as_bytes() {
    if constexpr (std::is_trivially_copyable_v<F>) {
      return true;
    } else {
      return requires { requires F::kMovesAsBytes; };
    }
  }
  template <class F>
  static void relocate(void* to, void* from) noexcept {
    ::new (to) F(std::move(*static_cast<F*>(from)));
    static_cast<F*>(from)->~F();
  }

  template <class F>
  static constexpr Table kInline = {[](void* p, T&& value) {
                                      F f(std::move(*static_cast<F*>(p)));
                                      static_cast<F*>(p)->~F();
                                      std::move(f)(std::move(value));
                                    },
                                    moves_as_bytes<F>() ? nullptr : &relocate<F>,
                                    [](void* p) noexcept { static_cast<F*>(p)->~F(); }};

  template <class F>
  static constexpr Table kHeap = {[](void* p, T&& value) {
                                    const std::unique_ptr<F> stored(*static_cast<F**>(p));
                                    F& f = *stored;
                                    std::move(f)(std::move(value));
                                  },
                                  nullptr, [](void* p) noexcept { delete *static_cast<F**>(p); }};

  const Table* table_ = nullptr;
  alignas(std::max_align_t) std::byte storage_[kRoom];
};

}  // namespace weir
