// Questions first, as a list; then all runs at once on every core; then the answers in order.
#include "scenarios/what_if.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "broker/base/text.h"
#include "scenarios/cluster.h"
#include "scenarios/forked.h"

namespace weir {
namespace {

struct Question {
  Intervention intervention;
  std::int64_t since = 0;  // the run goes its own way from here on
};

// How often it happened, for each question; every question is asked `runs` times.
std::vector<std::int64_t> ask_all(const Repeatable& run, const StorySubject& subject,
                                  const std::vector<Question>& questions, const HowOften& how) {
  const std::size_t runs = std::max<std::uint64_t>(how.futures, 1);
  const auto ask = [&](std::size_t i) {
    const Question& question = questions[i / runs];
    RunOptions options;
    options.intervention = question.intervention;
    options.branch = how.futures == 0 ? 0 : i % runs + 1;
    if (how.futures == 0) options.intervention.branch_from.reset();
    const RunOutcome outcome = run_scenario(run.scenario, run.inputs, options);
    return std::string(happens_in(outcome, subject, question.since) ? "1" : "0");
  };
  const auto answers = ask_forked(questions.size() * runs, how.jobs, ask);
  std::vector<std::int64_t> counts(questions.size(), 0);
  for (std::size_t i = 0; i < answers.size(); ++i) counts[i / runs] += answers[i] == "1";
  return counts;
}

// The event that made the node of `e` do it: the last one before on the chain of causes that is of
// another node, or, where the chain stays at home, of an earlier moment.
struct Origin {
  const LoggedEvent* event = nullptr;
  bool message = false;
};
Origin origin_of(const EventFile& file, const LoggedEvent& e) {
  for (const LoggedEvent* c = file.find(e.cause); c != nullptr && c->cause < c->sequence;
       c = file.find(c->cause)) {
    if (c->node == "world") return {};
    if (c->node != e.node) return {c, true};
    if (c->at != e.at && c->kind != FactKind::request_received &&
        c->kind != FactKind::response_received) {
      return {c, false};
    }
  }
  return {};
}

Fault late_message(const LoggedEvent& from, const std::string& to, Instant begin) {
  Fault fault;
  fault.kind = FaultKind::slow_link;
  fault.from = {from.node};
  fault.to = {to};
  fault.one_way = true;
  fault.by = kLate;
  // It must be there when the message is sent, and be gone when the next one is.
  fault.when = Duration(from.at - 1 - begin.ns);
  fault.lasts = Duration(2);
  return fault;
}

Fault late_timer(const LoggedEvent& e, Instant begin) {
  Fault fault;
  fault.kind = FaultKind::pause;
  fault.node = e.node;
  fault.when = Duration(e.at - 1 - begin.ns);
  fault.lasts = kLate;
  return fault;
}

struct Posed {
  WhatIf what;
  Question question;
};

std::optional<Posed> question_of(const Repeatable& run, const EventFile& file,
                                 const StoryStep& step, std::size_t number) {
  const LoggedEvent* e = file.find(step.sequences.front());
  if (e == nullptr) return std::nullopt;
  Posed asked;
  asked.what.step = number;
  asked.question.since = e->sequence;
  asked.question.intervention.branch_from = static_cast<std::uint64_t>(e->sequence);
  if (step.fault >= 0) {
    asked.what.change = WhatIf::Change::no_fault;
    asked.what.what = "without " + e->why;
    asked.question.intervention.muted = {static_cast<std::size_t>(step.fault)};
    return asked;
  }
  if (step.role == StoryStep::Role::fault || e->node == "world") return std::nullopt;
  const Origin origin = origin_of(file, *e);
  if (origin.event == nullptr || origin.event->at <= run.begin.ns) return std::nullopt;
  const LoggedEvent& from = *origin.event;
  asked.what.change = origin.message ? WhatIf::Change::late_message : WhatIf::Change::late_timer;
  const std::string late = readable_duration(kLate) + " late";
  asked.what.what = origin.message
                        ? "with the message from " + from.node + " to " + e->node + " " + late
                        : "with " + e->node + " waking " + late;
  asked.question.since = origin.message ? from.sequence : e->sequence - 1;
  asked.question.intervention.branch_from = static_cast<std::uint64_t>(asked.question.since);
  asked.question.intervention.added = {origin.message ? late_message(from, e->node, run.begin)
                                                      : late_timer(*e, run.begin)};
  return asked;
}

// The move that the operator was at when it sent this.
std::optional<std::size_t> move_at(const Repeatable& run, std::int64_t at) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < run.moves.size() && run.begin.ns + run.moves[i].at.count() <= at;
       ++i) {
    found = i;
  }
  return found && !run.moves[*found].to.empty() ? found : std::nullopt;
}

