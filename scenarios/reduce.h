// Reduction: the smallest part of a list that still fails, by asking again and again.
//
// After Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002): chunks
// are left out, first all, then halves, quarters and so on down to single items, from the end to
// the beginning, until no single item can be left out any more. Pure and deterministic: the answer
// depends on the predicate alone.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace weir {

// Whether it still fails with these of the items alone; their places, in order.
using StillFails = std::function<bool(const std::vector<std::size_t>& kept)>;

// The places of what is left of `count` items. All of them are taken to fail, and are not asked.
[[nodiscard]] std::vector<std::size_t> reduce(std::size_t count, const StillFails&);

// The items at these places.
template <class Item>
[[nodiscard]] std::vector<Item> items_at(const std::vector<Item>& items,
                                         const std::vector<std::size_t>& places) {
  std::vector<Item> some;
  for (const std::size_t place : places) some.push_back(items[place]);
  return some;
}

}  // namespace weir
