// What the checks of list-append share: a finding where a model forbids it, a note where none does.
#pragma once

#include "checkers/cycles/list_append.h"
#include "checkers/cycles/list_index.h"

namespace weir::analysis {

template <class Build>
void emit(const ListIndex& index, Report& report, FindingKind kind, Build build) {
  const bool bad = forbidden(index.history.config, kind);
  if (!(bad ? report.room(kind) : report.room_for_note(kind))) return;
  FindingBuilder f(index.history, kind);
  build(f);
  bad ? report.add(f) : report.note(f);
}

void check_lists(const ListIndex&, Report&);  // without a graph
void check_cycles(ListIndex&, Report&);       // with it

}  // namespace weir::analysis
