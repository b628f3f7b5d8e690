// Applying changes to a tree of paths.
#include "sim/tree.h"

#include <utility>

namespace weir::sim {

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

bool Tree::is_directory(const std::string& path) const {
  const auto found = entries_.find(path);
  return found != entries_.end() && found->second == nullptr;
}

std::shared_ptr<Inode> Tree::file(const std::string& path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : found->second;
}

std::vector<std::string> Tree::list(const std::string& directory) const {
  const std::string prefix = directory.empty() ? "" : directory + "/";
  std::vector<std::string> names;
  for (auto i = entries_.lower_bound(prefix); i != entries_.end(); ++i) {
    const std::string& path = i->first;
    if (!path.starts_with(prefix)) break;
    if (path.size() == prefix.size() || path.find('/', prefix.size()) != std::string::npos) {
      continue;
    }
    names.push_back(path.substr(prefix.size()) + (i->second == nullptr ? "/" : ""));
  }
  return names;
}

bool Tree::empty_directory(const std::string& path) const { return list(path).empty(); }

void Tree::erase_below(const std::string& directory) {
  const std::string below = directory + "/";
  auto i = entries_.lower_bound(below);
  while (i != entries_.end() && i->first.starts_with(below)) i = entries_.erase(i);
}

bool Tree::apply(const Change& change) {
  if (change.kind == Change::Kind::remove) {
    const auto found = entries_.find(change.from);
    if (found == entries_.end() || found->second != change.inode) return true;
    // A directory was empty when it was removed: what is below it went before, durably or not.
    if (change.inode == nullptr) erase_below(change.from);
    entries_.erase(change.from);
    return true;
  }
  if (!is_directory(parent_of(change.to))) return false;
  if (change.kind != Change::Kind::rename) {
    entries_.insert_or_assign(change.to, change.inode);
    return true;
  }
  // A directory takes along everything below it.
  const std::string below = change.from + "/";
  std::map<std::string, std::shared_ptr<Inode>> moved;
  for (auto i = entries_.lower_bound(below); i != entries_.end() && i->first.starts_with(below);) {
    moved.emplace(change.to + "/" + i->first.substr(below.size()), std::move(i->second));
    i = entries_.erase(i);
  }
  entries_.erase(change.from);
  entries_.insert_or_assign(change.to, change.inode);
  entries_.merge(moved);
  return true;
}

}  // namespace weir::sim
