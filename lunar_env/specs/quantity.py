"""Numbers that say where they come from, and distributions to draw them from.

A number in a data file is either plain (``mass_dry_kg = 340.0``) or carries its provenance
(``mass_dry_kg = {value = 340.0, source = "R11", confidence = "official"}``). A draw names its
distribution instead of a value (``{normal = [0.0, 150.0]}``). `lunar_env.specs.base` reads both.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple, cast

from pydantic import AfterValidator, BeforeValidator, Field

from lunar_env.errors import ConfigError, nearest, shown

__all__ = ["CONFIDENCES", "Draw", "DrawKind", "Quantity", "unit_of"]

CONFIDENCES: dict[str, str] = {
    "official": "operator, agency or peer-reviewed publication, read directly",
    "off-2": "statement of the operator or agency, read in a secondary report only",
    "press": "news, encyclopaedia, livestream read-out or specialist blog",
    "published": "a figure given in a technical publication for this purpose",
    "derived": "computed from other figures; the note says how",
    "assumed": "an engineering assumption; nothing published was found",
    "recall": "common knowledge of the field, stated without a source that was read",
}
"""Legal values of ``confidence`` and what each one means."""

DrawKind = Literal["constant", "uniform", "normal", "exponential", "choice"]
PARAMETER_NAMES: dict[str, tuple[str, ...]] = {
    "constant": ("value",),
    "uniform": ("low", "high"),
    "normal": ("mean", "standard deviation"),
    "exponential": ("mean",),
}
MAX_CHOICES = 8
_MOST_ENTRIES = 1000  # of any list: each wrong one is a problem that is written down
_MOST_POINTS = 24  # of an outline
NUMBER_KEYS = ("value", "uniform", "normal", "exponential", "choice")
NOTE_KEYS = ("source", "confidence", "note")

# Longest suffix first, so that "_m_s2" is not read as "_s2" nor "_N_m" as "_m".
_UNITS = {
    "_ug_sqrt_Hz": "micro-g/sqrt(Hz)",
    "_deg_sqrt_h": "deg/sqrt(h)",
    "_m3_s2": "m3/s2",
    "_N_m_s": "N m s",
    "_m_s3": "m/s3",
    "_m_s2": "m/s2",
    "_arcsec": "arcsec",
    "_deg_s": "deg/s",
    "_deg_h": "deg/h",
    "_rad_s": "rad/s",
    "_m_s": "m/s",
    "_N_m": "N m",
    "_deg": "deg",
    "_mrad": "mrad",
    "_rad": "rad",
    "_nm": "nm",
    "_mm": "mm",
    "_ppm": "ppm",
    "_kg": "kg",
    "_ug": "micro-g",
    "_Hz": "Hz",
    "_uJ": "uJ",
    "_ns": "ns",
    "_dB": "dB",
    "_m": "m",
    "_s": "s",
    "_N": "N",
    "_e": "electrons",
}


# Sizes beyond which no number of a unit can be meant, whatever the field; many fields have narrower
# ranges. They keep products finite and the work of a step bounded.
_LARGEST = {
    **{"m": 1e7, "s": 1e5, "m/s": 1e5, "m/s2": 1e4, "m/s3": 1e4, "m3/s2": 1e18, "kg": 1e7},
    **{"N": 1e9, "N m": 1e9, "N m s": 1e9, "deg": 360.0, "rad": 10.0, "mrad": 1e4, "deg/s": 1e4},
    **{"rad/s": 100.0, "deg/h": 1e6, "dB": 300.0, "Hz": 1e6, "nm": 1e6, "mm": 1e5, "ns": 1e6},
    **{"uJ": 1e10, "electrons": 1e9},
}
_LARGEST_OTHER = 1e9
# What must be above zero is at least this: nothing that is divided by it overflows.
SMALLEST = 1e-6


def sensible_range(unit: str, metadata: Iterable[object]) -> tuple[float, float]:
    """Return the range of a number of some unit, narrowed by what its field says.

    Parameters
    ----------
    unit : str
        As `unit_of` returns it.
    metadata : iterable
        Bounds of the field, as pydantic keeps them.

    Examples
    --------
    >>> sensible_range("Hz", Field(gt=0.0).metadata)
    (1e-06, 1000000.0)
    """
    bounds = list(metadata)
    largest = _LARGEST.get(unit, _LARGEST_OTHER)
    least = SMALLEST if any(getattr(bound, "gt", None) == 0.0 for bound in bounds) else -largest
    own = any(hasattr(bound, "le") or hasattr(bound, "lt") for bound in bounds)
    return least, math.inf if own else largest


def unit_of(name: str) -> str:
    """Return the unit that the suffix of a field name states, ``"-"`` for a pure number.

    Examples
    --------
    >>> unit_of("v_vertical_m_s"), unit_of("isp_frac")
    ('m/s', '-')
    """
    return next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "-")


@dataclass(frozen=True, slots=True)
class Draw:
    """A distribution that is sampled once per episode unless its field says otherwise.

    Parameters
    ----------
    kind : {"constant", "uniform", "normal", "exponential", "choice"}
        Which distribution.
    parameters : tuple of float
        The value; low and high; mean and standard deviation; mean; or up to 8 equally likely
        options.
    """

    kind: DrawKind
    parameters: tuple[float, ...]

    def __post_init__(self) -> None:
        """Reject parameters that do not make a distribution."""
        written = f"{self.kind} = {list(self.parameters)}"
        if not all(math.isfinite(number) for number in self.parameters):
            raise ConfigError(f"{written}: every number must be finite")
        if self.kind == "choice":
            if not 1 <= len(self.parameters) <= MAX_CHOICES:
                raise ConfigError(f"{written}: needs 1 to {MAX_CHOICES} options")
            return
        names = PARAMETER_NAMES[self.kind]
        if len(self.parameters) != len(names):
            raise ConfigError(f"{written}: needs [{', '.join(names)}]")
        if self.kind == "uniform" and self.parameters[0] > self.parameters[1]:
            raise ConfigError(f"{written}: low must not exceed high")
        if self.kind in ("normal", "exponential") and self.parameters[-1] < 0.0:
            raise ConfigError(f"{written}: the {names[-1]} must not be negative")

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest value that can be drawn."""
        if self.kind == "normal" and self.parameters[1] > 0.0:
            return -math.inf, math.inf
        if self.kind == "normal":
            return self.parameters[0], self.parameters[0]
        if self.kind == "exponential":
            return 0.0, math.inf if self.parameters[0] > 0.0 else 0.0
        return min(self.parameters), max(self.parameters)

    def times(self, factor: float) -> Draw:
        """Distribution of the values times a factor that is not negative."""
        return Draw(self.kind, tuple(factor * number for number in self.parameters))


