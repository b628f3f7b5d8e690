// A value that copies share until one of them is changed (copy on write).
//
// Images are copied at every publication and changed a little in between: so a copy costs a
// counter, and a change costs a copy only where somebody still holds the old state. Counts are not
// atomic in effect: images never cross threads.
#pragma once

#include <memory>

namespace weir {

template <class T>
class SharedPart {
 public:
  SharedPart() : value_(std::make_shared<T>()) {}

  [[nodiscard]] const T& operator*() const { return *value_; }
  [[nodiscard]] const T* operator->() const { return value_.get(); }

  // To be changed: this copy's own from here on. References to the old state stay valid as long as
  // another copy holds it.
  [[nodiscard]] T& edit() {
    if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
    return *value_;
  }

  // True at once where both are the same object.
  friend bool operator==(const SharedPart& a, const SharedPart& b) {
    return a.value_ == b.value_ || *a.value_ == *b.value_;
  }
  [[nodiscard]] bool shares_with(const SharedPart& other) const { return value_ == other.value_; }

 private:
  std::shared_ptr<T> value_;
};

}  // namespace weir
