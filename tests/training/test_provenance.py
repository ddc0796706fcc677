"""The commit is that of the repository that holds the sources, or none."""

import os
import subprocess
from pathlib import Path

import pytest

import lunar_env
from training.provenance import REPOSITORY, commit_of, provenance

SOURCES = Path(lunar_env.__file__), Path(__file__)


def git(folder, *words):
    who = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    free = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *words],
        capture_output=True,
        text=True,
        check=True,
        env=free,
    )
    return done.stdout.strip()


@pytest.fixture
def thesis(tmp_path):
    """Somebody's repository with a package installed in an ignored folder of it."""
    git(tmp_path, "init", "-q")
    (tmp_path / "thesis.tex").write_text("1")
    (tmp_path / ".gitignore").write_text("venv\n")
    package = tmp_path / "venv" / "training"
    package.mkdir(parents=True)
    (package / "provenance.py").write_text("")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "begin")
    return tmp_path


def test_an_unrelated_repository_around_the_package_is_ignored(thesis):
    assert commit_of(thesis / "venv", thesis / "venv" / "training" / "provenance.py") is None


def test_the_commit_of_the_sources_is_found_and_changes_are_marked(thesis):
    package = thesis / "src"
    package.mkdir()
    (package / "provenance.py").write_text("")
    git(thesis, "add", ".")
    git(thesis, "commit", "-q", "-m", "package")
    head = git(thesis, "rev-parse", "HEAD")
    source = package / "provenance.py"
    assert commit_of(package, source) == head
    (thesis / "thesis.tex").write_text("2")
    assert commit_of(package, source) == head
    source.write_text("changed")
    assert commit_of(package, source) == f"{head}+"
    # Of two sources one is elsewhere: the commit would not say which program ran.
    assert commit_of(package, source, Path(__file__)) is None


def test_without_a_commit_there_is_none(tmp_path):
    source = tmp_path / "provenance.py"
    source.write_text("")
    assert commit_of(tmp_path, source) is None
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    assert commit_of(tmp_path, source) is None


def test_git_variables_of_a_hook_are_ignored(thesis, monkeypatch):
    here = commit_of(REPOSITORY, *SOURCES)
    monkeypatch.setenv("GIT_DIR", str(thesis / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(thesis))
    assert commit_of(REPOSITORY, *SOURCES) == here
    assert commit_of(thesis / "venv", thesis / "venv" / "training" / "provenance.py") is None


def test_without_git_there_is_no_commit(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert provenance()["commit"] is None
