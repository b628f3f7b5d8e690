// Reads of what cannot be: never sent, sent elsewhere, failed, or not sent yet.
//
// A polled record whose value names no send of its partition is garbage, or misrouted where another
// partition knows the value; it is garbage, too, where its content is not what was sent under that
// name. G1a: every send of it definitely failed, and an ok poll returned it.
// NOT_LEADER and the like are no definite failures: whoever recorded the history wrote `info`.
#include <algorithm>

#include "checkers/flat_map.h"
#include "checkers/read_rule.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Reads {
  LogIndex& index;
  Report& report;
  FlatMap anywhere{0};  // value -> a send of it; made when first needed
  bool made = false;

  std::uint32_t send_anywhere(ValueId value) {
    if (!made) {
      for (std::uint32_t s = 0; s < index.sends.size(); ++s) {
        anywhere.try_emplace(index.sends[s].value, s);
      }
      made = true;
    }
    return anywhere.find(value);
  }

  void never_sent_here(const Log& log, const Point& point, const Identity& identity) {
    const std::uint32_t s = send_anywhere(point.value);
    const std::string what = record_text(index, identity.log, point.value);
    const std::string at = " at offset " + std::to_string(point.offset);
    if (s != kNone && index.logs[index.sends[s].log].key != log.key) {
      Send& send = index.sends[s];
      send.elsewhere = true;
      if (!report.room(FindingKind::misrouted_record)) return;
      const std::string sent_to(index.history.name(index.logs[send.log].key));
      const std::string read_from(index.history.name(log.key));
      FindingBuilder f(index, FindingKind::misrouted_record, identity.log);
      f.with_value("value", point.value).with_text("sent_to", sent_to);
      f.with_text("read_from", read_from).with("offset", point.offset);
      f.with_op("writer", send.completed).with_op("reader", point.first_op);
      f.because(what + " was sent to " + sent_to + " by " + op_text(index, send.invoked) +
                ", but " + op_text(index, point.first_op) + " read it from " + read_from + at);
      report.add(f);
      return;
    }
    if (!report.room(FindingKind::garbage_read)) return;
    FindingBuilder f(index, FindingKind::garbage_read, identity.log);
    f.with_value("value", point.value).with("offset", point.offset);
    f.with_op("reader", point.first_op);
    f.because(op_text(index, point.first_op) + " read " + what + at + ", which nobody sent");
    report.add(f);
  }

  // Contents are told by digests, where both the sender and the reader tell them.
  void contents() {
    const History& h = index.history;
    const auto digest_of = [&](std::uint32_t meta) {
      return meta == kNoMeta ? std::nullopt : h.metas[meta].digest;
    };
    for (std::uint32_t i = 0; i < h.ops.size() && !h.metas.empty(); ++i) {
      if (!LogIndex::polls(h.ops[i])) continue;
      for (const HistoryItem& item : h.items_of(h.ops[i])) {
        if (item.kind != ItemKind::record || !digest_of(item.meta)) continue;
        const std::uint32_t log = index.log_at(item.key, i);
        const std::uint32_t s = log == kNone ? kNone : index.send_of(log, item.value);
        if (s == kNone || !digest_of(index.sends[s].meta)) continue;
        const bool same = digest_of(item.meta) == digest_of(index.sends[s].meta);
        if (wrong_read({.sent = true, .same_content = same}) == WrongRead::altered) {
          altered(log, item, index.sends[s], i);
        }
      }
    }
  }

  void altered(std::uint32_t log, const HistoryItem& item, const Send& send, std::uint32_t reader) {
    if (!report.room(FindingKind::garbage_read)) return;
    FindingBuilder f(index, FindingKind::garbage_read, log);
    f.with_value("value", item.value).with("offset", item.offset);
    f.with_op("writer", send.invoked).with_op("reader", reader);
    f.because(op_text(index, reader) + " read " + record_text(index, log, item.value) +
              " at offset " + std::to_string(item.offset) + " with another content than " +
              op_text(index, send.invoked) + " sent");
    report.add(f);
  }

  void failed(const Point& point, const Identity& identity) {
    const Send& send = index.sends[identity.first_send];
    // Aborted data is there for everyone to see who reads uncommitted.
    const bool aborted = send.transaction != kNone;
    if (aborted && index.history.config.isolation == Isolation::read_uncommitted) return;
    if (!report.room(FindingKind::g1a)) return;
    FindingBuilder f(index, FindingKind::g1a, identity.log);
    f.with_value("value", point.value).with("offset", point.offset);
    f.with_op("writer", send.completed).with_op("reader", identity.first_ok_poll);
    if (aborted && index.transactions[send.transaction].label != kNoName) {
      f.with_text("txn", index.transaction_text(send.transaction));
    }
    f.because(record_text(index, identity.log, point.value) + " definitely failed (" +
              op_text(index, send.completed) + "), but " + op_text(index, identity.first_ok_poll) +
              " read it");
    report.add(f);
  }

  void too_early(const Point& point, const Identity& identity) {
    std::uint32_t earliest = kNoOperation;
    for (std::uint32_t s = identity.first_send; s != kNone; s = index.sends[s].next) {
      if (index.sends[s].invoked == kNoOperation) return;  // partial: nobody knows when
      earliest = std::min(earliest, index.sends[s].invoked);
    }
    if (identity.first_poll >= earliest || !report.room(FindingKind::future_read)) return;
    FindingBuilder f(index, FindingKind::future_read, identity.log);
    f.with_value("value", point.value).with("offset", point.offset);
    f.with_op("reader", identity.first_poll).with_op("writer", earliest);
    f.because(op_text(index, identity.first_poll) + " read " +
              record_text(index, identity.log, point.value) + " before " +
              op_text(index, earliest) + " began to send it");
    report.add(f);
  }
};

}  // namespace

void check_reads(LogIndex& index, Report& report) {
  Reads reads{index, report};
  for (std::uint32_t l = 0; l < index.logs.size(); ++l) {
    for (const Point& point : index.logs[l].points) {
      if (!point.polled) continue;
      const Identity& identity = index.identities[point.identity];
      const bool failed = identity.failed_sends == identity.sends && point.polled_ok;
      switch (wrong_read({.sent = identity.sends > 0, .failed = failed})) {
        case WrongRead::never_sent:
          // What was there before the recording began has no writer.
          if (!index.history.config.partial_history) {
            reads.never_sent_here(index.logs[l], point, identity);
          }
          continue;
        case WrongRead::failed: reads.failed(point, identity); break;
        case WrongRead::none:
        case WrongRead::altered:
        case WrongRead::misrouted: break;  // asked of each read, and of what nobody sent here
      }
      reads.too_early(point, identity);
    }
  }
  reads.contents();
}

}  // namespace weir::analysis
