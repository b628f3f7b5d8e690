"""The delivery matrix: how far each record got; what was lost, doubled, or nobody knows."""

from records import fates
from style import DARK, GREEN, GREY, LIGHT, ORANGE, PURPLE, SKY, VERMILION, Figure, plt

STAGES = ["sent", "acknowledged", "in the log", "delivered", "delivered again"]
MOST_COLUMNS = 80


def cell(fate, stage, promised):
    """(colour, symbol) of a record at a stage; the symbol carries the meaning without the colour."""
    if stage == 0:
        return SKY, ""
    if stage == 1 and fate.outcome == "acknowledged" and fate.offset < 0:
        return LIGHT, "."  # acks=0: nobody was asked
    if stage == 1:
        return {"acknowledged": (SKY, ""), "failed": (LIGHT, "-"), "unknown": (ORANGE, "?")}[fate.outcome]
    if stage == 2:
        if fate.lost:
            return (VERMILION if promised else GREY), "x"
        if fate.duplicated:
            return PURPLE, str(len(fate.stored))
        return (SKY, "") if fate.stored else (LIGHT, "-")
    if stage == 3:
        return (SKY, "") if fate.most_deliveries > 0 else (LIGHT, "-")
    return (PURPLE, str(fate.most_deliveries)) if fate.most_deliveries > 1 else (LIGHT, "")


def window(all_fates):
    """The columns to show: those around the first record whose fate is not plain."""
    if len(all_fates) <= MOST_COLUMNS:
        return 0, len(all_fates)
    odd = next((i for i, f in enumerate(all_fates)
                if f.lost or f.duplicated or f.most_deliveries > 1 or f.outcome != "acknowledged"), 0)
    begin = min(max(odd - MOST_COLUMNS // 4, 0), len(all_fates) - MOST_COLUMNS)
    return begin, begin + MOST_COLUMNS


def draw(run):
    all_fates = list(fates(run).values())
    if not all_fates:
        return None
    promised = any(g["id"] == "durability.acked" and g["promised"] for g in run.verdict["guarantees"])
    begin, end = window(all_fates)
    shown = all_fates[begin:end]
    figure, axes = plt.subplots(figsize=(11, 3.2))
    for column, fate in enumerate(shown):
        for stage in range(len(STAGES)):
            colour, symbol = cell(fate, stage, promised)
            axes.add_patch(plt.Rectangle((column, stage), 1, 1, facecolor=colour, edgecolor="white", linewidth=0.8))
            if symbol:
                axes.text(column + 0.5, stage + 0.5, symbol, ha="center", va="center", fontsize=7,
                          color=DARK if colour in (LIGHT, ORANGE) else "white")
    axes.set_xlim(0, len(shown))
    axes.set_ylim(len(STAGES), 0)
    axes.set_yticks([stage + 0.5 for stage in range(len(STAGES))], STAGES)
    step = max(len(shown) // 8, 1)
    axes.set_xticks([i + 0.5 for i in range(0, len(shown), step)],
                    [shown[i].identity for i in range(0, len(shown), step)])
    axes.set_xlabel("record (client:number of the send)")
    axes.tick_params(length=0)
    handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in (SKY, LIGHT, ORANGE, PURPLE, VERMILION, GREY)]
    names = ["yes", "no (-), not asked (.)", "nobody knows (?)", "more than once (number)", "LOST against a promise (x)",
             "lost, not promised (x)"]
    axes.legend(handles, names, loc="upper center", bbox_to_anchor=(0.5, -0.22), ncol=6, fontsize=8,
                handlelength=1, columnspacing=1)
    figure.subplots_adjust(left=0.12, right=0.98, top=0.95, bottom=0.3)
    lost = sum(f.lost for f in all_fates)
    doubled = sum(f.duplicated for f in all_fates)
    unknown = sum(f.outcome == "unknown" for f in all_fates)
    title = f"{lost:,} lost, {doubled:,} stored twice or more, {unknown:,} with unknown outcome, of {len(all_fates):,}"
    caption = "Each column is one record, each row how far it got."
    if len(shown) < len(all_fates):
        caption += f" Shown are {len(shown)} of {len(all_fates):,} records, from {shown[0].identity} on."
    rows = [[f.identity, f.outcome, len(f.stored), f.most_deliveries, int(f.lost)] for f in all_fates]
    return Figure("matrix", title, caption, figure, ["record", "outcome", "copies", "deliveries", "lost"], rows)
