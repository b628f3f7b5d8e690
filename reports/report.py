"""Makes the report of a run's or a sweep's folder: figures as SVG with their data as CSV, and one self-contained page.

    report.py RUN... [--figures sequence,matrix,latency,leadership,offsets,lineage,doom] [--png]

Of a run, reads verdict.json, scenario.json and events.jsonl and writes RUN/report/; of a sweep, reads summary.json and
writes SWEEP/index.html. The same run gives the same bytes with the same version of matplotlib.
"""

import argparse
import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import doom  # noqa: E402
import latency  # noqa: E402
import leadership  # noqa: E402
import lineage  # noqa: E402
import matrix  # noqa: E402
import offsets  # noqa: E402
import page  # noqa: E402
import sequence  # noqa: E402
import sweep_page  # noqa: E402
from load import BadRun, Run, fail  # noqa: E402
from style import plt, save_png, save_svg  # noqa: E402

FIGURES = {"sequence": sequence.draw, "matrix": matrix.draw, "latency": latency.draw, "leadership": leadership.draw,
           "offsets": offsets.draw, "lineage": lineage.draw, "doom": doom.draw}


def draw_all(drawings, subject, target, png):
    """Writes what each drawing makes of the subject, a run or a sweep."""
    figures = []
    for name, drawing in drawings.items():
        figure = drawing(subject)
        if figure is None:  # nothing here to show, whatever an earlier one had
            for ending in ("svg", "csv", "png"):
                (target / f"{name}.{ending}").unlink(missing_ok=True)
            continue
        save_svg(figure, target / f"{name}.svg")
        if png:
            save_png(figure, target / f"{name}.png")
        with open(target / f"{name}.csv", "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(figure.header)
            writer.writerows(figure.rows)
        plt.close(figure.figure)
        figures.append(figure)
    return figures


def make(folder, names, png):
    """The report of a run lies in a folder of its own, the page of a sweep beside its results."""
    if sweep_page.is_sweep(folder):
        summary = sweep_page.load(folder)
        target = pathlib.Path(folder)
        sweep_page.write(summary, draw_all(sweep_page.FIGURES, summary, target, png), target)
        return
    run = Run(folder)
    target = run.folder / "report"
    target.mkdir(exist_ok=True)
    page.write(run, draw_all({name: FIGURES[name] for name in names}, run, target, png), target)


def main():
    parser = argparse.ArgumentParser(prog="weir report", description=__doc__.split("\n")[0])
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a run folder, as `weir run` writes it")
    parser.add_argument("--figures", default=",".join(FIGURES), help="which, with commas (default: all)")
    parser.add_argument("--png", action="store_true", help="also write each figure as PNG")
    arguments = parser.parse_args()
    names = arguments.figures.split(",")
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        return fail(f"--figures {unknown[0]}: no such figure; there are {', '.join(FIGURES)}")
    for folder in arguments.runs:
        try:
            make(folder, names, arguments.png)
        except BadRun as error:
            return fail(str(error))
        except OSError as error:
            return fail(f"{error.filename}: {error.strerror}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
