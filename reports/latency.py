"""Latency and throughput: what the producers felt during the faults, and how fast they recovered."""

from records import fates
from style import BLUE, DARK, GREY, ORANGE, SKY, Figure, fault_bands, plt, seconds

MOST_POINTS = 2000   # of one series
BINS = 50


def thin(points):
    """At most MOST_POINTS points: of each stretch of time the slowest stays, so no outlier is lost."""
    if len(points) <= MOST_POINTS:
        return points
    size = -(-len(points) // MOST_POINTS)
    return [max(points[i:i + size], key=lambda p: p[1]) for i in range(0, len(points), size)]


def draw(run):
    all_fates = list(fates(run).values())
    if not all_fates:
        return None
    series = {"acknowledged": [], "failed": [], "unknown": []}
    rows = []
    for fate in all_fates:
        done = fate.done if fate.done is not None else run.end
        latency = max(done - fate.sent, 1000)
        series[fate.outcome].append((fate.sent, latency))
        rows.append([fate.identity, fate.sent, latency, fate.outcome])
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(11, 5), height_ratios=[2, 1], sharex=True)
    styles = {"acknowledged": dict(marker=".", color=SKY, s=18), "failed": dict(marker="x", color=DARK, s=22),
              "unknown": dict(marker="^", color=ORANGE, s=24)}
    asked = any(fate.offset is not None and fate.offset >= 0 for fate in all_fates)
    words = {"acknowledged": "acknowledged" if asked else "handed over, no answer asked for", "failed": "failed (definitely)", "unknown": "unknown"}
    for outcome, points in series.items():
        if points:
            shown = thin(points)
            top.scatter([seconds(t) for t, _ in shown], [latency / 1e6 for _, latency in shown],
                        label=f"{words[outcome]} ({len(points):,})", linewidths=1, **styles[outcome])
    top.set_yscale("log")
    top.set_ylabel("latency (ms)")
    top.legend(loc="lower left", bbox_to_anchor=(0, 1.06), ncol=3, borderaxespad=0, handletextpad=0.2)
    bands = run.fault_bands()
    width = max(run.end // BINS, 1)
    counts = [0] * (BINS + 1)
    for fate in all_fates:
        if fate.outcome == "acknowledged":
            counts[min(fate.done // width, BINS)] += 1
    rates = [count * 1e9 / width for count in counts]
    bottom.step([seconds(i * width) for i in range(BINS + 1)], rates, where="post", color=BLUE)
    bottom.set_ylabel("acknowledged/s")
    bottom.set_xlabel("virtual time (s)")
    bottom.set_ylim(bottom=0)
    for number, axes in enumerate((top, bottom)):
        fault_bands(axes, bands, labels=number == 0)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.86, bottom=0.1, hspace=0.12)
    slowest = max((p for points in series.values() for p in points), key=lambda p: p[1])
    acknowledged = sorted(latency for _, latency in series["acknowledged"])
    if acknowledged:
        verb = "acknowledged" if asked else "handed over without asking for an answer"
        title = (f"{len(acknowledged):,} of {len(all_fates):,} sends {verb}, "
                 f"half within {acknowledged[len(acknowledged) // 2] / 1e6:.1f} ms")
    else:
        title = f"none of {len(all_fates):,} sends acknowledged"
    caption = (f"Each mark is one record, at the time of its send; the slowest outcome took {slowest[1] / 1e6:,.1f} ms. "
               f"Hatched: {len(bands)} fault{'s' if len(bands) != 1 else ''}.")
    return Figure("latency", title, caption, figure, ["record", "sent_ns", "latency_ns", "outcome"], rows)
