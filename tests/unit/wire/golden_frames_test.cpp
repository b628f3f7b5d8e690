// Frames that kafka-python wrote, of all messages it knows in all versions: the same values are
// read from them, and the same bytes written again (data/make_golden.py).
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/wire/described.h"
#include "broker/wire/frame_reader.h"
#include "broker/wire/request_header.h"
#include "tests/support/source_dir.h"
#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

struct Golden {
  std::string message;
  std::int16_t version = 0;
  Slice frame;
  std::string text;
};

void read_frames_of(const char* name, std::vector<Golden>& goldens) {
  std::ifstream file(source_dir() + "/tests/unit/wire/data/" + name);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    const std::size_t a = line.find('|');
    const std::size_t b = line.find('|', a + 1);
    const std::size_t c = line.find('|', b + 1);
    goldens.push_back({line.substr(0, a),
                       static_cast<std::int16_t>(std::stoi(line.substr(a + 1, b - a - 1))),
                       from_hex(line.substr(b + 1, c - b - 1)), line.substr(c + 1)});
  }
}

// Of what clients are served, and of what kafka-python knows besides.
std::vector<Golden> read_golden_frames() {
  std::vector<Golden> goldens;
  read_frames_of("frames.txt", goldens);
  read_frames_of("frames_described.txt", goldens);
  return goldens;
}

Reader only_frame(const Slice& bytes) {
  FrameReader frames;
  frames.feed(bytes);
  Result<std::optional<Reader>> frame = frames.next();
  return frame && frame->has_value() ? **frame : Reader();
}

template <class Request>
void check_request(const Golden& golden) {
  Result<ReceivedRequest> received = open_request(only_frame(golden.frame));
  ASSERT_TRUE(received);
  EXPECT_EQ(received->header.client_id, "golden");
  EXPECT_EQ(received->header.api_version, golden.version);
  std::string why;
  const Result<Request> request = decode<Request>(received->body, golden.version, &why);
  ASSERT_TRUE(request) << why;
  EXPECT_EQ(print(*request, golden.version), golden.text);
  const auto frame = encode_request(*request, golden.version, received->header.correlation_id,
                                    received->header.client_id, &why);
  ASSERT_TRUE(frame) << why;
  EXPECT_EQ(to_hex(join(*frame)), to_hex(golden.frame));
}

template <class Response>
void check_response(const Golden& golden) {
  const Result<ReceivedResponse> received =
      open_response(only_frame(golden.frame), Response::kApi, golden.version);
  ASSERT_TRUE(received);
  std::string why;
  const Result<Response> response = decode<Response>(received->body, golden.version, &why);
  ASSERT_TRUE(response) << why;
  EXPECT_EQ(print(*response, golden.version), golden.text);
  const auto frame = encode_response(*response, golden.version, received->correlation_id, &why);
  ASSERT_TRUE(frame) << why;
  EXPECT_EQ(to_hex(join(*frame)), to_hex(golden.frame));
}

TEST(GoldenFrames, AreReadAndWrittenAsKafkaPythonDoes) {
  for (const Golden& golden : read_golden_frames()) {
    SCOPED_TRACE(golden.message + " v" + std::to_string(golden.version) + " " +
                 to_hex(golden.frame));
    bool found = false;
    DescribedRequests::for_each([&]<class Request>() {
      using Response = typename Request::Response;
      if (golden.message == Request::kName) {
        found = true;
        check_request<Request>(golden);
      } else if (golden.message == Response::kName) {
        found = true;
        check_response<Response>(golden);
      }
    });
    EXPECT_TRUE(found);
    if (HasFailure()) break;
  }
}

TEST(GoldenFrames, CoverEveryMessageInEveryVersionServed) {
  std::set<std::string> covered;
  for (const Golden& golden : read_golden_frames()) {
    covered.insert(golden.message + std::to_string(golden.version));
  }
  ServedRequests::for_each([&]<class Request>() {
    const VersionRange served = info_of(Request::kApi).served;
    EXPECT_TRUE(!served.empty() && Request::kVersions.contains(served.min) &&
                Request::kVersions.contains(served.max));
    EXPECT_EQ(Request::kVersions, Request::Response::kVersions);
    for (std::int16_t v = served.min; v <= served.max; ++v) {
      EXPECT_TRUE(covered.contains(std::string(Request::kName) + std::to_string(v)));
      EXPECT_TRUE(covered.contains(std::string(Request::Response::kName) + std::to_string(v)));
    }
  });
}

}  // namespace
}  // namespace weir