class Quantity(NamedTuple):
    """One number of a spec with its unit and provenance; empty strings if not given."""

    value: float | Draw
    unit: str
    source: str
    confidence: str
    note: str = ""


class Provenance(NamedTuple):
    """Source, confidence and note of a number."""

    source: str = ""
    confidence: str = ""
    note: str = ""


def split_provenance(table: Mapping[str, object]) -> tuple[object, Provenance]:
    """Split ``{value or distribution, source, confidence, note}`` into its number and the rest."""
    number = {key: table[key] for key in table if key not in NOTE_KEYS}
    for key in number:
        if key not in NUMBER_KEYS:
            hint = nearest(key, [*NUMBER_KEYS, *NOTE_KEYS])
            raise ConfigError(f"unknown key {shown(key)}{hint}")
    if len(number) != 1:
        raise ConfigError(f"must hold one of {', '.join(NUMBER_KEYS)}, got {shown(list(number))}")
    notes = {key: table.get(key, "") for key in NOTE_KEYS}
    for key, text in notes.items():
        if not isinstance(text, str):
            raise ConfigError(f"{key} = {shown(text)}: must be text")
    confidence = str(notes["confidence"])
    if confidence and confidence not in CONFIDENCES:
        raise ConfigError(
            f"confidence = {shown(confidence)}: must be one of {', '.join(CONFIDENCES)}"
            + nearest(confidence, CONFIDENCES)
        )
    provenance = Provenance(str(notes["source"]), confidence, str(notes["note"]))
    return (number["value"] if list(number) == ["value"] else number), provenance


def as_list(raw: object) -> object:
    """Make a list of a file the tuple that an immutable spec holds."""
    if isinstance(raw, list) and len(raw) > _MOST_ENTRIES:
        raise ConfigError(f"must hold at most {_MOST_ENTRIES} entries, holds {len(raw):,}")
    return tuple(raw) if isinstance(raw, list) else raw


