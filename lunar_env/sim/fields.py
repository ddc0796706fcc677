"""Names, units, scales and ranges of everything that goes in and out of the environment.

The tables are the contract: spaces, docstrings, packed scales and the pilots' readers are made from
them. An observed element is ``quantity / scale``, clipped to ``[low, high]``.
"""

from enum import IntEnum
from typing import Final, NamedTuple


class Outcome(IntEnum):
    """How an episode stands or ended."""

    FLYING = 0
    LANDED = 1
    HARD_LANDING = 2
    TIPPED = 3
    CRASHED = 4
    FUEL_OUT = 5
    OUT_OF_BOUNDS = 6
    NUMERIC = 7
    TIME_LIMIT = 8


class Field(NamedTuple):
    """One element of a table."""

    name: str
    unit: str
    scale: float
    low: float
    high: float
    doc: str


def _flag(name: str, doc: str) -> Field:
    return Field(name, "-", 1.0, 0.0, 1.0, doc)


def _unfitted(prefix: str, names: tuple[tuple[str, str, float], ...]) -> tuple[Field, ...]:
    """Block of a sensor that this lander may not carry: zero then."""
    doc = f"{prefix} block; zero where the sensor is not fitted"
    return tuple(Field(f"{prefix}_{n}", u, s, -5.0, 5.0, doc) for n, u, s in names)


SLOTS: Final = 4
PAST_ACTIONS: Final = 4
MAX_AGE_S: Final = 20.0

_INERTIAL: Final = (
    Field("dr_x_m", "m", 1000.0, -15.0, 15.0, "dead-reckoned position, east of the target"),
    Field("dr_y_m", "m", 1000.0, -15.0, 15.0, "dead-reckoned position, north of the target"),
    Field("dr_height_m", "m", 1000.0, -5.0, 15.0, "dead-reckoned height of the pads above ground"),
    Field("dr_v_x_m_s", "m/s", 10.0, -20.0, 20.0, "dead-reckoned velocity, east"),
    Field("dr_v_y_m_s", "m/s", 10.0, -20.0, 20.0, "dead-reckoned velocity, north"),
    Field("dr_v_z_m_s", "m/s", 50.0, -10.0, 10.0, "dead-reckoned velocity, up"),
    Field("dr_height_log", "-", 1.0, -2.0, 2.0, "sign(h) ln(1 + abs(h)/10 m)/6 of dr_height"),
    Field("dr_v_z_log", "-", 1.0, -2.0, 2.0, "sign(v) ln(1 + abs(v)/1 m/s)/5 of dr_v_z"),
    Field("dr_horizontal_sigma_m", "m", 500.0, 0.0, 10.0, "1 sigma of dr_x and dr_y, each"),
    Field("dr_height_sigma_m", "m", 300.0, 0.0, 10.0, "1 sigma of dr_height"),
    Field("dr_v_vertical_sigma_m_s", "m/s", 1.0, 0.0, 10.0, "1 sigma of dr_v_z"),
    Field("dr_v_lateral_sigma_m_s", "m/s", 1.0, 0.0, 10.0, "1 sigma of dr_v_x and dr_v_y, each"),
    Field("q_w", "-", 1.0, -1.0, 1.0, "believed attitude q_LB, scalar part"),
    Field("q_x", "-", 1.0, -1.0, 1.0, "believed attitude q_LB"),
    Field("q_y", "-", 1.0, -1.0, 1.0, "believed attitude q_LB"),
    Field("q_z", "-", 1.0, -1.0, 1.0, "believed attitude q_LB"),
    Field("attitude_sigma_rad", "rad", 0.01, 0.0, 10.0, "1 sigma of the attitude, per axis"),
    Field("omega_x_rad_s", "rad/s", 0.5, -10.0, 10.0, "body rate"),
    Field("omega_y_rad_s", "rad/s", 0.5, -10.0, 10.0, "body rate"),
    Field("omega_z_rad_s", "rad/s", 0.5, -10.0, 10.0, "body rate"),
    Field("f_x_m_s2", "m/s^2", 5.0, -5.0, 5.0, "specific force, B, mean over the step"),
    Field("f_y_m_s2", "m/s^2", 5.0, -5.0, 5.0, "specific force, B, mean over the step"),
    Field("f_z_m_s2", "m/s^2", 5.0, -5.0, 5.0, "specific force, B, mean over the step"),
)
_ESTIMATE: Final = (
    Field(
        "est_height_m",
        "m",
        1000.0,
        -5.0,
        15.0,
        "height the autopilot uses: dead reckoning corrected by the last valid range at its stamp",
    ),
    Field("est_height_log", "-", 1.0, -2.0, 2.0, "sign(h) ln(1 + abs(h)/10 m)/6 of est_height"),
    _flag("est_has_fix", "1 once a range has corrected est_height"),
)
_RANGEFINDER: Final = (
    _flag("lrf_off", "rangefinder is off"),
    _flag("lrf_warmup", "rangefinder warms up"),
    _flag("lrf_search", "rangefinder searches the ground"),
    _flag("lrf_track", "rangefinder tracks the ground"),
    _flag("lrf_lost", "rangefinder has just lost the ground"),
    Field("lrf_arrivals", "-", float(SLOTS), 0.0, 4.0, "ranges that arrived during the step"),
    Field("lrf_last_range_m", "m", 1000.0, 0.0, 20.0, "slant range that arrived last; 0 before"),
    Field("lrf_last_age_s", "s", 5.0, 0.0, 4.0, "its age since measurement; saturates at 20 s"),
    _flag("lrf_seen", "1 once a valid range has arrived"),
)
_SLOTS: Final = tuple(
    field
    for k in range(1, SLOTS + 1)
    for field in (
        Field(f"lrf{k}_range_m", "m", 1000.0, 0.0, 20.0, f"slant range, arrival {k} of the step"),
        Field(f"lrf{k}_age_s", "s", 5.0, 0.0, 4.0, "time since its measurement (its stamp)"),
        _flag(f"lrf{k}_valid", "1 where the slot holds an arrival"),
        Field(f"lrf{k}_quality", "-", 2.0, 0.0, 5.0, "log10 of its signal-to-noise ratio"),
    )
)
_OTHER_SENSORS: Final = (
    *_unfitted(
        "dvl",
        (
            ("v_x_m_s", "m/s", 10.0),
            ("v_y_m_s", "m/s", 10.0),
            ("v_z_m_s", "m/s", 50.0),
            ("age_s", "s", 5.0),
            ("valid", "-", 1.0),
        ),
    ),
    *_unfitted("ralt", (("range_m", "m", 1000.0), ("age_s", "s", 5.0), ("valid", "-", 1.0))),
    *_unfitted(
        "cam",
        (
            ("x_m", "m", 1000.0),
            ("y_m", "m", 1000.0),
            ("z_m", "m", 1000.0),
            ("age_s", "s", 5.0),
            ("valid", "-", 1.0),
        ),
    ),
    _flag("contact", "a pad touches the ground"),
)
_OWN_VEHICLE: Final = (
    Field("thrust_frac", "-", 1.0, 0.0, 1.2, "achieved thrust over the installed thrust"),
    Field("propellant_kg", "kg", 50.0, 0.0, 40.0, "propellant gauge"),
    _flag("engine_on", "1 while the engine burns"),
    Field("thrust_to_weight", "-", 3.0, 0.0, 4.0, "nominal T_max/(m g) at the believed mass"),
    Field("throttle_min_frac", "-", 1.0, 0.0, 1.0, "floor of the throttle band"),
    Field("isp_s", "s", 300.0, 0.0, 2.0, "nominal specific impulse"),
    Field("engine_lag_s", "s", 0.2, 0.0, 20.0, "nominal time constant of the engine"),
    Field("lrf_mount_offset_m", "m", 1.0, -10.0, 10.0, "sensor below the centre of mass"),
    Field("cg_height_m", "m", 1.0, 0.0, 10.0, "centre of mass above the pads"),
    Field("elapsed_s", "s", 100.0, 0.0, 20.0, "time since the start of the phase"),
)
_PAST: Final = tuple(
    Field(f"prev_throttle_{k}", "-", 1.0, -1.0, 1.0, f"action {k} step(s) ago; -1 before the start")
    for k in range(1, PAST_ACTIONS + 1)
)

