"""Weights and card belong together: by the digest in the card, whatever happened while writing."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from agents import load_policy, save_policy
from agents.learned import read_policy
from agents.registry import WEIGHTS
from lunar_env.errors import ConfigError
from lunar_env.files import OutputError, OutputExistsError
from tests.agents.test_learned import CARD, tensors


@pytest.fixture
def saved(tmp_path):
    return save_policy(tmp_path / "policy", tensors(0), CARD)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def equal(path, wanted):
    found = read_policy(path)[1]
    return all(np.array_equal(found[name], array) for name, array in wanted.items())


def test_the_card_has_the_digest_of_the_weights(saved):
    content = json.loads(saved.with_suffix(".json").read_text())
    assert content["format"] == "lunar-env-policy/3"
    assert content["weights_sha256"] == hashlib.sha256(saved.read_bytes()).hexdigest()


def test_shipped_cards_have_the_digests_of_their_weights():
    stems = sorted(path.stem for path in WEIGHTS.glob("*.json"))
    assert stems == sorted(path.stem for path in WEIGHTS.glob("*.safetensors"))
    for stem in stems:
        card, _ = read_policy(WEIGHTS / f"{stem}.json")
        assert card.weights_sha256


def test_weights_of_another_step_are_no_pair(saved, tmp_path):
    other = save_policy(tmp_path / "other", tensors(1), CARD)
    saved.write_bytes(other.read_bytes())
    for either in (saved, saved.with_suffix(".json")):
        with pytest.raises(ConfigError) as caught:
            load_policy(either)
        message = str(caught.value)
        assert f"{saved.with_suffix('.json')}: is not the card of {saved.name}, " in message
        assert "whose SHA-256 begins with" in message
        assert "train --resume" in message


def test_one_changed_bit_is_detected(saved):
    content = bytearray(saved.read_bytes())
    content[-1] ^= 1
    saved.write_bytes(content)
    with pytest.raises(ConfigError, match="is not the card of"):
        load_policy(saved)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"format": "lunar-env-policy/2"}, "has format lunar-env-policy/2, of an older version"),
        ({"format": "lunar-env-policy/4"}, "has format lunar-env-policy/4, of a newer version"),
        ({"weights_sha256": 7}, "weights_sha256 = 7: must be text"),
        ({"weights_sha256": ""}, "is not the card of"),
    ],
)
def test_cards_of_other_versions_or_without_digest_are_rejected(saved, edit, message):
    card = saved.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | edit))
    with pytest.raises(ConfigError, match=message):
        load_policy(saved)


class Killed(BaseException):
    """Stands for the end of the process."""


def killed_at(monkeypatch, number):
    """Let the process end before the rename of that number; links are renames to free names."""
    left = [number]

    def ending(done):
        def rename(*arguments):
            if not left[0]:
                raise Killed
            left[0] -= 1
            return done(*arguments)

        return rename

    monkeypatch.setattr(Path, "replace", ending(Path.replace))
    monkeypatch.setattr(os, "link", ending(os.link))


@pytest.mark.parametrize("number", [0, 1])
def test_a_process_killed_between_the_files_leaves_the_old_pair_or_one_that_is_rejected(
    saved, monkeypatch, number
):
    with monkeypatch.context() as patch:
        killed_at(patch, number)
        with pytest.raises(Killed):
            save_policy(saved, tensors(1), CARD)
    if number == 0:
        assert equal(saved, tensors(0))
    else:
        with pytest.raises(ConfigError, match="is not the card of"):
            load_policy(saved)
    save_policy(saved, tensors(1), CARD)
    assert equal(saved, tensors(1))
    assert names(saved.parent) == ["policy.json", "policy.safetensors"]


@pytest.mark.parametrize("number", [0, 1])
def test_an_export_that_was_killed_is_completed_by_the_next(tmp_path, monkeypatch, number):
    with monkeypatch.context() as patch:
        killed_at(patch, number)
        with pytest.raises(Killed):
            save_policy(tmp_path / "policy", tensors(0), CARD, replace=False)
    assert len(names(tmp_path)) == number
    if number:  # half of one policy is not completed by another
        with pytest.raises(OutputExistsError):
            save_policy(tmp_path / "policy", tensors(1), CARD, replace=False)
    save_policy(tmp_path / "policy", tensors(0), CARD, replace=False)
    assert equal(tmp_path / "policy", tensors(0))


@pytest.mark.parametrize("taken", ["policy.json", "policy.safetensors"])
def test_neither_file_of_somebody_else_is_replaced(tmp_path, taken):
    (tmp_path / taken).write_text("mine")
    with pytest.raises(OutputExistsError, match="exists"):
        save_policy(tmp_path / "policy", tensors(0), CARD, replace=False)
    assert names(tmp_path) == [taken]
    assert (tmp_path / taken).read_text() == "mine"


@pytest.mark.parametrize("written", [0, 1])
def test_a_full_disk_leaves_the_old_pair(saved, monkeypatch, written):
    before = {name: (saved.parent / name).read_bytes() for name in names(saved.parent)}
    write, left = os.write, [written]

    def full(*arguments):
        if not left[0]:
            raise OSError(28, os.strerror(28))
        left[0] -= 1
        return write(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OutputError, match="No space left"):
            save_policy(saved, tensors(1), CARD)
    assert {name: (saved.parent / name).read_bytes() for name in names(saved.parent)} == before
