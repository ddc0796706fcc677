"""A policy with a guide: what it sees, what it says, and its card."""

import dataclasses

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from agents import LearnedPilot, PolicyCard, load_policy, make_pilot, save_policy
from agents.classical import ClassicalPilot
from agents.guide import Guidance, Residual
from agents.guided import Guided, residuals
from agents.making import classical_pilot
from agents.policy_inputs import BELIEF_INPUTS, INPUTS, LAW_INPUTS, update_course
from agents.substitution import substituted
from lunar_env import PRIVILEGED_FIELDS, ConfigError, LunarLandingVectorEnv
from lunar_env.task import Task

GUIDE = "velocity-profile+kalman"
LIMITS = Residual(0.3, 5.0)
ALL = (*BELIEF_INPUTS, *LAW_INPUTS)
THROTTLE = Task("hakuto-r-m2", "everything")
VECTOR = Task("slim", "noisy", control="thrust_vector", phase="approach")


def guide_of(task):
    settings = task.settings()
    mission = settings.mission
    tilt = mission.phases.named(settings.phase).tilt_max_deg
    return classical_pilot(GUIDE, settings.frame_fields, None, tilt, mission.name)


def flown(task, rows=8, steps=40, seed=5):
    """Yield observations of a flight of the guide, with its memory before and the starts."""
    mode = AutoresetMode.SAME_STEP
    env = LunarLandingVectorEnv(rows, autoreset_mode=mode, **task.keywords())
    pilot = guide_of(task)
    eyes = Guided(pilot, ALL, LIMITS)
    observation, _ = env.reset(seed=seed)
    state, starts = None, np.ones(rows, dtype=np.bool_)
    for _ in range(steps):
        seen = eyes.see(observation, state, starts)
        yield observation, state, starts, seen, env
        observation, _, terminated, truncated, _ = env.step(seen.view.decision.command)
        state, starts = seen.memory, terminated | truncated
    env.close()


@pytest.mark.parametrize("task", [THROTTLE, VECTOR], ids=["throttle", "thrust_vector"])
def test_inputs_are_finite_and_of_the_order_of_one(task):
    largest = np.zeros(len(ALL))
    for _, _, _, seen, _ in flown(task, steps=400):
        assert seen.inputs.dtype == np.float32
        assert np.isfinite(seen.inputs).all()
        largest = np.maximum(largest, np.abs(seen.inputs).max(axis=0))
    assert dict(zip(ALL, largest > 6.0, strict=True)) == dict.fromkeys(ALL, False)


def test_rows_of_zeros_are_seen_as_finite():
    eyes = Guided(guide_of(THROTTLE), ALL, LIMITS)
    width = len(THROTTLE.settings().frame_fields)
    seen = eyes.see(np.zeros((3, width), np.float32), None, np.ones(3, dtype=np.bool_))
    assert np.isfinite(seen.inputs).all()


def test_stopping_takes_the_height_of_a_gravity_turn():
    # A vertical fall: v^2 / (2 (T - g)) over itself and the believed height.
    *_, (_, _, _, seen, _) = flown(THROTTLE, steps=30)
    view, p = seen.view, seen.view.decision.predicted
    g = view.decision.reading.gravity_m_s2
    ratio = p.thrust_m_s2 / g
    speed2 = view.descent**2 + view.speed_across**2
    steep = view.speed_across < 0.05 * view.descent
    expected = speed2 / (2.0 * g * (ratio - 1.0))
    np.testing.assert_allclose(view.stopping_m[steep], expected[steep], rtol=0.03)
    share = INPUTS["stopping"](view)
    height = np.maximum(view.decision.estimate.height_m, 1.0)
    np.testing.assert_allclose(share, view.stopping_m / (view.stopping_m + height))


def test_the_age_of_the_last_range_counts_from_the_start():
    ages = []
    for observation, _, _, seen, env in flown(THROTTLE, rows=4, steps=300):
        del observation, env
        reading = seen.view.decision.reading
        arrived = reading.ranges.valid.any(axis=1)
        age = reading.elapsed_s - seen.view.course.fix_s
        assert (age[arrived] == 0.0).all()
        ages.append(age)
    grown = np.diff(ages, axis=0)
    assert (np.isclose(grown, 0.2, atol=0.02) | (np.array(ages[1:]) == 0.0)).all()


