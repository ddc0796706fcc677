"""A window without a screen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lunar_env.rendering.viewer import Viewer


@pytest.fixture
def dummy_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", os.environ.get("LUNAR_ENV_TEST_DRIVER", "dummy"))
    yield
    pygame.display.quit()


@pytest.fixture
def viewer(dummy_display: None, tmp_path: Path) -> Iterator[Viewer]:
    from lunar_env.rendering.viewer import Viewer
    from tests.rendering.snapshots import BLIND

    made = Viewer(320, 240, folder=tmp_path)
    assert made.show(BLIND, 0.0)
    yield made
    made.close()
