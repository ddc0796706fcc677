"""Checkpoints that are whole but do not fit: nothing of them reaches learner or kernels."""

import numpy as np
import pytest

pytest.importorskip("torch")

from lunar_env.adapters.sb3 import Sb3VecEnv
from lunar_env.errors import ConfigError
from lunar_env.physics.rows import ENGINE, ENGINE_WIDTH, ENGINES, GEAR, VEHICLE
from lunar_env.sensors.rows import CHANNEL, DVL, EVENT_COUNT, LRF
from lunar_env.sim.world import EPISODE, OUTCOME, SCENARIO
from training.checkpoint import Checkpoint
from training.config import NetworkConfig, PpoConfig, TaskConfig, TrainConfig
from training.learner_state import model_arrays, policy_arrays, restore_model
from training.ppo import build_ppo
from training.resuming import check_fits
from training.vector_env import training_env

pytestmark = [pytest.mark.train]

# A lander with a velocimeter and several engines, so that no block of a row is unused.
CONFIG = TrainConfig(
    task=TaskConfig(mission="slim", scenario="everything", num_envs=8),
    ppo=PpoConfig(n_steps=32, batch_size=64, n_epochs=1),
    network=NetworkConfig(hidden=(8,), hidden_value=(8,)),
)


def new_run():
    env = Sb3VecEnv(training_env(CONFIG.task), range(8))
    return env, build_ppo(CONFIG, env)


@pytest.fixture(scope="module")
def kept():
    env, model = new_run()
    model.learn(512)
    arrays = model_arrays(model) | {f"env.{n}": a for n, a in env.state_arrays().items()}
    arrays |= {f"best.{n}": a for n, a in policy_arrays(model).items()}
    best = {"score": [0.5, -2.0], "steps": 256, "scores": {"tune": {"success": 0.5}}}
    return Checkpoint(512, arrays, {"best": best, "chosen_at": 256, "spent_s": 1.5})


@pytest.fixture(scope="module")
def fresh():
    return new_run()


def changed(kept, name, change):
    """Return the checkpoint with a copy of one array changed, or replaced by what comes back."""
    array = kept.arrays[name].copy()
    new = change(array)
    return kept._replace(arrays={**kept.arrays, name: array if new is None else new})


def column(place, value, row=3):
    def change(array):
        array[row, place] = value

    return change


def everywhere(value):
    def change(array):
        array[...] = value

    return change


def element(place, value):
    def change(array):
        array[place] = value

    return change


def test_a_checkpoint_of_the_run_fits_and_is_restored(kept, fresh):
    env, model = fresh
    check_fits(kept, env, model)
    env.load_state_arrays(kept.part("env."))
    restore_model(model, kept.arrays, kept.steps)
    model.learn(256, reset_num_timesteps=False)
    assert model.num_timesteps == 768


def test_a_checkpoint_without_a_best_policy_fits(kept, fresh):
    arrays = {n: a for n, a in kept.arrays.items() if not n.startswith("best.")}
    check_fits(kept._replace(arrays=arrays, state={**kept.state, "best": None}), *fresh)


DEAD_TICKS = ENGINES + ENGINE_WIDTH + ENGINE.dead_ticks


