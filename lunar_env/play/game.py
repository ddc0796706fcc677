"""A game: title, flight, score, replay, one after the other in one window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from lunar_env.belief import Belief, onboard_of
from lunar_env.envs import LunarLandingEnv
from lunar_env.play.hands import RESERVED, hands_of, meant
from lunar_env.play.levels import LEVELS
from lunar_env.play.panel import hint
from lunar_env.play.result import result
from lunar_env.play.score import Score
from lunar_env.play.stick import Stick
from lunar_env.play.title import title
from lunar_env.rendering.camera import View
from lunar_env.rendering.viewer import WINDOW_SIZE, Viewer
from lunar_env.telemetry import Recorder, Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from lunar_env.play.levels import Level
    from lunar_env.play.rival import Rival
    from lunar_env.rendering import Snapshot
    from lunar_env.task import Task
    from lunar_env.telemetry import Flight

__all__ = ["Game"]

Screen: TypeAlias = "Callable[[], Screen | None]"
"""Runs until it is left, and returns the next one; None ends the game."""
FLYING = "BACKSPACE  again   ·   P  pause   ·   M  levels   ·   H  keys of the window"
REVEALED = "white: true   ·   blue: what the lander believed   ·   ENTER  back to the score"
LEAVE = frozenset({"go", "again", "replay", "rival"})
"""What leaves a replay."""


class Game:
    """A window, a lander and a player.

    Parameters
    ----------
    task : Task
        What is flown.
    level : Level
        Which one is chosen at first.
    rival : Rival
        Who flies the same episodes.
    seed : int or None
        Of the first episode.
    show_truth : bool
        Whether the player sees more than the lander knows.
    max_steps : int or None
        Control periods after which the game ends.
    tell : callable
        Is given every flight that has ended, of player and rival.
    """

    def __init__(
        self,
        task: Task,
        level: Level,
        rival: Rival,
        *,
        seed: int | None,
        show_truth: bool,
        max_steps: int | None,
        tell: Callable[[Flight], None],
    ) -> None:
        self._task, self._level, self._rival, self._tell = task, level, rival, tell
        self._played = View("chase", "truth" if show_truth else "belief", show_truth)
        self._steps_left = max_steps
        self._env, self._recorder, self._stick = self._made()
        self._viewer = Viewer(*WINDOW_SIZE, view=self._played, reserved=RESERVED)
        self._start: dict[str, Any] = {"seed": seed}
        self._ended: tuple[Flight, Flight | str] | None = None  # the rival's, or why there is none
        self._reset()

    @property
    def flights(self) -> tuple[Flight, Flight | None]:
        """The player's last flight, and the rival's of the same episode if it was flown."""
        if self._ended is None:
            return self._recorder.flight, None
        own, other = self._ended
        return own, None if isinstance(other, str) else other

    def play(self) -> None:
        """Play until the player closes the window."""
        screen: Screen | None = self._title
        try:
            while screen is not None:
                screen = screen()
        finally:
            self._viewer.close()

    def _title(self) -> Screen | None:
        self._look(View())
        where = self._env.snapshot()
        self._viewer.show(where, 0.0)
        while self._viewer.is_open:
            rival = self._rival.name(self._level, self._task)
            self._viewer.over = partial(title, level=self._level, where=where, rival=rival)
            for what in self._asked():
                if what in ("up", "down"):
                    k = LEVELS.index(self._level) + (1 if what == "down" else -1)
                    self._level = LEVELS[min(max(k, 0), len(LEVELS) - 1)]
                elif what == "go":
                    return self._chosen
        return None

    def _chosen(self) -> Screen:
        """Begin the present episode at the chosen level."""
        if self._env.settings.control != self._level.control:
            self._env, self._recorder, self._stick = self._made()
        self._reset()
        return self._fly

    def _fly(self) -> Screen | None:
        self._look(self._played)
        self._viewer.over = partial(hint, text=FLYING)
        over = False
        while self._viewer.show(self._env.snapshot()):
            touched = self._viewer.inputs()
            asked = meant(touched)
            if over:
                return self._compare
            if self._steps_left == 0:
                return None
            if "levels" in asked:
                return self._title
            if "again" in asked:
                self._reset()
                continue
            if self._steps_left is not None:
                self._steps_left -= 1
            self._ended = None
            hands = hands_of(self._viewer.held, touched)
            action = self._stick.move(hands, self._env.snapshot().attitude)
            observation, _, terminated, truncated, _ = self._recorder.step(action)
            self._believe(observation)
            over = terminated or truncated
            self._name(over=over)
        return None

    def _compare(self) -> Screen:
        """Let the rival fly the same episode."""
        flight, name = self._recorder.flight, self._rival.name(self._level, self._task)
        self._tell(flight)
        self._viewer.over = partial(result, own=Score.of(flight), other=f"{name} flies ...")
        self._viewer.hold()
        other = self._rival.fly(self._level, self._task, flight.episode_key)
        if not isinstance(other, str):
            self._tell(other)
        self._ended = flight, other
        return partial(self._score, flight, other)

    def _score(self, flight: Flight, other: Flight | str) -> Screen | None:
        told = other if isinstance(other, str) else Score.of(other)
        self._viewer.over = partial(result, own=Score.of(flight), other=told)
        back = partial(self._score, flight, other)
        while self._viewer.is_open:
            for what in self._asked():
                if what == "replay":
                    return partial(self._replay, flight, back)
                if what == "rival" and not isinstance(other, str):
                    return partial(self._replay, other, back)
                if what == "go":
                    self._start = {}
                if what in ("levels", "again", "go"):
                    self._reset()
                    return self._title if what == "levels" else self._fly
        return None

    def _replay(self, flight: Flight, back: Screen) -> Screen | None:
        """Show a flight with the truth."""
        self._look(View())
        self._viewer.over = partial(hint, text=REVEALED)
        for snapshot in _instants(flight):
            if not self._viewer.show(snapshot):
                return None
            if not LEAVE.isdisjoint(meant(self._viewer.inputs())):
                return back
        while self._viewer.is_open:
            if not LEAVE.isdisjoint(self._asked()):
                return back
        return None

    def _asked(self) -> list[str]:
        """Show one more frame; return what was asked for."""
        self._viewer.hold()
        return meant(self._viewer.inputs())

    def _look(self, view: View) -> None:
        """Show the truth or not, with the camera as it is."""
        controls = self._viewer.controls
        controls.view = view._replace(camera=controls.view.camera)

    def _made(self) -> tuple[LunarLandingEnv, Recorder, Stick]:
        env = LunarLandingEnv(**self._task._replace(control=self._level.control).keywords())
        return env, Recorder(env), Stick(env.settings)

    def _reset(self) -> None:
        """Begin the same episode again, or the next one where none is to begin."""
        observation, _ = self._recorder.reset(**self._start)
        self._believe(observation)
        if self._start.get("seed") is None:
            self._start = {"options": {"episode_key": self._recorder.flight.episode_key}}
        self._stick.begin(self._env.snapshot())
        self._name()

    def _believe(self, observation: NDArray[np.float32]) -> None:
        """Write down what the lander's computer believes, which is what the player sees."""
        fields = self._env.settings.frame_fields
        self._recorder.believe(onboard_of(fields, observation.tolist()))

    def _name(self, *, over: bool = False) -> None:
        lever = "" if over else f", throttle at {100.0 * self._stick.throttle:.0f} %"
        self._env.pilot = f"player{lever}"


def _instants(flight: Flight) -> Iterator[Snapshot]:
    """Yield every instant of a recorded flight."""
    env = LunarLandingEnv(**flight.keywords())
    env.pilot = flight.pilot
    for k in Replay(flight, env).instants():
        env.belief = None if flight.beliefs is None else Belief(*flight.beliefs[k].tolist())
        yield env.snapshot()
