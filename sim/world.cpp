// The public face: every call goes to the core.
#include "sim/world.h"

#include <utility>

#include "sim/core.h"
#include "sim/process.h"

namespace weir {

using sim::Command;

World::World(WorldOptions options) : core_(std::make_unique<sim::Core>(std::move(options))) {}
World::~World() = default;

NodeId World::add_node(NodeOptions options) { return core_->add_node(std::move(options)); }
void World::start(NodeId id) { core_->request({id, Command::What::start, 0, {}}); }
void World::kill(NodeId id) { core_->request({id, Command::What::kill, 0, {}}); }
void World::power_loss(NodeId id) { core_->request({id, Command::What::power_loss, 0, {}}); }
void World::stop(NodeId id) { core_->request({id, Command::What::stop, 0, {}}); }
void World::pause(NodeId id) { core_->request({id, Command::What::pause, 0, {}}); }
void World::resume(NodeId id) { core_->request({id, Command::What::resume, 0, {}}); }
void World::wipe_disk(NodeId id) { core_->request({id, Command::What::wipe_disk, 0, {}}); }
void World::set_launch(NodeId id, Launch launch) {
  core_->request({id, Command::What::set_launch, 0, std::move(launch)});
}

NodeId World::node(std::string_view name) const { return core_->node_named(name); }
std::size_t World::nodes() const { return core_->nodes(); }
const std::string& World::name(NodeId id) const { return core_->node(id).name(); }
std::uint32_t World::life(NodeId id) const { return core_->node(id).life(); }
bool World::alive(NodeId id) const { return core_->node(id).alive(); }
bool World::paused(NodeId id) const { return alive(id) && core_->node(id).paused(); }
bool World::failed(NodeId id) const { return core_->node(id).failed(); }

void World::set_drift(NodeId id, std::int64_t ppm) {
  sim::Node& node = core_->node(id);
  node.clock().set_drift(core_->kernel().now(), ppm);
  if (node.alive()) node.process()->clock_changed();
}
void World::step_wall(NodeId id, Duration by) { core_->node(id).clock().step_wall(by.count()); }
void World::set_service_time(NodeId id, Duration time) { core_->node(id).set_service_time(time); }

NetworkModel& World::network() { return core_->network(); }
DiskModel& World::disk(NodeId id) { return core_->node(id).disk(); }

RunEnd World::run_until(Instant until) { return core_->run_until(until); }
void World::request_stop() { core_->request_stop(); }
void World::at(Instant when, std::function<void()> action) { core_->at(when, std::move(action)); }
void World::rebranch(std::uint64_t branch) { core_->rebranch(branch); }

void World::emit(const Fact& fact, NodeId node) { core_->emit(fact, node); }
void World::add_reader(FactReader& reader) { core_->kernel().add_reader(reader); }
void World::remove_reader(FactReader& reader) { core_->kernel().remove_reader(reader); }
void World::set_trace(TraceReader* trace) { core_->kernel().set_trace(trace); }

Instant World::now() const { return {core_->kernel().now()}; }
std::uint64_t World::events() const { return core_->kernel().events(); }
std::uint64_t World::sequence() const { return core_->kernel().sequence(); }
std::size_t World::pending() const { return core_->kernel().pending(); }
std::uint64_t World::fingerprint() const { return core_->kernel().fingerprint(); }
std::vector<StreamDraws> World::draws() const { return core_->streams().draws(); }
void World::count_draws(std::vector<std::uint64_t>& draws) const { core_->streams().count(draws); }
std::vector<std::string> World::stream_names() const { return core_->streams().names(); }
const std::vector<LinkDelay>& World::long_delays() const { return core_->fabric().long_delays(); }
Random& World::random(std::string_view purpose, std::string_view entity) {
  return core_->streams().stream(purpose, entity);
}
const WorldOptions& World::options() const { return core_->options(); }

}  // namespace weir
