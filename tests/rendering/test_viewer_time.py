"""The window in time: frames between instants, speed, pause and steps."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_env.rendering.viewer import Viewer
from tests.rendering.snapshots import BLIND, LANDED

pygame = pytest.importorskip("pygame")

from tests.rendering.keyboard import press  # noqa: E402 (needs pygame)

NEXT = BLIND._replace(time_s=12.6, height_m=2391.4)
"""One control period after BLIND."""


class Clock:
    """Every frame takes a sixtieth of a second, at no time."""

    def tick(self, _fps: float) -> int:
        return self.get_time()

    def get_time(self) -> int:
        return 17


@pytest.fixture
def shown(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Times of the frames that are shown from now on."""
    times: list[float] = []
    draw = viewer._picture
    viewer._clock = Clock()  # type: ignore[assignment]  # its two methods are enough

    def noted(snapshot):  # type: ignore[no-untyped-def]
        times.append(snapshot.time_s)
        return draw(snapshot)

    monkeypatch.setattr(viewer, "_picture", noted)
    return times


def test_frames_are_shown_between_the_instants(viewer: Viewer, shown: list[float]) -> None:
    assert viewer.show(NEXT)
    assert len(shown) == 12
    assert np.allclose(np.diff(shown), 0.017)
    assert shown[0] == BLIND.time_s
    later = NEXT._replace(time_s=12.8)
    viewer.show(later)
    assert np.allclose(np.diff(shown), 0.017)  # evenly, across the instants


@pytest.mark.parametrize(("speed", "frames"), [(1, 6), (2, 3), (-1, 24), (6, 1)])
def test_the_speed_doubles_and_halves(
    viewer: Viewer, shown: list[float], speed: int, frames: int
) -> None:
    for _ in range(abs(speed)):
        press("=" if speed > 0 else "-")
    viewer.hold()
    shown.clear()
    assert viewer.show(NEXT)
    assert len(shown) == frames


def test_a_pause_lasts_until_the_key_is_pressed_again(viewer: Viewer, shown: list[float]) -> None:
    press("p")
    viewer.hold()
    waited = [0]
    tick = Clock.tick

    def tick_and_release(self: Clock, fps: float) -> int:
        waited[0] += 1
        if waited[0] == 10:
            press("p")
        return tick(self, fps)

    viewer._clock.tick = tick_and_release.__get__(viewer._clock)  # type: ignore[union-attr,method-assign]
    shown.clear()
    assert viewer.show(NEXT)
    assert shown[:10] == [BLIND.time_s] * 10
    assert shown[-1] > BLIND.time_s + 0.15


def test_a_step_shows_one_control_period(viewer: Viewer, shown: list[float]) -> None:
    press(".")
    assert viewer.show(NEXT)
    assert shown[-1] == NEXT.time_s
    assert viewer.controls.paused
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert not viewer.show(NEXT._replace(time_s=12.8))


def test_the_end_of_a_flight_is_always_shown(viewer: Viewer, shown: list[float]) -> None:
    end = LANDED._replace(time_s=12.6)
    assert viewer.show(end, 1000.0)
    assert shown[-1] == 12.6
    assert viewer.hold()
    assert viewer.show(BLIND)  # a new flight begins without a way from the old one
    assert shown[-1] == BLIND.time_s


@pytest.mark.usefixtures("dummy_display")
def test_sixty_frames_a_second_take_their_time() -> None:
    viewer = Viewer(320, 240)
    viewer.show(BLIND)
    begin = pygame.time.get_ticks()
    viewer.show(BLIND._replace(time_s=12.9))
    assert 400 <= pygame.time.get_ticks() - begin < 3000
    viewer.close()
