// The file quorum-state: written as Kafka does, read without believing what is doubtful.
#include "broker/raft/quorum_state_file.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/property.h"

namespace weir::raft::test {
namespace {

const QuorumStateData kState{LeaderEpoch{12}, BrokerId{3}, ReplicaKey{BrokerId{3}, Uuid{1, 2}}};

TEST(QuorumStateFile, IsKafkasJson) {
  EXPECT_EQ(encode_quorum_state("cluster", kState),
            "{\"clusterId\":\"cluster\",\"leaderId\":3,\"leaderEpoch\":12,\"votedId\":3,"
            "\"votedDirectoryId\":\"AAAAAAAAAAEAAAAAAAAAAg\",\"data_version\":1}");
  EXPECT_EQ(encode_quorum_state("", {}),
            "{\"clusterId\":\"\",\"leaderId\":-1,\"leaderEpoch\":0,\"votedId\":-1,"
            "\"votedDirectoryId\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"data_version\":1}");
}

TEST(QuorumStateFile, ReadsWhatItWrites) {
  expect_property([] {
    QuorumStateData state;
    state.epoch = LeaderEpoch{*rc::gen::inRange(0, 2'000'000'000)};
    state.leader = BrokerId{*rc::gen::inRange(-1, 2'000'000'000)};
    if (*rc::gen::arbitrary<bool>()) {
      state.voted = ReplicaKey{
          BrokerId{*rc::gen::inRange(0, 1000)},
          Uuid{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()}};
    }
    RC_ASSERT(decode_quorum_state(encode_quorum_state("c", state), "c").value == state);
  });
}

TEST(QuorumStateFile, ReadsTheFirstDataVersionAndAnyOrder) {
  const auto read = decode_quorum_state(
      "{\"leaderEpoch\" : 4, \"clusterId\":\"\", \"leaderId\":-1, \"votedId\":2,\n"
      "\"appliedOffset\":0, \"currentVoters\":[{\"voterId\":1},{\"voterId\":2}], "
      "\"data_version\":0}\n",
      "c");
  ASSERT_TRUE(read.ok()) << read.complaint;
  EXPECT_EQ(*read.value,
            (QuorumStateData{LeaderEpoch{4}, kNoNode, ReplicaKey{BrokerId{2}, Uuid{}}}));
}

TEST(QuorumStateFile, SaysWhatIsWrong) {
  struct Row {
    std::string text;
    std::string complaint;
  };
  const std::string good = encode_quorum_state("c", kState);
  const auto with = [&](const std::string& old, const std::string& now) {
    std::string text = good;
    return text.replace(text.find(old), old.size(), now);
  };
  const Row rows[] = {
      {"", "quorum-state: the file is empty"},
      {std::string(70'000, ' '), "quorum-state: the file is too long to be one"},
      {"oops", "quorum-state: expected a JSON object, {\"clusterId\": ...}"},
      {good.substr(0, 40), "quorum-state: expected a key in quotes at byte 31"},
      {good.substr(0, 29), "quorum-state: expected ',' or '}' at byte 29"},
      {good + "x", "quorum-state: expected the end of the file at byte 120"},
      {with("leaderEpoch", "leaderEpcoh"),
       "quorum-state: unknown key \"leaderEpcoh\"; did you mean \"leaderEpoch\"?"},
      {with("\"votedId\":3,", ""), "quorum-state: votedId is missing"},
      {with("\"votedId\":3,", "\"leaderId\":3,"), "quorum-state: leaderId stands there twice"},
      {with(":12", ":-1"),
       "quorum-state: leaderEpoch: found -1, expected a number from 0 to 2147483646"},
      {with(":12", ":1e2"),
       "quorum-state: leaderEpoch: found 1e2, expected a number from 0 to 2147483646"},
      {with(":12", ":99999999999999999999"),
       "quorum-state: leaderEpoch: found 99999999999999999999, expected a number from 0 to "
       "2147483646"},
      {with("data_version\":1", "data_version\":7"),
       "quorum-state: data_version: found 7, expected a number from 0 to 1"},
      {with("AAAAAAAAAAEAAAAAAAAAAg", "?"), "quorum-state: votedDirectoryId: \"?\" is no id"},
      {with("\"c\"", "\"other\""),
       "quorum-state: it is of the cluster \"other\", this node is of \"c\""},
      {std::string(300, '\0'), "quorum-state: expected a JSON object, {\"clusterId\": ...}"},
  };
  for (const Row& row : rows) {
    const auto read = decode_quorum_state(row.text, "c");
    EXPECT_FALSE(read.ok());
    EXPECT_EQ(read.complaint, row.complaint) << row.text.substr(0, 200);
  }
}

TEST(QuorumStateFile, AnyDamageIsNoticedOrHarmless) {
  expect_property([] {
    std::string text = encode_quorum_state("c", kState);
    const int blows = *rc::gen::inRange(1, 4);
    for (int i = 0; i < blows; ++i) {
      text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    }
    const auto read = decode_quorum_state(text, "c");
    RC_ASSERT(read.ok() || read.complaint.starts_with("quorum-state: "));
  });
}

}  // namespace
}  // namespace weir::raft::test
