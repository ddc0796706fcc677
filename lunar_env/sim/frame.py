"""The observation: names, units, scales and ranges, and the records that kernels write.

An observed element is ``quantity / scale``, clipped to ``[low, high]``. A new one is one line of
its table here and its value where the kernel makes the record (`observe.py`). An altitude is above
the sphere through the target, a height above the ground, unless the text says otherwise.
"""

from typing import Any, Final, NamedTuple

from lunar_env.kernel.records import Blocks, columns, record_type
from lunar_env.sim.fields import (
    ACTION_FIELDS,
    ENGINE_FIELDS,
    PAST_ACTIONS,
    SLOTS,
    Field,
    prestart_action,
)
from lunar_env.sim.sheet import sheet_fields


class PhaseScales(NamedTuple):
    """Scales of the observed quantities whose size depends on the phase."""

    place: float  # m, horizontal distance to the target
    height: float  # m
    speed: float  # m/s, horizontal
    fall: float  # m/s, along z
    place_sigma: float  # m
    height_sigma: float  # m
    range: float  # m, slant
    propellant: float  # kg


PHASE_SCALES: Final = {
    "terminal": PhaseScales(1e3, 1e3, 10.0, 50.0, 500.0, 300.0, 1e3, 50.0),
    "approach": PhaseScales(5e3, 2e3, 50.0, 50.0, 500.0, 300.0, 2e3, 200.0),
    # At 750 km from the target the local vertical is 0.43 rad from z: nearly half of the horizontal
    # speed is along z.
    "powered": PhaseScales(1e5, 1e4, 200.0, 200.0, 2e3, 1e3, 5e3, 1e3),
}


def frame_fields(phase: str, actions: tuple[Field, ...]) -> tuple[Field, ...]:
    """Fields of one observed frame.

    Parameters
    ----------
    phase : str
        A key of `PHASE_SCALES`.
    actions : tuple of Field
        The action, whose previous values end the frame.

    Returns
    -------
    tuple of Field
        In their order in the observation.
    """
    sensed = (field for part in _sensed(PHASE_SCALES[phase]).values() for field in part)
    return (*sensed, *_past(actions))


def _sensed(s: PhaseScales) -> dict[str, tuple[Field, ...]]:
    """The parts of a frame that every control observes; kernels write each as a record."""
    return {
        "Motion": _inertial(s),
        "Estimated": _estimate(s),
        "Ranging": _rangefinder(s),
        "Slots": _slots(s),
        "Velocity": _velocimeter(s),
        "Radar": _radar(s),
        "Camera": _camera(s),
        "Touching": _contact(),
        "Engines": _engines(s),
        "EachEngine": _each_engine(),
        "Design": _design(),
        "Sheet": sheet_fields(),
    }


def _flag(name: str, doc: str) -> Field:
    return Field(name, "-", 1.0, 0.0, 1.0, doc)


def _inertial(s: PhaseScales) -> tuple[Field, ...]:
    place, speed = "dead-reckoned position, L", "dead-reckoned velocity, L"
    force, mean = "specific force, B", "mean over the step"
    above = "dead-reckoned altitude of the pads above the target's level (the sphere through it)"
    return (
        Field("dr_x_m", "m", s.place, -15.0, 15.0, f"{place}: east of the target"),
        Field("dr_y_m", "m", s.place, -15.0, 15.0, f"{place}: north of the target"),
        Field("dr_height_m", "m", s.height, -5.0, 15.0, above),
        Field("dr_v_x_m_s", "m/s", s.speed, -20.0, 20.0, f"{speed}: east at the target"),
        Field("dr_v_y_m_s", "m/s", s.speed, -20.0, 20.0, f"{speed}: north at the target"),
        Field("dr_v_z_m_s", "m/s", s.fall, -10.0, 10.0, f"{speed}: up at the target"),
        Field("dr_height_log", "-", 1.0, -2.0, 2.0, "sign(h) ln(1 + abs(h)/10 m)/6 of dr_height"),
        Field("dr_v_z_log", "-", 1.0, -2.0, 2.0, "sign(v) ln(1 + abs(v)/1 m/s)/5 of dr_v_z"),
        Field(
            "dr_horizontal_sigma_m", "m", s.place_sigma, 0.0, 10.0, "1 sigma of dr_x and of dr_y"
        ),
        Field("dr_height_sigma_m", "m", s.height_sigma, 0.0, 10.0, "1 sigma of dr_height"),
        Field("dr_v_vertical_sigma_m_s", "m/s", 1.0, 0.0, 10.0, "1 sigma of dr_v_up"),
        Field("dr_v_lateral_sigma_m_s", "m/s", 1.0, 0.0, 10.0, "1 sigma of dr_v_x, of dr_v_y"),
        Field("q_w", "-", 1.0, -1.0, 1.0, "estimated attitude q_LB, scalar part"),
        Field("q_x", "-", 1.0, -1.0, 1.0, "estimated attitude q_LB"),
        Field("q_y", "-", 1.0, -1.0, 1.0, "estimated attitude q_LB"),
        Field("q_z", "-", 1.0, -1.0, 1.0, "estimated attitude q_LB"),
        Field("attitude_sigma_rad", "rad", 0.01, 0.0, 10.0, "1 sigma of the attitude, per axis"),
        Field("omega_x_rad_s", "rad/s", 0.5, -10.0, 10.0, "body rate, B"),
        Field("omega_y_rad_s", "rad/s", 0.5, -10.0, 10.0, "body rate, B"),
        Field("omega_z_rad_s", "rad/s", 0.5, -10.0, 10.0, "body rate, B"),
        Field("f_x_m_s2", "m/s^2", 5.0, -5.0, 5.0, f"{force}, {mean}"),
        Field("f_y_m_s2", "m/s^2", 5.0, -5.0, 5.0, f"{force}, {mean}"),
        Field("f_z_m_s2", "m/s^2", 5.0, -5.0, 5.0, f"{force}, {mean}"),
        Field("dr_v_up_m_s", "m/s", 50.0, -10.0, 10.0, "dead-reckoned velocity, up at the lander"),
    )


