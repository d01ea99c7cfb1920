"""Equity against every floor, as a picture.

matplotlib takes seconds to import, so it is imported by the one function that draws. The colours are those of Okabe
and Ito, which people of any colour vision tell apart; every line has a pattern and a label of its own besides.
"""

from __future__ import annotations

import logging
import warnings
from io import BytesIO
from math import hypot
from typing import TYPE_CHECKING, Any, Final

from propfirm.adapters.charts.scene import Line, Marker, Scene
from propfirm.application.simulation.report import Report
from propfirm.application.simulation.views import PictureKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

WIDTH_IN, HEIGHT_IN, DPI = 16.0, 9.0, 100
LEFT, RIGHT, TOP, BOTTOM = 0.06, 0.865, 0.815, 0.095
"""The edges of the plot, as parts of the picture."""

INK: Final = "#1a1a1a"
QUIET: Final = "#6b6b6b"
FAINT: Final = "#dedede"
FOLDED: Final = "#f4f4f4"
BORDER: Final = "#b5b5b5"
BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
ORANGE: Final = "#B87A00"
"""Darker than theirs, to be read as text on white."""
GREEN: Final = "#007A5A"
"""Darker than theirs, as above."""

COLOURS: Final = {"equity": BLUE, "floor": VERMILION, "day_floor": ORANGE, "target": GREEN, "start": QUIET}
AFTER_THE_VERDICT: Final = 0.35
"""How strongly equity is drawn that no longer counts."""
WIDTHS: Final = {"equity": 1.5, "floor": 2.2}
PATTERNS: Final[dict[str, Any]] = {
    "equity": "-",
    "floor": "-",
    "day_floor": (0, (4, 2)),
    "target": (0, (8, 3)),
    "start": (0, (1, 2)),
}
MARKERS: Final[dict[str, dict[str, Any]]] = {
    "breach": {"marker": "X", "s": 260, "color": VERMILION},
    "pass": {"marker": "*", "s": 420, "color": GREEN},
    "lock": {"marker": "v", "s": 110, "color": ORANGE},
    "hit": {"marker": "s", "s": 60, "color": VERMILION},
    "warning": {"marker": "D", "s": 45, "color": ORANGE},
    "target": {"marker": "d", "s": 90, "color": GREEN},
    "floor_lock": {"marker": "o", "s": 80, "color": VERMILION},
}
LEGEND: Final = {
    "breach": "breach",
    "pass": "pass",
    "lock": "locked for the day",
    "floor_lock": "floor locked",
    "target": "target met, not yet passed",
    "hit": "rule broken",
    "warning": "warning",
}
LEGEND_SIZE: Final = 60
SALT: Final = "propfirm"
"""Makes the ids inside an SVG the same each time."""
LABEL_GAP_PX: Final = 19.0
LABEL_PAD_PX: Final = 8.0
LABEL_PLACES: Final = tuple(
    sorted(
        (
            (dx, dy)
            for dx in (18, -18, 70, -70, 130, -130, 200, -200)
            for y in (34, 64, 100, 140, 190, 240)
            for dy in (y, -y)
        ),
        key=lambda place: hypot(*place),
    )
)
"""Where a marker's label may stand, in points from its marker, the nearest first."""
WORTH_SEEING: Final = {"equity": 8, "floor": 4, "day_floor": 2, "target": 1, "start": 1}
"""How bad it is when a label covers a line."""


class MatplotlibPictures:
    """``ReportPictures`` of 1600 by 900 pixels, light."""

    def draw(self, report: Report, kind: PictureKind) -> bytes:
        import matplotlib as mpl  # noqa: PLC0415  # see the module's docstring
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  # as above
        from matplotlib.figure import Figure  # noqa: PLC0415  # as above

        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a read-only home is no concern of the trader
        with mpl.rc_context(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a name in letters that the font lacks is drawn as boxes
            mpl.rcdefaults()  # the same picture whatever this user's matplotlibrc says
            mpl.rcParams.update({"svg.hashsalt": SALT, "text.parse_math": False, "font.size": 11})
            figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor="white")
            FigureCanvasAgg(figure)
            _paint(figure, Scene(report))
            content = BytesIO()
            nameless: dict[str, Any] = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
            figure.savefig(content, format=kind, dpi=DPI, metadata=nameless)
        return content.getvalue()


