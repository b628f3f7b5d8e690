// Any bytes as a request frame: header, then the body of the API and version that it names. What is
// accepted must be written and read again as the same.
#include <cstdlib>

#include "broker/wire/describe.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const Slice frame = Slice::copy_of(std::as_bytes(std::span(data, size)));
  const Result<ReceivedRequest> received = open_request(Reader(frame));
  if (!received) return 0;
  DescribedRequests::with(received->header.api_key, [&]<class Request>() {
    check_round_trip<Request>(received->body, received->header.api_version);
  });
  if (describe_request(*received).empty()) std::abort();
  return 0;
}
