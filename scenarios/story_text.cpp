// The page of a violation: the table of steps, why it is one, what re-runs say, what to do next.
#include "scenarios/story_text.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"

namespace weir {
namespace {

std::string plural(std::int64_t n, const std::string& one, const std::string& many) {
  return grouped(n) + " " + (n == 1 ? one : many);
}

std::string widened(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

// Milliseconds with three decimals.
std::string milliseconds(std::int64_t ns) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(ns / 1'000'000),
                static_cast<long long>(ns / 1'000 % 1'000));
  return text;
}

std::string said(const StoryStep& step) {
  switch (step.role) {
    case StoryStep::Role::promise: return "*** the promise: " + step.comment;
    case StoryStep::Role::broken: return "*** broken: " + step.comment;
    case StoryStep::Role::noticed: return "noticed: " + step.comment;
    case StoryStep::Role::fault:
    case StoryStep::Role::decision: break;
  }
  return step.comment;
}

// The whole is in the other forms.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 76;
  return text.size() <= kMost ? text : text.substr(0, kMost - 3) + "...";
}

std::string address(const StoryStep& step) { return "#" + grouped(step.sequences.front()); }

struct Widths {
  std::map<std::string, std::size_t> column;
  std::size_t time = 5;
};

Widths widths_of(const Story& story) {
  Widths widths;
  for (const std::string& node : story.nodes) widths.column[node] = node.size();
  for (const StoryStep& step : story.steps) {
    widths.time = std::max(widths.time, milliseconds(step.at).size());
    for (const StoryCell& cell : step.cells) {
      if (!widths.column.contains(cell.node)) continue;
      std::size_t& width = widths.column[cell.node];
      width = std::max(width, cell.text.size());
    }
  }
  return widths;
}

std::string row_text(const Story& story, const Widths& widths, std::size_t number) {
  const StoryStep& step = story.steps[number];
  const std::string at = milliseconds(step.at);
  const std::string count = std::to_string(number + 1);
  std::string line = std::string(4 - std::min<std::size_t>(count.size(), 3), ' ') + count + "  " +
                     std::string(widths.time - at.size(), ' ') + at + "   ";
  for (const std::string& node : story.nodes) {
    std::string text;
    for (const StoryCell& cell : step.cells) {
      if (cell.node == node) text = cell.text;
    }
    line += widened(text, widths.column.at(node) + 2);
  }
  return line + shortened(said(step)) + "  " + address(step) + "\n";
}

std::string title(const Told& told) {
  std::string text = told.verdict.id + " " + std::string(name_of(told.verdict.word));
  if (!told.violation.record.empty()) text += "   " + told.violation.record;
  if (!told.story.subject.identity.empty()) text += " (" + told.story.subject.identity + ")";
  return text;
}

std::string scale(const Told& told) {
  std::int64_t producers = 0, consumers = 0, records = 0;
  for (const ClientSpec& client : told.scenario.clients) {
    const auto* producer = std::get_if<ProducerSpec>(&client.role);
    producers += producer != nullptr;
    consumers += producer == nullptr;
    records += producer != nullptr ? producer->workload.records : 0;
  }
  std::string text = plural(told.scenario.cluster.brokers, "broker", "brokers");
  text += ", " + plural(producers, "producer", "producers");
  text += ", " + plural(consumers, "consumer", "consumers");
  if (records > 0) text += ", " + plural(records, "record", "records");
  return text + ", " + plural(static_cast<std::int64_t>(told.story.faults), "fault", "faults");
}

std::string folded(const Story& story) {
  std::string text = "the heaviest of " +
                     plural(static_cast<std::int64_t>(story.cone), "event", "events") +
                     " of its causal cone";
  const std::size_t more = story.faults - std::min(story.faults, story.faults_told);
  if (more > 0) {
    text += "; " + plural(static_cast<std::int64_t>(more), "other fault", "other faults") +
            " struck before its end";
  }
  return text;
}

std::vector<std::string> why_lines(const Told& told) {
  std::string because;
  for (const std::string& line : told.verdict.because) {
    because += (because.empty() ? "" : "; ") + line;
  }
  std::vector<std::string> lines;
  lines.push_back(std::string(told.verdict.promised ? "promised: " : "not promised: ") +
                  about_guarantee(told.verdict.id));
  lines.push_back("because: " + because);
  lines.insert(lines.end(), told.violation.argument.begin(), told.violation.argument.end());
  return lines;
}

std::string share(std::int64_t happened, std::int64_t runs) {
  if (runs == 1) return happened == 0 ? "it does not happen" : "it happens all the same";
  return "it happens in " + grouped(happened) + " of " + grouped(runs) + " futures";
}

// The decision of a node that is most to blame, the latest of equals.
const StoryStep* suspect(const Story& story, std::size_t& number) {
  const StoryStep* found = nullptr;
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    const StoryStep& step = story.steps[i];
    if (step.suspicion == 0 || (found != nullptr && step.suspicion < found->suspicion)) continue;
    found = &step;
    number = i;
  }
  return found;
}

