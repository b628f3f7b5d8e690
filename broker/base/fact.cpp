// Names of fact kinds, and how a fact enters the fingerprint.
#include "broker/base/fact.h"

#include <array>

#include "broker/base/hash.h"

namespace weir {
namespace {

constexpr std::size_t kKinds = static_cast<std::size_t>(FactKind::count_);

// In the order of the enumeration.
constexpr std::array<std::string_view, kKinds> kNames = {
    "node.started",
    "node.stopped",
    "node.killed",
    "node.power_lost",
    "node.paused",
    "node.resumed",
    "node.failed",
    "assertion.failed",
    "request.sent",
    "request.received",
    "response.sent",
    "response.received",
    "connection.opened",
    "connection.closed",
    "log.opened",
    "log.appended",
    "log.rolled",
    "log.truncated",
    "log.synced",
    "log_start.advanced",
    "hw.advanced",
    "append.deduplicated",
    "append.refused",
    "records.served",
    "answer.told",
    "topic.created",
    "topic.deleted",
    "quorum.state",
    "quorum.voted",
    "snapshot.taken",
    "snapshot.loaded",
    "controller.activated",
    "controller.resigned",
    "metadata.applied",
    "broker.registered",
    "broker.fenced",
    "broker.unfenced",
    "partition.changed",
    "replica.leads",
    "replica.follows",
    "replica.offline",
    "isr.proposed",
    "follower.position",
    "log.compacted",
    "client.configured",
    "send.invoked",
    "send.attempted",
    "send.acknowledged",
    "send.failed",
    "send.unknown",
    "poll.invoked",
    "poll.record",
    "poll.completed",
    "poll.failed",
    "consumer.assigned",
    "consumer.seek",
    "position.validated",
    "position.truncated",
    "position.reset",
    "client.closed",
    "fault.injected",
    "fault.healed",
    "fault.skipped",
    "buggify.fired",
    "healed",
    "message.dropped",
    "disk.error",
    "disk.wiped",
    "disk.lost",
};

std::uint64_t pack(std::uint64_t high, std::uint64_t low) {
  return high << 32 | (low & 0xffffffffu);
}

// Most facts leave most texts empty, whose hash is 0.
std::uint64_t hash_of(std::string_view text) { return text.empty() ? 0 : hash_text(text); }

}  // namespace

std::string_view name_of(FactKind kind) {
  const auto i = static_cast<std::size_t>(kind);
  return i < kKinds ? kNames[i] : std::string_view("unknown");
}

FactKind fact_kind_named(std::string_view name) {
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (kNames[i] == name) return static_cast<FactKind>(i);
  }
  return FactKind::count_;
}

std::uint64_t fold(std::uint64_t h, const Fact& f) {
  h = fold(h, pack(static_cast<std::uint64_t>(f.kind),
                   static_cast<std::uint32_t>(f.api) << 16 |
                       static_cast<std::uint16_t>(f.producer_epoch)));
  h = fold(h, pack(static_cast<std::uint32_t>(f.partition), static_cast<std::uint32_t>(f.epoch)));
  h = fold(h, pack(static_cast<std::uint32_t>(f.sequence), 0) ^ hash_of(f.topic));
  h = fold(h, static_cast<std::uint64_t>(f.old));
  h = fold(h, static_cast<std::uint64_t>(f.value));
  h = fold(h, static_cast<std::uint64_t>(f.operation));
  h = fold(h, static_cast<std::uint64_t>(f.producer));
  h = fold(h, f.digest);
  h = fold(h, hash_of(f.record));
  h = fold(h, hash_of(f.peer));
  return fold(h, hash_of(f.why));
}

}  // namespace weir
