"""A policy that provides the initial weights of a training run, instead of random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from agents.layout import action_names, columns_of
from agents.learned import read_policy
from agents.source import policy_file
from lunar_env.errors import ConfigError
from training.worlds import worlds_of

if TYPE_CHECKING:
    from agents import PolicyCard
    from training.config import TrainConfig

__all__ = ["Start", "find_start"]


class Start(NamedTuple):
    """Initial weights in the layout of the run's network, and their origin."""

    arrays: dict[str, np.ndarray]
    record: dict[str, Any]  # origin, for `run.json` and the cards of the run's policies


def find_start(name: str, config: TrainConfig) -> Start:
    """Read the policy that a run starts from.

    Parameters
    ----------
    name : str
        Folder of a training run, for its best policy; name of a policy in ``agents/weights``; or
        path of a policy file.
    config : TrainConfig
        Configuration of the run.

    Returns
    -------
    Start
        Weights under the names of a policy file. Elements of the observation are matched by name;
        those that the policy does not observe have weight zero, so that the run starts with the
        actions of the policy.

    Raises
    ------
    ConfigError
        If there is no such policy, or its layers, actions, scales or history do not fit the run.
    """
    path = policy_file(name)
    card, tensors = read_policy(path)
    network, history = config.network, config.task.history
    for key, theirs, ours in (
        ("network.hidden", list(card.hidden), list(network.hidden)),
        ("network.activation", card.activation, network.activation),
        ("network.gru", card.gru, network.gru),
        ("output", card.output, config.output),
    ):
        if theirs != ours:
            raise ConfigError(f"the policy {name} has {key} = {theirs}, this run {ours}")
    if card.history > history:
        raise ConfigError(
            f"task.history = {history} must be at least {card.history}, that of the policy {name}"
        )
    record = {
        "policy": name,
        "weights_sha256": card.weights_sha256,
        "mission": card.mission,
        "scenario": card.scenario,
        "steps": card.training.get("steps"),
    }
    return Start(tensors | _widened(name, card, tensors, config), record)


def _widened(
    name: str, card: PolicyCard, tensors: dict[str, np.ndarray], config: TrainConfig
) -> dict[str, np.ndarray]:
    """Return the weights that read the observation, for that of this run."""
    settings = worlds_of(config.task)[0].task.settings()
    actions = action_names(settings.frame_fields)
    if actions != card.action_fields:
        raise ConfigError(
            f"the policy {name} commands {', '.join(card.action_fields)}, this run"
            f" {', '.join(actions)}: it needs another task.control"
        )
    columns = columns_of(name, card, settings.frame_fields)
    ours, theirs = len(settings.observation_fields), len(columns)
    readers = ["layer0.weight" if card.hidden else "output.weight"]
    readers += ["gru.weight_ih"] if card.gru else []
    wide = {}
    for reader in readers:  # behind the observation some read a memory
        observed, memory = np.split(tensors[reader], [theirs], axis=1)
        wide[reader] = np.zeros((len(observed), ours + memory.shape[1]), dtype=np.float32)
        wide[reader][:, columns] = observed
        wide[reader][:, ours:] = memory
    return wide
