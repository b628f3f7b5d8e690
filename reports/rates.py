"""How often each failure shape came, with its interval: the rate of seeds, on a scale of logarithms."""

from style import DARK, GREY, VERMILION, Figure, plt

MOST_ROWS = 30


def draw(summary):
    shapes = sorted(summary["shapes"], key=lambda s: (-s["runs"] / s["of"], s["scenario"], s["shape"]))
    if not shapes:
        return None
    shown = shapes[:MOST_ROWS]
    height = 1.2 + 0.3 * len(shown)
    figure, axes = plt.subplots(figsize=(11, height))
    least = min(max(float(s["low"]), 1e-4) for s in shown)
    for row, shape in enumerate(shown):
        low, middle, high = max(float(shape["low"]), 1e-4), float(shape["percent"]), float(shape["high"])
        axes.plot([low, high], [row, row], color=GREY, linewidth=2, solid_capstyle="butt")
        axes.plot([middle], [row], marker="D", color=VERMILION, markersize=5, linestyle="none")
        axes.text(high * 1.1, row, f"{shape['runs']:,} of {shape['of']:,} seeds", va="center", fontsize=8, color=DARK)
    axes.set_xscale("log")
    axes.set_xlim(least / 2, 1000)
    axes.set_xticks([10.0 ** e for e in range(-3, 3) if 10.0 ** e >= least / 2],
                    [f"{10.0 ** e:g} %" for e in range(-3, 3) if 10.0 ** e >= least / 2])
    axes.minorticks_off()
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)), [f"{s['shape']}  {s['guarantee']}" for s in shown], fontsize=8)
    axes.set_xlabel("share of seeds that fail so (diamond), 95 % interval after Wilson (bar)")
    figure.subplots_adjust(left=0.2, right=0.98, top=1 - 0.15 / height, bottom=0.65 / height)
    title = f"{len(shapes)} failure shape{'' if len(shapes) == 1 else 's'}, the most frequent first"
    caption = "A shape is a guarantee with what led to its violation."
    if len(shown) < len(shapes):
        caption += f" The {len(shapes) - len(shown)} rarest are in the table only."
    rows = [[s["shape"], s["guarantee"], s["scenario"], s["runs"], s["of"], s["percent"], s["low"], s["high"]]
            for s in shapes]
    header = ["shape", "guarantee", "scenario", "runs", "of", "percent", "low", "high"]
    return Figure("rates", title, caption, figure, header, rows)
