"""What the commands share that show a flight: where it is shown, and how it is told."""

from __future__ import annotations

import math
import os
import sys
from typing import TYPE_CHECKING

from rich.text import Text

from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.rendering import Renderer
from lunar_env.rendering.film import write_film

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.files import Output
    from lunar_env.rendering import Snapshot
    from lunar_env.telemetry import Flight

__all__ = ["check_speed", "ending", "require_screen", "show", "told"]


def show(snapshots: Iterator[Snapshot], fps: float, out: Output | None, *, headless: bool) -> None:
    """Show a flight in the window, write its film, or only fly it.

    Parameters
    ----------
    snapshots : iterator of Snapshot
        Flies when asked for the next one.
    fps : float
        Snapshots per second.
    out : Output or None
        Film or picture to write instead of the window.
    headless : bool
        Neither.
    """
    if out is not None:
        renderer = Renderer()
        write_film(out, (renderer.rgb_array(snapshot) for snapshot in snapshots), fps)
        return
    if headless:
        for _ in snapshots:
            pass
        return
    require_screen()
    renderer = Renderer()
    open_ = True
    for snapshot in snapshots:
        open_ = renderer.show(snapshot, fps)
        if not open_:
            break
    # The end stays until the user closes the window; SDL's dummy driver has no user.
    while open_ and os.environ.get("SDL_VIDEODRIVER") != "dummy":
        open_ = renderer.show(snapshot, fps)
    renderer.close()


def require_screen() -> None:
    """Refuse to open a window that nobody can see.

    Raises
    ------
    LunarEnvError
        Where there is no screen. SDL would draw into memory without a word.
    """
    named = {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"}.intersection(os.environ)
    if sys.platform == "linux" and not named:
        raise LunarEnvError("no window can be opened here: no screen (DISPLAY) is set")


def check_speed(speed: float) -> None:
    """Refuse a speed that is none.

    Raises
    ------
    ConfigError
        If it is not positive and finite.
    """
    if not (math.isfinite(speed) and speed > 0.0):
        raise ConfigError(f"speed = {speed:g} must be positive and finite")


def told(flight: Flight) -> dict[str, object]:
    """Return how a flight went, as JSON content."""
    return {
        "mission": flight.mission.name,
        "scenario": flight.scenario.name,
        "control": flight.control,
        "phase": flight.phase,
        "pilot": flight.pilot,
        "seed": flight.seed,
        "episode_key": flight.episode_key,
        "steps": flight.steps,
        "outcome": flight.outcome,
        "touchdown": flight.touchdown,
        "events": [event._asdict() for event in flight.events],
    }


def ending(flight: Flight) -> Text:
    """Say how a flight ended, in one line."""
    text = Text.assemble((flight.outcome, "bold"), f" after {_last_time(flight):.1f} s")
    touchdown = flight.touchdown
    if touchdown is not None:
        text.append(
            f" at {touchdown['v_vertical_m_s']:.2f} m/s down,"
            f" {touchdown['v_lateral_m_s']:.2f} m/s sideways, {touchdown['tilt_deg']:.1f} deg"
        )
        broken = touchdown.get("legs_broken", math.nan)
        if broken > 0.0:  # false for NaN: it did not come to rest
            text.append(f", {broken:.0f} legs broken")
    fix = float(flight.quantity("privileged", "first_fix_alt_m")[-1])
    text.append(f"; first valid range at {fix:.0f} m" if fix >= 0.0 else "; never saw the ground")
    text.append(f"; episode key {flight.episode_key}", style="dim")
    return text


def _last_time(flight: Flight) -> float:
    return float(flight.quantity("privileged", "time_s")[-1])
