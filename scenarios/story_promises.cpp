// The guarantees in a sentence each, and how their promises follow from configuration and faults.
#include <algorithm>
#include <array>
#include <utility>

#include "scenarios/story_text.h"

namespace weir {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 23> kSentences = {{
    {"durability.acked", "an acknowledged record stays, at its offset, on every in-sync log"},
    {"order.partition", "the records of one producer keep their order within a partition"},
    {"dup.idempotent", "no record is stored twice, however often it is sent"},
    {"log.agreement", "replicas that have the same offset and epoch have the same record there"},
    {"epoch.single-leader", "in each epoch at most one node leads, and no vote changes"},
    {"hw.monotonic", "a high watermark that was shown never goes back"},
    {"read.visibility", "nothing above the high watermark is read, and what was read stays"},
    {"txn.atomicity", "a transaction is visible as a whole or not at all"},
    {"txn.isolation", "an aborted record is never read by read_committed"},
    {"txn.fencing", "a producer that was fenced writes nothing any more"},
    {"group.exclusive", "a partition has one owner in a group at a time"},
    {"group.commit", "a committed offset is never changed by an older generation"},
    {"delivery.at-most-once", "no record is handed on twice"},
    {"delivery.at-least-once", "every record that was acknowledged is handed on"},
    {"delivery.exactly-once", "every record that was acknowledged is handed on once"},
    {"progress.produce", "producers get acknowledgements again soon after all faults are over"},
    {"progress.consume", "consumers get records again soon after all faults are over"},
    {"progress.replicate", "replicas are in sync again soon after all faults are over"},
    {"progress.rebalance", "groups are stable again soon after all faults are over"},
    {"progress.controller", "there is a controller again soon after all faults are over"},
    {"controller.metadata", "every node's metadata are a prefix of the controllers' log"},
    {"controller.isr", "the in-sync set holds only replicas that have all that was shown"},
    {"controller.election", "only who is in sync or eligible is elected"},
}};

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

}  // namespace

std::string about_guarantee(const std::string& id) {
  const auto found = std::ranges::find(kSentences, id, [](const auto& s) { return s.first; });
  if (found != kSentences.end()) return std::string(found->second);
  return id == "node.sound" ? "no assertion of a node fails" : "the same run is the same run";
}

std::string promises_text(const std::vector<Verdict>& verdicts) {
  constexpr std::size_t kIdWidth = 24;
  std::string text;
  for (const Verdict& v : verdicts) {
    const std::string id = v.id + std::string(kIdWidth - std::min(kIdWidth - 1, v.id.size()), ' ');
    text += id + (v.promised ? "promised      " : "not promised  ") + about_guarantee(v.id) + "\n";
    text += std::string(kIdWidth, ' ') + "because       " + joined(v.because, "; ") + "\n";
  }
  return text;
}

}  // namespace weir
