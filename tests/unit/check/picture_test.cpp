// Witnesses and pictures: what is found in the whole is found in the smallest part, nothing can be
// left out of it, and its picture stands alone and has a bound.
#include "checkers/picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "checkers/checkers.h"
#include "checkers/explain.h"
#include "checkers/generate/generate.h"
#include "checkers/history_json.h"
#include "checkers/picture_grid.h"
#include "tests/support/source_dir.h"

namespace weir {
namespace {

std::vector<std::string> case_paths() {
  std::vector<std::string> out;
  for (const char* folder : {"checkers/cases", "check/cases"}) {
    const std::string path = source_dir() + "/tests/unit/" + folder;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      out.push_back(entry.path().string());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

History read_all(const std::string& text) {
  auto read = read_history(text, "h");
  EXPECT_TRUE(std::holds_alternative<History>(read));
  return std::get<History>(std::move(read));
}

bool shows_it(const History& history, const Finding& finding) {
  const Findings found = find(history);
  const auto same = [&](const Finding& f) {
    return f.kind == finding.kind && f.key == finding.key &&
           (operations_of(f) == operations_of(finding) || f.field("cycle") != nullptr);
  };
  return std::any_of(found.findings.begin(), found.findings.end(), same) ||
         std::any_of(found.notes.begin(), found.notes.end(), same);
}

// Elements that are opened and not closed again, or closed and not open.
void expect_closed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at + 1)) {
    const std::size_t end = svg.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = svg.substr(at + 1, end - at - 1);
    if (tag.ends_with("/")) continue;
    if (!tag.starts_with("/")) {
      open.push_back(tag.substr(0, tag.find(' ')));
      continue;
    }
    ASSERT_FALSE(open.empty()) << tag;
    EXPECT_EQ(open.back(), tag.substr(1));
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(Witness, OfEveryCaseStillShowsItsFindingAndCannotBeSmaller) {
  for (const std::string& path : case_paths()) {
    SCOPED_TRACE(path);
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const History history = read_all(text);
    const Findings found = find(history);
    for (const Finding& f : found.findings) {
      SCOPED_TRACE(name_of(f.kind));
      const Witness witness = witness_of(history, found, f);
      EXPECT_TRUE(witness.minimal);
      EXPECT_LE(witness.operations, witness.of);
      const History small = read_all(witness.text);
      EXPECT_TRUE(shows_it(small, f)) << witness.text;
      // Nothing is found in it that is not found in the whole.
      const Findings again = find(small);
      for (const Finding& other : again.findings) {
        EXPECT_TRUE(std::ranges::any_of(found.findings,
                                        [&other](const Finding& known) {
                                          return known.kind == other.kind && known.key == other.key;
                                        }))
            << name_of(other.kind) << "\n"
            << witness.text;
      }
      // A witness of the witness is itself.
      EXPECT_EQ(witness_of(small, again, f).operations, witness.operations);
    }
  }
}

TEST(Witness, OfALargeHistoryIsSmall) {
  for (const char* family : {"log", "list-append"}) {
    for (const FindingKind kind : plantable(family)) {
      GeneratePlan plan;
      plan.operations = 3'000;
      plan.plants = {kind};
      const Generated made =
          std::string_view(family) == "log" ? generate_log(plan) : generate_list_append(plan);
      const Findings found = find(made.history);
      ASSERT_FALSE(found.findings.empty()) << name_of(kind);
      const Finding& f = found.findings.front();
      const Witness witness = witness_of(made.history, found, f);
      EXPECT_TRUE(witness.minimal) << name_of(kind) << "\n" << witness.text;
      EXPECT_LE(witness.operations, 8) << name_of(kind) << "\n"
                                       << name_of(f.kind) << ": " << f.argument;
      EXPECT_TRUE(shows_it(read_all(witness.text), f)) << name_of(kind);
    }
  }
}

TEST(Picture, OfEveryCaseMarksAConflictAndStandsAlone) {
  for (const std::string& path : case_paths()) {
    SCOPED_TRACE(path);
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const History history = read_all(text);
    const Findings found = find(history);
    for (const Finding& f : found.findings) {
      if (f.kind == FindingKind::vacuous_history) continue;
      SCOPED_TRACE(name_of(f.kind));
      const Witness witness = witness_of(history, found, f);
      const History small = read_all(witness.text);
      const PictureGrid grid = picture_grid(history, small, witness.finding);
      EXPECT_FALSE(grid.rows.empty());
      EXPECT_TRUE(std::any_of(grid.rows.begin(), grid.rows.end(), [](const PictureRow& row) {
        return row.named || std::any_of(row.cells.begin(), row.cells.end(),
                                        [](const PictureCell& c) { return c.conflict; });
      }));
      const std::string svg = picture_svg(history, small, witness.finding);
      expect_closed(svg);
      const std::string page = picture_page(history, small, witness.finding);
      EXPECT_NE(page.find("<svg"), std::string::npos);
      // Nothing is fetched from anywhere.
      for (const char* fetched : {"src=", "href=", "@import", "url(http", "<script"}) {
        EXPECT_EQ(page.find(fetched), std::string::npos) << fetched;
      }
    }
  }
}

TEST(Picture, ShowsTheConflictingCells) {
  const History history = read_all(
      R"({"format":"weir-history/1","config":{}})"
      "\n"
      R"({"index":0,"time":1,"process":0,"type":"invoke","f":"send","value":[["send","x","a"]]})"
      "\n"
      R"({"index":1,"time":2,"process":0,"type":"ok","f":"send","value":[["send","x",[3,"a"]]]})"
      "\n"
      R"({"index":2,"time":3,"process":null,"type":"event","f":"fault","value":{"kind":"kill","node":"b1","phase":"begins"}})"
      "\n"
      R"({"index":3,"time":4,"process":1,"type":"invoke","f":"poll","value":[["poll"]]})"
      "\n"
      R"({"index":4,"time":5,"process":1,"type":"ok","f":"poll","value":[["poll",{"x":[[7,"b"]]}]]})"
      "\n"
      R"({"index":5,"time":6,"process":null,"type":"event","f":"fault","value":{"kind":"kill","node":"b1","phase":"ends"}})"
      "\n"
      R"({"index":6,"time":7,"process":0,"type":"invoke","f":"send","value":[["send","x","b"]]})"
      "\n"
      R"({"end":true})"
      "\n");
  const Findings found = find(history);
  const auto lost =
      std::find_if(found.findings.begin(), found.findings.end(),
                   [](const Finding& f) { return f.kind == FindingKind::lost_write; });
  ASSERT_NE(lost, found.findings.end());
  const PictureGrid grid =
      picture_grid(history, read_all(witness_of(history, found, *lost).text), *lost);
  ASSERT_EQ(grid.columns.size(), 2u);
  EXPECT_EQ(grid.columns[0].place, "3");
  EXPECT_TRUE(grid.columns[0].conflict);
  EXPECT_TRUE(grid.columns[1].behind_gap);
  std::size_t conflicts = 0;
  for (const PictureRow& row : grid.rows) {
    for (const PictureCell& c : row.cells) {
      conflicts += c.conflict;
      if (c.conflict) {
        EXPECT_EQ(row.index, 0);
      }
    }
  }
  EXPECT_EQ(conflicts, 1u);
  ASSERT_EQ(grid.bands.size(), 1u);
  EXPECT_EQ(grid.bands[0].label, "kill b1");
  EXPECT_EQ(grid.bands[0].from_row, 1u);
}

TEST(Picture, IsNeverOverAMegabyte) {
  std::string text = R"({"format":"weir-history/1","config":{"final_drain":true}})"
                     "\n";
  std::int64_t index = 0;
  const std::string ugly(1'000, '&');
  const auto add = [&](int process, const char* type, const char* f, const std::string& value) {
    text += "{\"index\":" + std::to_string(index++) + ",\"process\":" + std::to_string(process) +
            ",\"type\":\"" + type + "\",\"f\":\"" + f + "\",\"value\":" + value + "}\n";
  };
  std::string records;
  for (int i = 0; i < 200; ++i) {
    records += (i == 0 ? "[" : ",[") + std::to_string(i) + ",\"" + ugly + std::to_string(i) + "\"]";
  }
  for (int i = 0; i < 60; ++i) {
    text += R"({"type":"event","process":null,"f":"fault","index":)" + std::to_string(index++) +
            ",\"value\":{\"kind\":\"" + ugly + "\",\"phase\":\"begins\",\"node\":\"" +
            std::to_string(i) + "\"}}\n";
    add(i, "invoke", "poll", R"([["poll"]])");
    add(i, "ok", "poll", "[[\"poll\",{\"" + ugly + "\":[" + records + "]}]]");
  }
  const History history = read_all(text + "{\"end\":true}\n");
  const Findings found = find(history);
  ASSERT_FALSE(found.findings.empty());
  const std::string page = picture_page(history, history, found.findings.front());
  EXPECT_LT(page.size(), kMaxPictureBytes);
  EXPECT_GT(page.size(), 10'000u);
  expect_closed(picture_svg(history, history, found.findings.front()));
}

}  // namespace
}  // namespace weir
