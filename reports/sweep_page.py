"""The page of a sweep: one self-contained HTML file, without scripts or network, that prints.

Reads summary.json alone, which the sweep made from the same counts as its text.
"""

import pathlib

import coverage
import rates
from load import BadRun, read_json
from page import CSS, inline_svg
from style import escape

FORMAT = "weir-sweep-summary/1"
FIGURES = {"rates": rates.draw, "coverage": coverage.draw}
# The symbol carries the word where there is no room, and where there is no colour.
SYMBOLS = {"holds": "holds", "violated": "VIOLATED", "unknown": "unknown", "not exercised": "not ex.",
           "not promised": "not prom."}


def is_sweep(folder):
    return (pathlib.Path(folder) / "sweep.json").exists()


def load(folder):
    path = pathlib.Path(folder) / "summary.json"
    summary = read_json(path)
    if summary.get("format") != FORMAT:
        raise BadRun(f"{path}: {summary.get('format')}; expected {FORMAT}")
    return summary


def shape_rows(summary):
    for shape in summary["shapes"]:
        seeds = ", ".join(hex(seed) for seed in shape["seeds"])
        yield (f"<tr><td><code>{escape(shape['shape'])}</code></td><td class=violated>{escape(shape['guarantee'])}</td>"
               f"<td>{escape(shape['scenario'])}</td><td>{shape['runs']:,} of {shape['of']:,}</td>"
               f"<td>{escape(shape['percent'])} % ({escape(shape['low'])}-{escape(shape['high'])})</td>"
               f"<td>{escape(shape['story'])}<div>{escape(shape['headline'])}</div>"
               f"<div class=quiet>seeds {escape(seeds)}</div></td></tr>")


def scenario_rows(summary):
    for scenario in summary["scenarios"]:
        bound = scenario["fails_on_fewer_than_one_in"]
        if scenario["failures"]:
            says = f"{scenario['failures']:,} of {scenario['runs']:,} runs failed"
        elif bound > 1:
            says = f"fails on fewer than 1 in {bound:,} seeds (95 %)"
        else:
            says = "no failure; too few runs for a bound"
        lacking = "".join(f"<div class=violated>{escape(what)}</div>" for what in scenario["lacking"])
        seen = ", ".join(f"{name} in {runs:,}" for name, runs in scenario["witnessed"].items())
        seen = f"<div class=quiet>witnesses: {escape(seen)}</div>" if seen else ""
        yield (f"<tr><td>{escape(scenario['label'])}</td><td>{scenario['runs']:,}</td>"
               f"<td>{says}{lacking}{seen}</td></tr>")


def guarantee_rows(summary):
    """Guarantees x scenarios: one word a cell, and how many runs put it to the test."""
    ids = []
    for scenario in summary["scenarios"]:
        ids += [g["id"] for g in scenario["guarantees"] if g["id"] not in ids and g["id"] != "expect"]
    yield "<tr><th>guarantee</th>" + "".join(f"<th>{escape(s['label'])}</th>" for s in summary["scenarios"]) + "</tr>"
    for identity in ids:
        cells = ""
        for scenario in summary["scenarios"]:
            found = next((g for g in scenario["guarantees"] if g["id"] == identity), None)
            if found is None:
                cells += "<td class=quiet>-</td>"
                continue
            word = found["word"]
            expected = word == "violated" and found["failures"] == 0
            style = "violated" if word == "violated" and not expected else "quiet" if word.startswith("not") else ""
            text = "violated, as expected" if expected else SYMBOLS.get(word, word)
            tested = found["runs"].get("holds", 0) + found["runs"].get("violated", 0)
            cells += f'<td class="{style}">{escape(text)}<div class=quiet>{tested:,} runs</div></td>'
        yield f"<tr><td>{escape(identity)}</td>{cells}</tr>"


def write(summary, figures, folder):
    runs, seeds = summary["runs"], summary["seeds"]
    count = len(summary["scenarios"])
    out = ["<!doctype html>", '<html lang="en"><head><meta charset="utf-8">',
           f"<title>Sweep of {runs:,} runs</title><style>{CSS}</style></head><body>",
           f"<h1>{seeds:,} seeds x {count} scenario{'' if count == 1 else 's'} = {runs:,} runs</h1>",
           f"<p class=quiet>build {escape(summary['build'])}, from seed {hex(summary['first_seed'])}, "
           f"{summary['simulated_ms'] / 3.6e6:,.1f} simulated hours; {summary['doubled']:,} runs doubled, "
           f"{summary['identical']:,} identical; exit {summary['exit']}</p>"]
    if summary["interrupted"]:
        out.append("<p class=violated>interrupted</p>")
    out.append(f"<h2>{len(summary['shapes'])} failure shape{'' if len(summary['shapes']) == 1 else 's'}</h2>")
    if summary["shapes"]:
        out.append("<table><tr><th>shape</th><th>guarantee</th><th>scenario</th><th>seeds</th>"
                   "<th>rate (95 %)</th><th>faults, and what was seen</th></tr>")
        out += shape_rows(summary)
        out.append("</table>")
    out += [f"<p>{escape(text)}</p>" for text in summary["before"]]
    failed = [saved for saved in summary["saved"] if saved["exit"]]
    if summary["saved"]:
        out.append(f"<p>{len(summary['saved'])} saved failures ran first: "
                   + ("none came back" if not failed else
                      "<span class=violated>" + escape(", ".join(f"{s['scenario']} {hex(s['seed'])}" for s in failed))
                      + " came back</span>") + "</p>")
    for figure in figures:
        out.append(f'<figure id="{figure.name}"><h2>{escape(figure.title)}</h2>')
        out.append(inline_svg(folder / f"{figure.name}.svg", figure.name))
        out.append(f'<figcaption>{escape(figure.caption)} Data: <a href="{figure.name}.csv">{figure.name}.csv</a>'
                   f"</figcaption></figure>")
    out.append("<h2>Scenarios</h2><table><tr><th>scenario</th><th>runs</th><th>what they say</th></tr>")
    out += scenario_rows(summary)
    out.append("</table><h2>Guarantees</h2><table>")
    out += guarantee_rows(summary)
    out.append("</table><p class=quiet>The gravest word of all runs; below it, the runs that put it to the test. "
               "Each run: results.jsonl.</p></body></html>")
    (folder / "index.html").write_text("\n".join(out) + "\n", encoding="utf-8")
