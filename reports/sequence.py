"""The sequence around the point of interest: who told whom what, in which order, and what broke.

One row an event, lanes in the order producers, brokers, consumers; the story stands at the right. The rows are the
causes of the events that a verdict names, what happened to the record in question, and the faults; at most 60, the
end is never cut.
"""

from records import fates
from style import DARK, DOWN, GREEN, GREY, ORANGE, PURPLE, VERMILION, Figure, plt

MOST_ROWS = 60
MOST_CAUSES = 400
ROW = 0.3            # inches
SENDS = ("request.sent", "response.sent")
FAULT = "fault.injected"
FAULTS = (FAULT, "fault.healed")
SILENT = ("poll.invoked", "poll.completed", "client.configured", "records.served", "answer.told",
          "connection.opened")
PRODUCE = 0          # its API key
MARGIN_NS = 1_000_000
DOWN_BEGINS = ("node.killed", "node.power_lost", "node.stopped", "node.failed", "assertion.failed")


def addresses(violation):
    """The event numbers that a violation or finding names: "#117" or 117."""
    for key in ("made", "broken", "seen", "noticed"):
        value = violation.get(key)
        if isinstance(value, str) and value.startswith("#"):
            value = value[1:].replace(",", "")
        try:
            yield int(value)
        except (TypeError, ValueError):
            pass


def interest(run):
    """(events to explain, record in question, word): a violation if there is one, else what a guarantee shows."""
    guarantees = sorted(run.verdict["guarantees"], key=lambda g: g["verdict"] != "violated")
    for guarantee in guarantees:
        for violation in guarantee.get("violations", []):
            found = [seq for seq in addresses(violation) if seq in run.by_seq]
            if found:
                return found, violation, guarantee
    faults = [e["seq"] for e in run.events if e["what"] == FAULT]
    return faults[:1], {}, None


def causes(run, focus):
    """The focus and everything that led to it, nearest first, up to a limit."""
    chosen, queue = set(), list(focus)
    while queue and len(chosen) < MOST_CAUSES:
        seq = queue.pop(0)
        event = run.by_seq.get(seq)
        if event is None or seq in chosen:
            continue
        chosen.add(seq)
        queue.append(event["cause"])
    return chosen


def arrivals(run):
    """seq of each message that was sent -> the event of its arrival."""
    waiting, found = {}, {}
    pairs = {"request.sent": "request.received", "response.sent": "response.received"}
    back = {received: sent for sent, received in pairs.items()}
    for event in run.events:
        what = event["what"]
        if what in pairs:
            waiting.setdefault((what, event["n"], event.get("peer"), event.get("op")), []).append(event)
        elif what in back:
            key = (back[what], event.get("peer"), event["n"], event.get("op"))
            if waiting.get(key):
                found[waiting[key].pop(0)["seq"]] = event
    return found


def record_of(run, violation):
    """The fate of the record that a violation is about, or None: "orders-0@17" is where one copy of it lies."""
    place, _, offset = (violation.get("record") or "").rpartition("@")
    for fate in fates(run).values():
        copies = fate.stored | {(fate.partition, fate.offset)}
        if offset.isdigit() and (place, int(offset)) in copies:
            return fate
    return None


def is_about(event, fate, place):
    """Whether an event concerns this record: its own facts, its log's facts, or the producing that carried it."""
    what = event["what"]
    if what.startswith("send.") or what == "poll.record":
        return event.get("record") == fate.identity
    if what == "log.appended" and event.get("tp") == place:
        return any(tp == place and event["old"] <= offset <= event["value"] for tp, offset in fate.stored)
    if what in ("append.deduplicated", "append.refused", "log.truncated"):
        return event.get("tp") == place
    if event.get("api") == PRODUCE:
        client = fate.identity.rpartition(":")[0]
        return client in (event["n"], event.get("peer")) and place in event.get("why", "")
    return False


