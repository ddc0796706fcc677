"""Columns of an environment's observation that hold the elements a policy was trained on.

Elements are found by name, so that a policy still flies when an environment observes more. A
missing element, or one of the same name with another scale, is an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .base import FieldLike
    from .card import PolicyCard

__all__ = ["action_names", "check_actions", "columns_of", "frame_width", "is_far"]

# The observation repeats the last action: its fields name the actions.
_LAST_ACTION = re.compile(r"prev_(.+)_1")
# Older frames follow the present one, their names end in @-1, @-2, ...
_AGE = "@-"
# Scale [m] of the horizontal position in the terminal phase, which begins over the target.
_NEAR_M = 1e3


def action_names(fields: Sequence[FieldLike]) -> tuple[str, ...]:
    """Names of an environment's actions; empty where it does not observe them.

    Examples
    --------
    >>> from lunar_env import OBSERVATION_FIELDS
    >>> action_names(OBSERVATION_FIELDS)
    ('throttle',)
    """
    matches = (_LAST_ACTION.fullmatch(field.name) for field in fields)
    return tuple(match[1] for match in matches if match)


def frame_width(fields: Sequence[FieldLike]) -> int:
    """Count the elements of one frame."""
    return sum(_AGE not in field.name for field in fields)


def is_far(fields: Sequence[FieldLike]) -> bool:
    """Whether episodes begin far from the target, where the Moon is not flat: by the scale of x.

    Examples
    --------
    >>> from lunar_env import OBSERVATION_FIELDS
    >>> is_far(OBSERVATION_FIELDS)
    False
    """
    return any(field.name == "dr_x_m" and field.scale > _NEAR_M for field in fields)


def check_actions(name: str, card: PolicyCard, fields: Sequence[FieldLike]) -> None:
    """Check that a policy commands what an environment is flown with.

    Raises
    ------
    ConfigError
        If the environment has other actions.
    """
    actions = action_names(fields)
    if actions and actions != card.action_fields:
        raise ConfigError(
            f"policy {name!r} commands {', '.join(card.action_fields)}, the environment's actions"
            f" are {', '.join(actions)}: it needs another control"
        )


def columns_of(name: str, card: PolicyCard, fields: Sequence[FieldLike]) -> NDArray[np.intp]:
    """Columns of an environment's observation that a policy reads, in its own order.

    Parameters
    ----------
    name : str
        Name of the policy, for messages.
    card : PolicyCard
        Card of the policy.
    fields : sequence of Field
        Fields of the environment; those of one frame are enough.

    Returns
    -------
    ndarray of intp, shape (elements,)
        Column of each element.

    Raises
    ------
    ConfigError
        If the environment has other actions, lacks an element or scales it otherwise.
    """
    check_actions(name, card, fields)
    width = frame_width(fields)
    index = {field.name: k for k, field in enumerate(fields[:width])}
    columns = []
    for k, element in enumerate(card.observation_fields):
        present, _, age = element.partition(_AGE)
        if present not in index:
            hint = nearest(present, index)
            raise ConfigError(
                f"policy {name!r} was trained on {present!r}, which the environment does not"
                f" observe{hint}"
            )
        scale = fields[index[present]].scale
        if card.observation_scales and card.observation_scales[k] != scale:
            raise ConfigError(
                f"policy {name!r} was trained on {present!r} over"
                f" {card.observation_scales[k]:g}, the environment observes it over {scale:g}:"
                " it needs another phase"
            )
        columns.append(index[present] + int(age or 0) * width)
    return np.array(columns, dtype=np.intp)
