"""What must hold of sweeps: interrupted or sharded, they end with the same bytes; what CI reads is well-formed and true."""

import json
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree

SANITIZED = "sanitized" in sys.argv  # each run takes ten times as long
if SANITIZED:
    sys.argv.remove("sanitized")
WEIR = str(pathlib.Path(sys.argv.pop(1)).resolve())
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "WEIR_CALLED_AS": "weir"}
FAILING = ["--set", 'check.promise=["dup.idempotent"]', "--set", "expect={}"]
QUICK = ["--corpus", "none", "--no-report"]


class Lab(unittest.TestCase):
    """A folder of its own, and the program in it."""

    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)

    def tearDown(self):
        self.place.cleanup()

    def weir(self, *words, expect=0, env=None):
        result = subprocess.run([WEIR, *words], cwd=self.folder, capture_output=True, text=True, timeout=240,
                                env={**ENVIRONMENT, **(env or {})})
        self.assertEqual(result.returncode, expect, result.stdout + result.stderr)
        return result

    def only_sweep(self, top="runs"):
        found = sorted((self.folder / top).glob("sweep-*"))
        self.assertEqual(len(found), 1, found)
        return found[0]

    def contents(self, folder):
        return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class Sweeps(Lab):
    def test_an_interrupted_sweep_goes_on_to_the_same_bytes(self):
        seeds = 60 if SANITIZED else 150
        words = ["sweep", "lost-response", "--vary", "clients.C1.loop.from=beginning,end", "--seeds", str(seeds), *QUICK]
        self.weir(*words, "--runs", "whole")
        whole = self.contents(self.only_sweep("whole"))
        for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            top = f"stopped-{stop}"
            process = subprocess.Popen([WEIR, *words, "--runs", top], cwd=self.folder, env=ENVIRONMENT,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            results = self.folder / top / self.only_sweep("whole").name / "results.jsonl"
            while not results.exists() or results.stat().st_size < 9000:
                time.sleep(0.005)
            process.send_signal(stop)
            out, _ = process.communicate(timeout=60)
            if stop != signal.SIGKILL:
                self.assertEqual(process.returncode, 130)
                self.assertIn("interrupted", out)
                self.assertIs(json.loads((results.parent / "sweep.json").read_text())["complete"], False)
            kept = len(results.read_text().splitlines())
            self.assertGreater(kept, 10)
            self.assertLess(kept, 2 * seeds)
            if stop == signal.SIGKILL:
                with open(results, "a", encoding="utf-8") as torn:
                    torn.write('{"index": 3, "subj')  # as a full stop of the machine leaves it
            resumed = self.weir(*words, "--runs", top, "--resume")
            self.assertEqual(self.contents(results.parent), whole)
            self.assertIn(f"{2 * seeds} runs", resumed.stdout)

    def test_what_is_known_is_not_run_again(self):
        words = ["sweep", "lost-response", *QUICK]
        self.weir(*words, "--seeds", "1..20")
        results = self.only_sweep() / "results.jsonl"
        lines = [json.loads(line) for line in results.read_text().splitlines()]
        lines[4]["headline"] = "kept"
        results.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
        self.weir(*words, "--seeds", "1..30", "--resume")
        lines = [json.loads(line) for line in results.read_text().splitlines()]
        self.assertEqual([line["seed"] for line in lines], list(range(1, 31)))
        self.assertEqual(lines[4]["headline"], "kept")

    def test_another_build_does_not_go_on(self):
        words = ["sweep", "lost-response", "--seeds", "1..3", *QUICK]
        self.weir(*words)
        path = self.only_sweep() / "sweep.json"
        kept = json.loads(path.read_text())
        kept["build"] = "0000000"
        path.write_text(json.dumps(kept))
        self.assertIn("begun by build 0000000", self.weir(*words, "--resume", expect=64).stderr)

    def test_merged_shards_are_the_sweep_of_one_machine(self):
        words = ["sweep", "flaky-network", "lost-response", "--seeds", "1..13", "--no-report", *FAILING]
        whole = self.weir(*words, "--runs", "whole", expect=1)
        for part in (1, 2, 3):
            self.weir(*words, "--shard", f"{part}/3", "--runs", "parts", expect=1)
        parts = sorted(str(p) for p in (self.folder / "parts").glob("sweep-*"))
        merged = self.weir("merge", *reversed(parts), "--runs", "merged", "--no-report", expect=1)
        self.assertEqual(self.contents(self.only_sweep("whole")), self.contents(self.only_sweep("merged")))
        self.assertEqual(whole.stdout.replace("whole/", ""), merged.stdout.replace("merged/", ""))
        self.assertIn("part 2 of 3 is missing", self.weir("merge", parts[0], parts[2], expect=64).stderr)
        self.assertIn("no kept sweep", self.weir("merge", "parts", expect=64).stderr)

    def test_the_matrix_of_what_is_varied_is_swept(self):
        words = ["sweep", "lost-response", "--seeds", "1..2", *QUICK, "--vary", "clients.C1.loop.from=beginning,end",
                 "--vary", "clients.P1.config.enable.idempotence=false,true", "--set", "expect={}"]
        out = self.weir(*words, expect=0).stdout
        self.assertIn("2 seeds x 4 scenarios = 8 runs", out)
        summary = json.loads((self.only_sweep() / "summary.json").read_text())
        self.assertEqual(len({s["label"] for s in summary["scenarios"]}), 4)

    def test_saved_failures_run_first_and_are_no_statistics(self):
        corpus = self.folder / "corpus"
        corpus.mkdir()
        saved = json.loads((ROOT / "scenarios/library/lost-response.json").read_text())
        del saved["expect"]
        saved.update(name="came-back", seed="0x9", check={"promise": ["dup.idempotent"]})
        saved["clients"][0]["workload"] = {"topic": "earthquakes", "records": 20, "per_second": 20}
        (corpus / "came-back.json").write_text(json.dumps(saved))
        out = self.weir("sweep", "flaky-network", "--seeds", "1..4", "--no-report", "--corpus", "corpus", "--json",
                        expect=1).stdout
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([(line["saved"], line["seed"]) for line in lines],
                         [(True, 9)] + [(False, seed) for seed in range(1, 5)])
        out = self.weir("sweep", "flaky-network", "--seeds", "1..4", "--no-report", "--corpus", "corpus",
                        expect=1).stdout
        self.assertIn("1 saved failure ran first: 1 CAME BACK", out)
        self.assertIn("0 failure shapes", out)
        self.assertIn("weir run corpus/came-back.json --seed 0x9", out)

    def test_what_an_earlier_build_showed_is_asked_after(self):
        words = ["sweep", "lost-response", "--no-report", "--corpus", "none", "--seeds"]
        self.weir(*words, "1..3", expect=0)
        path = self.only_sweep() / "summary.json"
        summary = json.loads(path.read_text())
        shape = {"scenario": "lost-response", "shape": "6f2a", "guarantee": "durability.acked", "runs": 4, "of": 10,
                 "seeds": [77, 78]}
        path.write_text(json.dumps({**summary, "build": "0000000", "shapes": [shape]}))
        out = self.weir(*words, "1..4").stdout
        self.assertIn("2 saved failures ran first: none came back", out)
        self.assertIn("shape 6f2a of lost-response was 40.00 % before (build 0000000); 6 clean seeds needed for 95 % at "
                      "that rate, 17 at the low end of its interval; you ran 4: too few to say", out)
        self.assertIn("you ran 20: gone", self.weir(*words, "1..20").stdout)  # remembered in before.json

    @unittest.skipIf(SANITIZED, "hundreds of traced runs")
    def test_a_sweep_stops_at_a_new_shape_and_not_at_an_old_one(self):
        words = ["sweep", "lost-response", *QUICK, *FAILING, "--until-new", "--runs", "r"]
        out = self.weir(*words, "--seeds", "1..300", expect=1).stdout
        self.assertIn("256 seeds x 1 scenario", out)  # one round
        self.assertIn("stopped: a shape that was not known before", out)
        path = self.only_sweep("r") / "summary.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "build": "0000000"}))
        out = self.weir(*words, "--seeds", "1..257", expect=1).stdout
        self.assertNotIn("stopped", out)
        self.assertIn("257 seeds", out)  # beyond the round in which it came again

    def test_failing_runs_are_kept_and_replay(self):
        self.weir("sweep", "lost-response", "--seeds", "5..6", *QUICK, *FAILING, expect=1)
        kept = sorted((self.folder / "runs").glob("lost-response+*/*"))
        self.assertEqual([p.name for p in kept], ["0x5"])
        self.assertTrue((kept[0] / "repro.json").exists())
        self.weir("replay", str(kept[0]), "--no-report", expect=1)

    def test_nothing_is_written_where_nothing_is_to_be_kept(self):
        self.weir("sweep", "lost-response", "--seeds", "1..2", "--no-keep", *FAILING, expect=1)
        self.weir("sweep", "lost-response", "--seeds", "1..2", "--plan")
        self.assertEqual(list(self.folder.iterdir()), [])


class Coverage(Lab):
    def test_required_cells_and_witnesses_make_a_sweep_inconclusive(self):
        words = ["sweep", "lost-response", "--seeds", "1..3", *QUICK]
        cell = '{"fault":"lose_response","state":"calm","guarantee":"durability.acked"}'
        self.weir(*words, "--set", f"check.require_covered=[{cell}]",
                  "--set", 'check.require_witnessed=["no-idempotence.repeats"]')
        out = self.weir(*words, "--set", 'check.require_covered=[{"fault":"kill","state":"unclean"}]',
                        "--set", 'check.require_witnessed=["at-most-once.loses"]', "--runs", "r", expect=2).stdout
        self.assertIn("INCONCLUSIVE  lost-response: kill x unclean was never visited", out)
        self.assertIn("INCONCLUSIVE  lost-response: the witness at-most-once.loses never appeared", out)
        out = self.weir("coverage", str(self.only_sweep("r")), "--no-report", expect=2).stdout
        self.assertIn("kill x unclean was never visited", out)
        out = self.weir(*words, "--set", 'check.require_covered=[{"fault":"kil","state":"calm"}]', expect=64).stderr
        self.assertIn("$.check.require_covered[0].fault", out)
        self.assertIn("did you mean", out)

    def test_the_matrix_is_that_of_the_runs(self):
        self.weir("sweep", "lost-response", "flaky-network", "--seeds", "1..4", *QUICK)
        folder = str(self.only_sweep())
        matrix = json.loads(self.weir("coverage", folder, "--json").stdout)
        self.assertEqual(matrix["format"], "weir-coverage/1")
        self.assertEqual(matrix["runs"], 8)
        cells = {(c["fault"], c["state"]): c for c in matrix["cells"]}
        self.assertEqual(len(cells) + len(matrix["never"]), len(matrix["faults"]) * len(matrix["states"]))
        self.assertGreaterEqual(cells["lose_response", "calm"]["runs"], 4)
        for cell in matrix["cells"]:
            self.assertTrue(all(0 < runs <= cell["runs"] for runs in cell["guarantees"].values()), cell)
        text = self.weir("coverage", folder, "--no-report").stdout
        self.assertIn("never struck:", text)
        self.assertIn("never seen:", text)
        self.assertIn("lose_response", text)

    def test_the_page_stands_alone_and_is_the_same_twice(self):
        self.weir("sweep", "lost-response", "--seeds", "1..3", "--corpus", "none", *FAILING, "--max-shapes", "0", expect=1)
        folder = self.only_sweep()
        before = self.contents(folder)
        names = {p.name for p in before}
        self.assertLessEqual({"index.html", "coverage.svg", "coverage.csv", "rates.svg", "rates.csv"}, names)
        self.weir("report", str(folder))
        self.assertEqual(before, self.contents(folder))
        page = (folder / "index.html").read_text()
        for there in ("dup.idempotent", "95 % interval", "Never struck: kill", "1 failure shape"):
            self.assertIn(there, page)
        for absent in ("<script", 'src="http', "file://"):
            self.assertNotIn(absent, page)


class ContinuousIntegration(Lab):
    def junit(self, name="weir.xml"):
        root = ElementTree.parse(self.folder / name).getroot()
        self.assertEqual(root.tag, "testsuites")
        total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        for suite in root:
            self.assertEqual(suite.tag, "testsuite")
            self.assertEqual(suite[0].tag, "properties")
            cases = suite.findall("testcase")
            self.assertEqual(len(cases) + 1, len(list(suite)))
            self.assertEqual(len({case.get("name") for case in cases}), len(cases))
            found = {"tests": len(cases)}
            for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                found[key] = sum(case.find(tag) is not None for case in cases)
            for key, count in found.items():
                self.assertEqual(suite.get(key), str(count), suite.get("name"))
                total[key] += count
        self.assertEqual({key: root.get(key) for key in total}, {key: str(n) for key, n in total.items()})
        return root

    def test_junit_has_a_case_for_each_guarantee(self):
        self.weir("sweep", "lost-response", "flaky-network", "--seeds", "1..3", "--no-keep", "--junit", "weir.xml",
                  *FAILING, expect=1)
        root = self.junit()
        self.assertEqual([s.get("name") for s in root], ["saved failures", "lost-response", "flaky-network"])
        cases = {case.get("name"): case for case in root[1].findall("testcase")}
        failure = cases["dup.idempotent"].find("failure")
        self.assertIn("weir run lost-response --seed 0x1 --set", failure.get("message"))
        self.assertIn("3 of 3 seeds", failure.text)
        self.assertEqual(cases["delivery.at-most-once"].find("skipped").get("message"), "not promised")
        self.assertEqual(list(cases["durability.acked"]), [])
        properties = {p.get("name"): p.get("value") for p in root[1].find("properties")}
        self.assertEqual(properties["seeds"], "3")
        self.assertRegex(properties["shapes"], r"^[0-9a-f]{4}$")

    def test_junit_of_a_sweep_that_lacks_what_it_needs_is_in_error(self):
        self.weir("sweep", "lost-response", "--seeds", "1..2", "--no-keep", "--corpus", "none", "--junit", "weir.xml",
                  "--set", 'check.require_witnessed=["weak-acks.lose"]', expect=2)
        errors = self.junit()[0].findall("testcase[@name='coverage']/error")
        self.assertEqual([e.get("message") for e in errors], ["the witness weak-acks.lose never appeared"])

    def test_github_gets_annotations_and_a_summary(self):
        out = self.weir("sweep", "lost-response", "--seeds", "1..3", *QUICK, *FAILING, expect=1,
                        env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "summary.md"}).stdout
        notes = [line for line in out.splitlines() if line.startswith("::")]
        self.assertEqual(len(notes), 1, out)
        self.assertRegex(notes[0], r"^::error file=scenarios/library/lost-response\.json,line=\d+,"
                                   r"title=dup\.idempotent violated%2C shape [0-9a-f]{4}::lost-response: ")
        self.assertIn("%0Aweir run lost-response --seed 0x1", notes[0])
        summary = (self.folder / "summary.md").read_text()
        self.assertIn("| dup.idempotent | **VIOLATED** | 3 violated |", summary)
        self.assertIn("What led to the first failure of shape", summary)
        self.assertEqual(summary.count("```") % 2, 0)
        # A table for people, and nothing for the runner, elsewhere.
        self.assertNotIn("::error", self.weir("sweep", "lost-response", "--seeds", "1..3", *QUICK, *FAILING,
                                              expect=1).stdout)

    def test_the_metrics_are_open_metrics(self):
        self.weir("sweep", "lost-response", "flaky-network", "--seeds", "1..3", "--no-keep", "--corpus", "none",
                  "--metrics", "weir.prom", *FAILING, expect=1)
        lines = (self.folder / "weir.prom").read_text().splitlines()
        self.assertEqual(lines[-1], "# EOF")
        types = {}
        for line in lines[:-1]:
            if line.startswith("# TYPE "):
                name, kind = line.split()[2:]
                self.assertNotIn(name, types)
                types[name] = kind
            elif not line.startswith("# HELP "):
                name = re.fullmatch(r'([a-z_]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.]+', line).group(1)
                family = name[:-6] if name.endswith("_total") else name
                self.assertEqual(types[family], "counter" if name.endswith("_total") else "gauge", line)
        self.assertIn('weir_seeds_total{scenario="lost-response"} 3', lines)
        self.assertIn('weir_failures_total{scenario="lost-response",guarantee="dup.idempotent"} 3', lines)

    def test_a_single_run_writes_junit(self):
        self.weir("run", "lost-response", "--no-report", "--junit", "weir.xml", *FAILING, expect=1)
        root = self.junit()
        self.assertEqual([s.get("name") for s in root], ["lost-response"])
        self.assertEqual(len(root.findall(".//failure")), 1)

    def test_a_report_that_cannot_be_written_is_told(self):
        out = self.weir("sweep", "lost-response", "--seeds", "1..2", "--no-keep", "--corpus", "none", "--junit",
                        "nowhere/weir.xml", expect=70).stderr
        self.assertIn("nowhere/weir.xml: No such file or directory", out)


