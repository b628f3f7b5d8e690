// weir list: what there is to choose from, for people (--plain or tables) and for programs
// (--json).
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "broker/base/fact.h"
#include "broker/base/suggest.h"
#include "broker/controller/settings.h"
#include "faults/fault.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/coverage.h"
#include "scenarios/home.h"
#include "scenarios/json_text.h"
#include "scenarios/scenario.h"
#include "scenarios/story_text.h"
#include "scenarios/witnesses.h"

namespace weir::cli {
namespace {

struct Row {
  std::string name;
  std::string about;
};

// The first sentence of a scenario's `about`.
std::string about_of(const std::string& name) {
  std::ifstream in(find_scenario(name));
  const nlohmann::json file = parse_json(in);
  if (!file.is_object()) return {};
  const std::string about = file.value("about", "");
  return about.substr(0,
                      about.find(". ") == std::string::npos ? about.size() : about.find(". ") + 1);
}

std::vector<Row> scenarios() {
  std::vector<Row> rows;
  for (const std::string& name : library_scenarios()) rows.push_back({name, about_of(name)});
  return rows;
}

std::vector<Row> guarantees() {
  std::vector<Row> rows;
  for (const std::string_view id : guarantee_ids()) {
    rows.push_back({std::string(id), about_guarantee(std::string(id))});
  }
  return rows;
}

std::vector<Row> faults() {
  std::vector<Row> rows;
  for (const FaultTraits& fault : fault_catalogue()) {
    rows.push_back({std::string(fault.name), std::string(fault.about)});
  }
  return rows;
}

std::vector<Row> knobs() {
  std::vector<Row> rows;
  for (const std::string_view name : broker_setting_names()) {
    rows.push_back({std::string(name), "cluster.config, or serve --config"});
  }
  for (const std::string_view name : topic_setting_names()) {
    rows.push_back({std::string(name), "topics[].config"});
  }
  return rows;
}

std::vector<Row> triggers() {
  std::vector<Row> rows;
  for (int i = 0; i < static_cast<int>(FactKind::count_); ++i) {
    rows.push_back({std::string(name_of(static_cast<FactKind>(i))), ""});
  }
  return rows;
}

std::vector<Row> states() {
  std::vector<Row> rows;
  for (std::size_t s = 0; s < kProtocolStates; ++s) {
    const auto state = static_cast<ProtocolState>(s);
    rows.push_back({std::string(name_of(state)), std::string(about(state))});
  }
  return rows;
}

std::vector<Row> witnesses() {
  std::vector<Row> rows;
  for (const std::string_view name : witness_names()) {
    rows.push_back({std::string(name), std::string(about_witness(name))});
  }
  return rows;
}

struct Kind {
  std::string_view name;
  std::string_view about;
  std::function<std::vector<Row>()> rows;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"scenarios", "the library of scenarios", scenarios},
      {"guarantees", "what is checked", guarantees},
      {"faults", "what can be broken", faults},
      {"triggers", "facts that a fault can wait for", triggers},
      {"states", "of the protocol, as coverage and check.require_covered know them", states},
      {"witnesses", "what check.require_witnessed may ask for", witnesses},
      {"knobs", "settings of brokers and topics, by Kafka's names", knobs},
  };
  return all;
}

int print_schema() {
  std::ifstream in(home() + "/scenarios/schema/scenario-1.schema.json", std::ios::binary);
  if (!in) {
    complain("the schema is not at " + home() + "/scenarios/schema; set WEIR_HOME to the sources");
    return kExitInternal;
  }
  std::cout << in.rdbuf();
  return kExitOk;
}

int print_completion(const CLI::App& root, const std::string& shell) {
  std::string verbs;
  for (const CLI::App* verb : root.get_subcommands([](const CLI::App*) { return true; })) {
    verbs += (verbs.empty() ? "" : " ") + verb->get_name();
  }
  if (shell == "bash") {
    std::printf(
        "_weir() {\n  local word=${COMP_WORDS[COMP_CWORD]}\n  if [ \"$COMP_CWORD\" = 1 ]; then\n"
        "    COMPREPLY=($(compgen -W '%s' -- \"$word\"))\n  else\n"
        "    COMPREPLY=($(compgen -f -- \"$word\") $(compgen -W \"$(weir list scenarios --plain)\" "
        "-- \"$word\"))\n  fi\n}\ncomplete -o filenames -F _weir weir\n",
        verbs.c_str());
  } else if (shell == "zsh") {
    std::printf(
        "#compdef weir\n_weir() {\n  if (( CURRENT == 2 )); then\n    compadd %s\n  else\n    "
        "_files\n"
        "    compadd $(weir list scenarios --plain)\n  fi\n}\ncompdef _weir weir\n",
        verbs.c_str());
  } else if (shell == "fish") {
    std::printf(
        "complete -c weir -n '__fish_use_subcommand' -a '%s'\n"
        "complete -c weir -n 'not __fish_use_subcommand' -a '(weir list scenarios --plain)'\n",
        verbs.c_str());
  } else {
    complain("list completion " + shell + ": expected bash, zsh or fish");
    return kExitUsage;
  }
  return kExitOk;
}

int print_rows(const std::vector<Row>& rows, bool plain, bool as_json) {
  if (as_json) {
    nlohmann::ordered_json out = nlohmann::ordered_json::array();
    for (const Row& row : rows) out.push_back({{"name", row.name}, {"about", row.about}});
    std::printf("%s\n", out.dump(2).c_str());
    return kExitOk;
  }
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  for (const Row& row : rows) {
    if (plain || row.about.empty()) {
      std::printf("%s\n", row.name.c_str());
    } else {
      std::printf("%-*s  %s\n", static_cast<int>(width), row.name.c_str(), row.about.c_str());
    }
  }
  return kExitOk;
}

int list(const CLI::App& root, const std::string& what, const std::string& shell, bool plain,
         bool as_json) {
  if (what == "schema") return print_schema();
  if (what == "completion") return print_completion(root, shell);
  std::vector<std::string> names = {"schema", "completion"};
  for (const Kind& kind : kinds()) {
    if (kind.name == what) return print_rows(kind.rows(), plain, as_json);
    names.emplace_back(kind.name);
  }
  if (!what.empty()) {
    complain("list " + what + ": no such list" + did_you_mean(what, names));
    return kExitUsage;
  }
  for (const Kind& kind : kinds()) {
    std::printf("%-12s %s\n", std::string(kind.name).c_str(), std::string(kind.about).c_str());
  }
  std::printf("%-12s %s\n%-12s %s\n", "schema", "the JSON Schema of scenarios", "completion",
              "bash, zsh or fish");
  return kExitOk;
}

}  // namespace

void add_list(CLI::App& app, Session& session) {
  struct Options {
    std::string what;
    std::string shell = "bash";
    bool plain = false;
    bool as_json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("list", "Scenarios, guarantees, faults, states, knobs, schema");
  verb->add_option("what", options->what, "What to list; without it, the choices");
  verb->add_option("shell", options->shell, "For `completion`: bash, zsh or fish");
  verb->add_flag("--plain", options->plain, "Names alone, one a line");
  verb->add_flag("--json", options->as_json, "As JSON");
  verb->callback([options, &app, &session] {
    session.exit_code = list(app, options->what, options->shell, options->plain, options->as_json);
  });
}

}  // namespace weir::cli
