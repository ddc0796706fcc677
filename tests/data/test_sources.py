"""Every number that ships says where it comes from, in a way that can be followed."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lunar_env.data import DATA_DIR
from lunar_env.data.constants import CONSTANTS
from lunar_env.specs import CONFIDENCES

SOURCES = tomllib.loads((DATA_DIR / "sources.toml").read_text(encoding="utf-8"))
SENSORS = ("velocimeters", "radars", "cameras")
FOLDERS = (
    *(
        "vehicles",
        "sensors",
        "inertial",
        "terrains",
        "planets",
        "missions",
        "scenarios",
        "guidance",
        "as_flown",
        "downlinks",
    ),
    *(f"sensors/{kind}" for kind in SENSORS),
)
FILES = sorted(path for folder in FOLDERS for path in (DATA_DIR / folder).glob("*.toml"))
NUMBER_KEYS = {"value", "uniform", "normal", "exponential", "choice"}
# What a flight has to come to here is a rule, not a figure of the day.
RULES = {"ends", "ends_frac", "band", "missions"}


def leaves(table: dict[str, object], path: str = "") -> Iterator[tuple[str, object]]:
    """Walk a file down to its numbers, with or without provenance, and its texts."""
    for key, value in table.items():
        if key in RULES:
            continue
        if isinstance(value, dict) and not NUMBER_KEYS & value.keys():
            yield from leaves(value, f"{path}{key}.")
        elif isinstance(value, list):  # of tables; a list that is a number has its source with it
            for k, item in enumerate(value):
                yield from leaves(item, f"{path}{key}.{k}.")
        else:
            yield path + key, value


def numbers(path: Path) -> dict[str, dict[str, object]]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {key: value for key, value in leaves(table) if not isinstance(value, str)}
    plain = [key for key, value in found.items() if not isinstance(value, dict | bool)]
    assert plain == [], f"{path.name}: without a source: {plain}"
    return {key: value for key, value in found.items() if isinstance(value, dict)}


def test_there_are_files_of_every_kind() -> None:
    assert {path.parent for path in FILES} == {DATA_DIR / folder for folder in FOLDERS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_number_has_a_known_source_and_a_legal_confidence(path: Path) -> None:
    for key, number in numbers(path).items():
        assert number.get("source") in SOURCES, key
        assert number.get("confidence") in CONFIDENCES, key


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_confidence_is_not_overstated(path: Path) -> None:
    for key, number in numbers(path).items():
        source = SOURCES[str(number["source"])]
        if number["confidence"] == "official":
            assert source.get("opened") is True, f"{key}: official, but the source was not read"
        if number["confidence"] == "derived":
            assert number.get("note"), f"{key}: derived, but the note does not say how"
        if number["source"] == "own":
            assert number["confidence"] in ("assumed", "derived"), key
        if number["source"] == "recall":
            assert number["confidence"] == "recall", key


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_source_has_an_address(name: str) -> None:
    source = SOURCES[name]
    assert set(source) <= {"title", "url", "detail", "opened"}
    assert source["title"]
    assert isinstance(source.get("opened", False), bool)
    assert source.get("url", "https://").startswith("https://")
    # A rule of ours explains itself, a document can be found.
    assert "detail" in source or "opened" in source


def test_sources_of_constants_are_known() -> None:
    assert {constant.source for constant in CONSTANTS.values()} <= SOURCES.keys()


def test_every_source_is_used() -> None:
    used = {str(number["source"]) for path in FILES for number in numbers(path).values()}
    used |= {constant.source for constant in CONSTANTS.values()}
    texts = " ".join(path.read_text(encoding="utf-8") for path in FILES)
    assert [name for name in SOURCES if name not in used and name not in texts] == []