std::vector<std::string> hint_lines(const Told& told) {
  std::vector<std::string> lines;
  std::map<std::pair<std::int64_t, std::int64_t>, std::string> late;  // how often -> steps
  std::string same;
  for (const WhatIf& w : told.what_if) {
    const std::string step = std::to_string(w.step + 1);
    const bool fault = w.change == WhatIf::Change::no_fault;
    const bool operation = w.change == WhatIf::Change::no_operation;
    std::string& list = w.happened == w.runs ? same : late[{w.happened, w.runs}];
    if ((fault || operation) && w.happened < w.runs) {
      lines.push_back(w.what + " (" + step + ") " + share(w.happened, w.runs) +
                      (fault ? "; but that is a fault, to be survived"
                             : "; but that is what clients may ask for"));
    } else if (!operation) {  // that it happens without an operation as well is no news
      list += (list.empty() ? "" : ", ") + step;
    }
  }
  for (const auto& [count, steps] : late) {
    if (steps.empty()) continue;
    lines.push_back("when what led to " + steps + " comes " + readable_duration(kLate) + " later " +
                    share(count.first, count.second));
  }
  if (!same.empty()) lines.push_back("it happens all the same without, or with a later, " + same);
  std::size_t number = 0;
  const StoryStep* step = suspect(told.story, number);
  if (step != nullptr) {
    lines.push_back("suspect: step " + std::to_string(number + 1) + ", what " +
                    step->cells.front().node + " decided: " + step->cells.front().text);
  }
  return lines;
}

std::vector<std::string> doom_lines(const Told& told) {
  std::string each = "at the beginning, and after each step:";
  for (const DoomPoint& point : told.doom) each += " " + doom_share(point);
  return {doom_text(told.doom), each};
}

struct Section {
  std::string head;
  std::vector<std::string> lines;
};

std::vector<Section> sections(const Told& told) {
  std::vector<Section> all = {{"why it is a violation", why_lines(told)}};
  if (told.verdict.word != VerdictWord::violated) all[0].head = "why it is none";
  if (!told.what_if.empty()) {
    all.push_back(
        {"which step is at fault (a hint: re-runs with one thing changed)", hint_lines(told)});
  }
  if (!told.doom.empty()) all.push_back({"doomed", doom_lines(told)});
  if (!told.seen_before.empty()) all.push_back({"seen before", {told.seen_before}});
  return all;
}

}  // namespace

std::string steps_text(const Story& story) {
  const Widths widths = widths_of(story);
  std::string head = "      " + widened("t(ms)", widths.time) + "   ";
  head.replace(6, widths.time, std::string(widths.time - 5, ' ') + "t(ms)");
  for (const std::string& node : story.nodes) head += widened(node, widths.column.at(node) + 2);
  while (head.back() == ' ') head.pop_back();
  std::string text = head + "\n";
  for (std::size_t i = 0; i < story.steps.size(); ++i) text += row_text(story, widths, i);
  return text;
}

std::string story_text(const Told& told) {
  std::string text = title(told) + "\n  " + scale(told) + "; " + folded(told.story) + "\n\n";
  text += steps_text(told.story);
  for (const Section& section : sections(told)) {
    text += "\n" + section.head + "\n";
    for (const std::string& line : section.lines) text += "  " + line + "\n";
  }
  text += "\n";
  for (const std::string& command : told.commands) text += command + "\n";
  return text;
}

std::string story_markdown(const Told& told) {
  std::string text =
      "## " + title(told) + "\n\n" + scale(told) + "; " + folded(told.story) + ".\n\n| | t (ms) |";
  std::string rule = "|---|---|";
  for (const std::string& node : told.story.nodes) {
    text += " " + node + " |";
    rule += "---|";
  }
  text += " | event |\n" + rule + "---|---|\n";
  for (std::size_t i = 0; i < told.story.steps.size(); ++i) {
    const StoryStep& step = told.story.steps[i];
    text += "| " + std::to_string(i + 1) + " | " + milliseconds(step.at) + " |";
    for (const std::string& node : told.story.nodes) {
      std::string cell;
      for (const StoryCell& c : step.cells) {
        if (c.node == node) cell = c.text;
      }
      std::replace(cell.begin(), cell.end(), '|', '/');
      text += " " + cell + " |";
    }
    std::string comment = said(step);
    std::replace(comment.begin(), comment.end(), '|', '/');
    text += " " + comment + " | " + address(step) + " |\n";
  }
  for (const Section& section : sections(told)) {
    text += "\n### " + section.head + "\n\n";
    for (const std::string& line : section.lines) text += "- " + line + "\n";
  }
  text += "\n```\n";
  for (const std::string& command : told.commands) text += command + "\n";
  return text + "```\n";
}

std::string story_json(const Told& told) {
  nlohmann::ordered_json json;
  json["format"] = "weir-story/1";
  json["scenario"] = told.scenario.name;
  json["seed"] = format_hex(told.scenario.seed);
  json["guarantee"] = told.verdict.id;
  json["verdict"] = json_name_of(told.verdict.word);
  json["record"] = told.violation.record;
  json["identity"] = told.story.subject.identity;
  json["because"] = told.verdict.because;
  json["argument"] = told.violation.argument;
  json["cone"] = told.story.cone;
  json["nodes"] = told.story.nodes;
  json["steps"] = nlohmann::ordered_json::array();
  for (const StoryStep& step : told.story.steps) {
    nlohmann::ordered_json cells = nlohmann::ordered_json::object();
    for (const StoryCell& cell : step.cells) cells[cell.node] = cell.text;
    json["steps"].push_back({{"t", step.at},
                             {"events", step.sequences},
                             {"cells", std::move(cells)},
                             {"comment", said(step)}});
  }
  json["what_if"] = nlohmann::ordered_json::array();
  for (const WhatIf& w : told.what_if) {
    json["what_if"].push_back(
        {{"step", w.step + 1}, {"what", w.what}, {"happened", w.happened}, {"runs", w.runs}});
  }
  json["futures"] = nlohmann::ordered_json::array();
  for (const DoomPoint& point : told.doom) {
    json["futures"].push_back({{"step", point.step},
                               {"event", point.sequence},
                               {"happened", point.happened},
                               {"runs", point.runs}});
  }
  json["seen_before"] = told.seen_before;
  return json.dump(2) + "\n";
}

}  // namespace weir
