// A small cluster around the controller, for its simulation: brokers with lagging views, leaders
// that are honest, late or stale, controllers that die and lose what was not committed.
//
// Data are modelled as far as the controller's promises need them: a replica is dirty from an
// unclean stop until a leader that knows its present registration takes it back into the ISR.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller_lab.h"

namespace weir {

// An invariant does not hold; ends the simulation.
struct Broken {
  std::string what;
};

struct ModelChoices {
  std::uint64_t seed = 0;
  bool elr = true;
  std::int32_t min_isr = 2;
  int brokers = 5;
};

class ClusterModel {
 public:
  explicit ClusterModel(const ModelChoices& choices);

  // One random step, after which all invariants are checked. Throws Broken.
  void step();
  // Faults end, every broker comes back, leaders propose all replicas. Throws Broken where a
  // partition then lacks a leader or a replica, or a reassignment goes on.
  void heal();

  struct Counts {
    int failovers = 0;
    int isr_accepted = 0;
    int isr_refused = 0;
    int unclean_starts = 0;
    int lost_records = 0;
    int leaderless = 0;  // steps after which some partition had no leader
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  using Key = std::pair<Uuid, std::int32_t>;
  struct Node {
    bool alive = false;
    bool stopping = false;
    std::uint64_t incarnation = 0;
    std::int64_t clean_epoch = -1;  // in the file of a clean stop
    MetadataReplay view;            // of a prefix of the committed log
    std::size_t applied = 0;        // entries of the log
  };

  template <class Request>
  typename Request::Response ask(const Request& request);
  void append(const Appends& appends);
  void commit(std::size_t end);
  // The end of some batch, from the committed end on.
  [[nodiscard]] std::size_t some_batch_end();
  void fail_over();
  void look(Node& node, std::size_t end);
  void settle();

  // The registration of this life of the node, as far as it is committed; or null.
  [[nodiscard]] const BrokerImage* registered(std::int32_t id) const;
  void start(std::int32_t id);
  void try_to_register(std::int32_t id);
  void heartbeat(std::int32_t id);
  void step_of_broker(std::int32_t id);
  void change_topics();
  void change_settings();
  void reassign_or_elect();
  void propose_isr(std::int32_t leader, bool all_replicas);
  void deliver(const AlterPartitionRequest& request);

  void check_all();
  void check_partition(const TopicImage& topic, std::int32_t index) const;
  void check_snapshot() const;
  void check_committed_step(const MetadataImage& before, const MetadataImage& after);
  // Record by record, since within one decision a replica may come and go.
  void note_changes(MetadataImage before, const Appends& appends,
                    const AlterPartitionRequest* by_leader);
  void note_change(const MetadataImage& before, const MetadataImage& after,
                   const AlterPartitionRequest* by_leader);
  void mark_dirty(BrokerId id);

  [[nodiscard]] const MetadataImage& image() const { return controller_.image(); }
  [[nodiscard]] std::vector<std::int32_t> some_brokers(std::size_t count);

  ModelChoices choices_;
  Random random_;
  Controller controller_;
  Instant now_{1'000'000'000};
  LeaderEpoch epoch_{0};

  std::vector<std::optional<MetadataRecord>> log_;  // nothing: the quorum's own record
  std::set<std::size_t> batch_ends_;                // a batch is kept or lost as a whole
  std::vector<std::uint64_t> digests_;              // of the image below each committed offset
  MetadataReplay committed_;
  std::map<std::int32_t, Node> nodes_;
  std::deque<AlterPartitionRequest> in_flight_;
  std::map<std::pair<Key, std::int32_t>, BrokerEpoch> dirty_;  // since this registration
  std::int64_t producer_ids_end_ = 0;
  std::int64_t last_broker_epoch_ = -1;
  int topics_made_ = 0;
  Counts counts_;
};

}  // namespace weir
