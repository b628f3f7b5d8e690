// A fault is a plain value: what happens, to whom, when, for how long, under which guard.
//
// Vocabulary only. A fault is written by hand in a scenario or drawn from the seed (plan.h) and
// carried out by the Injector. Names of kinds are the words of scenario files; the catalogue says
// for each kind what it strikes and which parameters it takes, and everything that reads, writes,
// lists or draws faults reads the catalogue.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/base/fact.h"
#include "broker/base/time.h"

namespace weir {

enum class FaultKind : std::uint8_t {
  kill,             // the process dies, its page cache survives
  power_loss,       // unsynced writes and directory entries are kept, dropped or torn
  wipe,             // the machine dies with all that was on its disk
  stop,             // a clean stop
  rolling_restart,  // the nodes of a set are stopped and started, one after the other
  pause,            // a long garbage collection: nothing runs, connections stay
  slow_node,        // each wake-up occupies the node for `by`
  partition,        // two sets of nodes do not hear each other; one_way: the second hears nothing
  isolate,          // one node against all others
  bridge,           // the servers fall into two halves that both hear one node only
  ring,             // each of a set of nodes hears its two neighbours of the set only
  clog,             // messages are held, and delivered when it is over
  swizzle,          // nodes of a set are clogged one by one, and released in another order
  tangle,           // some links of a set are slow, each by its own length of up to `by`
  slow_link,        // messages take `by` longer
  narrow_link,      // no more than bytes_per_second get through
  reset,            // the connections between the two sets break
  half_open,        // the first set forgets its connections, the second learns it when it writes
  refuse,           // the node accepts no new connection
  lose_response,    // the response that triggered it vanishes, its connection dies when it is over
  late_delivery,    // what is sent on present connections arrives `by` later, new ones are quick
  fail_read,        // the nth read from now fails
  fail_write,       // the nth write from now fails
  fail_sync,        // the nth sync from now fails
  disk_full,        // no space is left
  slow_disk,        // every operation takes `factor` times as long
  stuck_disk,       // no operation completes until it is over
  bit_rot,          // one bit of what is stored flips
  misdirected,      // the nth write from now lands elsewhere in its file
  clock_step,       // the wall clock jumps by `by`, which may be negative
  clock_skew,       // the clock runs fast (or, negative, slow) by rate_ppm (RFC 5905: skew)
};

// How long a connection that lost a response lives on, where the fault does not say it.
inline constexpr Duration kLostResponseLasts = std::chrono::seconds(1);

// Whom a kind strikes: one node; a set of nodes; two sets; or the connection of the triggering
// response.
enum class FaultTarget : std::uint8_t { node, set, sides, response };

struct FaultTraits {
  enum Property : std::uint16_t {
    kLasts = 1,        // takes `for`; otherwise over at once
    kOneWay = 2,       // may be one-way
    kBy = 4,           // needs `by`
    kRate = 8,         // needs rate_ppm
    kFactor = 16,      // needs factor
    kNth = 32,         // takes nth
    kSurvivable = 64,  // promised to survive: a random plan may draw it unasked
    kClientToo = 128,  // a random plan may strike a client with it
    kRateBytes = 256,  // needs bytes_per_second
    kCluster = 512,    // makes sense only where there are several servers
    kLoses = 1024,     // what the node has stored may be gone or wrong, without a word
  };

  FaultKind kind;
  std::string_view name;
  std::string_view about;
  FaultTarget target;
  std::uint16_t properties;
  std::uint32_t weight;  // in a random plan without weights

  [[nodiscard]] constexpr bool is(Property p) const { return (properties & p) != 0; }
};

// In the order of the enumeration.
[[nodiscard]] std::span<const FaultTraits> fault_catalogue();
[[nodiscard]] const FaultTraits& traits_of(FaultKind);
[[nodiscard]] std::string_view name_of(FaultKind);
// In the order of the enumeration.
[[nodiscard]] std::span<const std::string_view> fault_names();
[[nodiscard]] std::optional<FaultKind> fault_kind_named(std::string_view);

// A node by name ("b1", "P1") or by role, resolved when the fault strikes: "leader:orders-0",
// "follower:orders-0", "controller:active", "coordinator:group-g", "coordinator:txn-t",
// "client:P1"; of the triggering fact "event:node" and "event:peer", of its partition
// "event:leader", "event:follower" and "event:joiner" (whom the leader has asked to let into the
// ISR). In a set, also "brokers", "controllers" and "clients" for all of them, and
// "replicas:orders-0".
using NodeRef = std::string;

// When a fact of this kind, fulfilling every given condition, is seen for the nth time.
struct Trigger {
  FactKind event{};
  std::string tp;  // "orders-0"
  NodeRef node;    // who emitted it; "leader" is short for the leader of its own partition
  NodeRef peer;
  std::int16_t api = -1;
  std::optional<std::int64_t> at_least;  // of the fact's value
  std::uint32_t nth = 1;
  Duration since{0};  // time of the scenario from which matches count
  Duration delay{0};  // from the match to the fault
  friend bool operator==(const Trigger&, const Trigger&) = default;
};

// When the labelled fault is over (where it lasts to the end: has struck), and `delay` has passed.
struct AfterFault {
  std::string label;
  Duration delay{0};
  friend bool operator==(const AfterFault&, const AfterFault&) = default;
};

// A time of the scenario (see Injector::start); or a trigger; or after another fault.
using FaultTime = std::variant<Duration, Trigger, AfterFault>;

// The condition, judged on facts at the moment of the fault, under which it stays inside what the
// cluster promises to survive. A fault that is guarded out is skipped and recorded.
enum class Guard : std::uint8_t {
  none,
  others_up,   // every other broker is up
  replicated,  // afterwards each partition that it touches has at least min.insync.replicas live
               // and connected in-sync replicas left that hold all that was exposed, and more than
               // half of the controllers are up and connected; no controller forgets what it synced
};
[[nodiscard]] std::string_view name_of(Guard);
[[nodiscard]] std::span<const std::string_view> guard_names();
[[nodiscard]] std::optional<Guard> guard_named(std::string_view);

struct Fault {
  FaultKind kind{};
  FaultTime when = Duration(0);
  NodeRef node;  // FaultTarget::node
  // FaultTarget::sides; of a response, where no trigger tells; a set is `from` alone.
  std::vector<NodeRef> from, to;
  bool one_way = false;           // only what goes from `from` to `to`
  std::optional<Duration> lasts;  // then it is healed or restarted; absent: until all heals
  Duration by{0};
  std::int32_t rate_ppm = 0;
  std::uint32_t factor = 1;
  std::int64_t bytes_per_second = 0;
  std::uint32_t nth = 1;
  Guard guard = Guard::none;
  std::string label;
  friend bool operator==(const Fault&, const Fault&) = default;
};

// "kill b1 at 2 s for 500 ms"; what() is the part before the time: "kill b1".
[[nodiscard]] std::string what_of(const Fault&);
[[nodiscard]] std::string to_text(const Fault&);

// The APIs that a trigger may name, by Kafka's names ("Produce" is 0); -1 where there is none.
[[nodiscard]] std::int16_t api_key_named(std::string_view);
[[nodiscard]] std::string_view api_name(std::int16_t key);
[[nodiscard]] std::span<const std::string_view> api_names();

}  // namespace weir
