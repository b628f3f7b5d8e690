// Golden: what the recovery scan finds in a segment, and why it stops.
//
// tests/golden/storage/recovery.txt holds cases of the form
//
//     batch 2          two records; the next offset
//     batch 1 @10      one record, from offset 10 on
//     flip 70          one bit of that byte
//     cut 100          the file ends there
//     zeros 30         appended, as a file system leaves them
//     text garbage     appended
//     ----
//     what the scan says
//
// separated by empty lines. WEIR_REWRITE=1 in the environment writes the outputs anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "broker/storage/segment_scan.h"
#include "tests/support/source_dir.h"
#include "tests/unit/storage/batches.h"

namespace weir {
namespace {

const std::string kFile = source_dir() + "/tests/golden/storage/recovery.txt";

// Carries out one line on the bytes of the segment.
void carry_out(const std::string& line, Buffer& segment, std::int64_t& next_offset) {
  std::istringstream words(line);
  std::string verb;
  std::string argument;
  std::string at;
  words >> verb >> argument >> at;
  if (verb == "batch") {
    if (!at.empty()) next_offset = std::stoll(at.substr(1));
    const std::vector<std::string> values(std::stoul(argument), "v");
    segment.append(make_batch({.values = values, .base_offset = next_offset}));
    next_offset += static_cast<std::int64_t>(values.size());
  } else if (verb == "flip") {
    segment.data()[std::stoul(argument)] ^= std::byte{1};
  } else if (verb == "cut") {
    segment.shrink_to(std::stoul(argument));
  } else if (verb == "zeros") {
    segment.append(as_bytes(std::string(std::stoul(argument), '\0')));
  } else if (verb == "text") {
    segment.append(as_bytes(argument));
  } else {
    ADD_FAILURE() << "no such verb: " << line;
  }
}

std::string answer(const std::string& input) {
  Buffer segment;
  std::int64_t next_offset = 0;
  std::istringstream lines(input);
  for (std::string line; std::getline(lines, line);) carry_out(line, segment, next_offset);
  const std::size_t size = segment.size();
  const SegmentContent content = scan_segment(std::move(segment).share(), Offset{0});
  std::string out;
  for (const ScannedBatch& scanned : content.batches) {
    const BatchHeader& header = scanned.batch.header;
    out += "byte " + std::to_string(scanned.position) + ": offsets " +
           std::to_string(header.base_offset.value()) + " to " +
           std::to_string(header.last_offset().value()) + "\n";
  }
  out += "keep " + std::to_string(content.valid_bytes) + " of " + std::to_string(size) +
         " bytes, next offset " + std::to_string(content.next_offset.value()) + "\n";
  if (!content.stop.empty()) out += "stop: " + content.stop + "\n";
  return out;
}

TEST(StorageGolden, RecoveryScan) {
  std::ifstream file(kFile);
  ASSERT_TRUE(file) << kFile;
  std::string input;
  std::string expected;
  std::string rewritten;
  bool in_output = false;
  std::size_t cases = 0;
  const auto finish = [&] {
    if (input.empty()) return;
    const std::string got = answer(input);
    EXPECT_EQ(got, expected) << input;
    rewritten += (rewritten.empty() ? "" : "\n") + input + "----\n" + got;
    input.clear();
    expected.clear();
    in_output = false;
    ++cases;
  };
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) {
      finish();
    } else if (line == "----") {
      in_output = true;
    } else {
      (in_output ? expected : input) += line + "\n";
    }
  }
  finish();
  EXPECT_GT(cases, 10u);
  if (std::getenv("WEIR_REWRITE") != nullptr) std::ofstream(kFile) << rewritten;
}

}  // namespace
}  // namespace weir
