"""A sentence that summarises the simulated landings of a mission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lunar_env.proportion import wilson
from lunar_env.specs.published import FIGURES, passing_height_m

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping, Set

    from lunar_env.specs import AsFlownSpec

__all__ = ["sentence"]

_ENDS: Final = {
    "LANDED": "Landed",
    "HARD_LANDING": "Landed hard",
    "TIPPED": "Tipped over",
    "CRASHED": "Crashed",
    "FUEL_OUT": "Fell with empty tanks",
    "OUT_OF_BOUNDS": "Left its region",
    "TIME_LIMIT": "Still flying at the time limit",
    "NUMERIC": "Numerical failure",
}


def sentence(outcomes: Counter[str], flown: AsFlownSpec, medians: Mapping[str, float]) -> str:
    """Return a sentence with the most frequent outcome and medians of the published figures.

    Parameters
    ----------
    outcomes : Counter
        Number of flights by outcome.
    flown : AsFlownSpec
        Its published figures are listed in their order; its recorded ends are counted together.
    medians : mapping of float
        Medians of figures by name.

    Returns
    -------
    str
        For example ``Crashed in 198 of 200 (96.4-99.7 %): first valid range at 893 m at 66 m/s,
        impact at 27 m/s.``
    """
    end, count = outcomes.most_common(1)[0]
    if end in flown.ends:
        count = sum(outcomes[name] for name in flown.ends)
    share = wilson(count, outcomes.total())
    between = f"{100 * share.low:.1f}-{100 * share.high:.1f} %"
    head = f"{_ENDS[end]} in {count} of {share.trials} ({between})"
    details = ", ".join(_clauses(end, flown, medians))
    return f"{head}: {details}." if details else f"{head}."


def _clauses(end: str, flown: AsFlownSpec, medians: Mapping[str, float]) -> Iterator[str]:
    known = {figure.name for figure in flown.published} & medians.keys()
    if "first_valid_height_m" in known:
        speed = medians["first_valid_speed_m_s"]
        yield f"first valid range at {_length(medians['first_valid_height_m'])} at {_speed(speed)}"
    for figure in flown.published:
        height = passing_height_m(figure.name)
        if figure.name in known and height is not None:
            yield f"{_speed(medians[figure.name])} at {_length(height)}"
    if "believed_zero_height_m" in known:
        yield f"believed zero at {_length(medians['believed_zero_height_m'])}"
    yield from _segments(flown, medians)
    if "descent_time_s" in known:
        yield f"{medians['descent_time_s']:,.0f} s of powered descent"
    if "delta_v_m_s" in known:
        yield f"{medians['delta_v_m_s']:,.0f} m/s spent"
    if end == "FUEL_OUT" and "dry_height_m" in medians:
        yield f"tanks empty at {_length(medians['dry_height_m'])}"
    yield from _contact(end, known, medians)


def _segments(flown: AsFlownSpec, medians: Mapping[str, float]) -> Iterator[str]:
    """Yield the segments with a published duration, and their published end states."""
    known = {figure.name for figure in flown.published} & medians.keys()
    for name in (figure.name for figure in flown.published if figure.name in known):
        segment = name.removesuffix("_time_s")
        if name in FIGURES or segment == name or f"{segment}_end_height_m" not in medians:
            continue
        text = f"{segment.replace('-', ' ')} {medians[name]:.0f} s"
        ends = {"end_height_m": _length, "end_speed_m_s": _speed}
        for suffix, written in ends.items():
            if f"{segment}_{suffix}" in known:
                text += f" to {written(medians[f'{segment}_{suffix}'])}"
        yield text


def _contact(end: str, known: Set[str], medians: Mapping[str, float]) -> Iterator[str]:
    down = medians.get("touchdown_v_vertical_m_s")
    if down is None:
        return
    if end in ("CRASHED", "FUEL_OUT"):
        yield f"impact at {_speed(down)}"
        return
    lateral = medians["touchdown_v_lateral_m_s"]
    yield f"touchdown at {_speed(down)} down and {_speed(lateral)} sideways"
    if end == "TIPPED" and medians.get("legs_broken", 0.0) > 0.0:
        yield f"{medians['legs_broken']:.0f} broken legs"
    if "rest_tilt_deg" in known:
        yield f"at rest {medians['rest_tilt_deg']:.0f} deg from upright"


def _length(metres: float) -> str:
    return f"{metres / 1e3:.1f} km" if metres >= 1500.0 else f"{metres:.0f} m"


def _speed(metres_per_second: float) -> str:
    digits = 0 if metres_per_second >= 10.0 else 1
    return f"{metres_per_second:.{digits}f} m/s"
