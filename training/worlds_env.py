"""The landers of all worlds of a run as one environment of Stable-Baselines3.

Each world is a native batch, one behind the other in the rows, with a number of rows in proportion
to its weight. Where worlds begin or end, new batches replace all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.vec_env import VecEnv

from lunar_env.adapters.sb3 import Sb3VecEnv
from lunar_env.errors import ConfigError, nearest
from training.config import PolicyConfig, borders
from training.guided_env import GuidedVecEnv, guided
from training.vector_env import make_vector_env
from training.worlds import divided, world_seeds, worlds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import gymnasium as gym
    from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

    from training.config import TaskConfig
    from training.worlds import World

__all__ = ["WorldsEnv"]


class WorldsEnv(VecEnv):
    """The worlds of a run, those that are flown at one time.

    Parameters
    ----------
    config : TaskConfig
        The task with its worlds; without any it is one batch.
    seed : int
        Seed of the run.
    policy : PolicyConfig, optional
        What the policy sees and says.

    Attributes
    ----------
    parts : dict of str to Sb3VecEnv or GuidedVecEnv
        Batch of each world, by the prefix of its arrays in a checkpoint.
    """

    def __init__(self, config: TaskConfig, seed: int, policy: PolicyConfig | None = None) -> None:
        self._config, self._seed, self._policy = config, seed, policy or PolicyConfig()
        self._began_at = 0
        self.parts = self._made(0)
        first = next(iter(self.parts.values()))
        super().__init__(config.num_envs, first.observation_space, first.action_space)

    def _made(self, began_at: int) -> dict[str, Sb3VecEnv | GuidedVecEnv]:
        worlds = worlds_of(self._config)
        flown = [i for i, world in enumerate(worlds) if world.config.flown_at(began_at)]
        rows = divided(self._config.num_envs, [worlds[i].config.weight for i in flown])
        return {
            f"{i}." if self._config.worlds else "": self._part(worlds[i], count, began_at)
            for i, count in zip(flown, rows, strict=True)
        }

    def _part(self, world: World, rows: int, began_at: int) -> Sb3VecEnv | GuidedVecEnv:
        threads = self._config.num_threads
        env = make_vector_env(world.task, rows, AutoresetMode.SAME_STEP, threads)
        part = Sb3VecEnv(env, world_seeds(self._seed, world, rows, began_at))
        eyes = guided(self._policy, world.task)
        return part if eyes is None else GuidedVecEnv(part, eyes)

    def enter(self, step: int) -> bool:
        """Change to the worlds that are flown after a number of steps of the run.

        Parameters
        ----------
        step : int
            Number of steps.

        Returns
        -------
        bool
            Whether the batches are new, and have to be reset.
        """
        began_at = max(border for border in borders(self._config) if border <= step)
        if began_at == self._began_at:
            return False
        for part in self.parts.values():
            part.close()
        self._began_at, self.parts = began_at, self._made(began_at)
        return True

    def rows(self) -> dict[int, slice]:
        """Return the rows of each world that is flown, by its number in the configuration."""
        found, first = {}, 0
        for prefix, part in self.parts.items():
            found[int(prefix[:-1] or 0)] = slice(first, first + part.num_envs)
            first += part.num_envs
        return found

    def reset(self) -> np.ndarray:
        """Begin an episode in every row.

        Returns
        -------
        ndarray of float32, shape (num_envs, obs_dim)
            First observations.
        """
        for part, rows in self._batches():
            if any(seed is not None for seed in self._seeds[rows]):
                part._seeds = self._seeds[rows]
            part._options = self._options[rows]
        observation: np.ndarray = _joined([part.reset() for part in self.parts.values()])
        self.reset_infos = [info for part in self.parts.values() for info in part.reset_infos]
        self._reset_seeds()
        self._reset_options()
        return observation

    def step_async(self, actions: np.ndarray) -> None:
        """Keep the actions, one per row, for `step_wait`."""
        for part, rows in self._batches():
            part.step_async(actions[rows])

    def step_wait(self) -> VecEnvStepReturn:
        """Fly one control period.

        Returns
        -------
        observations, rewards, dones, infos
            As of `Sb3VecEnv`.
        """
        steps = [part.step_wait() for part in self.parts.values()]
        observations, rewards, dones, infos = zip(*steps, strict=True)
        every = [info for some in infos for info in some]
        return _joined(observations), _joined(rewards), _joined(dones), every

    def seen_by_pilots(self, observation: np.ndarray) -> Iterator[tuple[int, slice, np.ndarray]]:
        """Iterate over worlds with what pilots see there, whatever the policy sees.

        Parameters
        ----------
        observation : ndarray of float32, shape (num_envs, inputs)
            The latest, as the policy sees it.

        Yields
        ------
        world : int
            Its number in the configuration.
        rows : slice
            Its rows.
        observation : ndarray of float32, shape (rows, obs_dim)
            The latest of these landers.
        """
        for (part, rows), world in zip(self._batches(), self.rows(), strict=True):
            raw = part.raw if isinstance(part, GuidedVecEnv) else observation[rows]
            yield world, rows, raw

    def outputs(self, command: np.ndarray) -> np.ndarray:
        """Return what the policy would have to say now for commands, one line per row."""
        said = [
            part.outputs(command[rows]) if isinstance(part, GuidedVecEnv) else command[rows]
            for part, rows in self._batches()
        ]
        joined: np.ndarray = _joined(said)
        return joined

    def state_arrays(self) -> dict[str, np.ndarray]:
        """Return the complete state of all rows, for a checkpoint.

        Returns
        -------
        dict of ndarray
            Those of each batch, see `Sb3VecEnv.state_arrays`.
        """
        return {
            f"{prefix}{name}": array
            for prefix, part in self.parts.items()
            for name, array in part.state_arrays().items()
        }

    def check_state_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Check what `load_state_arrays` is to be given; the environment has just been reset.

        Raises
        ------
        ConfigError
            If the arrays are not those of such an environment with as many rows.
        """
        known = tuple(self.parts)
        for name in arrays:
            if not name.startswith(known):
                hint = nearest(name, [f"{prefix}{name.partition('.')[2]}" for prefix in known])
                raise ConfigError(f"array {name!r} is unknown here{hint}")
        for prefix, part in self.parts.items():
            try:
                part.check_state_arrays(_part_of(arrays, prefix))
            except ConfigError as problem:
                if not prefix:
                    raise
                raise ConfigError(f"task.worlds.{prefix[:-1]}: {problem}") from None

    def load_state_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Put all rows back into a saved state.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            From `state_arrays`, or checked as such.
        """
        for prefix, part in self.parts.items():
            part.load_state_arrays(_part_of(arrays, prefix))

    def close(self) -> None:
        """Close the environments."""
        for part in self.parts.values():
            part.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Return an attribute of each row's environment, see `Sb3VecEnv.get_attr`."""
        every = [value for part in self.parts.values() for value in part.get_attr(attr_name)]
        return self._chosen(every, indices)

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of the environments of all worlds.

        Raises
        ------
        ConfigError
            If only some rows are meant.
        """
        if len(list(self._get_indices(indices))) != self.num_envs:
            raise ConfigError(f"{attr_name} belongs to all rows: indices must be None")
        for part in self.parts.values():
            part.set_attr(attr_name, value)

    def env_method(
        self,
        method_name: str,
        *method_args: Any,
        indices: VecEnvIndices = None,
        **method_kwargs: Any,
    ) -> list[Any]:
        """Call a method of each world's environment once and give each row its part."""
        every = [
            value
            for part in self.parts.values()
            for value in part.env_method(method_name, *method_args, **method_kwargs)
        ]
        return self._chosen(every, indices)

    def env_is_wrapped(
        self,
        wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]],
        indices: VecEnvIndices = None,
    ) -> list[bool]:
        """Return for each row whether it does what a wrapper does, see `Sb3VecEnv`."""
        wrapped = [each for p in self.parts.values() for each in p.env_is_wrapped(wrapper_class)]
        return self._chosen(wrapped, indices)

    def get_images(self) -> Sequence[np.ndarray | None]:
        """Return the RGB frames that the environments render, or None for each row."""
        return [image for part in self.parts.values() for image in part.get_images()]

    def _batches(self) -> Iterator[tuple[Sb3VecEnv | GuidedVecEnv, slice]]:
        yield from zip(self.parts.values(), self.rows().values(), strict=True)

    def _chosen(self, every: list[Any], indices: VecEnvIndices) -> list[Any]:
        return [every[row] for row in self._get_indices(indices)]


def _joined(arrays: Sequence[Any]) -> Any:
    """Return arrays one behind the other; one alone is not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _part_of(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {n.removeprefix(prefix): array for n, array in arrays.items() if n.startswith(prefix)}
