// The driver of the simulated nodes, the network between them, and the faults.
#include "tests/unit/raft/cluster.h"

#include <algorithm>

#include "broker/raft/snapshot_format.h"

namespace weir::raft::test {
namespace {

constexpr std::int64_t kSnapshotBytes = 25;  // fetched in chunks of 10
constexpr std::int64_t kChunkBytes = 10;

Uuid directory_of(int node, int number) {
  return {static_cast<std::uint64_t>(node) + 1, static_cast<std::uint64_t>(number) + 1};
}

}  // namespace

Cluster::Cluster(ClusterOptions options)
    : random(Random::keyed(options.seed, 0, "cluster", "")), options_(options) {
  const int total = options.voters + options.spares + options.brokers;
  std::vector<Voter> voters;
  for (int i = 0; i < options.voters; ++i)
    voters.push_back({{BrokerId{i}, directory_of(i, 0)}, {}});
  for (int i = 0; i < total; ++i) {
    auto node = std::make_unique<Node>();
    node->id = i;
    node->key = {BrokerId{i}, directory_of(i, 0)};
    node->is_controller = i < options.voters + options.spares;
    if (i < options.voters) node->bootstrap = VoterSet(voters);
    node->random = Random::keyed(options.seed, 0, "node", std::to_string(i));
    nodes.push_back(std::move(node));
  }
  for (int i = 0; i < total; ++i) restart(i);
}

// -- time and network -----------------------------------------------------------------------------

void Cluster::at(Duration delay, std::function<void()> what) {
  events_.emplace(std::pair(now + delay, ++event_number_), std::move(what));
}

void Cluster::run_until(Instant end) {
  while (ok() && !events_.empty() && events_.begin()->first.first <= end) {
    const auto event = events_.extract(events_.begin());
    now = event.key().first;
    event.mapped()();
  }
  now = std::max(now, end);
}

void Cluster::transmit(int from, int to, const std::function<void()>& what) {
  const int copies = random.chance(duplication) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (blocked.contains({from, to}) || random.chance(loss)) continue;
    std::int64_t delay_us = random.between(50, max_delay_us);
    if (random.chance({1, 50})) delay_us *= 20;
    at(Duration(delay_us * 1000), [this, from, to, what] {
      if (!blocked.contains({from, to})) what();
    });
  }
}

int Cluster::node_of(BrokerId id) const { return is_bootstrap(id) ? -2 - id.value() : id.value(); }

// -- the driver -----------------------------------------------------------------------------------

static NodeView view_of(const Cluster::Node& node) {
  return {node.key, node.is_controller, &node.log, &node.state, node.quorum.get()};
}

static std::vector<NodeView> views_of(const Cluster& cluster) {
  std::vector<NodeView> views;
  for (const auto& node : cluster.nodes) views.push_back(view_of(*node));
  return views;
}

void Cluster::step(Node& node, const std::function<Effects(const LogView&)>& input) {
  if (!node.quorum || !ok()) return;
  ++steps;
  const LogView view = node.log.view();
  const int life = node.life;
  carry_out(node, input(view));
  if (!node.quorum || node.life != life || !ok()) return;
  judge.after_step(view_of(node));
  if (node.quorum->next_deadline() <= now) judge.find("the next deadline is not after now");
  schedule_deadline(node);
}

void Cluster::schedule_deadline(Node& node) {
  const Instant deadline = node.quorum->next_deadline();
  if (deadline == Instant::never()) return;
  const int number = ++node.deadline_number;
  at(deadline - now, [this, &node, number] {
    if (node.deadline_number != number) return;
    step(node,
         [&](const LogView& log) { return node.quorum->deadline_passed(log, now, node.random); });
  });
}

void Cluster::carry_out(Node& node, Effects effects) {
  const int life = node.life;
  for (const Effect& effect : effects) {
    if (random.chance(crash_at_effect)) kill(node.id);
    if (node.life != life || !node.quorum || !ok()) return;
    judge.before_effect(view_of(node), effect);
    carry_out(node, effect);
  }
  if (effects.empty() || !std::holds_alternative<LoadSnapshot>(effects.back())) return;
  const std::optional<SimSnapshot> loaded = node.incoming.snapshot;
  step(node, [&](const LogView& log) {
    if (!loaded) return node.quorum->snapshot_rejected(log, now, node.random);
    return node.quorum->snapshot_loaded(loaded->voters, log, now, node.random);
  });
}

