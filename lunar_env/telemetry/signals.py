"""What a recording holds: every quantity with its unit and the period at which it is written.

Actions, rewards, and what moves (state, estimate, rangefinder, engine) are written in every control
period. What is constant in an episode, changes little in a second, or follows from the state is
written once a second, and at the end. What comes irregularly (beliefs, samples of sensors,
starts and ends of episodes) has other streams.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from lunar_env.belief import Belief
from lunar_env.errors import ConfigError, nearest, shown
from lunar_env.sensors.events import EVENT_COLUMNS
from lunar_env.sim.fields import PRIVILEGED_FIELDS, REWARD_TERMS
from lunar_env.sim.frame import FRAME
from lunar_env.specs.quantity import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lunar_env.sim.fields import Field

__all__ = [
    "BELIEF_SIGNALS",
    "SAMPLE_SIGNALS",
    "STATE_SIGNALS",
    "TABLES",
    "Signal",
    "signals_of",
]

SLOW_S: Final = 1.0
TABLES: Final = ("action", "reward", "observed", "state", "true")
"""Where signals come from; see `lunar_env.telemetry.blocks.Instants`."""
STATE_SIGNALS: Final = {
    **{f"r_{axis}_m": f"state.r.{axis}" for axis in "xyz"},
    **{f"v_{axis}_m_s": f"state.v.{axis}" for axis in "xyz"},
    **{f"q_{part}": f"state.q.{part}" for part in "wxyz"},
    **{f"omega_{axis}_rad_s": f"state.omega.{axis}" for axis in "xyz"},
    "mass_kg": "state.mass",
    "thrust_N": "state.thrust",
    "height_m": "episode.height",
    "time_s": "episode.time",
    "touching": "contact.touching",
}
"""Privileged fields that the simulation keeps, and where: they cost next to nothing to read."""
_SLOW_STATE: Final = {"mass_kg"}
# Slow, or constants, or functions of others.
_SLOW_OBSERVED: Final = re.compile(r"propellant_kg|.*_sigma_.*|.*_log|(eng\d|dvl|ralt|cam)_.*")
# Actions of the past, which an observation repeats, and slots of ranges, which are samples.
_LEFT_OUT: Final = re.compile(r"prev_.*|lrf\d_.*")


class Signal(NamedTuple):
    """One column of a stream."""

    name: str
    """Table and quantity, such as ``true.height_m``."""
    unit: str
    doc: str
    table: str
    """One of `TABLES`; empty for beliefs and samples."""
    column: int
    """Place in that table."""
    scale: float
    """What an element of it is multiplied with."""
    single: bool
    """Whether it has the precision of an observation, float32, instead of float64."""
    period_s: float
    """Time between two values; 0 where they come at no fixed period."""


BELIEF_SIGNALS: Final = tuple(
    Signal(f"believed.{name}", unit_of(name), doc, "", k, 1.0, False, 0.0)
    for k, (name, doc) in enumerate(
        zip(
            Belief._fields,
            (
                "height of the pads above the ground, as the pilot estimates it",
                "1 sigma of it",
                "velocity along the local vertical, upwards",
                "speed across it",
            ),
            strict=True,
        )
    )
)
SAMPLE_SIGNALS: Final = tuple(
    Signal(name, unit_of(name), "see lunar_env.envs.events.Events", "", k, 1.0, False, 0.0)
    for k, name in enumerate(EVENT_COLUMNS)
)


def signals_of(
    actions: Sequence[Field],
    frame: Sequence[Field],
    control_period_s: float,
    periods_s: Mapping[str, float] | None = None,
) -> tuple[Signal, ...]:
    """Return the signals that are written periodically.

    Parameters
    ----------
    actions : sequence of Field
        Elements of the action.
    frame : sequence of Field
        Elements of the present frame of an observation.
    control_period_s : float
        Time between two instants [s].
    periods_s : mapping, optional
        Periods of single signals [s], instead of their own; rounded to control periods.

    Returns
    -------
    tuple of Signal
        Those of a table next to each other, in the order in which they are written.

    Raises
    ------
    ConfigError
        If there is no signal of some name, a period is shorter than the control period, or an
        action would not be written in every one: it could not be flown again.
    """
    step, slow = control_period_s, max(SLOW_S, control_period_s)
    design = FRAME["Design"]
    signals = [
        *(_signal("action", k, field, step) for k, field in enumerate(actions)),
        Signal("reward", "-", "reward of the step", "reward", 0, 1.0, False, step),
        *(
            Signal(f"reward.{name}", "-", f"its term {name!r}", "reward", k, 1.0, False, step)
            for k, name in enumerate(REWARD_TERMS, start=1)
        ),
        *(
            _signal("observed", k, field, slow if _is_slow(k, field, design) else step)
            for k, field in enumerate(frame)
            if not _LEFT_OUT.fullmatch(field.name)
        ),
        *_true_signals(step, slow),
    ]
    asked = _checked(periods_s or {}, [signal.name for signal in signals], control_period_s)
    return tuple(
        signal._replace(period_s=asked.get(signal.name, signal.period_s)) for signal in signals
    )


def _is_slow(place: int, field: Field, design: int) -> bool:
    return place >= design or _SLOW_OBSERVED.fullmatch(field.name) is not None


def _true_signals(step: float, slow: float) -> Iterator[Signal]:
    """Yield those of the privileged fields, from where they are cheapest."""
    fields = {field.name: field for field in PRIVILEGED_FIELDS}
    for k, name in enumerate(STATE_SIGNALS):
        period = slow if name in _SLOW_STATE else step
        yield _signal("true", k, fields[name], period)._replace(table="state")
    for k, (name, field) in enumerate(fields.items()):
        if name not in STATE_SIGNALS:
            yield _signal("true", k, field, slow)


def _signal(table: str, place: int, field: Field, period_s: float) -> Signal:
    name, single = f"{table}.{field.name}", table == "observed"
    return Signal(name, field.unit, field.doc, table, place, field.scale, single, period_s)


def _checked(
    periods_s: Mapping[str, float], names: Sequence[str], control_period_s: float
) -> dict[str, float]:
    for name, period in periods_s.items():
        if name not in names:
            raise ConfigError(f"periods_s: no signal {shown(name)}{nearest(name, names)}")
        if not (math.isfinite(period) and period >= control_period_s):
            raise ConfigError(
                f"periods_s[{name!r}] = {period:g} must be at least the control period of"
                f" {control_period_s:g} s"
            )
        if name.startswith("action."):
            raise ConfigError(
                f"periods_s: {name!r} is written in every control period, for replays"
            )
    return {
        name: round(period / control_period_s) * control_period_s
        for name, period in periods_s.items()
    }
