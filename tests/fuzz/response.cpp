// Any bytes as a response frame; the first two bytes choose the API and the version asked for. The
// body is read in two pieces, as a network may deliver it.
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  if (size < 2) return 0;
  const std::int16_t version = static_cast<std::int16_t>(data[1] % 32);
  const Slice frame = Slice::copy_of(std::as_bytes(std::span(data + 2, size - 2)));
  const std::size_t half = frame.size() / 2;
  DescribedRequests::with(data[0], [&]<class Request>() {
    using Response = typename Request::Response;
    Reader in(std::vector<Slice>{frame.subslice(0, half), frame.subslice(half)});
    const Result<ReceivedResponse> received = open_response(in, Request::kApi, version);
    if (received) check_round_trip<Response>(received->body, version);
  });
  return 0;
}
