// Drawing of reports by the Python programs in reports/.
#pragma once

#include <string>
#include <vector>

namespace weir::cli {

// Draws the report of each run folder; says on stderr why not, where it fails. `flags` go to
// reports/report.py.
bool make_report(const std::vector<std::string>& folders, const std::vector<std::string>& flags);

}  // namespace weir::cli
