// The requests that Weir serves to clients, as a list of types; for all it knows see described.h.
#pragma once

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

template <class... Requests>
struct RequestList {
  // Calls f.operator()<Request>() for each of them, in this order.
  template <class F>
  static void for_each(F&& f) {
    (f.template operator()<Requests>(), ...);
  }
  // Calls f.operator()<Request>() for the one with that key; false where there is none.
  template <class F>
  static bool with(std::int16_t key, F&& f) {
    return ((static_cast<std::int16_t>(Requests::kApi) == key &&
             (f.template operator()<Requests>(), true)) ||
            ...);
  }
};

using ServedRequests = RequestList<ProduceRequest, FetchRequest, ListOffsetsRequest,
                                   MetadataRequest, FindCoordinatorRequest, ApiVersionsRequest,
                                   CreateTopicsRequest, DeleteTopicsRequest, InitProducerIdRequest>;

}  // namespace weir
