"""The page of a run: one self-contained HTML file, without scripts or network, that prints."""

import re

from style import escape

CSS = """
body { font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 1100px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.4em; margin-bottom: 0; } h2 { font-size: 1.1em; margin-top: 2em; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .25em 1em .25em 0; vertical-align: top; }
th { border-bottom: 1px solid #999; } tr + tr td { border-top: 1px solid #eee; }
.violated { color: #D55E00; font-weight: bold; text-transform: uppercase; } .quiet { color: #666; }
code, pre { font: 13px/1.4 ui-monospace, monospace; background: #f5f5f5; } code { padding: .1em .3em; }
pre { padding: .7em; overflow-x: auto; } figure { margin: 1em 0 2em; } figcaption { color: #444; }
svg { max-width: 100%; height: auto; } @media print { body { margin: 0; } figure { break-inside: avoid; } }
"""


def inline_svg(path, name):
    """The figure without its XML head, its ids made unique so that several figures live in one page."""
    text = path.read_text(encoding="utf-8")
    text = text[text.index("<svg "):]
    for identity in sorted(set(re.findall(r'\bid="([^"]+)"', text)), key=len, reverse=True):
        fresh = f"{name}-{identity}"
        text = text.replace(f'id="{identity}"', f'id="{fresh}"').replace(f'"#{identity}"', f'"#{fresh}"')
        text = text.replace(f"url(#{identity})", f"url(#{fresh})")
    return text


def verdict_rows(verdict):
    for guarantee in verdict["guarantees"]:
        word = guarantee["verdict"]
        because = "; ".join(guarantee.get("because", []))
        kind = ' class="violated"' if word == "violated" else ""
        yield (f"<tr><td>{escape(guarantee['id'])}</td><td{kind}>{escape(word)}</td>"
               f"<td>{escape(guarantee.get('text', ''))}<div class=quiet>{escape(because)}</div></td></tr>")


def violations(verdict):
    for guarantee in verdict["guarantees"]:
        for violation in guarantee.get("violations", []):
            lines = violation.get("argument", [])
            lines = [lines] if isinstance(lines, str) else lines
            if lines:
                where = violation.get("record", "")
                yield f"<h2>{escape(guarantee['id'])} {escape(where)}</h2><pre>{escape(chr(10).join(lines))}</pre>"


def write(run, figures, folder):
    verdict = run.verdict
    out = ["<!doctype html>", '<html lang="en"><head><meta charset="utf-8">',
           f"<title>{escape(run.name)}</title><style>{CSS}</style></head><body>",
           f"<h1>{escape(run.name)}</h1>",
           f"<p class=quiet>build {escape(str(verdict.get('build', '')))}, fingerprint "
           f"<code>{escape(str(verdict['fingerprint']))}</code></p>",
           f"<p>{escape(run.scenario.get('about', ''))}</p>",
           "<table><tr><th>guarantee</th><th>verdict</th><th>looked at</th></tr>"]
    out += verdict_rows(verdict)
    out.append("</table>")
    out += violations(verdict)
    for figure in figures:
        out.append(f'<figure id="{figure.name}"><h2>{escape(figure.title)}</h2>')
        out.append(inline_svg(folder / f"{figure.name}.svg", figure.name))
        out.append(f'<figcaption>{escape(figure.caption)} Data: <a href="{figure.name}.csv">{figure.name}.csv</a>'
                   f"</figcaption></figure>")
    out.append("<h2>Replay</h2><pre>weir replay repro.json</pre>")
    out.append("<p class=quiet>Timeline: open trace.perfetto.json in ui.perfetto.dev. "
               "History: history.jsonl, for <code>weir check</code>.</p></body></html>")
    (folder / "index.html").write_text("\n".join(out) + "\n", encoding="utf-8")
