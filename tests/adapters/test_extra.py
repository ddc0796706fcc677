"""Adapters are in the package, but import their library only when they are imported themselves."""

import subprocess
import sys

import pytest

from lunar_env import MissingExtra

LIBRARIES = {"sb3": "stable_baselines3", "rsl_rl": "rsl_rl"}
EXTRAS = {"sb3": "train", "rsl_rl": "rsl-rl"}


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_package_of_adapters_imports_no_library():
    libraries = [*LIBRARIES.values(), "torch"]
    code = f"import sys, lunar_env.adapters; print([m for m in {libraries} if m in sys.modules])"
    assert run(code) == "[]"


@pytest.mark.parametrize(("adapter", "library"), LIBRARIES.items())
def test_without_its_library_an_adapter_names_the_extra(adapter, library, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"lunar_env.adapters.{adapter}", raising=False)
    with pytest.raises(MissingExtra, match="pip install 'lunar-env") as caught:
        __import__(f"lunar_env.adapters.{adapter}")
    assert caught.value.extra == EXTRAS[adapter]
