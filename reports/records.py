"""The fate of every record of a run, folded from the events: sent, acknowledged, stored, delivered."""


class Fate:
    def __init__(self, identity, sent):
        self.identity = identity     # "P1:17"
        self.sent = sent             # virtual ns of the invocation
        self.done = None             # of its outcome
        self.outcome = "unknown"     # acknowledged, failed or unknown (also: never answered)
        self.partition = None
        self.offset = None
        self.stored = set()          # (partition, offset) where a read found it
        self.delivered = {}          # consumer life -> number of deliveries; the drain does not count

    @property
    def lost(self):
        return self.outcome == "acknowledged" and not self.stored

    @property
    def duplicated(self):
        return len(self.stored) > 1

    @property
    def most_deliveries(self):
        return max(self.delivered.values(), default=0)


def fates(run):
    """Fate by identity, in the order of sending."""
    records, lives = {}, {}
    outcomes = {"send.acknowledged": "acknowledged", "send.failed": "failed", "send.unknown": "unknown"}
    for event in run.events:
        what, identity = event["what"], event.get("record")
        if what == "node.started":
            lives[event["n"]] = lives.get(event["n"], 0) + 1
        elif what == "send.invoked":
            records[identity] = Fate(identity, event["t"])
        elif what in outcomes and identity in records:
            fate = records[identity]
            fate.done, fate.outcome = event["t"], outcomes[what]
            fate.partition = event.get("tp")
            fate.offset = event.get("value", 0)
        elif what == "poll.record" and identity in records:
            fate = records[identity]
            fate.stored.add((event.get("tp"), event.get("value", 0)))
            if event["n"] != "drain":
                reader = (event["n"], lives.get(event["n"], 0))
                fate.delivered[reader] = fate.delivered.get(reader, 0) + 1
    return records