def _paint(figure: Figure, scene: Scene) -> None:
    axes = figure.add_axes((LEFT, BOTTOM, RIGHT - LEFT, TOP - BOTTOM))
    axes.set_xlim(*scene.x_range)
    axes.set_ylim(*scene.y_range)
    _headline(figure, scene)
    _legend(figure, scene)
    _frame(axes, scene)
    _markers(axes, scene, _lines(axes, scene))
    _line_labels(axes, scene)


def _headline(figure: Figure, scene: Scene) -> None:
    colour = {"breached": VERMILION, "passed": GREEN, "open": BLUE}[scene.verdict]
    figure.text(LEFT, 0.955, scene.title, fontsize=21, fontweight="bold", color=colour, va="center")
    figure.text(LEFT, 0.912, scene.subtitle, fontsize=12.5, color=QUIET, va="center")
    figure.text(LEFT, 0.888, scene.reason, fontsize=12.5, color=INK, va="top", linespacing=1.35)
    figure.text(LEFT, 0.022, scene.footer, fontsize=9.5, color=QUIET, va="center")


def _legend(figure: Figure, scene: Scene) -> None:
    """What the signs mean; the lines bear their names at their ends."""
    from matplotlib.lines import Line2D  # noqa: PLC0415  # see the module's docstring
    from matplotlib.patches import Patch  # noqa: PLC0415  # as above

    kinds = [kind for kind in LEGEND if any(marker.kind == kind for marker in scene.markers)]
    shown: list[Any] = []
    for kind in kinds:
        look = MARKERS[kind]
        size = min(look["s"], LEGEND_SIZE) ** 0.5
        shown.append(Line2D([], [], linestyle="", marker=look["marker"], color=look["color"], markersize=size))
    names = [LEGEND[kind] for kind in kinds]
    if len(scene.pieces(scene.line("equity"))) > 1:
        shown.append(Line2D([], [], color=BLUE, alpha=AFTER_THE_VERDICT, linewidth=WIDTHS["equity"] + 1))
        names.append("equity after the verdict")
    if scene.folds:
        shown.append(Patch(facecolor=FOLDED, edgecolor=BORDER, linewidth=0.5))
        names.append("folded hours")
    if shown:
        figure.legend(
            shown,
            names,
            loc="lower right",
            bbox_to_anchor=(RIGHT, TOP - 0.004),
            ncols=len(shown),
            frameon=False,
            fontsize=9.5,
            labelcolor=QUIET,
            handlelength=1.2,
            handletextpad=0.5,
            columnspacing=1.6,
            borderaxespad=0,
        )


def _frame(axes: Axes, scene: Scene) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415  # see the module's docstring

    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=9, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: scene.dollars(value)))
    axes.tick_params(axis="y", length=0, labelcolor=QUIET, labelsize=11)
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    for begin, end in scene.folds:
        axes.axvspan(begin, end, color=FOLDED, linewidth=0, zorder=0.5)
    for border, strong in scene.borders:
        axes.axvline(border, color=BORDER if strong else FAINT, linewidth=0.8, zorder=1)
    axes.set_xticks([place for place, _ in scene.ticks], [text for _, text in scene.ticks])
    axes.tick_params(axis="x", length=0, labelcolor=INK, labelsize=11, pad=7)


def _lines(axes: Axes, scene: Scene) -> dict[Path, int]:
    """Draws them. Each as a path in pixels, with what it is worth to see it."""
    floor, equity = scene.line("floor"), scene.line("equity")
    axes.fill_between(
        floor.x, scene.y_range[0], floor.y, step="post", color=VERMILION, alpha=0.09, linewidth=0, zorder=1.5
    )
    if scene.has_prices:
        axes.vlines(scene.x, scene.low, scene.high, color=BLUE, alpha=0.3, linewidth=1.3, zorder=2)
    paths: dict[Path, int] = {}
    for line in scene.lines:
        for number, piece in enumerate(scene.pieces(line)):
            (drawn,) = axes.plot(
                piece.x,
                piece.y,
                drawstyle="steps-post",
                color=COLOURS[line.kind],
                alpha=AFTER_THE_VERDICT if number else 1.0,
                linestyle=PATTERNS[line.kind],
                linewidth=WIDTHS.get(line.kind, 1.6),
                solid_joinstyle="round",
                zorder=4 if line is equity else 3,
            )
            path = drawn.get_path().transformed(axes.transData).cleaned(remove_nans=True)
            paths[path] = WORTH_SEEING[line.kind]
    return paths


