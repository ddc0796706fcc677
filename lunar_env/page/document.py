"""The HTML file: its content, style, scripts and plotly.js, all in one."""

from __future__ import annotations

import importlib.util
import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from lunar_env.errors import MissingExtra
from lunar_env.files import require_suffix
from lunar_env.page.content import content_of

if TYPE_CHECKING:
    from lunar_env.page.ground import Elevations
    from lunar_env.telemetry import Flight

__all__ = ["check_page", "page_html"]

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("flight.js", "scene.js", "lines.js", "player.js")
# The browser itself refuses whatever would come over a network.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)


def check_page(path: Path) -> None:
    """Check that a page can be made, before anything is flown.

    Parameters
    ----------
    path : Path
        A .html file.

    Raises
    ------
    ConfigError
        If it ends in something else.
    MissingExtra
        If plotly is not installed.
    """
    require_suffix(path, (".html",), "a page")
    if importlib.util.find_spec("plotly") is None:
        raise MissingExtra("html", "a page for the browser")


def page_html(flight: Flight, elevations: Elevations) -> str:
    """Return a page that shows a flight.

    Parameters
    ----------
    flight : Flight
        The record.
    elevations : callable
        Looks the ground of its episode up: `LunarLandingEnv.ground` of an environment that was
        reset to that episode.

    Returns
    -------
    str
        The text of an HTML file that needs no other file and no network.

    Raises
    ------
    MissingExtra
        If plotly is not installed.
    """
    try:
        from plotly.offline import get_plotlyjs  # optional
    except ImportError:
        raise MissingExtra("html", "a page for the browser") from None
    content = json.dumps(content_of(flight, elevations), allow_nan=False, separators=(",", ":"))
    parts = {
        "title": escape(flight.mission.title),
        "policy": POLICY,
        "style": _asset("page.css"),
        "subtitle": escape(_subtitle(flight)),
        "outcome": escape(_outcome(flight)),
        # As it stands in a script, nothing in it may look like the end of one.
        "content": content.replace("<", "\\u003c"),
        "plotly": get_plotlyjs(),
        "scripts": "\n".join(map(_asset, SCRIPTS)),
    }
    pieces = _asset("page.html").split("%%")
    return "".join(parts[piece] if k % 2 else piece for k, piece in enumerate(pieces))


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _subtitle(flight: Flight) -> str:
    seed = f"episode key {flight.episode_key}" if flight.seed is None else f"seed {flight.seed}"
    return (
        f"pilot {flight.pilot or 'unnamed'}, scenario {flight.scenario.name},"
        f" phase {flight.phase}, {seed}"
    )


def _outcome(flight: Flight) -> str:
    seconds = float(flight.quantity("privileged", "time_s")[-1])
    text = f"{flight.outcome} after {seconds:.1f} s"
    met = flight.touchdown
    if met is None:
        return text
    return (
        f"{text} at {met['v_vertical_m_s']:.2f} m/s down,"
        f" {met['v_lateral_m_s']:.2f} m/s sideways, {met['tilt_deg']:.1f} deg tilt"
    )
