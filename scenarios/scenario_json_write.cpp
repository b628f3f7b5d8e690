// Writing the leaves: every value has exactly one form.
#include "broker/base/text.h"
#include "scenarios/scenario_json_fields.h"

namespace weir::scenario_json {
namespace {

struct DelayWriter {
  Json operator()(const FixedDelay& d) const { return DurationCodec::write(d.delay); }
  Json operator()(const UniformDelay& d) const {
    return {{"uniform", WindowCodec::write({d.low, d.high})}};
  }
  Json operator()(const ExponentialDelay& d) const {
    return {{"exp", DurationCodec::write(d.mean)}};
  }
  Json operator()(const LognormalDelay& d) const {
    const Json inner = {{"median", DurationCodec::write(d.median)},
                        {"p99", DurationCodec::write(d.p99)}};
    return {{"lognormal", inner}};
  }
};

struct KeysWriter {
  Json operator()(const NoKeys&) const { return "none"; }
  Json operator()(const UniformKeys& k) const { return {{"uniform", k.count}}; }
  Json operator()(const FieldKeys& k) const { return {{"field", k.field}}; }
};

}  // namespace

Json SizeCodec::write(std::int64_t value) {
  if (value < 1024 || value % 1024 != 0) return value;
  return format_size(static_cast<std::uint64_t>(value));
}

Json DurationCodec::write(Duration d) {
  return d < Duration(0) ? "-" + format_duration(-d) : format_duration(d);
}

Json RatioCodec::write(Ratio ratio) { return format_ratio(ratio); }

Json SeedCodec::write(std::uint64_t seed) { return format_hex(seed); }

// Numbers and booleans look like themselves; both forms read back as the same text.
Json ConfigCodec::write(const ConfigMap& config) {
  Json json = Json::object();
  for (const auto& [key, value] : config) {
    const auto number = parse_integer(value);
    if (value == "true" || value == "false") {
      json[key] = value == "true";
    } else if (number && std::to_string(*number) == value) {
      json[key] = *number;
    } else {
      json[key] = value;
    }
  }
  return json;
}

Json DelayCodec::write(const Delay& delay) { return std::visit(DelayWriter{}, delay); }

Json KeysCodec::write(const Keys& keys) { return std::visit(KeysWriter{}, keys); }

Json WeightsCodec::write(const std::vector<FaultWeight>& weights) {
  Json json = Json::object();
  for (const FaultWeight& w : weights) json[std::string(name_of(w.kind))] = w.weight;
  return json;
}

Json PromiseCodec::write(const std::vector<std::string>& promise) {
  if (promise.empty()) return "from-config";
  return promise;
}

Json ExpectCodec::write(const Map& expect) {
  Json json = Json::object();
  for (const auto& [guarantee, words] : expect) {
    json[guarantee] = words.size() == 1 ? Json(words.front()) : Json(words);
  }
  return json;
}

Json WindowCodec::write(const Window& window) {
  return Json::array({DurationCodec::write(window.first), DurationCodec::write(window.second)});
}

Json SidesCodec::write(const Sides& sides) {
  return Json::array({Json(sides.first), Json(sides.second)});
}

Json SendCodec::write(const SendOp& op) {
  Json json = Json::array({op.topic, nullptr, nullptr});
  if (op.partition) json[1] = *op.partition;
  if (op.key) json[2] = *op.key;
  return json;
}

Json ApiCodec::write(std::int16_t key) { return std::string(api_name(key)); }

Json EventCodec::write(FactKind kind) { return std::string(name_of(kind)); }

}  // namespace weir::scenario_json

namespace weir {

using namespace scenario_json;

std::string write_scenario(const Scenario& scenario) {
  return ObjectCodec{}.write(scenario).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::uint64_t content_hash(const Scenario& scenario) {
  Scenario essence = resolve(scenario);
  essence.schema.clear();
  essence.name = "x";
  essence.about.clear();
  return hash_text(write_scenario(essence));
}

std::string write_faults(std::span<const Fault> faults) {
  const std::vector<Fault> list(faults.begin(), faults.end());
  return ListCodec<ObjectOf<Fault>>{}.write(list).dump(2, ' ', false,
                                                       Json::error_handler_t::replace) +
         "\n";
}

}  // namespace weir
