// The search: sets of configurations, from return to return.
#include "checkers/linear/linearize.h"

#include <algorithm>
#include <unordered_set>

#include "broker/base/hash.h"

namespace weir::analysis {
namespace {

// Which open operations have taken effect: bits of slots, as many words as the history needs.
template <std::size_t Words>
struct Config {
  std::uint64_t state = 0;
  std::array<std::uint64_t, Words> done{};
  bool operator==(const Config&) const = default;

  [[nodiscard]] bool has(std::uint32_t slot) const {
    return (done[slot / 64] >> slot % 64 & 1) != 0;
  }
  void set(std::uint32_t slot) { done[slot / 64] |= std::uint64_t{1} << slot % 64; }
  void clear(std::uint32_t slot) { done[slot / 64] &= ~(std::uint64_t{1} << slot % 64); }
};

template <std::size_t Words>
struct ConfigHash {
  std::size_t operator()(const Config<Words>& c) const {
    std::uint64_t h = mix(c.state);
    for (const std::uint64_t word : c.done) h = fold(h, word);
    return static_cast<std::size_t>(h);
  }
};

// Slots: an operation that returns gives its slot back; one that never does keeps its own.
struct Slots {
  std::vector<std::uint32_t> of;       // per operation
  std::vector<std::uint32_t> expires;  // operations in the order of their returns
  std::uint32_t count = 0;

  explicit Slots(const std::vector<LinearOp>& ops) : of(ops.size(), 0) {
    for (std::uint32_t i = 0; i < ops.size(); ++i) {
      if (ops[i].returned != kNever) expires.push_back(i);
    }
    std::sort(expires.begin(), expires.end(),
              [&](std::uint32_t a, std::uint32_t b) { return ops[a].returned < ops[b].returned; });
    std::vector<std::uint32_t> free;
    std::size_t next = 0;
    for (std::uint32_t i = 0; i < ops.size(); ++i) {
      for (; next < expires.size() && ops[expires[next]].returned < ops[i].invoked; ++next) {
        free.push_back(of[expires[next]]);
      }
      if (free.empty() || ops[i].returned == kNever) {
        of[i] = count++;
      } else {
        of[i] = free.back();
        free.pop_back();
      }
    }
  }
};

template <std::size_t Words>
class Linearization {
 public:
  using C = Config<Words>;

  Linearization(const std::vector<LinearOp>& ops, LinearModel& model, LinearResume* resume,
                Slots& slots)
      : ops_(ops), model_(model), resume_(resume), slots_(slots) {}

  LinearResult run() {
    configs_ = {C{model_.initial(), {}}};
    std::uint32_t next = 0;
    for (const std::uint32_t returning : slots_.expires) {
      for (; next < ops_.size() && ops_[next].invoked < ops_[returning].returned; ++next) {
        open(next);
      }
      if (!close(returning)) return std::move(result_);
    }
    return std::move(result_);
  }

 private:
  void open(std::uint32_t op) {
    const LinearOp& o = ops_[op];
    if (o.returned == kNever) {
      const auto it = std::find_if(classes_.begin(), classes_.end(), [&](const auto& members) {
        return ops_[members.front()].alike == o.alike;
      });
      if (it == classes_.end()) {
        classes_.push_back({op});
      } else {
        it->push_back(op);
      }
      never_.set(slots_.of[op]);
      return;
    }
    open_.push_back(op);
    if (!model_.pure(o.input)) return;
    for (C& c : configs_) {
      if (model_.step(c.state, o.input)) c.set(slots_.of[op]);
    }
  }

  // What changes nothing takes effect at once.
  void absorb(C& c) {
    for (const std::uint32_t op : open_) {
      if (!c.has(slots_.of[op]) && model_.pure(ops_[op].input) &&
          model_.step(c.state, ops_[op].input)) {
        c.set(slots_.of[op]);
      }
    }
  }

