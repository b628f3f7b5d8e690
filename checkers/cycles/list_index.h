// ListIndex: transactions, appends, reads and the order of each list.
#pragma once

#include <vector>

#include "checkers/flat_map.h"
#include "checkers/history.h"
#include "checkers/log_index.h"

namespace weir::analysis {

struct ListTxn {
  std::uint32_t invoked = kNoOperation;
  std::uint32_t completed = kNoOperation;
  std::uint32_t told = kNoOperation;  // the operation whose items count
  Outcome outcome = Outcome::unknown;
  bool committed = false;                       // ok, or somebody read what it appended
  std::uint32_t first_read = 0, last_read = 0;  // in reads
  std::uint32_t node = kNone;

  // By which operation it is called.
  [[nodiscard]] std::uint32_t op() const { return completed != kNoOperation ? completed : invoked; }
};

struct ListAppend {
  std::uint32_t txn = kNone;
  NameId key = kNoName;
  ValueId value = kNoValue;
  std::uint32_t micro = 0;  // its place in the transaction
  bool last = true;         // the last of its transaction to this key
  bool read = false;        // it is in the order of its key
};

// A read whose result is known.
struct ListRead {
  std::uint32_t txn = kNone;
  NameId key = kNoName;
  std::uint32_t micro = 0;
  std::uint32_t own_before = 0;  // appends of the same transaction to the key before it
  bool first = false;            // of its transaction for this key
  std::span<const ValueId> list;
};

// The order of a key: the longest read, each element once.
struct ListOrder {
  std::span<const ValueId> longest;
  std::uint32_t longest_read = kNone;
  std::vector<ValueId> order;
  std::vector<std::uint32_t> unread;  // appends of committed transactions that are not in it
  bool flawed = false;                // an element twice, unknown or aborted
};

class ListIndex {
 public:
  explicit ListIndex(const History&);

  const History& history;
  std::vector<ListTxn> txns;
  std::vector<ListAppend> appends;
  std::vector<ListRead> reads;
  std::vector<ListOrder> orders;  // per name
  std::vector<std::uint32_t> appended_twice;

  // The append of that value to that key, or kNone.
  [[nodiscard]] std::uint32_t append_of(NameId key, ValueId value) const {
    return by_value_.find(pair_key(key, value));
  }
  [[nodiscard]] std::uint32_t place_of(NameId key, ValueId value) const {
    return places_.find(pair_key(key, value));
  }
  // Whether the read shows a beginning of its key's order.
  [[nodiscard]] bool fits(const ListRead&) const;

 private:
  void collect();
  void collect_txn(std::uint32_t invoked, std::uint32_t completed);
  void find_committed();
  void find_orders();

  FlatMap by_value_;
  FlatMap places_;
};

}  // namespace weir::analysis
