"""The learning curve of a run, in its file and on its page."""

from __future__ import annotations

import json
import math

import pytest

from lunar_env.errors import ConfigError
from training.curve import Curve
from training.plots import learning_curve


def rollout(steps):
    return {"steps": steps, "episodes": 2, "episode_return": -0.5 * steps, "landed": 0.25}


def choice(steps):
    return {"steps": steps, "landed": 0.5, "landed_not_lost": 0.6, "speed_p95_m_s": math.nan}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "curve.json"
    curve = Curve(path)
    for steps in (100, 200, 300):
        curve.add_rollout(0.1 * steps, **rollout(steps))
    curve.add_choice(21.0, **choice(200))
    curve.add_choice(21.5, **{**choice(200), "landed": 0.75})
    curve.add_choice(31.5, **choice(300))
    curve.write()
    return path


def test_a_resumed_curve_discards_points_after_the_checkpoint(path):
    curve = Curve(path, 200)
    assert curve.rollouts == [rollout(100), rollout(200)]
    assert curve.seconds == [10.0, 20.0]
    assert [point["landed"] for point in curve.choices] == [0.75]
    assert curve.choice_seconds == [21.5]
    assert Curve(path, 0).rollouts == []
    assert Curve(path.with_name("none.json"), 200).rollouts == []


def test_a_curve_that_is_read_and_written_is_unchanged(path):
    before = path.read_bytes()
    Curve(path, 300).write()
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["[]", "{", '{"format": "lunar-env-curve/3"}', '{"format": "x"}'])
def test_a_file_that_is_not_a_curve_is_a_one_line_error(path, text):
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"curve\.json"):
        Curve(path, 200)


def test_a_curve_with_missing_points_is_plotted(path):
    pytest.importorskip("matplotlib")
    curve = Curve(path, 300)
    curve.add_rollout(1.0, steps=400, episodes=0, episode_return=None, landed=None)
    svg = learning_curve(curve)
    assert svg.startswith("<svg")
    assert "environment steps [million]" in svg
    assert "var(--p0)" in svg


@pytest.mark.train
def test_tensorboard_has_every_point_once(tmp_path):
    pytest.importorskip("torch")
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    from training.cli import main

    sizes = ["--task.num-envs", "8", "--ppo.n-steps", "64", "--ppo.batch-size", "64"]
    few = ["--selection.every-steps", "1024", "--selection.landings", "2"]
    words = ["--total-steps", "3072", *sizes, *few, "--selection.report-landings", "2"]
    assert main(["train", *words, "--ppo.n-epochs", "1", "--out", str(tmp_path / "run")]) == 0
    events = accumulator.EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    told = set(events.Tags()["scalars"])
    assert {"rollout/success_rate", "rollout/ep_rew_mean", "tune/landed"} <= told
    assert "rollout/landed" not in told  # it would be the same as success_rate
    curve = json.loads((tmp_path / "run" / "curve.json").read_text())
    assert curve["choices"]["steps"] == [1024, 2048, 3072]
    assert [event.step for event in events.Scalars("tune/landed")] == [1024, 2048, 3072]
