"""A window that shows a flight: 60 frames a second between the instants, and its controls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lunar_env.errors import LunarEnvError
from lunar_env.files import output
from lunar_env.rendering.between import between, follows
from lunar_env.rendering.camera import View
from lunar_env.rendering.canvas import load_pygame
from lunar_env.rendering.controls import Controls
from lunar_env.rendering.film import write_film
from lunar_env.rendering.filming import Filming, free_path
from lunar_env.rendering.help_panel import controls_shown
from lunar_env.rendering.inputs import Held, Input
from lunar_env.rendering.pygame_view import FRAME_SIZE, LARGEST, SMALLEST, Renderer
from lunar_env.rendering.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    import pygame
    from numpy.typing import NDArray

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["WINDOW_SIZE", "Viewer"]

FPS = 60
WINDOW_SIZE = (1280, 800)
MOST_PIXELS = 2.4e6
"""Larger windows show a picture of half their size, twice as large."""
LONGEST_FRAME_S = 0.1
"""However long a frame took, the flight is not carried on by more than this."""
NOTICE_S = 4.0


class Viewer:
    """Shows snapshots of a flight in a window, in real time.

    Parameters
    ----------
    width, height : int
        Size of the window at first, in pixels.
    view : View
        What is looked at in the beginning.
    reserved : iterable of str
        Keys and buttons that the controls leave to whoever flies.
    folder : Path, optional
        Where screenshots and films go; by default the present folder.
    """

    def __init__(
        self,
        width: int = FRAME_SIZE[0],
        height: int = FRAME_SIZE[1],
        view: View = View(),  # noqa: B008 (immutable)
        reserved: Iterable[str] = (),
        folder: Path | None = None,
    ) -> None:
        self.renderer = Renderer(width, height)
        self.controls = Controls(view, reserved)
        self.held = Held()
        """What is held down at present, whatever it is bound to."""
        self.over: Callable[[Layout], Iterable[Primitive]] | None = None
        """Draws on top of the view, below what the controls show."""
        self._reserved, self._folder = tuple(reserved), folder or Path()
        self._inputs: list[Input] = []
        self._window: Window | None = None
        self._clock: pygame.time.Clock | None = None
        self._left = False
        self._last: Snapshot | None = None
        self._spare_s = 0.0  # of the present interval, shown before it began
        self._filming: Filming | None = None
        self._notice, self._notice_s = "", 0.0

    @property
    def is_open(self) -> bool:
        """Whether a window is open."""
        return self._window is not None

    def inputs(self) -> list[Input]:
        """Return what the user did since the last call and the controls do not use."""
        done, self._inputs = self._inputs, []
        return done

    def show(self, snapshot: Snapshot, rate: float = 1.0) -> bool:
        """Show the flight from the last snapshot to this one, opening the window first.

        Parameters
        ----------
        snapshot : Snapshot
            An instant of a flight; the first one of a flight is shown as it is.
        rate : float
            Seconds of flight per second, before the user changes the speed; 0 shows one frame and
            does not wait.

        Returns
        -------
        bool
            False once the user has closed the window. It stays closed: later calls do nothing and
            return False.

        Raises
        ------
        LunarEnvError
            If no window can be opened here.
        """
        before, self._last = self._last, snapshot
        if self._left:
            return False
        if rate <= 0.0:
            return self._frame(snapshot)
        if before is None or not follows(before, snapshot):
            self._spare_s = 0.0
            return self._frame(snapshot)
        return self._play(before, snapshot, rate)

    def hold(self) -> bool:
        """Show the last snapshot for one more frame; return False once the window is closed."""
        if self._last is None or self._left:
            return not self._left
        self.controls.steps = 0
        return self._frame(self._last)

    def close(self) -> None:
        """Close the window and finish the film; a later snapshot opens a new window."""
        if self._filming is not None:
            self._filming.finish()
            self._filming = None
        if self._window is not None:
            self._window.close()
            self._window = None

    def __reduce__(self) -> tuple[type[Viewer], tuple[object, ...]]:
        """Copy what it was made with: a copy opens its own window."""
        size = self.renderer.width, self.renderer.height
        return type(self), (*size, self.controls.view, self._reserved, self._folder)

    def _play(self, before: Snapshot, after: Snapshot, rate: float) -> bool:
        """Show the frames between two instants; return False once the window is closed."""
        duration, at = after.time_s - before.time_s, self._spare_s
        ends = after.outcome != "FLYING"
        while at < duration:
            if not self._frame(between(before, after, at / duration)):
                return False
            if self.controls.paused and self.controls.steps == 0:
                continue
            if self.controls.paused:
                self.controls.steps -= 1
                self._spare_s = 0.0
                return self._frame(after)
            at += self._elapsed_s * rate * 2.0**self.controls.speed
        self._spare_s = 0.0 if ends else at - duration
        return self._frame(after) if ends else True

    @property
    def _elapsed_s(self) -> float:
        clock = self._clock
        return 0.0 if clock is None else min(1e-3 * clock.get_time(), LONGEST_FRAME_S)

    def _frame(self, snapshot: Snapshot) -> bool:
        """Show one frame, and answer the user."""
        window = self._window
        if window is None:
            title = f"lunar-env: {snapshot.mission}, {snapshot.scenario}"
            window = Window(title, (self.renderer.width, self.renderer.height))
            self._window, self._clock = window, load_pygame().time.Clock()
        self._answer(window)
        if self.controls.closed or not window.is_there():
            self._left = True
            self.close()
            return False
        frame = self._picture(snapshot)
        window.show(self.renderer.surface(frame))
        self._keep(snapshot, frame)
        if self._clock is not None:
            self._clock.tick(FPS)
        return True

    def _picture(self, snapshot: Snapshot) -> NDArray[np.uint8]:
        self.renderer.view = self.controls.view
        self._notice_s -= self._elapsed_s
        notice = self._notice if self._notice_s > 0.0 else ""
        place = self.renderer.place
        over = () if self.over is None else self.over(place)
        return self.renderer.rgb_array(
            snapshot, (*over, *controls_shown(self.controls, place, notice))
        )

    def _answer(self, window: Window) -> None:
        """Carry out what the user did."""
        inputs, fullscreen = window.inputs(), self.controls.fullscreen
        self.held.take(inputs)
        for each in self.controls.take(inputs):
            if each.kind == "size":
                self._resize(*each.size)
            else:
                self._inputs.append(each)
        if self.controls.fullscreen != fullscreen:
            self._resize(*window.set_fullscreen(self.controls.fullscreen))

    def _resize(self, width: int, height: int) -> None:
        half = 2 if width * height > MOST_PIXELS else 1
        size = [
            min(max(pixels // half, low), high)
            for pixels, low, high in zip((width, height), SMALLEST, LARGEST, strict=True)
        ]
        if size != [self.renderer.width, self.renderer.height]:
            self.renderer = Renderer(*size)

    def _keep(self, snapshot: Snapshot, frame: NDArray[np.uint8]) -> None:
        """Write the screenshots and the film that were asked for."""
        stem = f"lunar-env-{snapshot.time_s:.1f}s"
        while self.controls.screenshots > 0:
            self.controls.screenshots -= 1
            path = free_path(self._folder, stem, ".png")
            try:
                with output(path) as file:
                    write_film(file, [frame], 1.0)
                self._say(f"screenshot: {path}")
            except LunarEnvError as problem:
                self._say(str(problem))
        if self.controls.recording and self._filming is None:
            try:
                self._filming = Filming(free_path(self._folder, stem, ".mp4"), FPS)
            except LunarEnvError as problem:
                self.controls.recording = False
                self._say(str(problem))
        elif not self.controls.recording and self._filming is not None:
            self._say(self._filming.finish())
            self._filming = None
        if self._filming is not None:
            self._filming.add(frame)

    def _say(self, notice: str) -> None:
        self._notice, self._notice_s = notice, NOTICE_S
