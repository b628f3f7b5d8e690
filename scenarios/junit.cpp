// JUnit's XML, and what of a sweep goes into it.
#include "scenarios/junit.h"

#include "broker/base/text.h"
#include "scenarios/build_id.h"
#include "scenarios/ci_reports.h"
#include "scenarios/exit_code.h"
#include "scenarios/sweep_report.h"

namespace weir {
namespace {

// XML 1.0 knows no control characters but these three, not even escaped.
std::string xml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
  return out;
}

std::string attributes(const JunitCounts& counts) {
  return "tests=\"" + std::to_string(counts.tests) + "\" failures=\"" +
         std::to_string(counts.failures) + "\" errors=\"" + std::to_string(counts.errors) +
         "\" skipped=\"" + std::to_string(counts.skipped) + "\"";
}

std::string element(const std::string& tag, const std::string& type, const std::string& message,
                    const std::string& body) {
  return "      <" + tag + " type=\"" + xml(type) + "\" message=\"" + xml(message) + "\">" +
         xml(body) + "</" + tag + ">\n";
}

// The shapes in which a guarantee failed, a paragraph each.
std::string narrative(const SweepPlan& plan, const SweepTally& sweep, std::size_t subject,
                      const std::string& guarantee, const std::string& called_as) {
  std::string text;
  for (const ShapeTally& shape : sweep.shapes) {
    if (shape.subject != subject || shape.first->violated != guarantee) continue;
    text += "shape " + shape.shape + ": " + grouped(static_cast<std::int64_t>(shape.runs)) +
            " of " + grouped(static_cast<std::int64_t>(sweep.subjects[subject].runs)) + " seeds (" +
            rate_text(shape.runs, sweep.subjects[subject].runs) + ") " + shape.first->story + "\n" +
            shape.first->headline + "\n";
    for (const std::uint64_t seed : shape.seeds) {
      text += run_command(called_as, plan.subjects[subject], seed) + "\n";
    }
  }
  return text;
}

void add_guarantee(JunitSuite& suite, const SweepPlan& plan, const SweepTally& sweep,
                   std::size_t number, const std::string& id, const std::string& called_as) {
  const SubjectTally& subject = sweep.subjects[number];
  const GuaranteeTally& guarantee = subject.guarantees.at(id);
  if (guarantee.failures > 0) {
    const SeedResult& first = *guarantee.first_failure;
    suite.failed(id,
                 first.headline + "; " + run_command(called_as, plan.subjects[number], first.seed),
                 narrative(plan, sweep, number, id, called_as));
    return;
  }
  const std::string word = guarantee.worst();
  if (word == "unknown") {
    suite.error(id, "unknown",
                "unknown in " + std::to_string(guarantee.runs_of(word)) + " of " +
                    std::to_string(subject.runs) + " runs",
                "");
  } else if (word == "holds" || word == "violated") {
    suite.passed(id);  // a violation that did not fail is one that the scenario expects
  } else {
    suite.skipped(id, word);
  }
}

// What is not about a guarantee: runs that cannot be trusted or finished, and what was never seen.
void add_conditions(JunitSuite& suite, const SweepPlan& plan, const SweepTally& sweep,
                    std::size_t number, const std::string& called_as) {
  const SweepSubject& subject = plan.subjects[number];
  const auto lines = [&](const std::vector<const SeedResult*>& runs) {
    std::string text;
    std::size_t n = 0;
    for (const SeedResult* run : runs) {
      if (run->subject != number || ++n > kSeedsOfShape) continue;
      text +=
          run_command(called_as, subject, run->seed) + "  " + run->trouble + run->headline + "\n";
    }
    return text;
  };
  const std::string differing = lines(sweep.differing);
  if (!differing.empty()) {
    suite.error("determinism", "nondeterminism", "a run differed from its repetition", differing);
  } else {
    suite.passed("determinism");
  }
  const std::string troubles = lines(sweep.troubles);
  if (!troubles.empty()) suite.error("runs", "internal", "runs came to no end", troubles);
  const std::string open = lines(sweep.inconclusive);
  if (!open.empty()) suite.error("conclusive", "inconclusive", "runs came to no verdict", open);
  const std::vector<std::string>& lacking = sweep.subjects[number].lacking;
  if (lacking.empty()) return;
  std::string text;
  for (const std::string& what : lacking) text += what + "\n";
  suite.error("coverage", "inconclusive", lacking.front(), text);
}

JunitSuite suite_of(const SweepPlan& plan, const SweepTally& sweep, std::size_t number,
                    const std::string& called_as) {
  const SubjectTally& subject = sweep.subjects[number];
  JunitSuite suite(plan.subjects[number].label);
  suite.property("seeds", std::to_string(subject.runs));
  suite.property("first_seed", format_hex(plan.options.first_seed));
  suite.property("build", std::string(build_id()));
  std::string shapes;
  for (const ShapeTally& shape : sweep.shapes) {
    if (shape.subject == number) shapes += (shapes.empty() ? "" : " ") + shape.shape;
  }
  suite.property("shapes", shapes);
  for (const std::string& id : subject.order) {
    if (id != "determinism") add_guarantee(suite, plan, sweep, number, id, called_as);
  }
  add_conditions(suite, plan, sweep, number, called_as);
  return suite;
}

JunitSuite suite_of_saved(const SweepPlan& plan, const SweepTally& sweep,
                          const std::string& called_as) {
  JunitSuite suite("saved failures");
  for (const SeedResult* saved : sweep.saved) {
    const SweepSubject& subject = plan.subjects[saved->subject];
    const std::string test = subject.label + " " + format_hex(saved->seed);
    const std::string command = run_command(called_as, subject, saved->seed);
    if (saved->exit_code == kExitOk) {
      suite.passed(test);
    } else if (saved->exit_code == kExitViolation) {
      suite.failed(test, saved->violated + ": " + saved->headline + "; " + command, saved->story);
    } else {
      suite.error(test, "inconclusive", saved->trouble + saved->headline + "; " + command, "");
    }
  }
  return suite;
}

}  // namespace

