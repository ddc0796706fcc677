"""``watch``: a pilot lands, in the window or on film."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env import LunarLandingEnv
from lunar_env.cli.flying import check_speed, ending, show, told
from lunar_env.cli.program import Done
from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.files import optional_output, require_suffix
from lunar_env.rendering.film import check_film
from lunar_env.telemetry import Recorder, flight_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from rich.console import Console

    from lunar_env.cli.options import Watch
    from lunar_env.rendering import Snapshot

    Choose = Callable[[NDArray[np.float32]], NDArray[np.float32]]

__all__ = ["run"]

RANDOM = "random"


def run(options: Watch, out: Console) -> Done:
    """Fly and show.

    Parameters
    ----------
    options : Watch
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    Done
        How the flight went, as far as it was watched.
    """
    _check(options)
    env = LunarLandingEnv(options.mission, options.scenario, options.control, options.phase)
    choose = _pilot(options.pilot, env, options.seed)
    env.pilot = options.pilot
    recorder = Recorder(env)
    fps = options.speed / env.settings.mission.control_period_s
    with optional_output(options.record) as record:
        with optional_output(options.out) as film:
            flown = _fly(recorder, env, choose, options.seed)
            show(flown, fps, film, headless=options.headless)
        flight = recorder.flight
        out.print(ending(flight), soft_wrap=True)
        if record is not None:
            record.write(flight_bytes(flight))
    return Done(told(flight))


def _check(options: Watch) -> None:
    check_speed(options.speed)
    if options.seed < 0:
        raise ConfigError(f"seed = {options.seed} must not be negative")
    if options.out is not None:
        check_film(options.out)
    if options.record is not None:
        require_suffix(options.record, (".npz",), "a recorded flight")


def _fly(recorder: Recorder, env: LunarLandingEnv, choose: Choose, seed: int) -> Iterator[Snapshot]:
    observation, _ = recorder.reset(seed=seed)
    ended = False
    yield env.snapshot()
    while not ended:
        observation, _, terminated, truncated, _ = recorder.step(choose(observation))
        ended = terminated or truncated
        yield env.snapshot()


def _pilot(name: str, env: LunarLandingEnv, seed: int) -> Choose:
    if name == RANDOM:
        generator = np.random.default_rng(seed)
        width = len(env.action_fields)
        return lambda _: generator.uniform(-1.0, 1.0, width).astype(np.float32)
    try:
        agents: Any = importlib.import_module("agents")
    except ImportError as error:
        raise LunarEnvError(
            f"pilot {name!r} needs the package 'agents' of a clone, and it cannot be imported here"
            f" ({error}); run from the root of a clone, or watch --pilot {RANDOM}"
        ) from None
    pilot = agents.make_pilot(name, observation_fields=env.observation_fields)
    memory: list[Any] = [None]

    def choose(observation: NDArray[np.float32]) -> NDArray[np.float32]:
        start = np.array([memory[0] is None])
        actions, memory[0] = pilot.predict(observation[np.newaxis], memory[0], start)
        chosen: NDArray[np.float32] = actions[0]
        return chosen

    return choose