def as_interval(raw: object) -> object:
    """Read ``[low, high]``."""
    bounds = as_list(raw)
    if not isinstance(bounds, tuple) or len(bounds) != 2:
        raise ConfigError(f"{shown(raw)}: must be [low, high]")
    low, high = (_as_number(bound) for bound in bounds)
    if low > high:
        raise ConfigError(f"{[low, high]}: low must not exceed high")
    return low, high


def as_outline(raw: object) -> object:
    """Read ``[[width, height], ...]``: at least two points."""
    points = as_list(raw)
    if not isinstance(points, tuple) or not 2 <= len(points) <= _MOST_POINTS:
        raise ConfigError(f"{shown(raw)}: must be a list of 2 to {_MOST_POINTS} points")
    return tuple(_as_point(point) for point in points)


def _as_point(raw: object) -> tuple[float, ...]:
    point = as_list(raw)
    if not isinstance(point, tuple) or len(point) != 2:
        raise ConfigError(f"{shown(raw)}: must be [width, height]")
    return tuple(_as_number(number) for number in point)


def as_optional_draw(raw: object) -> Draw | None:
    """Read a draw or None."""
    return None if raw is None else as_draw(raw)


def as_draw(raw: object) -> Draw:
    """Read a draw from a plain number or from the one distribution left by the split above."""
    if isinstance(raw, Draw):
        return raw
    if not isinstance(raw, Mapping):
        return Draw("constant", (_as_number(raw),))
    kinds = [kind for kind in NUMBER_KEYS if kind != "value"]
    if len(raw) != 1 or next(iter(raw)) not in kinds:
        raise ConfigError(f"{shown(raw)}: must hold one of {', '.join(kinds)}")
    kind, parameters = next(iter(raw.items()))
    if not isinstance(parameters, list | tuple):
        raise ConfigError(f"{kind} = {shown(parameters)}: must be a list of numbers")
    return Draw(cast("DrawKind", kind), tuple(_as_number(number) for number in parameters))


def _as_number(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ConfigError(f"{shown(raw)}: must be a number or a distribution")
    return float(raw)


def within(low: float, high: float = math.inf) -> AfterValidator:
    """Make a validator that keeps all that can be drawn within [low, high]."""

    def check(draw: Draw | None) -> Draw | None:
        if draw is None:
            return None
        smallest, largest = draw.support
        if smallest < low or largest > high:
            raise ConfigError(
                f"{draw.kind} = {list(draw.parameters)}: can give [{smallest:g}, {largest:g}],"
                f" must stay in [{low:g}, {high:g}]"
            )
        return draw

    return AfterValidator(check)


PROSE = "prose"
"""Mark of a field that is for people only, to read or to look at; such fields do not enter a spec's
digest."""
Prose = Annotated[str, PROSE]
Positive = Annotated[float, Field(gt=0.0)]
NonNegative = Annotated[float, Field(ge=0.0)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Angle = Annotated[float, Field(ge=0.0, le=90.0)]
AnyDraw = Annotated[Draw, BeforeValidator(as_draw)]
NonNegativeDraw = Annotated[Draw, BeforeValidator(as_draw), within(0.0)]
FractionDraw = Annotated[Draw, BeforeValidator(as_draw), within(0.0, 1.0)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
# One plus it multiplies what must stay positive.
FactorErrorDraw = Annotated[Draw, BeforeValidator(as_draw), within(-0.9, 10.0)]
# A factor of what must stay positive.
FactorDraw = Annotated[Draw, BeforeValidator(as_draw), within(0.1, 10.0)]
FrictionDraw = Annotated[Draw, BeforeValidator(as_draw), within(0.0, 5.0)]
OptionalDraw = Annotated[Draw | None, BeforeValidator(as_optional_draw)]
Interval = Annotated[tuple[float, float], BeforeValidator(as_interval)]
Outline = Annotated[tuple[tuple[float, float], ...], BeforeValidator(as_outline)]
AsList = BeforeValidator(as_list)
PositiveDraw = Annotated[Draw, BeforeValidator(as_draw), within(1e-3)]
LossDraw = Annotated[Draw, BeforeValidator(as_draw), within(0.0, 100.0)]
LatencyDraw = Annotated[Draw, BeforeValidator(as_draw), within(0.0, 10.0)]
StepDraw = Annotated[Draw, BeforeValidator(as_draw), within(-10_000.0, 10_000.0)]
