"""The coverage heat map: which kinds of faults met which states of the protocol, in how many runs.

Counts are printed in the cells; what never met says so without colour ("-"), and kinds that never struck and states
that were never seen are named in words below, since an absent row cannot be seen.
"""

import math

from style import BLUE, DARK, GREY, LIGHT, Figure, plt


def short(runs):
    """At most four characters: 7, 120, 1.2k, 12k, 1.2M."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if runs >= size:
            return f"{runs / size:.1f}{unit}" if runs < 10 * size else f"{runs // size}{unit}"
    return str(runs)


def shade(runs, most):
    """Blue by the logarithm: one run is visible, all runs are dark."""
    if runs == 0:
        return LIGHT
    depth = 0.15 + 0.85 * math.log1p(runs) / math.log1p(most)
    channels = [int(BLUE[i:i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - channel) * depth):02x}" for channel in channels)


def draw(summary):
    coverage = summary["coverage"]
    faults = [i for i, runs in enumerate(coverage["struck"]) if runs]
    states = [i for i, runs in enumerate(coverage["seen"]) if runs]
    if not faults or not states:
        return None
    most = max(coverage["met"][f][s] for f in faults for s in states)
    figure, axes = plt.subplots(figsize=(11, 2.2 + 0.27 * len(faults)))
    met = 0
    for row, fault in enumerate(faults):
        for column, state in enumerate(states):
            runs = coverage["met"][fault][state]
            met += runs > 0
            axes.add_patch(plt.Rectangle((column, row), 1, 1, facecolor=shade(runs, most), edgecolor="white"))
            dark = runs and math.log1p(runs) / math.log1p(most) > 0.5
            axes.text(column + 0.5, row + 0.5, short(runs) if runs else "-", ha="center", va="center", fontsize=7,
                      color="white" if dark else DARK if runs else GREY)
    axes.set_xlim(0, len(states))
    axes.set_ylim(len(faults), 0)
    axes.set_xticks([i + 0.5 for i in range(len(states))], [coverage["states"][s] for s in states], rotation=55,
                    ha="left", fontsize=8)
    axes.xaxis.tick_top()
    axes.set_yticks([i + 0.5 for i in range(len(faults))],
                    [f"{coverage['faults'][f]}  ({short(coverage['struck'][f])})" for f in faults], fontsize=8)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    height = 2.2 + 0.27 * len(faults)
    figure.subplots_adjust(left=0.17, right=0.93, top=1 - 1.45 / height, bottom=0.15 / height)
    title = f"{met} of {len(faults) * len(states)} pairs of a kind of fault and a state met in {coverage['runs']:,} runs"
    caption = "Each cell counts the runs in which the fault was there while the state was; in brackets, runs it struck in."
    idle = [name for i, name in enumerate(coverage["faults"]) if i not in faults]
    unseen = [name for i, name in enumerate(coverage["states"]) if i not in states]
    if idle:
        caption += f" Never struck: {', '.join(idle)}."
    if unseen:
        caption += f" Never seen: {', '.join(unseen)}."
    rows = [[coverage["faults"][f], coverage["states"][s], coverage["met"][f][s]]
            for f in range(len(coverage["faults"])) for s in range(len(coverage["states"]))]
    return Figure("coverage", title, caption, figure, ["fault", "state", "runs"], rows)
