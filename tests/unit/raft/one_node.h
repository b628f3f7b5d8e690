// One quorum in a test's hands: it carries out what concerns the log, and shows the rest.
//
// Nodes 1, 2, 3 are the voters unless told otherwise; the node under test is 1.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "broker/raft/quorum.h"
#include "tests/unit/raft/simulated_log.h"

namespace weir::raft::test {

inline ReplicaKey key(int id) { return {BrokerId{id}, Uuid{7, static_cast<std::uint64_t>(id)}}; }

inline VoterSet voters_of(const std::vector<int>& ids) {
  std::vector<Voter> voters;
  for (const int id : ids) {
    const auto port = static_cast<std::uint16_t>(9000 + id);
    voters.push_back({key(id), {{"CONTROLLER", "host" + std::to_string(id), port}}});
  }
  return VoterSet(voters);
}

class OneNode {
 public:
  explicit OneNode(const VoterSet& voters = voters_of({1, 2, 3}), ReplicaKey self = key(1))
      : quorum(config_of(self), voters) {}

  static QuorumConfig config_of(ReplicaKey self) {
    QuorumConfig config;
    config.cluster_id = "c";
    config.self = self;
    config.can_become_voter = true;
    return config;
  }

  Effects start() { return carry_out(quorum.start(log.view(), file, log.voters(), now, random)); }
  Effects wait(Duration d) {
    now = now + d;
    return carry_out(quorum.deadline_passed(log.view(), now, random));
  }
  Effects wait_deadline() { return wait(quorum.next_deadline() - now); }
  Effects ask(const Request& request) {
    return carry_out(quorum.request(++token, request, log.view(), now, random));
  }
  Effects answer(RequestId id, const Response& response) {
    return carry_out(quorum.response(id, response, log.view(), now, random));
  }
  Effects fail(RequestId id) {
    return carry_out(quorum.request_failed(id, log.view(), now, random));
  }
  Effects append(int count) {
    for (int i = 0; i < count; ++i) log.append({quorum.epoch(), 1, i + 1 == count, {}});
    return carry_out(quorum.appended(log.view(), now, random));
  }
  Effects flush() {
    log.flush();
    return carry_out(quorum.flushed(log.view(), now, random));
  }

  // Elected (in epoch 1 of an empty log), everything flushed.
  void lead() {
    start();
    lead_from_prospective();
    flush();
  }
  void lead_from_prospective() {
    if (quorum.role() == QuorumRole::unattached) wait_deadline();
    while (quorum.role() != QuorumRole::leader) {
      const auto asked = sent<VoteRequest>();
      WEIR_ASSERT(!asked.empty());
      VoteResponse yes;
      yes.leader_epoch = quorum.epoch();
      yes.vote_granted = true;
      answer(asked[0].first.id, yes);
    }
  }
  // Follows node 2 in epoch 5; its first Fetch is in flight.
  void follow(int epoch = 5) {
    start();
    ask(BeginQuorumEpochRequest{"c", key(1), BrokerId{2}, LeaderEpoch{epoch}, {}});
    WEIR_ASSERT(quorum.role() == QuorumRole::follower);
  }

  // A Fetch of that node at this position, as the leader sees it.
  [[nodiscard]] FetchRequest fetch_of(int id, int offset, int last_epoch) const {
    FetchRequest r;
    r.cluster_id = "c";
    r.replica = key(id);
    r.current_leader_epoch = quorum.epoch();
    r.fetch_offset = Offset{offset};
    r.last_fetched_epoch = LeaderEpoch{last_epoch};
    r.max_wait = 500ms;
    r.max_bytes = 1000;
    return r;
  }
  [[nodiscard]] FetchResponse records_from_leader(int count, int epoch, int high_watermark) const {
    FetchResponse r;
    r.leader_id = quorum.leader();
    r.leader_epoch = quorum.epoch();
    r.high_watermark = Offset{high_watermark};
    if (count > 0) {
      r.records =
          FetchedRecords{log.end(), log.end() + count, LeaderEpoch{epoch}, LeaderEpoch{epoch}, {}};
    }
    return r;
  }

  // Of the last step.
  template <class R>
  [[nodiscard]] std::vector<std::pair<Send, R>> sent() const {
    std::vector<std::pair<Send, R>> found;
    for (const Effect& effect : last) {
      const auto* send = std::get_if<Send>(&effect);
      if (send == nullptr || !std::holds_alternative<R>(send->request)) continue;
      found.emplace_back(*send, std::get<R>(send->request));
    }
    return found;
  }
  template <class R>
  [[nodiscard]] std::optional<R> replied() const {
    for (const Effect& effect : last) {
      const auto* reply = std::get_if<Reply>(&effect);
      if (reply != nullptr && std::holds_alternative<R>(reply->response)) {
        return std::get<R>(reply->response);
      }
    }
    return std::nullopt;
  }
  template <class E>
  [[nodiscard]] std::optional<E> effect() const {
    for (const Effect& e : last) {
      if (const auto* found = std::get_if<E>(&e)) return *found;
    }
    return std::nullopt;
  }
  // Where in the step the first of that kind stands; -1: nowhere.
  template <class E>
  [[nodiscard]] int place() const {
    const auto at =
        std::ranges::find_if(last, [](const Effect& e) { return std::holds_alternative<E>(e); });
    return at == last.end() ? -1 : static_cast<int>(at - last.begin());
  }

  SimLog log;
  std::optional<QuorumStateData> file;
  Instant now{1'000'000'000};
  Random random{42};
  ReplyToken token = 0;
  Quorum quorum;
  Effects last;

 private:
  Effects carry_out(Effects effects) {
    for (const Effect& effect : effects) {
      if (const auto* p = std::get_if<Persist>(&effect)) file = p->state;
      if (std::holds_alternative<FlushLog>(effect)) log.flush();
      if (const auto* t = std::get_if<TruncateTo>(&effect)) log.truncate(t->end);
      if (const auto* f = std::get_if<AppendFetched>(&effect)) {
        while (log.end() < f->to) log.append({fetched_epoch, 1, true, {}});
      }
      if (const auto* a = std::get_if<AppendControl>(&effect)) {
        for (const ControlRecord& record : a->records) {
          SimRecord r{a->epoch, 0, &record == &a->records.back(), {}};
          if (const auto* v = std::get_if<VotersRecord>(&record)) r.voters = to_voter_set(*v);
          log.append(r);
        }
      }
    }
    last = effects;
    return effects;
  }

 public:
  LeaderEpoch fetched_epoch{5};  // of records that AppendFetched brings
};

}  // namespace weir::raft::test
