"""Log lineage: which leader epoch wrote which offsets in each replica's log, and what was cut off again."""

from cluster import busiest, partition_spans
from style import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, Figure, plt

COLOURS = [BLUE, ORANGE, GREEN, SKY, PURPLE, GREY]


def draw(run):
    tp = busiest(partition_spans(run))
    if tp is None:
        return None
    logs, cuts = {}, []
    for event in run.events:
        if event.get("tp") != tp:
            continue
        log = logs.setdefault(event["n"], [])
        if event["what"] == "log.appended":
            first, last, epoch = event.get("old", 0), event.get("value", 0), event.get("epoch", 0)
            if log and log[-1][2] == epoch and log[-1][1] == first:
                log[-1][1] = last + 1
            else:
                log.append([first, last + 1, epoch])
        elif event["what"] in ("log.truncated", "log.opened"):
            end = event.get("value", 0)
            before = log[-1][1] if log else end
            if end < before:
                cuts.append((event["n"], end, before, event["t"]))
                log[:] = [[a, min(b, end), e] for a, b, e in log if a < end]
    logs = {node: log for node, log in logs.items() if log}
    if not logs:
        return None
    nodes = sorted(logs)
    figure, axes = plt.subplots(figsize=(11, 0.6 * len(nodes) + 1.1))
    rows = []
    for y, node in enumerate(reversed(nodes)):
        for first, end, epoch in logs[node]:
            axes.barh(y, end - first, left=first, height=0.5, color=COLOURS[epoch % len(COLOURS)], edgecolor="white", zorder=2)
            axes.text((first + end) / 2, y, f"e{epoch}", ha="center", va="center", fontsize=7, color="white", zorder=3, clip_on=True)
            rows.append([node, first, end, epoch, "kept", ""])
        for _, first, end, t in (c for c in cuts if c[0] == node):
            axes.barh(y + 0.36, end - first, left=first, height=0.14, facecolor="white", edgecolor=GREY, hatch="///", linewidth=0.8, zorder=2)
            rows.append([node, first, end, "", "cut off", t])
    axes.set_yticks(range(len(nodes)), list(reversed(nodes)))
    axes.set_xlabel(f"offset of {tp}")
    figure.subplots_adjust(left=0.08, right=0.98, top=0.95, bottom=0.5 / (0.6 * len(nodes) + 1.1))
    epochs = sorted({epoch for log in logs.values() for _, _, epoch in log})
    title = f"{tp} was written in {len(epochs)} epoch{'s' if len(epochs) != 1 else ''}; {len(cuts)} time{'s' if len(cuts) != 1 else ''} a replica cut its log"
    caption = "Each bar is a stretch of one leader epoch; replicas whose bars agree hold the same history. Hatched above: what was cut off."
    return Figure("lineage", title, caption, figure, ["node", "first_offset", "end_offset", "epoch", "state", "time_ns"], rows)
