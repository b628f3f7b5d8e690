// Histories of transactions that append to lists and read them whole (Elle's list-append).
//
// One read of a list gives the order of all appends before it; the longest read gives the order of
// a key, and appends that nobody read come after it. From that follow the dependencies between
// transactions, and what contradicts itself without any graph: aborted, intermediate and future
// reads, lost updates, orders that do not fit, elements twice, a transaction that forgets its own.
#pragma once

#include "checkers/report.h"

namespace weir::analysis {

void check_list_append(const History&, Report&);

// Whether the consistency models of the configuration forbid this; none named means
// strict-serializable.
[[nodiscard]] bool forbidden(const HistoryConfig&, FindingKind);
// Whether that model alone does.
[[nodiscard]] bool forbidden_by(std::string_view model, FindingKind);
// Models that no one knows here.
[[nodiscard]] std::vector<std::string> unknown_models(const HistoryConfig&);

}  // namespace weir::analysis
