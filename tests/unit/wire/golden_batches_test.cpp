// Record batches that kafka-python wrote, with every codec: read record for record, and written
// again byte for byte where no compression library's taste is in between.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "broker/wire/records.h"
#include "tests/support/source_dir.h"
#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

constexpr std::int64_t kBaseTime = 1700000000000;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

std::string shown(const std::optional<Bytes>& bytes) {
  return bytes.has_value() ? to_hex(*bytes) : "null";
}

std::string shown(const Record& record) {
  std::string text = std::to_string(record.timestamp - kBaseTime) + ":" + shown(record.key) + ":" +
                     shown(record.value);
  for (const RecordHeader& h : record.headers)
    text += ":" + std::string(h.key) + "=" + shown(h.value);
  return text;
}

std::vector<std::vector<std::string>> read_golden_batches() {
  std::ifstream file(source_dir() + "/tests/unit/wire/data/batches.txt");
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("#")) lines.push_back(split(line, '|'));
  }
  return lines;
}

TEST(GoldenBatches, AreReadAsKafkaPythonWroteThem) {
  Codecs codecs;
  int compressed = 0;
  for (const std::vector<std::string>& golden : read_golden_batches()) {
    const Result<RecordBatch> batch = parse_batch(from_hex(golden[6]));
    ASSERT_TRUE(batch);
    EXPECT_TRUE(crc_is_right(*batch));
    EXPECT_EQ(batch->header.producer_id.value(), std::stoll(golden[1]));
    EXPECT_EQ(batch->header.producer_epoch.value(), std::stoi(golden[2]));
    EXPECT_EQ(batch->header.base_sequence, std::stoi(golden[3]));
    EXPECT_EQ(batch->header.is_transactional(), golden[4] == "1");
    if (batch->header.compression() != Compression::none) {
      EXPECT_EQ(name_of(batch->header.compression()), golden[0]);
      ++compressed;
    }
    Result<RecordReader> reader = RecordReader::open(*batch, codecs);
    ASSERT_TRUE(reader) << golden[0];
    Record record;
    std::string text;
    for (Result<bool> more = reader->next(record); more && *more; more = reader->next(record)) {
      text += (text.empty() ? "" : ",") + shown(record);
    }
    EXPECT_EQ(text, golden[5]) << golden[0];
  }
  EXPECT_GE(compressed, 12) << "kafka-python leaves out compression where it does not pay";
}

TEST(GoldenBatches, AreWrittenByteForByteAlike) {
  Codecs codecs;
  int checked = 0;
  for (const std::vector<std::string>& golden : read_golden_batches()) {
    const Slice bytes = from_hex(golden[6]);
    const Result<RecordBatch> batch = parse_batch(bytes);
    ASSERT_TRUE(batch);
    Result<RecordReader> reader = RecordReader::open(*batch, codecs);
    ASSERT_TRUE(reader);
    RecordBatchBuilder builder;
    Record record;
    while (*reader->next(record)) {
      NewRecord copy;
      copy.timestamp = record.timestamp;
      copy.key = record.key;
      copy.value = record.value;
      copy.headers = record.headers;
      const std::size_t expected = builder.size_with(copy);
      builder.append(copy);
      EXPECT_EQ(builder.size(), expected);
    }
    BatchOptions options;
    options.partition_leader_epoch = batch->header.partition_leader_epoch;
    options.producer_id = batch->header.producer_id;
    options.producer_epoch = batch->header.producer_epoch;
    options.base_sequence = batch->header.base_sequence;
    options.transactional = batch->header.is_transactional();
    options.compression = batch->header.compression();
    const Slice built = builder.build(options, codecs);
    if (options.compression == Compression::none) {
      EXPECT_EQ(to_hex(built), golden[6]);
      ++checked;
    } else {
      // The same records in the same codec, whatever the library made of them.
      const Result<RecordBatch> again = parse_batch(built);
      ASSERT_TRUE(again);
      EXPECT_TRUE(crc_is_right(*again));
      const Result<Slice> ours = codecs.decompress(options.compression, again->payload());
      const Result<Slice> theirs = codecs.decompress(options.compression, batch->payload());
      ASSERT_TRUE(ours && theirs);
      EXPECT_EQ(to_hex(*ours), to_hex(*theirs));
    }
  }
  EXPECT_GE(checked, 4);
}

}  // namespace
}  // namespace weir
