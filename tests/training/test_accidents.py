"""The study of the accidents: who flies them, what their losses are made of, what is written."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_env import ConfigError
from lunar_env.task import Task
from training.accidents.causes import KINDS, Landed, kinds_of
from training.accidents.flights import OWN_FILTER, Flown, flown_by, general_pilots, member_of
from training.accidents.height_error import height_errors
from training.accidents.results import read
from training.cli import main
from training.seeds import Domain, episode_seeds

# own, own given the state, on board, with the own filter, with the truth; lost
CASES = {
    "landed": (1, 0, 0, 0, 0, 0),
    "physics": (0, 0, 0, 0, 0, 1),
    "law": (0, 1, 1, 1, 1, 0),
    "navigation": (0, 1, 1, 0, 1, 0),
    "information": (0, 1, 0, 0, 1, 0),
    "law and information": (0, 0, 0, 0, 1, 0),
    "open": (0, 0, 0, 0, 0, 0),
}
M2 = Task("hakuto-r-m2", "as-flown")


def refused(capsys, *words):
    assert main([str(word) for word in words]) == 1
    return capsys.readouterr().err


def test_every_kind_of_flight_is_told_from_the_others():
    assert set(CASES) == set(KINDS)
    *landed, lost = np.array(list(CASES.values()), dtype=bool).T
    assert kinds_of(Landed(*landed), lost).tolist() == list(CASES)


def test_the_general_pilots_are_the_laws_and_the_shipped_policies():
    pilots = general_pilots()
    assert pilots[0] == "velocity-profile+kalman"
    assert "ppo-m2-late-acquisition" in pilots
    assert general_pilots(["apollo+kalman"]) == ["apollo+kalman"]
    with pytest.raises(ConfigError, match=r"'apolo\+kalman'; did you mean 'apollo\+kalman'"):
        general_pilots(["apolo+kalman"])
    with pytest.raises(ConfigError, match=r"unknown pilot 'apollo\+oracle'"):
        general_pilots(["apollo+oracle"])


def test_from_orbit_only_laws_that_can_stop_there_are_flown():
    pilots = general_pilots()
    names = [flown.pilot for flown in flown_by("hakuto-r-m1", pilots)["general"]]
    assert names == ["e-guidance+kalman", "apollo+kalman", "fp2dg+kalman"]
    assert [flown.pilot for flown in flown_by("hakuto-r-m2", pilots)["general"]] == [
        name
        for name in pilots
        if name != "vector-general"  # it does not command a throttle
    ]
    assert flown_by("hakuto-r-m1", pilots)["truth"][-1] == Flown("own", "state")


def test_the_filter_of_mission_1_latches_for_every_law():
    assert member_of(Flown("apollo+kalman", OWN_FILTER), "hakuto-r-m1").changes == {
        "filter": {"latches": 1.0}
    }
    assert member_of(Flown("apollo+kalman", OWN_FILTER), "hakuto-r-m2").changes == {}


def test_the_height_error_is_that_of_the_filter():
    seeds = tuple(episode_seeds(1, Domain.TUNE, 4))
    assert np.abs(height_errors("hoverslam+oracle", M2, seeds, 900.0)).max() < 1e-3
    blind = height_errors("hoverslam+kalman", M2, seeds, 2000.0)
    assert blind.mean() == pytest.approx(430.0, abs=100.0)  # of the scenario, before any range
    with pytest.raises(ConfigError, match="no navigation filter"):
        height_errors("ppo-m2-late-acquisition", M2, seeds, 900.0)


def test_the_command_writes_page_picture_and_results_and_can_write_the_page_again(tmp_path, capsys):
    words = ["accidents", "--missions", "hakuto-r-m2", "--out", str(tmp_path), "--json"]
    options = ["--pilots", "hoverslam+kalman", "--landings", "4", "--workers", "1"]
    assert main([*words, *options]) == 0
    capsys.readouterr()
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(written) == {"README.md", "results.toml", "hakuto-r-m2.md", "hakuto-r-m2.svg"}
    table = read(tmp_path)["hakuto-r-m2"]
    assert sum(table["kinds"].values()) == sum(table["ends"].values()) == 4
    assert b"hoverslam+kalman" in written["hakuto-r-m2.svg"]
    (tmp_path / "hakuto-r-m2.md").write_text("")
    assert main([*words, "--rewrite"]) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == written


def test_wrong_options_are_told_before_work_is_done(tmp_path, capsys):
    out = ["--out", str(tmp_path / "new")]
    assert "accident 'slin' is not in the story; did you mean 'slim'" in refused(
        capsys, "accidents", "--missions", "slin", *out
    )
    assert "unknown pilot" in refused(capsys, "accidents", "--pilots", "apolo+kalman", *out)
    assert "landings" in refused(capsys, "accidents", "--landings", "0", *out)
    assert not (tmp_path / "new").exists()
    assert "--rewrite" in refused(capsys, "accidents", "--rewrite", *out)
