"""Matplotlib figures as SVG elements in the colours and font of the page.

Matplotlib draws with placeholder colours, which are then replaced by CSS variables. A figure thus
suits a light and a dark page, and a pilot has the same colour in all figures.
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
PIXELS_PER_INCH = 115.0  # a 10 point font is 16 pixels, as the text of the page
MIN_SCALE = 0.75
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
    """Return a figure of a size in inches, the largest that it has on the page."""
    return Figure(figsize=(width, height), layout="constrained")


def pilot_colour(index: int) -> str:
    """Return the placeholder colour of a pilot, by its index in the results."""
    return f"#0a0a{index % PALETTE:02x}"


def svg_element(figure: Figure, salt: str) -> str:
    """Return a figure as an SVG element.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn with the placeholder colours.
    salt : str
        Makes the ids in the element unique on the page.

    Returns
    -------
    str
        An ``svg`` element that uses the CSS variables of the page.
    """
    text = io.StringIO()
    # A fixed salt per figure makes ids unique on a page and reproducible.
    with mpl.rc_context({"svg.hashsalt": salt}):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    for index in range(PALETTE):
        svg = svg.replace(pilot_colour(index), f"var(--p{index})")
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--font)", svg)
    # Limits that keep the text readable; a narrow page scrolls.
    natural = PIXELS_PER_INCH * figure.get_figwidth()
    size = f'style="max-width:{natural:.0f}px;min-width:{MIN_SCALE * natural:.0f}px"'
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2).replace("<svg", f"<svg {size}", 1)
    return re.sub(r'id="((?:figure|axes|patch|line2d|text|matplotlib)[\w.]*)"', "", svg)
