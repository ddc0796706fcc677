"""The card of a policy in training, and the policy as a pilot."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents import LearnedPilot, PolicyCard
from lunar_env.formats import json_text
from lunar_env.reading import from_json
from training.guided_env import guidance_of
from training.worlds import described, worlds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from training.config import TrainConfig
    from training.worlds import World

__all__ = ["pilot_of", "policy_card"]


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
        ``command`` and ``commit`` of the run, ``start`` if it starts from a policy, and ``seconds``
        that it has trained for, if it is over.
    scores : mapping
        Results by seed domain.

    Returns
    -------
    PolicyCard
        The card, for `agents.save_policy`.
    """
    task, network = worlds_of(config.task)[0].task, config.network
    settings = task.settings()
    guidance = guidance_of(config.policy, task.control)
    seen = settings.observation_fields if guidance is None else ()
    content = {
        "command": provenance.get("command"),
        "commit": provenance.get("commit"),
        "seed": config.seed,
        "steps": steps,
        "config": asdict(config),
    }
    if config.task.worlds:
        content["worlds"] = described(config.task)
    for key in ("start", "seconds"):
        if key in provenance:
            content[key] = provenance[key]
    return PolicyCard(
        hidden=network.hidden,
        activation=network.activation,
        output=config.output,
        gru=network.gru,
        guidance=guidance,
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


def pilot_of(
    name: str, card: PolicyCard, arrays: Mapping[str, np.ndarray], world: World
) -> LearnedPilot:
    """Return a policy as the pilot of a world.

    Parameters
    ----------
    name : str
        Name under which results are reported.
    card : PolicyCard
        Its card.
    arrays : mapping of str to ndarray
        Its weights.
    world : World
        What it is to fly.

    Returns
    -------
    LearnedPilot
        The same pilot that flies an exported policy.
    """
    settings = world.task.settings()
    mission = settings.mission
    return LearnedPilot(
        name,
        card,
        arrays,
        settings.frame_fields,
        mission=mission.name,
        tilt_max_deg=mission.phases.named(settings.phase).tilt_max_deg,
    )


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    # Converted through JSON, so that the card equals the one read back.
    return from_json(json_text(content), "card")
