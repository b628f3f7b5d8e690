"""Who led, who was in sync, and who was up: the cluster's committed state over time, folded from the events."""

import re

DOWN = {"node.killed", "node.power_lost", "node.stopped", "node.failed", "assertion.failed"}


def broker_name(identity):
    """Controllers that are no brokers have ids from 3001 on."""
    return f"k{identity - 3000}" if identity > 3000 else f"b{identity}"


def numbers(text, key):
    found = re.search(rf"\b{key}=([0-9,]*)", text or "")
    return [int(n) for n in found.group(1).split(",") if n] if found else []


class Span:
    def __init__(self, begin, end, **what):
        self.begin, self.end = begin, end
        self.__dict__.update(what)


def partition_spans(run):
    """By partition: spans of one committed state each (leader, epoch, replicas, isr)."""
    spans = {}
    for event in run.events:
        if event["what"] != "partition.changed":
            continue
        states = spans.setdefault(event["tp"], [])
        if states:
            states[-1].end = event["t"]
        record = event.get("record", "")
        states.append(Span(event["t"], run.end, leader=event.get("value", 0), epoch=event.get("epoch", 0),
                           replicas=numbers(record, "replicas"), isr=numbers(record, "isr"), why=event.get("why", "")))
    return spans


def controller_spans(run):
    spans = []
    for event in run.events:
        if event["what"] == "controller.activated":
            if spans:
                spans[-1].end = min(spans[-1].end, event["t"])
            spans.append(Span(event["t"], run.end, node=event["n"], epoch=event.get("epoch", 0)))
        elif event["what"] in DOWN or event["what"] == "controller.resigned":
            if spans and spans[-1].node == event["n"]:
                spans[-1].end = min(spans[-1].end, event["t"])
    return spans


def down_spans(run):
    """By node: when it was not up."""
    spans, since = {}, {}
    for event in run.events:
        if event["what"] in DOWN:
            since.setdefault(event["n"], event["t"])
        elif event["what"] == "node.started" and event["n"] in since:
            spans.setdefault(event["n"], []).append((since.pop(event["n"]), event["t"]))
    for node, begin in since.items():
        spans.setdefault(node, []).append((begin, run.end))
    return spans


def busiest(spans):
    """The partition whose committed state changed most often."""
    return max(sorted(spans), key=lambda tp: len(spans[tp]), default=None)
