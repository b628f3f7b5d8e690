"""The tidy test: rules of the house that a program can check, with the replacement in the message.

Who may include whom, banned names, coroutine forms that GCC 12 miscompiles, file sizes and line lengths, a comment at
the top of each file, and files that nothing includes. `tidy.py ROOT` prints each offence as file:line: message and
exits 1 if there is one; `tidy.py --self-test` plants an offence for every rule and demands that it is found.
"""

import pathlib
import re
import sys

# Room of a folder, and the rooms that it may include besides itself.
MAY_INCLUDE = {
    "broker/base": [],
    "broker/ports": ["broker/base"],
    "broker/wire": ["broker/base"],
    "broker/storage": ["broker/base", "broker/wire"],
    "broker/storage/log": ["broker/base", "broker/wire", "broker/storage", "broker/ports"],
    "broker/raft": ["broker/base", "broker/wire", "broker/storage"],
    "broker/controller": ["broker/base", "broker/wire", "broker/storage"],
    "broker/replica": ["broker/base", "broker/wire", "broker/storage"],
    "broker/client": ["broker/base", "broker/wire"],
    "broker/client/shell": ["broker/base", "broker/wire", "broker/client", "broker/ports"],
    "broker/node": ["broker/base", "broker/wire", "broker/storage", "broker/storage/log", "broker/ports",
                    "broker/raft", "broker/controller", "broker/replica", "broker/client", "broker/client/shell"],
    "broker/real": ["broker/base", "broker/ports"],
    "sim": ["broker/base", "broker/ports"],
    "faults": ["broker/base", "broker/ports", "sim"],
    "checkers": ["broker/base"],
}
# faults/plan and faults/fault are pure values: they know only broker/base.
PURE_FILES = {"faults/plan", "faults/fault"}

BANNED = [
    # (pattern, allowed folders, message)
    (r"std::\w+_distribution|std::shuffle", [], "use weir::Random: library distributions differ between libraries"),
    (r"\bstd::random_device|\bsrand\s*\(|(?<![\w.:>])rand\s*\(", ["broker/real", "sim/guard", "tests/unit/sim/guard"], "use weir::Random"),
    (r"std::chrono::(system|steady|high_resolution)_clock", ["broker/real", "scenarios/cli", "scenarios/sweep", "tests/"],
     "take Clock, or an Instant as an argument"),
    (r"\bthread_local\b", ["sim/guard"], "no thread-locals: pass what is needed as an argument"),
    (r"#include <boost/asio\.hpp>", [], "include the Asio headers that are needed, never all of them"),
    (r"#include <boost/asio/", ["broker/real", "tests/parity", "tests/unit/real"],
     "only broker/real knows Asio: a coroutine is a Task, and waits for operations of ports"),
    (r"#include <(fstream|sys/socket\.h|sys/stat\.h|fcntl\.h|unistd\.h|filesystem)>",
     ["broker/real", "scenarios", "checkers/check_file", "checkers/file", "tests/", "sim/guard"],
     "only broker/real touches files and sockets"),
    (r"\bcatch\s*\(\s*\.\.\.\s*\)", ["tests/"], "name the exception: AssertionFailure must pass through"),
    (r"awaitable_operators|parallel_group", [], "use a deadline of the port's operation, or an Alarm"),
    (r"\busing namespace std\s*;", [], "write std::"),
    (r"\b(TODO|FIXME|XXX)\b", [], "finish it, or write an issue"),
    (r"std::unordered_(set|map)<[^>]*\*", [], "pointers as keys make the order depend on addresses"),
]

COROUTINE = [
    (r"co_await[^;]*co_await", "one co_await per statement"),
    (r"co_await[^;]*\?[^;]*:", "no conditional expression around co_await: use if/else"),
    (r"\?[^;:]*co_await", "no awaited arm in a conditional expression: use if/else"),
    (r"co_await[^;]*\[[&=\w, ]+\]\s*[({]", "no capturing lambda in a statement that awaits: name it first"),
    (r"co_await[^;]*\b(?!(?:Offset|LeaderEpoch|PartitionEpoch|BrokerId|ProducerId|ProducerEpoch|NodeId|Duration|Uuid)\b)"
     r"[A-Z]\w*\{[^}]", "no aggregate temporary in a statement that awaits: name it first"),
    (r"co_await[^;]*[(,]\s*\{\s*[^\s}]", "no unnamed braced value in a statement that awaits: name it first"),
    (r"co_await[^;]*vector\s*(<[^;]*>)?\s*\{", "no initializer list in a statement that awaits: name it first"),
    (r"(?:\w|=\s|return\s|\()\{[^;{}]*co_await", "no co_await inside a braced initialiser"),
    (r"auto\s*\[[^\]]*\]\s*=\s*co_await", "no structured binding of an awaited value: name the value"),
]

MAX_LINES = 500
MAX_COLUMNS = 100


def room_of(path):
    best = ""
    for room in MAY_INCLUDE:
        if path.startswith(room + "/") and len(room) > len(best):
            best = room
    return best


