"""How every figure looks and is saved: colours with one meaning each, and bytes that never change.

Okabe-Ito colours, each always with a second channel (symbol, hatch, line style or word), since a figure must work in
grey. SVGs of one matplotlib version are byte-stable: fixed hash salt, no date, text kept as text, fixed sizes.
"""

import matplotlib

matplotlib.use("svg")
matplotlib.rc_file_defaults()

import matplotlib.pyplot as plt  # noqa: E402  (the backend must be chosen first)

BLUE = "#0072B2"        # leader, ok
SKY = "#56B4E9"         # in sync, delivered
ORANGE = "#E69F00"      # unknown, unresolved
VERMILION = "#D55E00"   # violation only
PURPLE = "#CC79A7"      # duplicate, transaction
GREEN = "#009E73"       # promise, acknowledgement
DARK = "#333333"
GREY = "#777777"
LIGHT = "#f0f0f0"
DOWN = "#dddddd"

plt.rcParams.update({
    "svg.hashsalt": "weir",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "path.simplify": False,
})


class Figure:
    """A drawn figure: its finding as a title, one sentence of caption, and its data as rows."""

    def __init__(self, name, title, caption, figure, header, rows):
        self.name = name
        self.title = title
        self.caption = caption
        self.figure = figure
        self.header = header
        self.rows = rows


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def save_svg(figure, path):
    figure.figure.savefig(path, format="svg", metadata={"Date": None, "Title": figure.title,
                                                        "Description": figure.caption})
    text = path.read_text(encoding="utf-8")
    label = escape(figure.title + ". " + figure.caption)
    text = text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    path.write_text(text, encoding="utf-8")


def save_png(figure, path):
    figure.figure.savefig(path, format="png", dpi=144, metadata={"Software": None})


def seconds(nanoseconds):
    return nanoseconds / 1e9


def fault_bands(axes, bands, labels=True):
    """Hatched bands for the time of each fault, labelled at the top; above six kinds, numbers only."""
    many = len(bands) > 6
    for number, (begin, end, label) in enumerate(bands, 1):
        axes.axvspan(seconds(begin), seconds(end), facecolor="#e8e8e8", edgecolor="#bbbbbb", hatch="///",
                     linewidth=0, zorder=0)
        if labels:
            text = str(number) if many else label
            axes.text(seconds((begin + end) // 2), 1.01, text, transform=axes.get_xaxis_transform(),
                      ha="center", va="bottom", fontsize=8, color=GREY)
