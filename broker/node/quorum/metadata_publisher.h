// MetadataPublisher: from committed records to images, and from images to those who act on them.
//
// One coroutine follows the committed part of the metadata log, replays it, and hands each new
// image to the subscribers, one after the other, before it reads on: a node never acts on a state
// that it then has to take back (KIP-500). Where the log does not reach back it begins with the
// snapshot. A record that cannot be replayed halts the node: its metadata are not the cluster's.
#pragma once

#include <memory>
#include <vector>

#include "broker/client/shell/waiting_line.h"
#include "broker/controller/metadata_image.h"
#include "broker/controller/replay.h"
#include "broker/node/quorum/metadata_log.h"
#include "broker/ports/task_group.h"

namespace weir {

class ImageSubscriber {
 public:
  virtual ~ImageSubscriber() = default;
  // Returns when it has acted, or has taken note to act in a task of its own.
  [[nodiscard]] virtual Task<> publish(std::shared_ptr<const MetadataImage> before,
                                       std::shared_ptr<const MetadataImage> after) = 0;
};

class MetadataPublisher {
 public:
  // The log outlives it; it is open before start().
  MetadataPublisher(Machine& machine, MetadataLog& log);

  // Before start(). Subscribers outlive the publisher's last step, see stop().
  void add(ImageSubscriber& subscriber) { subscribers_.push_back(&subscriber); }
  void start();
  [[nodiscard]] Task<> stop();

  // The newest image that every subscriber has seen; empty at first, never null.
  [[nodiscard]] const std::shared_ptr<const MetadataImage>& image() const { return image_; }
  // All below it is in that image.
  [[nodiscard]] const AppliedLog& applied() const { return image_->applied(); }
  // The whole replay, open transactions included.
  [[nodiscard]] const MetadataReplay& replay() const { return replay_; }
  // How far the replay is, transactions included.
  [[nodiscard]] Offset replayed() const { return next_; }
  // Bytes of the log that were replayed in this life, snapshots not counted.
  [[nodiscard]] std::uint64_t replayed_bytes() const { return replayed_bytes_; }
  // Woken by each step.
  [[nodiscard]] WaitingLine& progress() { return progress_; }

 private:
  Task<> run();
  Task<bool> step();
  Task<bool> load(SnapshotId id);
  [[nodiscard]] bool apply(const RecordBatch& batch);
  Task<> hand_out();
  void halt(const std::string& why);

  Machine& machine_;
  MetadataLog& log_;
  std::vector<ImageSubscriber*> subscribers_;
  MetadataReplay replay_;
  std::shared_ptr<const MetadataImage> image_ = std::make_shared<MetadataImage>();
  Offset next_{0};
  std::uint64_t replayed_bytes_ = 0;
  Codecs codecs_;
  WaitingLine progress_;
  TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace weir
