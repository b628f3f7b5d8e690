// Histories of Jepsen: history.edn (kafka, list-append and register workloads), and its console
// log.
//
// Operations have the same shape as ours, as EDN. The nemesis becomes events of faults; what no
// checker knows is kept. A history of Jepsen says nothing of its configuration, so the defaults
// count: read_committed, acks=all, idempotent, no final read.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <variant>

#include "checkers/history_json.h"

namespace weir {

[[nodiscard]] bool looks_like_edn(std::string_view text);
[[nodiscard]] std::variant<History, HistoryError> read_edn(Pieces&, const std::string& file_name);

// Lines such as `INFO  jepsen.util - 3 :invoke :cas [1 2]`.
[[nodiscard]] bool looks_like_console(std::string_view text);
[[nodiscard]] std::variant<History, HistoryError> read_console(std::string_view text,
                                                               const std::string& file_name);

// What Jepsen's checkers understand of a history: sends, polls, transactions in one operation,
// assignments, crashes, faults; list-append and registers whole. One map a line.
void write_edn(const History&, std::ostream&);

}  // namespace weir
