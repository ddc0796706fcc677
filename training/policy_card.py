"""The card of a policy in training, and the policy as a pilot."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents import LearnedPilot, PolicyCard
from lunar_env.formats import json_text
from lunar_env.reading import from_json
from training.worlds import described, worlds_of

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
        ``command`` and ``commit`` of the run, and ``start`` if it starts from a policy.
    scores : mapping
        Results by seed domain.

    Returns
    -------
    PolicyCard
        The card, for `agents.save_policy`.
    """
    task, ppo = worlds_of(config.task)[0].task, config.ppo
    settings = task.settings()
    seen = settings.observation_fields
    content = {
        "command": provenance.get("command"),
        "commit": provenance.get("commit"),
        "seed": config.seed,
        "steps": steps,
        "config": asdict(config),
    }
    if config.task.worlds:
        content["worlds"] = described(config.task)
    if "start" in provenance:
        content["start"] = provenance["start"]
    return PolicyCard(
        hidden=ppo.hidden,
        activation=ppo.activation,
        observation_fields=tuple(field.name for field in seen),
        observation_scales=tuple(field.scale for field in seen),
        action_fields=tuple(field.name for field in settings.action_fields),
        history=settings.history,
        mission=settings.mission.name,
        scenario=settings.scenario.name,
        env_id=task.env_id(),
        training=_plain(content),
        scores=_plain(scores),
    )


def candidate(config: TrainConfig, arrays: Mapping[str, np.ndarray]) -> LearnedPilot:
    """Return the policy in training as a pilot that uses NumPy alone.

    Parameters
    ----------
    config : TrainConfig
        Configuration of the run.
    arrays : mapping of str to ndarray
        The weights of the policy.

    Returns
    -------
    LearnedPilot
        The same pilot that flies an exported policy.
    """
    return LearnedPilot("candidate", policy_card(config, 0, {}, {}), arrays)


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    # Converted through JSON, so that the card equals the one read back.
    return from_json(json_text(content), "card")
