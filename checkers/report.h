// Report: where the checks put their findings; builds them, and keeps within the limits.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "checkers/finding.h"
#include "checkers/log_index.h"

namespace weir::analysis {

// A finding in the making. Operations are given by position and become the author's indexes.
class FindingBuilder {
 public:
  FindingBuilder(const History& history, FindingKind kind);
  FindingBuilder(const LogIndex& index, FindingKind kind, std::uint32_t log);

  FindingBuilder& about(NameId key);  // where there is no log, only its name
  FindingBuilder& with(std::string name, std::int64_t value);
  FindingBuilder& with_op(std::string name, std::uint32_t op);
  FindingBuilder& with_ops(std::vector<std::uint32_t> ops);
  FindingBuilder& with_value(std::string name, ValueId value);
  FindingBuilder& with_values(std::string name, const std::vector<ValueId>& values);
  FindingBuilder& with_text(std::string name, std::string text);
  FindingBuilder& with_numbers(std::string name, std::vector<std::int64_t> numbers);
  FindingBuilder& with_texts(std::string name, const std::vector<std::string>& texts);
  FindingBuilder& with_json(std::string name, std::string json);
  FindingBuilder& with_null(std::string name);
  // Records by place: [["orders-0", 17], ...].
  FindingBuilder& with_inputs(std::string name, const std::string& key,
                              const std::vector<std::int64_t>& offsets);
  FindingBuilder& because(std::string argument);
  [[nodiscard]] Finding done() { return std::move(finding_); }

 private:
  const History& history_;
  Finding finding_;
};

class Report {
 public:
  // Whether one more of this kind is kept; counts it either way. Ask before building.
  [[nodiscard]] bool room(FindingKind kind);
  [[nodiscard]] bool room_for_note(FindingKind kind);
  void add(FindingBuilder& finding) { out_.findings.push_back(finding.done()); }
  void note(FindingBuilder& finding) { out_.notes.push_back(finding.done()); }

  // How much was looked at, for the checks to count in.
  [[nodiscard]] Examined& examined() { return out_.examined; }

  // What could not be told: "the order of x (too many operations at once)".
  void unknown(std::string what) { out_.unknown.push_back(std::move(what)); }

  // Reads alone go round in a circle, which no log of committed records shows.
  void circle_of_reads() { out_.circle_of_reads = true; }

  // In the order of kinds, then as they came.
  [[nodiscard]] Findings take();

 private:
  static constexpr auto kKinds = static_cast<std::size_t>(FindingKind::count_);
  Findings out_;
};

// How many values, offsets or operations one finding lists.
inline constexpr std::size_t kMaxListed = 50;

// `"a" in x`, for arguments.
[[nodiscard]] std::string record_text(const LogIndex&, std::uint32_t log, ValueId);
// `operation 17`.
[[nodiscard]] std::string op_text(const LogIndex&, std::uint32_t op);
[[nodiscard]] std::string op_text(const History&, std::uint32_t op);

// The checks, one file a group. Those that mark sends come first: see find().
void check_reads(LogIndex&, Report&);          // garbage, misrouted, G1a, future-read
void check_loss(LogIndex&, Report&);           // lost-write, unseen, vanished-read
void check_offsets(const LogIndex&, Report&);  // duplicate, inconsistent, mismatch, epochs
void check_order(const LogIndex&, Report&);    // producers' order, real-time order
// poll-skip and the like, staleness, offset gaps.
void check_positions(const LogIndex&, Report&);
void check_ownership(const LogIndex&, Report&);     // of partitions by members; redelivery
void check_commits(const LogIndex&, Report&);       // committed offsets, and where owners start
void check_transactions(const LogIndex&, Report&);  // dirty, precommitted, torn
void check_zombies(const LogIndex&, Report&);       // fenced producers
void check_log_cycles(const LogIndex&, Report&);    // G0 to G2 between transactions
void check_committed(const LogIndex&, Report&);     // reads of committed offsets, as a register
void check_pipeline(const LogIndex&, Report&);      // inputs to outputs by lineage
void check_bounds(const LogIndex&, Report&);        // what takes longer than it may; watermarks
void check_handling(const LogIndex&, Report&);      // handled twice, or never though committed

}  // namespace weir::analysis