void Cluster::carry_out(Node& node, const Effect& effect) {
  if (const auto* e = std::get_if<Persist>(&effect)) {
    const auto before = std::exchange(node.state, e->state);
    judge.persisted(view_of(node), before);
  } else if (std::holds_alternative<FlushLog>(effect)) {
    node.log.flush();
  } else if (std::holds_alternative<StartFlush>(effect)) {
    at(Duration(random.between(200'000, 8'000'000)), [this, &node, life = node.life,
                                                      id = node.log.begin_flush()] {
      if (node.life != life || !node.quorum) return;
      node.log.end_flush(id);
      step(node, [&](const LogView& log) { return node.quorum->flushed(log, now, node.random); });
    });
  } else if (const auto* a = std::get_if<AppendControl>(&effect)) {
    if (a->at != node.log.end()) judge.find("a control batch has its place elsewhere");
    for (const ControlRecord& record : a->records) {
      SimRecord r{a->epoch, 0, &record == &a->records.back(), {}};
      if (const auto* v = std::get_if<VotersRecord>(&record)) r.voters = to_voter_set(*v);
      node.log.append(r);
    }
  } else if (const auto* f = std::get_if<AppendFetched>(&effect)) {
    if (f->from != node.log.end() || node.incoming.base != f->from) judge.find("a gap in the log");
    for (const SimRecord& record : node.incoming.records) node.log.append(record);
  } else if (const auto* t = std::get_if<TruncateTo>(&effect)) {
    node.log.truncate(t->end);
  } else if (const auto* w = std::get_if<AdvanceHighWatermark>(&effect)) {
    commit(node, w->offset);
  } else if (const auto* l = std::get_if<LoadSnapshot>(&effect)) {
    if (random.chance({1, 20})) node.incoming.snapshot.reset();
    if (node.incoming.snapshot) {
      judge.snapshot_taken(view_of(node), l->id, node.incoming.snapshot->state);
      node.log.add_snapshot(l->id, *node.incoming.snapshot);
      node.log.replace_by(l->id);
    }
  } else if (const auto* s = std::get_if<Send>(&effect)) {
    const int to = node_of(s->to);
    const Asker asker{node.id, node.life, s->id};
    transmit(node.id, to, [this, to, asker, request = s->request] { deliver(to, asker, request); });
  } else if (const auto* r = std::get_if<Reply>(&effect)) {
    std::visit(
        [&]<class R>(const R& response) {
          if constexpr (std::is_same_v<R, RaftVoterResponse>) {
            admin_answers[r->token] = response;
            askers_.erase(r->token);
          } else {
            answer(node, r->token, response, {});
          }
        },
        r->response);
  } else if (const auto* reply = std::get_if<ReplyFetch>(&effect)) {
    Incoming records{reply->from, {}, {}};
    const auto wanted = static_cast<std::size_t>(random.between(1, 40));
    std::size_t whole = 0;
    for (Offset o = reply->from; o < reply->up_to && whole < wanted; o = o + 1) {
      records.records.push_back(node.log.at(o));
      if (node.log.at(o).ends_batch) whole = records.records.size();
    }
    records.records.resize(whole);
    answer(node, reply->token, reply->response, records);
  } else if (const auto* chunk = std::get_if<ReplySnapshotChunk>(&effect)) {
    FetchSnapshotResponse response = chunk->response;
    Incoming content;
    const auto found = node.log.snapshots().find(response.snapshot_id);
    if (found == node.log.snapshots().end()) {
      response.error = ErrorCode::snapshot_not_found;
    } else if (chunk->position >= kSnapshotBytes) {
      response.error = ErrorCode::position_out_of_range;
    } else {
      response.size = kSnapshotBytes;
      response.chunk_bytes = std::min(kChunkBytes, kSnapshotBytes - chunk->position);
      content.snapshot = found->second;
    }
    answer(node, chunk->token, response, content);
  } else if (std::holds_alternative<LostLeadership>(effect)) {
    node.waiting.clear();
  }
}

void Cluster::deliver(int to, Asker asker, const Request& request) {
  Node& node = *nodes[index(to)];
  if (!node.quorum) {  // connection refused
    transmit(to, asker.node, [this, asker] {
      Node& source = *nodes[index(asker.node)];
      if (source.life != asker.life) return;
      step(source, [&](const LogView& log) {
        return source.quorum->request_failed(asker.id, log, now, source.random);
      });
    });
    return;
  }
  const ReplyToken token = ++last_token_;
  askers_[token] = asker;
  judge.asked(token, request);
  step(node, [&](const LogView& log) {
    return node.quorum->request(token, request, log, now, node.random);
  });
}

void Cluster::answer(Node& node, ReplyToken token, Response response, Incoming incoming) {
  const auto found = askers_.find(token);
  if (found == askers_.end()) return judge.find("a request is answered twice");
  const Asker asker = found->second;
  askers_.erase(found);
  if (auto* fetch = std::get_if<FetchResponse>(&response);
      fetch != nullptr && !incoming.records.empty()) {
    FetchedRecords summary{incoming.base,
                           incoming.base,
                           incoming.records.front().epoch,
                           incoming.records.back().epoch,
                           {}};
    for (const SimRecord& record : incoming.records) {
      if (record.voters) summary.voters.push_back({summary.next, *record.voters});
      summary.next = summary.next + 1;
    }
    fetch->records = std::move(summary);
  }
  transmit(node.id, asker.node, [this, asker, response, incoming] {
    Node& source = *nodes[index(asker.node)];
    if (source.life != asker.life || !source.quorum) return;
    source.incoming = incoming;
    step(source, [&](const LogView& log) {
      return source.quorum->response(asker.id, response, log, now, source.random);
    });
  });
}

void Cluster::commit(Node& node, Offset offset) {
  judge.committed(view_of(node), offset, views_of(*this));
  while (!node.waiting.empty() && node.waiting.front().first <= offset) {
    if (node.quorum->may_append(node.waiting.front().second)) ++acknowledged;
    node.waiting.erase(node.waiting.begin());
  }
}

// -- faults ---------------------------------------------------------------------------------------

void Cluster::kill(int n) {
  Node& node = *nodes[index(n)];
  if (!node.quorum) return;
  node.quorum.reset();
  ++node.life;
  ++node.deadline_number;
  node.waiting.clear();
  node.log.crash(random);
  judge.durability(views_of(*this));
}

void Cluster::restart(int n) {
  Node& node = *nodes[index(n)];
  if (node.quorum) return;
  QuorumConfig config;
  config.cluster_id = "quorum";
  config.self = node.key;
  config.can_become_voter = node.is_controller;
  config.bootstrap_servers = node.bootstrap.empty() ? options_.voters + options_.spares : 0;
  node.quorum = std::make_unique<Quorum>(config, node.bootstrap);
  judge.started(node.key);
  const std::vector<VotersAt> voters = node.log.voters();
  step(node, [&](const LogView& log) {
    return node.quorum->start(log, node.state, voters, now, node.random);
  });
}

void Cluster::wipe(int n) {
  kill(n);
  Node& node = *nodes[index(n)];
  judge.wiped(node.key);
  node.key.directory = directory_of(n, ++node.life);
  node.log = SimLog{};
  node.state.reset();
  node.bootstrap = VoterSet{};
  judge.durability(views_of(*this));
}

std::size_t Cluster::living(const VoterSet& voters) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(nodes, [&](const auto& node) { return voters.contains(node->key); }));
}