def test_innovations_as_large_as_expected_leave_their_mean_at_one():
    (_, _, _, seen, _), *_ = flown(THROTTLE, rows=3, steps=1)
    d = seen.view.decision
    one, three = np.ones(3), np.full(3, 3.0)
    ranges = d.reading.ranges._replace(valid=np.ones((3, 4), dtype=np.bool_))
    none = np.zeros(3, dtype=np.bool_)

    def after(innovation, sigma, course):
        estimate = d.estimate._replace(innovation_m=innovation, innovation_sigma_m=sigma)
        reading = d.reading._replace(ranges=ranges)
        return update_course(course, d._replace(estimate=estimate, reading=reading), none)

    course = after(three, three, (one, one))
    np.testing.assert_allclose(course.nis, 1.0)
    for _ in range(100):
        course = after(2.0 * three, three, course)
    np.testing.assert_allclose(course.nis, 4.0, rtol=1e-3)


@pytest.mark.parametrize("task", [THROTTLE, VECTOR], ids=["throttle", "thrust_vector"])
def test_a_residual_of_zero_is_the_guide(task):
    pilot = guide_of(task)
    eyes = Guided(pilot, ALL, LIMITS)
    for observation, state, starts, seen, _ in flown(task, steps=100):
        its, _ = pilot.predict(observation, eyes.memory_of_guide(state), starts)
        none = np.zeros_like(its)
        np.testing.assert_array_equal(eyes.command(seen, none), its)


@pytest.mark.parametrize("task", [THROTTLE, VECTOR], ids=["throttle", "thrust_vector"])
def test_a_residual_stays_within_its_limits(task):
    eyes = Guided(guide_of(task), ALL, LIMITS)
    rng = np.random.default_rng(0)
    for _, _, _, seen, _ in flown(task, steps=200):
        law = seen.view.decision.command
        said = rng.uniform(-1.0, 1.0, law.shape).astype(np.float32)
        change = eyes.command(seen, said) - law
        assert (np.abs(change[:, -1]) <= 0.3 + 1e-6).all()
        if task is VECTOR:
            height = np.maximum(seen.view.decision.predicted.height_m, 0.0)
            most = np.radians(5.0) / seen.view.tilt_max_rad * height / (height + 50.0)
            assert (np.hypot(change[:, 0], change[:, 1]) <= most + 1e-6).all()


@pytest.mark.parametrize("task", [THROTTLE, VECTOR], ids=["throttle", "thrust_vector"])
def test_outputs_are_the_inverse_of_commands(task):
    eyes = Guided(guide_of(task), ALL, LIMITS)
    rng = np.random.default_rng(1)
    for _, _, _, seen, _ in flown(task, steps=60):
        shape = seen.view.decision.command.shape
        said = rng.uniform(-0.4, 0.4, shape).astype(np.float32)
        wanted = eyes.command(seen, said)
        again = eyes.command(seen, eyes.outputs(seen, wanted))
        np.testing.assert_allclose(again, wanted, atol=2e-5)


def test_a_residual_turns_with_the_map():
    """Everything but the direction of the flight is alike: so is the change of the command."""
    (_, _, _, seen, _), *_ = flown(VECTOR, rows=3, steps=1)
    eyes = Guided(guide_of(VECTOR), ALL, LIMITS)
    said = np.full((3, 3), 0.5, np.float32)
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    view = seen.view
    turned = view._replace(across=view.across @ turn.T, to_target=view.to_target @ turn.T)
    change = eyes.command(seen, said) - view.decision.command
    other = eyes.command(seen._replace(view=turned), said) - view.decision.command
    np.testing.assert_allclose(change[:, :2] @ turn.T, other[:, :2], atol=1e-6)


def card_of(task, residual=LIMITS, inputs=ALL, gains=None):
    settings = task.settings()
    guidance = Guidance(
        pilot=GUIDE, gains=gains or {}, missions={}, inputs=inputs, residual=residual
    )
    return PolicyCard(
        hidden=(8,),
        activation="tanh",
        observation_fields=(),
        action_fields=tuple(field.name for field in settings.action_fields),
        history=1,
        mission="m",
        scenario="s",
        env_id="LunarEnv/X-v0",
        guidance=guidance,
    )


def tensors_of(card, seed=0, size=0.3):
    rng = np.random.default_rng(seed)
    outputs = len(card.action_fields)
    shapes = {
        "layer0.weight": (8, card.inputs),
        "layer0.bias": (8,),
        "output.weight": (outputs, 8),
        "output.bias": (outputs,),
    }
    return {k: rng.normal(0.0, size, shape).astype(np.float32) for k, shape in shapes.items()}


