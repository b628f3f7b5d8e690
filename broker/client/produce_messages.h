// Between ProducerCore and the wire: its effects as requests, the responses as its inputs.
#pragma once

#include <vector>

#include "broker/client/producer_core.h"
#include "broker/wire/messages/init_producer_id.h"
#include "broker/wire/messages/metadata.h"
#include "broker/wire/messages/produce.h"
#include "broker/wire/records.h"

namespace weir {

// The batch as it goes over the wire, compressed.
[[nodiscard]] Slice encode_batch(const ProducerBatch& batch, Compression compression,
                                 Codecs& codecs);

[[nodiscard]] ProduceRequest make_produce_request(const ProducerEffects::Produce& produce,
                                                  const ProducerOptions& options, Codecs& codecs);

[[nodiscard]] std::vector<PartitionAnswer> answers_of(const ProduceResponse& response);
// What acks=0 stands for: every batch was handed to the network.
[[nodiscard]] std::vector<PartitionAnswer> answers_without_acks(
    const ProducerEffects::Produce& produce);

// The leaders that the response names where it refuses (KIP-951).
void learn_leaders(const ProduceResponse& response, MetadataCache& metadata);

// Asks for the topics that are wanted; for none, asks for the brokers alone.
[[nodiscard]] MetadataRequest make_metadata_request(const MetadataCache& metadata);
[[nodiscard]] MetadataUpdate update_of(const MetadataResponse& response);

}  // namespace weir
