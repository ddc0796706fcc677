"""Classical pilots by name: ``law+filter``, and ``own`` for the recorded guidance of a mission."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from lunar_env.errors import ConfigError, nearest

from .classical import CONTROLS, ClassicalPilot
from .gains import make_parts, shipped_gains
from .guidance.apollo import ApolloLaw
from .guidance.convex import ConvexLaw
from .guidance.e_guidance import EGuidanceLaw
from .guidance.fp2dg import Fp2dgLaw
from .guidance.hoverslam import HoverslamLaw
from .guidance.lunar_module import ByHand, LunarModuleLaw
from .guidance.schedule import ScheduleLaw
from .guidance.targets import has_targets, read_schedule
from .guidance.velocity_profile import VelocityProfileLaw
from .layout import action_names, is_far
from .navigation import (
    ApolloFilter,
    InformedFilter,
    KalmanFilter,
    NaiveFilter,
    OracleFilter,
    latched_filter,
)
from .own import OWN, read_own, tip_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .base import FieldLike
    from .guidance.types import GuidanceLaw, VectorLaw
    from .navigation.types import NavigationFilter
    from .own import OwnPilot

__all__ = ["bounds", "classical_pilot", "control_of", "laws_and_filters"]

_LAWS: Final[dict[str, Callable[[], GuidanceLaw | VectorLaw]]] = {
    "velocity-profile": VelocityProfileLaw,
    "hoverslam": HoverslamLaw,
    "e-guidance": EGuidanceLaw,
    "apollo": ApolloLaw,
    "fp2dg": Fp2dgLaw,
    "convex": ConvexLaw,
}
_FILTERS: Final[dict[str, Callable[[], NavigationFilter]]] = {
    "naive": NaiveFilter,
    "apollo": ApolloFilter,
    "kalman": KalmanFilter,
    "latched": latched_filter,
}
# They read the true state or drawn parameters: not pilots, but bounds for them.
_BOUNDS: Final[dict[str, Callable[[], NavigationFilter]]] = {
    "oracle": OracleFilter,
    "informed": InformedFilter,
}
_TRUSTING: Final = "-trusting"


def laws_and_filters() -> list[str]:
    """Return the names of the pilots that a lander could carry."""
    return _combined(_FILTERS)


def bounds() -> list[str]:
    """Return the names of those that read what no lander observes."""
    return _combined(_BOUNDS)


def _combined(filters: Iterable[str]) -> list[str]:
    laws = [f"{law}{variant}" for law in _LAWS for variant in ("", _TRUSTING)]
    return [f"{law}+{navigation}" for law in laws for navigation in filters]


def control_of(fields: Sequence[FieldLike]) -> str:
    """Return the control of an environment with these observation fields, for gains."""
    return "thrust_vector" if action_names(fields) == CONTROLS[1] else "throttle"


def classical_pilot(
    name: str,
    observation_fields: Sequence[FieldLike],
    gains: Mapping[str, Mapping[str, object]] | None = None,
    tilt_max_deg: float | None = None,
    mission: str | None = None,
) -> ClassicalPilot:
    """Make a classical pilot, see `registry.make_pilot`.

    Raises
    ------
    ConfigError
        If there is no such pilot, or it cannot fly an environment with these observations.
    """
    known = [*laws_and_filters(), OWN, *bounds()]
    if name not in known:
        raise ConfigError(f"unknown classical pilot {name!r}{nearest(name, known)}")
    _check_control(name, observation_fields)
    if name == OWN:
        return _own(observation_fields, gains or {}, tilt_max_deg, mission)
    law, _, navigation = name.partition("+")
    control = control_of(observation_fields)
    chosen = shipped_gains(name, control, mission) if gains is None else gains
    trusting = law.endswith(_TRUSTING)
    made, own = _LAWS[law.removesuffix(_TRUSTING)], _target_law(mission, observation_fields)
    if made is ApolloLaw and own is not None:
        make_parts(made, (_FILTERS | _BOUNDS)[navigation], chosen, name)  # a wrong gain is an error
        made = own
        # Gains of `apollo` are those of its search, which a law with targets does not have.
        chosen = {group: values for group, values in chosen.items() if group != "law"}
    parts = make_parts(made, (_FILTERS | _BOUNDS)[navigation], chosen, name)
    return ClassicalPilot(
        parts.law,
        parts.navigation,
        observation_fields,
        trusting=trusting,
        blind=parts.blind,
        tilt_max_deg=tilt_max_deg,
        tip=tip_of(mission),
    )


def _own(
    fields: Sequence[FieldLike],
    gains: Mapping[str, Mapping[str, object]],
    tilt_max_deg: float | None,
    mission: str | None,
) -> ClassicalPilot:
    """Make the pilot of a mission; given gains replace those in its file."""
    own = read_own(mission)
    law: Callable[..., VectorLaw] | Callable[..., GuidanceLaw | VectorLaw]
    if own.law == "apollo":
        law = _target_law(mission, fields, own) or _LAWS[own.law]
    else:
        law = partial(ScheduleLaw, own.segments)
    if own.navigation not in _FILTERS:
        hint = nearest(own.navigation, _FILTERS)
        raise ConfigError(f"own pilot of {mission}: unknown filter {own.navigation!r}{hint}")
    merged = {
        group: {**own.gains.get(group, {}), **gains.get(group, {})}
        for group in {**own.gains, **gains}
    }
    parts = make_parts(law, _FILTERS[own.navigation], merged, OWN)
    return ClassicalPilot(
        parts.law,
        parts.navigation,
        fields,
        trusting=own.trusting,
        blind=parts.blind,
        tilt_max_deg=tilt_max_deg,
        label=OWN,
    )


def _check_control(name: str, fields: Sequence[FieldLike]) -> None:
    actions = action_names(fields)
    if actions and actions not in CONTROLS:
        raise ConfigError(
            f"pilot {name!r} commands a throttle or a thrust vector, but the environment's actions"
            f" are {', '.join(actions)}: use control 'throttle' or 'thrust_vector'"
        )


def _target_law(
    mission: str | None, fields: Sequence[FieldLike], own: OwnPilot | None = None
) -> Callable[..., VectorLaw] | None:
    """Return the law that flies the mission's targets; None where there are none that apply.

    The mission's own pilot ends with the manual flight of the crew.
    """
    steered = action_names(fields) == CONTROLS[1]
    if mission is None or not steered or not has_targets(mission):
        return None
    if own is None or not own.segments:
        if not is_far(fields):
            return None
        return partial(LunarModuleLaw, read_schedule(mission))
    manual = own.by_hand
    aim = manual.get("aim_east_m", 0.0), manual.get("aim_north_m", 0.0)
    by_hand = ByHand(own.segments, manual.get("below_m", 0.0), aim)
    return partial(LunarModuleLaw, read_schedule(mission), by_hand=by_hand)