OBSERVATION_FIELDS: Final[tuple[Field, ...]] = (
    *(_INERTIAL + _ESTIMATE + _RANGEFINDER + _SLOTS),
    *(_OTHER_SENSORS + _OWN_VEHICLE + _PAST),
)
ACTION_FIELDS: Final = (
    Field("throttle", "-", 1.0, -1.0, 1.0, "u = (a + 1)/2 is the fraction of installed thrust"),
)
REWARD_TERMS: Final = ("landed", "impact", "softness", "propellant", "shaping")


def _truth(name: str, unit: str, doc: str) -> Field:
    return Field(name, unit, 1.0, float("-inf"), float("inf"), doc)


PRIVILEGED_FIELDS: Final = (
    _truth("r_x_m", "m", "centre of mass, east of the target"),
    _truth("r_y_m", "m", "centre of mass, north of the target"),
    _truth("r_z_m", "m", "centre of mass, above the target"),
    _truth("v_x_m_s", "m/s", "velocity, east"),
    _truth("v_y_m_s", "m/s", "velocity, north"),
    _truth("v_z_m_s", "m/s", "velocity, up"),
    _truth("q_w", "-", "attitude q_LB, scalar part"),
    _truth("q_x", "-", "attitude q_LB"),
    _truth("q_y", "-", "attitude q_LB"),
    _truth("q_z", "-", "attitude q_LB"),
    _truth("omega_x_rad_s", "rad/s", "body rate, inertial"),
    _truth("omega_y_rad_s", "rad/s", "body rate, inertial"),
    _truth("omega_z_rad_s", "rad/s", "body rate, inertial"),
    _truth("mass_kg", "kg", "mass"),
    _truth("height_m", "m", "height of the pads above the ground under the lander"),
    _truth("thrust_N", "N", "thrust"),
    _truth("propellant_kg", "kg", "propellant left"),
    _truth("time_s", "s", "time since the start"),
    _truth("slant_range_m", "m", "range along the boresight; -1 where it misses the ground"),
    _truth("recoverable", "-", "1 where full thrust could still stop it, judged at the start"),
    _truth("recover_margin_m", "m", "height to spare at the start; -1e6 where nothing stops it"),
    _truth("stop_height_m", "m", "height that full thrust needs now; 1e6 where nothing stops it"),
    _truth("first_fix_alt_m", "m", "height at the first valid range; -1 before"),
    _truth("first_fix_speed_m_s", "m/s", "fall speed at the first valid range; -1 before"),
    _truth("nav_height_error_m", "m", "dead-reckoned minus true height"),
    _truth("signal_loss_dB", "dB", "drawn loss of signal of the unit"),
    _truth("latency_s", "s", "mean time from the middle of a sum to its arrival"),
    _truth("tilt_rad", "rad", "body axis from the vertical"),
    _truth("outcome", "-", "code of Outcome"),
)
