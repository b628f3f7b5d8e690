// What each kind of finding means.
#include "checkers/explain.h"

namespace weir {

std::string_view meaning_of(FindingKind kind) {
  using K = FindingKind;
  switch (kind) {
    case K::lost_write:
      return "A record that was acknowledged lies below what readers have passed, or behind the "
             "end of the log, and no poll ever returned it. An acknowledged record stays.";
    case K::unseen:
      return "A record was acknowledged, and a full read of every partition at the end did not "
             "find it.";
    case K::duplicate:
      return "One send lies at several offsets of its log. A retry may be sent twice, but is "
             "stored once.";
    case K::inconsistent_offsets:
      return "Two different records were seen at one offset. A log never changes what it has "
             "shown.";
    case K::ack_offset_mismatch:
      return "The acknowledgement named an offset that is not the record's place.";
    case K::garbage_read: return "A reader returned a value that nobody has ever sent.";
    case K::misrouted_record:
      return "A record was read from a partition to which it had not been sent.";
    case K::g1a:
      return "A reader returned what definitely failed or was aborted (G1a, aborted read).";
    case K::vanished_read:
      return "What was read once stays where it was read, as long as the faults leave a whole "
             "copy.";
    case K::future_read: return "A record was read before anybody began to send it.";
    case K::poll_skip:
    case K::int_poll_skip:
      return "A consumer passed over a record that exists. Its position moves by what it was "
             "handed, by a seek, a reset, a rebalance or a removed record; none of these happened.";
    case K::nonmonotonic_poll:
    case K::int_nonmonotonic_poll:
      return "A consumer was handed a record at or before its position again. Only a seek, a "
             "reset, a rebalance or an aborted transaction moves it back; none of these happened.";
    case K::nonmonotonic_send:
    case K::int_nonmonotonic_send:
      return "Records of one producer lie in another order than it sent them in.";
    case K::int_send_skip:
      return "Records of others lie between those of one operation. Kafka does not isolate writes.";
    case K::realtime_append_order:
      return "A record that was acknowledged before another was even sent lies behind it. A "
             "partition is one log: completed appends come first.";
    case K::leader_epoch_regression:
      return "Along a log the leader epoch never decreases; here it does, so what a deposed leader "
             "wrote has survived.";
    case K::offset_gap_unexplained:
      return "Offsets below the end of the log hold no record, no marker and no aborted data, and "
             "nobody was ever handed them.";
    case K::staleness:
    case K::lag: return "A poll returned less than had been known to exist for some time.";
    case K::vacuous_history:
      return "Nothing was acknowledged, read or owned: the history proves nothing.";
    case K::hw_regression:
      return "The high watermark went back: what could be read before cannot be read now.";
    case K::stuck_lso:
      return "The last stable offset stood still below the high watermark for longer than the "
             "bound: a transaction hangs.";
    case K::dirty_read:
      return "A read_committed reader returned a record of a transaction before its commit was "
             "asked for.";
    case K::precommitted_read:
      return "A transaction was handed a record that it had sent itself and not committed.";
    case K::torn_txn:
      return "Of a transaction that has committed one record is there, and another is provably "
             "not. It must be all or nothing.";
    case K::zombie_write:
      return "A producer whose session had been fenced before it sent was not refused.";
    case K::aborted_offset_commit:
      return "Offsets of a transaction that did not commit took effect.";
    case K::g0:
      return "Transactions wrote in a circle: each wrote before the next (G0, write cycle).";
    case K::g1b:
      return "A reader saw a transaction's record and not the last one to the same list (G1b, "
             "intermediate read).";
    case K::g1c: return "Transactions depend on each other in a circle of writes and reads (G1c).";
    case K::g_single:
      return "A circle of dependencies with one missed write: a reader saw part of what another "
             "transaction did (G-single, read skew).";
    case K::g_nonadjacent:
      return "A circle of dependencies in which missed writes are never next to each other; no "
             "snapshot explains it (G-nonadjacent, long fork).";
    case K::g2_item:
      return "A circle of dependencies with missed writes: no order of the transactions explains "
             "what they read (G2-item, write skew).";
    case K::g0_process:
    case K::g1c_process:
    case K::g_single_process:
    case K::g_nonadjacent_process:
    case K::g2_item_process:
      return "The order within one process closes a circle of dependencies: a session does not see "
             "what it must.";
    case K::g0_realtime:
    case K::g1c_realtime:
    case K::g_single_realtime:
    case K::g_nonadjacent_realtime:
    case K::g2_item_realtime:
      return "Real time closes a circle of dependencies: what had completed before is not seen.";
    case K::lost_update:
      return "Several transactions read the same version and each wrote the next: all but one "
             "built on what was no longer so.";
    case K::incompatible_order: return "What was read of a list cannot be beginnings of one order.";
    case K::duplicate_elements:
      return "An element that was appended once was read several times in one list.";
    case K::dirty_update: return "A committed element lies behind an aborted one.";
    case K::internal:
      return "A transaction did not see what it had itself read or appended before.";
    case K::not_linearizable:
      return "No order of the operations that respects real time explains what they returned.";
    case K::start_above_committed:
      return "A new owner began above the committed offset: what lies between is skipped for good.";
    case K::start_below_committed:
      return "A new owner began below the committed offset: what lies between is handed out again.";
    case K::commit_ahead:
      return "An automatic commit stored an offset that the consumer had not reached.";
    case K::commit_regression:
      return "A read of the committed offset returned what nobody had committed since: a commit "
             "was lost.";
    case K::zombie_commit:
      return "A commit of a generation that had ended before it was sent was accepted.";
    case K::unowned_poll: return "A member was handed records of a partition that it does not own.";
    case K::overlapping_ownership: return "Two members owned a partition at once.";
    case K::orphan_partition:
      return "A partition had no live owner for longer than the bound, though the group had live "
             "members.";
    case K::rebalance_storm:
      return "A group rebalanced more often than the bound without any change of its members.";
    case K::duplicate_processing:
      return "An input was turned into several outputs that count, or was handled more than once.";
    case K::missed_processing:
      return "The committed offset has passed an input that no committed output comes from, or "
             "that nobody handled.";
    case K::missed_by_retention:
      return "Acknowledged records were removed by retention before anybody read them (allowed).";
    case K::redelivery:
      return "Records were delivered to a group again after a change of owners (allowed by "
             "at-least-once).";
    case K::unacknowledged_missing:
      return "Records that nobody was promised are not there (allowed).";
    case K::count_: break;
  }
  return "";
}

}  // namespace weir
