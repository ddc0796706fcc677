"""The controls of a window: which key does what, and the state that they change.

Nothing here draws or waits. A `Controls` takes what a user did, keeps what is meant for it, and
hands back the rest, for whoever flies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from lunar_env.rendering.camera import CAMERAS, View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lunar_env.rendering.inputs import Input

__all__ = ["BINDINGS", "Binding", "Controls"]

Command = Literal[
    "pause",
    "step",
    "faster",
    "slower",
    "normal",
    "camera",
    "follow",
    "screenshot",
    "record",
    "fullscreen",
    "help",
    "close",
]
SLOWEST, FASTEST = -4, 6
"""Powers of two: from a sixteenth of the speed to 64 times it."""


class Binding(NamedTuple):
    """A command, the keys and buttons for it, and what it does."""

    command: Command
    keys: tuple[str, ...]
    doc: str


BINDINGS = (
    Binding("pause", ("space", "p", "button 7"), "pause, and continue"),
    Binding("step", (".", "button 5"), "one control period, paused"),
    Binding("faster", ("=", "+", "[+]"), "twice as fast"),
    Binding("slower", ("-", "[-]"), "half as fast"),
    Binding("normal", ("0",), "speed as at the start"),
    Binding("camera", ("c", "button 4"), "camera: chase, whole descent, ground"),
    Binding("follow", ("b", "button 8"), "follow the truth, or the belief"),
    Binding("screenshot", ("f12", "i"), "screenshot"),
    Binding("record", ("v",), "record a film, and stop recording"),
    Binding("fullscreen", ("f11", "f"), "full screen, and back"),
    Binding("help", ("h", "f1", "button 6"), "this help"),
    Binding("close", ("escape", "q"), "close"),
)


class Controls:
    """State of the controls of one window.

    Parameters
    ----------
    view : View
        What is looked at in the beginning.
    reserved : iterable of str
        Keys and buttons that belong to whoever flies, and are handed back.
    """

    def __init__(self, view: View = View(), reserved: Iterable[str] = ()) -> None:  # noqa: B008 (immutable)
        self.view = view
        self.paused = self.helping = self.recording = self.fullscreen = self.closed = False
        self.speed = 0
        """Power of two by which the flight is shown faster."""
        self.steps = 0
        """Control periods to show although it is paused."""
        self.screenshots = 0
        """Screenshots that are still to be taken."""
        taken = frozenset(reserved)
        self.bindings = tuple(
            binding._replace(keys=tuple(key for key in binding.keys if key not in taken))
            for binding in BINDINGS
        )
        """What is bound to keys that are not reserved."""
        self._commands = {key: b.command for b in self.bindings for key in b.keys}

    def take(self, inputs: Iterable[Input]) -> list[Input]:
        """Carry out what is meant for these controls; return the rest."""
        rest = []
        for each in inputs:
            command = self._commands.get(each.name)
            if each.kind == "close":
                self.closed = True
            elif command is None:
                rest.append(each)
            elif each.kind == "press":
                self.do(command)
        return rest

    def do(self, command: Command) -> None:
        """Carry out one command."""
        if command in ("faster", "slower"):
            change = 1 if command == "faster" else -1
            self.speed = min(max(self.speed + change, SLOWEST), FASTEST)
        elif command == "camera":
            after = (CAMERAS.index(self.view.camera) + 1) % len(CAMERAS)
            self.view = self.view._replace(camera=CAMERAS[after])
        elif command == "follow":
            other: Literal["truth", "belief"] = "belief" if self.view.follow == "truth" else "truth"
            self.view = self.view._replace(follow=other)
        else:
            self._switch(command)

    def _switch(self, command: Command) -> None:
        if command == "pause":
            self.paused = not self.paused
        elif command == "step":
            self.paused, self.steps = True, self.steps + 1
        elif command == "normal":
            self.speed = 0
        elif command == "screenshot":
            self.screenshots += 1
        elif command == "record":
            self.recording = not self.recording
        elif command == "fullscreen":
            self.fullscreen = not self.fullscreen
        elif command == "help":
            self.helping = not self.helping
        elif command == "close":
            self.closed = True
