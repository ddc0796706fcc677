"""The worlds of a training run: missions in scenarios, with weights and a time to be flown.

A run without ``task.worlds`` has one world, the task itself. One network flies all worlds of a run,
so that what it observes and commands must be the same in each: the same elements in the same units.
Phases differ in the units of heights and speeds; a policy that sees the belief of a guide may be
trained on several of them, and on different landers.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.task import Task
from training.config import WorldConfig
from training.guided_env import guided
from training.seeds import Domain, episode_seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lunar_env.sim.fields import Field
    from training.config import PolicyConfig, TaskConfig

__all__ = ["World", "check_worlds", "described", "divided", "judged", "world_seeds", "worlds_of"]


class World(NamedTuple):
    """One world of a run."""

    key: str  # where its configuration is, for messages
    task: Task
    config: WorldConfig

    def identity(self) -> tuple[str, str, str]:
        """Return the names of its mission, scenario and phase."""
        settings = self.task.settings()
        return settings.mission.name, settings.scenario.name, settings.phase


def worlds_of(config: TaskConfig) -> tuple[World, ...]:
    """Return the worlds of a run, the first of which describes it where only one can.

    Parameters
    ----------
    config : TaskConfig
        The task.

    Returns
    -------
    tuple of World
        In the order of the configuration.
    """
    whole = Task.of(config)
    if not config.worlds:
        return (World("task", whole, WorldConfig()),)
    return tuple(
        World(
            f"task.worlds.{i}",
            whole._replace(
                mission=world.mission or config.mission,
                scenario=world.scenario or config.scenario,
                phase=world.phase or config.phase,
            ),
            world,
        )
        for i, world in enumerate(config.worlds)
    )


def judged(config: TaskConfig) -> tuple[World, ...]:
    """Return the worlds in which policies are selected and reported: those that do not end."""
    return tuple(world for world in worlds_of(config) if world.config.until_step is None)


def check_worlds(config: TaskConfig, policy: PolicyConfig) -> None:
    """Check that one policy can be trained on all worlds of a run.

    Parameters
    ----------
    config : TaskConfig
        The task.
    policy : PolicyConfig
        What the policy sees and says.

    Raises
    ------
    ConfigError
        If a world cannot be flown, is for tests only or occurs twice, or if the policy would
        observe or command something else in it than in the first one.
    """
    worlds = worlds_of(config)
    for world in worlds:
        try:
            _check_alone(world, policy)
        except ConfigError as problem:
            if not config.worlds:
                raise
            raise ConfigError(f"{world.key}: {problem}") from None
    names = [world.identity() for world in worlds]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ConfigError(
                f"{worlds[i].key}: {', '.join(name)} is {worlds[names.index(name)].key} too; give"
                " one of them a larger weight instead"
            )
    for world in worlds[1:]:
        _check_alike(worlds[0], world, policy)


def _check_alone(world: World, policy: PolicyConfig) -> None:
    guided(policy, world.task)
    scenario = world.task.settings().scenario
    if scenario.test_only:
        raise ConfigError(
            f"scenario = {scenario.name!r} is for tests only: a policy trained on it would"
            " be tested on its training scenario"
        )


def _check_alike(first: World, other: World, policy: PolicyConfig) -> None:
    ours, theirs = first.task.settings(), other.task.settings()
    if policy.inputs != "observation":
        _check_commands(first, other)
        return
    for does, mine, its in (
        ("commands", ours.action_fields, theirs.action_fields),
        ("observes", ours.observation_fields, theirs.observation_fields),
    ):
        difference = _difference(mine, its)
        if difference is not None:
            here, there = difference
            raise ConfigError(
                f"{other.key}: its policy {does} {there}, that of {first.key} {here}: one network"
                " cannot fly both (phases differ in their units, actuators in their engines; with"
                " policy.inputs = 'belief' units do not matter)"
            )


def _check_commands(first: World, other: World) -> None:
    """Check that both are flown with the same commands, whatever their units."""
    mine, its = (
        ", ".join(field.name for field in world.task.settings().action_fields)
        for world in (first, other)
    )
    if mine != its:
        raise ConfigError(f"{other.key}: its policy commands {its}, that of {first.key} {mine}")


def _difference(mine: Sequence[Field], its: Sequence[Field]) -> tuple[str, str] | None:
    """Return the first element in which two lists differ, as each of them has it."""
    for k in range(max(len(mine), len(its))):
        pair = [fields[k] if k < len(fields) else None for fields in (mine, its)]
        seen = [None if f is None else (f.name, f.unit, f.scale, f.low, f.high) for f in pair]
        if seen[0] != seen[1]:
            here, there = (
                "nothing more" if f is None else f"{f.name} in units of {f.scale:g} {f.unit}"
                for f in pair
            )
            return here, there
    return None


def divided(total: int, weights: Sequence[float]) -> list[int]:
    """Divide a number in proportion to weights, with at least 1 for each.

    Parameters
    ----------
    total : int
        At least as many as weights.
    weights : sequence of float
        Above 0.

    Returns
    -------
    list of int
        Their sum is `total`.

    Examples
    --------
    >>> divided(10, [3.0, 1.0, 1.0])
    [6, 2, 2]
    >>> divided(4, [100.0, 1.0, 1.0])
    [2, 1, 1]
    """
    spare = total - len(weights)
    if spare == 0:
        return [1] * len(weights)
    over = np.maximum(np.array(weights) / np.sum(weights) * total - 1.0, 0.0)
    bounds = np.round(np.cumsum(over) / over.sum() * spare).astype(int).tolist()
    return [1 + last - first for first, last in pairwise([0, *bounds])]


def world_seeds(seed: int, world: World, count: int, step: int = 0) -> list[int]:
    """Return the seeds of the first training episodes in a world.

    Parameters
    ----------
    seed : int
        The user's seed.
    world : World
        The world; a task without worlds has the seeds of `episode_seeds`.
    count : int
        Number of seeds.
    step : int, optional
        Steps of the run at which these episodes begin.

    Returns
    -------
    list of int
        They depend on the names of mission, scenario and phase, not on the other worlds; a longer
        list starts with the shorter one.
    """
    if world.key == "task":
        return episode_seeds(seed, Domain.TRAIN, count)
    content = "\n".join((*world.identity(), str(step)))
    salt = int.from_bytes(hashlib.sha256(content.encode()).digest()[:16], "big")
    words = np.random.SeedSequence((seed, int(Domain.TRAIN), 2, salt)).generate_state(
        count, np.uint64
    )
    return [int(word) >> 1 for word in words]


def described(config: TaskConfig) -> list[dict[str, Any]]:
    """Return the worlds of a run as JSON content, for its card; empty if it has but the task."""
    entries = []
    for world in worlds_of(config) if config.worlds else ():
        names = dict(zip(("mission", "scenario", "phase"), world.identity(), strict=True))
        plan = {"weight": world.config.weight, "from_step": world.config.from_step}
        entries.append(names | plan | {"until_step": world.config.until_step})
    return entries
