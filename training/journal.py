"""The finished entries of a long command, one per line, in a file next to its result.

The file is rewritten after every entry and removed when the result has been written. With
``--resume`` a command that was interrupted reads it and does not repeat these entries.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lunar_env.errors import ConfigError
from lunar_env.files import OutputExistsError, check_output, write_file
from lunar_env.formats import check_format, json_text
from lunar_env.reading import from_json, read_text
from training.json_record import difference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Journal"]

FORMAT = "lunar-env-journal/1"
_MAX_BYTES = 64 * 1024**2  # several hundred thousand entries


class Journal:
    """Entries of a command, in the order in which they were added.

    Parameters
    ----------
    result : Path
        The file that the command writes; the journal is next to it.
    settings : mapping
        Everything that the entries depend on, as JSON content.
    resume : bool
        Whether to continue after the existing entries.

    Raises
    ------
    OutputExistsError
        If there are entries and `resume` is false, or if there are none and the result exists.
    ConfigError
        If the journal cannot be read, or was started with other settings.
    """

    def __init__(self, result: Path, settings: Mapping[str, Any], *, resume: bool) -> None:
        self.path = result.with_name(f"{result.name}.journal")
        self.entries: list[dict[str, Any]] = []
        self._head = json_text({"format": FORMAT, "settings": settings}, indent=None)
        if self.path.is_file():
            self.entries = self._read()
        if not self.entries:
            check_output(result)
        elif not resume:
            raise OutputExistsError(
                f"{self.path} holds {len(self.entries)} entries of an interrupted command:"
                " continue with --resume, or remove it"
            )
        self._write()

    def add(self, entry: Mapping[str, Any]) -> None:
        """Add an entry of JSON content, NaN allowed, and write the file."""
        self.entries.append(dict(entry))
        self._write()

    def close(self) -> None:
        """Remove the file, after the result has been written."""
        self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        lines = [self._head, *(json.dumps(entry) for entry in self.entries)]
        write_file(self.path, "\n".join(lines) + "\n", replace=True)

    def _read(self) -> list[dict[str, Any]]:
        try:
            lines = read_text(self.path, _MAX_BYTES).splitlines()
            head, *entries = (from_json(line, str(self.path), finite=False) for line in lines)
            check_format(head.get("format"), FORMAT, self.path)
            known = head["settings"]
        except ConfigError:
            raise
        except (ValueError, LookupError) as problem:
            raise ConfigError(f"{self.path} cannot be read as a journal: {problem}") from None
        changed = difference(known, from_json(self._head, "head")["settings"]) if entries else ""
        if changed:
            raise ConfigError(f"{self.path} was started with other settings: {changed}")
        return entries
