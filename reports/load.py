"""A run folder as values: verdict.json, scenario.json and the events, one fact a line."""

import json
import pathlib
import sys


class BadRun(Exception):
    """A run folder that cannot be read: says which file, and what was expected."""


def read_json(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadRun(f"{path}: not there; expected a run folder as `weir run` writes it") from None
    except (OSError, ValueError) as error:
        raise BadRun(f"{path}: {error}; expected JSON") from None


class Run:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.verdict = read_json(self.folder / "verdict.json")
        self.scenario = read_json(self.folder / "scenario.json")
        self.events = []
        path = self.folder / "events.jsonl"
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise BadRun(f"{path}: {error.strerror}; `weir replay {self.folder}/repro.json` writes it") from None
        for number, line in enumerate(lines, 1):
            try:
                self.events.append(json.loads(line))
            except ValueError as error:
                raise BadRun(f"{path}:{number}: {error}; expected one JSON object a line") from None
        self.by_seq = {event["seq"]: event for event in self.events}
        self.end = max((event["t"] for event in self.events), default=0)

    @property
    def name(self):
        return f"{self.verdict['scenario']}, seed {self.verdict['seed']}"

    def clients(self):
        """Names of the nodes that were configured as clients, in the order of the scenario, `drain` last."""
        names = [client["id"] for client in self.scenario.get("clients", [])]
        return names + ["drain"]

    def lanes(self):
        """Producers, brokers, consumers: the order of every figure."""
        producers, consumers = [], []
        for client in self.scenario.get("clients", []):
            (producers if client.get("kind") == "producer" else consumers).append(client["id"])
        seen = {event["n"] for event in self.events}
        brokers = sorted((n for n in seen if n not in producers and n not in consumers and n not in ("drain", "world")),
                         key=lambda n: (len(n), n))
        return producers + brokers + [c for c in consumers if c in seen] + (["drain"] if "drain" in seen else [])

    def fault_bands(self):
        """(begin, end, label) of each fault; one that is over at once is a band without width."""
        bands, open_faults = [], {}
        for event in self.events:
            if event["what"] == "fault.injected":
                open_faults[event.get("record", "")] = event
            elif event["what"] == "fault.healed":
                began = open_faults.pop(event.get("record", ""), None)
                if began is not None:
                    bands.append((began["t"], event["t"], began.get("why", "fault")))
        for event in open_faults.values():
            bands.append((event["t"], event["t"], event.get("why", "fault")))
        return sorted(bands)

    def bad_guarantees(self):
        return [g for g in self.verdict["guarantees"] if g["verdict"] == "violated"]


def fail(message):
    print(f"weir report: {message}", file=sys.stderr)
    return 64
