"""``play``: throttle and tilt by keyboard."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env import LunarLandingEnv
from lunar_env.cli.display import ending, on_screen, summary_of
from lunar_env.cli.program import Done
from lunar_env.cli.streams import PatientLines
from lunar_env.envs.lookout import heading
from lunar_env.errors import ConfigError
from lunar_env.files import optional_output, require_suffix
from lunar_env.pilots import default_phase
from lunar_env.rendering.viewer import WINDOW_SIZE, Viewer
from lunar_env.rendering.window import require_screen
from lunar_env.telemetry import Recorder, flight_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console

    from lunar_env.cli.options import Play
    from lunar_env.telemetry import Flight

__all__ = ["Keys", "moved", "run"]

KEYS = {
    "up": ("up", "w"),
    "down": ("down", "s"),
    "left": ("left", "a"),
    "right": ("right", "d"),
    "full": ("space",),
    "again": ("r",),
    "next": ("n",),
}
THROTTLE_PER_S = 0.5
LEAN_PER_S = 1.0
STEERED = ("throttle", "thrust_vector")
HELP = "up/down or W/S: throttle, space: full, R: restart, N: next, Esc: quit"
HELP_LEAN = "left/right or A/D: tilt of the thrust, in the plane of the picture"


class Keys(NamedTuple):
    """What is held or was touched."""

    up: bool = False
    down: bool = False
    left: bool = False
    right: bool = False
    full: bool = False
    again: bool = False
    next: bool = False


def run(options: Play, out: Console) -> Done:
    """Play until the window is closed.

    Parameters
    ----------
    options : Play
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    Done
        How the last flight went.
    """
    if options.seed is not None and options.seed < 0:
        raise ConfigError(f"seed = {options.seed} must not be negative")
    if options.max_steps is not None and options.max_steps < 1:
        raise ConfigError(f"max_steps = {options.max_steps} must be at least 1")
    if options.record is not None:
        require_suffix(options.record, (".npz",), "a recorded flight")
    if options.control == "actuators":
        raise ConfigError(f"control = 'actuators' must be {' or '.join(STEERED)} for the keyboard")
    lines = PatientLines(out)
    with optional_output(options.record) as record:
        with on_screen("`lunar-env fly --film PATH` films a pilot's landing"):
            flight = _play(options, lines)
        if record is not None:
            record.write(flight_bytes(flight))
    lines.raise_error()
    return Done(summary_of(flight))


def _play(options: Play, lines: PatientLines) -> Flight:
    """Play; return the last flight."""
    require_screen()
    phase = options.phase or default_phase(options.mission)
    flown = options.mission, options.scenario, options.control, phase
    game = Game(LunarLandingEnv(*flown), options.seed)
    lines.print(HELP)
    if options.control == "thrust_vector":
        lines.print(HELP_LEAN)
    period, steps = 0, options.max_steps
    while (steps is None or period < steps) and game.play_period():
        period += 1
        if game.just_ended:
            lines.print(ending(game.recorder.flight))
    game.close()
    return game.recorder.flight


class Game:
    """A window, a lander and a keyboard.

    Parameters
    ----------
    env : LunarLandingEnv
        What is flown.
    seed : int or None
        Seed of the first episode.
    """

    def __init__(self, env: LunarLandingEnv, seed: int | None) -> None:
        self.recorder = Recorder(env)
        self.ended = self.just_ended = False
        self._env, self._viewer = env, Viewer(*WINDOW_SIZE, reserved=chain(*KEYS.values()))
        self._throttle = self._lean = 0.0
        self._begin(seed=seed)

    def play_period(self) -> bool:
        """Play one control period; return False once the window is closed."""
        if not (self._viewer.hold() if self.ended else self._viewer.show(self._env.snapshot())):
            return False
        keys, period_s = _read_keys(self._viewer), self._env.settings.mission.control_period_s
        if keys.again or keys.next:
            key = self.recorder.flight.episode_key
            self._begin(options={"episode_key": key} if keys.again else None)
            return True
        self.just_ended = False
        if not self.ended:
            self._throttle = moved(self._throttle, keys, period_s)
            self._lean = leaned(self._lean, keys, period_s)
            self._step(1.0 if keys.full else self._throttle)
        return True

    def close(self) -> None:
        """Close the window."""
        self._viewer.close()

    def _begin(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        self.ended = self.just_ended = False
        self.recorder.reset(seed=seed, options=options)
        # As it flies: with the thrust that the lander arrives with, a multiple of 5 %.
        arrival, settings = self._env.snapshot(), self._env.settings
        self._throttle = round(20.0 * min(arrival.throttle_frac, 1.0)) / 20.0
        largest = math.radians(settings.mission.phases.named(settings.phase).tilt_max_deg)
        self._lean = min(max(arrival.tilt_rad / largest, -1.0), 1.0)
        self._name()

    def _step(self, throttle: float) -> None:
        _, _, terminated, truncated, _ = self.recorder.step(self._action(throttle))
        self.ended = self.just_ended = terminated or truncated
        self._name()
        if self.ended:
            self._viewer.show(self._env.snapshot())

    def _action(self, throttle: float) -> NDArray[np.float32]:
        settings = self._env.settings
        action = [2.0 * throttle - 1.0]
        if settings.control == "thrust_vector":
            way = heading(settings)
            action = [self._lean * math.sin(way), self._lean * math.cos(way), *action]
        return np.array(action, np.float32)

    def _name(self) -> None:
        self._env.pilot = f"keyboard {100.0 * self._throttle:.0f} %"


def moved(throttle: float, keys: Keys, elapsed_s: float) -> float:
    """Return the throttle after keys were held for a time.

    Examples
    --------
    >>> moved(0.5, Keys(up=True), 0.5), moved(0.1, Keys(down=True), 1.0)
    (0.75, 0.0)
    """
    change = THROTTLE_PER_S * elapsed_s * (keys.up - keys.down)
    return min(max(throttle + change, 0.0), 1.0)


def leaned(lean: float, keys: Keys, elapsed_s: float) -> float:
    """Return the tilt of the thrust, as a fraction of the largest, after keys were held for a time.

    Examples
    --------
    >>> leaned(0.0, Keys(right=True), 0.5), leaned(-0.9, Keys(left=True), 1.0)
    (0.5, -1.0)
    """
    change = LEAN_PER_S * elapsed_s * (keys.right - keys.left)
    return min(max(lean + change, -1.0), 1.0)


def _read_keys(viewer: Viewer) -> Keys:
    """Return what is held, or was touched since the last call."""
    touched = {each.name for each in viewer.inputs() if each.kind == "press"}
    down = touched | viewer.held.names
    pressed = {name: not down.isdisjoint(names) for name, names in KEYS.items()}
    return Keys(
        **pressed | {name: not touched.isdisjoint(KEYS[name]) for name in ("again", "next")}
    )
