// Connection: both ends and both directions of one simulated TCP connection; data only.
//
// What is sent stands in the sender's direction in order, first in flight, then received; slices
// are handed over, never copied.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/random.h"
#include "broker/base/result.h"
#include "sim/event_queue.h"
#include "sim/latency.h"
#include "sim/operations.h"
#include "sim/options.h"
#include "sim/ring.h"

namespace weir::sim {

struct ConnectionId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

// What a link holds back: a direction of a connection (`side` sends), or its connection request.
struct Stalled {
  ConnectionId connection;
  std::uint32_t side = 0;
  bool request = false;
};

// Everything from one node to another.
struct Link {
  NodeId from;
  NodeId to;
  Latency latency;
  Ratio loss;
  std::int64_t extra = 0;              // a slow link
  std::uint64_t bytes_per_second = 0;  // 0 = unlimited
  std::int64_t free_at = 0;            // when its bandwidth is free again
  bool cut = false;
  bool clogged = false;
  Random* latency_random = nullptr;
  Random* loss_random = nullptr;
  Random* split_random = nullptr;
  std::uint64_t sent = 0;                             // how much went this way so far
  std::map<std::uint64_t, std::int64_t> delays = {};  // of those by number; instead of the latency
  std::vector<Stalled> stalled = {};                  // in the order in which it was held back
};

struct Segment {
  enum class Kind : std::uint8_t { data, established, end, reset };
  Slice data = {};
  Kind kind = Kind::data;
  bool together = false;  // arrives in one event with the next one
};

struct Direction {
  Link* link = nullptr;
  Ring<Segment> in_flight;
  Ring<Slice> received;
  Ring<Slice> blocked;        // accepted when the window opens
  std::size_t under_way = 0;  // bytes in flight or received, not yet read
  std::int64_t last_arrival = 0;
  std::uint32_t epoch = 0;  // deliveries of an older one are void
  std::int64_t late = 0;    // what is sent arrives so much later, on this connection alone
  bool stalled = false;
  bool vanishes = false;       // a black hole
  bool ended = false;          // the receiver has seen the end
  bool window_on_way = false;  // the sender is going to learn of room
  Event* user_timeout = nullptr;
  OperationId writer;  // of the sending end
  OperationId reader;  // of the receiving end
};

struct End {
  NodeId node = kNoNode;
  std::uint32_t life = 0;
  bool owned = false;     // a Stream, a backlog or a pending connect refers to it
  bool socket = false;    // the machine knows it: what arrives is taken
  Errc state = Errc::ok;  // closed: here; reset: broken
};

struct Connection {
  ConnectionId id;
  std::uint16_t port = 0;
  OperationId connector;           // of end 0, until established
  Event* overdue = nullptr;        // of a black hole
  std::array<End, 2> ends;         // 0 has connected, 1 has accepted
  std::array<Direction, 2> sends;  // by the side that sends
};

}  // namespace weir::sim
