"""The configuration of a training run: frozen dataclasses with a description of each key.

A preset is read first and options of the command line override it. The resulting ``config.toml``
in the run folder is enough to repeat the run (see `config_file`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

import tyro
from pydantic import ConfigDict

from lunar_env.errors import ConfigError
from training.limits import check_limits

__all__ = [
    "ImitationConfig",
    "NetworkConfig",
    "PolicyConfig",
    "PpoConfig",
    "SacConfig",
    "SelectionConfig",
    "TaskConfig",
    "TrainConfig",
    "WorldConfig",
    "borders",
]

# Used by pydantic when a file is read as a configuration.
STRICT: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class WorldConfig:
    """One of several worlds that a policy is trained on; keys not given are the task's."""

    __pydantic_config__ = STRICT

    mission: str | None = None
    """Mission: a name or the path of a TOML file."""
    scenario: str | None = None
    """Scenario: a name or the path of a TOML file."""
    phase: str | None = None
    """Where episodes start: terminal, approach or powered."""
    weight: float = 1.0
    """Share of the landers, and of the landings that select and report a policy, relative to the
    weights of the other worlds; every world has at least one of each."""
    from_step: int = 0
    """Environment steps of the run from which the world is flown."""
    teacher_gains: dict[str, dict[str, float]] = field(default_factory=dict)
    """Gains of a classical teacher in this world that differ from the shipped ones, by group and
    name. A teacher may know in which world it flies; the student has to find out."""
    until_step: int | None = None
    """Environment steps of the run up to which the world is flown; such a world is for practice:
    it has no part in selection and report."""

    def flown_at(self, step: int) -> bool:
        """Return whether the world is flown after this number of steps."""
        return self.from_step <= step and (self.until_step is None or step < self.until_step)


@dataclass(frozen=True)
class TaskConfig:
    """The task that a policy is trained on."""

    __pydantic_config__ = STRICT

    mission: str = "hakuto-r-m2"
    """Mission: a name or the path of a TOML file."""
    scenario: str = "late-acquisition"
    """Scenario: a name or the path of a TOML file."""
    control: str = "throttle"
    """What the policy commands: throttle, thrust_vector or actuators."""
    phase: str = "terminal"
    """Where episodes start: terminal, approach or powered."""
    history: int = 1
    """Number of past frames and actions that the observation stacks."""
    time_limit_s: float | None = None
    """Time limit of an episode [s]; the mission's if not given."""
    reward: dict[str, float] = field(default_factory=dict)
    """Scales of reward terms that differ from the environment's, such as `propellant 0.02`."""
    num_envs: int = 1024
    """Number of landers in the vector environment."""
    num_threads: int | None = None
    """Threads of the vector environment; as many as numba may use if not given."""
    worlds: Annotated[tuple[WorldConfig, ...], tyro.conf.Fixed] = ()
    """Worlds that the policy is trained on in place of one, as tables of a file."""


@dataclass(frozen=True)
class PolicyConfig:
    """What the network sees and what it says."""

    __pydantic_config__ = STRICT

    inputs: Literal["observation", "belief"] = "observation"
    """The observation itself, or what a guide believes, by what the lander can do; then one policy
    may be trained on different phases and landers."""
    output: Literal["command", "residual"] = "command"
    """The command, or a bounded change of the guide's command; with `belief` alone."""
    guide: str = "velocity-profile+kalman"
    """The classical pilot whose belief is seen and whose command is changed: law+filter."""
    residual_throttle: float = 0.3
    """Largest change of the throttle command, which is in [-1, 1]."""
    residual_tilt_deg: float = 5.0
    """Largest change of the direction of the thrust [deg] high up; half of it at 50 m."""


@dataclass(frozen=True)
class NetworkConfig:
    """Networks of the policy and of the value function."""

    __pydantic_config__ = STRICT

    hidden: tuple[int, ...] = (64, 64)
    """Hidden layers of the policy."""
    hidden_value: tuple[int, ...] = (64, 64)
    """Hidden layers of the value function."""
    activation: Literal["tanh", "relu", "elu"] = "tanh"
    """Activation of the hidden layers."""
    gru: int = 0
    """Units of a recurrent layer (GRU) before the hidden layers of the policy, which then see the
    inputs and its memory; 0 for none. It is trained by imitation alone."""


