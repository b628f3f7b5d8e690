// Fetched batches, voters as records, and snapshots, as they are read from bytes.
#include "broker/wire/records.h"

#include <gtest/gtest.h>

#include "broker/raft/quorum_records.h"
#include "broker/raft/snapshot_format.h"
#include "broker/wire/codecs.h"
#include "tests/unit/raft/one_node.h"

namespace weir::raft::test {
namespace {

Slice control_batch(int offset, int epoch, std::vector<ControlRecord> records) {
  return *build_control_batch(records, {Offset{offset}, LeaderEpoch{epoch}, WallTime{1}});
}

Slice data_batch(int offset, int epoch, int count) {
  Codecs codecs;
  RecordBatchBuilder builder;
  for (int i = 0; i < count; ++i) {
    NewRecord record;
    record.timestamp = 1;
    record.value = as_bytes("value");
    builder.append(record);
  }
  BatchOptions options;
  options.base_offset = Offset{offset};
  options.partition_leader_epoch = LeaderEpoch{epoch};
  return builder.build(options, codecs);
}

Slice joined(const std::vector<Slice>& parts) {
  Buffer buffer;
  for (const Slice& part : parts) buffer.append(part);
  return std::move(buffer).share();
}

Slice damaged(const Slice& batch) {
  Buffer buffer;
  buffer.append(batch);
  buffer.data()[buffer.size() - 1] ^= std::byte{1};
  return std::move(buffer).share();
}

TEST(QuorumRecords, VotersSurviveTheLog) {
  const VoterSet voters = voters_of({1, 2, 3});
  EXPECT_EQ(to_voter_set(to_record(voters)), voters);
  EXPECT_FALSE(to_voter_set(VotersRecord{}));
  VotersRecord twice = to_record(voters);
  twice.voters.push_back(twice.voters.front());
  EXPECT_FALSE(to_voter_set(twice));
  VotersRecord negative = to_record(voters);
  negative.voters[0].voter_id = -4;
  EXPECT_FALSE(to_voter_set(negative));
}

TEST(QuorumRecords, FetchedBatchesAreSummedUp) {
  Codecs codecs;
  const Slice data =
      joined({data_batch(10, 3, 4),
              control_batch(14, 4, {LeaderChangeMessage{}, to_record(voters_of({1}))}),
              data_batch(16, 4, 2).subslice(0, 70)});
  std::string why;
  const auto checked = check_fetched(data, Offset{10}, LeaderEpoch{5}, codecs, &why);
  ASSERT_TRUE(checked) << why;
  EXPECT_EQ(checked->batches.size(), 2u) << "half a batch is none";
  EXPECT_EQ(checked->summary.base, Offset{10});
  EXPECT_EQ(checked->summary.next, Offset{16});
  EXPECT_EQ(checked->summary.first_epoch, LeaderEpoch{3});
  EXPECT_EQ(checked->summary.last_epoch, LeaderEpoch{4});
  ASSERT_EQ(checked->summary.voters.size(), 1u);
  EXPECT_EQ(checked->summary.voters[0], (VotersAt{Offset{15}, voters_of({1})}));
}

TEST(QuorumRecords, FetchedBatchesThatDoNotFitAreRefused) {
  Codecs codecs;
  const auto problem = [&](const std::vector<Slice>& batches) {
    std::string why;
    const auto checked = check_fetched(joined(batches), Offset{0}, LeaderEpoch{3}, codecs, &why);
    return checked ? std::string("none") : why;
  };
  EXPECT_EQ(problem({data_batch(0, 3, 1)}), "none");
  EXPECT_EQ(problem({}), "none");
  EXPECT_EQ(problem({data_batch(1, 3, 1)}),
            "the batch at offset 1: expected at offset 0 without a gap");
  EXPECT_EQ(problem({data_batch(0, 3, 1), data_batch(1, 2, 1)}),
            "the batch at offset 1: epoch 2 is before its predecessor's or after the leader's");
  EXPECT_EQ(problem({data_batch(0, 4, 1)}),
            "the batch at offset 0: epoch 4 is before its predecessor's or after the leader's");
  EXPECT_EQ(problem({damaged(data_batch(0, 3, 1))}), "the batch at offset 0: wrong checksum");
  EXPECT_EQ(problem({control_batch(0, 3, {VotersRecord{}})}),
            "KRaftVoters at offset 0: no voters, or an id twice");
  EXPECT_EQ(problem({Slice::copy_of(std::string(100, 'x'))}),
            "what was fetched is no record batch");
}

std::vector<Slice> good_snapshot() {
  return {
      control_batch(
          0, 3, {SnapshotHeaderRecord{}, KRaftVersionRecord{0, 1}, to_record(voters_of({1, 2}))}),
      data_batch(3, 3, 5), data_batch(8, 3, 1), control_batch(9, 3, {SnapshotFooterRecord{}})};
}

std::string snapshot_problem(const std::vector<Slice>& batches) {
  Codecs codecs;
  SnapshotCheck check;
  for (const Slice& bytes : batches) {
    if (!check.see(*parse_batch(bytes), codecs)) return check.problem();
  }
  return check.finish() ? "none" : check.problem();
}

TEST(SnapshotFormat, AcceptsHeaderDataAndFooter) {
  EXPECT_EQ(snapshot_problem(good_snapshot()), "none");
  Codecs codecs;
  SnapshotCheck check;
  for (const Slice& bytes : good_snapshot()) ASSERT_TRUE(check.see(*parse_batch(bytes), codecs));
  EXPECT_EQ(check.voters(), voters_of({1, 2}));
  EXPECT_EQ(check.data_records(), 6);
  EXPECT_EQ(snapshot_problem({control_batch(0, 1, {SnapshotHeaderRecord{}}),
                              control_batch(1, 1, {SnapshotFooterRecord{}})}),
            "none")
      << "of nothing";
}

TEST(SnapshotFormat, RefusesEveryOtherOrder) {
  const std::vector<Slice> good = good_snapshot();
  const Slice footer_at_8 = control_batch(8, 3, {SnapshotFooterRecord{}});
  EXPECT_EQ(snapshot_problem({}), "snapshot, offset 0: there is no header");
  EXPECT_EQ(snapshot_problem({good[0], good[1], good[2]}),
            "snapshot, offset 9: there is no footer: it was not written to its end");
  EXPECT_EQ(snapshot_problem({good[0], good[1], footer_at_8, data_batch(9, 3, 1)}),
            "snapshot, offset 9: a batch after the footer");
  EXPECT_EQ(snapshot_problem({data_batch(0, 3, 1)}),
            "snapshot, offset 0: expected a control batch with the snapshot's header");
  EXPECT_EQ(snapshot_problem({control_batch(0, 3, {KRaftVersionRecord{0, 1}})}),
            "snapshot, offset 0: expected SnapshotHeaderRecord as the first record, once");
  EXPECT_EQ(
      snapshot_problem({control_batch(0, 3, {SnapshotHeaderRecord{}, SnapshotHeaderRecord{}})}),
      "snapshot, offset 0: expected SnapshotHeaderRecord as the first record, once");
  EXPECT_EQ(
      snapshot_problem({control_batch(0, 3, {SnapshotHeaderRecord{}, SnapshotFooterRecord{}})}),
      "snapshot, offset 0: SnapshotFooterRecord does not belong there");
  EXPECT_EQ(snapshot_problem({good[0], control_batch(3, 3, {to_record(voters_of({1}))})}),
            "snapshot, offset 3: expected data, or the footer alone");
  EXPECT_EQ(snapshot_problem({good[0], good[2]}),
            "snapshot, offset 3: the batch says it begins at offset 8");
  EXPECT_EQ(snapshot_problem({good[0], damaged(good[1])}), "snapshot, offset 3: wrong checksum");
}

TEST(SnapshotRules, ASnapshotIsOfWhatIsCommittedWholeAndNew) {
  SimLog log;
  for (const int epoch : {1, 1, 2, 2, 2}) log.append({LeaderEpoch{epoch}, 1, true, {}});
  const auto refusal = [&](int end, int epoch, bool at_boundary = true) {
    return may_take_snapshot(log.view(), Offset{4}, {Offset{end}, LeaderEpoch{epoch}}, at_boundary);
  };
  EXPECT_EQ(refusal(4, 2), SnapshotRefusal::none);
  EXPECT_EQ(refusal(2, 1), SnapshotRefusal::none);
  EXPECT_EQ(refusal(5, 2), SnapshotRefusal::beyond_high_watermark);
  EXPECT_EQ(refusal(4, 1), SnapshotRefusal::wrong_epoch);
  EXPECT_EQ(refusal(4, 2, false), SnapshotRefusal::inside_batch);
  const SnapshotId id{Offset{3}, LeaderEpoch{2}};
  EXPECT_FALSE(may_start_log_at(log.view(), Offset{4}, id)) << "it does not exist yet";
  log.add_snapshot(id, {});
  EXPECT_EQ(refusal(3, 2), SnapshotRefusal::not_newer);
  EXPECT_TRUE(may_start_log_at(log.view(), Offset{4}, id));
  EXPECT_FALSE(may_start_log_at(log.view(), Offset{4}, {Offset{4}, LeaderEpoch{2}}));
  log.start_at(id);
  EXPECT_EQ(refusal(2, 1), SnapshotRefusal::before_log_start);
}

}  // namespace
}  // namespace weir::raft::test