def _estimate(s: PhaseScales) -> tuple[Field, ...]:
    height = (
        "autopilot's height of the pads above the ground: dead reckoning corrected by the last"
        " valid range at its time stamp"
    )
    return (
        Field("est_height_m", "m", s.height, -5.0, 15.0, height),
        Field("est_height_log", "-", 1.0, -2.0, 2.0, "sign(h) ln(1 + abs(h)/10 m)/6 of est_height"),
        _flag("est_has_fix", "1 once a range has corrected est_height"),
    )


def _rangefinder(s: PhaseScales) -> tuple[Field, ...]:
    return (
        _flag("lrf_off", "rangefinder is off, or not fitted"),
        _flag("lrf_warmup", "rangefinder is warming up"),
        _flag("lrf_search", "rangefinder is searching for the ground"),
        _flag("lrf_track", "rangefinder is tracking the ground"),
        _flag("lrf_lost", "rangefinder has just lost the ground"),
        Field("lrf_arrivals", "-", float(SLOTS), 0.0, 4.0, "ranges that arrived during the step"),
        Field("lrf_last_range_m", "m", s.range, 0.0, 20.0, "last slant range; 0 before the first"),
        Field("lrf_last_age_s", "s", 5.0, 0.0, 4.0, "time since its measurement; at most 20 s"),
        _flag("lrf_seen", "1 once a valid range has arrived"),
    )


def _slots(s: PhaseScales) -> tuple[Field, ...]:
    return tuple(
        field._replace(name=f"lrf{k}_{field.name}", doc=field.doc.replace("#", str(k)))
        for k in range(1, SLOTS + 1)
        for field in _slot(s)
    )


def _slot(s: PhaseScales) -> tuple[Field, ...]:
    return (
        Field("range_m", "m", s.range, 0.0, 20.0, "slant range # that arrived during the step"),
        Field("age_s", "s", 5.0, 0.0, 4.0, "time since its measurement (its stamp)"),
        _flag("valid", "1 if the slot holds a range"),
        Field("quality", "-", 2.0, 0.0, 5.0, "log10 of its signal-to-noise ratio"),
        Field("beam", "-", 4.0, 0.0, 1.0, "number of its beam, from 1; 0 if the slot is empty"),
    )


def _velocimeter(s: PhaseScales) -> tuple[Field, ...]:
    """Fields of the velocimeter; those of a sensor that is not fitted are zero, the age too."""
    speed = "velocimeter: velocity over the ground, rotated to L with the estimated attitude:"
    return (
        Field("dvl_v_x_m_s", "m/s", s.speed, -20.0, 20.0, f"{speed} east at the target"),
        Field("dvl_v_y_m_s", "m/s", s.speed, -20.0, 20.0, f"{speed} north at the target"),
        Field("dvl_v_z_m_s", "m/s", s.fall, -10.0, 10.0, f"{speed} up at the target"),
        *_last_arrival("dvl"),
    )


def _radar(s: PhaseScales) -> tuple[Field, ...]:
    return (
        Field("ralt_range_m", "m", s.range, 0.0, 20.0, "radar: distance to the nearest ground"),
        *_last_arrival("ralt"),
    )


