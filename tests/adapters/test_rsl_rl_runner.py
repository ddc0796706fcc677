"""rsl_rl's own runner on the adapter: an asymmetric critic learns, nothing is lost on the way."""

import numpy as np
import pytest

from lunar_env import LunarLandingVectorEnv

pytest.importorskip("rsl_rl")

import torch
from rsl_rl.runners import OnPolicyRunner
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from lunar_env.adapters.rsl_rl import RslRlVecEnv

pytestmark = pytest.mark.train

ROWS, STEPS, SEED, GAMMA = 8, 12, 7, 0.9


def native():
    """The clock ends every episode in its tenth step."""
    options = {"time_limit_s": 2.0, "num_threads": 1, "autoreset_mode": "SAME_STEP"}
    return LunarLandingVectorEnv(ROWS, **options)


def configuration():
    network = {"class_name": "MLPModel", "hidden_dims": [8], "activation": "tanh"}
    return {
        "algorithm": {
            "class_name": "PPO",
            "num_learning_epochs": 2,
            "num_mini_batches": 2,
            "gamma": GAMMA,
        },
        "actor": {**network, "distribution_cfg": {"class_name": "GaussianDistribution"}},
        "critic": {**network, "obs_normalization": True},
        "obs_groups": {"actor": ["policy"], "critic": ["policy", "privileged"]},
        "num_steps_per_env": STEPS,
        "save_interval": 100,
    }


@pytest.fixture
def runner(tmp_path):
    torch.manual_seed(0)
    return OnPolicyRunner(RslRlVecEnv(native(), seed=SEED), configuration(), str(tmp_path))


def weights(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def test_policy_and_critic_learn(runner):
    actor, critic = runner.alg.actor, runner.alg.critic
    before = weights(actor), weights(critic)
    runner.learn(2)
    for model, old in zip((actor, critic), before, strict=True):
        for name, tensor in model.state_dict().items():
            assert torch.isfinite(tensor).all()
            assert not torch.equal(tensor, old[name]), name
    assert runner.current_learning_iteration == 1
    # The critic sees the observation and the true state, the actor the observation alone.
    observed = runner.env.get_observations()
    assert actor.obs_dim == observed["policy"].shape[1]
    assert critic.obs_dim == actor.obs_dim + observed["privileged"].shape[1]


def test_what_the_learner_stores_is_the_flight(runner):
    """One rollout by hand, with the bonus at the clock's ends and nowhere else."""
    runner.learn(1)
    stored, plain = runner.alg.storage, native()
    observation, _ = plain.reset(seed=SEED)
    for step in range(STEPS):
        seen = stored.observations[step]
        assert seen["policy"].numpy().tobytes() == observation.tobytes()
        assert (seen["privileged"].numpy() == plain.privileged.astype(np.float32)).all()
        observation, reward, terminated, truncated, _ = plain.step(stored.actions[step].numpy())
        assert (stored.dones[step, :, 0].numpy() == (terminated | truncated)).all()
        assert truncated.all() == (step == 9)
        paid, value = stored.rewards[step, :, 0], stored.values[step, :, 0]
        expected = torch.from_numpy(reward.astype(np.float32))
        if step == 9:
            assert (value != 0).all()
            expected = expected + GAMMA * value
        assert torch.equal(paid, expected)


def test_episodes_are_logged(runner, tmp_path):
    runner.learn(2)
    runner.logger.writer.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    scalars = {
        tag: [event.value for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]
    }
    assert scalars["Episode/success"] == [0.0, 0.0]
    assert scalars["Train/mean_episode_length"] == [10.0, 10.0]
    terms = [values for tag, values in scalars.items() if tag.startswith("Episode/reward_")]
    assert len(terms) == 5
    # One end of every row in each iteration; the running mean is over all of them.
    total = np.sum(terms, axis=0)
    assert scalars["Train/mean_reward"][0] == pytest.approx(total[0], rel=1e-5)
    assert scalars["Train/mean_reward"][1] == pytest.approx(total.mean(), rel=1e-5)


def test_first_episodes_may_be_made_to_end_at_different_times(runner):
    runner.learn(1, init_at_random_ep_len=True)
    ends = runner.alg.storage.dones[:, :, 0]
    assert ends.sum(0).min() >= 1
    assert len({tuple(column) for column in ends.T.tolist()}) > 1
