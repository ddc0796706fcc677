"""Checkpoints: whole or refused."""

import math

import numpy as np
import pytest

pytest.importorskip("safetensors")

from lunar_env.errors import ConfigError
from training.checkpoint import (
    Checkpoint,
    CheckpointError,
    latest_intact,
    load_checkpoint,
    prune_checkpoints,
    save_checkpoint,
)


def a_checkpoint(steps):
    arrays = {
        "env.key": np.array([2**64 - 1, 3], dtype=np.uint64),
        "env.done": np.array([True, False]),
        "weights": np.arange(600, dtype=np.float32).reshape(30, 20),
        "step": np.array(4.0, dtype=np.float32),
        "empty": np.zeros((0, 3)),
    }
    return Checkpoint(steps, arrays, {"best": {"score": [0.9, -1.5], "steps": 10}})


def test_a_checkpoint_is_read_back_bit_for_bit(tmp_path):
    path = save_checkpoint(tmp_path, a_checkpoint(1024))
    again = load_checkpoint(path)
    assert again.steps == 1024
    assert again.state == a_checkpoint(0).state
    for name, array in a_checkpoint(0).arrays.items():
        assert again.arrays[name].dtype == array.dtype
        assert again.arrays[name].shape == array.shape
        np.testing.assert_array_equal(again.arrays[name], array)
    assert set(again.part("env.")) == {"key", "done"}


def accept(checkpoint):
    pass


def cut_in_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)


def replace_by_text(path):
    path.write_text("not a checkpoint")


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut_in_half, flip_a_bit, replace_by_text, empty])
def test_damaged_checkpoints_are_detected(tmp_path, damage):
    path = save_checkpoint(tmp_path, a_checkpoint(1))
    damage(path)
    with pytest.raises(CheckpointError, match="is damaged") as caught:
        load_checkpoint(path)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_previous_checkpoint_is_used_with_a_warning(tmp_path):
    save_checkpoint(tmp_path, a_checkpoint(1))
    save_checkpoint(tmp_path, a_checkpoint(2))
    cut_in_half(save_checkpoint(tmp_path, a_checkpoint(3)))
    with pytest.warns(UserWarning, match="000003.safetensors is damaged"):
        assert latest_intact(tmp_path, accept).steps == 2


def test_without_an_intact_checkpoint_there_is_one_clear_error(tmp_path):
    assert latest_intact(tmp_path, accept) is None
    cut_in_half(save_checkpoint(tmp_path, a_checkpoint(3)))
    with (
        pytest.warns(UserWarning, match="is damaged"),
        pytest.raises(CheckpointError, match="no intact checkpoint"),
    ):
        latest_intact(tmp_path, accept)


def kept(folder, keep):
    prune_checkpoints(folder, keep, lambda steps: steps % 10 == 0)
    return [int(path.stem.removeprefix("step-")) for path in sorted(folder.glob("step-*"))]


def test_only_the_newest_checkpoints_are_kept(tmp_path):
    for steps in (10, 20, 30, 200):
        save_checkpoint(tmp_path, a_checkpoint(steps))
    (tmp_path / "notes.txt").write_text("mine")
    assert kept(tmp_path, 2) == [30, 200]
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_checkpoint_of_an_interruption_is_kept_until_the_run_has_passed_it(tmp_path):
    for steps in (10, 20, 25):
        save_checkpoint(tmp_path, a_checkpoint(steps))
    assert kept(tmp_path, 3) == [10, 20, 25]
    save_checkpoint(tmp_path, a_checkpoint(30))
    assert kept(tmp_path, 3) == [10, 20, 30]


def test_a_checkpoint_that_does_not_fit_is_skipped_like_a_damaged_one(tmp_path):
    def refuse(checkpoint):
        if checkpoint.steps > 1:
            raise ConfigError("array 'x' is missing")

    for steps in (1, 2):
        save_checkpoint(tmp_path, a_checkpoint(steps))
    with pytest.warns(UserWarning, match=r"02.safetensors does not fit .* array 'x' is missing"):
        assert latest_intact(tmp_path, refuse).steps == 1


def test_nan_scores_are_read_back(tmp_path):
    checkpoint = a_checkpoint(1)._replace(state={"best": {"scores": {"p95": math.nan}}})
    path = save_checkpoint(tmp_path, checkpoint)
    assert math.isnan(load_checkpoint(path).state["best"]["scores"]["p95"])