@dataclass(frozen=True)
class PpoConfig:
    """Hyperparameters of PPO."""

    __pydantic_config__ = STRICT

    n_steps: int = 64
    """Steps per lander and rollout."""
    batch_size: int = 16384
    """Transitions per gradient step."""
    n_epochs: int = 6
    """Passes over each rollout."""
    learning_rate: float = 1e-3
    """Learning rate at the start."""
    learning_rate_end: float = 1e-4
    """Learning rate at the end; it decreases linearly."""
    gamma: float = 0.998
    """Discount per control period."""
    gae_lambda: float = 0.97
    """Decay of the generalised advantage estimate."""
    clip_range: float = 0.2
    """Largest change of the probability ratio; what goes beyond is clipped."""
    ent_coef: float = 0.0
    """Weight of the entropy bonus."""
    vf_coef: float = 0.5
    """Weight of the value loss."""
    max_grad_norm: float = 0.5
    """Norm to which larger gradients are clipped."""
    target_kl: float | None = None
    """Stop the epochs of a rollout when the KL divergence exceeds 1.5 times this value."""
    log_std_init: float = -0.7
    """Logarithm of the action's standard deviation at the start."""
    ortho_init: bool = True
    """Orthogonal initial weights."""


@dataclass(frozen=True)
class SacConfig:
    """Hyperparameters of SAC and of TQC."""

    __pydantic_config__ = STRICT

    n_steps: int = 16
    """Steps per lander between two updates."""
    gradient_steps: int = 32
    """Gradient steps per update."""
    batch_size: int = 512
    """Transitions per gradient step."""
    buffer: int = 262_144
    """Latest transitions that are learned from, in whole rollouts; a checkpoint holds them."""
    learning_starts: int = 20_000
    """Environment steps before the first update."""
    learning_rate: float = 1e-3
    """Learning rate at the start."""
    learning_rate_end: float = 1e-4
    """Learning rate at the end; it decreases linearly."""
    gamma: float = 0.998
    """Discount per control period."""
    horizon: int = 16
    """Steps whose rewards are added up before the critics' estimate, within a rollout."""
    tau: float = 0.005
    """Share of the critics that their delayed copies take over in each gradient step."""
    log_std_init: float = -0.7
    """Logarithm of the action's standard deviation at the start, before the hyperbolic tangent."""
    ent_coef: float | None = None
    """Weight of the entropy; adapted so that the entropy is `target_entropy` if not given."""
    target_entropy: float | None = None
    """Entropy that the policy is to keep [nat]; minus the number of actions if not given."""
    quantiles: int = 25
    """Of TQC: quantiles of the return that each critic estimates."""
    dropped_quantiles: int = 2
    """Of TQC: highest quantiles of each critic that are left out."""


@dataclass(frozen=True)
class ImitationConfig:
    """How a student imitates a teacher; rollouts are those of `PpoConfig`."""

    __pydantic_config__ = STRICT

    teacher_share: float = 0.5
    """Share of landers that the teacher flies in the second rollout; in the first it flies all,
    later this share to the power of the rollouts done."""
    buffer: int = 131_072
    """Latest states that the student is fitted to, in whole rollouts."""
    gradient_steps: int = 40
    """Gradient steps per rollout."""
    batch_size: int = 2048
    """States per gradient step."""
    learning_rate: float = 2e-3
    """Learning rate at the start."""
    learning_rate_end: float = 5e-5
    """Learning rate at the end; it decreases linearly."""


@dataclass(frozen=True)
class SelectionConfig:
    """How the best policy is selected and evaluated."""

    __pydantic_config__ = STRICT

    every_steps: int = 1_000_000
    """Environment steps between evaluations of the policy."""
    landings: int = 512
    """Landings per evaluation, on the episodes that are used for tuning."""
    report_landings: int = 1000
    """Landings of the final report, on the episodes of the benchmark."""
    report_seed: int = 0
    """Seed of the final report; published results use 0."""


