// Coverage: which kinds of faults met which states of the protocol in a run.
//
// A pure fold over the facts: nothing is asked of a node. A kind of fault has met a state when both
// were there at the same time: it struck while the state lasted, or the state began while the fault
// was in force or had just been healed. What is over in an instant (a truncation, a reset of
// connections) counts as there for kEcho, while messages about it are still on their way. `during`
// tells in the same way which states began while which others lasted: new pairs are new behaviour,
// whatever caused them.
//
// The value is a few hundred bytes whatever happened, and equal for equal runs: a search may keep
// it, compare it, and merge it. How many runs of a sweep visited a cell is counted by whoever folds
// them (sweep_tally.h).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/cluster_view.h"
#include "faults/fault.h"
#include "faults/plan.h"
#include "sim/observe.h"

namespace weir {

// In the order of the columns of the matrix. What is there of any node or partition is there.
enum class ProtocolState : std::uint8_t {
  calm,                 // none of the others
  quorum_electing,      // a voter asks to be elected
  controller_absent,    // the active controller died or resigned, and no other is active yet
  leaderless,           // nobody leads a partition in its newest epoch
  leader_new,           // a leader whose high watermark has not moved in its epoch
  isr_shrunk,           // the committed in-sync set of a partition lacks a replica
  isr_alone,            // ... lacks all but one
  isr_changing,         // a leader has proposed an in-sync set that is not committed yet
  reassigning,          // a partition has replicas that come or go
  node_down,            // a broker or controller is down
  recovering,           // ... has started again and does not serve yet
  fenced,               // a broker is fenced
  unclean,              // a leader was elected that was neither in sync nor eligible
  truncating,           // a replica cut its log
  metadata_truncating,  // a voter or observer cut the metadata log
  rolling,              // a log began a new segment
  compacting,           // a cleaner rewrote segments
  snapshotting,         // the metadata log was replaced by a snapshot, or one was loaded
  retrying,             // a client sent a batch again
  deduplicating,        // a leader knew a batch again
  refusing,             // a leader refused a batch for its sequence or epoch
  rewinding,            // a consumer's position was reset or truncated
  topic_changing,       // a topic was created or deleted
  count_,               // not a state
};
inline constexpr auto kProtocolStates = static_cast<std::size_t>(ProtocolState::count_);

// "isr-shrunk", and what it means in half a sentence.
[[nodiscard]] std::string_view name_of(ProtocolState);
[[nodiscard]] std::string_view about(ProtocolState);
[[nodiscard]] std::span<const std::string_view> protocol_state_names();
[[nodiscard]] std::optional<ProtocolState> protocol_state_named(std::string_view);

// A set of states, one bit each.
struct StateSet {
  std::uint64_t bits = 0;

  static constexpr std::uint64_t bit(ProtocolState s) {
    return std::uint64_t{1} << static_cast<unsigned>(s);
  }
  [[nodiscard]] constexpr bool has(ProtocolState s) const { return (bits & bit(s)) != 0; }
  constexpr void add(ProtocolState s) { bits |= bit(s); }
  constexpr void add(StateSet other) { bits |= other.bits; }
  friend constexpr bool operator==(StateSet, StateSet) = default;
};

struct Coverage {
  std::vector<StateSet> met;                     // by FaultKind: the states it met
  std::array<StateSet, kProtocolStates> during;  // by state: those that began while it lasted

  Coverage();
  [[nodiscard]] bool has(FaultKind kind, ProtocolState state) const {
    return met[static_cast<std::size_t>(kind)].has(state);
  }
  [[nodiscard]] StateSet seen() const;  // every state that began, and every one that was met
  // Adds the other's cells; how many of them are new here, pairs of states included.
  std::size_t merge(const Coverage& other);
  friend bool operator==(const Coverage&, const Coverage&) = default;
};

// "0=1f,4=3;1=80": hexadecimal sets of the rows that are not empty, and back. Bound to the order of
// both enumerations, so a file that holds it names them (see sweep_folder.h).
[[nodiscard]] std::string to_text(const Coverage&);
[[nodiscard]] std::optional<Coverage> coverage_from(std::string_view text);

class CoverageFold final : public FactReader {
 public:
  // For how long what is over in an instant counts as there.
  static constexpr Duration kEcho = std::chrono::milliseconds(10);

  explicit CoverageFold(const ClusterShape&);

  void on(const Observed&) override;
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

 private:
  struct Node {
    bool broker = false;  // and maybe a controller, too
    bool down = false;
    bool recovering = false;
    bool electing = false;
    bool fenced = false;
  };
  struct Partition {
    std::string leader;             // the node that leads; empty: none
    std::int32_t led_epoch = -1;    // in which it leads
    std::int32_t known_epoch = -1;  // the newest that a controller told
    std::int64_t leader_id = -1;    // by that
    std::int64_t proposed_at = -1;  // the partition epoch that a proposed ISR builds on
    std::vector<std::int64_t> eligible;
    bool leaderless = false;
    bool fresh = false;  // no watermark moved since replica_leads
    bool shrunk = false;
    bool alone = false;
    bool changing = false;
    bool reassigning = false;
  };
  void on_fault(const Observed&, bool begins);
  void on_started(const Observed&);
  void on_down(const Observed&);
  void on_quorum_state(const Observed&);
  void on_broker(const Observed&, bool fenced);
  void on_partition_changed(const Observed&);
  void on_leads(const Observed&);
  void on_watermark(const Observed&);
  void on_deleted(const Observed&);
  // Keeps `flag`, one of many of its state, and notes when the first of them begins.
  void set(bool& flag, bool value, ProtocolState, Instant);
  void moment(ProtocolState, Instant);
  void begin(ProtocolState, Instant);
  [[nodiscard]] StateSet states_at(Instant) const;
  [[nodiscard]] Node* server(std::string_view node);
  Partition& at(const Fact&);

  Coverage coverage_;
  std::map<std::string, Node, std::less<>> servers_;
  bool quorum_;
  std::map<ClusterView::Key, Partition, ClusterView::Before> partitions_;
  std::string controller_;  // the active one, or empty
  std::int32_t controller_epoch_ = -1;
  bool controller_absent_ = false;
  std::array<std::uint32_t, kProtocolStates> lasting_{};  // how many of each last now
  std::array<Instant, kProtocolStates> until_{};          // of states that are over in an instant
  std::vector<std::uint32_t> in_force_;                   // by FaultKind
  std::vector<Instant> echo_;                             // by FaultKind
};

}  // namespace weir