def _camera(s: PhaseScales) -> tuple[Field, ...]:
    place = "camera: position of the pads in L, from the map:"
    above = "camera: altitude of the pads above the target's level, as dr_height_m"
    return (
        Field("cam_x_m", "m", s.place, -15.0, 15.0, f"{place} east of the target"),
        Field("cam_y_m", "m", s.place, -15.0, 15.0, f"{place} north of the target"),
        Field("cam_z_m", "m", s.height, -5.0, 15.0, above),
        *_last_arrival("cam"),
    )


def _contact() -> tuple[Field, ...]:
    return (_flag("contact", "a pad touches the ground"),)


def _last_arrival(prefix: str) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}_age_s", "s", 5.0, 0.0, 4.0, "time since its measurement; at most 20 s"),
        _flag(f"{prefix}_valid", "1 once a sample has arrived, until it is too old"),
        _flag(f"{prefix}_new", "1 if a sample arrived during the step"),
    )


def _engines(s: PhaseScales) -> tuple[Field, ...]:
    return (
        Field("thrust_frac", "-", 1.0, 0.0, 1.2, "actual thrust over the installed thrust"),
        Field("propellant_kg", "kg", s.propellant, 0.0, 40.0, "propellant gauge, with its error"),
        _flag("engine_on", "pressure switch: 1 while the engines burn"),
    )


def _each_engine() -> tuple[Field, ...]:
    each = "achieved thrust over its installed thrust; 0 if not fitted"
    return tuple(
        Field(f"eng{e}_thrust_frac", "-", 1.0, 0.0, 1.2, f"engine {e}: {each}")
        for e in range(1, ENGINE_FIELDS + 1)
    )


def _design() -> tuple[Field, ...]:
    return (
        Field("thrust_to_weight", "-", 3.0, 0.0, 4.0, "nominal T_max/(m g) at the estimated mass"),
        Field("throttle_min_frac", "-", 1.0, 0.0, 1.0, "lowest throttle"),
        Field("isp_s", "s", 300.0, 0.0, 2.0, "nominal specific impulse"),
        Field("engine_lag_s", "s", 0.2, 0.0, 20.0, "nominal time constant of the engine"),
        Field(
            "lrf_mount_offset_m", "m", 1.0, -10.0, 10.0, "rangefinder (or radar) below the centre"
        ),
        Field("com_height_m", "m", 1.0, 0.0, 10.0, "centre of mass above the pads"),
        Field("elapsed_s", "s", 100.0, 0.0, 20.0, "time since the start of the phase"),
        Field(
            "lrf_beams", "-", 4.0, 0.0, 1.0, "number of beams, which fire in turn; 0 without any"
        ),
        Field("lrf_cant_rad", "rad", 1.0, 0.0, 2.0, "beams from their common axis; 0 if one"),
        Field("gravity_m_s2", "m/s^2", 5.0, 0.0, 20.0, "gravity at the target, known on board"),
        Field("lrf_smear_s", "s", 1.0, 0.0, 10.0, "time over which motion smears a range; or 0"),
        Field("lrf_shot_s", "s", 1.0, 0.0, 10.0, "time between the echoes that are summed"),
        Field("lrf_threshold_log", "-", 2.0, 0.0, 5.0, "log10 of the detection threshold"),
    )


def _past(actions: tuple[Field, ...]) -> tuple[Field, ...]:
    before = prestart_action(actions)
    return tuple(
        Field(
            f"prev_{action.name}_{k}",
            "-",
            1.0,
            -1.0,
            1.0,
            f"action {k} step(s) ago; {rest:g} before the start",
        )
        for k in range(1, PAST_ACTIONS + 1)
        for action, rest in zip(actions, before, strict=True)
    )


OBSERVATION_FIELDS: Final = frame_fields("terminal", ACTION_FIELDS)


# The parts of a frame as kernels write them.
def _records() -> dict[str, Any]:
    parts = _sensed(PHASE_SCALES["terminal"])
    return {name: record_type(name, [field.name for field in part]) for name, part in parts.items()}


_RECORDS: Final = _records()
ObservedMotion: Any = _RECORDS["Motion"]
ObservedEstimate: Any = _RECORDS["Estimated"]
ObservedRangefinder: Any = _RECORDS["Ranging"]
ObservedVelocity: Any = _RECORDS["Velocity"]
ObservedRadar: Any = _RECORDS["Radar"]
ObservedCamera: Any = _RECORDS["Camera"]
ObservedContact: Any = _RECORDS["Touching"]
ObservedEngines: Any = _RECORDS["Engines"]
ObservedDesign: Any = _RECORDS["Design"]
ObservedSlot: Any = record_type(
    "SlotShown", [field.name for field in _slot(PHASE_SCALES["terminal"])]
)

# Index of the first element of each part of a frame.
_FRAME: Final = Blocks()
FRAME: Final = {name: _FRAME.room(len(record._fields)) for name, record in _RECORDS.items()}
DESIGN: Final = columns(ObservedDesign, FRAME["Design"])
