// What a world is made of, and every limit of the simulator by name.
//
// All of it is data: a run is a pure function of these values and of the programs that it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/id.h"
#include "broker/base/random.h"
#include "broker/base/time.h"
#include "broker/ports/program.h"
#include "sim/latency.h"

namespace weir {

// Number of a node in its world, in the order of add_node.
using NodeId = Id<struct NodeTag, std::uint32_t>;
// The world itself, as the source of a fact.
inline constexpr NodeId kNoNode{0xffffffffu};

// That one message over a link takes so long, whatever latency and loss would say.
struct LinkDelay {
  std::string from, to;   // names of nodes
  std::uint64_t nth = 1;  // of what goes that way, counted from 1
  Duration takes{0};
  friend bool operator==(const LinkDelay&, const LinkDelay&) = default;
};

struct NetworkOptions {
  Latency latency =
      Latency::uniform(std::chrono::microseconds(200), std::chrono::microseconds(600));
  Latency local_latency = Latency::constant(std::chrono::microseconds(20));  // a node to itself
  std::uint64_t bytes_per_second = 0;  // of each directed link; 0 = unlimited
  // A lost segment arrives late by the retransmission timeout, which doubles with each further
  // loss.
  Ratio loss{0, 1};
  Duration retransmission_timeout = std::chrono::milliseconds(200);
  // A sender whose data a partition has held back for this long gives the connection up.
  Duration tcp_user_timeout = std::chrono::seconds(10);
  // Bytes that a connection accepts in one direction before its reader has taken them.
  std::size_t window_bytes = 256 * 1024;
  // How often a read yields only a random first part of what has arrived.
  Ratio split_reads{0, 1};
  std::vector<LinkDelay> delays = {};
  // What takes longer than this is kept, see World::long_delays().
  std::optional<Duration> keep_delays_above = {};
  // Connections that a listener keeps waiting for accept; further ones are refused.
  std::size_t accept_backlog = 128;
  // Open connections of one node, both directions; accept yields io_error beyond it.
  std::size_t connections_per_node = 16384;
};

struct DiskOptions {
  Latency read = Latency::constant(std::chrono::microseconds(20));
  Latency write = Latency::constant(std::chrono::microseconds(20));
  Latency sync = Latency::constant(std::chrono::microseconds(500));
  // Open, rename, remove, make_directory, list, truncate.
  Latency metadata = Latency::constant(std::chrono::microseconds(20));
  std::uint64_t capacity_bytes = 0;  // of file contents; 0 = unlimited
  // What is read and written goes through one device, one after the other; 0 = unlimited.
  std::uint64_t bytes_per_second = 0;
};

struct ClockOptions {
  std::int64_t drift_ppm =
      0;                    // this node's seconds are shorter by so many millionths: it runs fast
  Duration offset{0};       // of the monotonic clock, at the world's beginning; not negative
  Duration wall_offset{0};  // of the wall clock against the world's
};

struct WorldLimits {
  std::uint64_t events_per_instant = 1'000'000;
  std::uint64_t events_per_run = 2'000'000'000;
  std::size_t nodes = 4096;
};

// 2024-01-01T00:00:00Z.
inline constexpr WallTime kDefaultWallEpoch{1'704'067'200'000};

struct WorldOptions {
  std::uint64_t seed = 0;
  std::uint64_t branch = 0;
  WorldLimits limits = {};
  NetworkOptions network = {};
  DiskOptions disk = {};
  Duration service_time{0};     // how long a wake-up occupies its node; 0 = off
  Latency timer_lateness = {};  // how late timers fire, drawn per node
  WallTime wall_epoch = kDefaultWallEpoch;
  bool buggify = false;
  // Then these points are on, and no others; absent: the seed draws which.
  std::optional<std::vector<std::string>> buggify_points = {};
  bool guard = true;  // real clock, randomness, threads and sockets abort during run_until
};

struct NodeOptions {
  std::string name;  // also its host name; unique
  Launch launch;
  ClockOptions clock = {};
  std::optional<DiskOptions> disk = {};       // instead of the world's
  std::optional<Duration> service_time = {};  // instead of the world's
};

}  // namespace weir
