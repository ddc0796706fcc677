"""Pilots by name: ``law+filter`` for the classical ones, a file or its stem for learned ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lunar_env.errors import ConfigError, nearest

from .learned import load_policy
from .making import bounds as bound_names
from .making import classical_pilot, laws_and_filters
from .own import OWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .base import FieldLike, Pilot

__all__ = ["WEIGHTS", "list_pilots", "make_pilot"]

WEIGHTS: Final = Path(__file__).parent / "weights"


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
        return bound_names()
    return laws_and_filters() + sorted(path.stem for path in WEIGHTS.glob("*.safetensors"))


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
        return load_policy(path, observation_fields, mission=mission, tilt_max_deg=tilt_max_deg)
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
        return load_policy(
            WEIGHTS / f"{name}.safetensors",
            observation_fields,
            mission=mission,
            tilt_max_deg=tilt_max_deg,
        )
    return classical_pilot(name, observation_fields, gains, tilt_max_deg, mission)


def _reject_gains(name: object, gains: object) -> None:
    if gains is not None:
        raise ConfigError(f"{name} is a learned pilot: it has no gains")
