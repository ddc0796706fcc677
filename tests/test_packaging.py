"""What is built can be published: no dead link, valid classifiers, and versions for every extra."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

from trove_classifiers import classifiers

from hatch_build import description, urls

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")
REPOSITORY = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["custom"]["repository"]
TARGET = re.compile(r"\]\(([^)]*)\)")
ADDRESS = "https://example.org/owner/lunar_env"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folder with the wheel and the source distribution of these sources."""
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def metadata(built):
    """Metadata of the wheel, as a package index reads it."""
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(wheel.read(name))


@pytest.fixture(scope="module")
def shipped(built):
    """Names of the files of the source distribution."""
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def headings(text):
    """Return the anchors of a Markdown text."""
    found = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", words.lower()).replace(" ", "-") for words in found}


def dead_links(text):
    """Return what links to neither an address nor a heading of the text."""
    anchors = {f"#{anchor}" for anchor in headings(text)}
    targets = TARGET.findall(text)
    return [each for each in targets if not each.startswith("https://") and each not in anchors]


def test_the_description_of_the_wheel_has_no_dead_link(metadata):
    text = metadata.get_payload()
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "# lunar_env" in text
    assert dead_links(text) == []
    assert "<img" not in text


def test_the_description_keeps_code_tables_and_headings(metadata):
    text = metadata.get_payload()
    blocks = re.findall(r"^```.*?^```$", README, re.DOTALL | re.MULTILINE)
    kept = [*blocks, *re.findall(r"^(?:\||#).*$", README, re.MULTILINE)]
    assert len(blocks) > 2
    assert [each for each in kept if each not in text] == []


def test_files_that_the_description_names_are_in_the_source_distribution(shipped):
    named = {target for target in TARGET.findall(README) if not target.startswith("https://")}
    assert {"docs/results.md", "CITATION.cff", "notebooks/figures/landing.png"} <= named
    assert named <= shipped
    assert {"README.md", "hatch_build.py", "pyproject.toml", "LICENSE"} <= shipped
    assert all((ROOT / name).is_file() for name in named)


def test_with_an_address_links_are_absolute():
    text = description("![A](a/b.png) [c](c.md)\n[d](https://e.org) [f](#f)\n## F\n", ADDRESS)
    assert text.splitlines()[:2] == [
        f"![A]({ADDRESS}/raw/HEAD/a/b.png) [c]({ADDRESS}/blob/HEAD/c.md)",
        "[d](https://e.org) [f](#f)",
    ]
    assert dead_links(description(README, ADDRESS)) == []


def test_without_an_address_links_are_names():
    text = description("![A](a/b.png)\n\n[c](c.md), [d.md](d.md), [e](https://e.org)\n", "")
    assert text.startswith("\n\nc (`c.md`), d.md, [e](https://e.org)\n")


def test_code_is_no_link():
    code = "```python\na[0](b)\n```\n"
    assert description(f"{code}[c](c.md)\n", ADDRESS).startswith(code)


def test_dead_links_are_found():
    assert dead_links("[a](a.md) [b](#b) [c](#c-d)\n## C d\n[e](https://e.org)") == ["a.md", "#b"]


def test_addresses_are_those_of_the_repository(metadata):
    found = dict(entry.split(", ", 1) for entry in metadata.get_all("Project-URL", []))
    assert found == (urls(REPOSITORY.rstrip("/")) if REPOSITORY else {})
    names = {"Homepage", "Documentation", "Source", "Issues", "Changelog"}
    assert set(urls(ADDRESS)) == names
    assert all(address.startswith(ADDRESS) for address in urls(ADDRESS).values())


def test_no_address_is_made_up():
    """Of the project; a reader of the package would follow it."""
    assert "example.org" not in REPOSITORY
    assert re.fullmatch(r"(https://[\w.-]+/[\w./-]+)?", REPOSITORY)


def test_classifiers_are_valid(metadata):
    found = metadata.get_all("Classifier")
    assert [each for each in found if each not in classifiers] == []
    assert len(set(found)) == len(found) > 5
    assert metadata.get_all("Dynamic") is None


def plain(requirement):
    """Return the name of a package as indices compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[=<>~! ;]", requirement)[0]).lower()


def test_every_extra_has_its_versions():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = [line.partition("==")[0] for line in lines if not line.startswith("#")]
    assert pinned == sorted(pinned, key=str.lower)
    extras = dict(PROJECT["project"]["optional-dependencies"])
    del extras["all"], extras["cuda"]  # depends on the machine's driver
    wanted = {plain(each) for extra in extras.values() for each in extra}
    wanted |= {plain(each) for each in PROJECT["project"]["dependencies"]}
    assert wanted - {plain(each) for each in pinned} == set()


def test_jupyter_is_an_extra_of_its_own_and_documented():
    extras = PROJECT["project"]["optional-dependencies"]
    assert [plain(each) for each in extras["notebooks"]] == ["jupyterlab"]
    assert "notebooks" not in extras["all"][0]  # it is large, and no command needs it
    for path in (ROOT / "README.md", *sorted((ROOT / "notebooks").glob("*.ipynb"))):
        text = path.read_text("utf-8")
        assert "pip install -e '.[all,notebooks]'" in text
        assert "jupyter lab notebooks" in text
