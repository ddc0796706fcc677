"""The tests of the window once more, on a real X server without a screen (marker ``display``)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ("test_viewer.py", "test_viewer_time.py")


@pytest.mark.display
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_the_window_on_an_x_server() -> None:
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "2560x1440x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        display = f":{server.stdout.readline().strip()}"
        env = os.environ | {"DISPLAY": display, "LUNAR_ENV_TEST_DRIVER": "x11"}
        files = [str(ROOT / "tests/rendering" / name) for name in FILES]
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *files], env=env, check=True, cwd=ROOT
        )
    finally:
        server.terminate()
        server.wait()
