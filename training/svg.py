"""Matplotlib figures as SVG that takes its colours and its font from the page.

Matplotlib draws with stand-in colours; afterwards each is replaced by a CSS variable, so one
figure serves a light and a dark page, and a pilot has one colour in all of them.
"""

from __future__ import annotations

import io
import re
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

__all__ = ["BAD", "INK", "MUTED", "STYLE", "new_figure", "pilot_colour", "svg_element"]

INK, MUTED, GRID, BAD = "#010101", "#020202", "#030303", "#040404"
VARIABLES = {INK: "--ink", MUTED: "--muted", GRID: "--grid", BAD: "--bad"}
PIXELS_PER_INCH = 115.0  # a font of 10 points has 16 pixels, as the text of the page
SMALLEST = 0.75
PALETTE = 8  # colours --p0 .. --p7 of the page
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "legend.frameon": False,
    "legend.labelcolor": INK,
}


def new_figure(width: float, height: float) -> Figure:
    """Return a figure of a size in inches; on the page it is as wide as there is room."""
    return Figure(figsize=(width, height), layout="constrained")


def pilot_colour(index: int) -> str:
    """Return the stand-in colour of a pilot by its place in the results."""
    return f"#0a0a{index % PALETTE:02x}"


def svg_element(figure: Figure, salt: str) -> str:
    """Return the figure as an element whose colours and font are the page's."""
    text = io.StringIO()
    # The salt keeps the ids of several figures on one page apart, and the same in every run.
    with mpl.rc_context({"svg.hashsalt": salt}):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    for index in range(PALETTE):
        svg = svg.replace(pilot_colour(index), f"var(--p{index})")
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--font)", svg)
    # Never larger than drawn, nor so small that nobody can read it: a narrow page scrolls.
    natural = PIXELS_PER_INCH * figure.get_figwidth()
    size = f'style="max-width:{natural:.0f}px;min-width:{SMALLEST * natural:.0f}px"'
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2).replace("<svg", f"<svg {size}", 1)
    return re.sub(r'id="((?:figure|axes|patch|line2d|text|matplotlib)[\w.]*)"', "", svg)
