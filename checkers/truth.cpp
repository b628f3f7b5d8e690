// RunTruth: looking things up.
#include "checkers/truth.h"

#include <algorithm>

namespace weir {
namespace {

template <class List, class Name>
auto* find_named(const List& list, std::string_view wanted, Name name) {
  const auto it = std::ranges::find(list, wanted, name);
  return it == list.end() ? nullptr : &*it;
}

}  // namespace

const PromiseTruth* RunTruth::promise(std::string_view guarantee) const {
  return find_named(promises, guarantee, &PromiseTruth::guarantee);
}

const TopicTruth* RunTruth::topic(std::string_view name) const {
  return find_named(topics, name, &TopicTruth::name);
}

const ClientTruth* RunTruth::client(std::string_view name) const {
  return find_named(clients, name, &ClientTruth::name);
}

bool RunTruth::claimed(std::string_view guarantee) const {
  const PromiseTruth* told = promise(guarantee);
  return told != nullptr && told->claimed;
}

}  // namespace weir
