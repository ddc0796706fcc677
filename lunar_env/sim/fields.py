"""Names, units, scales and ranges of actions, reward terms and privileged vector.

The tables are the contract: spaces, docstrings, packed scales, the records that kernels write and
the pilots' readers are made from them. The observation is in `frame.py`.
"""

from enum import IntEnum
from typing import Any, Final, NamedTuple

from lunar_env.kernel.records import record_type


class Field(NamedTuple):
    """One element of a table."""

    name: str
    unit: str
    scale: float
    low: float
    high: float
    doc: str


SLOTS: Final = 4
MAX_ACTIONS: Final = 16
PAST_ACTIONS: Final = 4
ENGINE_FIELDS: Final = 8
MAX_AGE_S: Final = 20.0


class Outcome(IntEnum):
    """State of an episode, or how it ended."""

    FLYING = 0
    LANDED = 1
    HARD_LANDING = 2
    TIPPED = 3
    CRASHED = 4
    FUEL_OUT = 5
    OUT_OF_BOUNDS = 6
    NUMERIC = 7
    TIME_LIMIT = 8


class Control(IntEnum):
    """What the action commands; the keyword ``control`` is the name in lower case."""

    THROTTLE = 0
    THRUST_VECTOR = 1
    ACTUATORS = 2


def action_fields(control: Control, engines: int, gimballed: tuple[int, ...]) -> tuple[Field, ...]:
    """Fields of the action.

    Parameters
    ----------
    control : Control
        What the action commands.
    engines : int
        Number of engines of the vehicle, at most `ENGINE_FIELDS`.
    gimballed : tuple of int
        Indices, from 0, of the engines with a gimbal.

    Returns
    -------
    tuple of Field
        In their order in the action; the names number the engines from 1.
    """
    if control == Control.THROTTLE:
        return (_action("throttle", "u = (a + 1)/2 is the fraction of installed thrust"),)
    if control == Control.THRUST_VECTOR:
        tilt = "tilt of the thrust from the vertical, as a fraction of the phase's largest, towards"
        return (
            _action("tilt_east", f"{tilt} east"),
            _action("tilt_north", f"{tilt} north"),
            _action("throttle", "u = (a + 1)/2 is the fraction of installed thrust"),
        )
    fraction = "u = (a + 1)/2 is the fraction of its installed thrust"
    turn = "gimbal angle, as a fraction of the largest, about body axis"
    return (
        *(_action(f"throttle{e}", f"engine {e}: {fraction}") for e in range(1, engines + 1)),
        *(
            _action(f"gimbal_{axis}{e + 1}", f"engine {e + 1}: {turn} {axis}")
            for e in gimballed
            for axis in "xy"
        ),
        *(_action(f"torque_{a}", f"torque about {a}, as a fraction of the largest") for a in "xyz"),
    )


def _action(name: str, doc: str) -> Field:
    return Field(name, "-", 1.0, -1.0, 1.0, doc)


def prestart_action(actions: tuple[Field, ...]) -> tuple[float, ...]:
    """Action that the observation has for the steps before the start.

    Parameters
    ----------
    actions : tuple of Field
        Fields of the action.

    Returns
    -------
    tuple of float
        Engines off (-1), all other elements 0.
    """
    return tuple(-1.0 if field.name.startswith("throttle") else 0.0 for field in actions)


ACTION_FIELDS: Final = action_fields(Control.THROTTLE, 1, ())


class Terms(NamedTuple):
    """Terms of the reward."""

    landed: float
    impact: float
    softness: float
    propellant: float
    shaping: float


REWARD_TERMS: Final = Terms._fields


def _truth(name: str, unit: str, doc: str) -> Field:
    return Field(name, unit, 1.0, float("-inf"), float("inf"), doc)


_TRUE_STATE: Final = (
    _truth("r_x_m", "m", "centre of mass, L: east of the target"),
    _truth("r_y_m", "m", "centre of mass, L: north of the target"),
    _truth("r_z_m", "m", "centre of mass, L: along the vertical of the target"),
    _truth("v_x_m_s", "m/s", "velocity, L: east at the target"),
    _truth("v_y_m_s", "m/s", "velocity, L: north at the target"),
    _truth("v_z_m_s", "m/s", "velocity, L: up at the target"),
    _truth("q_w", "-", "attitude q_LB, scalar part"),
    _truth("q_x", "-", "attitude q_LB"),
    _truth("q_y", "-", "attitude q_LB"),
    _truth("q_z", "-", "attitude q_LB"),
    _truth("omega_x_rad_s", "rad/s", "inertial body rate, B"),
    _truth("omega_y_rad_s", "rad/s", "inertial body rate, B"),
    _truth("omega_z_rad_s", "rad/s", "inertial body rate, B"),
    _truth("mass_kg", "kg", "mass"),
)
_TRUE_SITUATION: Final = (
    _truth("height_m", "m", "height of the pads above the ground under the lander"),
    _truth("thrust_N", "N", "thrust"),
    _truth("propellant_kg", "kg", "remaining propellant"),
    _truth("time_s", "s", "time since the start"),
    _truth("slant_range_m", "m", "range along the boresight; -1 if it misses the ground"),
    _truth("lost", "-", "1 if no control whatever could land from the start: a proof"),
    _truth(
        "stop_margin_m", "m", "height to spare for full thrust at the start; -1e6 if it cannot stop"
    ),
    _truth("stop_height_m", "m", "height that full thrust needs now; 1e6 if it cannot stop"),
    _truth(
        "first_fix_height_m", "m", "height above the ground at the first valid range; -1 before"
    ),
    _truth("first_fix_speed_m_s", "m/s", "descent rate at the first valid range; -1 before"),
    _truth("nav_height_error_m", "m", "dead-reckoned minus true altitude"),
    _truth("signal_loss_dB", "dB", "signal loss drawn for the rangefinder"),
    _truth("latency_s", "s", "mean time from the middle of a range's integration to its arrival"),
    _truth("tilt_rad", "rad", "angle of the body axis from the vertical"),
    _truth("outcome", "-", "code of Outcome"),
    _truth("altitude_m", "m", "centre of mass above the sphere through the target"),
    _truth("downrange_m", "m", "distance to the target along the sphere"),
    _truth("touching", "-", "number of points of pads and hull that touch the ground"),
    _truth("broken_legs", "-", "number of broken legs"),
    _truth("friction", "-", "coefficient of friction of the ground"),
    _truth("range_bias_m", "m", "bias drawn for the rangefinder"),
    _truth("range_scale_frac", "-", "scale factor error drawn for the rangefinder"),
    _truth("stamp_bias_s", "s", "bias drawn for its time stamps"),
    _truth("height_spread_frac", "-", "drawn factor of the initial height error, hidden on board"),
    _truth("thrust_available_N", "N", "thrust of all engines that work, at full throttle"),
)
PRIVILEGED_FIELDS: Final = _TRUE_STATE + _TRUE_SITUATION
# As kernels write them.
TrueState: Any = record_type("TrueState", [field.name for field in _TRUE_STATE])
TrueSituation: Any = record_type("TrueSituation", [field.name for field in _TRUE_SITUATION])
