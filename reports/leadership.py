"""Leadership, ISR and epochs over time: one bar a replica, and the active controller."""

from cluster import broker_name, controller_spans, down_spans, partition_spans
from style import BLUE, DARK, DOWN, GREEN, GREY, SKY, Figure, fault_bands, plt, seconds

MOST_PARTITIONS = 6


def draw(run):
    spans = partition_spans(run)
    if not spans:
        return None
    shown = sorted(sorted(spans, key=lambda tp: (-len(spans[tp]), tp))[:MOST_PARTITIONS])
    lanes = []  # (label, replica id or None, partition or None)
    for tp in shown:
        for replica in sorted({r for state in spans[tp] for r in state.replicas}):
            lanes.append((f"{tp}  {broker_name(replica)}", replica, tp))
    lanes.append(("controller", None, None))
    figure, axes = plt.subplots(figsize=(11, 0.42 * len(lanes) + 1.2))
    down = down_spans(run)
    rows = []
    for y, (_, replica, tp) in enumerate(reversed(lanes)):
        if tp is None:
            for span in controller_spans(run):
                axes.barh(y, seconds(span.end - span.begin), left=seconds(span.begin), height=0.7, color=GREEN, zorder=2)
                axes.text(seconds(span.begin), y, f" {span.node} e{span.epoch}", va="center", fontsize=7, color=DARK, zorder=4, clip_on=True)
                rows.append(["controller", span.node, span.begin, span.end, span.epoch, "active"])
            continue
        for state in spans[tp]:
            leads, in_sync = state.leader == replica, replica in state.isr
            if not leads and not in_sync:
                continue
            axes.barh(y, seconds(state.end - state.begin), left=seconds(state.begin), height=0.7 if leads else 0.4,
                      color=BLUE if leads else SKY, zorder=2)
            if leads:
                axes.text(seconds(state.begin), y, f" e{state.epoch}", va="center", fontsize=7, color="white", zorder=4, clip_on=True)
            rows.append([tp, broker_name(replica), state.begin, state.end, state.epoch, "leads" if leads else "in sync"])
        for begin, end in down.get(broker_name(replica), []):
            axes.barh(y, seconds(end - begin), left=seconds(begin), height=0.15, color=DOWN, edgecolor=GREY, hatch="xx", linewidth=0, zorder=3)
    axes.set_yticks(range(len(lanes)), [label for label, _, _ in reversed(lanes)])
    axes.set_xlabel("virtual time (s)")
    axes.set_xlim(0, seconds(run.end))
    fault_bands(axes, run.fault_bands())
    figure.subplots_adjust(left=0.14, right=0.98, top=1 - 0.45 / (0.42 * len(lanes) + 1.2), bottom=0.5 / (0.42 * len(lanes) + 1.2))
    # A change of leader is another one than before, or the same in a later epoch.
    elections = sum(1 for tp in spans for a, b in zip(spans[tp], spans[tp][1:]) if b.epoch > a.epoch and b.leader >= 0)
    title = f"{elections} election{'s' if elections != 1 else ''} in {len(spans)} partition{'s' if len(spans) != 1 else ''}"
    hidden = f" {len(spans) - len(shown)} quieter partitions are left out." if len(spans) > len(shown) else ""
    caption = f"Thick: leads, with its epoch; thin: in sync; crossed: down. Below, the active controller.{hidden}"
    return Figure("leadership", title, caption, figure, ["lane", "node", "begin_ns", "end_ns", "epoch", "state"], rows)
