"""Pilots by name: ``law+filter`` for the classical ones, a file or its stem for learned ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
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
from .learned import load_policy
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

    from .base import FieldLike, Pilot
    from .guidance.types import GuidanceLaw, VectorLaw
    from .navigation.types import NavigationFilter
    from .own import OwnPilot

__all__ = ["WEIGHTS", "list_pilots", "make_pilot"]

WEIGHTS: Final = Path(__file__).parent / "weights"

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


def list_pilots(*, bounds: bool = False) -> list[str]:
    """Names that `make_pilot` knows: classical first, then the stems in ``weights``.

    Parameters
    ----------
    bounds : bool
        List the bounds instead: laws on the filters ``oracle``, which reads the true state, and
        ``informed``, which reads the drawn parameters of the episode. They are made for
        observation fields with `lunar_env.PRIVILEGED_FIELDS` appended.
    """
    if bounds:
        return _classical(_BOUNDS)
    return _classical(_FILTERS) + sorted(path.stem for path in WEIGHTS.glob("*.safetensors"))


def make_pilot(
    name: str | Path,
    observation_fields: Sequence[FieldLike] | None = None,
    *,
    gains: Mapping[str, Mapping[str, object]] | None = None,
    tilt_max_deg: float | None = None,
    mission: str | None = None,
) -> Pilot:
    """Make a pilot from its name, or a learned one from its file.

    Parameters
    ----------
    name : str or Path
        ``law+filter`` as in `list_pilots`, ``own`` for the mission's recorded guidance, a stem in
        ``weights``, or the path of a ``.safetensors`` file with its JSON card in the same folder.
    observation_fields : sequence of Field, optional
        Layout of the environment's observation; that of `lunar_env.OBSERVATION_FIELDS` if left
        out.
    gains : mapping of mappings, optional
        Of a classical pilot, by group (``law``, ``terminal``, ``blind``, ``filter``) and name; they
        replace the code's defaults, see `gains.py`. If not given, the shipped ones, if any.
    tilt_max_deg : float, optional
        Of a classical pilot in ``thrust_vector`` control [deg], see `ClassicalPilot`.
    mission : str, optional
        Name of the mission, needed by ``own``; some shipped gains are for one mission. In
        ``thrust_vector`` control from the approach or before, `apollo` flies the targets of a
        mission that has some, as ``apollo-11`` does. It does not search then, so that its gains of
        group ``law`` have no effect.

    Returns
    -------
    Pilot
        It keeps no state, so that it may fly any number of batches.

    Raises
    ------
    ConfigError
        If the name is unknown, a policy file is broken, or the pilot cannot fly an environment
        with these observations.

    Examples
    --------
    >>> make_pilot("hoverslam+kalman").name
    'hoverslam+kalman'
    """
    if observation_fields is None:
        from lunar_env import OBSERVATION_FIELDS  # late: the package compiles kernels

        observation_fields = OBSERVATION_FIELDS
    path = Path(name)
    if path.suffix in {".safetensors", ".json"}:
        _reject_gains(name, gains)
        return load_policy(path, observation_fields)
    return _named(str(name), observation_fields, gains, tilt_max_deg, mission)


def _named(
    name: str,
    observation_fields: Sequence[FieldLike],
    gains: Mapping[str, Mapping[str, object]] | None,
    tilt_max_deg: float | None,
    mission: str | None,
) -> Pilot:
    known = [*list_pilots(), OWN, *list_pilots(bounds=True)]
    if name not in known:
        hint = nearest(name, known)
        raise ConfigError(
            f"unknown pilot {name!r}{hint} (`lunar-env list pilots` lists the names; a policy file"
            " ends in .safetensors or .json, and a run folder must exist)"
        )
    if "+" not in name and name != OWN:
        _reject_gains(name, gains)
        return load_policy(WEIGHTS / f"{name}.safetensors", observation_fields)
    _check_control(name, observation_fields)
    if name == OWN:
        return _own(observation_fields, gains or {}, tilt_max_deg, mission)
    law, _, navigation = name.partition("+")
    control = "thrust_vector" if action_names(observation_fields) == CONTROLS[1] else "throttle"
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


def _reject_gains(name: object, gains: object) -> None:
    if gains is not None:
        raise ConfigError(f"{name} is a learned pilot: it has no gains")


def _classical(filters: Iterable[str]) -> list[str]:
    laws = [f"{law}{variant}" for law in _LAWS for variant in ("", _TRUSTING)]
    return [f"{law}+{navigation}" for law in laws for navigation in filters]
