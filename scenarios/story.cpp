// From a violation to its subject, and from the subject's cone to a few rows.
#include "scenarios/story.h"

#include <algorithm>
#include <set>

#include "scenarios/cone.h"

namespace weir {
namespace {

void add_offset(StorySubject& subject, std::int64_t offset) {
  if (offset >= 0 && std::ranges::count(subject.offsets, offset) == 0) {
    subject.offsets.push_back(offset);
  }
}

// Who is meant: by an event that names it, else by who was told this offset or read it there.
std::string identity_of(const EventFile& file, const StorySubject& s) {
  for (const std::int64_t anchor : s.anchors) {
    const LoggedEvent* e = file.find(anchor);
    if (e != nullptr && e->what.starts_with("send.") && !e->record.empty()) return e->record;
  }
  for (const FactKind kind : {FactKind::send_acknowledged, FactKind::poll_record}) {
    for (const LoggedEvent& e : file.events()) {
      const bool here = e.tp == s.place.tp && e.value == s.place.offset && s.place.offset >= 0;
      if (e.kind == kind && here && !e.record.empty()) return e.record;
    }
  }
  return {};
}

// The first append, anywhere, of what the node of the breach had at that place.
std::int64_t first_append(const EventFile& file, const StorySubject& s) {
  const LoggedEvent* broken = file.find(s.broken);
  if (broken == nullptr || s.place.offset < 0) return -1;
  std::int64_t epoch = -1;
  for (const LoggedEvent& e : file.events()) {
    if (e.sequence >= s.broken) break;
    const bool here = e.node == broken->node && e.tp == s.place.tp;
    if (here && appends(e, s.place.offset)) epoch = e.epoch;
  }
  for (const LoggedEvent& e : file.events()) {
    if (e.sequence >= s.broken) break;
    if (e.tp == s.place.tp && appends(e, s.place.offset) && (epoch < 0 || e.epoch == epoch)) {
      return e.sequence;
    }
  }
  return -1;
}

std::int64_t begin_of(const EventFile& file, const StorySubject& s) {
  for (const LoggedEvent& e : file.events()) {
    if (e.kind == FactKind::send_invoked && !s.identity.empty() && e.record == s.identity) {
      return e.sequence;
    }
  }
  return std::max<std::int64_t>(0, first_append(file, s));
}

// The number of a fault's event -> whether it was over before the story begins.
std::set<std::int64_t> over_before(const EventFile& file, std::int64_t begin) {
  std::set<std::int64_t> healed;
  for (const LoggedEvent& e : file.events()) {
    if (e.sequence >= begin) break;
    if (e.kind == FactKind::fault_healed) healed.insert(e.operation);
  }
  return healed;
}

int suspicion_of(const LoggedEvent& e, const StorySubject& s) {
  const bool here = !e.tp.empty() && e.tp == s.place.tp;
  if (here && e.kind == FactKind::log_truncated && weight_of(e, s) > 90) return 5;
  if (e.sequence == s.broken) return 4;
  if (!here || e.kind == FactKind::log_truncated) return 0;
  if (e.kind == FactKind::log_appended) return stores_it(e, s) ? 3 : 0;
  if (e.kind == FactKind::replica_leads) return 2;
  return e.kind == FactKind::hw_advanced ? 1 : 0;
}

StoryStep step_of(const LoggedEvent& e, const StorySubject& s) {
  StoryStep step;
  step.sequences = {e.sequence};
  step.at = e.at;
  step.cells = {{e.node, cell_of(e)}};
  step.comment = comment_of(e);
  if (e.kind == FactKind::log_appended && !stores_it(e, s)) {
    step.comment = "another record: " + step.comment;
  }
  step.suspicion = suspicion_of(e, s);
  if (e.kind == FactKind::fault_injected) step.fault = e.operation;
  if (e.kind == FactKind::send_acknowledged) {
    step.role = StoryStep::Role::promise;
  } else if (e.sequence == s.broken) {
    step.role = StoryStep::Role::broken;
  } else if (e.sequence == s.noticed) {
    step.role = StoryStep::Role::noticed;
  } else if (is_fault(e)) {
    step.role = StoryStep::Role::fault;
  }
  return step;
}

struct Candidate {
  const LoggedEvent* event;
  int weight;
};

// What the application sends goes out as its first attempt, which says it again.
bool goes_out(const EventFile& file, const CausalCone& cone, const LoggedEvent& sent) {
  for (std::size_t i = file.position(sent.sequence); i < file.events().size(); ++i) {
    const LoggedEvent& e = file.events()[i];
    if (e.kind == FactKind::send_attempted && e.record == sent.record) {
      return cone.contains(e.sequence);
    }
  }
  return false;
}

// What a fault did to a node follows it at once, and is said by it already.
bool is_said(const LoggedEvent& e, const LoggedEvent* fault) {
  if (fault == nullptr || e.kind == FactKind::disk_lost) return false;
  const bool by_it = e.cause == fault->sequence && e.kind != FactKind::fault_healed;
  if (e.at != fault->at && !by_it) return false;
  return e.kind == FactKind::fault_injected ? false : is_fault(e);
}

std::vector<Candidate> candidates(const EventFile& file, const CausalCone& cone, Story& story) {
  const StorySubject& s = story.subject;
  const std::set<std::int64_t> over = over_before(file, s.begin);
  std::vector<Candidate> found;
  const LoggedEvent* fault = nullptr;
  std::set<std::string> born;                          // a node's first start is no restart
  std::set<std::pair<std::string, std::string>> seen;  // reads and watermarks: the first of each
  std::set<std::string> holders;                       // of this very record
  for (const LoggedEvent& e : file.events()) {
    if (e.sequence > cone.end()) break;
    const bool first_start = e.kind == FactKind::node_started && born.insert(e.node).second;
    if (e.kind == FactKind::fault_injected) ++story.faults;
    if (!cone.contains(e.sequence)) continue;
    const bool anchor = std::ranges::count(s.anchors, e.sequence) > 0;
    const bool active = e.kind == FactKind::fault_injected && !over.contains(e.operation);
    const bool passed_over = first_start || (e.sequence < s.begin && !active) || is_said(e, fault);
    if (passed_over && !anchor) continue;
    if (anchor && e.kind == FactKind::send_invoked && goes_out(file, cone, e)) continue;
    if (e.kind == FactKind::fault_injected) fault = &e;
    const int weight = weight_of(e, s);
    const bool about_log = e.tp == s.place.tp && weight > 0;
    if (about_log && e.kind == FactKind::log_truncated && weight > 90) holders.erase(e.node);
    if (about_log && e.kind == FactKind::log_appended) {
      stores_it(e, s) ? void(holders.insert(e.node)) : void(holders.erase(e.node));
    }
    const bool of_another = e.kind == FactKind::hw_advanced && !holders.contains(e.node);
    if (of_another && !anchor) continue;
    const bool repeated = e.kind == FactKind::poll_record || e.kind == FactKind::hw_advanced ||
                          e.kind == FactKind::replica_follows;
    if (weight == 0 || (repeated && !anchor && !seen.insert({e.node, cell_of(e)}).second)) continue;
    found.push_back({&e, weight});
  }
  return found;
}

// Rows that stand next to each other and say the same of different nodes are one.
bool joins(const StoryStep& a, const StoryStep& b) {
  if (a.role != StoryStep::Role::decision || b.role != a.role) return false;
  const std::string& text = b.cells.front().text;
  return std::ranges::all_of(a.cells, [&](const StoryCell& cell) {
    return cell.text == text && cell.node != b.cells.front().node;
  });
}

void join(StoryStep& a, const StoryStep& b) {
  const std::string before = a.cells.back().node;
  const std::size_t at = a.comment.find(before);
  if (at != std::string::npos) {
    a.comment.insert(at + before.size(), " and " + b.cells.front().node);
  }
  a.cells.push_back(b.cells.front());
  a.sequences.push_back(b.sequences.front());
}

std::vector<StoryStep> rows(std::vector<Candidate> chosen, const StorySubject& s) {
  std::ranges::sort(chosen, {}, [](const Candidate& c) { return c.event->sequence; });
  std::vector<StoryStep> steps;
  for (const Candidate& c : chosen) {
    StoryStep step = step_of(*c.event, s);
    if (!steps.empty() && joins(steps.back(), step)) {
      join(steps.back(), step);
    } else {
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

// Producers, then servers, then consumers, by name: the way of a record through the system.
void set_columns(const EventFile& file, Story& story) {
  std::set<std::string> senders, used;
  for (const LoggedEvent& e : file.events()) {
    if (e.kind == FactKind::send_invoked) senders.insert(e.node);
  }
  for (const StoryStep& step : story.steps) {
    for (const StoryCell& cell : step.cells) used.insert(cell.node);
  }
  used.erase("world");
  const auto rank = [&](const std::string& node) {
    if (senders.contains(node)) return 0;
    const bool server = node.size() > 1 && (node[0] == 'b' || node[0] == 'k') &&
                        node.find_first_not_of("0123456789", 1) == std::string::npos;
    return server ? 1 : 2;
  };
  story.nodes.assign(used.begin(), used.end());
  std::ranges::sort(story.nodes, {},
                    [&](const std::string& node) { return std::pair(rank(node), node); });
}

}  // namespace

namespace {

// By those who read it, else by the first who stored anything there.
void set_epochs(const EventFile& file, StorySubject& s) {
  for (const LoggedEvent& e : file.events()) {
    const bool it = !s.identity.empty() && e.record == s.identity && e.tp == s.place.tp;
    if (it && e.kind == FactKind::poll_record && e.epoch >= 0) s.epochs[e.value] = e.epoch;
  }
  for (const LoggedEvent& e : file.events()) {
    if (e.sequence < s.begin || e.tp != s.place.tp) continue;
    for (const std::int64_t offset : s.offsets) {
      if (appends(e, offset)) s.epochs.try_emplace(offset, e.epoch);
    }
  }
}

}  // namespace

StorySubject subject_of(const EventFile& file, const std::string& guarantee,
                        const Violation& violation) {
  StorySubject s;
  s.guarantee = guarantee;
  s.made = violation.made;
  s.broken = violation.broken;
  s.place = parse_place(violation.record);
  for (const std::int64_t event : {violation.made, violation.broken}) {
    if (file.find(event) != nullptr) s.anchors.push_back(event);
  }
  if (!violation.seen.empty() && file.find(violation.seen.front()) != nullptr) {
    s.noticed = violation.seen.front();
    s.anchors.push_back(s.noticed);
  }
  if (s.anchors.empty() && !file.events().empty()) {
    s.anchors.push_back(file.events().back().sequence);  // that something never came
  }
  s.identity = identity_of(file, s);
  add_offset(s, s.place.offset);
  for (const LoggedEvent& e : file.events()) {
    const bool it = !s.identity.empty() && e.record == s.identity && e.tp == s.place.tp;
    if (it && e.kind == FactKind::poll_record) add_offset(s, e.value);
    if (it && e.kind == FactKind::send_acknowledged) add_offset(s, e.value);
  }
  s.begin = begin_of(file, s);
  set_epochs(file, s);
  // A loss that nothing shows but the logs at the end may have come at any time until then.
  const bool shown = s.broken >= 0 || s.noticed >= 0 || file.events().empty();
  if (!shown && s.made >= 0 && s.guarantee != "dup.idempotent") {
    s.until = file.events().back().sequence;
  }
  return s;
}

StorySubject subject_of(const EventFile& file, std::int64_t sequence) {
  StorySubject s;
  s.anchors = chain_of_causes(file, sequence);
  constexpr std::size_t kNearest = kMostSteps;
  if (s.anchors.size() > kNearest) {
    s.anchors.erase(s.anchors.begin(), s.anchors.end() - static_cast<std::ptrdiff_t>(kNearest));
  }
  if (!s.anchors.empty()) s.begin = s.anchors.front();
  return s;
}

Story tell_story(const EventFile& file, StorySubject subject) {
  Story story;
  story.subject = std::move(subject);
  std::vector<std::int64_t> ends = story.subject.anchors;
  if (story.subject.until >= 0) ends.push_back(story.subject.until);
  const CausalCone cone(file, ends);
  story.cone = cone.size();
  std::vector<Candidate> found = candidates(file, cone, story);
  std::vector<StoryStep> steps = rows(found, story.subject);
  while (steps.size() > kMostSteps && !found.empty()) {
    // The lightest goes; of equals the one that is further from the end.
    found.erase(std::ranges::min_element(found, {}, [](const Candidate& c) { return c.weight; }));
    steps = rows(found, story.subject);
  }
  story.steps = std::move(steps);
  story.faults_told = static_cast<std::size_t>(
      std::ranges::count_if(story.steps, [](const StoryStep& s) { return s.fault >= 0; }));
  set_columns(file, story);
  return story;
}

}  // namespace weir
