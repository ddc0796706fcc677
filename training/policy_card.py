"""From a learner to a policy file: weights, and the card that says what they are."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents import LearnedPilot, PolicyCard
from lunar_env import ACTION_FIELDS, OBSERVATION_FIELDS, load_mission
from lunar_env.specs import load_scenario
from training.output import json_text
from training.task import ENV_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from training.config import TrainConfig

__all__ = ["candidate", "policy_card"]


def policy_card(
    config: TrainConfig, steps: int, provenance: Mapping[str, Any], scores: Mapping[str, Any]
) -> PolicyCard:
    """Return the card of a policy in training.

    Parameters
    ----------
    config : TrainConfig
        Configuration of the run.
    steps : int
        Environment steps that the policy has learned from.
    provenance : mapping
        ``command`` and ``commit`` of the run.
    scores : mapping
        Measured results by domain.

    Returns
    -------
    PolicyCard
        For `agents.save_policy`.
    """
    task, ppo = config.task, config.ppo
    frame = tuple(field.name for field in OBSERVATION_FIELDS)
    past = (f"{name}@-{age}" for age in range(1, task.history) for name in frame)
    content = {
        "command": provenance.get("command"),
        "commit": provenance.get("commit"),
        "seed": config.seed,
        "steps": steps,
        "config": asdict(config),
    }
    return PolicyCard(
        hidden=ppo.hidden,
        activation=ppo.activation,
        observation_fields=(*frame, *past),
        action_fields=tuple(field.name for field in ACTION_FIELDS),
        history=task.history,
        mission=load_mission(task.mission).name,
        scenario=load_scenario(task.scenario).name,
        env_id=ENV_ID,
        training=_plain(content),
        scores=_plain(scores),
    )


def candidate(config: TrainConfig, arrays: Mapping[str, np.ndarray]) -> LearnedPilot:
    """Return the policy in training as the pilot that will be shipped.

    Parameters
    ----------
    config : TrainConfig
        Configuration of the run.
    arrays : mapping of str to ndarray
        Its weights.

    Returns
    -------
    LearnedPilot
        Flies in NumPy: what is chosen is what is exported.
    """
    return LearnedPilot("candidate", policy_card(config, 0, {}, {}), arrays)


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    # Through JSON, so that the card in memory equals the card read back.
    plain: dict[str, Any] = json.loads(json_text(content))
    return plain
