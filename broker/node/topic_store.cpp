// Opening, creating and removing topics.
#include "broker/node/topic_store.h"

#include <algorithm>

#include "broker/node/metadata_file.h"
#include "broker/node/replica/log_directories.h"
#include "broker/node/small_file.h"

namespace weir {
namespace {

std::shared_ptr<const MetadataImage> first_image(const BrokerConfig& config) {
  if (config.image != nullptr) return config.image;
  return MetadataImage::create({{config.id, config.listen.host, config.listen.port}}, config.id);
}

// Nobody else holds a replica, whatever the list of another life says.
PartitionState alone(BrokerId self, LeaderEpoch epoch) {
  PartitionState state;
  state.leader = self;
  state.leader_epoch = epoch;
  state.replicas = {self};
  state.isr = {self};
  return state;
}

}  // namespace

TopicStore::TopicStore(Machine& machine, const BrokerConfig& config, const BrokerSettings& settings)
    : machine_(machine),
      config_(config),
      settings_(settings),
      image_(first_image(config)),
      turn_(machine.timers) {}

void TopicStore::set_own_address(const Endpoint& address) {
  std::vector<BrokerImage> brokers = image_->brokers();
  for (BrokerImage& broker : brokers) {
    if (broker.id != config_.id) continue;
    broker.host = address.host;
    broker.port = address.port;
  }
  image_ = image_->with_brokers(std::move(brokers), image_->controller());
}

Task<bool> TopicStore::open() {
  const std::string unreadable = co_await read_list();
  if (!unreadable.empty()) {
    halt("the list of topics cannot be read: " + unreadable);
    co_return false;
  }
  Result<void> done = co_await finish_removals();
  if (!done) {
    halt("a deleted topic cannot be removed: " + done.error().message());
    co_return false;
  }
  done = co_await write_list(*image_);
  if (!done) {
    halt("the list of topics cannot be written: " + done.error().message());
    co_return false;
  }
  const MetadataImage::Topics topics = image_->topics();
  for (const auto& [name, topic] : topics) {
    Result<Partitions> opened = co_await open_partitions(topic);
    if (!opened) {
      halt("the log of topic " + name + " cannot be opened: " + opened.error().message());
      co_return false;
    }
    partitions_.emplace(name, std::move(*opened));
  }
  co_return true;
}

// Empty, or why the list cannot be read. At the first start there is none, and that is fine.
Task<std::string> TopicStore::read_list() {
  std::string path(kTopicListFileName);
  Result<std::string> text = co_await read_small_file(machine_.disk, path);
  if (!text) {
    co_return text.error() == Errc::not_found ? std::string() : text.error().message();
  }
  Checked<StoredMetadata> stored = parse_metadata(*text);
  if (!stored) co_return stored.error().text();
  if (stored->cluster_id != config_.cluster_id) {
    co_return "it belongs to the cluster " + stored->cluster_id;
  }
  image_ =
      MetadataImage::create(image_->brokers(), image_->controller(), std::move(stored->topics));
  to_remove_ = std::move(stored->to_remove);
  co_return std::string();
}

Task<Result<void>> TopicStore::write_list(const MetadataImage& image) {
  std::string path(kTopicListFileName);
  std::string text = print_metadata(config_.cluster_id, image, to_remove_);
  Result<void> written = co_await replace_small_file(machine_.disk, path, text);
  co_return written;
}

Task<Result<void>> TopicStore::finish_removals() {
  while (!to_remove_.empty()) {
    Result<void> removed = co_await remove_log_directory(machine_.disk, to_remove_.back());
    if (!removed) co_return removed;
    to_remove_.pop_back();
  }
  co_return Result<void>{};
}

Task<Result<TopicStore::Partitions>> TopicStore::open_partitions(
    std::shared_ptr<const TopicImage> topic) {
  const Checked<TopicSettings> settings = parse_topic_settings(settings_.topic, topic->configs);
  if (!settings) co_return Errc::malformed;
  Partitions partitions(topic->partitions.size());
  std::size_t led = 0;
  for (std::size_t p = 0; p < partitions.size(); ++p) {
    const PartitionImage& image = topic->partitions[p];
    if (image.leader != config_.id) continue;
    const auto index = static_cast<std::int32_t>(p);
    LogOptions options;
    options.topic = topic->name;
    options.partition = index;
    options.directory = log_directory_name(topic->name, index);
    options.config = settings->log;
    Result<std::unique_ptr<PartitionLog>> log =
        co_await PartitionLog::open(machine_, std::move(options));
    if (!log) co_return log.error();
    PartitionOptions mine;
    mine.self = config_.id;
    mine.key = {topic->id, index};
    mine.topic = topic->name;
    mine.settings = *settings;
    partitions[p] = std::make_shared<Partition>(machine_, std::move(mine), no_brokers_, nullptr,
                                                std::move(*log));
    PartitionState state = alone(config_.id, image.leader_epoch);
    const ErrorCode error = co_await partitions[p]->lead(std::move(state));
    if (error != ErrorCode::none) co_return Errc::io_error;
    ++led;
  }
  led_ += led;
  co_return partitions;
}

Task<> TopicStore::close() {
  co_await turn_.take();
  for (const auto& [name, partitions] : partitions_) {
    for (const std::shared_ptr<Partition>& partition : partitions) {
      if (partition == nullptr) continue;
      // A log that cannot be closed is recovered at the next start; there is no one to tell now.
      const ErrorCode error = co_await partition->close();
      static_cast<void>(error);
    }
  }
  partitions_.clear();
  turn_.give();
}

std::shared_ptr<Partition> TopicStore::partition(std::string_view topic, std::int32_t index) const {
  const auto it = partitions_.find(topic);
  if (it == partitions_.end() || index < 0) return nullptr;
  const auto p = static_cast<std::size_t>(index);
  return p < it->second.size() ? it->second[p] : nullptr;
}

TopicImage TopicStore::draft(std::string name, std::int32_t partitions, ConfigMap configs) {
  const BrokerImage* self = image_->broker(config_.id);
  const Uuid id = make_topic_id(machine_.entropy.random());
  return make_topic(std::move(name), id, partitions, {*self}, std::move(configs));
}

ErrorCode TopicStore::judge_creation(const TopicImage& topic) const {
  if (image_->topic(topic.name) != nullptr) return ErrorCode::topic_already_exists;
  if (why_illegal_topic_name(topic.name) != nullptr) return ErrorCode::invalid_topic_exception;
  const bool may_collide = topic.name.find_first_of("._") != std::string::npos;
  if (may_collide) {
    const auto collides = [&](const auto& entry) {
      return topic_names_collide(entry.first, topic.name);
    };
    if (std::any_of(image_->topics().begin(), image_->topics().end(), collides)) {
      return ErrorCode::invalid_topic_exception;
    }
  }
  if (topic.partitions.empty() || topic.partitions.size() > kMaxPartitionsPerBroker - led_) {
    return ErrorCode::invalid_partitions;
  }
  return ErrorCode::none;
}

Task<ErrorCode> TopicStore::create(TopicImage topic) {
  co_await turn_.take();
  const ErrorCode error = co_await create_in_turn(std::move(topic));
  turn_.give();
  co_return error;
}

Task<ErrorCode> TopicStore::create_in_turn(TopicImage topic) {
  const ErrorCode judged = judge_creation(topic);
  if (judged != ErrorCode::none) co_return judged;
  Result<void> written = co_await finish_removals();  // the directory may be one of them
  if (!written) {
    disk_failed("a deleted topic", written.error());
    co_return ErrorCode::kafka_storage_error;
  }
  const std::string name = topic.name;
  std::shared_ptr<const MetadataImage> after = image_->with_topic(std::move(topic));
  Result<Partitions> opened = co_await open_partitions(after->topic(name));
  if (!opened) {
    disk_failed("the log of topic " + name, opened.error());
    co_return ErrorCode::kafka_storage_error;
  }
  written = co_await write_list(*after);
  if (!written) {
    disk_failed("the list of topics", written.error());
    note_removal(name, *opened);
    co_await remove_partitions(std::move(*opened));
    co_return ErrorCode::kafka_storage_error;
  }
  image_ = std::move(after);
  partitions_.emplace(name, std::move(*opened));
  machine_.facts.emit({.kind = FactKind::topic_created,
                       .topic = name,
                       .value = static_cast<std::int64_t>(image_->topic(name)->partitions.size())});
  co_return ErrorCode::none;
}

Task<ErrorCode> TopicStore::remove(std::string name) {
  co_await turn_.take();
  const ErrorCode error = co_await remove_in_turn(std::move(name));
  turn_.give();
  co_return error;
}

Task<ErrorCode> TopicStore::remove_in_turn(std::string name) {
  const auto found = partitions_.find(name);
  if (image_->topic(name) == nullptr || found == partitions_.end()) {
    co_return ErrorCode::unknown_topic_or_partition;
  }
  std::shared_ptr<const MetadataImage> after = image_->without_topic(name);
  const std::size_t removals_before = to_remove_.size();
  note_removal(name, found->second);
  Result<void> written = co_await write_list(*after);
  if (!written) {
    to_remove_.resize(removals_before);
    disk_failed("the list of topics", written.error());
    co_return ErrorCode::kafka_storage_error;
  }
  Partitions partitions = std::move(found->second);
  partitions_.erase(found);
  image_ = std::move(after);
  machine_.facts.emit({.kind = FactKind::topic_deleted,
                       .topic = name,
                       .value = static_cast<std::int64_t>(partitions.size())});
  co_await remove_partitions(std::move(partitions));
  co_return ErrorCode::none;
}

void TopicStore::note_removal(const std::string& topic, const Partitions& partitions) {
  for (const std::shared_ptr<Partition>& partition : partitions) {
    if (partition != nullptr) to_remove_.push_back(log_directory_name(topic, partition->index()));
  }
}

// Ends partitions whose directories are in to_remove_, and removes those. What cannot be removed
// now stays in the list. (Not PartitionLog::remove(): a directory must not go before it is durable
// that its files went.)
Task<> TopicStore::remove_partitions(Partitions partitions) {
  for (const std::shared_ptr<Partition>& partition : partitions) {
    if (partition == nullptr) continue;
    --led_;
    co_await partition->retire();
  }
  const Result<void> removed = co_await finish_removals();
  if (!removed) disk_failed("a deleted topic", removed.error());
}

Task<> TopicStore::maintain() {
  std::vector<std::shared_ptr<Partition>> all;
  for (const auto& [name, partitions] : partitions_) {
    for (const std::shared_ptr<Partition>& p : partitions) {
      if (p != nullptr) all.push_back(p);
    }
  }
  for (const std::shared_ptr<Partition>& partition : all) {
    if (partition->gone() || halted_) continue;
    const ErrorCode error = co_await partition->maintain();
    if (error != ErrorCode::none) check_log(*partition);
  }
}

void TopicStore::disk_failed(std::string_view what, const boost::system::error_code& error) {
  if (error == Errc::no_space) return;
  halt(std::string(what) + ": " + error.message());
}

void TopicStore::check_log(const Partition& partition) {
  if (!partition.log().failed()) return;
  halt("the log directory failed: " + partition.topic() + '-' + std::to_string(partition.index()) +
       ": " + partition.log().failure());
}

void TopicStore::halt(std::string why) {
  if (halted_) return;
  halted_ = true;
  machine_.tasks.halt(why);
}

}  // namespace weir
