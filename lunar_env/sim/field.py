"""One element of a table of inputs or outputs."""

from typing import NamedTuple


class Field(NamedTuple):
    """One element of a table."""

    name: str
    unit: str
    scale: float
    low: float
    high: float
    doc: str