def _markers(axes: Axes, scene: Scene, lines: dict[Path, int]) -> None:
    """Every marker, and the labels for which there is room, the weightiest first."""
    taken: list[tuple[Bbox, Path]] = []
    for marker in reversed(scene.markers):
        axes.scatter(
            [marker.x], [marker.y], **MARKERS[marker.kind], edgecolors="white", linewidths=1.2, zorder=6, clip_on=False
        )
    for marker in scene.markers:
        if marker.label:
            _label(axes, marker, lines, taken)


def _label(axes: Axes, marker: Marker, lines: dict[Path, int], taken: list[tuple[Bbox, Path]]) -> None:
    """Where it covers the least, no other label nor the line to one, and nothing outside the plot; nowhere if there is
    no such place. taken: the labels so far, each with its line."""
    from matplotlib.path import Path  # noqa: PLC0415  # see the module's docstring

    colour = MARKERS[marker.kind]["color"]
    note = axes.annotate(
        marker.label,
        (marker.x, marker.y),
        xytext=(0, 0),
        textcoords="offset points",
        va="center",
        fontsize=11 if marker.loud else 9.5,
        fontweight="bold" if marker.loud else "normal",
        color=colour,
        linespacing=1.3,
        bbox={"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": colour, "alpha": 0.94},
        arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.9, "shrinkB": 7},
        zorder=7 if marker.loud else 5,
    )
    left, up = map(float, axes.transData.transform((marker.x, marker.y)))
    best: tuple[int, tuple[int, int], tuple[Bbox, Path]] | None = None
    for place in LABEL_PLACES:
        box = _moved(note, place, axes)
        if box is None:
            continue
        line = Path([(left, up), ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)])
        if any(box.overlaps(other) or _cross(line, other) or _cross(to_other, box) for other, to_other in taken):
            continue
        covered = sum(worth for path, worth in lines.items() if path.intersects_bbox(box, filled=False))
        if best is None or covered < best[0]:
            best = covered, place, (box, line)
    if best is None:
        note.remove()
        return
    _moved(note, best[1], axes)
    taken.append(best[2])


def _cross(line: Path, box: Bbox) -> bool:
    return bool(line.intersects_bbox(box, filled=False))


def _moved(note: Annotation, place: tuple[int, int], axes: Axes) -> Bbox | None:
    """The box of the text, in pixels, after moving it there; None if it would stick out of the plot."""
    from matplotlib.text import Text  # noqa: PLC0415  # see the module's docstring

    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]  # the Agg canvas has one
    note.set_position(place)
    note.set_horizontalalignment("left" if place[0] > 0 else "right")
    note.update_positions(renderer)
    box = Text.get_window_extent(note, renderer).padded(LABEL_PAD_PX)  # the text alone, not its line
    inside = axes.get_window_extent(renderer)
    fits = inside.x0 <= box.x0 and box.x1 <= inside.x1 and inside.y0 <= box.y0 and box.y1 <= inside.y1
    return box if fits else None


def _line_labels(axes: Axes, scene: Scene) -> None:
    """The name and last value of each line at the right edge, pushed apart where they would cover each other."""
    to_px = axes.transData
    labelled = sorted(scene.lines, key=lambda line: line.last)
    heights = _spread([float(to_px.transform((0, line.last))[1]) for line in labelled], LABEL_GAP_PX * 2)
    for line, height in zip(labelled, heights, strict=True):
        y = float(axes.transAxes.inverted().transform((0, height))[1])
        _line_label(axes, line, y)


def _line_label(axes: Axes, line: Line, y: float) -> None:
    colour = COLOURS[line.kind]
    axes.annotate(
        f"{line.name}\n{line.figure}",
        xy=(1.0, line.last),
        xycoords=("axes fraction", "data"),
        xytext=(1.022, y),
        textcoords="axes fraction",
        va="center",
        fontsize=11,
        color=colour,
        fontweight="bold" if line.kind in ("equity", "floor") else "normal",
        linespacing=1.15,
        arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.8, "shrinkA": 1, "shrinkB": 1},
        annotation_clip=False,
    )


def _spread(wanted: list[float], gap: float) -> list[float]:
    """Rising heights, at least ``gap`` apart, as near to the wanted ones (rising too) as pushing in groups brings."""
    groups: list[tuple[float, int]] = []  # the height of the lowest, how many
    for height in wanted:
        groups.append((height, 1))
        while len(groups) > 1 and groups[-1][0] < groups[-2][0] + gap * groups[-2][1]:
            (low, few), (high, more) = groups[-2], groups[-1]
            count = few + more
            groups[-2:] = [((low * few + (high - gap * few) * more) / count, count)]
    return [low + gap * place for low, count in groups for place in range(count)]
