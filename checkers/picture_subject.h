// What the picture of a finding is about: its values, places and keys; and the faults around it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/picture_grid.h"

namespace weir {

struct PictureSubject {
  explicit PictureSubject(const Finding&);

  std::set<std::string> keys;    // empty: any
  std::set<std::string> values;  // as JSON
  std::set<std::int64_t> offsets;
};

// The value of an operation on a register, or the tail that one on a stream told.
struct ObjectPlace {
  std::string value;  // empty where there is none
  std::int64_t tail = -1;
};
[[nodiscard]] ObjectPlace object_place(std::string_view json);

// Faults and other changes from the first of these rows to the last.
[[nodiscard]] std::vector<PictureBand> bands_of(const History& whole,
                                                const std::vector<PictureRow>&, std::size_t limit,
                                                std::size_t& left_out);

}  // namespace weir
