"""``play``: the keyboard moves the throttle, and the window ends it."""

from __future__ import annotations

import itertools
import math

import pytest

pytest.importorskip("pygame")

from lunar_env import LunarLandingEnv
from lunar_env.cli import main
from lunar_env.cli.commands import play
from lunar_env.cli.commands.play import Game, Keys, moved
from lunar_env.telemetry import load_flight

pytestmark = pytest.mark.usefixtures("dummy_screen")


@pytest.fixture
def keys(monkeypatch):
    """Keys that are held from now on; SDL's dummy driver has no keyboard."""
    held = [Keys()]
    monkeypatch.setattr(play, "_read_keys", lambda _: held[0])

    def hold(**pressed):
        held[0] = Keys(**pressed)

    return hold


@pytest.fixture
def game(keys, monkeypatch):
    monkeypatch.setattr("pygame.time.Clock", _NoClock)
    game = Game(LunarLandingEnv(scenario="ideal"), seed=1)
    yield game
    game.close()


class _NoClock:
    """Does not wait."""

    def tick(self, _fps):
        return 0

    def get_time(self):
        return 1000


def thrust(game):
    return game.recorder.flight.quantity("observations", "thrust_frac")[-1]


def test_a_game_with_a_step_limit_is_reported_and_recorded(run, tmp_path):
    path = tmp_path / "flight.npz"
    told = run("play", "--max-steps", "3", "--seed", "4", "--record", path)
    assert (told["steps"], told["seed"], told["outcome"]) == (3, 4, "FLYING")
    assert load_flight(path).pilot.startswith("keyboard")
    assert main(["replay", str(path), "--headless"]) == 0


@pytest.mark.parametrize(
    ("problem", "status"), [(BrokenPipeError(), 141), (OSError(28, "Full"), 1)]
)
def test_a_game_is_recorded_where_stdout_fails(tmp_path, run_without_stdout, problem, status):
    path = tmp_path / "flight.npz"
    words = ["play", "--max-steps", "3", "--seed", "4", "--record", path]
    assert run_without_stdout(*words, problem=problem) == status
    assert load_flight(path).steps == 3


def test_the_lander_flies_on_until_a_key_is_touched(game):
    for _ in range(10):
        assert game.play_period()
    action = game.recorder.flight.quantity("actions", "throttle")
    assert len(set(action)) == 1
    arrived_with = game.recorder.flight.quantity("observations", "thrust_frac")[0]
    assert (action[0] + 1.0) / 2.0 == pytest.approx(arrived_with, abs=0.026)


def test_keys_move_the_throttle(game, keys):
    keys(down=True)
    for _ in range(15):
        game.play_period()
    assert thrust(game) < 0.01
    keys(up=True)
    for _ in range(5):
        game.play_period()
    held = (game.recorder.flight.quantity("actions", "throttle")[-1] + 1.0) / 2.0
    assert held == pytest.approx(0.5)


def test_space_is_full_thrust_while_it_is_held(game, keys):
    keys(full=True)
    for _ in range(10):
        game.play_period()
    assert thrust(game) > 0.95
    keys()
    game.play_period()
    assert game.recorder.flight.quantity("actions", "throttle")[-1] < 1.0


@pytest.fixture
def vector_game(keys, monkeypatch):
    monkeypatch.setattr("pygame.time.Clock", _NoClock)
    env = LunarLandingEnv("blue-ghost-m1", "ideal", "thrust_vector", "approach")
    game = Game(env, seed=1)
    yield game
    game.close()


def test_a_vector_lander_flies_on_as_it_leans(vector_game):
    """It flies to the right and brakes: its thrust leans to the left, until a key is touched."""
    tilt = vector_game.recorder.flight.quantity("privileged", "tilt_rad")[0]
    for _ in range(3):
        assert vector_game.play_period()
    north = vector_game.recorder.flight.quantity("actions", "tilt_north")
    east = vector_game.recorder.flight.quantity("actions", "tilt_east")
    assert len(set(north)) == 1
    largest = math.radians(120.0)
    assert north[0] == pytest.approx(-tilt / largest, abs=0.02)  # it flies north
    assert abs(east[0]) < 1e-6


def test_keys_move_the_lean(vector_game, keys):
    keys(right=True)
    for _ in range(20):
        vector_game.play_period()
    north = vector_game.recorder.flight.quantity("actions", "tilt_north")
    assert north[-1] == 1.0
    assert all(later >= earlier for earlier, later in itertools.pairwise(north))
    keys(left=True)
    vector_game.play_period()
    assert vector_game.recorder.flight.quantity("actions", "tilt_north")[-1] == pytest.approx(0.8)


def test_actuators_have_no_keys(refused):
    message = refused("play", "--control", "actuators")
    assert "--control 'actuators': must be throttle or thrust_vector" in message


def test_the_keys_for_restart_and_next_episode_work(game, keys):
    first = game.recorder.flight.episode_key
    game.play_period()
    keys(again=True)
    game.play_period()
    assert (game.recorder.flight.episode_key, game.recorder.flight.steps) == (first, 0)
    keys(next=True)
    game.play_period()
    assert game.recorder.flight.episode_key != first


def test_the_end_stays_until_a_key_is_touched(game, keys):
    keys(down=True)
    periods = 0
    while not game.ended:
        game.play_period()
        periods += 1
    assert game.just_ended
    game.play_period()
    assert game.ended
    assert not game.just_ended
    assert game.recorder.flight.steps == periods
    keys(again=True)
    game.play_period()
    assert not game.ended


def test_escape_ends_the_game(game, dummy_screen):
    assert game.play_period()
    dummy_screen.event.post(
        dummy_screen.event.Event(dummy_screen.KEYDOWN, {"key": dummy_screen.K_ESCAPE})
    )
    assert not game.play_period()


def test_the_real_keyboard_can_be_read(dummy_screen):
    game = Game(LunarLandingEnv(), seed=0)
    assert game.play_period()
    assert play._read_keys(game._viewer) == Keys()
    game.close()


def test_the_throttle_stays_in_its_range():
    assert moved(0.95, Keys(up=True), 1.0) == 1.0
    assert moved(0.05, Keys(down=True), 1.0) == 0.0
    assert moved(0.3, Keys(up=True, down=True), 1.0) == 0.3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--max-steps", "0"], "--max-steps 0: must be"),
        (["--seed", "-3"], "--seed -3: must not be negative"),
        (["--scenario", "noissy"], "did you mean 'noisy'"),
        (["--record", __file__], "a recorded flight must end in .npz"),
        (["--record", "/dev/null/a.npz"], "/dev/null is not a folder"),
    ],
)
def test_wrong_input_is_a_one_line_error(refused, words, message):
    assert message in refused("play", *words)