@dataclass(frozen=True)
class TrainConfig:
    """The complete configuration of a training run."""

    __pydantic_config__ = STRICT

    seed: int = 0
    """Seed of the run: episodes, initial weights and exploration noise."""
    start: Annotated[str | None, tyro.conf.arg(name="from")] = None
    """Policy to start from instead of random weights: a run folder, the name of a policy in
    agents/weights or a policy file; its value function is learned from scratch."""
    teacher: str | None = None
    """Pilot that is imitated instead of learning from rewards: law+filter, own or a policy; it
    must fly on observations alone."""
    algorithm: Literal["ppo", "sac", "tqc"] = "ppo"
    """What learns from rewards: PPO, SAC or TQC."""
    total_steps: int = 10_000_000
    """Environment steps to train for."""
    max_minutes: float | None = None
    """Time limit of the training [min]; schedules follow the limit that is reached first."""
    clock: Literal["wall", "cpu"] = "wall"
    """Time that is limited and reported: wall time, or CPU time of the process, all threads
    together, which other work on the computer does not shorten."""
    checkpoint_every_steps: int = 2_000_000
    """Environment steps between checkpoints."""
    keep_checkpoints: int = 3
    """Number of checkpoints to keep, the latest ones."""
    torch_threads: int = 2
    """Threads that torch uses."""
    task: TaskConfig = field(default_factory=TaskConfig)
    """The task that the policy is trained on."""
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    """What the network sees and says."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    """Networks of the policy and of the value function."""
    ppo: PpoConfig = field(default_factory=PpoConfig)
    """Hyperparameters of PPO."""
    sac: SacConfig = field(default_factory=SacConfig)
    """Hyperparameters of SAC and TQC."""
    imitation: ImitationConfig = field(default_factory=ImitationConfig)
    """How a teacher is imitated."""
    selection: SelectionConfig = field(default_factory=SelectionConfig)
    """How the best policy is selected."""

    def __post_init__(self) -> None:
        """Check the ranges of values; the environment checks its own keywords.

        Raises
        ------
        ConfigError
            If a value is out of range.
        """
        check_limits(self)
        if self.teacher is not None and self.algorithm != "ppo":
            raise ConfigError(
                f"algorithm = {self.algorithm!r} has no effect with a teacher, which is imitated"
                " instead of learning from rewards"
            )
        if self.network.gru and self.teacher is None:
            raise ConfigError(
                f"network.gru = {self.network.gru} needs a teacher: a policy with a memory is"
                " trained by imitation alone"
            )
        rollout = self.task.num_envs * self.ppo.n_steps
        if self.teacher is None and self.algorithm == "ppo" and self.ppo.batch_size > rollout:
            raise ConfigError(
                f"ppo.batch_size = {self.ppo.batch_size} must not exceed one rollout, "
                f"task.num_envs x ppo.n_steps = {rollout}"
            )
        if self.policy.output == "residual" and self.policy.inputs != "belief":
            raise ConfigError(
                f"policy.output = 'residual' needs policy.inputs = 'belief', not"
                f" {self.policy.inputs!r}: without a guide there is no command to change"
            )
        _check_worlds(self.task)
        for i, world in enumerate(self.task.worlds):
            if world.teacher_gains and self.teacher is None:
                raise ConfigError(
                    f"task.worlds.{i}.teacher_gains have no effect: the run has no teacher"
                )

    @property
    def output(self) -> Literal["clip", "tanh"]:
        """How the network's output is brought into the range of a command."""
        return "clip" if self.algorithm == "ppo" else "tanh"


def _check_worlds(task: TaskConfig) -> None:
    """Check what can be seen without loading the worlds, see `training.worlds`."""
    worlds = task.worlds
    for key in ("mission", "scenario", "phase"):
        given, usual = getattr(task, key), getattr(TaskConfig, key)
        if worlds and given != usual and all(getattr(world, key) is not None for world in worlds):
            raise ConfigError(
                f"task.{key} = {given!r} has no effect: each of task.worlds has its {key}"
            )
    for i, world in enumerate(worlds):
        if world.until_step is not None and world.until_step <= world.from_step:
            raise ConfigError(
                f"task.worlds.{i}.until_step = {world.until_step} must be above its from_step,"
                f" {world.from_step}"
            )
    for step in borders(task):
        if worlds and not any(world.flown_at(step) for world in worlds):
            raise ConfigError(f"task.worlds: none is flown from step {step}")


def borders(task: TaskConfig) -> list[int]:
    """Return the numbers of steps at which worlds begin or end, 0 included."""
    steps = {0, *(world.from_step for world in task.worlds)}
    return sorted(steps | {w.until_step for w in task.worlds if w.until_step is not None})