bool Cluster::may_wipe(int n) const {
  const ReplicaKey& key = nodes[index(n)]->key;
  return std::ranges::all_of(nodes, [&](const auto& node) {
    std::vector<VotersAt> sets = node->log.voters();
    if (sets.empty() && !node->bootstrap.empty()) sets.push_back({Offset{-1}, node->bootstrap});
    const std::size_t skip = sets.size() > 2 ? sets.size() - 2 : 0;
    return std::all_of(sets.begin() + static_cast<std::ptrdiff_t>(skip), sets.end(),
                       [&](const VotersAt& entry) {
                         const VoterSet& v = entry.voters;
                         if (!v.contains(key)) return true;
                         return living(v) > v.majority();
                       });
  });
}

void Cluster::heal() {
  blocked.clear();
  loss = duplication = crash_at_effect = {};
  max_delay_us = 3000;
  for (int i = 0; i < size(); ++i) restart(i);
}

// -- work -----------------------------------------------------------------------------------------

int Cluster::leader() const {
  int best = -1;
  for (int i = 0; i < size(); ++i) {
    if (!is_up(i) || quorum(i).role() != QuorumRole::leader) continue;
    if (best < 0 || quorum(i).epoch() > quorum(best).epoch()) best = i;
  }
  return best;
}

