// The port Disk of one process: operations on its machine's store, completed by events.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/ports/disk.h"

namespace weir::sim {

class Process;

class DiskPort final : public Disk {
 public:
  explicit DiskPort(Process& process) : process_(process) {}

 private:
  void start_open(const std::string& path, OpenMode mode,
                  Once<Result<std::unique_ptr<File>>> done) override;
  void start_change(Change what, const std::string& from, const std::string& to,
                    Once<Result<void>> done) override;
  void start_list(const std::string& path, Once<Result<std::vector<std::string>>> done) override;

  Process& process_;
};

}  // namespace weir::sim
