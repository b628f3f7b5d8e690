"""What must hold between runs of the command line: same bytes twice, any number of jobs, replay, interruption, full disk."""

import filecmp
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

WEIR = str(pathlib.Path(sys.argv.pop(1)).resolve())
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "WEIR_CALLED_AS": "weir"}


def weir(*words, cwd=None):
    return subprocess.run([WEIR, *words], cwd=cwd, capture_output=True, text=True, timeout=240, env=ENVIRONMENT)


def files_below(folder):
    return sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file() and "latest" not in p.parts)


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)

    def tearDown(self):
        self.place.cleanup()

    def test_two_processes_write_the_same_bytes(self):
        for top in ("a", "b"):
            result = weir("run", "flaky-network", "--seed", "5", "--runs", top, "--no-report", cwd=self.folder)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        names = files_below(self.folder / "a")
        self.assertEqual(names, files_below(self.folder / "b"))
        self.assertGreater(len(names), 8)
        for name in names:
            if name.name != "run-info.json":
                self.assertTrue(filecmp.cmp(self.folder / "a" / name, self.folder / "b" / name, shallow=False), name)

    def test_the_report_is_the_same_twice_and_stands_alone(self):
        weir("run", "lost-response", cwd=self.folder)
        report = self.folder / "runs/lost-response/0x1/report"
        before = {p.name: p.read_bytes() for p in report.iterdir()}
        self.assertLessEqual({"index.html", "sequence.svg", "matrix.svg", "latency.svg", "matrix.csv"}, set(before))
        self.assertEqual(weir("report", "runs/latest", cwd=self.folder).returncode, 0)
        self.assertEqual(before, {p.name: p.read_bytes() for p in report.iterdir()})
        page = before["index.html"].decode()
        self.assertNotIn("<script", page)
        self.assertNotIn('src="http', page)
        self.assertIn("P1:2", before["sequence.svg"].decode())
        self.assertIn("1 stored twice", page)

    def test_a_profile_is_at_each_seed_what_the_sweep_ran_and_its_kept_run_repeats(self):
        sweep = weir("sweep", "random-broker", "--seeds", "3..5", "--json", "--double-ratio", "0", cwd=self.folder)
        swept = {line["seed"]: line["fingerprint"] for line in map(json.loads, sweep.stdout.splitlines())}
        drawn = set()
        for seed in (3, 4, 5):
            verdict = weir("run", "random-broker", "--seed", str(seed), "--json", "--no-report", cwd=self.folder)
            self.assertEqual(json.loads(verdict.stdout)["fingerprint"], swept[seed])
            kept = self.folder / f"runs/random-broker/{seed:#x}"
            scenario = json.loads((kept / "scenario.json").read_text())
            self.assertNotIn("draw", scenario)
            drawn.add(json.dumps(scenario["topics"]) + json.dumps(scenario["clients"]))
            self.assertEqual(weir("replay", str(kept), "--no-report", cwd=self.folder).returncode, 0)
        self.assertEqual(len(drawn), 3, "each seed draws for itself")

    def test_a_sweep_does_not_depend_on_the_number_of_jobs(self):
        words = ["sweep", "flaky-network", "lost-response", "--seeds", "1..8"]
        one = weir(*words, "--jobs", "1", cwd=self.folder)
        three = weir(*words, "--jobs", "3", cwd=self.folder)
        self.assertEqual(one.returncode, 0, one.stdout + one.stderr)
        self.assertEqual(one.stdout, three.stdout)
        lines = weir(*words, "--jobs", "2", "--corpus", "none", "--json", cwd=self.folder).stdout.splitlines()
        self.assertEqual([json.loads(line)["index"] for line in lines], list(range(16)))

    def test_replay_asserts_the_fingerprint(self):
        weir("run", "lost-response", "--no-report", cwd=self.folder)
        kept = self.folder / "runs/lost-response/0x1/repro.json"
        self.assertEqual(weir("replay", str(kept), "--no-report", "--runs", "again", cwd=self.folder).returncode, 0)
        self.assertEqual(weir("replay", "lost-response/0x1", "--no-report", cwd=self.folder).returncode, 0)
        repro = json.loads(kept.read_text())
        repro["fingerprint"] = "0" * 16
        kept.write_text(json.dumps(repro))
        self.assertEqual(weir("replay", str(kept), "--no-report", cwd=self.folder).returncode, 3)

    def test_a_story_with_futures_draws_the_doom_curve_and_does_not_depend_on_jobs(self):
        told = [weir("explain", "lost-response", "--futures", "3", "--jobs", jobs, "--set",
                     'check.promise=["dup.idempotent"]', "--set", "expect={}", cwd=self.folder) for jobs in ("1", "3")]
        self.assertEqual(told[0].returncode, 0, told[0].stdout + told[0].stderr)
        self.assertIn("3 re-drawn futures end so", told[0].stdout)
        first, second = (result.stdout.split("picture")[0] for result in told)
        self.assertEqual(first, second)
        run = next((self.folder / "runs").glob("lost-response+*/0x1"))
        points = json.loads((run / "futures.json").read_text())["points"]
        self.assertEqual([point["step"] for point in points], list(range(len(points))))
        self.assertIn("doom.svg", {p.name for p in (run / "report").iterdir()})
        self.assertIn('id="doom"', (run / "report/index.html").read_text())
        # What is drawn of a run is of that run: a new one has no futures until somebody asks.
        weir("run", "lost-response", "--set", 'check.promise=["dup.idempotent"]', "--set", "expect={}", cwd=self.folder)
        self.assertFalse((run / "futures.json").exists() or (run / "report/doom.svg").exists())

    def test_a_run_of_another_build_is_explained_from_its_files(self):
        weir("run", "lost-response", "--no-report", cwd=self.folder)
        kept = self.folder / "runs/lost-response/0x1/repro.json"
        repro = json.loads(kept.read_text())
        repro["build"] = "0000000"
        kept.write_text(json.dumps(repro))
        result = weir("explain", "lost-response/0x1", cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("told from its files", result.stderr)
        self.assertIn("P1:2 to b1, attempt 2", result.stdout)
        self.assertNotIn("which step is at fault", result.stdout)
        life = weir("explain", "lost-response/0x1", "P1:2", cwd=self.folder).stdout
        self.assertIn("stored twice, at the end in the log of b1", life)
        self.assertEqual(weir("explain", "lost-response/0x1", "--futures", "2", cwd=self.folder).returncode, 64)

    def test_two_runs_part_where_a_knob_was_turned(self):
        weir("run", "lost-response", "--no-report", cwd=self.folder)
        weir("run", "lost-response", "--no-report", "--set", "clients.P1.config.enable.idempotence=true",
             cwd=self.folder)
        other = next((self.folder / "runs").glob("lost-response+*")).name + "/0x1"
        result = weir("diff", "lost-response/0x1", other, cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        for line in ("changed  $.clients[P1].config.enable.idempotence: false -> true", "identical for ",
                     "  A  #", "  B  #", "stored twice                      1 -> 0"):
            self.assertIn(line, result.stdout)
        same = weir("diff", "lost-response/0x1", "lost-response/0x1", "--json", cwd=self.folder)
        self.assertIs(json.loads(same.stdout)["same"], True)
        self.assertEqual(weir("diff", "lost-response/0x1", "nowhere/0x1", cwd=self.folder).returncode, 64)

    def test_a_history_is_judged_as_the_run_was(self):
        weir("run", "lost-response", "--no-report", cwd=self.folder)
        history = self.folder / "runs/lost-response/0x1/history.jsonl"
        report = json.loads(weir("check", "--json", str(history)).stdout)
        # Nobody promised that there would be none, so it is told, and fails nothing.
        self.assertIn("duplicate", [note["kind"] for note in report["notes"]])
        self.assertEqual(report["findings"], [])
        self.assertIs(report["verdicts"]["at-most-once"], False)
        self.assertIs(report["verdicts"]["at-least-once"], True)

    def test_a_history_that_was_cut_off_proves_no_absence(self):
        weir("run", "crash-and-return", "--no-report", cwd=self.folder)
        history = self.folder / "runs/crash-and-return/0x1/history.jsonl"
        lines = history.read_text().splitlines(True)
        cut = self.folder / "cut.jsonl"
        cut.write_text("".join(lines[:-1]))
        result = weir("check", "--json", "--contract", "at-least-once", str(cut))
        self.assertEqual(result.returncode, 2, result.stdout[-500:])

    def test_an_interrupted_sweep_says_so(self):
        process = subprocess.Popen([WEIR, "sweep", "storm", "--seeds", "1..100000"], cwd=self.folder, env=ENVIRONMENT,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertIn("interrupted", out)

    def test_a_full_disk_is_told_and_harms_nothing(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        weir("run", "lost-response", "--no-report", cwd=self.folder)
        folder = self.folder / "runs/lost-response/0x1"
        before = (folder / "history.jsonl").read_bytes()
        (folder / "history.jsonl.new").symlink_to("/dev/full")
        result = weir("run", "lost-response", "--no-report", cwd=self.folder)
        self.assertEqual(result.returncode, 70)
        self.assertIn("history.jsonl: No space left on device", result.stderr)
        self.assertEqual(before, (folder / "history.jsonl").read_bytes())

    def test_survival_curves_tell_what_was_found_and_when(self):
        hunts = [{"name": name, "found": cpu is not None, "cpu_seconds": cpu or 60, "expected_guarantee": guarantee}
                 for name, cpu, guarantee in (("a", 0.5, "dup.idempotent"), ("b", 5.5, "hw.monotonic"),
                                              ("c", None, "hw.monotonic"), ("canary", 0.1, "expect"))]
        (self.folder / "hunts.jsonl").write_text("".join(json.dumps(h) + "\n" for h in hunts))
        program = str(pathlib.Path(__file__).resolve().parents[2] / "reports/survival.py")
        words = ["/usr/bin/python3", "-B", program, "plain=hunts.jsonl"]
        drawn = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(drawn.stdout, "plain: 2 of 3 found, half of them within 5.5 CPU-s\n", drawn.stderr)
        self.assertEqual((self.folder / "survival.csv").read_text(),
                         "hunt,cpu_seconds,alive\nplain,0.000,1.0000\nplain,0.500,0.6667\nplain,5.500,0.3333\n")
        (self.folder / "hunts.jsonl").write_text("{}\n")
        refused = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(refused.returncode, 64)
        self.assertIn("hunts.jsonl:1: expected an object of `weir mutants --json`", refused.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
