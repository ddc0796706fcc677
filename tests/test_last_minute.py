"""The picture of Resilience's last minute in the README: its numbers, and what its caption says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from notebooks.last_minute import (
    LAST_FRAME_M,
    LAST_SHOWN_M,
    PICTURE,
    SEED,
    caption,
    draw,
    first_range_m,
    fly,
    last_minute,
)

README = Path(__file__).parents[1] / "README.md"
RESILIENCE_M = 893.0


@pytest.fixture(scope="module")
def shown():
    return last_minute()


def test_zero_is_shown_while_the_lander_still_flies(shown):
    assert shown.true_at_zero_m > 10.0
    assert shown.last_frame_s < shown.zero_s < shown.time_s[-1] - 1.0
    assert np.interp(shown.zero_s, shown.shown_s, shown.shown_m) == pytest.approx(0.0, abs=1e-6)
    # From the height of Resilience's last telemetry to the last that was shown, at constant speed.
    assert shown.shown_m[0] == pytest.approx(LAST_FRAME_M, abs=10.0)
    assert shown.shown_m[-1] == pytest.approx(LAST_SHOWN_M)
    speeds = -np.diff(shown.shown_m) / np.diff(shown.shown_s)
    np.testing.assert_allclose(speeds, shown.speed_m_s)


def test_until_its_first_range_the_lander_believes_itself_too_high(shown):
    error_m = shown.believed_m - shown.true_m
    seen = shown.true_m < shown.first_range_m - 20.0
    assert np.all(error_m[~seen][:-3] > 300.0)
    assert np.all(np.abs(error_m[seen]) < 10.0)


def test_the_caption_in_the_readme_has_these_numbers(shown):
    words = " ".join(README.read_text(encoding="utf-8").split())
    assert caption(shown) in words
    assert f"seed {SEED} " in words
    assert PICTURE.relative_to(README.parent).as_posix() in words


def test_the_picture_can_be_drawn_again(shown, tmp_path):
    draw(shown).savefig(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 20_000


@pytest.mark.slow
def test_the_flight_is_the_one_most_like_resilience():
    distance_m = [abs(first_range_m(fly(seed)) - RESILIENCE_M) for seed in range(100)]
    assert int(np.argmin(distance_m)) == SEED