void Cluster::append_somewhere() {
  const int first = static_cast<int>(random.below(nodes.size()));
  for (int i = 0; i < size(); ++i) {
    Node& node = *nodes[index((first + i) % size())];
    if (!node.quorum || !node.quorum->may_append(node.quorum->epoch())) continue;
    const std::int64_t count = random.between(1, 3);
    for (std::int64_t k = 1; k <= count; ++k) {
      node.log.append({node.quorum->epoch(), ++last_value, k == count, {}});
    }
    node.waiting.emplace_back(node.log.end(), node.quorum->epoch());
    step(node, [&](const LogView& log) { return node.quorum->appended(log, now, node.random); });
    return;
  }
}

void Cluster::administer(int n, const Request& request) {
  Node& node = *nodes[index(n)];
  const ReplyToken token = ++last_token_;
  askers_[token] = Asker{};
  step(node, [&](const LogView& log) {
    return node.quorum->request(token, request, log, now, node.random);
  });
}

void Cluster::change_voters() {
  const int n = leader();
  if (n < 0) return;
  const VoterSet voters = quorum(n).voters();
  const auto is_fine = [&](const std::optional<VoterSet>& changed) {
    return changed && living(*changed) >= changed->majority();
  };
  for (const Voter& voter : voters.voters()) {  // replace who lost its disk
    const bool is_gone =
        std::ranges::none_of(nodes, [&](const auto& node) { return node->key == voter.key; });
    if (is_gone && is_fine(voters.without(voter.key))) {
      return administer(n, RemoveRaftVoterRequest{"quorum", voter.key});
    }
  }
  const Node& other = *nodes[random.below(nodes.size())];
  const bool is_voter = voters.contains(other.key);
  if (!is_voter && other.is_controller && is_fine(voters.with({other.key, {}}))) {
    administer(n, AddRaftVoterRequest{"quorum", 5s, {other.key, {}}, random.chance({1, 2})});
  } else if (is_voter && random.chance({1, 4})) {
    const auto port = static_cast<std::uint16_t>(random.between(1, 100));
    administer(n, UpdateRaftVoterRequest{
                      "quorum", quorum(n).epoch(), {other.key, {{"CONTROLLER", "host", port}}}});
  } else if (is_voter && voters.size() > 2 && is_fine(voters.without(other.key))) {
    administer(n, RemoveRaftVoterRequest{"quorum", other.key});
  }
}

void Cluster::take_snapshot(int n) {
  Node& node = *nodes[index(n)];
  if (!node.quorum) return;
  const LogView log = node.log.view();
  const Offset end{random.between(log.start.value(), node.quorum->high_watermark().value())};
  SnapshotId id{end, epoch_before(log, std::min(end, log.end))};
  if (may_take_snapshot(log, node.quorum->high_watermark(), id, node.log.is_boundary(end)) !=
      SnapshotRefusal::none) {
    return;
  }
  SimSnapshot snapshot;
  Offset from{0};
  if (log.latest_snapshot) {
    snapshot.state = node.log.snapshots().at(*log.latest_snapshot).state;
    from = log.latest_snapshot->end_offset;
  }
  for (Offset o = from; o < end; o = o + 1) {
    snapshot.state = fold_record(snapshot.state, node.log.at(o));
  }
  snapshot.voters = node.quorum->voter_history().before(end);
  if (snapshot.voters.empty()) return;
  judge.snapshot_taken(view_of(node), id, snapshot.state);
  node.log.add_snapshot(id, snapshot);
}

void Cluster::trim(int n) {
  Node& node = *nodes[index(n)];
  if (!node.quorum || node.log.snapshots().empty()) return;
  const SnapshotId id = node.log.snapshots().rbegin()->first;
  if (may_start_log_at(node.log.view(), node.quorum->high_watermark(), id)) node.log.start_at(id);
}

std::string Cluster::show() const {
  std::string text = "t=" + std::to_string(now.ns / 1'000'000) + " ms\n";
  for (const auto& node : nodes) {
    text += "node " + std::to_string(node->id) + ": log [" +
            std::to_string(node->log.start().value()) + ", " +
            std::to_string(node->log.end().value()) + ") flushed " +
            std::to_string(node->log.flushed_end().value());
    if (node->quorum) {
      const Quorum& q = *node->quorum;
      text += " " + std::string(name_of(q.role())) + " epoch " + std::to_string(q.epoch().value()) +
              " leader " + std::to_string(q.leader().value()) + " hw " +
              std::to_string(q.high_watermark().value()) + " voters";
      for (const Voter& v : q.voters().voters()) {
        text += " " + std::to_string(v.key.id.value()) + "/" + std::to_string(v.key.directory.low);
      }
    }
    text += "\n";
  }
  return text;
}

}  // namespace weir::raft::test
