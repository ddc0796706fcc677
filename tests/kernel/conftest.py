"""A folder for machine code of a test's own."""

import pytest

from lunar_env.kernel import machine_code


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder, for a process that has not said anything yet."""
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(machine_code, "_reported", set())
    return tmp_path / "cache"
