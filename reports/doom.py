"""The doom curve: when did it become inevitable? From each step of the story, the share of re-drawn futures that end so.

Reads futures.json, which `weir explain RUN --futures N` writes; a run without it has no such figure.
"""

import json

from style import DARK, GREY, ORANGE, VERMILION, Figure, plt

CERTAIN = 0.95
MOST_LETTERS = 72


def wilson(happened, runs):
    """The 95 % interval of a share (Wilson, 1927)."""
    z2 = 3.8416
    share = happened / runs
    centre = (share + z2 / (2 * runs)) / (1 + z2 / runs)
    half = (z2 * (share * (1 - share) / runs + z2 / (4 * runs * runs))) ** 0.5 / (1 + z2 / runs)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def short(text):
    return text if len(text) <= MOST_LETTERS else text[:MOST_LETTERS - 1] + "…"


def doomed(points, runs):
    """The first point from which nearly all futures end so, it and all later ones; None: there is none."""
    found = None
    for point in reversed(points):
        if point["happened"] / runs < CERTAIN:
            break
        found = point
    return found


def draw(run):
    path = run.folder / "futures.json"
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    points, runs = told["points"], told["futures"]
    if not points or runs < 1:
        return None
    height = 0.42 * len(points) + 1.3
    figure, axes = plt.subplots(figsize=(11, height))
    rows = list(range(len(points)))
    shares = [point["happened"] / runs for point in points]
    bounds = [wilson(point["happened"], runs) for point in points]
    end = doomed(points, runs)
    axes.step(shares, rows, where="mid", color=GREY, linewidth=1, zorder=1)
    for row, point in zip(rows, points):
        late = end is not None and point["step"] >= end["step"]
        axes.plot(bounds[row], [row, row], color=GREY, linewidth=3, alpha=0.5, solid_capstyle="butt", zorder=2)
        axes.plot([shares[row]], [row], marker="s" if late else "o", color=VERMILION if late else ORANGE, markersize=7,
                  clip_on=False, zorder=3)
        axes.text(1.05, row, f"{100 * shares[row]:.0f} %", va="center", ha="left", fontsize=9, color=DARK)
        axes.text(1.21, row, short(point["comment"]), va="center", ha="left", fontsize=9, color=DARK,
                  fontweight="bold" if end is not None and point["step"] == end["step"] else "normal")
    axes.set_yticks(rows, [f"{point['step']}   {point['t'] / 1e6:,.3f} ms" if point["step"] else "begin" for point in points])
    axes.set_ylim(len(points) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel("futures that end in the violation")
    figure.subplots_adjust(left=0.14, right=0.44, top=1 - 0.2 / height, bottom=0.75 / height)
    if end is None:
        title = f"{told['guarantee']}: never certain, {100 * shares[-1]:.0f} % after the last step"
    else:
        before = points[points.index(end) - 1]["happened"] / runs if end is not points[0] else None
        title = f"{told['guarantee']}: inevitable from " + (f"step {end['step']} on" if end["step"] else "the beginning")
        if before is not None:
            title += f" ({100 * before:.0f} % before it)"
    caption = (f"From each step of the story {runs:,} futures are drawn anew (other delays, the same faults); bars are 95 % "
               "intervals.")
    data = [[p["step"], p["event"], p["t"], p["happened"], runs] for p in points]
    return Figure("doom", title, caption, figure, ["step", "event", "ns", "happened", "futures"], data)
