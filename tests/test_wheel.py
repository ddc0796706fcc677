"""What is installed: the whole package, and nothing that needs a clone."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the files of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (folder / "dist").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_only_the_package_is_installed(installed):
    names = {path.name.partition("-")[0] for path in installed.iterdir()}
    assert names == {"lunar_env"}


def test_the_whole_package_is_installed(installed):
    sources = {
        path.relative_to(ROOT)
        for path in (ROOT / "lunar_env").rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    missing = {path for path in sources if not (installed / path).is_file()}
    assert missing == set()
    assert Path("lunar_env/adapters/sb3.py") in sources


@pytest.mark.parametrize(
    ("name", "library"),
    [("sb3.Sb3VecEnv", "stable_baselines3"), ("rsl_rl.RslRlVecEnv", "rsl_rl")],
)
def test_adapters_are_imported_from_what_is_installed(name, library, installed, tmp_path):
    pytest.importorskip(library)
    module, _, adapter = f"lunar_env.adapters.{name}".rpartition(".")
    code = (
        "import sys; sys.modules['agents'] = sys.modules['training'] = None;"
        f"import {module}; print({module}.{adapter}.__name__, {module}.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    printed, _, file = done.stdout.strip().partition(" ")
    assert printed == adapter
    assert Path(file).is_relative_to(installed)
