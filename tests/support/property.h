// Properties over drawn values that fail the test in which they are asked: RapidCheck's own check()
// only prints and returns whether it held.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <utility>

namespace weir {

template <class... Arguments>
void expect_property(Arguments&&... arguments) {
  EXPECT_TRUE(rc::check(std::forward<Arguments>(arguments)...));
}

}  // namespace weir
