"""Pictures of every mission, state of the beam, outcome, size and camera, to be looked at.

They are drawn without a screen. With ``--basetemp FOLDER`` they stay in that folder, as contact
sheets; the test itself checks that each shows what it is to show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from lunar_env import LunarLandingEnv, list_missions
from lunar_env.files import output
from lunar_env.rendering import Renderer, Snapshot
from lunar_env.rendering.camera import CAMERAS, View
from lunar_env.rendering.film import write_film
from tests.rendering.snapshots import ALL, BLIND, CRASHED, LANDED, TIPPED, TRACKING

pytest.importorskip("pygame")

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MISSIONS = [name for name in list_missions() if not name.startswith("gaudet")]
HEIGHTS_M = (6.0, 120.0, 2000.0)
SIZES = ((480, 320), (1280, 800), (1920, 1080))
OUTCOMES = {
    "LANDED": LANDED,
    "HARD_LANDING": LANDED._replace(outcome="HARD_LANDING", legs=TIPPED.legs),
    "TIPPED": TIPPED,
    "CRASHED": CRASHED,
    "FUEL_OUT": CRASHED._replace(outcome="FUEL_OUT", v_vertical_m_s=-6.0, propellant_kg=0.0),
    "OUT_OF_BOUNDS": BLIND._replace(outcome="OUT_OF_BOUNDS"),
    "NUMERIC": BLIND._replace(outcome="NUMERIC"),
    "TIME_LIMIT": BLIND._replace(outcome="TIME_LIMIT"),
}


def at_height(mission: str, height_m: float) -> Snapshot:
    """A lander of a mission, upright, so far above the ground."""
    env = LunarLandingEnv(mission, "ideal")
    low = 1.0
    start = {"height_m": height_m, "v_vertical_m_s": -1.0, "v_lateral_m_s": 0.0}
    env.reset(seed=3, options={"start": start})
    wanted = max(height_m + env.snapshot().elevation_m, low)
    env.reset(seed=3, options={"start": start | {"height_m": wanted}})
    env.step(np.full(env.action_space.shape, -0.2, np.float32))
    return env.snapshot()


def save(frames: Sequence[np.ndarray], columns: int, path: Path) -> None:
    """Write frames of one size as a contact sheet."""
    blank = np.zeros_like(frames[0])
    padded = [*frames, *[blank] * (-len(frames) % columns)]
    rows = [np.concatenate(padded[k : k + columns], 1) for k in range(0, len(padded), columns)]
    with output(path) as file:
        write_film(file, [np.concatenate(rows, 0)], 1.0)


def differ(frames: Sequence[np.ndarray]) -> None:
    """Check that no two frames are the same, and that none is blank."""
    assert len({frame.tobytes() for frame in frames}) == len(frames)
    assert all(len(np.unique(frame[::4, ::4].reshape(-1, 3), axis=0)) > 60 for frame in frames)


def test_every_mission_at_three_heights(tmp_path: Path) -> None:
    renderer = Renderer(960, 600)
    shots = [at_height(mission, height) for mission in MISSIONS for height in HEIGHTS_M]
    for shot, wanted in zip(shots, HEIGHTS_M * len(MISSIONS), strict=True):
        assert shot.height_m == pytest.approx(wanted, abs=0.1 * wanted + 45.0)  # hollows are deep
    frames = [renderer.rgb_array(shot) for shot in shots]
    differ(frames)
    save(frames, len(HEIGHTS_M), tmp_path / "missions.png")


def test_every_state_of_the_rangefinder(tmp_path: Path) -> None:
    renderer = Renderer(960, 600)
    frames = [
        renderer.rgb_array(shot._replace(beam_state=state))
        for shot in (BLIND, TRACKING)
        for state in ("OFF", "WARMUP", "SEARCH", "TRACK", "LOST")
    ]
    differ(frames)
    save(frames, 5, tmp_path / "rangefinder.png")


def test_every_outcome(tmp_path: Path) -> None:
    renderer = Renderer(960, 600)
    frames = [renderer.rgb_array(shot) for shot in OUTCOMES.values()]
    differ(frames)
    save(frames, 3, tmp_path / "outcomes.png")


@pytest.mark.parametrize("size", SIZES)
def test_three_sizes(size: tuple[int, int], tmp_path: Path) -> None:
    renderer = Renderer(*size)
    frames = [renderer.rgb_array(shot) for shot in ALL.values()]
    differ(frames)
    save(frames, 3, tmp_path / f"size-{size[0]}.png")


def test_every_camera_and_what_is_followed(tmp_path: Path) -> None:
    renderer, frames = Renderer(960, 600), []
    for shot in (BLIND, TRACKING, ALL["far"]):
        for camera in CAMERAS:
            for view in (View(camera), View(camera, "belief"), View(camera, "belief", False)):
                renderer.view = view
                frames.append(renderer.rgb_array(shot))
    differ(frames)
    save(frames, 9, tmp_path / "cameras.png")
