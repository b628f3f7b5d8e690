"""Offset bands: how far each replica's log reaches, and how much of it is committed, over time."""

from cluster import busiest, partition_spans
from style import BLUE, DARK, GREEN, GREY, ORANGE, SKY, Figure, fault_bands, plt, seconds

STYLES = [dict(color=BLUE, linestyle="-"), dict(color=ORANGE, linestyle="--"), dict(color=SKY, linestyle="-."),
          dict(color=GREY, linestyle=":"), dict(color=DARK, linestyle=(0, (5, 1)))]


def draw(run):
    tp = busiest(partition_spans(run))
    if tp is None:
        return None
    ends, marks = {}, []
    rows = []
    for event in run.events:
        if event.get("tp") != tp:
            continue
        what, value = event["what"], event.get("value", 0)
        if what == "log.appended":
            ends.setdefault(event["n"], []).append((event["t"], value + 1))
        elif what in ("log.truncated", "log.opened"):
            ends.setdefault(event["n"], []).append((event["t"], value))
        elif what == "hw.advanced":
            marks.append((event["t"], value))
        else:
            continue
        rows.append([event["t"], event["n"], what, value])
    if not ends:
        return None
    figure, axes = plt.subplots(figsize=(11, 4))
    for number, node in enumerate(sorted(ends)):
        points = ends[node] + [(run.end, ends[node][-1][1])]
        axes.step([seconds(t) for t, _ in points], [v for _, v in points], where="post", linewidth=1.4,
                  label=f"log end of {node}", **STYLES[number % len(STYLES)])
    top, highest = [], 0
    for t, value in marks:
        highest = max(highest, value)
        top.append((t, highest))
    if top:
        top.append((run.end, highest))
        axes.fill_between([seconds(t) for t, _ in top], [v for _, v in top], step="post", color=GREEN, alpha=0.15, zorder=1,
                          label="committed (highest watermark shown)")
    axes.set_xlabel("virtual time (s)")
    axes.set_ylabel("offset")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", fontsize=8)
    fault_bands(axes, run.fault_bands())
    figure.subplots_adjust(left=0.08, right=0.98, top=0.9, bottom=0.13)
    cuts = [r for r in rows if r[2] == "log.truncated"]
    title = f"{tp}: {highest:,} records committed, {len(cuts)} truncation{'s' if len(cuts) != 1 else ''}"
    caption = "A step is an append; a step down is a truncation or a log that came back shorter. Above the shade lies what was not committed."
    return Figure("offsets", title, caption, figure, ["time_ns", "node", "event", "offset"], rows)
