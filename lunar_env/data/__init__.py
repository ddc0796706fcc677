"""The figures: constants of nature and of the Moon, and one TOML file per thing that flies.

`constants.py` holds what does not change; ``vehicles``, ``sensors``, ``missions`` and
``scenarios`` hold what `lunar_env.specs` reads, each number with its source and how far to trust
it; ``sources.toml`` says what the source ids mean. This layer imports nothing of the package.
"""

from pathlib import Path
from typing import Final

__all__ = ["DATA_DIR"]

DATA_DIR: Final = Path(__file__).parent
"""Folder of the TOML files."""
