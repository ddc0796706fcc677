"""Display of flights for several commands: window, film and summary."""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.rendering import Renderer
from lunar_env.rendering.film import write_film
from lunar_env.rendering.pace import paced
from lunar_env.rendering.pygame_view import FRAME_SIZE, check_size
from lunar_env.rendering.viewer import WINDOW_SIZE, Viewer
from lunar_env.rendering.window import NoWindowError, require_screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env import LunarLandingEnv
    from lunar_env.files import Output
    from lunar_env.rendering import Snapshot
    from lunar_env.telemetry import Flight

__all__ = ["Show", "check_show", "check_speed", "ending", "on_screen", "show", "summary_of"]

MAX_FPS = 120.0


class Show(NamedTuple):
    """How a flight is shown."""

    speed: float = 1.0
    """Seconds of flight per second."""
    size: tuple[int, int] | None = None
    """Of window or film, in pixels; None for what suits either."""
    fps: float = 20.0
    """Frames per second of a film."""


def show(
    instants: Iterator[object],
    env: LunarLandingEnv,
    how: Show,
    film: Output | None,
    *,
    headless: bool,
) -> None:
    """Show a flight in the window, write its film, or only fly it.

    Parameters
    ----------
    instants : iterator
        Flies on when asked for the next one.
    env : LunarLandingEnv
        What flies, looked at in every instant.
    how : Show
        Speed, size and rate.
    film : Output or None
        Film or picture to write instead of the window.
    headless : bool
        Neither.
    """
    if film is not None:
        renderer = Renderer(*(how.size or FRAME_SIZE))
        frames = map(renderer.rgb_array, paced(_looks(instants, env), how.speed / how.fps))
        write_film(film, frames, how.fps)
        return
    if headless:
        for _ in instants:
            pass
        return
    require_screen()
    viewer = Viewer(*(how.size or WINDOW_SIZE))
    open_ = all(viewer.show(snapshot, how.speed) for snapshot in _looks(instants, env))
    # The end stays until the user closes the window; SDL's dummy driver has no user.
    while open_ and os.environ.get("SDL_VIDEODRIVER") != "dummy":
        open_ = viewer.hold()
    viewer.close()


def _looks(instants: Iterator[object], env: LunarLandingEnv) -> Iterator[Snapshot]:
    for _ in instants:
        yield env.snapshot()


def check_show(how: Show) -> None:
    """Check how a flight is to be shown.

    Raises
    ------
    ConfigError
        Where a number is out of range.
    """
    check_speed(how.speed)
    if not 1.0 <= how.fps <= MAX_FPS:
        raise ConfigError(f"fps = {how.fps:g} must be between 1 and {MAX_FPS:g}")
    if how.size is not None:
        check_size(*how.size)


@contextmanager
def on_screen(instead: str) -> Iterator[None]:
    """Say what the command can do instead where the block cannot open a window."""
    try:
        yield
    except NoWindowError as problem:
        raise LunarEnvError(f"{problem.reason}; {instead}") from problem


def check_speed(speed: float) -> None:
    """Check a speed.

    Raises
    ------
    ConfigError
        If it is not positive and finite.
    """
    if not (math.isfinite(speed) and speed > 0.0):
        raise ConfigError(f"speed = {speed:g} must be positive and finite")


def summary_of(flight: Flight) -> dict[str, object]:
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
        "duration_s": _last(flight, "time_s"),
        "outcome": flight.outcome,
        "touchdown": flight.touchdown,
        "lost": _last(flight, "lost") > 0.5,
        "first_fix_height_m": _first_fix(flight),
        "propellant_left_kg": _last(flight, "propellant_kg"),
        "events": [event._asdict() for event in flight.events],
    }


def ending(flight: Flight) -> Text:
    """Return one line on how a flight ended."""
    text = Text.assemble((flight.outcome, "bold"), f" after {_last(flight, 'time_s'):.1f} s")
    touchdown = flight.touchdown
    if touchdown is not None:
        text.append(
            f" at {touchdown['v_vertical_m_s']:.2f} m/s down,"
            f" {touchdown['v_lateral_m_s']:.2f} m/s sideways, {touchdown['tilt_deg']:.1f} deg tilt"
        )
        broken = touchdown.get("legs_broken", math.nan)
        if broken > 0.0:  # false for NaN: it did not come to rest
            text.append(f", broken legs: {broken:.0f}")
    fix = _first_fix(flight)
    text.append("; no valid range" if fix != fix else f"; first valid range at {fix:.0f} m")
    if _last(flight, "lost") > 0.5:
        text.append("; lost from the start: no control whatever could have landed")
    text.append(f"; episode key {flight.episode_key}", style="dim")
    return text


def _first_fix(flight: Flight) -> float:
    """Height of the first valid range [m]; NaN without one."""
    height = _last(flight, "first_fix_height_m")
    return height if height >= 0.0 else math.nan


def _last(flight: Flight, name: str) -> float:
    """Value of a true quantity at the end of the record."""
    return float(flight.quantity("privileged", name)[-1])