void JunitSuite::property(const std::string& name, const std::string& value) {
  properties_ += "      <property name=\"" + xml(name) + "\" value=\"" + xml(value) + "\"/>\n";
}

void JunitSuite::passed(const std::string& test) { add(test, ""); }

void JunitSuite::skipped(const std::string& test, const std::string& why) {
  ++counts_.skipped;
  add(test, "      <skipped message=\"" + xml(why) + "\"/>\n");
}

void JunitSuite::failed(const std::string& test, const std::string& message,
                        const std::string& body) {
  ++counts_.failures;
  add(test, element("failure", "violated", message, body));
}

void JunitSuite::error(const std::string& test, const std::string& type, const std::string& message,
                       const std::string& body) {
  ++counts_.errors;
  add(test, element("error", type, message, body));
}

std::string JunitSuite::text() const {
  return "  <testsuite name=\"" + xml(name_) + "\" " + attributes(counts_) +
         ">\n    <properties>\n" + properties_ + "    </properties>\n" + cases_ +
         "  </testsuite>\n";
}

void JunitSuite::add(const std::string& test, const std::string& inside) {
  ++counts_.tests;
  cases_ += "    <testcase classname=\"weir." + xml(name_) + "\" name=\"" + xml(test) + "\"";
  cases_ += inside.empty() ? "/>\n" : ">\n" + inside + "    </testcase>\n";
}

std::string junit_document(const std::vector<JunitSuite>& suites) {
  std::string text;
  JunitCounts all;
  for (const JunitSuite& suite : suites) {
    text += suite.text();
    all.tests += suite.counts().tests;
    all.failures += suite.counts().failures;
    all.errors += suite.counts().errors;
    all.skipped += suite.counts().skipped;
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"weir\" " +
         attributes(all) + ">\n" + text + "</testsuites>\n";
}

std::string junit_xml(const SweepPlan& plan, const SweepTally& sweep,
                      const std::string& called_as) {
  std::vector<JunitSuite> suites;
  if (!sweep.saved.empty()) suites.push_back(suite_of_saved(plan, sweep, called_as));
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    if (sweep.subjects[i].runs > 0) suites.push_back(suite_of(plan, sweep, i, called_as));
  }
  return junit_document(suites);
}

}  // namespace weir
