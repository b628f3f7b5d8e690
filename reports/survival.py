"""Survival curves of the mutants: the share of planted bugs still alive over the CPU time spent on each.

    survival.py NAME=HUNTS.jsonl... [--out survival.svg]

HUNTS.jsonl is what `weir mutants --json` prints, an object a mutant. Several hunts of the same mutants are drawn side
by side, with their medians. The data go beside the figure as CSV.
"""

import argparse
import csv
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from load import fail  # noqa: E402
from style import BLUE, DARK, GREY, ORANGE, PURPLE, Figure, plt, save_svg  # noqa: E402

LINES = [(BLUE, "-"), (ORANGE, "--"), (PURPLE, ":")]


class BadHunt(Exception):
    pass


def read(path):
    """{mutant: CPU-seconds until its guarantee spoke, or None}, canaries left out: they are no bugs."""
    hunts = {}
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        try:
            hunt = json.loads(line)
            name, found, cpu = hunt["name"], hunt["found"], hunt["cpu_seconds"]
            expected = hunt["expected_guarantee"]
        except (ValueError, KeyError, TypeError):
            raise BadHunt(f"{path}:{number}: expected an object of `weir mutants --json`, found {line[:60]}") from None
        if expected != "expect":
            hunts[name] = cpu if found else None
    if not hunts:
        raise BadHunt(f"{path}: no hunts in it")
    return hunts


def curve(hunts):
    """Steps [(CPU-seconds, share alive)]: begins with everyone alive, falls where one is found."""
    times = sorted(cpu for cpu in hunts.values() if cpu is not None)
    return [(0.0, 1.0)] + [(cpu, 1 - (i + 1) / len(hunts)) for i, cpu in enumerate(times)]


def median(hunts):
    """CPU-seconds by which half of the mutants are found; None where fewer are."""
    return next((cpu for cpu, alive in curve(hunts) if alive <= 0.5), None)


def draw(named):
    figure, axes = plt.subplots(figsize=(8, 4))
    rows = []
    words = []
    longest = max(cpu for hunts in named.values() for cpu, _ in curve(hunts))
    for (name, hunts), (colour, line) in zip(named.items(), LINES):
        steps = curve(hunts)
        xs = [max(cpu, 0.01) for cpu, _ in steps] + [max(longest, 0.1) * 1.2]
        ys = [alive for _, alive in steps] + [steps[-1][1]]
        axes.step(xs, ys, where="post", color=colour, linestyle=line, linewidth=1.8, label=name)
        rows += [[name, f"{cpu:.3f}", f"{alive:.4f}"] for cpu, alive in steps]
        half = median(hunts)
        left = sum(1 for cpu in hunts.values() if cpu is None)
        words.append(f"{name}: {len(hunts) - left} of {len(hunts)} found" +
                     ("" if half is None else f", half of them within {half:.1f} CPU-s"))
    axes.axhline(0.5, color=GREY, linewidth=0.8, zorder=0)
    axes.set_xscale("log")
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("CPU time of the hunt [s]", color=DARK)
    axes.set_ylabel("share of mutants alive", color=DARK)
    if len(named) > 1:
        axes.legend()
    title = "; ".join(words)
    axes.set_title(title, fontsize=9)
    figure.tight_layout()
    caption = "Each step is a planted bug that its guarantee has named; what is left at the right survived."
    return Figure("survival", title, caption, figure, ["hunt", "cpu_seconds", "alive"], rows)


def main():
    parser = argparse.ArgumentParser(prog="survival.py", description=__doc__.split("\n")[0])
    parser.add_argument("hunts", nargs="+", metavar="NAME=HUNTS.jsonl", help="at most three")
    parser.add_argument("--out", default="survival.svg", help="the figure (default: survival.svg)")
    arguments = parser.parse_args()
    if len(arguments.hunts) > len(LINES):
        return fail(f"{len(arguments.hunts)} hunts: at most {len(LINES)} can be told apart")
    try:
        named = {}
        for given in arguments.hunts:
            name, _, path = given.rpartition("=")
            named[name or pathlib.Path(path).stem] = read(path)
    except BadHunt as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}")
    figure = draw(named)
    out = pathlib.Path(arguments.out)
    save_svg(figure, out)
    with open(out.with_suffix(".csv"), "w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(figure.header)
        writer.writerows(figure.rows)
    print(figure.title)
    return 0


if __name__ == "__main__":
    sys.exit(main())
