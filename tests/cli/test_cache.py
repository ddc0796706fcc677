"""``lunar-env cache``: what is kept, whether it can be used, and its removal."""

import os

import pytest

from lunar_env.cli import main
from lunar_env.kernel import cache_folder
from lunar_env.kernel.compile import KERNELS


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def kept(cache):
    """Code of this version, and older code of another."""
    for digest, name in ((KERNELS.digest, "step.step_part"), ("0" * 16, "batch.reset_rows")):
        folder = cache_folder.digest_folder(digest)
        cache_folder.write(folder / f"{name}-1234.code", b"code" * 1000)
    for path in folder.iterdir():
        os.utime(path, (86400.0, 86400.0))
    return cache


def test_cache_shows_the_stored_machine_code(kept, run):
    found = run("cache")
    current, other = found["digests"]
    assert found["path"] == str(kept / "lunar_env")
    assert found["problem"] is None
    assert found["bytes"] == current["bytes"] + other["bytes"] > 8000
    assert (current["digest"], current["in_use"]) == (KERNELS.digest, True)
    assert current["entries"] == ["step.step_part"]
    assert other["last_used"] == "1970-01-02T00:00:00+00:00"
    assert (other["digest"], other["in_use"]) == ("0" * 16, False)


def test_cache_clear_removes_only_its_own_folders(kept, run):
    foreign = kept / "lunar_env" / "thesis"
    foreign.mkdir()
    before = run("cache")["bytes"]
    cleared = run("cache", "--clear")
    assert cleared["freed"] == before
    assert (cleared["bytes"], cleared["digests"]) == (0, [])
    assert list((kept / "lunar_env").iterdir()) == [foreign]


def test_text_output_has_the_same_values_as_json(kept, capsys):
    assert main(["cache"]) == 0
    text = capsys.readouterr().out
    for word in (KERNELS.digest, "step.step_part", "batch.reset_rows", "1970-01-02T00:00"):
        assert word in text
    assert main(["cache", "--clear"]) == 0
    assert "0.0 MB removed" in capsys.readouterr().out


def test_a_folder_that_cannot_be_used_is_named(cache, run):
    cache.write_text("in the way", encoding="utf-8")
    found = run("cache")
    assert str(cache) in found["problem"]
    assert (found["bytes"], found["digests"]) == (0, [])


def test_clearing_an_empty_cache_removes_nothing(cache, run):
    assert run("cache", "--clear")["freed"] == 0
    assert not cache.exists()