def strip_comments(text):
    """Comments and string literals become blanks of the same shape, so that line numbers stay."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    text = re.sub(r'R"(\w*)\((?:.|\n)*?\)\1"', blank, text)
    return re.sub(r'//[^\n]*|/\*(?:.|\n)*?\*/|"(?:\\.|[^"\\\n])*"', blank, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_includes(path, text):
    room = room_of(path)
    if not room:
        return
    stem = re.sub(r"(_json)?\.(h|cpp)$", "", path)
    for match in re.finditer(r'#include "([^"]+)"', text):
        target = room_of(match.group(1)) or match.group(1).split("/")[0]
        allowed = MAY_INCLUDE[room] + [room]
        if stem in PURE_FILES:
            allowed = ["broker/base", "faults"]
        if target not in allowed:
            yield line_of(text, match.start()), f"{room} may not include {match.group(1)}"


def check_names(path, text, code):
    for pattern, allowed, message in BANNED:
        if any(path.startswith(folder) for folder in allowed):
            continue
        # Includes are looked for in the text, names in the code without comments and literals.
        haystack = text if pattern.startswith("#include") or "TODO" in pattern else code
        for match in re.finditer(pattern, haystack):
            yield line_of(haystack, match.start()), f"'{match.group(0).strip()}': {message}"


def check_coroutines(path, code):
    for match in re.finditer(r"[^;]*\bco_await\b[^;]*;", code):
        start = match.start()
        # A statement begins after the last brace that opens a block, not after one that opens an initialiser.
        statement = match.group(0)
        cut = max((m.end() for m in re.finditer(r"\)\s*(const\s*)?\{|\belse\s*\{|\bdo\s*\{|\}\s*\n", statement)
                   if m.end() <= statement.find("co_await")), default=0)
        statement = statement[cut:]
        for pattern, message in COROUTINE:
            if re.search(pattern, statement):
                yield line_of(code, start + cut + statement.find("co_await")), message
                break
    for match in re.finditer(r"catch\s*\([^)]*\)\s*\{[^}]*co_await", code):
        yield line_of(code, match.start()), "no co_await inside a catch"


def check_properties(path, code):
    for match in re.finditer(r"[;{}]\s*(rc::check\()", code):
        yield line_of(code, match.start(1)), "a property whose outcome nobody looks at cannot fail: expect_property()"


def check_shape(path, text):
    lines = text.split("\n")
    if len(lines) - 1 > MAX_LINES:
        yield 1, f"{len(lines) - 1} lines: no file above {MAX_LINES}, split it"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS and '"' not in line:
            yield number, f"{len(line)} columns: wrap at {MAX_COLUMNS}"
    if not re.match(r"\s*(//|/\*)", text):
        yield 1, "begin the file with what this is and which rule it obeys"
    if path.endswith(".h") and "#pragma once" not in text:
        yield 1, "a header needs #pragma once"


def check_file(path, text):
    code = strip_comments(text)
    found = []
    found += check_includes(path, text)
    found += check_names(path, text, code)
    found += check_coroutines(path, code)
    found += check_properties(path, code)
    found += check_shape(path, text)
    return found


def check_tree(files):
    offences = []
    for path, text in sorted(files.items()):
        offences += [(path, line, message) for line, message in check_file(path, text)]
    included = set()
    for text in files.values():
        included.update(re.findall(r'#include "([^"]+)"', text))
    for path in sorted(files):
        by_name = path.startswith(("tests/", "scenarios/example/")) and path.split("/")[-1] in included
        if path.endswith(".h") and path not in included and not by_name:
            offences.append((path, 1, "no file includes this header: remove it, or use it"))
    return offences


def self_test():
    top = "// A file.\n"
    planted = {
        "broker/base/a.cpp": top + '#include "broker/wire/x.h"\n',
        "broker/wire/b.cpp": top + "#include <boost/asio/awaitable.hpp>\n",
        "checkers/c.cpp": top + '#include "sim/world.h"\n',
        "faults/plan.cpp": top + '#include "sim/world.h"\n',
        "broker/node/d.cpp": top + "std::uniform_int_distribution<int> d;\n",
        "broker/node/e.cpp": top + "Task<> f() { auto x = std::chrono::steady_clock::now(); }\n",
        "broker/node/f.cpp": top + "Task<> f() { int x = co_await a() + co_await b(); }\n",
        "broker/node/g.cpp": top + "Task<> f() { auto x = co_await (c ? a() : b()); }\n",
        "broker/node/h.cpp": top + "Task<> f() { co_await g(Options{1, 2}); }\n",
        "broker/node/i.cpp": top + "Task<> f() { auto [a, b] = co_await g(); }\n",
        "broker/node/j.cpp": top + "void f() { try { g(); } catch (...) { } }\n",
        "broker/node/k.cpp": top + "Task<> f() { co_await g([&] { return 1; }); }\n",
        "broker/node/l.cpp": top + "int x;\n" * 501,
        "broker/node/m.cpp": "int x;\n",
        "broker/node/n.h": "// Nobody includes this.\n#pragma once\n",
        "sim/o.cpp": top + "std::unordered_map<Node*, int> nodes;\n",
        "tests/property/q.cpp": top + "TEST(A, B) {\n  rc::check([] {});\n}\n",
        "sim/p.cpp": top + "Task<> f() { Pair p{co_await g(), 1}; }\n",
    }
    found = {path for path, _, _ in check_tree(planted)}
    missed = sorted(set(planted) - found)
    clean = {"broker/node/x.cpp": top + "Task<> f() {\n  for (;;) {\n    Result<Slice> got = co_await s.read(t);\n"
                                        "    if (!got) co_return;\n  }\n}\n"}
    false_alarms = check_tree(clean)
    for path in missed:
        print(f"self-test: the offence planted in {path} was not found")
    for offence in false_alarms:
        print(f"self-test: false alarm {offence}")
    print(f"{len(planted) - len(missed)} of {len(planted)} planted offences found, {len(false_alarms)} false alarms")
    return 1 if missed or false_alarms else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = pathlib.Path(sys.argv[1])
    files = {}
    for folder in ["broker", "sim", "faults", "checkers", "scenarios", "tests"]:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cpp", ".c", ".cc"):
                files[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
    offences = check_tree(files)
    for path, line, message in offences:
        print(f"{path}:{line}: {message}")
    print(f"{len(files)} files, {len(offences)} offences")
    return 1 if offences or not files else 0


if __name__ == "__main__":
    sys.exit(main())
