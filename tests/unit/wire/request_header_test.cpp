// Headers, frames around messages, and the rules of versions that clients depend on.
#include "broker/wire/request_header.h"

#include <gtest/gtest.h>

#include "broker/wire/error_code.h"
#include "broker/wire/served.h"
#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

TEST(RequestHeader, KeepsTheClientIdAClassicStringInFlexibleVersions) {
  // Key 18, version 3, correlation 5, client id "rdk" with a two-byte length, no tagged fields.
  Result<ReceivedRequest> request =
      open_request(Reader(from_hex("0012 0003 00000005 0003 72646b 00 02 61 02 62 00")));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->header.correlation_id, 5);
  EXPECT_EQ(request->header.client_id, "rdk");
  const Result<ApiVersionsRequest> body = decode<ApiVersionsRequest>(request->body, 3);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->client_software_name, "a");
  EXPECT_EQ(body->client_software_version, "b");
}

TEST(RequestHeader, MayHaveNoClientIdAndUnknownTags) {
  // Header v2 of Metadata v9: null client id, one unknown tag of three bytes.
  const Result<ReceivedRequest> request =
      open_request(Reader(from_hex("0003 0009 00000001 ffff 01 63 03 010203 00")));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->header.client_id, std::nullopt);
  EXPECT_EQ(request->body.remaining(), 1u);
}

TEST(RequestHeader, HasNoTagsBeforeFlexibleVersions) {
  const Result<ReceivedRequest> request =
      open_request(Reader(from_hex("0003 0008 00000001 ffff 00")));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->body.remaining(), 1u);
}

TEST(RequestHeader, OfAnUnknownApiIsUnsupported) {
  EXPECT_EQ(open_request(Reader(from_hex("03e8 0000 00000001 ffff"))).error(), Errc::unsupported);
  EXPECT_EQ(open_request(Reader(from_hex("ffff 0000 00000001 ffff"))).error(), Errc::unsupported);
  EXPECT_EQ(open_request(Reader(from_hex("0003 0000 0000"))).error(), Errc::truncated);
}

TEST(RequestHeader, OfAnUnknownVersionIsReadSoThatItCanBeAnswered) {
  const Result<ReceivedRequest> request =
      open_request(Reader(from_hex("0012 0063 00000007 0001 78 00 ffffff")));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->header.api_version, 99);
  EXPECT_EQ(request->header.correlation_id, 7);
  EXPECT_FALSE(request->header.api()->served.contains(request->header.api_version));
}

TEST(ApiVersions, IsAlwaysAnsweredWithResponseHeaderZero) {
  for (std::int16_t v = 0; v <= 4; ++v) {
    EXPECT_EQ(response_header_version(ApiKey::api_versions, v), 0);
  }
  EXPECT_EQ(response_header_version(ApiKey::metadata, 9), 1);
  EXPECT_EQ(response_header_version(ApiKey::metadata, 8), 0);
}

TEST(ApiVersions, AnswersAnUnknownVersionInVersionZeroWithItsOwnRange) {
  ApiVersionsResponse response;
  response.error_code = code_of(ErrorCode::unsupported_version);
  response.api_keys.push_back({18, 0, 4});
  const auto frame = encode_response(response, 0, 7);
  ASSERT_TRUE(frame);
  EXPECT_EQ(to_hex(join(*frame)),
            to_hex(from_hex("00000010 00000007 0023 00000001 0012 0000 0004")));
}

TEST(ApiKeys, AdvertiseTheMinimaThatOldClientsLookFor) {
  // librdkafka's feature map, kafka-python's probe and kafkajs, by overlap of ranges.
  EXPECT_EQ(info_of(ApiKey::produce).advertised.min, 0);  // KAFKA-18659
  EXPECT_EQ(info_of(ApiKey::produce).served, (VersionRange{3, 12}));
  EXPECT_EQ(info_of(ApiKey::metadata).advertised.min, 0);  // KAFKA-18648
  EXPECT_EQ(info_of(ApiKey::fetch).advertised.min, 4);
  EXPECT_EQ(info_of(ApiKey::list_offsets).advertised.min, 1);
  EXPECT_EQ(info_of(ApiKey::find_coordinator).advertised.min, 0);
  EXPECT_EQ(info_of(ApiKey::init_producer_id).advertised.min, 0);
  EXPECT_EQ(info_of(ApiKey::api_versions).advertised, (VersionRange{0, 4}));
  int served = 0;
  for (const ApiInfo& api : all_apis()) {
    EXPECT_EQ(find_api(static_cast<std::int16_t>(api.key)), &api);
    served += api.served.empty() ? 0 : 1;
  }
  EXPECT_EQ(served, 9);
  EXPECT_EQ(find_api(-1), nullptr);
  EXPECT_EQ(find_api(95), nullptr);
  EXPECT_EQ(name_of(ApiKey::unregister_controller), "UnregisterController");
}

TEST(Frames, CarryRecordBatchesWithoutACopy) {
  const Slice records = Slice::copy_of(std::string(100, 'r'));
  FetchResponse response;
  response.responses.resize(1);
  response.responses[0].topic = "orders";
  response.responses[0].partitions.resize(2);
  response.responses[0].partitions[0].records = records;
  const auto frame = encode_response(response, 11, 1);
  ASSERT_TRUE(frame);
  ASSERT_EQ(frame->size(), 3u);
  EXPECT_EQ((*frame)[1].data(), records.data());
  // The reader gets the slices as the network delivers them, and finds the same bytes again.
  std::vector<Slice> received = *frame;
  received[0] = received[0].subslice(4);
  Result<ReceivedResponse> opened = open_response(Reader(received), ApiKey::fetch, 11);
  ASSERT_TRUE(opened);
  const Result<FetchResponse> decoded = decode<FetchResponse>(opened->body, 11);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->responses[0].partitions[0].records.data(), records.data());
}

