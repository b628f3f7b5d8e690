// Histories as JSON: case files, and weir-history/1 (one JSON object a line, with an end mark).
//
// Reading accepts histories from anywhere: unknown keys are ignored, functions that no checker
// knows are kept as they are. What breaks the shape is an error that names file, line, JSON path,
// the value found and what was expected; nothing read ever crashes. Where a history has begun well,
// what comes before the first mistake can be judged still: it is one that was cut off. Writing is
// byte-stable: keys in a fixed order, integers only.
#pragma once

#include <iosfwd>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "checkers/history.h"

namespace weir {

class Pieces;

struct HistoryError {
  std::string text;  // "run.jsonl:17: at value[0][2]: found -3, expected an offset of 0 or more"
};

inline constexpr std::size_t kMaxHistoryOps = 50'000'000;

// What a file or a pipe holds; nothing where it cannot be read.
[[nodiscard]] std::optional<std::string> read_text(const std::string& path);

[[nodiscard]] std::variant<History, HistoryError> read_history(std::string_view text,
                                                               const std::string& file_name);

// The same up to the first mistake, which `broken` of the history tells; an error only where there
// is no history at all.
[[nodiscard]] std::variant<History, HistoryError> read_history_so_far(std::string_view text,
                                                                      const std::string& file_name);
[[nodiscard]] std::variant<History, HistoryError> read_history_so_far(Pieces&,
                                                                      const std::string& file_name);

// A file's history up to the first mistake; nothing where the file cannot be read.
[[nodiscard]] std::optional<std::variant<History, HistoryError>> read_history_file(
    const std::string& path);

// Header, one line an operation, end mark; before that what only the run knows.
[[nodiscard]] std::string write_history(const History&);
// The same as it is made: it need not be held whole.
void write_history(const History&, std::ostream&);

// The same in parts: the header, an operation, and the truth, which is a line of the run and one
// for each partition that was read back. Of what is stored there `only` these values, where given.
[[nodiscard]] std::string write_header(const History&);
// `only`: of what it sent and read, these records or elements.
using RecordSet = std::set<std::pair<NameId, ValueId>>;  // (key, value)
[[nodiscard]] std::string write_operation(const History&, std::uint32_t position,
                                          const RecordSet* only = nullptr);
[[nodiscard]] std::string write_truth(const History&, const std::set<ValueId>* only = nullptr);

}  // namespace weir
