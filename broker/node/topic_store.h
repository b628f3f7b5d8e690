// The topics of a broker: the metadata image, the partitions it leads, and their durable list.
//
// A topic is created when its logs exist and the list that names it is durable; only then does the
// image show it. A deletion is durable in the list, together with the directories that remain to be
// removed, before anything is removed: whatever a crash interrupts is finished at the next start.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/node/broker_config.h"
#include "broker/node/partition.h"
#include "broker/node/turn.h"

namespace weir {

// Partitions that one broker leads; beyond it nothing is created.
inline constexpr std::size_t kMaxPartitionsPerBroker = 100'000;

class TopicStore {
 public:
  TopicStore(Machine& machine, const BrokerConfig& config, const BrokerSettings& settings);

  // Reads the list, finishes what was interrupted, opens every log that this broker leads. False:
  // that failed, and the node was halted.
  [[nodiscard]] Task<bool> open();
  // Closes every log in order.
  [[nodiscard]] Task<> close();

  [[nodiscard]] const std::shared_ptr<const MetadataImage>& image() const { return image_; }
  // How clients reach this broker; for the image.
  void set_own_address(const Endpoint& address);

  // Null where this broker does not lead it (or it does not exist).
  [[nodiscard]] std::shared_ptr<Partition> partition(std::string_view topic,
                                                     std::int32_t index) const;

  // A topic that create() would take: a new id, and every partition on this broker alone, since
  // nobody tells the others yet.
  [[nodiscard]] TopicImage draft(std::string name, std::int32_t partitions, ConfigMap configs = {});
  // TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION (the name collides), INVALID_PARTITIONS (too many
  // for this broker), KAFKA_STORAGE_ERROR; then nothing has changed.
  [[nodiscard]] Task<ErrorCode> create(TopicImage topic);
  // UNKNOWN_TOPIC_OR_PARTITION, KAFKA_STORAGE_ERROR.
  [[nodiscard]] Task<ErrorCode> remove(std::string name);
  // What create() would say, as far as it is known before it touches the disk.
  [[nodiscard]] ErrorCode judge_creation(const TopicImage& topic) const;

  // Retention, expiry and flushes by time, for every partition.
  [[nodiscard]] Task<> maintain();

  // The disk failed an operation. The only log directory is unusable then, so the node halts, as
  // Kafka's brokers do; a disk that is merely full refuses and lives on.
  void disk_failed(std::string_view what, const boost::system::error_code& error);
  // The same for a log that has failed.
  void check_log(const Partition& partition);
  [[nodiscard]] bool halted() const { return halted_; }

 private:
  using Partitions = std::vector<std::shared_ptr<Partition>>;  // by number; null: led elsewhere

  Task<std::string> read_list();
  Task<Result<void>> write_list(const MetadataImage& image);
  Task<Result<void>> finish_removals();
  Task<Result<Partitions>> open_partitions(std::shared_ptr<const TopicImage> topic);
  Task<ErrorCode> create_in_turn(TopicImage topic);
  Task<ErrorCode> remove_in_turn(std::string name);
  void note_removal(const std::string& topic, const Partitions& partitions);
  Task<> remove_partitions(Partitions partitions);
  void halt(std::string why);

  Machine& machine_;
  const BrokerConfig& config_;
  const BrokerSettings& settings_;
  std::shared_ptr<const MetadataImage> image_;
  LiveBrokers no_brokers_;  // that could join an ISR
  std::map<std::string, Partitions, std::less<>> partitions_;
  std::vector<std::string> to_remove_;  // directories of deleted topics
  std::size_t led_ = 0;
  Turn turn_;  // one change at a time
  bool halted_ = false;
};

}  // namespace weir
