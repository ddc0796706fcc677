"""``list``: every name that an option takes."""

from __future__ import annotations

import pytest

from agents import list_pilots
from lunar_env import list_missions, list_scenarios
from lunar_env.cli import main


def names(run, kind):
    return [entry["name"] for entry in run("list", kind)[kind]]


def test_every_name_is_listed(run):
    pilots = names(run, "pilots")
    assert {"own", "random", *list_pilots(), *list_pilots(bounds=True)} == set(pilots)
    assert names(run, "missions") == list_missions()
    assert names(run, "scenarios") == [*list_scenarios(), "as-flown"]
    assert {"demo", "m2-late-acquisition"} <= set(names(run, "presets"))
    assert names(run, "phases") == ["terminal", "approach", "powered"]
    assert {"m2-healthy", "slim-engine-out"} <= set(names(run, "tasks"))
    assert all(entry["title"] for entry in run("list", "scenarios")["scenarios"])


@pytest.mark.parametrize("columns", [40, 60, 120])
@pytest.mark.parametrize("kind", ["pilots", "missions", "scenarios", "presets", "phases", "tasks"])
def test_no_name_is_cropped(kind, columns, run, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    listed = names(run, kind)
    assert main(["list", kind]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= columns
    assert set(listed) <= {word.strip() for word in text.split()}


@pytest.mark.parametrize("kind", ["pilots", "missions", "scenarios", "presets", "phases", "tasks"])
def test_no_word_is_cropped_on_a_narrow_page(kind, run, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    titles = {word for entry in run("list", kind)[kind] for word in entry["title"].split()}
    assert main(["list", kind]) == 0
    assert titles <= set(capsys.readouterr().out.split())


def test_a_wrong_kind_is_a_one_line_error(refused):
    line = refused("list", "pilot")
    assert line.startswith(
        "error: unknown kind 'pilot'; did you mean 'pilots'? (available: pilots, missions, "
    )
    assert line.endswith(", presets, phases, tasks)\n")
    assert "Positional" not in refused("list", status=2)