UNFIT = [
    ("env.memory", everywhere(1e18), "memory of row 0"),
    ("env.memory", everywhere(1e12), "memory: scenario of row 0"),
    ("env.memory", column(0, np.nan), "memory of row 3"),
    ("env.memory", column(SCENARIO, 1.0), "memory: scenario of row 3"),
    ("env.memory", column(VEHICLE.engines, 9.0), "engines of row 3"),
    ("env.memory", column(GEAR, 9.0), "legs of row 3"),
    ("env.memory", column(DEAD_TICKS, 400.0), "dead_ticks of engine 2 of row 3"),
    ("env.memory", column(EVENT_COUNT, -1.0), "events of row 3"),
    ("env.memory", column(EVENT_COUNT, 1e9), "events of row 3"),
    ("env.memory", column(EPISODE.arrivals, -5.0), "arrivals of row 3"),
    ("env.memory", column(EPISODE.ground_outcome, 9.0), "outcome on the ground of row 3"),
    ("env.memory", column(EPISODE.ground_outcome, 0.5), "outcome on the ground of row 3"),
    ("env.memory", column(EPISODE.time, 1e9), "time of row 3"),
    ("env.memory", column(LRF.window_end, -1e15), "end of the integration window of row 3"),
    ("env.memory", column(DVL + CHANNEL.samples, -1e15), "samples, column .* of row 3"),
    ("env.memory", column(DVL + CHANNEL.next_sample, -1e15), "next sample, column .* of row 3"),
    ("env.memory", column(DVL + CHANNEL.next_sample, np.nan), "next sample, column .* of row 3"),
    ("env.memory", lambda a: a[:, :-1].copy(), r"'memory' is float64 \(8, \d+\), must be"),
    ("env.memory", lambda a: a.astype(np.float32), r"'memory' is float32"),
    ("env.line", everywhere(np.nan), "line of row 0"),
    ("env.report", element((OUTCOME, 5), 77.0), "report: outcome of row 5"),
    ("env.observation", everywhere(np.inf), "observation of row 0"),
    ("env.key", lambda a: a.astype(np.int64), "'key' is int64"),
    ("env.lengths", everywhere(-1), "returns and lengths"),
    ("env.returns", everywhere(np.nan), "returns and lengths"),
    ("last_obs", lambda a: a[:4].copy(), "'last_obs' is float32"),
    ("last_obs", everywhere(np.nan), "'last_obs' has values that are not finite"),
    ("last_episode_starts", lambda a: a.astype(np.float64), "must be bool"),
    ("policy.log_std", everywhere(np.nan), "'policy.log_std' has values that are not"),
    ("policy.action_net.weight", lambda a: a.T.copy(), "'policy.action_net.weight' is float32"),
    ("optimizer.0.exp_avg", lambda a: a[:0].copy(), "'optimizer.0.exp_avg' is"),
    ("optimizer.0.exp_avg_sq", everywhere(-1.0), "negative"),
    ("best.output.weight", lambda a: a[:, :3].copy(), "'best.output.weight' is"),
    ("numpy_rng", lambda a: a[:5].copy(), "'numpy_rng' is uint32"),
    ("numpy_rng_rest", element(0, 1e9), "not a valid position in a generator's state"),
    ("torch_rng", everywhere(255), "'torch_rng' is not a valid state of a generator"),
    ("torch_rng", lambda a: a[:7].copy(), "'torch_rng' is uint8"),
]


@pytest.mark.parametrize(
    ("name", "change", "message"), UNFIT, ids=[f"{case[0]}-{k}" for k, case in enumerate(UNFIT)]
)
def test_checkpoint_arrays_that_do_not_fit_are_rejected(kept, fresh, name, change, message):
    with pytest.raises(ConfigError, match=message) as caught:
        check_fits(changed(kept, name, change), *fresh)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["env.line", "env.lengths", "policy.log_std", "optimizer.2.step", "torch_rng", "best.log_std"],
)
def test_missing_and_extra_checkpoint_arrays_are_rejected(kept, fresh, name):
    short = {n: a for n, a in kept.arrays.items() if n != name}
    with pytest.raises(ConfigError, match="is missing"):
        check_fits(kept._replace(arrays=short), *fresh)
    more = {**kept.arrays, f"{name}s": kept.arrays[name]}
    with pytest.raises(ConfigError, match=r"is unknown here; did you mean '\w"):
        check_fits(kept._replace(arrays=more), *fresh)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "best, chosen_at, spent_s are missing"),
        ({"spent_s": "1"}, "spent_s = '1': must be a number"),
        ({"spent_s": -1.0}, "spent_s = -1.0"),
        ({"chosen_at": 1.5}, "chosen_at = 1.5: must be a whole number"),
        ({"best": []}, r"best = \[\]: must be a table"),
        ({"best": {"score": [1.0], "steps": 1, "scores": {}}}, "best.score: must hold at least 2"),
    ],
)
def test_a_checkpoint_state_that_does_not_fit_is_rejected(kept, fresh, state, message):
    with pytest.raises(ConfigError, match=f"its state: {message}"):
        check_fits(kept._replace(state={**kept.state, **state} if state else {}), *fresh)
