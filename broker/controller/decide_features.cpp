// UpdateFeatures (KIP-584), the first records of a cluster, and AllocateProducerIds (KIP-730).
//
// Features change together or not at all. A level must be known here and to every registered node;
// lowering one must be asked for as such. Turning eligible leader replicas on needs a new enough
// metadata.version, and min.insync.replicas known to the controller; turning them off is refused
// while a partition has nobody in its ISR, since those are all that is known of who holds its data.
#include <algorithm>
#include <map>
#include <utility>

#include "broker/controller/decisions.h"
#include "broker/wire/messages/allocate_producer_ids.h"
#include "broker/wire/messages/update_features.h"

namespace weir::deciding {
namespace {

using Update = UpdateFeaturesRequest::FeatureUpdateKey;

constexpr std::int8_t kUpgrade = 1;  // Kafka's FeatureUpdate.UpgradeType
constexpr std::int8_t kSafeDowngrade = 2;
constexpr std::int8_t kUnsafeDowngrade = 3;

Refusal invalid(std::string why) { return {ErrorCode::invalid_update_version, std::move(why)}; }

template <class Nodes>
bool all_support(const Nodes& nodes, std::string_view feature, std::int16_t level) {
  return std::all_of(nodes.begin(), nodes.end(), [&](const auto& node) {
    const auto it = std::find_if(node.features.begin(), node.features.end(),
                                 [&](const FeatureRange& f) { return f.name == feature; });
    if (it == node.features.end()) return level == 0;
    return level == 0 || (it->min <= level && level <= it->max);
  });
}

Refusal check_type(const MetadataImage& image, const Update& update) {
  const bool may_lower = update.allow_downgrade || update.upgrade_type == kSafeDowngrade ||
                         update.upgrade_type == kUnsafeDowngrade;
  if (update.upgrade_type < kUpgrade || update.upgrade_type > kUnsafeDowngrade) {
    return {ErrorCode::invalid_request, "an unknown type of upgrade"};
  }
  if (update.max_version_level < image.feature(update.feature) && !may_lower) {
    return invalid("the level of " + update.feature + " would be lowered, which was not asked for");
  }
  return {};
}

Refusal check(const MetadataImage& image, const Update& update) {
  const KnownFeature* known = find_feature(update.feature);
  if (known == nullptr) return invalid("there is no feature " + update.feature);
  if (known->name == kKraftVersionFeature) {
    return invalid("kraft.version is changed by the quorum's own voters");
  }
  const std::int16_t level = update.max_version_level;
  if (level < known->min || level > known->max) {
    return invalid(update.feature + " has levels " + std::to_string(known->min) + " to " +
                   std::to_string(known->max));
  }
  Refusal refusal = check_type(image, update);
  if (refusal.refused()) return refusal;
  const bool supported = all_support(image.brokers(), update.feature, level) &&
                         all_support(image.controllers(), update.feature, level);
  if (!supported) return invalid("not every node supports this level of " + update.feature);
  return {};
}

// What the features mean for each other, as they would be afterwards.
Refusal check_together(const MetadataImage& image, const MetadataImage::Features& after) {
  const auto level = [&](std::string_view name) {
    const auto it = after.find(name);
    return it == after.end() ? std::int16_t{0} : it->second;
  };
  if (level(kElrFeature) > 0 && level(kMetadataVersionFeature) < kFirstWithElr) {
    return invalid("eligible leader replicas need metadata.version " +
                   std::to_string(kFirstWithElr));
  }
  const bool turned_off = elr_is_on(image) && level(kElrFeature) == 0;
  const auto without_isr =
      partitions_where(image, [](const PartitionImage& p) { return p.isr.empty(); });
  if (turned_off && !without_isr.empty()) {
    return invalid("partitions without in-sync replicas rest on the eligible ones");
  }
  return {};
}

void write_feature(Context& in, const std::string& name, std::int16_t level) {
  FeatureLevelRecord record;
  record.name = name;
  record.feature_level = level;
  in.draft.add(std::move(record), "features");
}

void turn_elr_on(Context& in) {
  write_feature(in, std::string(kElrFeature), 1);
  tell_min_insync_replicas(in);
  // A last member stayed in the ISR though it was fenced; now it is eligible instead.
  const MetadataImage image = in.image();
  const auto is_active = [&](BrokerId id) {
    const BrokerImage* broker = image.broker(id);
    return broker != nullptr && broker->is_active();
  };
  const auto places = partitions_where(image, [&](const PartitionImage& p) {
    return !std::all_of(p.isr.begin(), p.isr.end(), is_active);
  });
  for (const PartitionPlace& place : places) {
    WantedPartition wanted;
    wanted.isr.emplace();
    for (const BrokerId id : image.partition(place.topic, place.index)->isr) {
      if (is_active(id)) wanted.isr->push_back(id);
    }
    change_partition_in(in, place.topic, place.index, wanted, "eligible leader replicas");
  }
}

}  // namespace

UpdateFeaturesResponse decide(const UpdateFeaturesRequest& request, Context& in) {
  UpdateFeaturesResponse response;
  response.error_message = std::nullopt;
  MetadataImage::Features after = in.image().features();
  std::map<std::string_view, int> times;
  for (const Update& update : request.feature_updates) ++times[update.feature];
  Refusal first;
  for (const Update& update : request.feature_updates) {
    Refusal refusal = times[update.feature] > 1
                          ? Refusal{ErrorCode::invalid_request, "the feature is named twice"}
                          : check(in.image(), update);
    if (refusal.refused() && !first.refused()) first = refusal;
    after[update.feature] = update.max_version_level;
    auto& result = response.results.emplace_back();
    result.feature = update.feature;
    result.error_code = code_of(refusal.error);
    result.error_message = std::nullopt;
    if (refusal.refused()) result.error_message = std::move(refusal.why);
  }
  if (!first.refused()) first = check_together(in.image(), after);
  if (first.refused()) {
    response.error_code = code_of(first.error);
    response.error_message = std::move(first.why);
    return response;
  }
  if (request.validate_only) return response;
  in.draft.expect_any_partition();
  // metadata.version first: it says in which versions the rest is written, but lower it last.
  const bool turns_on =
      !elr_is_on(in.image()) && after.contains(kElrFeature) && after.find(kElrFeature)->second > 0;
  const bool turns_off = elr_is_on(in.image()) && !turns_on && after.contains(kElrFeature) &&
                         after.find(kElrFeature)->second == 0;
  if (turns_off) {
    in.draft.add(ClearElrRecord{}, "eligible leader replicas");
    write_feature(in, std::string(kElrFeature), 0);
  }
  for (const auto& [name, level] : after) {
    if (name != kElrFeature && level != in.image().feature(name)) write_feature(in, name, level);
  }
  if (turns_on) turn_elr_on(in);
  return response;
}

void bootstrap(Context& in) {
  const auto level_of = [&](const KnownFeature& feature) {
    const auto it = in.options.bootstrap_features.find(feature.name);
    return it == in.options.bootstrap_features.end() ? feature.first : it->second;
  };
  const std::int16_t version = std::clamp(level_of(*find_feature(kMetadataVersionFeature)),
                                          find_feature(kMetadataVersionFeature)->min,
                                          find_feature(kMetadataVersionFeature)->max);
  write_feature(in, std::string(kMetadataVersionFeature), version);
  for (const KnownFeature& feature : known_features()) {
    if (feature.name == kMetadataVersionFeature || feature.name == kKraftVersionFeature) continue;
    const std::int16_t level = std::min(level_of(feature), feature.max);
    const bool too_early = feature.name == kElrFeature && version < kFirstWithElr;
    if (level > 0 && !too_early) write_feature(in, std::string(feature.name), level);
  }
  if (elr_is_on(in.image())) tell_min_insync_replicas(in);
}

AllocateProducerIdsResponse decide(const AllocateProducerIdsRequest& request, Context& in) {
  AllocateProducerIdsResponse response;
  ErrorCode error = check_broker_epoch(in.image(), request.broker_id, request.broker_epoch);
  const std::int64_t first = in.image().next_producer_id().value();
  if (error == ErrorCode::none && first > INT64_MAX - kProducerIdBlock) {
    error = ErrorCode::unknown_server_error;  // all are given out
  }
  response.error_code = code_of(error);
  if (error != ErrorCode::none) return response;
  // The record names the next block's first id, never this one's: it is handed out once.
  ProducerIdsRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = request.broker_epoch;
  record.next_producer_id = first + kProducerIdBlock;
  in.draft.add(std::move(record), "producer ids");
  response.producer_id_start = first;
  response.producer_id_len = kProducerIdBlock;
  return response;
}

}  // namespace weir::deciding
