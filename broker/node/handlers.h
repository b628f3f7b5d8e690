// The handlers, one file each (handle_*.cpp), and the phrases that facts carry about them.
//
// A handler answers every valid request of its API; errors of a topic or partition are told in its
// place in the response. It runs alone on its connection, but beside the handlers of others, so
// whatever it read before a wait may have changed after it.
#pragma once

#include "broker/node/dispatch.h"
#include "broker/wire/messages/api_versions.h"
#include "broker/wire/messages/create_topics.h"
#include "broker/wire/messages/delete_topics.h"
#include "broker/wire/messages/fetch.h"
#include "broker/wire/messages/find_coordinator.h"
#include "broker/wire/messages/init_producer_id.h"
#include "broker/wire/messages/list_offsets.h"
#include "broker/wire/messages/metadata.h"
#include "broker/wire/messages/produce.h"

namespace weir {

[[nodiscard]] Task<ApiVersionsResponse> handle(Node&, RequestContext&, ApiVersionsRequest);
[[nodiscard]] Task<MetadataResponse> handle(Node&, RequestContext&, MetadataRequest);
[[nodiscard]] Task<ProduceResponse> handle(Node&, RequestContext&, ProduceRequest);
[[nodiscard]] Task<FetchResponse> handle(Node&, RequestContext&, FetchRequest);
[[nodiscard]] Task<ListOffsetsResponse> handle(Node&, RequestContext&, ListOffsetsRequest);
[[nodiscard]] Task<CreateTopicsResponse> handle(Node&, RequestContext&, CreateTopicsRequest);
[[nodiscard]] Task<DeleteTopicsResponse> handle(Node&, RequestContext&, DeleteTopicsRequest);
[[nodiscard]] Task<InitProducerIdResponse> handle(Node&, RequestContext&, InitProducerIdRequest);
[[nodiscard]] Task<FindCoordinatorResponse> handle(Node&, RequestContext&, FindCoordinatorRequest);

// The answer to an ApiVersions request of a version that is not served; encoded as v0.
[[nodiscard]] ApiVersionsResponse unsupported_api_versions();

void describe(const ApiVersionsResponse&, Phrase&);
void describe(const MetadataResponse&, Phrase&);
void describe(const ProduceResponse&, Phrase&);
void describe(const FetchResponse&, Phrase&);
void describe(const ListOffsetsResponse&, Phrase&);
void describe(const CreateTopicsResponse&, Phrase&);
void describe(const DeleteTopicsResponse&, Phrase&);
void describe(const InitProducerIdResponse&, Phrase&);
void describe(const FindCoordinatorResponse&, Phrase&);

}  // namespace weir
