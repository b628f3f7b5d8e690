// The biller under forty seeds, and under any faults that RapidCheck can think of; and a biller
// that loses orders, whose failure comes down to one fault and one order.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "biller.h"
#include "scenarios/gtest.h"
#include "scenarios/rapidcheck.h"

namespace shipping {
namespace {

// Every order that was read by anybody is billed once; what is not, is a sentence.
std::vector<std::string> unbilled(const weir::RunView& run) {
  std::vector<std::string> wrong;
  const auto* ledger = std::any_cast<Ledger>(&run.clients.at("B1").store);
  if (ledger == nullptr) return {"the biller never began"};
  for (const auto& [order, times] : ledger->billed) {
    if (times != 1) wrong.push_back(order + " was billed " + std::to_string(times) + " times");
  }
  for (const auto& [tp, next] : ledger->next) {
    for (std::int64_t offset = 0; offset < next.value(); ++offset) {
      const std::string order = weir::to_text(tp) + "@" + std::to_string(offset);
      if (!ledger->billed.contains(order)) wrong.push_back(order + " was passed over, not billed");
    }
  }
  return wrong;
}

class Billing : public weir::SimulationTest {
 protected:
  weir::Trial& bill_with(weir::MakeApp biller) {
    return use(BILLING_JSON).app("B1", std::move(biller)).check({"ledger.exact", unbilled});
  }
};

TEST_F(Billing, BillsEachOrderOnceWhateverFails) {
  bill_with(weir::app_of<Biller>());
  EXPECT_TRUE(holds({1, 40}));
}

TEST_F(Billing, LosesAnOrderWhenThePositionIsStoredFirst) {
  const weir::TrialResult result = bill_with(weir::app_of<HastyBiller>()).explore({1, 40});
  EXPECT_EQ(result.guarantee, "ledger.exact") << result.text;
  EXPECT_LE(result.faults, 1U) << result.text;
  EXPECT_LE(result.operations, 2U) << result.text;
  std::puts(result.text.c_str());
}

RC_GTEST_FIXTURE_PROP(Billing, BillsEachOrderOnceUnderAnyFaults, ()) {
  bill_with(weir::app_of<Biller>());
  const std::vector<weir::Fault> faults = *weir::fault_plans(trial());
  RC_ASSERT(weir::survives(trial(), 1, faults));
}

}  // namespace
}  // namespace shipping
