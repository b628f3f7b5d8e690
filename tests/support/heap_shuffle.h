// A seeded, shuffling heap: finds order by pointers and reads of uninitialised memory.
//
// Address-space randomisation does not change the order of allocations and so finds none of them.
// A program that links this gets its operator new replaced; it passes through until a seed is set.
#pragma once

#include <cstdint>

namespace weir {

// From now on each allocation takes a random one of 64 blocks of its size class, filled with a
// pattern of the seed. 0 ends it. What was allocated before stays valid.
void set_heap_seed(std::uint64_t seed);

}  // namespace weir