  bool close(std::uint32_t returning) {
    const std::uint32_t slot = slots_.of[returning];
    std::vector<C> done, work;
    std::unordered_set<C, ConfigHash<Words>> seen;  // looked up only
    for (const C& c : configs_) {
      if (c.has(slot)) {
        done.push_back(c);
      } else {
        seen.insert(c);
        work.push_back(c);
      }
    }
    const auto reach = [&](const C& from, std::uint32_t op) {
      const auto state = model_.step(from.state, ops_[op].input);
      if (!state) return;
      C to = from;
      to.state = *state;
      to.set(slots_.of[op]);
      absorb(to);
      if (!seen.insert(to).second) return;
      (to.has(slot) ? done : work).push_back(to);
    };
    while (!work.empty()) {
      const C c = work.back();
      work.pop_back();
      for (const std::uint32_t op : open_) {
        if (!c.has(slots_.of[op]) && !model_.pure(ops_[op].input)) reach(c, op);
      }
      for (const auto& members : classes_) {
        const auto it = std::find_if(members.begin(), members.end(),
                                     [&](std::uint32_t op) { return !c.has(slots_.of[op]); });
        if (it != members.end()) reach(c, *it);
      }
      if (seen.size() > kMaxConfigurations) {
        result_.gave_up = true;
        return false;
      }
    }
    std::erase(open_, returning);
    if (done.empty() && !breach(returning, done)) return false;
    for (C& c : done) c.clear(slot);
    keep_least(done);
    return true;
  }

  bool breach(std::uint32_t returning, std::vector<C>& done) {
    const C& last = configs_.back();
    result_.breaches.push_back({returning, last.state});
    if (resume_ == nullptr) return false;
    const auto state = resume_->after(result_.breaches.back());
    if (!state) return false;
    C c = last;
    c.state = *state;
    absorb(c);
    done.push_back(c);
    return true;
  }

  // Of configurations that differ only in what may never have happened, the least ones.
  void keep_least(std::vector<C>& all) {
    const auto sure = [&](const C& c) {
      C out = c;
      for (std::size_t w = 0; w < Words; ++w) out.done[w] &= ~never_.done[w];
      return out;
    };
    std::sort(all.begin(), all.end(), [&](const C& a, const C& b) {
      const C x = sure(a), y = sure(b);
      if (x.state != y.state) return x.state < y.state;
      if (x.done != y.done) return x.done < y.done;
      return a.done < b.done;
    });
    all.erase(std::unique(all.begin(), all.end()), all.end());
    configs_.clear();
    constexpr std::size_t kCompared = 64;  // a bound for the time, not for the answer
    std::size_t group = 0;
    for (const C& c : all) {
      if (configs_.empty() || !(sure(configs_.back()) == sure(c))) group = configs_.size();
      bool dominated = false;
      for (std::size_t k = group; k < configs_.size() && k < group + kCompared; ++k) {
        bool subset = true;
        for (std::size_t w = 0; w < Words; ++w) {
          subset &= (configs_[k].done[w] & ~c.done[w]) == 0;
        }
        dominated |= subset;
      }
      if (!dominated) configs_.push_back(c);
    }
  }

  const std::vector<LinearOp>& ops_;
  LinearModel& model_;
  LinearResume* resume_;
  Slots& slots_;
  std::vector<C> configs_;
  std::vector<std::uint32_t> open_;
  std::vector<std::vector<std::uint32_t>> classes_;  // of operations that never return
  C never_;
  LinearResult result_;
};

}  // namespace

LinearResult linearize(const std::vector<LinearOp>& ops, LinearModel& model, LinearResume* resume) {
  Slots slots(ops);
  if (slots.count <= 64) return Linearization<1>(ops, model, resume, slots).run();
  if (slots.count <= 256) return Linearization<4>(ops, model, resume, slots).run();
  if (slots.count <= 1024) return Linearization<16>(ops, model, resume, slots).run();
  if (slots.count <= 8192) return Linearization<128>(ops, model, resume, slots).run();
  LinearResult unknown;
  unknown.gave_up = true;
  return unknown;
}

}  // namespace weir::analysis
