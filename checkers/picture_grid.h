// PictureGrid: what the picture of a finding shows, before anything is drawn.
//
// A row is an operation of the witness (invocation and completion together), a column is a place:
// an offset of a partition, an element of a list, a value of a register, a tail of a stream. A cell
// is what the operation said of that place; it is in conflict where the finding is about it. A band
// is what happened to the system meanwhile: faults, from their begin to their end, and changes of
// owners and leaders. All are limited, and what was left out is counted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/finding.h"
#include "checkers/history.h"

namespace weir {

inline constexpr std::size_t kMaxPictureRows = 60;
inline constexpr std::size_t kMaxPictureColumns = 40;
inline constexpr std::size_t kMaxPictureBands = 24;

enum class PictureMark : std::uint8_t { written, unknown, failed, read, told };

struct PictureCell {
  std::size_t column = 0;
  PictureMark mark{};
  bool conflict = false;
  std::string text;
};

struct PictureRow {
  std::int64_t index = 0;  // of the history's author: of the invocation
  std::string span;        // "12-13", from the invocation to the completion
  std::string label;       // "process 3 send"
  std::string story;       // both lines in words
  OpType outcome{};        // of the completion; invoke: there is none
  bool named = false;      // the finding names it
  std::size_t from = 0;    // places among the lines of the witness
  std::size_t to = 0;
  std::vector<PictureCell> cells;
};

struct PictureColumn {
  std::string key;
  std::string place;  // "17", or "?" where nobody knows the offset
  bool behind_gap = false;
  bool conflict = false;
};

struct PictureBand {
  std::size_t from_row = 0;  // it lies between the rows before this one
  std::size_t to_row = 0;    // and this one
  std::string label;
};

struct PictureGrid {
  std::vector<PictureRow> rows;
  std::vector<PictureColumn> columns;
  std::vector<PictureBand> bands;
  std::size_t lines = 0;  // of the witness
  std::size_t rows_left_out = 0;
  std::size_t columns_left_out = 0;
  std::size_t bands_left_out = 0;
};

[[nodiscard]] PictureGrid picture_grid(const History& whole, const History& witness,
                                       const Finding&);

}  // namespace weir
