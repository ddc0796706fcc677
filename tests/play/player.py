"""A player who does what a script says, frame by frame, without waiting."""

from __future__ import annotations

import pytest

pygame = pytest.importorskip("pygame")


class Player:
    """Sits at a window of SDL's dummy driver; a frame lasts a tenth of a second, and no time."""

    def __init__(self):
        self.script = iter(())
        self.viewer = None

    def get_time(self):
        return 100

    def tick(self, _fps):
        """After a frame was shown: go on with the script; the player who has none leaves."""
        if next(self.script, "done") == "done":
            self.post(pygame.QUIT)

    def post(self, kind, **what):
        pygame.event.post(pygame.event.Event(kind, **what))

    def down(self, name):
        self.post(pygame.KEYDOWN, key=pygame.key.key_code(name))

    def up(self, name):
        self.post(pygame.KEYUP, key=pygame.key.key_code(name))

    def touch(self, name):
        self.down(name)
        self.up(name)

    def button(self, number):
        self.post(pygame.JOYBUTTONDOWN, button=number, joy=0, instance_id=0)
        self.post(pygame.JOYBUTTONUP, button=number, joy=0, instance_id=0)

    def axis(self, number, value):
        self.post(pygame.JOYAXISMOTION, axis=number, value=value, joy=0, instance_id=0)

    @property
    def seen(self):
        """The snapshot that was shown last."""
        return self.viewer._last

    @property
    def view(self):
        return self.viewer.controls.view

    @property
    def texts(self):
        """What is written over the view."""
        shapes = self.viewer.over(self.viewer.renderer.place)
        return [shape.text for shape in shapes if hasattr(shape, "text")]


def frames(number):
    """Watches."""
    yield from range(number)


def fall(player):
    """Falls to the ground."""
    player.down("down")
    while player.seen.outcome == "FLYING":
        yield
    player.up("down")
    yield from frames(3)
