// Answers of brokers about partitions, against what was told before them.
#include "telling.h"

namespace weir::test {
namespace {

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;

struct Answering : Telling {
  std::int64_t lists(std::string_view node, std::int64_t asked, std::int64_t offset,
                     std::int32_t epoch, std::string_view whom = "") {
    Fact f = of(FactKind::answer_told);
    f.api = 2;
    f.old = asked;
    f.value = offset;
    f.epoch = epoch;
    f.why = whom;
    return tell(node, f);
  }
  std::int64_t acknowledges(std::string_view node, std::int64_t last, std::int32_t epoch) {
    Fact f = of(FactKind::answer_told);
    f.api = 0;
    f.value = last;
    f.epoch = epoch;
    return tell(node, f);
  }
  std::int64_t describes(std::string_view node, std::int64_t image, std::int32_t partition_epoch,
                         std::int64_t leader_id, std::int32_t epoch, std::string_view members) {
    Fact f = of(FactKind::answer_told);
    f.api = 3;
    f.old = image;
    f.sequence = partition_epoch;
    f.value = leader_id;
    f.epoch = epoch;
    f.record = members;
    return tell(node, f);
  }
  std::int64_t deletes(std::string_view node, std::int64_t asked, std::int64_t low,
                       std::string_view others) {
    Fact f = of(FactKind::answer_told);
    f.api = 21;
    f.old = asked;
    f.value = low;
    f.record = others;
    return tell(node, f);
  }
  std::int64_t decides(std::int64_t below, std::int64_t partition_epoch, std::int32_t epoch,
                       std::int64_t leader_id, std::string_view state) {
    Fact f = of(FactKind::partition_changed);
    f.old = partition_epoch;
    f.epoch = epoch;
    f.value = leader_id;
    f.record = state;
    f.digest = static_cast<std::uint64_t>(below);
    return tell("c1", f);
  }
  std::int64_t applies(std::string_view node, std::int64_t below) {
    return tell(node, {.kind = FactKind::metadata_applied, .value = below});
  }
  void asks_to_delete_topics() { tell("b1", {.kind = FactKind::request_received, .api = 20}); }
  [[nodiscard]] Lines objections() const {
    Lines found = breaches();
    for (const FactTally* tally :
         {&checks.answers.offsets, &checks.answers.appends, &checks.answers.metadata}) {
      for (const FactBreach& b : tally->kept) found.push_back(b.record + ": " + b.about);
    }
    return found;
  }
};

// b1 leads orders-0 in epoch 2 over four records of epoch 1 and six of its own.
void ten_records(Answering& t) {
  t.opens("b1", 0);
  t.follows("b1", 1, 2);
  t.appends("b1", 0, 3, 1);
  t.leads("b1", 2, 4);
  t.appends("b1", 4, 9, 2);
}

TEST(Latest, IsTheHighWatermarkOfTheTerm) {
  Answering t;
  ten_records(t);
  t.shows("b1", 8, 2);
  t.lists("b1", kLatest, 8, 2);
  EXPECT_EQ(t.objections(), Lines{});
  t.lists("b1", kLatest, 10, 2);
  t.lists("b1", kLatest, 7, 2);
  EXPECT_EQ(t.objections(),
            (Lines{"orders-0@10: b1 answered ListOffsets latest with 10, beyond its high "
                   "watermark 8",
                   "orders-0@7: b1 answered ListOffsets latest with 7, but 8 was shown before"}));
  EXPECT_EQ(t.checks.answers.offsets.looked_at, 3);
}

TEST(Latest, IsWhereTheEpochBeganWhileNothingWasShownInIt) {
  Answering t;
  ten_records(t);
  t.lists("b1", kLatest, 4, 2);
  EXPECT_EQ(t.objections(), Lines{});
  t.lists("b1", kLatest, 3, 2);
  t.lists("b1", kLatest, 5, 2);
  EXPECT_EQ(t.objections(),
            (Lines{"orders-0@3: b1 answered ListOffsets latest with 3, but 4 is where its log or "
                   "its epoch begins",
                   "orders-0@5: b1 answered ListOffsets latest with 5, beyond its high watermark, "
                   "which cannot be beyond 4 yet"}));
}

TEST(Latest, IsNotToldWhileTheWatermarkIsBehindTheEpoch) {
  Answering t;
  ten_records(t);
  t.shows("b1", 3, 2);
  t.lists("b1", kLatest, 3, 2);
  EXPECT_EQ(t.objections(), (Lines{"orders-0@3: b1 answered ListOffsets latest with 3, but 4 is "
                                   "where its log or its epoch begins"}));
}

TEST(Latest, IsTheAnswerOfALeaderInItsEpoch) {
  Answering t;
  ten_records(t);
  t.shows("b1", 10, 2);
  t.lists("b1", kLatest, 10, 1);
  t.follows("b1", 3, 2);
  t.lists("b1", kLatest, 10, 2);
  EXPECT_EQ(t.objections(),
            (Lines{"orders-0@10: b1 answered ListOffsets latest with 10 and epoch 1, but leads in "
                   "epoch 2",
                   "orders-0@10: b1 answered ListOffsets latest with 10 without leading the "
                   "partition"}));
}

TEST(Latest, ToAReplicaIsTheLogEnd) {
  Answering t;
  ten_records(t);
  t.shows("b1", 8, 2);
  t.lists("b1", kLatest, 10, 2, "replica");
  t.lists("b1", kLatest, 9, 2, "replica");  // an append that is told, and not counted yet
  EXPECT_EQ(t.objections(), Lines{});
  t.lists("b1", kLatest, 11, 2, "replica");
  EXPECT_EQ(t.objections(), (Lines{"orders-0@11: b1 answered ListOffsets latest with 11, beyond "
                                   "its log end 10"}));
}

TEST(Latest, OfABrokerThatStandsAloneNeedsNoOffice) {
  Answering t;
  t.opens("b1", 6);
  t.lists("b1", kLatest, 6, 0);
  t.appends("b1", 6, 9, 0);
  t.shows("b1", 8, 0);
  t.lists("b1", kLatest, 8, 0);
  EXPECT_EQ(t.objections(), Lines{});
  t.lists("b1", kLatest, 10, 0);
  EXPECT_EQ(t.checks.answers.offsets.breaches, 1);
}

TEST(Earliest, IsTheLogStartWithTheEpochOfItsRecord) {
  Answering t;
  ten_records(t);
  t.shows("b1", 10, 2);
  t.lists("b1", kEarliest, 0, 1);
  t.start_moves("b1", 3);
  t.lists("b1", kEarliest, 3, 1);
  t.lists("b1", kEarliest, 3, -1);  // says nothing of the epoch
  EXPECT_EQ(t.objections(), Lines{});
  t.lists("b1", kEarliest, 0, 1);
  t.lists("b1", kEarliest, 3, 2);
  EXPECT_EQ(t.objections(),
            (Lines{"orders-0@0: b1 answered ListOffsets earliest with 0, but its log begins at 3",
                   "orders-0@3: b1 answered ListOffsets earliest with 3 and epoch 2, but the "
                   "record there is of 1"}));
}

TEST(DeletedRecords, AreGoneFromEveryReplicaThatCounts) {
  Answering t;
  ten_records(t);
  t.opens("b2", 10);
  t.opens("b3", 10);
  t.shows("b1", 10, 2);
  t.start_moves("b1", 6);
  t.start_moves("b2", 6);
  t.deletes("b1", 6, 6, "replicas=2");
  EXPECT_EQ(t.objections(), Lines{});
  t.deletes("b1", 6, 6, "replicas=2,3");
  EXPECT_EQ(t.objections(), (Lines{"orders-0@6: b1 answered DeleteRecords with the low watermark "
                                   "6, but the log of b3 never began beyond 0"}));
}

TEST(DeletedRecords, AreThoseThatWereAskedForAndNoMore) {
  Answering t;
  ten_records(t);
  t.shows("b1", 10, 2);
  t.start_moves("b1", 6);
  t.deletes("b1", 7, 6, "replicas=");
  t.deletes("b1", 6, 7, "replicas=");
  EXPECT_EQ(t.objections(),
            (Lines{"orders-0@6: b1 answered DeleteRecords with the low watermark 6, below 7, "
                   "which was asked for",
                   "orders-0@7: b1 answered DeleteRecords with the low watermark 7, but its own "
                   "log begins at 6"}));
}

// b2 held another history from 3 on; the leader's was deleted up to where that one ends.
TEST(DeletedRecords, MayBeWhereTwoHistoriesPartedSoNoSequenceIsMissedThere) {
  for (const std::int64_t start : {5, 4}) {
    Answering t;
    const auto appends = [&t](std::string_view node, std::int64_t at, std::int32_t epoch,
                              std::int32_t sequence) {
      Fact f = t.of(FactKind::log_appended);
      f.old = f.value = at;
      f.epoch = epoch;
      f.producer = 1;
      f.producer_epoch = 0;
      f.sequence = sequence;
      f.digest = static_cast<std::uint64_t>(at);
      t.tell(node, f);
    };
    t.opens("b1", 0);
    t.opens("b2", 0);
    t.follows("b1", 1, 2);
    t.leads("b2", 1);
    for (std::int32_t n = 0; n < 3; ++n) appends("b2", n, 1, n);
    for (std::int32_t n = 0; n < 3; ++n) appends("b1", n, 1, n);
    t.appends("b2", 3, 4, 1);  // of somebody else
    t.leads("b1", 2, 3);
    for (std::int32_t n = 3; n < 7; ++n) appends("b1", n, 2, n);
    t.shows("b1", 7, 2);
    t.start_moves("b1", start);
    t.follows("b2", 2, 1);
    appends("b2", 5, 2, 5);
    EXPECT_EQ(t.checks.sequences.breaches, start == 5 ? 0 : 1) << start;
  }
}

TEST(AcknowledgedByAll, IsWhatLiesBelowTheHighWatermarkOfTheTerm) {
  Answering t;
  ten_records(t);
  t.acknowledges("b1", 3, 2);  // a retry of what its epoch began with
  t.shows("b1", 8, 2);
  t.acknowledges("b1", 7, 2);
  EXPECT_EQ(t.objections(), Lines{});
  t.acknowledges("b1", 8, 2);
  t.acknowledges("b1", 9, 1);  // decided in an office of before
  t.follows("b1", 3, 2);
  t.acknowledges("b1", 9, 2);
  EXPECT_EQ(t.objections(), (Lines{"orders-0@8: b1 answered Produce with acks=all: it has offset "
                                   "8, but its high watermark is 8"}));
  EXPECT_EQ(t.checks.answers.appends.looked_at, 3);
}

TEST(AcknowledgedByAll, IsWhatLiesBelowTheHighWatermarkOfABrokerThatStandsAlone) {
  Answering t;
  t.opens("b1", 0);
  t.appends("b1", 0, 9, 0);
  t.acknowledges("b1", 0, 0);
  t.shows("b1", 10, 0);
  t.acknowledges("b1", 9, 0);
  EXPECT_EQ(t.objections(), (Lines{"orders-0@0: b1 answered Produce with acks=all: it has offset "
                                   "0, but its high watermark is 0"}));
}

TEST(Metadata, IsTheStateThatWasCommitted) {
  Answering t;
  t.decides(10, 0, 0, 1, "replicas=1,2,3 isr=1,2,3");
  t.decides(12, 1, 1, 2, "replicas=1,2,3 isr=2,3 elr=1");
  t.describes("b3", 11, 0, 1, 0, "replicas=1,2,3 isr=3,2,1");
  t.describes("b3", 12, 1, 2, 1, "replicas=1,2,3 isr=2,3");
  t.describes("b3", 12, 1, -1, 1, "replicas=1,2,3 isr=2,3");  // its broker is fenced
  EXPECT_EQ(t.objections(), Lines{});
  t.describes("b3", 12, 1, 2, 1, "replicas=1,2,3 isr=1,2,3");
  t.describes("b3", 12, 1, 1, 1, "replicas=1,2,3 isr=2,3");
  t.describes("b3", 12, 1, 2, 0, "replicas=1,2,3 isr=2,3");
  EXPECT_EQ(t.objections(),
            (Lines{"orders-0: b3 answered Metadata from offset 12, partition epoch 1: leader 2, "
                   "epoch 1, replicas 1,2,3, isr 1,2,3; committed was leader 2, epoch 1, replicas "
                   "1,2,3, isr 2,3",
                   "orders-0: b3 answered Metadata from offset 12, partition epoch 1: leader 1, "
                   "epoch 1, replicas 1,2,3, isr 2,3; committed was leader 2, epoch 1, replicas "
                   "1,2,3, isr 2,3",
                   "orders-0: b3 answered Metadata from offset 12, partition epoch 1: leader 2, "
                   "epoch 0, replicas 1,2,3, isr 2,3; committed was leader 2, epoch 1, replicas "
                   "1,2,3, isr 2,3"}));
}

TEST(Metadata, IsNotOlderThanItsImageAndItsImageNotOlderThanWhatWasApplied) {
  Answering t;
  t.decides(10, 0, 0, 1, "replicas=1,2,3 isr=1,2,3");
  t.decides(12, 1, 1, 2, "replicas=1,2,3 isr=2,3");
  t.applies("b3", 12);
  t.describes("b3", 12, 0, 1, 0, "replicas=1,2,3 isr=1,2,3");
  t.describes("b3", 11, 0, 1, 0, "replicas=1,2,3 isr=1,2,3");
  EXPECT_EQ(t.objections(),
            (Lines{"orders-0: b3 answered Metadata from offset 12, partition epoch 0, below which "
                   "partition epoch 1 had been committed",
                   "orders-0: b3 answered Metadata from offset 11, although it had applied all "
                   "below 12"}));
  // In another life it begins anew.
  Answering fine;
  fine.decides(10, 0, 0, 1, "replicas=1,2,3 isr=1,2,3");
  fine.applies("b3", 12);
  fine.dies("b3");
  fine.starts("b3");
  fine.describes("b3", 11, 0, 1, 0, "replicas=1,2,3 isr=1,2,3");
  EXPECT_EQ(fine.objections(), Lines{});
}

TEST(Metadata, OfStatesThatNobodyToldIsNotJudged) {
  Answering t;
  t.decides(10, 0, 0, 1, "replicas=1,2,3 isr=1,2,3");
  t.describes("b3", 11, 1, 2, 1, "replicas=1,2,3 isr=2,3");  // its controller died before it told
  // A later controller tells it, as decided somewhere below where its office began.
  t.decides(20, 1, 1, 2, "replicas=1,2,3 isr=2");
  t.describes("b3", 19, 1, 2, 1, "replicas=1,2,3 isr=2,3");
  EXPECT_EQ(t.objections(), Lines{});
}

TEST(Answers, AreNotJudgedOnceATopicIsToBeDeleted) {
  Answering t;
  ten_records(t);
  t.decides(10, 0, 0, 1, "replicas=1,2,3 isr=1,2,3");
  t.asks_to_delete_topics();
  t.lists("b1", kLatest, 99, 2);
  t.describes("b3", 12, 0, 2, 0, "replicas=1,2,3 isr=2,3");
  EXPECT_EQ(t.objections(), Lines{});
}

}  // namespace
}  // namespace weir::test