class Workflow(Lab):
    """scenarios/ci/weir.yml: every command in it is one that the program takes."""

    def commands(self):
        text = (ROOT / "scenarios/ci/weir.yml").read_text()
        return [match.strip() for match in re.findall(r"^ *(?:- )?(?:run: )?\./weir (.*)$", text, re.M)]

    def test_its_commands_are_valid(self):
        commands = self.commands()
        self.assertEqual(len(commands), text_count("./weir ", ROOT / "scenarios/ci/weir.yml"))
        self.assertGreaterEqual({c.split()[0] for c in commands}, {"sweep", "merge", "coverage", "mutants"})
        helps = {}
        for command in commands:
            verb, *words = shlex.split(command.replace("${{ matrix.part }}", "2").replace("$GITHUB_SHA", "0123456789" * 4))
            if verb not in helps:
                helps[verb] = self.weir(verb, "--help").stdout
            for word in words:
                if word.startswith("--"):
                    self.assertRegex(helps[verb], rf"(^|[ ,]){re.escape(word)}\b", command)
            if verb == "sweep":
                self.assertIn("part ", self.weir("sweep", *words, "--plan").stdout)

    def test_it_is_yaml_with_the_jobs_that_it_describes(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("no python3-yaml")
        workflow = yaml.safe_load((ROOT / "scenarios/ci/weir.yml").read_text())
        self.assertEqual(list(workflow["jobs"]), ["smoke", "nightly", "result", "canaries"])
        runs = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
        self.assertEqual([run.removeprefix("./weir ").strip() for run in runs], self.commands())
        parts = workflow["jobs"]["nightly"]["strategy"]["matrix"]["part"]
        self.assertEqual(parts, list(range(1, len(parts) + 1)))
        for job in ("nightly", "canaries"):
            of = workflow["jobs"][job]["strategy"]["matrix"]["part"]
            self.assertTrue(any(f"/{len(of)}" in step.get("run", "") for step in workflow["jobs"][job]["steps"]))


def text_count(what, path):
    return sum(what in line and not line.lstrip().startswith("#") for line in path.read_text().splitlines())


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