def pick(run, focus, violation):
    """The rows: causes of what is to be explained, what concerns the record, faults; in order of time."""
    fate = record_of(run, violation)
    place = (violation.get("record") or "").rpartition("@")[0]
    times = [run.by_seq[seq]["t"] for seq in focus]
    begin, end = min(times), max(times)
    if fate is not None:
        begin, end = min(begin, fate.sent), max(end, fate.done or end)
    margin = max((end - begin) // 10, MARGIN_NS)
    chosen = set()
    reads = set()
    near = causes(run, focus)
    for event in run.events:
        fault = event["what"] in FAULTS or event["what"] in DOWN_BEGINS or event["what"] == "node.started"
        if fate is not None and event["what"] == "poll.record" and event.get("record") == fate.identity:
            # The first reads of each copy tell the end of the story, however late they are.
            key = (event["n"], event.get("value"))
            if key not in reads:
                reads.add(key)
                chosen.add(event["seq"])
            continue
        if not begin - margin <= event["t"] <= end + margin:
            continue
        if event["seq"] in near or (fault and event["t"] >= begin - margin) or \
                (fate is not None and is_about(event, fate, place)):
            chosen.add(event["seq"])
    arrived = arrivals(run)
    # An arrival is drawn as the head of its arrow, not as a row of its own, when its sending is a row.
    heads = {arrival["seq"] for sent, arrival in arrived.items() if sent in chosen}
    rows = [run.by_seq[seq] for seq in sorted(chosen - heads)]
    return [e for e in rows if e["what"] not in SILENT], arrived


def story(event):
    """What an event says to a person, and its colour."""
    what, why = event["what"], event.get("why", "")
    tp, record = event.get("tp", ""), event.get("record", "")
    old, value = event.get("old", 0), event.get("value", 0)
    told = {
        "send.invoked": (f"the application sends {record}", DARK),
        "send.attempted": (f"attempt {value}: {record or 'a batch'} to {event.get('peer') or tp}", DARK),
        "send.acknowledged": (f"{record} acknowledged at {tp}@{value}: the promise", GREEN),
        "send.failed": (f"{record} failed: {why}", DARK),
        "send.unknown": (f"{record}: nobody knows ({why})", ORANGE),
        "log.appended": (f"{tp} stores offsets {old} to {value}", DARK),
        "log.truncated": (f"{tp} is cut from {old} to {value}: {why}", VERMILION),
        "log.opened": (f"{tp} opens with offsets {old} to {value}", DARK),
        "log.synced": (f"{tp} is durable below {value}", DARK),
        "hw.advanced": (f"{tp} high watermark {old} -> {value}", DARK),
        "append.deduplicated": (f"{tp} knows the batch: stored before at {old}", GREEN),
        "append.refused": (f"{tp} refuses the batch: {why}", ORANGE),
        "poll.record": (f"reads {record or 'a record'} at {tp}@{value}", DARK),
        "message.dropped": (f"lost on the way to {event.get('peer', '')}: {why}", ORANGE),
        "disk.lost": (f"{record}: {value} bytes {why}", VERMILION),
        "fault.injected": (f"fault: {why}", ORANGE),
        "fault.healed": (f"over: {why}", DARK),
        "node.started": ("starts", DARK),
    }
    if what in told:
        return told[what]
    return (f"{why}" if what in SENDS and why else f"{what} {why} {tp}".rstrip()), DARK


def draw(run):
    focus, violation, guarantee = interest(run)
    if not focus:
        return None
    rows, arrived = pick(run, focus, violation)
    folded = max(len(rows) - MOST_ROWS, 0)
    rows = rows[folded:]
    used = {e["n"] for e in rows} | {e.get("peer") for e in rows}
    lanes = [lane for lane in run.lanes() if lane in used]
    if not rows or not lanes:
        return None
    x_of = {lane: i for i, lane in enumerate(lanes)}
    height = max(len(rows) * ROW + 0.9, 2.0)
    figure, axes = plt.subplots(figsize=(11, height))
    down = {}

    def close_down(lane, until):
        begin = down.pop(lane)
        axes.add_patch(plt.Rectangle((x_of[lane] - 0.09, begin), 0.18, until - begin, facecolor=DOWN, edgecolor=GREY,
                                     hatch="////", linewidth=0, zorder=2))

    for number, event in enumerate(rows):
        text, colour = story(event)
        lane = event["n"] if event["n"] in x_of else None
        in_focus = event["seq"] in focus
        if in_focus and guarantee is not None and guarantee["verdict"] == "violated" and event["seq"] == max(focus):
            colour = VERMILION
        elif in_focus and guarantee is not None and colour == DARK:
            colour = PURPLE
        axes.text(-0.62, number, f"{event['t'] / 1e6:,.3f}", ha="right", va="center", fontsize=8, color=GREY)
        axes.text(len(lanes) - 0.35, number, f"#{event['seq']}", va="center", fontsize=8, color=GREY)
        axes.text(len(lanes) + 0.35, number, text, va="center", fontsize=9, color=colour,
                  fontweight="bold" if in_focus else "normal")
        if lane is None:
            continue
        peer = event.get("peer")
        if event["what"] in SENDS and peer in x_of:
            arrival = arrived.get(event["seq"])
            lost = arrival is None
            line = ORANGE if lost else (GREEN if event["what"] == "response.sent" and in_focus else DARK)
            end = x_of[peer] if not lost else x_of[lane] + 0.7 * (x_of[peer] - x_of[lane])
            axes.annotate("", xy=(end, number + 0.3), xytext=(x_of[lane], number - 0.3),
                          arrowprops=dict(arrowstyle="-" if lost else "-|>", color=line, linewidth=1.3,
                                          linestyle=":" if lost else "-", shrinkA=0, shrinkB=0))
            if lost:
                axes.plot([end], [number + 0.3], marker="x", color=ORANGE, markersize=8, markeredgewidth=2)
        else:
            axes.plot([x_of[lane]], [number], marker="s" if event["k"] == "fault" else "o", markersize=5,
                      color=colour, zorder=3)
        if event["what"] in DOWN_BEGINS:
            down[lane] = number
        elif event["what"] == "node.started" and lane in down:
            close_down(lane, number)
    for lane in list(down):
        close_down(lane, len(rows) - 0.4)
    for lane, x in x_of.items():
        axes.plot([x, x], [-0.7, len(rows) - 0.3], color="#bbbbbb", linewidth=1.2, zorder=0)
        axes.text(x, -0.95, lane, ha="center", va="bottom", fontweight="bold")
    axes.text(-0.62, -0.95, "ms", ha="right", va="bottom", color=GREY, fontsize=8)
    axes.set_xlim(-1.3, len(lanes) + 7)
    axes.set_ylim(len(rows) - 0.2, -1.6)
    axes.axis("off")
    figure.subplots_adjust(left=0.01, right=0.99, top=1 - 0.1 / height, bottom=0.1 / height)
    if guarantee is None:
        title = "What happened around the first fault"
    else:
        word = guarantee["verdict"].upper() if guarantee["verdict"] == "violated" else guarantee["verdict"]
        title = f"{guarantee['id']} {word}: {violation.get('record', '')}".rstrip(": ")
    caption = "One row an event; numbers with # are addresses in events.jsonl; a dotted arrow never arrived."
    if folded:
        caption += f" {folded} earlier rows are folded away."
    data = [[e["seq"], e["t"], e["n"], e["what"], story(e)[0]] for e in rows]
    return Figure("sequence", title, caption, figure, ["seq", "ns", "node", "what", "story"], data)
