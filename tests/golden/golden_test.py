"""Goldens of the command line: tests/golden/cli/*.txt hold commands, their stdout, stderr and exit codes.

    $ weir list guarantees
    ...
    exit 0

What changes with every build or with every change of behaviour (build, fingerprint, numbers of events) is masked; the
fingerprints have a test of their own. `golden_test.py WEIR --rewrite` writes the files anew.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def masked(text, folder):
    text = text.replace(str(ROOT), "WEIR_HOME").replace(folder, "HERE")
    text = re.sub(r"\bbuild [0-9a-f]{7}\b", "build BUILD", text)
    text = re.sub(r"(fingerprint )[0-9a-f]{16}", r"\1FINGERPRINT", text)
    text = re.sub(r"#[\d,]+", "#N", text)
    text = re.sub(r"[\d,]+ events\b", "N events", text)
    text = re.sub(r"\+[0-9a-f]{8}/", "+VARIANT/", text)
    text = re.sub(r"\bsweep-[0-9a-f]{4}\b", "sweep-HASH", text)
    # The moments of a story and of a record's life.
    text = re.sub(r"(?m)^( +)(\d+) +\d+\.\d{3}   ", r"\1\2  T   ", text)
    text = re.sub(r"(?m)^ +\d+\.\d{6} s  ", "  T  ", text)
    text = re.sub(r"(?m)^( +)t\(ms\)", r"    t(ms)", text)
    text = re.sub(r'"(event|t)": \d+', r'"\1": N', text)
    text = re.sub(r"(?m)^\| (\d+) \| \d+\.\d{3} \|", r"| \1 | T |", text)
    return re.sub(r"[\d.]+ (us|ms|s) after heal", "SOON after heal", text)


def run(weir, line, folder):
    words = [w.replace("WEIR_HOME", str(ROOT)) for w in shlex.split(line)]
    result = subprocess.run([weir] + words[1:], cwd=folder, capture_output=True, text=True, timeout=240,
                            env={"PATH": "/usr/bin:/bin", "WEIR_CALLED_AS": "weir"})
    # Hints about speed are of this machine; messages to the user are not.
    errors = "".join(line + "\n" for line in result.stderr.splitlines()
                     if not re.match(r"weir: (simulated|shrunk in|[\d,]+ runs in)| *\d+ %", line))
    return masked(result.stdout + errors, folder) + f"exit {result.returncode}\n"


def readme_is_true(weir, rewrite):
    """The failing run of README.md: each of its lines is one that the command prints, in this order."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    command, shown = re.search(r"^    \$ \./weir (.*)\n((?:    .*\n|\n(?=    ))+)", text, re.M).groups()
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run([weir] + shlex.split(command), cwd=folder, capture_output=True, text=True, timeout=240,
                                env={"PATH": "/usr/bin:/bin", "WEIR_CALLED_AS": "./weir"})
    printed = iter(result.stdout.splitlines())
    true = []
    for line in shown.splitlines():
        said = line[4:]
        if said.strip() not in ("", "..."):
            said = next((p for p in printed if masked(p, "/nowhere") == masked(said, "/nowhere")), None)
            if said is None:
                print(f"README.md shows what the command does not print: {line}")
                return False
        true.append(f"    {said}".rstrip())
    now = text.replace(shown, "\n".join(true) + "\n")
    if rewrite:
        path.write_text(now, encoding="utf-8")
    elif re.sub(r"\bbuild \w+", "", now) != re.sub(r"\bbuild \w+", "", text):
        print("README.md shows other numbers than the command prints: run this with --rewrite")
        return False
    return True


def main():
    weir, rewrite = str(pathlib.Path(sys.argv[1]).resolve()), "--rewrite" in sys.argv
    passed = failed = 0
    if readme_is_true(weir, rewrite):
        passed += 1
    else:
        failed += 1
    for path in sorted((HERE / "cli").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        commands = re.findall(r"^\$ (.*)$", text, re.M)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "broken.json").write_text('{"format": "weir-scenario/1", "name": "x", "untill": "5s",')
            (pathlib.Path(folder) / "typo.json").write_text(
                '{\n  "format": "weir-scenario/1",\n  "name": "x",\n  "untill": "5s",\n'
                '  "topics": [ { "name": "t", "partitions": 0 } ],\n'
                '  "clients": [ { "id": "P1", "kind": "producer", "config": {"ackz": 1},\n'
                '    "workload": { "topic": "u", "records": "many" } } ]\n}\n')
            (pathlib.Path(folder) / "bad.jsonl").write_text('{"network":"us"}\nnot json\n')
            (pathlib.Path(folder) / "broken.jsonl").write_text(
                '{"format":"weir-history/1","config":{}}\n'
                '{"index":0,"process":0,"type":"invoke","f":"send","value":[["send","x","a"]]}\n'
                '{"index":1,"process":0,"type":"ok","f":"send","value":[["send","x",[0,"a"]]]}\n'
                '{"index":2,"process":0,"type":"ok","f":"send","value":[["send","x",[-1,"b"]]]}\n')
            found = "\n".join(f"$ {command}\n" + run(weir, command, folder) for command in commands)
        if rewrite:
            path.write_text(found, encoding="utf-8")
        elif found != text:
            failed += 1
            import difflib
            print(f"{path.name} differs:")
            sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), found.splitlines(True), "golden", "now"))
            continue
        passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