TEST(Frames, NeverCarryNullRecordsToAConsumer) {  // KAFKA-18646, KAFKA-18935
  FetchResponse response;
  response.responses.resize(1);
  response.responses[0].partitions.resize(1);
  response.responses[0].partitions[0].error_code = code_of(ErrorCode::unknown_topic_or_partition);
  Writer classic;
  ASSERT_TRUE(encode(response, 4, classic));
  const std::string old_bytes = to_hex(join(std::move(classic).finish()));
  EXPECT_TRUE(old_bytes.ends_with("00000000")) << old_bytes;  // length 0, not -1
  Writer compact;
  ASSERT_TRUE(encode(response, 12, compact));
  const std::string bytes = to_hex(join(std::move(compact).finish()));
  EXPECT_TRUE(bytes.ends_with("01000000")) << bytes;  // length 0 + 1, then three empty tag sections
}

TEST(Messages, MayNotLoseAValueThatTheVersionCannotCarry) {
  FetchRequest request;
  request.replica_id = 3;  // replaced by ReplicaState from version 15 on
  Writer out;
  std::string why;
  EXPECT_EQ(encode(request, 15, out, &why).error(), Errc::unsupported);
  EXPECT_EQ(why, "FetchRequest v15 ReplicaId: not supported");
  request.replica_id = -1;
  request.rack_id = "ignorable";
  EXPECT_TRUE(encode(request, 4, out));
}

TEST(Messages, MayNotBeNullWhereTheVersionForbidsIt) {
  MetadataRequest request;
  request.topics.reset();
  Writer out;
  std::string why;
  EXPECT_EQ(encode(request, 0, out, &why).error(), Errc::malformed);
  EXPECT_EQ(why, "MetadataRequest v0 Topics: malformed input");
  EXPECT_TRUE(encode(request, 1, out));
  const Result<MetadataRequest> null_in_v0 =
      decode<MetadataRequest>(Reader(from_hex("ffffffff")), 0, &why);
  EXPECT_EQ(null_in_v0.error(), Errc::malformed);
  EXPECT_EQ(why, "MetadataRequest v0 Topics at byte 4: malformed input");
}

TEST(Messages, TellWhereTheInputBreaks) {
  std::string why;
  // Acks, timeout, one topic "t", one partition, whose records claim more bytes than follow.
  const Slice bytes = from_hex("ffff ffff 00000001 00000001 0001 74 00000001 00000000 00000063 00");
  EXPECT_EQ(decode<ProduceRequest>(Reader(bytes), 3, &why).error(), Errc::truncated);
  EXPECT_EQ(why,
            "ProduceRequest v3 TopicData[0].PartitionData[0].Records at byte 27: "
            "input ends too early");
  EXPECT_EQ(decode<ProduceRequest>(Reader(bytes), 2, &why).error(), Errc::unsupported);
  EXPECT_EQ(decode<ProduceRequest>(Reader(bytes), 13, &why).error(), Errc::unsupported);
}

TEST(Messages, EndWhereTheInputEnds) {
  EXPECT_EQ(decode<ApiVersionsRequest>(Reader(from_hex("00")), 0).error(), Errc::malformed);
}

TEST(Messages, AllocateNoMoreElementsThanTheBytesCanHold) {
  std::string why;
  // 2^31-1 topics in ten bytes.
  EXPECT_EQ(decode<MetadataRequest>(Reader(from_hex("7fffffff 0000 0000 0000")), 0, &why).error(),
            Errc::truncated);
  // As many as the bytes hold, but more than the limit: empty names without end.
  Buffer many;
  const std::size_t count = kMaxElementsPerMessage + 1;
  std::byte* at = many.extend(4 + 2 * count);
  std::memset(at, 0, many.size());
  store_be32(at, static_cast<std::uint32_t>(count));
  EXPECT_EQ(decode<MetadataRequest>(Reader(std::move(many).share()), 0, &why).error(),
            Errc::too_large);
}

TEST(Messages, SkipUnknownTagsAndReadKnownOnes) {
  // FetchRequest v12 by hand: tag 0 (cluster id "c") and tag 57, which nobody knows.
  const std::string head = "ffffffff 00000000 00000000 00000000 00 00000000 ffffffff 01 01 01 ";
  const Result<FetchRequest> request =
      decode<FetchRequest>(Reader(from_hex(head + "02 00 02 02 63 39 03 aabbcc")), 12);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->cluster_id, "c");
  std::string why;
  EXPECT_EQ(decode<FetchRequest>(Reader(from_hex(head + "01 00 03 02 63 00")), 12, &why).error(),
            Errc::malformed)
      << "a tagged field that does not fill its size";
  EXPECT_EQ(decode<FetchRequest>(Reader(from_hex(head + "01 00 01 02 63")), 12, &why).error(),
            Errc::truncated)
      << "a tagged field that is longer than its size";
}

TEST(Messages, GiveTheSizeOfATaggedFieldBeforeIt) {
  FetchResponse response;
  response.node_endpoints.push_back({2, "b2", 9092, "rack"});
  Writer out;
  ASSERT_TRUE(encode(response, 17, out));
  const Slice bytes = join(std::move(out).finish());
  // Throttle time, error, session and no responses are 11 bytes; then one tagged field of tag 0.
  ASSERT_EQ(bytes.size(), 32U);
  EXPECT_EQ(bytes.data()[11], std::byte{1});
  EXPECT_EQ(bytes.data()[12], std::byte{0});
  EXPECT_EQ(bytes.data()[13], std::byte{18});
}

}  // namespace
}  // namespace weir