// The operation of a client that the step came of, the nearest one on its chain of causes; that of
// the record itself is none, since without it there is no story.
std::optional<Posed> operation_behind(const Repeatable& run, const EventFile& file,
                                      const Story& story, std::size_t number) {
  Posed asked;
  asked.what.change = WhatIf::Change::no_operation;
  asked.what.step = number;
  for (const LoggedEvent* c = file.find(story.steps[number].sequences.front());
       c != nullptr && c->cause < c->sequence; c = file.find(c->cause)) {
    Operation& op = asked.question.intervention.left_out.emplace_back();
    asked.question.since = c->sequence - 1;
    asked.question.intervention.branch_from = static_cast<std::uint64_t>(c->sequence);
    if (c->kind == FactKind::send_invoked && c->record != story.subject.identity) {
      op = {c->node, parse_integer(c->record.substr(c->record.rfind(':') + 1)).value_or(-1)};
      asked.what.what = "without " + c->node + " sending " + c->record;
      return asked;
    }
    const bool moved = c->node == Cluster::kMover && c->kind == FactKind::request_sent;
    if (const auto move = moved ? move_at(run, c->at) : std::nullopt) {
      op = {c->node, static_cast<std::int64_t>(*move)};
      asked.what.what =
          "without the leader of " + run.moves[*move].tp + " being moved to " + run.moves[*move].to;
      return asked;
    }
    asked.question.intervention.left_out.clear();
  }
  return std::nullopt;
}

}  // namespace

bool happens_in(const RunOutcome& outcome, const StorySubject& subject, std::int64_t since) {
  const bool same_record = subject.place.offset >= 0 && subject.begin > 0 && subject.begin <= since;
  const auto verdict = std::ranges::find(outcome.verdicts, subject.guarantee, &Verdict::id);
  if (verdict == outcome.verdicts.end()) return false;
  return std::ranges::any_of(verdict->violations, [&](const Violation& v) {
    const RecordPlace place = parse_place(v.record);
    return !same_record || place.tp != subject.place.tp ||
           std::ranges::count(subject.offsets, place.offset) > 0;
  });
}

std::vector<WhatIf> ask_what_if(const Repeatable& run, const EventFile& file, const Story& story,
                                const HowOften& how) {
  std::vector<Question> questions;
  std::vector<WhatIf> answers;
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    for (std::optional<Posed> asked :
         {question_of(run, file, story.steps[i], i), operation_behind(run, file, story, i)}) {
      if (!asked || (asked->what.change == WhatIf::Change::no_operation &&
                     std::ranges::count(answers, asked->what.what, &WhatIf::what) > 0)) {
        continue;  // several steps came of one operation
      }
      questions.push_back(std::move(asked->question));
      answers.push_back(std::move(asked->what));
    }
  }
  const auto counts = ask_all(run, story.subject, questions, how);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    answers[i].happened = counts[i];
    answers[i].runs = static_cast<std::int64_t>(std::max<std::uint64_t>(how.futures, 1));
  }
  return answers;
}

std::vector<DoomPoint> doom_curve(const Repeatable& run, const Story& story, const HowOften& how) {
  if (how.futures == 0) return {};
  const auto runs = static_cast<std::int64_t>(how.futures);
  std::vector<DoomPoint> points = {{0, 0, 0, 0, runs}};
  std::vector<Question> questions(1);
  questions[0].intervention.branch_from = 0;
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    const StoryStep& step = story.steps[i];
    const std::int64_t sequence = step.sequences.back();
    points.push_back({i + 1, sequence, step.at, 0, runs});
    Question question;
    question.since = sequence;
    question.intervention.branch_from = static_cast<std::uint64_t>(sequence);
    questions.push_back(std::move(question));
  }
  const auto counts = ask_all(run, story.subject, questions, how);
  for (std::size_t i = 0; i < points.size(); ++i) points[i].happened = counts[i];
  return points;
}

const DoomPoint* doomed_at(const std::vector<DoomPoint>& points) {
  const DoomPoint* doomed = nullptr;
  for (std::size_t i = points.size(); i-- > 0;) {
    if (points[i].happened * 20 < points[i].runs * 19) break;
    doomed = &points[i];
  }
  return doomed;
}

std::string doom_share(const DoomPoint& point) {
  return std::to_string(point.happened * 100 / std::max<std::int64_t>(point.runs, 1)) + " %";
}

std::string doom_text(const std::vector<DoomPoint>& points) {
  const DoomPoint* doomed = doomed_at(points);
  if (points.empty()) return {};
  if (doomed == nullptr) {
    return "never for certain: after the last step " + doom_share(points.back()) + " of " +
           grouped(points.back().runs) + " re-drawn futures end so";
  }
  const std::string moment =
      readable_duration(Duration(doomed->at)) + ", event #" + grouped(doomed->sequence);
  std::string text =
      (doomed->step == 0 ? std::string("from the beginning")
                         : "at step " + std::to_string(doomed->step) + ", " + moment) +
      ": " + doom_share(*doomed) + " of " + grouped(doomed->runs) +
      " re-drawn futures end so from there";
  if (doomed != &points.front()) text += " (before: " + doom_share(*(doomed - 1)) + ")";
  return text;
}

std::string to_json(const Story& story, const std::vector<DoomPoint>& points) {
  nlohmann::ordered_json json;
  json["format"] = "weir-futures/1";
  json["guarantee"] = story.subject.guarantee;
  json["futures"] = points.empty() ? 0 : points.front().runs;
  json["points"] = nlohmann::ordered_json::array();
  for (const DoomPoint& point : points) {
    const std::string comment =
        point.step == 0 ? "the beginning" : story.steps[point.step - 1].comment;
    json["points"].push_back({{"step", point.step},
                              {"event", point.sequence},
                              {"t", point.at},
                              {"happened", point.happened},
                              {"comment", comment}});
  }
  return json.dump(2) + "\n";
}

}  // namespace weir