@pytest.mark.parametrize("task", [THROTTLE, VECTOR], ids=["throttle", "thrust_vector"])
def test_a_policy_with_a_guide_is_the_same_after_it_was_saved(tmp_path, task):
    card = card_of(task, gains={"blind": {"sigmas": 3.0}})
    path = save_policy(tmp_path / "guided", tensors_of(card), card)
    fields = task.settings().frame_fields
    first = LearnedPilot("p", card, tensors_of(card), fields, mission=task.mission)
    second = load_policy(path, fields, mission=task.mission)
    third = make_pilot(path, fields, mission=task.mission)
    memory = [None, None, None]
    for observation, _, starts, _, _ in flown(task, steps=30):
        said = []
        for k, pilot in enumerate((first, second, third)):
            command, memory[k] = pilot.predict(observation, memory[k], starts)
            said.append(command)
        np.testing.assert_array_equal(said[0], said[1])
        np.testing.assert_array_equal(said[0], said[2])


def test_a_row_is_flown_alike_alone_and_among_others():
    card = card_of(VECTOR)
    pilot = LearnedPilot("p", card, tensors_of(card), VECTOR.settings().frame_fields)
    memory, alone = None, None
    for observation, _, starts, _, _ in flown(VECTOR, steps=40):
        command, memory = pilot.predict(observation, memory, starts)
        single, alone = pilot.predict(observation[2], alone, starts[2:3])
        np.testing.assert_array_equal(command[2], single)


def test_the_gains_of_a_card_are_flown_whatever_is_shipped():
    fields = THROTTLE.settings().frame_fields
    card = card_of(THROTTLE, gains={"blind": {"sigmas": 1.5}})
    guide = LearnedPilot("p", card, tensors_of(card), fields).guide
    assert isinstance(guide, ClassicalPilot)
    assert guide.blind.sigmas == 1.5
    missions = {"im-2": {"blind": {"sigmas": 2.5}}}
    other = dataclasses.replace(
        card, guidance=dataclasses.replace(card.guidance, missions=missions)
    )
    pilot = LearnedPilot("p", other, tensors_of(card), fields, mission="im-2")
    assert pilot.guide.blind.sigmas == 2.5


def test_a_part_of_the_truth_can_be_given_to_the_guide():
    card = card_of(THROTTLE)
    fields = THROTTLE.settings().frame_fields
    pilot = LearnedPilot("p", card, tensors_of(card), fields)
    knows = substituted(pilot, (*fields, *PRIVILEGED_FIELDS), "height")
    assert knows.needs_truth
    assert not pilot.needs_truth
    env = LunarLandingVectorEnv(4, **THROTTLE.keywords())
    observation, _ = env.reset(seed=0)
    shown = np.concatenate([observation, env.privileged], axis=1).astype(np.float32)
    assert knows.predict(shown)[0].shape == (4, 1)
    height = knows.guide.estimate(shown).height_m
    true = dict(zip([f.name for f in PRIVILEGED_FIELDS], env.privileged.T, strict=True))
    scale = next(f.scale for f in PRIVILEGED_FIELDS if f.name == "height_m")
    np.testing.assert_allclose(height, true["height_m"] * scale, rtol=1e-6)


def test_wrong_guides_are_named(tmp_path):
    fields = THROTTLE.settings().frame_fields
    with pytest.raises(ConfigError, match="unknown input 'heigth' of a policy; did you mean"):
        Guided(guide_of(THROTTLE), ("heigth",), LIMITS)
    with pytest.raises(ConfigError, match="in thrust_vector control it corrects"):
        Guided(guide_of(VECTOR), BELIEF_INPUTS, None)
    card = card_of(THROTTLE)
    with pytest.raises(ConfigError, match="needs the observation_fields of the environment"):
        LearnedPilot("p", card, tensors_of(card))
    vector = VECTOR.settings().frame_fields
    with pytest.raises(ConfigError, match="it needs another control"):
        LearnedPilot("p", card, tensors_of(card), vector)
    wrong = dataclasses.replace(card.guidance, pilot="velocity-profil+kalman")
    card = dataclasses.replace(card, guidance=wrong)
    with pytest.raises(ConfigError, match="did you mean 'velocity-profile\\+kalman'"):
        LearnedPilot("p", card, tensors_of(card), fields)


def test_names_of_outputs():
    assert residuals(steered=False) == ("throttle",)
