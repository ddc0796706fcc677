"""The folder of a benchmark.

- ``benchmark.json``: the settings, and how it was started;
- ``parts/``: finished parts, a Parquet file each;
- ``results.parquet``: all rows; written when all parts are finished;
- ``optima.parquet``: the minimum propellant of the first starts;
- ``timelines.json``: time histories of the worst failures;
- ``summary.json`` and ``report.html``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from lunar_env.errors import ConfigError
from lunar_env.folders import folder_begun
from lunar_env.formats import json_text
from lunar_env.reading import from_json, is_file
from lunar_env.specs.problems import checked
from lunar_env.temporary import remove_leftovers
from training.json_record import difference, read_record, write_record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

__all__ = ["BenchmarkFolder"]

FORMAT = "lunar-env-benchmark/1"


class _Record(BaseModel):
    """Content of ``benchmark.json``."""

    settings: dict[str, Any]
    made_from: dict[str, Any]


@dataclass(frozen=True)
class BenchmarkFolder:
    """Paths in the folder of a benchmark.

    Parameters
    ----------
    path : Path
        The folder.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, settings: Mapping[str, Any], made_from: Mapping[str, Any]) -> Self:
        """Create a new folder, with a record of the settings.

        Parameters
        ----------
        path : Path
            A path that does not exist, or an empty folder.
        settings : mapping
            Everything that the results depend on, as JSON content.
        made_from : mapping
            Provenance of the command.

        Raises
        ------
        OutputExistsError
            If the path exists and is not an empty folder.
        """
        with folder_begun(path) as partial_folder:
            content = {"settings": settings, "made_from": made_from}
            write_record(cls(partial_folder).record, FORMAT, content)
        return cls(path)

    @classmethod
    def reopen(cls, path: Path, settings: Mapping[str, Any]) -> Self:
        """Open the folder of a benchmark that is resumed.

        Parameters
        ----------
        path : Path
            The folder.
        settings : mapping
            Settings of the command.

        Raises
        ------
        ConfigError
            If the folder has no benchmark, or one with other settings.
        """
        folder = cls(path)
        if not is_file(folder.record):
            raise ConfigError(
                f"{path}: is not a benchmark folder: it holds no {folder.record.name}"
            )
        known = folder._read_record()
        # Converted through JSON, as the recorded settings were.
        changed = difference(known.settings, from_json(json_text(settings), "settings"))
        if changed:
            raise ConfigError(f"{path}: was started with other settings: {changed}")
        remove_leftovers(folder.parts)
        return folder

    def made_from(self) -> dict[str, Any]:
        """Return the provenance of the benchmark: command, commit, versions, machine."""
        return self._read_record().made_from

    def _read_record(self) -> _Record:
        return checked(_Record, read_record(self.record, FORMAT), str(self.record))

    @property
    def record(self) -> Path:
        """Settings and provenance."""
        return self.path / "benchmark.json"

    @property
    def parts(self) -> Path:
        """Folder of the finished parts."""
        return self.path / "parts"

    @property
    def results(self) -> Path:
        """All landings."""
        return self.path / "results.parquet"

    @property
    def optima(self) -> Path:
        """Minimum propellant by start."""
        return self.path / "optima.parquet"

    @property
    def timelines(self) -> Path:
        """Time histories of the worst failures."""
        return self.path / "timelines.json"
