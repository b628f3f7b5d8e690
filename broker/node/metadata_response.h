// The answer to a Metadata request, as a pure function of the image.
//
// v0 asks for all topics by an empty list, v1 and later by null; v10 tells topic ids, v12 also asks
// by them. Topics to be created were created before, if at all.
#pragma once

#include <string>
#include <vector>

#include "broker/controller/metadata_image.h"
#include "broker/wire/messages/metadata.h"

namespace weir {

// Whether clients can reach it: registered and not fenced.
[[nodiscard]] bool is_alive(const MetadataImage&, BrokerId);
// Whom clients of a cluster are told as controller: a broker, since they cannot reach controllers;
// it hands on what is meant for those. `self` where it is alive; nobody alive: kNoBroker.
[[nodiscard]] BrokerId controller_for_clients(const MetadataImage&, BrokerId self);

[[nodiscard]] bool asks_for_all_topics(const MetadataRequest&, std::int16_t version);

// The names that are asked for, that may be created on demand, and that the image lacks.
[[nodiscard]] std::vector<std::string> missing_topics(const MetadataImage&, const MetadataRequest&,
                                                      std::int16_t version);

[[nodiscard]] MetadataResponse metadata_response(const MetadataImage&,
                                                 const std::string& cluster_id,
                                                 const MetadataRequest&, std::int16_t version);

}  // namespace weir
